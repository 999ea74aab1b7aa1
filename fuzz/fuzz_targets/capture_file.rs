//! Capture files: pcap and pcapng, plain and compressed. What is read keeps its order and its bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windfall::capture::block::MAX_PACKET_BYTES;
use windfall_fuzz::frames::open;

/// Frames looked at: a compressed file of a few bytes may hold millions.
const FRAMES: u64 = 10_000;

fuzz_target!(|input: &[u8]| {
    let Some(mut files) = open(input) else { return };
    let mut frames = 0;
    while frames < FRAMES && files.advance() {
        frames += 1;
        let frame = files.frame().expect("advanced to a frame");
        assert_eq!(frame.seen.frame.number(), frames);
        assert!(frame.bytes.len() <= MAX_PACKET_BYTES);
        let interface = files.interfaces().name(frame.interface);
        assert!(interface.is_none_or(|name| !name.is_empty()));
    }
    for failure in files.failures() {
        assert!(!failure.to_string().is_empty());
    }
    let captures = files.captures();
    assert_eq!(captures.len(), 1);
    assert!(captures[0].frames >= frames);
});
