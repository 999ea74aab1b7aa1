//! Series for each device, where they are asked for.
//!
//! The devices that come first are admitted, up to the bound, and stay: a crowd of made-up addresses makes no more series
//! than the operator allowed. The rest are counted.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::View;
use super::family::Families;
use crate::service::standings::Device;
use crate::verdict::outcome::Cause;
use crate::verdict::summary::{Requirement, Summary};

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
    // Each once: a page with the same series twice is refused as a whole.
    let mut rows: BTreeMap<(&Device, &str), &Requirement> = BTreeMap::new();
    for row in &view.picture.summary.requirements {
        if let Some(client) = &row.client
            && let Some(device) = admitted.get(&Device::of(client))
        {
            let worst = rows.entry((device, &row.id)).or_insert(row);
            if row.status < worst.status {
                *worst = row;
            }
        }
    }
    families.gauges(
        "client_requirement",
        "How a requirement stands for a device, which is named by its MAC address or its first address",
        rows.into_iter().map(|((device, _), row)| {
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
        left_out,
    )
}
