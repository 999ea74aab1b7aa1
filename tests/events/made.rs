//! Made-up summaries, pictures and events.

use std::net::{IpAddr, Ipv4Addr};

use proptest::prelude::*;
use windfall::capture::frame::Timestamp;
use windfall::picture::{Health, Picture};
use windfall::verdict::outcome::{Cause, Status, Transport};
use windfall::verdict::summary::{Attempts, Client, Evidence, Requirement, Summary, Totals};

/// A row of a made-up summary: requirement, device (none: nobody tried), how it stands.
pub(crate) type Row = (u8, Option<u8>, Status, Option<Cause>);

pub(crate) fn second(seconds: i64) -> Timestamp {
    Timestamp::from_nanos((1_700_000_000 + seconds) * 1_000_000_000)
}

pub(crate) fn row((requirement, device, status, cause): Row) -> Requirement {
    let client = device.map(|device| Client {
        addresses: vec![IpAddr::V4(Ipv4Addr::new(192, 168, 7, device))],
        mac: (device % 2 == 0).then(|| format!("02:00:00:00:00:{device:02x}")),
    });
    Requirement {
        id: format!("host-{requirement}"),
        pattern: format!("h{requirement}.example.net"),
        ports: vec!["443/tcp".to_owned()],
        transport: vec![Transport::Tcp],
        service: "a service".to_owned(),
        profiles: vec!["itunes".to_owned()],
        optional: requirement % 5 == 4,
        note: None,
        client,
        status,
        attempts: Attempts::default(),
        all_attempts: Attempts::default(),
        cause,
        origin: None,
        whereabouts: None,
        twin: None,
        explanation: cause.map(|cause| format!("It is {cause}.")),
        remedy: None,
        flows: vec![format!("1:flow-{requirement}")],
        evidence: vec![Evidence {
            capture: 0,
            frame: 7,
            time: second(0),
            note: "SYN, not answered".to_owned(),
        }],
    }
}

pub(crate) fn summary(rows: &[Row]) -> Summary {
    Summary {
        schema: 1,
        captures: Vec::new(),
        requirements: rows.iter().copied().map(row).collect(),
        flows: Vec::new(),
        dns: Vec::new(),
        bonjour: Vec::new(),
        findings: Vec::new(),
        processes: Vec::new(),
        summary: Totals::default(),
    }
}

pub(crate) fn picture(number: u64, rows: &[Row]) -> Picture {
    Picture {
        number,
        summary: summary(rows),
        now: second(0),
        health: Health::default(),
        playback: None,
    }
}

/// Rows, each of its own requirement and device.
pub(crate) fn rows() -> impl Strategy<Value = Vec<Row>> {
    let causes = prop::option::of(prop::sample::select(vec![
        Cause::SynUnanswered,
        Cause::TlsAlert,
    ]));
    let device = prop::option::weighted(0.9, 1u8..4);
    let row = (0u8..6, device, prop::sample::select(Status::ALL), causes);
    prop::collection::vec(row, 0..10).prop_map(|mut rows| {
        rows.sort_by_key(|(requirement, device, ..)| (*requirement, *device));
        rows.dedup_by_key(|(requirement, device, ..)| (*requirement, *device));
        rows
    })
}
