//! DNS over TCP: however the bytes are cut, the messages are the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windfall::protocol::dns::{DnsTcp, MAX_BUFFERED};
use windfall::side::Side;
use windfall_fuzz::pieces::{Step, is_gapless, steps};

fuzz_target!(|input: &[u8]| {
    let (mut whole, mut single) = (DnsTcp::new(), DnsTcp::new());
    let (mut of_whole, mut of_single) = (Vec::new(), Vec::new());
    for step in steps(input) {
        match step {
            Step::Bytes(_, bytes) => {
                whole.feed(bytes, |message| of_whole.push(message));
                for byte in bytes {
                    single.feed(&[*byte], |message| of_single.push(message));
                }
            }
            Step::Gap(Side::Client) => {
                whole.gap();
                single.gap();
            }
            Step::Gap(Side::Server) | Step::Acknowledges(_) => {}
        }
        assert!(whole.buffered() <= MAX_BUFFERED && single.buffered() <= MAX_BUFFERED);
    }
    if is_gapless(input) {
        assert_eq!(of_whole, of_single);
    }
});
