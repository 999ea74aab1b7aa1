//! Memory stays flat while flows come and go: ten times as many as the table holds, through a whole run.
//!
//! Each flow is of another port or device, asks for its name, and is served, reset or ignored. What is measured is what
//! the process holds (`VmRSS`), with its threads, queues and batches: so it is the only test of its program. Pictures are
//! not part of it: none is made while the workers are behind, as they are here all the time.
//! `WINDFALL_TEST_FLOWS` sets how many flows; the table holds a tenth.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test asserts by panicking, and reads what the kernel says of this process"
)]

#[path = "support/mod.rs"]
#[expect(dead_code, reason = "the other tests use the rest")]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use support::session::{is_ignored, is_reset, resolves, succeeds, to};
use support::trace::Trace;
use support::{CLIENT, HOST, SERVER};
use windfall::capture::batch::Batch;
use windfall::capture::frame::{Frame, FrameId, InterfaceId, LinkType, Seen, Timestamp};
use windfall::capture::info::CaptureInfo;
use windfall::catalogue::{Catalogue, Profile};
use windfall::monitor::Limits;
use windfall::picture::Run as _;
use windfall::pipeline::intake::Patience;
use windfall::pipeline::live::{self, Setup};
use windfall::pipeline::replay::Request;
use windfall::pipeline::source::{Filled, Ledger, Source};

/// Flows, unless told otherwise.
const FLOWS: u64 = 200_000;

/// A flow begins this long after the one before, in nanoseconds.
const EVERY: i64 = 2_000_000;

/// Devices, so many that each has several flows.
const DEVICES: u64 = 50_000;

/// By how much memory may grow once the table is full twice over, in percent: allocators waste some.
const GROWTH: u64 = 5;

/// Parts of a run of which each has its peak, and after how many of them nothing may grow any more: the table is full and
/// so are the queues, which take 64 MiB.
const PARTS: usize = 20;
const FULL: usize = 10;

/// Where the sender's and the receiver's addresses and ports lie in an Ethernet frame with IPv4 without options.
const ADDRESSES: [usize; 2] = [26, 30];
const PORTS: [usize; 2] = [34, 36];

/// The client's port in the templates.
const PORT: u16 = 50_001;

/// What a flow consists of: frames, and when they come, in nanoseconds.
type Template = Vec<(i64, Vec<u8>)>;

fn template(flow: impl FnOnce(&mut Trace)) -> Template {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, PORT, HOST, &[SERVER]);
    flow(&mut trace);
    let packets: Vec<_> = trace
        .timed()
        .map(|(at, packet)| (at, packet.frame()))
        .collect();
    let first = packets[0].0.as_nanos();
    packets
        .into_iter()
        .map(|(at, frame)| (at.as_nanos() - first, frame))
        .collect()
}

/// Makes flows one after the other as fast as they are taken. Those of one kind do not overlap, which no rule minds.
struct Churn {
    templates: Vec<Template>,
    flows: u64,
    flow: u64,
    /// The next frame of this flow.
    next: usize,
    frames: u64,
    now: Timestamp,
    /// How many flows have begun, for the one who measures.
    begun: Arc<AtomicU64>,
}

impl Churn {
    /// The frame at hand, as this flow's: later, of another device and port.
    fn frame(&self, template: &[(i64, Vec<u8>)]) -> (Timestamp, Vec<u8>) {
        let (after, frame) = &template[self.next];
        let mut frame = frame.clone();
        let [.., a, b, c] = (self.flow % DEVICES).to_be_bytes();
        let port = 2000 + u16::try_from(self.flow / DEVICES % 60_000).unwrap();
        let client: std::net::Ipv4Addr = CLIENT.parse().unwrap();
        for (address, place) in ADDRESSES.into_iter().zip(PORTS) {
            if frame[address..address + 4] == client.octets() {
                frame[address..address + 4].copy_from_slice(&[10, a, b, c]);
                frame[place..place + 2].copy_from_slice(&port.to_be_bytes());
            }
        }
        let begins = i64::try_from(self.flow).unwrap() * EVERY;
        let at = 1_767_225_600_000_000_000 + begins + after.min(&(EVERY - 1));
        (Timestamp::from_nanos(at), frame)
    }
}

