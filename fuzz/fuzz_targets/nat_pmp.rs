//! NAT-PMP and PCP: a conversation of datagrams.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windfall::capture::frame::Seen;
use windfall::protocol::nat_pmp::{NatPmpSession, parse};
use windfall_fuzz::pieces::{Step, steps};

fuzz_target!(|input: &[u8]| {
    let mut session = NatPmpSession::default();
    for step in steps(input) {
        if let Step::Bytes(side, bytes) = step
            && let Ok(message) = parse(bytes)
        {
            session.feed(side, Seen::default(), message);
        }
    }
});
