//! `-` is standard input, which cannot be seeked and comes in pieces of any size.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use windfall::capture::{CaptureFile, InterfaceTable};

use crate::write::{MICROS, Order, Pcap, Pcapng};

/// Set in the process that reads: how many frames it must find.
const EXPECTED: &str = "WINDFALL_TEST_FRAMES_ON_STDIN";

#[test]
fn standard_input_is_read_as_a_file_is() {
    if let Ok(expected) = std::env::var(EXPECTED) {
        let mut interfaces = InterfaceTable::new();
        let mut file = CaptureFile::open(Path::new("-"), 0, &mut interfaces).unwrap();
        let mut frames = 0;
        while file.advance(&mut interfaces).unwrap() {
            frames += 1;
        }
        assert_eq!(frames.to_string(), expected);
        return;
    }
    let pcap = Pcap::new(Order::Little, MICROS, 1)
        .packet(1, 0, b"one")
        .packet(2, 0, &vec![7; 100_000])
        .bytes;
    let pcapng = Pcapng::new(Order::Big)
        .interface(1, 0, &[])
        .enhanced(0, 1, b"one")
        .enhanced(0, 2, b"two")
        .enhanced(0, 3, b"three")
        .bytes;
    let packed = crate::compressed::gzip(&pcap);
    for (bytes, frames) in [(pcap, "2"), (pcapng, "3"), (packed, "2")] {
        // The reader is this test again, in a process whose standard input is a pipe.
        let mut reader = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "piped::standard_input_is_read_as_a_file_is"])
            .env(EXPECTED, frames)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = reader.stdin.take().unwrap();
        for piece in bytes.chunks(1000) {
            pipe.write_all(piece).unwrap();
        }
        drop(pipe);
        let output = reader.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && text.contains("1 passed"),
            "{text}"
        );
    }
}
