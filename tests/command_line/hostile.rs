//! Names off the wire are shown, never obeyed.

use crate::run::{Ran, run, written};

const CLIENT: [u8; 4] = [192, 168, 7, 20];
const RESOLVER: [u8; 4] = [192, 168, 7, 1];

/// A label that would clear the screen, turn the rest of the line round, hide a break in a word and ring.
const LABEL: &str = "\x1b[2J\u{202e}g\u{200b}s\u{9b}31m\x07\r";

/// A DNS message (RFC 1035 section 4.1): the question for an A record, or its NXDOMAIN.
fn dns(answer: bool, labels: &[&[u8]]) -> Vec<u8> {
    let flags: [u8; 2] = if answer { [0x81, 0x83] } else { [0x01, 0x00] };
    let mut message = vec![0x12, 0x34, flags[0], flags[1], 0, 1, 0, 0, 0, 0, 0, 0];
    for label in labels {
        message.push(u8::try_from(label.len()).unwrap());
        message.extend_from_slice(label);
    }
    message.extend([0, 0, 1, 0, 1]);
    message
}

/// Ethernet II, IPv4 and UDP around a payload; checksums are left out, as offload does.
fn frame(from: ([u8; 4], u16), to: ([u8; 4], u16), payload: &[u8]) -> Vec<u8> {
    let length = |header: usize| u16::try_from(header + payload.len()).unwrap().to_be_bytes();
    let mac = |address: [u8; 4]| [2, 0, address[0], address[1], address[2], address[3]];
    let mut bytes = [mac(to.0), mac(from.0)].concat();
    bytes.extend([0x08, 0x00, 0x45, 0]);
    bytes.extend(length(28));
    bytes.extend([0, 1, 0, 0, 64, 17, 0, 0]);
    bytes.extend(from.0);
    bytes.extend(to.0);
    bytes.extend(from.1.to_be_bytes());
    bytes.extend(to.1.to_be_bytes());
    bytes.extend(length(8));
    bytes.extend([0, 0]);
    bytes.extend(payload);
    bytes
}

/// A pcap file of one question for the name and the answer that it does not exist.
fn capture(name: &str, labels: &[&[u8]]) -> String {
    let client = (CLIENT, 50_000);
    let resolver = (RESOLVER, 53);
    let frames = [
        frame(client, resolver, &dns(false, labels)),
        frame(resolver, client, &dns(true, labels)),
    ];
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 1] {
        file.extend(word.to_le_bytes());
    }
    for (second, frame) in frames.iter().enumerate() {
        let length = u32::try_from(frame.len()).unwrap();
        for word in [
            1_700_000_000 + u32::try_from(second).unwrap(),
            0,
            length,
            length,
        ] {
            file.extend(word.to_le_bytes());
        }
        file.extend(frame);
    }
    written(name, &file)
}

#[track_caller]
fn inert(ran: &Ran) {
    for text in [&ran.out, &ran.told] {
        for char in text.chars().filter(|char| *char != '\n') {
            let obeyed = char.is_control()
                || ('\u{200b}'..='\u{200f}').contains(&char)
                || ('\u{202a}'..='\u{202e}').contains(&char);
            assert!(!obeyed, "{char:?} in {text}");
        }
    }
}

#[test]
fn no_output_hands_a_terminal_anything_to_obey() {
    let file = capture(
        "hostile.pcap",
        &[LABEL.as_bytes(), b"itunes", b"apple", b"com"],
    );
    for format in ["text", "json", "ndjson", "csv", "html"] {
        let ran = run(["replay", "--flows", "all", "--format", format, &file]);
        assert_eq!(ran.told, "", "{format}");
        inert(&ran);
    }
    // Text shows what was there.
    let ran = run(["replay", "--flows", "all", &file]).ended(0);
    let shown = "\\x1b[2j\\u{202e}g\\u{200b}s\\u{9b}31m\\x07\\x0d.itunes.apple.com";
    assert!(ran.out.contains(shown), "{}", ran.out);
    // JSON gives it back whole.
    let report = run(["replay", "--format", "json", &file]).json();
    let name = report["dns"][0]["name"].as_str().unwrap();
    assert_eq!(name, format!("{}.itunes.apple.com", LABEL.to_lowercase()));
    // The filter that is to be pasted has nothing of it.
    let filter = ran
        .out
        .lines()
        .find(|line| line.contains("wireshark: "))
        .unwrap();
    assert!(
        filter.ends_with("wireshark: dns && ip.addr == 192.168.7.20 && ip.addr == 192.168.7.1"),
        "{filter}"
    );
}

#[test]
fn a_file_name_is_shown_and_not_obeyed() {
    let ran = run(["replay", "/nonexistent/\x1b[31m\u{202e}.pcap"]).ended(3);
    inert(&ran);
    assert!(ran.told.contains("\\x1b[31m\\u{202e}.pcap"), "{}", ran.told);
}

/// A shell puts the names of files where arguments stand (`windfall replay *`).
#[test]
fn a_wrong_argument_is_shown_and_not_obeyed() {
    let evil = "\x1b]52;c;aGk=\x07\u{202e}\u{200b}x";
    for arguments in [
        ["replay", &format!("--format={evil}"), "x"],
        ["replay", &format!("--speed={evil}"), "x"],
        ["replay", &format!("--{evil}"), "x"],
        [evil, "x", "y"],
        ["catalogue", "check", evil],
        ["catalogue", "match", evil],
        ["explain", evil, "x"],
        ["replay", &format!("--processes={evil}"), "x"],
        ["bench", evil, "x"],
        ["completions", evil, "x"],
        ["replay", &format!("--log-file={evil}/x"), "x"],
        ["replay", &format!("--client={evil}"), "x"],
        ["replay", &format!("--anonymize-key={evil}"), "x"],
        ["replay", "--follow", evil],
    ] {
        let ran = run(arguments);
        assert!(
            ran.status >= 2 || ran.out.contains("not a host name"),
            "{arguments:?}"
        );
        inert(&ran);
        assert!(
            format!("{}{}", ran.told, ran.out).contains('x'),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_spreadsheet_takes_no_cell_for_a_formula() {
    let file = capture(
        "formula.pcap",
        &[b"=cmd|' /c calc'!a1", b"itunes", b"apple", b"com"],
    );
    let own = written(
        "formula.toml",
        b"[[host]]\npattern = \"itunes.apple.com\"\nuse = \"=HYPERLINK(\\\"http://x\\\")\"\n",
    );
    let ran = run(["replay", "--format", "csv", "--catalogue", &own, &file]);
    let mut reader = csv::Reader::from_reader(ran.out.as_bytes());
    let mut cells = 0;
    for row in reader.records() {
        for cell in &row.unwrap() {
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell}"
            );
            cells += usize::from(cell.starts_with("'=HYPERLINK"));
        }
    }
    assert_eq!(cells, 1, "{}", ran.out);
}
