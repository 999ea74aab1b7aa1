//! A gigabyte of capture takes no more memory than its bounds allow.
//!
//! The capture is made while it is read: the demonstration again and again, each round later and by other devices, so
//! that flows, names, questions and addresses keep coming.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test asserts by panicking"
)]

use std::io::{Cursor, Read};

use windfall::capture::{CaptureFile, InterfaceTable, Replay};
use windfall::catalogue::{Catalogue, Profile};
use windfall::monitor::{Limits, Monitor};
use windfall::verdict::assemble::Options;

/// What is read in all.
const CAPTURE_BYTES: u64 = 1 << 30;

/// A round begins this long after the one before, which lasted less.
const ROUND_SECONDS: i64 = 120;

/// A bound of everything that is counted, small enough that a gigabyte reaches it many times over.
const KEPT: usize = 2_000;

/// What the monitor may take with these bounds, the 1 MiB blocks of the reader included.
const PEAK_BYTES: u64 = 48 << 20;

/// Where the sender's and receiver's last address bytes but one lie in an Ethernet frame with IPv4.
const LAN_OCTETS: [std::ops::Range<usize>; 2] = [26..30, 30..34];

/// A pcap file without end: rounds of the same frames.
struct Rounds {
    frames: Vec<(i64, Vec<u8>)>,
    next: usize,
    round: u32,
    pending: Cursor<Vec<u8>>,
}

impl Rounds {
    fn new() -> Self {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/captures/itunes-failure.pcapng"
        );
        let mut files = Replay::open(&[path]);
        let mut frames = Vec::new();
        while files.advance() {
            let frame = files.frame().unwrap();
            frames.push((frame.seen.at.as_nanos(), frame.bytes.to_vec()));
        }
        assert!(frames.len() > 500);
        // Nanosecond pcap, version 2.4, snap length 65535, Ethernet.
        let mut header = Vec::new();
        for word in [0xa1b2_3c4d_u32, 0x0004_0002, 0, 0, 65_535, 1] {
            header.extend(word.to_le_bytes());
        }
        Self {
            frames,
            next: 0,
            round: 0,
            pending: Cursor::new(header),
        }
    }

    /// The next record: the frame with its LAN addresses moved to this round's network.
    fn record(&mut self) -> Vec<u8> {
        let (at, frame) = &self.frames[self.next];
        let at = at + i64::from(self.round) * ROUND_SECONDS * 1_000_000_000;
        let mut frame = frame.clone();
        let [.., high, low] = self.round.to_be_bytes();
        for octets in LAN_OCTETS {
            if let Some(address) = frame.get_mut(octets)
                && address[..2] == [192, 168]
            {
                address[0] = 10;
                address[1] = high;
                address[2] = low;
            }
        }
        self.next += 1;
        if self.next == self.frames.len() {
            self.next = 0;
            self.round += 1;
        }
        let length = u32::try_from(frame.len()).unwrap();
        let mut record = Vec::with_capacity(frame.len() + 16);
        for word in [
            u32::try_from(at / 1_000_000_000).unwrap(),
            u32::try_from(at % 1_000_000_000).unwrap(),
            length,
            length,
        ] {
            record.extend(word.to_le_bytes());
        }
        record.extend(frame);
        record
    }
}

impl Read for Rounds {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let mut filled = 0;
        while filled < buf.len() {
            let count = self.pending.read(&mut buf[filled..])?;
            if count == 0 {
                self.pending = Cursor::new(self.record());
            }
            filled += count;
        }
        Ok(filled)
    }
}

#[test]
fn a_gigabyte_is_replayed_within_the_bounds() {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let limits = Limits {
        flows: KEPT,
        lookups: KEPT,
        names: KEPT,
        hosts: KEPT,
        ..Limits::default()
    };
    let mut limits_hit = std::collections::BTreeMap::new();
    let used = allocation_counter::measure(|| {
        let mut interfaces = InterfaceTable::new();
        let reader = Box::new(Rounds::new());
        let file = CaptureFile::from_reader(reader, "rounds.pcap", 0, &mut interfaces).unwrap();
        let mut files = Replay::from_files(vec![file], interfaces);
        let mut monitor = Monitor::new(&catalogue, limits);
        while files.bytes_read() < CAPTURE_BYTES && files.advance() {
            monitor.packet(&files.frame().unwrap());
        }
        assert_eq!(files.failures().count(), 0);
        let options = Options::new(&catalogue);
        limits_hit = monitor.summary(Vec::new(), &options).summary.limits_hit;
    });
    for bound in ["flows", "lookups", "names", "hosts"] {
        assert!(limits_hit.contains_key(bound), "{bound}: {limits_hit:?}");
    }
    assert!(used.bytes_max < PEAK_BYTES, "{used:?}");
}
