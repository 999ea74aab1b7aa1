//! Datagrams in fragments, several files, and traffic of many devices.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use windfall::pipeline::evidence::{Files, Saved, save};

use crate::kept;
use crate::same_verdict::differences;
use crate::support::packet::Packet;
use crate::support::{CLIENT, RESOLVER, dns};
use crate::traffic::{Options, Pcap, SECOND, Timed, Traffic};

const NAME: &str = "gs.apple.com";
const START: u64 = 1_767_225_600 * SECOND;

fn capture(path: &Path, frames: impl IntoIterator<Item = Timed>) {
    let mut pcap = Pcap::new(BufWriter::new(File::create(path).unwrap()), 262_144).unwrap();
    for frame in frames {
        pcap.frame(&frame).unwrap();
    }
    pcap.finish().unwrap();
}

/// An IPv4 packet in two fragments, cut at a multiple of eight bytes.
fn in_two(packet: &Packet) -> [Packet; 2] {
    let (mut first, mut last) = (packet.clone().ip_id(77), packet.clone().ip_id(77));
    first.transport.truncate(24);
    first.fragment = 0x2000;
    last.transport.drain(..24);
    last.fragment = 3;
    [first, last]
}

#[test]
fn fragments_of_an_answer_come_along() {
    let folder = kept::made("fragments");
    let path = folder.join("capture.pcap");
    let question = Packet::udp((CLIENT, 5300), (RESOLVER, 53), &dns::query(7, NAME, dns::A));
    let refused = dns::response(7, NAME, dns::A, dns::NXDOMAIN, &[]);
    let [first, last] = in_two(&Packet::udp((RESOLVER, 53), (CLIENT, 5300), &refused));
    let other = Packet::udp((CLIENT, 5301), ("203.0.113.9", 4000), b"of no concern");
    let frames = [&question, &first, &last, &other].map(Packet::frame);
    let times = (0..).map(|millisecond| START + millisecond * 1_000_000);
    capture(&path, times.zip(frames));
    let (_, saved) = kept::saved(&path, &folder.join("saved"));
    let file = saved[0].file.as_ref().unwrap();
    assert_eq!(file.packets, 3, "{}", saved[0]);
    let (again, _) = kept::judged(&file.path);
    assert_eq!(again.dns[0].rcode.as_deref(), Some("NXDOMAIN"));
}

#[test]
fn of_made_up_traffic_of_two_hundred_devices() {
    let folder = kept::made("many");
    let path = folder.join("capture.pcap");
    capture(&path, Traffic::new(Options::flows(3000)));
    let (summary, saved) = kept::saved(&path, &folder.join("saved"));
    assert!(
        saved.len() > 64,
        "more than are written at once: {}",
        saved.len()
    );
    assert_eq!(differences(&summary, &saved), [""; 0]);
}

#[test]
fn frames_are_found_in_the_file_they_are_cited_of() {
    let folder = kept::made("two-files");
    let paths: Vec<PathBuf> = [
        "healthy-store.pcapng",
        "itunes-failure.pcapng",
        "refused.pcapng",
    ]
    .iter()
    .map(|name| kept::bundled(name))
    .collect();
    let summary = kept::judged_all(&paths).0;
    let saved: Vec<Saved> = save(&summary, &Files::replayed(&paths), &folder).unwrap();
    assert!(saved.len() > 3, "{saved:?}");
    assert_eq!(differences(&summary, &saved), [""; 0]);
}
