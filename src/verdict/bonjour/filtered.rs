//! Several devices ask on and on, and nobody answers anything: multicast is filtered between them.
//!
//! Input: books of services. Output: at most one finding. Only questions that would be answered for all to hear count,
//! and only those for what Apple devices offer; one response, from anyone at any time, and nothing is said.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use super::evidence;
use crate::capture::frame::Seen;
use crate::protocol::mdns::Name;
use crate::protocol::services::ServiceBook;
use crate::verdict::device::{DeviceId, Devices};
use crate::verdict::ruling::MAX_EVIDENCE;
use crate::verdict::summary::Finding;

/// So long a device asks before its questions count as unanswered: by then it has asked four or five times (RFC 6762
/// section 5.2: again after one second, then after twice the time before).
const ASKED_FOR: Duration = Duration::from_secs(10);

/// So many devices must ask in vain.
const ASKERS: usize = 2;

/// What iTunes and Apple devices live by. Others are browsed for all day by programs that find nothing.
const APPLE_TYPES: &[&str] = &[
    "_daap._tcp",
    "_home-sharing._tcp",
    "_appletv-v2._tcp",
    "_touch-able._tcp",
    "_airplay._tcp",
    "_raop._tcp",
    "_apple-mobdev2._tcp",
    "_companion-link._tcp",
    "_sleep-proxy._udp",
    "_hap._tcp",
    "_homekit._tcp",
    "_airport._tcp",
    "_device-info._tcp",
    "_rdlink._tcp",
];

/// What a device asked in vain.
struct Asker {
    first: Seen,
    last: Seen,
    addresses: BTreeSet<IpAddr>,
}

pub(super) fn finding(books: &[&ServiceBook], devices: &Devices) -> Option<Finding> {
    if books.iter().any(|book| book.answered().is_some()) {
        return None;
    }
    let mut askers: BTreeMap<DeviceId, Asker> = BTreeMap::new();
    let mut types: BTreeSet<&str> = BTreeSet::new();
    for (name, client, asked) in books.iter().flat_map(|book| book.asked()) {
        let Some(apple) = apple_type(name).filter(|_| asked.open.count > 0) else {
            continue;
        };
        types.insert(apple);
        let (first, last) = (asked.open.first(), asked.open.last());
        let asker = askers.entry(devices.of(client)).or_insert(Asker {
            first,
            last,
            addresses: BTreeSet::new(),
        });
        asker.first = asker.first.min(first);
        asker.last = asker.last.max(last);
        asker.addresses.insert(client);
    }
    askers.retain(|_, asker| asker.last.at.since(asker.first.at) >= ASKED_FOR);
    let count = fewest_devices(&askers);
    (count >= ASKERS).then(|| told(&askers, count, types))
}

/// Without MACs, an IPv4 and an IPv6 address may be one device.
fn fewest_devices(askers: &BTreeMap<DeviceId, Asker>) -> usize {
    let count = |is: fn(&DeviceId) -> bool| askers.keys().filter(|device| is(device)).count();
    let by_mac = count(|device| matches!(device, DeviceId::Mac(_)));
    let by_ipv4 = count(|device| matches!(device, DeviceId::Address(IpAddr::V4(_))));
    let by_ipv6 = count(|device| matches!(device, DeviceId::Address(IpAddr::V6(_))));
    by_mac + by_ipv4.max(by_ipv6)
}

fn apple_type(browsed: &Name) -> Option<&'static str> {
    let labels: Vec<&[u8]> = browsed.labels().take(2).collect();
    let asked = labels.join(&b'.');
    APPLE_TYPES
        .iter()
        .copied()
        .find(|apple| apple.as_bytes().eq_ignore_ascii_case(&asked))
}

fn told(askers: &BTreeMap<DeviceId, Asker>, count: usize, types: BTreeSet<&str>) -> Finding {
    let types: Vec<&str> = types.into_iter().collect();
    let clients = askers.values().flat_map(|asker| &asker.addresses);
    let shown = askers.values().flat_map(|asker| {
        [
            evidence(asker.first, "question for a service, not answered"),
            evidence(asker.last, "still asked, and not answered"),
        ]
    });
    Finding {
        code: crate::verdict::findings::BONJOUR_FILTERED.into(),
        clients: clients.copied().collect(),
        detail: format!(
            "{count} devices asked for Bonjour services ({}) for {} seconds and more, and no response from anyone \
             crossed the wire. Multicast is probably filtered between devices (client isolation of an access point, or \
             IGMP snooping that loses it); a network where nobody offers any service looks the same.",
            types.join(", "),
            ASKED_FOR.as_secs(),
        ),
        evidence: shown.take(MAX_EVIDENCE).collect(),
    }
}
