//! Other addresses, wherever the packets hold them: in headers, DNS answers, ICMP quotes.

use crate::frames::Recorded;
use crate::promise::{Frames, Promise, Relation};

/// A prefix and what takes its place. Those of the LAN stay private, those of servers public.
type Renumbering = [(&'static [u8], &'static [u8])];

const CLIENTS: &Renumbering = &[
    (&[192, 168, 7], &[10, 77, 3]),
    (
        &[0x20, 0x01, 0x0d, 0xb8, 0, 7, 0, 0],
        &[0x20, 0x01, 0x0d, 0xb8, 0x77, 0x03, 0, 0],
    ),
];

const SERVERS: &Renumbering = &[
    (&[192, 0, 2], &[93, 184, 216]),
    (&[198, 51, 100], &[151, 101, 5]),
    (&[203, 0, 113], &[104, 16, 9]),
];

/// The addresses, of four bytes or sixteen, that packets of a capture are from or to.
fn addresses(frames: &[Recorded]) -> Vec<Vec<u8>> {
    let of_frame = |frame: &Recorded| -> Vec<Vec<u8>> {
        let (at, size) = match frame.bytes.get(14) {
            Some(0x60..=0x6f) => (22, 16),
            Some(0x45) => (26, 4),
            _ => return Vec::new(),
        };
        let parts = frame.bytes.get(at..at + 2 * size);
        parts.map_or_else(Vec::new, |both| {
            both.chunks(size).map(<[u8]>::to_vec).collect()
        })
    };
    let mut all: Vec<_> = frames
        .iter()
        .filter(|frame| frame.is_ip())
        .flat_map(of_frame)
        .collect();
    all.sort();
    all.dedup();
    all
}

/// Every address that begins with a prefix has another instead, wherever it stands.
pub(crate) fn renumbered(frames: &[Recorded], renumbering: &Renumbering) -> Frames {
    let known = addresses(frames);
    let changes: Vec<(&Vec<u8>, Vec<u8>)> = known
        .iter()
        .filter_map(|address| {
            let fits = |(prefix, _): &&(&[u8], &[u8])| address.starts_with(prefix);
            let (prefix, new) = renumbering.iter().find(fits)?;
            Some((address, [new, &address[prefix.len()..]].concat()))
        })
        .collect();
    super::each(frames, |frame| {
        let mut at = 14;
        while at + 4 <= frame.bytes.len() {
            let rest = &mut frame.bytes[at..];
            let change = changes
                .iter()
                .find(|(address, _)| rest.starts_with(address));
            at += change.map_or(1, |(_, new)| {
                rest[..new.len()].copy_from_slice(new);
                new.len()
            });
        }
    })
}

/// All of both.
pub(crate) fn moved_away(frames: &[Recorded]) -> Frames {
    renumbered(&renumbered(frames, CLIENTS), SERVERS)
}

#[test]
fn other_addresses_of_clients_change_nothing() {
    let relation = Relation {
        name: "clients renumbered",
        promise: Promise::Same,
        left_out: &[],
    };
    relation.one_way(|frames| renumbered(frames, CLIENTS));
}

#[test]
fn other_addresses_of_servers_change_nothing() {
    let relation = Relation {
        name: "servers renumbered",
        promise: Promise::Same,
        // The gateway's own address on the other side is no device's, and taken for a server's.
        left_out: &["gateway-both-sides"],
    };
    relation.one_way(|frames| renumbered(frames, SERVERS));
}
