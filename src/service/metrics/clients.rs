//! Series for each device, where they are asked for.
//!
//! The devices that come first are admitted, up to the bound, and stay: a crowd of made-up addresses makes no more series
//! than the operator allowed. The rest are counted.

use std::collections::BTreeSet;
use std::fmt;

use super::View;
use super::family::Families;
use crate::service::standings::Device;
use crate::verdict::outcome::Cause;
use crate::verdict::summary::Summary;

/// Devices that have series of their own.
#[derive(Clone, Debug, Default)]
pub struct Clients {
    bound: usize,
    admitted: BTreeSet<Device>,
    left_out: usize,
}

impl Clients {
    /// At most so many.
    #[must_use]
    pub fn up_to(bound: usize) -> Self {
        Self {
            bound,
            ..Self::default()
        }
    }

    /// Takes in a summary.
    pub fn observe(&mut self, summary: &Summary) {
        if self.bound == 0 {
            return;
        }
        let mut left_out = BTreeSet::new();
        for client in summary
            .requirements
            .iter()
            .filter_map(|row| row.client.as_ref())
        {
            let device = Device::of(client);
            if self.admitted.contains(&device) {
                continue;
            }
            if self.admitted.len() < self.bound {
                self.admitted.insert(device);
            } else {
                left_out.insert(device);
            }
        }
        self.left_out = left_out.len();
    }
}

pub(super) fn write(view: &View, families: &mut Families<'_>) -> fmt::Result {
    let Clients {
        bound,
        admitted,
        left_out,
    } = &view.clients;
    if *bound == 0 {
        return Ok(());
    }
    let rows = view.picture.summary.requirements.iter().filter_map(|row| {
        let device = admitted.get(&Device::of(row.client.as_ref()?))?;
        Some((device, row))
    });
    families.gauges(
        "client_requirement",
        "How a requirement stands for a device, which is named by its MAC address or its first address",
        rows.map(|(device, row)| {
            let labels = [
                ("client", device.as_str()),
                ("requirement", row.id.as_str()),
                ("status", row.status.as_str()),
                ("cause", row.cause.map_or("", Cause::as_str)),
            ];
            (labels, 1u64)
        }),
    )?;
    families.gauge(
        "clients_left_out",
        "Devices without series of their own, because there are as many as were allowed",
        *left_out,
    )
}
