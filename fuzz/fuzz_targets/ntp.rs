//! NTP: a conversation of datagrams.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windfall::capture::frame::Seen;
use windfall::protocol::ntp::{NtpSession, parse};
use windfall_fuzz::pieces::{Step, steps};

fuzz_target!(|input: &[u8]| {
    let mut session = NtpSession::default();
    for step in steps(input) {
        if let Step::Bytes(side, bytes) = step
            && let Ok(packet) = parse(bytes)
        {
            session.feed(side, Seen::default(), packet, 64);
        }
    }
    let _ = (session.opening(), session.requests());
});
