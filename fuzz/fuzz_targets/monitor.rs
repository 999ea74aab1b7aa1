//! The whole engine and all reports, fed with packet sequences.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windfall::monitor::Limits;
use windfall_fuzz::frames::frame;
use windfall_fuzz::report::{SMALL, replay_twice};
use windfall_fuzz::traffic::Traffic;

fuzz_target!(|traffic: Traffic| {
    let packets = traffic.packets();
    let limits = if traffic.small {
        SMALL
    } else {
        Limits::default()
    };
    let frames = (1..).zip(&packets);
    replay_twice(
        limits,
        frames.map(|(number, (at, link, bytes))| frame(number, *at, *link, bytes)),
    );
});
