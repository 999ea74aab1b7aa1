//! SOCKS conversations: memory is bounded, nothing is said before the server's answer, and cuts change nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windfall::capture::frame::{FrameId, Seen, Timestamp};
use windfall::protocol::socks::SocksSession;
use windfall::protocol::tls::MAX_MESSAGE;
use windfall_fuzz::pieces::{Step, is_gapless, steps};

const SEEN: Seen = Seen {
    at: Timestamp::MIN,
    frame: FrameId::new(0, 1),
};

/// A login: two lengths, each with so many bytes, and a version.
const LONGEST: usize = 1 + 2 * 256;

fuzz_target!(|input: &[u8]| {
    let (mut whole, mut single) = (SocksSession::new(), SocksSession::new());
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
        assert!(whole.buffered() <= LONGEST + 2 * MAX_MESSAGE);
        let facts = whole.facts();
        assert!(facts.confirmed.is_some() || whole.target().is_none());
        assert!(
            facts.confirmed.is_some() || facts.established.is_none() && facts.refusal.is_none()
        );
    }
    if is_gapless(input) {
        assert_eq!(whole.facts(), single.facts());
        assert_eq!(whole.settled(), single.settled());
    }
});
