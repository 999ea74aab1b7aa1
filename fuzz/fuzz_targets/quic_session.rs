//! QUIC conversations: datagrams as they are, and after a first byte of zero, frames that are sealed in an Initial.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windfall::capture::frame::Seen;
use windfall::protocol::quic::{QuicSession, is_initial, is_quic, short_header_id};
use windfall_fuzz::pieces::{Step, steps};
use windfall_fuzz::quic::Sealer;

/// Hop limit of all datagrams.
const TTL: u8 = 64;

/// Crypto bytes that may wait in one direction.
const MAX_WAITING: usize = 16 * 1024;

fuzz_target!(|input: &[u8]| {
    let (mut session, mut sealer) = (QuicSession::new(), Sealer::default());
    for step in steps(input) {
        let Step::Bytes(side, bytes) = step else {
            continue;
        };
        let sealed;
        let datagram = match bytes {
            [0, frames @ ..] => {
                sealed = sealer.initial(side, frames);
                &sealed
            }
            raw => raw,
        };
        let _ = (
            is_quic(datagram),
            is_initial(datagram),
            short_header_id(datagram),
        );
        let _ = session.is_followed_by(datagram);
        session.feed(side, Seen::default(), TTL, datagram);
        assert!(session.buffered() <= 2 * MAX_WAITING);
        session.take_bitten();
    }
});
