//! One conversation in two segmentations, through the whole engine: however the bytes are cut, the verdict is the same.
//!
//! The first two bytes of the input choose the server's port and the size of the smaller segments; the rest is a
//! conversation as in [`windfall_fuzz::pieces`], of which gaps and acknowledgments are left out.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windfall::side::Side;
use windfall_fuzz::pieces::{Step, steps};
use windfall_fuzz::segmentation::{PORTS, verdicts};

fuzz_target!(|input: &[u8]| {
    let [port, size, conversation @ ..] = input else {
        return;
    };
    let pieces: Vec<(Side, &[u8])> = steps(conversation)
        .filter_map(|step| match step {
            Step::Bytes(side, bytes) if !bytes.is_empty() => Some((side, bytes)),
            _ => None,
        })
        .collect();
    let port = PORTS[usize::from(*port) % PORTS.len()];
    let whole = verdicts(port, &pieces, usize::MAX);
    let cut = verdicts(port, &pieces, 1 + usize::from(*size));
    assert_eq!(
        whole,
        cut,
        "port {port}, {} bytes a segment",
        1 + usize::from(*size)
    );
});
