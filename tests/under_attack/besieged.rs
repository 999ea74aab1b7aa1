//! A monitor that takes an attack, and what it says of the devices in its middle.

use std::collections::BTreeMap;
use std::net::IpAddr;

use windfall::capture::frame::{Frame, FrameId, InterfaceId, LinkType, Seen, Timestamp};
use windfall::monitor::{Limits, Monitor};
use windfall::verdict::assemble::Options;
use windfall::verdict::outcome::{Cause, Origin, Status};
use windfall::verdict::summary::{Attempts, Requirement, Summary};

use crate::attack::{Attack, Attacked, Size, meanwhile};
use crate::support::trace::CATALOGUE;
use crate::traffic::Timed;

/// What the devices in the middle need four of each, and the floods overrun a dozen times.
pub(crate) const LIMITS: Limits = Limits {
    flows: 1000,
    lookups: 600,
    names: 600,
    hosts: 600,
    services: 100,
    reassembly_bytes: 256 << 10,
    quic_openings: 60,
};

/// A flood of so many packets, and two rounds of the captures.
pub(crate) const fn size(packets: u64) -> Size {
    Size {
        packets,
        seconds: 240,
        rounds: 2,
    }
}

/// What came of a run.
pub(crate) struct Besieged {
    pub(crate) summary: Summary,
    /// Flows, DNS questions, names, addresses, services.
    kept: [usize; 5],
}

impl Besieged {
    pub(crate) fn by(attack: Attack, packets: u64) -> Self {
        Self::taken(Attacked::new(attack, size(packets)), LIMITS)
    }

    fn taken(frames: impl Iterator<Item = Timed>, limits: Limits) -> Self {
        let mut monitor = Monitor::new(&CATALOGUE, limits);
        for (number, (at, bytes)) in (1..).zip(frames) {
            monitor.packet(&Frame {
                seen: Seen {
                    at: Timestamp::from_nanos(i64::try_from(at).unwrap()),
                    frame: FrameId::new(0, number),
                },
                interface: InterfaceId(0),
                link: LinkType(1),
                process: None,
                bytes: &bytes,
                original_len: u32::try_from(bytes.len()).unwrap(),
            });
        }
        let observed = monitor.observed();
        let kept = [
            observed.conversations.len(),
            observed.lookups.len(),
            observed.names.iter().map(|book| book.len()).sum(),
            observed.hosts.iter().map(|book| book.iter().count()).sum(),
            observed
                .services
                .iter()
                .map(|book| book.services().count())
                .sum(),
        ];
        let summary = monitor.summary(Vec::new(), &Options::new(&CATALOGUE));
        Self { summary, kept }
    }

    /// How often this bound made something go.
    pub(crate) fn hit(&self, limit: &str) -> u64 {
        let limits = &self.summary.summary.limits_hit;
        limits.get(limit).copied().unwrap_or(0)
    }

    /// Nothing is kept beyond its bound, and the devices fare as they do without an attack.
    pub(crate) fn is_bounded_and_right(&self) {
        let bounds = [
            LIMITS.flows,
            LIMITS.lookups,
            LIMITS.names,
            LIMITS.hosts,
            LIMITS.services,
        ];
        let over = self
            .kept
            .iter()
            .zip(bounds)
            .any(|(kept, bound)| *kept > bound);
        assert!(!over, "{:?} of {bounds:?}", self.kept);
        let quiet = Self::taken(meanwhile(size(0)).into_iter(), Limits::default());
        let expected = fares(&quiet.summary);
        assert!(expected.len() >= 60, "{expected:#?}");
        let mut fares = fares(&self.summary);
        for (who, fares_so) in &expected {
            assert_eq!(fares.remove(who).as_ref(), Some(fares_so), "{who:?}");
        }
        assert!(fares.is_empty(), "besides: {fares:#?}");
    }
}

/// How a device fares with a requirement, and what became of its attempts.
type Fares = (Status, Option<Cause>, Option<Origin>, Attempts);

/// By requirement and device, of the devices in 10.0.0.0/8.
fn fares(summary: &Summary) -> BTreeMap<(String, Vec<IpAddr>), Fares> {
    let own = |row: &&Requirement| {
        let addresses = row.client.iter().flat_map(|client| &client.addresses);
        addresses.clone().any(|address| match address {
            IpAddr::V4(v4) => v4.octets()[0] == 10,
            IpAddr::V6(v6) => v6.segments()[..3] == [0x2001, 0xdb8, 7],
        })
    };
    let rows = summary.requirements.iter().filter(own);
    rows.map(|row| {
        let client = row.client.as_ref().unwrap();
        let who = (row.pattern.clone(), client.addresses.clone());
        let fares = (row.status, row.cause, row.origin, row.attempts);
        (who, fares)
    })
    .collect()
}
