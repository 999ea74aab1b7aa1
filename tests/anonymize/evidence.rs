//! Evidence: nothing that is somebody's is left in it, and replayed it says nothing that is not so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use windfall::anonymize::Anonymizer;
use windfall::capture::Replay;
use windfall::pipeline::evidence::{Files, save_anonymous};
use windfall::verdict::outcome::{Outcome, Status};
use windfall::verdict::rows::is_faulty;
use windfall::verdict::summary::Summary;

use crate::captures::captures;
use crate::leaks::{Secrets, catalogue, judged, key};

/// The files that are saved of a capture.
fn saved(path: &Path, summary: &Summary, to: &Anonymizer<'_>) -> Vec<PathBuf> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("anonymous-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    let paths = [path.to_owned()];
    let saved = save_anonymous(summary, &Files::replayed(&paths), &folder, to).unwrap();
    saved
        .into_iter()
        .map(|saved| saved.file.unwrap().path)
        .collect()
}

/// How flows and questions ended, by who, when and what.
fn outcomes(summary: &Summary) -> BTreeMap<String, Outcome> {
    let flows = summary.flows.iter().map(|flow| {
        let (client, server) = (flow.client, flow.server);
        let key = format!(
            "{:?} {client:?} {server:?} {:?}",
            flow.transport, flow.first
        );
        (key, flow.outcome)
    });
    let dns = summary.dns.iter().map(|row| {
        let key = format!(
            "{} {} {} {} {:?}",
            row.client, row.resolver, row.name, row.kind, row.first
        );
        (key, row.outcome)
    });
    flows.chain(dns).collect()
}

fn bad(summary: &Summary) -> BTreeSet<String> {
    let is_bad = |status| matches!(status, Status::Failing | Status::Degraded | Status::Flaky);
    let rows = summary.requirements.iter().filter(|row| is_bad(row.status));
    rows.map(|row| row.id.clone()).collect()
}

#[test]
fn replayed_it_gives_no_false_verdict() {
    let catalogue = catalogue();
    let to = Anonymizer::new(&key(7), &catalogue);
    let (mut same, mut open, mut rows) = (0, 0, 0);
    for path in captures() {
        let summary = judged(&path);
        let shown = to.summary(&summary);
        let truth = outcomes(&shown);
        for file in saved(&path, &summary, &to) {
            let again = judged(&file);
            for (what, outcome) in outcomes(&again) {
                let Some(true_one) = truth.get(&what) else {
                    // Begun earlier, or by another name, than the evidence shows.
                    assert!(
                        !is_faulty(outcome),
                        "{}: {what} is new: {outcome}",
                        file.display()
                    );
                    continue;
                };
                match outcome {
                    Outcome::Pending | Outcome::Unjudged => open += 1,
                    _ => {
                        assert_eq!(outcome, *true_one, "{}: {what}", file.display());
                        same += 1;
                    }
                }
            }
            let false_ones: Vec<_> = bad(&again).difference(&bad(&summary)).cloned().collect();
            assert_eq!(false_ones, [""; 0], "{}", file.display());
            rows += bad(&again).len();
        }
    }
    assert!(
        rows > 20 && same > 2 * open,
        "{rows} rows, {same} alike, {open} open"
    );
}

/// A name as DNS and mDNS write it.
fn labels(name: &str) -> Vec<u8> {
    let labels = name.split('.').flat_map(|label| {
        let length = u8::try_from(label.len()).unwrap_or(63);
        [&[length][..], label.as_bytes()].concat()
    });
    labels.collect()
}

#[test]
fn its_bytes_hold_nothing_that_is_somebodys() {
    let catalogue = catalogue();
    let to = Anonymizer::new(&key(7), &catalogue);
    let mut files = 0;
    for path in captures() {
        let summary = judged(&path);
        let hidden = Secrets::of(&summary, &to);
        let mut needles: Vec<(String, Vec<u8>)> = Vec::new();
        for address in &hidden.addresses {
            let bytes = match address {
                std::net::IpAddr::V4(v4) => v4.octets().to_vec(),
                std::net::IpAddr::V6(v6) => v6.octets().to_vec(),
            };
            needles.push((address.to_string(), bytes));
            needles.push((address.to_string(), format!(" {address} ").into_bytes()));
        }
        for mac in &hidden.macs {
            let bytes = mac
                .split(':')
                .map(|byte| u8::from_str_radix(byte, 16).unwrap());
            needles.push((mac.clone(), bytes.collect()));
        }
        for name in &hidden.names {
            needles.push((name.clone(), name.clone().into_bytes()));
            needles.push((name.clone(), labels(name)));
        }
        for file in saved(&path, &summary, &to) {
            files += 1;
            let bytes = std::fs::read(&file).unwrap();
            for (secret, needle) in &needles {
                let found = bytes.windows(needle.len()).any(|window| window == needle);
                assert!(!found, "{secret} is in {}", file.display());
            }
        }
    }
    assert!(files > 30, "only {files} files");
}

/// The one's complement sum of 16-bit words.
fn sum(bytes: &[u8]) -> u32 {
    let words = bytes
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)));
    words.sum()
}

fn folded(mut sum: u32) -> u32 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum
}

/// Of Ethernet frames with IPv4: header checksums that are right, and TCP or UDP ones of whole packets.
fn right_checksums(path: &Path) -> (u32, u32, u32) {
    let mut replay = Replay::open(&[path.to_owned()]);
    let (mut headers, mut transports, mut wrong) = (0, 0, 0);
    while replay.advance() {
        let Some(frame) = replay.frame() else {
            continue;
        };
        let bytes = frame.bytes;
        if frame.link.0 != 1 || bytes.len() < 34 || bytes[12..15] != [8, 0, 0x45] {
            continue;
        }
        let ip = &bytes[14..];
        let length = usize::from(u16::from_be_bytes([ip[2], ip[3]]));
        headers += u32::from(folded(sum(&ip[..20])) == 0xffff);
        if ip.len() < length || ip[6] & 0x3f != 0 {
            continue;
        }
        let segment = &ip[20..length];
        let pseudo = sum(&ip[12..20]) + u32::from(ip[9]) + u32::try_from(segment.len()).unwrap();
        let is_right = folded(pseudo + sum(segment)) == 0xffff;
        if matches!(ip[9], 6 | 17) {
            transports += u32::from(is_right);
            wrong += u32::from(!is_right);
        }
    }
    (headers, transports, wrong)
}

#[test]
fn checksums_that_were_right_are_right() {
    let catalogue = catalogue();
    let to = Anonymizer::new(&key(7), &catalogue);
    let (mut headers, mut transports) = (0, 0);
    for path in captures() {
        // A capture whose own checksums are whole: not taken before the network card filled them in.
        let (_, _, wrong_before) = right_checksums(&path);
        let summary = judged(&path);
        for file in saved(&path, &summary, &to) {
            let (right_headers, right, wrong) = right_checksums(&file);
            headers += right_headers;
            transports += right;
            if wrong_before == 0 {
                assert_eq!(wrong, 0, "{}", file.display());
            }
        }
    }
    assert!(
        headers > 500 && transports > 100,
        "{headers} headers, {transports} packets"
    );
}
