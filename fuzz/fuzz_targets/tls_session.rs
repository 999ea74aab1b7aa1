//! TLS conversations: memory is bounded, and however the bytes are cut, the facts are the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windfall::capture::frame::Seen;
use windfall::protocol::tls::{MAX_MESSAGE, TlsFacts, TlsSession};
use windfall_fuzz::pieces::{Step, is_gapless, steps};

const SEEN: Seen = Seen {
    at: windfall::capture::frame::Timestamp::MIN,
    frame: windfall::capture::frame::FrameId::new(0, 1),
};

fn facts(session: &TlsSession) -> TlsFacts {
    let mut facts = session.facts().clone();
    if let Some(hello) = &mut facts.client_hello {
        hello.segments = 0;
    }
    facts
}

fuzz_target!(|input: &[u8]| {
    let (mut whole, mut single) = (TlsSession::new(), TlsSession::new());
    for step in steps(input) {
        match step {
            Step::Bytes(side, bytes) => {
                whole.feed(side, SEEN, bytes);
                for byte in bytes {
                    single.feed(side, SEEN, &[*byte]);
                }
            }
            Step::Gap(side) => {
                whole.gap(side);
                single.gap(side);
            }
            Step::Acknowledges(outstanding) => {
                whole.server_acknowledges(outstanding);
                single.server_acknowledges(outstanding);
            }
        }
        assert!(whole.buffered() <= 2 * MAX_MESSAGE);
    }
    if is_gapless(input) {
        assert_eq!(facts(&whole), facts(&single));
    }
});
