//! Files that cannot be read to their end, or come in another order than they were written.

use std::io::{self, Read};

use windfall::capture::{CaptureFile, InterfaceTable, Replay};
use windfall::catalogue::{Catalogue, Profile};
use windfall::picture::Run as _;
use windfall::pipeline::intake::Patience;
use windfall::pipeline::live::{self, Setup};
use windfall::pipeline::replay::Request;
use windfall::pipeline::source::Files;
use windfall::verdict::summary::Summary;

use crate::captures::captures;
use crate::made::{frames, judged, pcap, written};

fn demo() -> Vec<u8> {
    let path = captures()
        .into_iter()
        .find(|path| path.ends_with("itunes-failure.pcapng"));
    std::fs::read(path.unwrap()).unwrap()
}

/// A disk that cannot be read from somewhere on.
struct Broken {
    bytes: io::Cursor<Vec<u8>>,
}

impl Read for Broken {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self.bytes.read(room)? {
            // EIO
            0 => Err(io::Error::from_raw_os_error(5)),
            count => Ok(count),
        }
    }
}

#[test]
fn a_read_error_in_the_middle_is_told_with_its_place_after_what_was_read() {
    let bytes = demo();
    let half = bytes[..bytes.len() / 2].to_vec();
    let expected = judged(&[written("half.pcapng", &half)]).0;
    let mut interfaces = InterfaceTable::new();
    let reader = Box::new(Broken {
        bytes: io::Cursor::new(half),
    });
    let file = CaptureFile::from_reader(reader, "broken.pcapng", 0, &mut interfaces).unwrap();
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let setup = Setup {
        request: Request::new(&[], &catalogue),
        window: None,
        confinement: Vec::new(),
        patience: Patience::Wait,
        scribe: None,
    };
    let files = Files::new(Replay::from_files(vec![file], interfaces));
    let ((), ended) = live::run(&setup, vec![Box::new(files)], |run| {
        while run.picture().health.ended.is_none() {
            std::thread::yield_now();
        }
    });
    let [failure] = ended.failures.as_slice() else {
        unreachable!("one failure: {:?}", ended.failures);
    };
    assert!(failure.starts_with("broken.pcapng: "), "{failure}");
    assert!(
        failure.contains("at byte ") && failure.contains("os error 5"),
        "{failure}"
    );
    let frames = |summary: &Summary| summary.summary.frames;
    assert!(frames(&ended.summary) > 100);
    assert_eq!(frames(&ended.summary), frames(&expected));
    assert_eq!(said(&ended.summary), said(&expected));
}

fn said(summary: &Summary) -> Vec<String> {
    let rows = summary.requirements.iter().map(|row| {
        format!(
            "{} {:?} {} {:?} {:?}",
            row.id, row.client, row.status, row.cause, row.attempts
        )
    });
    let flows = summary.flows.iter().map(|flow| {
        let (client, server) = (flow.client, flow.server);
        format!(
            "{:?} {client:?} {server:?} {} {:?}",
            flow.first, flow.outcome, flow.cause
        )
    });
    rows.chain(flows).collect()
}

/// A capture in three files, with one frame out of place at each cut: the order of the names decides nothing.
#[test]
fn packets_out_of_order_across_files_are_judged_alike_whatever_file_comes_first() {
    let mut judged_ones = 0;
    for path in captures() {
        let Some((link, whole)) = frames(&path) else {
            continue;
        };
        if whole
            .windows(2)
            .any(|pair| pair[0].micros >= pair[1].micros)
        {
            continue;
        }
        let third = whole.len() / 3;
        let mut parts = [
            whole[..third].to_vec(),
            whole[third..2 * third].to_vec(),
            whole[2 * third..].to_vec(),
        ];
        if let Some(late) = parts[0].pop() {
            parts[1].insert(1, late);
        }
        let mut number = 0;
        let files = parts.map(|part| {
            number += 1;
            written(&format!("part-{number}.pcap"), &pcap(link, &part))
        });
        let [a, b, c] = &files;
        let orders = [[a, b, c], [c, a, b], [b, c, a]].map(|order| {
            let (summary, failures) = judged(&order.map(Clone::clone));
            assert!(failures.is_empty(), "{failures:?}");
            let mut said = said(&summary);
            said.sort();
            said
        });
        assert!(
            orders[0] == orders[1] && orders[0] == orders[2],
            "{}",
            path.display()
        );
        judged_ones += 1;
    }
    assert!(judged_ones > 10, "only {judged_ones} captures");
}
