//! What rustnet does with each packet: `rustnet FILE` hands the frames of a pcap file (Ethernet) to the `PacketParser` and
//! `ConnectionTracker` of its library, with capture times, and sweeps timed-out connections as its program does.

use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use peers::walk;
use rustnet_core::network::parser::PacketParser;
use rustnet_core::network::tracker::{ConnectionTracker, TrackerConfig};

/// DLT of Ethernet.
const ETHERNET: i32 = 1;

/// Between two sweeps, in capture time.
const SWEEP_EVERY: Duration = Duration::from_secs(10);

/// No connection is left out for lack of room.
const CONNECTIONS: usize = 4_000_000;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: rustnet FILE");
        return ExitCode::from(2);
    };
    let parser = PacketParser::new().with_linktype(ETHERNET);
    let tracker = ConnectionTracker::with_config(TrackerConfig {
        max_connections: CONNECTIONS,
        ..TrackerConfig::default()
    });
    let (mut parsed, mut created, mut gone) = (0u64, 0u64, 0usize);
    let mut next_sweep = SystemTime::UNIX_EPOCH;
    let walked = walk(&path, |record| {
        let now = SystemTime::UNIX_EPOCH + Duration::from_nanos(record.nanos);
        if let Some(packet) = parser.parse_packet(record.frame) {
            parsed += 1;
            created += u64::from(tracker.ingest_at(&packet, now).created);
        }
        if now >= next_sweep {
            gone += tracker.cleanup(now).len();
            next_sweep = now + SWEEP_EVERY;
        }
    });
    match walked {
        Ok(packets) => {
            let open = tracker.connections().len();
            println!(
                "{packets} packets, {parsed} parsed, {created} connections, {gone} timed out, {open} open"
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{path}: {error}");
            ExitCode::from(3)
        }
    }
}
