//! SOCKS conversations: memory is bounded, nothing is said before the server's answer, and cuts change nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windfall::protocol::socks::SocksSession;
use windfall::protocol::tls::MAX_MESSAGE;
use windfall_fuzz::pieces::is_gapless;
use windfall_fuzz::twice;

/// A login: two lengths, each with so many bytes, and a version.
const LONGEST: usize = 1 + 2 * 256;

fuzz_target!(|input: &[u8]| {
    let (whole, single) = twice::read(input, |session: &SocksSession| {
        assert!(session.buffered() <= LONGEST + 2 * MAX_MESSAGE);
        let facts = session.facts();
        assert!(facts.confirmed.is_some() || session.target().is_none());
        assert!(
            facts.confirmed.is_some() || facts.established.is_none() && facts.refusal.is_none()
        );
    });
    if is_gapless(input) {
        assert_eq!(whole.facts(), single.facts());
        assert_eq!(whole.settled(), single.settled());
    }
});
