//! One conversation read twice: in the pieces that it came in, and one byte at a time.

use windfall::capture::frame::{FrameId, Seen, Timestamp};
use windfall::protocol::http::HttpSession;
use windfall::protocol::socks::SocksSession;
use windfall::protocol::tls::TlsSession;
use windfall::side::Side;

use crate::pieces::{Step, steps};

/// The frame of every byte: where a conversation is cut must not matter.
const SEEN: Seen = Seen {
    at: Timestamp::MIN,
    frame: FrameId::new(0, 1),
};

/// What reads a conversation over TCP.
pub trait Reader: Default {
    /// Takes bytes of a side.
    fn feed(&mut self, side: Side, bytes: &[u8]);
    /// Bytes of a side are missing.
    fn gap(&mut self, side: Side);
    /// The server has all of the client's bytes but the last few.
    fn server_acknowledges(&mut self, outstanding: u64);
}

macro_rules! readers {
    ($($session:ty)*) => {$(
        impl Reader for $session {
            fn feed(&mut self, side: Side, bytes: &[u8]) {
                <$session>::feed(self, side, SEEN, bytes);
            }

            fn gap(&mut self, side: Side) {
                <$session>::gap(self, side);
            }

            fn server_acknowledges(&mut self, outstanding: u64) {
                <$session>::server_acknowledges(self, outstanding);
            }
        }
    )*};
}

readers!(TlsSession HttpSession SocksSession);

/// Reads the conversation of an input in its pieces and byte by byte; after each step `holds` looks at the former.
pub fn read<R: Reader>(input: &[u8], holds: impl Fn(&R)) -> (R, R) {
    let (mut whole, mut single) = (R::default(), R::default());
    for step in steps(input) {
        match step {
            Step::Bytes(side, bytes) => {
                whole.feed(side, bytes);
                for byte in bytes {
                    single.feed(side, &[*byte]);
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
        holds(&whole);
    }
    (whole, single)
}
