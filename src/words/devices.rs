//! Required connections by device.

use std::collections::BTreeMap;

use super::row::rank;
use crate::verdict::summary::{Client, Requirement};

/// The rows of each device, worst first; the device with the worst row first. Rows that nobody tried are left out.
#[must_use]
pub fn devices<'a>(
    rows: impl IntoIterator<Item = &'a Requirement>,
) -> Vec<(&'a Client, Vec<&'a Requirement>)> {
    let mut by_client: BTreeMap<&Client, Vec<&Requirement>> = BTreeMap::new();
    for row in rows {
        if let Some(client) = &row.client {
            by_client.entry(client).or_default().push(row);
        }
    }
    let mut devices: Vec<_> = by_client.into_iter().collect();
    for (_, rows) in &mut devices {
        // Stable: catalogue order within a status.
        rows.sort_by_key(|row| rank(row));
    }
    devices.sort_by_key(|(_, rows)| rows.first().map(|row| rank(row)));
    devices
}

/// `client 192.168.7.20, 2001:db8::20 (02:00:00:00:00:20)`.
#[must_use]
pub fn device(client: &Client) -> String {
    let addresses: Vec<String> = client.addresses.iter().map(ToString::to_string).collect();
    match &client.mac {
        Some(mac) => format!("client {} ({mac})", addresses.join(", ")),
        None => format!("client {}", addresses.join(", ")),
    }
}