impl Source for Churn {
    fn fill(&mut self, batch: &mut Batch) -> Filled {
        while self.flow < self.flows {
            let template =
                &self.templates[usize::try_from(self.flow).unwrap() % self.templates.len()];
            if self.next == template.len() {
                self.next = 0;
                self.flow += 1;
                self.begun.store(self.flow, Relaxed);
                continue;
            }
            let (at, bytes) = self.frame(template);
            let taken = batch.push(&Frame {
                seen: Seen {
                    at,
                    frame: FrameId::new(0, self.frames + 1),
                },
                interface: InterfaceId(0),
                link: LinkType(1),
                process: None,
                bytes: &bytes,
                original_len: u32::try_from(bytes.len()).unwrap(),
            });
            if !taken {
                break;
            }
            self.next += 1;
            self.frames += 1;
            self.now = at;
        }
        batch.tick(self.now);
        if self.flow < self.flows {
            Filled::Open
        } else {
            Filled::Ended
        }
    }

    fn ledger(&self) -> Ledger {
        Ledger {
            inputs: vec![CaptureInfo {
                frames: self.frames,
                ..CaptureInfo::new("churn")
            }],
            live: true,
            interfaces: vec![Some("churn".to_owned())],
            ..Ledger::default()
        }
    }
}

/// What this process holds, in kilobytes.
fn held() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.unwrap().split_whitespace().nth(1).unwrap();
    number.parse().unwrap()
}

#[test]
fn memory_does_not_grow_once_the_table_is_full() {
    let flows = std::env::var("WINDFALL_TEST_FLOWS").map_or(FLOWS, |flows| flows.parse().unwrap());
    let kept = usize::try_from(flows / 10).unwrap();
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let begun = Arc::new(AtomicU64::new(0));
    let churn = Churn {
        templates: vec![
            template(|trace| succeeds(trace, 0.1, &mut to(PORT, SERVER, 443), HOST)),
            template(|trace| is_reset(trace, 0.1, &mut to(PORT, SERVER, 443), HOST)),
            template(|trace| is_ignored(trace, 0.1, &mut to(PORT, SERVER, 443))),
        ],
        flows,
        flow: 0,
        next: 0,
        frames: 0,
        now: Timestamp::MIN,
        begun: Arc::clone(&begun),
    };
    let limits = Limits {
        flows: kept,
        lookups: kept / 4,
        names: kept / 4,
        hosts: kept / 4,
        ..Limits::default()
    };
    let setup = Setup {
        request: Request {
            // One is slower than what comes, on any machine.
            workers: 1,
            limits,
            ..Request::new(&[], &catalogue)
        },
        window: Some(Duration::from_secs(300)),
        confinement: Vec::new(),
        patience: Patience::Wait,
        scribe: None,
    };
    let (peaks, ended) = live::run(&setup, vec![Box::new(churn)], |run| {
        let mut peaks = [0; PARTS];
        while run.picture().health.ended.is_none() && !run.is_over() {
            let part = usize::try_from(begun.load(Relaxed) * PARTS as u64 / flows).unwrap();
            // Once all have come, a picture is made of the table: another measure than how it fills.
            if let Some(peak) = peaks.get_mut(part) {
                *peak = held().max(*peak);
            }
            std::thread::park_timeout(Duration::from_millis(5));
        }
        peaks
    });
    assert_eq!(ended.broken, None);
    assert!(ended.summary.summary.limits_hit.contains_key("flows"));
    assert!(peaks.iter().all(|peak| *peak > 0), "{peaks:?}");
    let full = peaks[..FULL].iter().max().unwrap();
    let later = peaks[FULL..].iter().max().unwrap();
    assert!(*later <= full + full * GROWTH / 100, "kB: {peaks:?}");
}
