//! A report is the same, byte for byte, for any number of workers.

use std::path::PathBuf;

use windfall::capture::frame::InterfaceId;
use windfall::capture::{CaptureInfo, Replay};
use windfall::catalogue::{Catalogue, Profile};
use windfall::monitor::Monitor;
use windfall::pipeline::holes;
use windfall::pipeline::replay::{Request, replay};
use windfall::report::listed::Listed;
use windfall::report::{self, Format};
use windfall::verdict::assemble::Options;
use windfall::verdict::clocks::Clocks;
use windfall::verdict::gap::Gaps;
use windfall::verdict::process::Told;
use windfall::verdict::summary::{Process, Summary};

use crate::captures::captures;
use crate::file::Made;
use crate::support::dns::{self, A};
use crate::support::mdns::{self, Service};
use crate::support::packet::Packet;
use crate::support::{RESOLVER, SERVER, icmp};

const NUMBERS: [usize; 4] = [2, 3, 4, 7];

fn summary(paths: &[PathBuf], workers: usize) -> Summary {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let request = Request {
        workers,
        ..Request::new(paths, &catalogue)
    };
    replay(&request, |_, _| {}).summary
}

/// All reports of all formats.
pub(crate) fn reports(summary: &Summary) -> Vec<String> {
    let formats = [Format::Text, Format::Json, Format::Ndjson, Format::Csv];
    formats
        .into_iter()
        .map(|format| {
            let options = report::Options {
                format,
                listed: Some(Listed::All),
                colour: false,
            };
            let mut out = Vec::new();
            report::write(summary, &options, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        })
        .collect()
}

fn same_for_any_number(paths: &[PathBuf]) -> Summary {
    let alone = summary(paths, 1);
    let wanted = reports(&alone);
    for workers in NUMBERS {
        let got = reports(&summary(paths, workers));
        for (wanted, got) in wanted.iter().zip(&got) {
            for (number, (wanted, got)) in wanted.lines().zip(got.lines()).enumerate() {
                assert_eq!(got, wanted, "{paths:?}, {workers} workers, line {number}");
            }
            assert_eq!(got.len(), wanted.len(), "{paths:?}, {workers} workers");
        }
    }
    alone
}

#[test]
fn every_bundled_capture() {
    for path in captures() {
        same_for_any_number(&[path]);
    }
}

/// Frames are looked up in groups; what is found must not depend on what else is in the group.
#[test]
fn frames_taken_one_by_one_or_together() {
    let paths = captures();
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    // Merged, too, so that flows, links and interfaces of many captures meet in one group.
    for paths in paths.chunks(1).chain([&paths[..]]) {
        let request = Request::new(paths, &catalogue);
        let mut files = Replay::open(paths);
        let mut monitor = Monitor::new(&catalogue, request.limits);
        while files.advance() {
            monitor.packet(&files.frame().unwrap());
        }
        let inputs = files.captures();
        if let Some(ended) = inputs.iter().filter_map(|info| info.ended).max() {
            monitor.tick(ended);
        }
        let interfaces: Vec<Option<String>> = (0..files.interfaces().len())
            .map(|number| InterfaceId(u16::try_from(number).unwrap()))
            .map(|id| files.interfaces().name(id).map(str::to_owned))
            .collect();
        let processes = |info: &CaptureInfo| {
            let known = info.processes.as_slice().iter();
            known
                .map(|known| Process {
                    name: known.name(),
                    pid: Some(known.pid),
                })
                .collect()
        };
        let (mut gaps, mut clocks) = (Gaps::default(), Clocks::default());
        holes::tell(inputs.iter(), &mut gaps, &mut clocks);
        let options = Options {
            gaps,
            clocks,
            interfaces: &interfaces,
            processes: Told {
                captured: inputs.iter().map(processes).collect(),
                listed: None,
            },
            ..Options::new(&catalogue)
        };
        let together = summary(paths, 1);
        let alone = monitor.summary(together.captures.clone(), &options);
        assert_eq!(reports(&together), reports(&alone), "{paths:?}");
    }
}

/// Many devices, flows, links and inputs at once.
#[test]
fn all_bundled_captures_merged() {
    let all = same_for_any_number(&captures());
    assert!(all.flows.len() > 150, "{} flows", all.flows.len());
}

/// Splits an IPv4 packet into fragments of so many bytes of payload, a multiple of eight.
fn fragments(packet: &Packet, id: u16, size: usize) -> Vec<Packet> {
    let pieces: Vec<&[u8]> = packet.transport.chunks(size).collect();
    assert!(pieces.len() > 1, "one piece is no fragment");
    let last = pieces.len() - 1;
    pieces
        .into_iter()
        .enumerate()
        .map(|(number, piece)| {
            let mut fragment = packet.clone().ip_id(id);
            let more = if number == last { 0 } else { 0x2000 };
            fragment.fragment = more | u16::try_from(number * size / 8).unwrap();
            fragment.transport = piece.to_vec();
            fragment
        })
        .collect()
}

/// What could be torn apart: the fragments of answers, of questions and of announcements; an ICMP error of a router
/// about somebody else's packet; copies; frames that cannot be decoded.
#[test]
fn fragments_errors_and_copies_meet_what_they_belong_to() {
    let mut packets: Vec<Packet> = Vec::new();
    for client in 1..40u16 {
        let addr = format!("192.168.7.{}", 50 + client);
        let port = 50_000 + client;
        let name = format!("host{client}.itunes.apple.com");
        let ask = Packet::udp((&addr, port), (RESOLVER, 53), &dns::query(client, &name, A));
        let said = dns::addresses(client, &name, A, &[SERVER]);
        let answer = Packet::udp((RESOLVER, 53), (&addr, port), &said);
        packets.push(ask.clone());
        packets.push(ask.clone());
        if client % 3 == 0 {
            packets.push(icmp::error("198.51.100.9", 3, 13, 0, &ask));
        } else {
            let mut pieces = fragments(&answer, client, 16);
            if client % 5 == 0 {
                pieces.reverse();
            }
            packets.extend(pieces);
        }
        let offer = Service::new(&format!("TV {client}"), "_airplay", "tv", 7000, &addr);
        packets.extend(fragments(
            &mdns::to_all(&addr, &offer.announcement()),
            client,
            64,
        ));
        let syn = Packet::new(
            addr.parse().unwrap(),
            SERVER.parse().unwrap(),
            6,
            [
                &port.to_be_bytes()[..],
                &[1, 187],
                &[0; 8],
                &[0x50, 2],
                &[0; 6],
            ]
            .concat(),
        );
        packets.push(syn.clone());
        packets.push(icmp::error("198.51.100.9", 3, 13, 0, &syn));
        // A fragment that is no multiple of eight, and one that runs past the end of any datagram.
        let mut bad = ask.clone();
        bad.fragment = 0x2000;
        bad.transport.truncate(13);
        packets.push(bad);
        let mut long = ask;
        long.fragment = 0x1fff;
        packets.push(long);
    }
    let mut frames: Vec<(u64, Vec<u8>)> = (0..)
        .map(|number: u64| number * 20_000)
        .zip(packets.iter().map(Packet::frame))
        .collect();
    // Copies come at once, the second question of each client much later.
    let copies: Vec<_> = frames.iter().step_by(3).cloned().collect();
    frames.extend(copies.into_iter().map(|(at, frame)| (at + 100, frame)));
    frames.push((1, vec![0; 10]));
    frames.sort();
    let made = Made::of("torn", &frames);
    let alone = same_for_any_number(&[made.path()]);
    let capture = &alone.captures[0];
    assert!(capture.duplicates > 20, "{capture:?}");
    assert!(capture.malformed.len() >= 3, "{:?}", capture.malformed);
    assert!(alone.dns.iter().any(|row| !row.addresses.is_empty()));
    assert_eq!(alone.bonjour.len(), 39);
    assert_eq!(alone.flows.len(), 39);
    assert!(alone.flows.iter().all(|flow| flow.icmp.is_some()));
}

/// Longer than a thread reads ahead, and than all blocks that workers may hold: reading goes on as they give them back.
#[test]
fn a_file_that_is_read_ahead() {
    let (count, size) = (12_000u64, 1400usize);
    let frames: Vec<(u64, Vec<u8>)> = (0..count)
        .map(|number| {
            let client = format!("192.168.7.{}", 10 + number % 90);
            let payload = vec![number.to_le_bytes()[0]; size];
            let packet = Packet::udp((&client, 50_000), (SERVER, 9999), &payload);
            (number * 100, packet.frame())
        })
        .collect();
    let made = Made::of("long", &frames);
    let alone = same_for_any_number(&[made.path()]);
    assert_eq!(alone.captures[0].frames, count);
    let carried: u64 = alone.flows.iter().map(|flow| flow.bytes.client).sum();
    assert_eq!(carried, count * size as u64);
}
