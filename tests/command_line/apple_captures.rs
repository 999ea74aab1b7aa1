//! The processes behind the flows, by what Apple's systems write into captures.
//!
//! Bundled captures, rewritten here after Apple's libpcap (`pcap-ng.h`) and XNU (`pktap.h`): no system of Apple's made them.

use serde_json::{Value, json};

use crate::run::{capture, run, written};

/// The frames of a bundled pcap file in native Linux byte order, each with its record's time words and wire length.
fn frames(name: &str) -> Vec<([u32; 2], u32, Vec<u8>)> {
    let bytes = std::fs::read(capture(name)).unwrap();
    let word = |at: usize| u32::from_le_bytes(*bytes[at..].first_chunk().unwrap());
    assert_eq!(
        (word(0), word(20)),
        (0xa1b2_c3d4, 1),
        "a little-endian pcap of Ethernet"
    );
    let (mut at, mut frames) = (24, Vec::new());
    while at < bytes.len() {
        let captured = usize::try_from(word(at + 8)).unwrap();
        let data = bytes[at + 16..at + 16 + captured].to_vec();
        frames.push(([word(at), word(at + 4)], word(at + 12), data));
        at += 16 + captured;
    }
    frames
}

fn words(file: &mut Vec<u8>, words: &[u32]) {
    file.extend(words.iter().flat_map(|word| word.to_le_bytes()));
}

/// The capture as macOS writes it with `tcpdump -i pktap` into a pcap file: `struct pktap_header` before each frame.
fn as_pktap(name: &str, link: u32, process: &str) -> Vec<u8> {
    let mut file = Vec::new();
    words(&mut file, &[0xa1b2_c3d4, 0x0004_0002, 0, 0, 262_144, link]);
    for ([seconds, micros], wire, frame) in frames(name) {
        let captured = u32::try_from(frame.len()).unwrap() + 156;
        words(&mut file, &[seconds, micros, captured, wire + 156]);
        let begin = file.len();
        words(&mut file, &[156, 1, 1]);
        file.resize(begin + 52, 0);
        words(&mut file, &[340]);
        file.extend(process.as_bytes());
        file.resize(begin + 84, 0);
        words(&mut file, &[u32::MAX]);
        file.resize(begin + 156, 0);
        file.extend(frame);
    }
    file
}

/// The capture as macOS writes it into a pcapng file: process blocks, and packets that point at them.
fn as_process_blocks(name: &str, process: &str) -> Vec<u8> {
    let block = |file: &mut Vec<u8>, kind: u32, body: &[u8]| {
        let length = u32::try_from(body.len()).unwrap() + 12;
        words(file, &[kind, length]);
        file.extend(body);
        words(file, &[length]);
    };
    let padded = |bytes: &[u8]| {
        let mut padded = bytes.to_vec();
        padded.resize(bytes.len().next_multiple_of(4), 0);
        padded
    };
    let mut file = Vec::new();
    let mut section = Vec::new();
    words(&mut section, &[0x1a2b_3c4d, 1, u32::MAX, u32::MAX]);
    block(&mut file, 0x0a0d_0d0a, &section);
    block(&mut file, 1, &[1, 0, 0, 0, 0, 0, 0, 0]);
    for (pid, name) in [(71_u32, "nsurlsessiond"), (340, process)] {
        let mut body = pid.to_le_bytes().to_vec();
        words(&mut body, &[2 | u32::try_from(name.len()).unwrap() << 16]);
        body.extend(padded(name.as_bytes()));
        words(&mut body, &[0]);
        block(&mut file, 0x8000_0001, &body);
    }
    for ([seconds, micros], wire, frame) in frames(name) {
        let ticks = u64::from(seconds) * 1_000_000 + u64::from(micros);
        let (high, low) = (ticks >> 32, ticks & 0xffff_ffff);
        let mut body = Vec::new();
        let captured = u32::try_from(frame.len()).unwrap();
        let [high, low] = [high, low].map(|half| u32::try_from(half).unwrap());
        words(&mut body, &[0, high, low, captured, wire]);
        body.extend(padded(&frame));
        // Done by the first process on behalf of the second.
        words(&mut body, &[0x0004_8001, 0, 0x0004_8003, 1, 0]);
        block(&mut file, 6, &body);
    }
    file
}

#[test]
fn captures_of_apple_systems_name_the_process_themselves() {
    let plain = capture("syn-dropped.pcap");
    let plain = run(["replay", "--format", "json", &plain]).json();
    for (name, bytes) in [
        (
            "pktap.pcap",
            as_pktap("syn-dropped.pcap", 258, "mDNSResponder"),
        ),
        (
            "user2.pcap",
            as_pktap("syn-dropped.pcap", 149, "mDNSResponder"),
        ),
        (
            "blocks.pcapng",
            as_process_blocks("syn-dropped.pcap", "mDNSResponder"),
        ),
    ] {
        let file = written(name, &bytes);
        let ran = run(["replay", "--format", "json", &file]).ended(1);
        let report = ran.json();
        // Nothing else changes.
        for (flow, same) in [("flows", "requirements"), ("dns", "findings")] {
            let count = |report: &Value, list: &str| report[list].as_array().unwrap().len();
            assert_eq!(count(&report, flow), count(&plain, flow), "{name}");
            assert_eq!(count(&report, same), count(&plain, same), "{name}");
        }
        let flows = report["flows"].as_array().unwrap();
        let process = json!({"name": "mDNSResponder", "pid": 340});
        assert!(
            flows.iter().all(|flow| flow["process"] == process),
            "{name}"
        );
        let rows = report["processes"].as_array().unwrap().iter();
        let bonjour = rows.clone().find(|row| row["name"] == "mDNSResponder.exe");
        let failing = bonjour.unwrap()["failing_flows"].as_array().unwrap();
        assert!(!failing.is_empty(), "{name}");
        let unknown = rows.filter(|row| row["seen"].is_null()).count();
        assert_eq!(unknown, 19, "{name}: a capture never shows who did not run");
    }
}

#[test]
fn a_process_name_is_shown_and_never_obeyed() {
    let hostile = "\x1b[31m\u{202e}x";
    let file = written(
        "inert.pcapng",
        &as_process_blocks("syn-dropped.pcap", hostile),
    );
    let json = run(["replay", "--format", "json", &file]).json();
    assert_eq!(json["flows"][0]["process"]["name"], hostile);
    for format in ["text", "json", "ndjson", "csv", "html"] {
        let out = run(["replay", "--flows", "all", "--format", format, &file]).out;
        assert!(!out.contains(['\x1b', '\u{202e}']), "{format}: {out}");
    }
    let text = run(["replay", &file]).out;
    assert!(text.contains("  by \\x1b[31m\\u{202e}x (340)"), "{text}");
}

#[test]
fn a_capture_with_too_many_processes_says_so() {
    let mut file = as_process_blocks("syn-dropped.pcap", "x");
    for pid in 0..20_000_u32 {
        words(&mut file, &[0x8000_0001, 16, pid, 16]);
    }
    let file = written("crowd.pcapng", &file);
    let report = run(["replay", "--format", "json", &file]).ended(1).json();
    assert_eq!(
        report["summary"]["limits_hit"],
        json!({"processes": 20_002 - 16_384})
    );
}
