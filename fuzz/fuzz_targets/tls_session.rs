//! TLS conversations: memory is bounded, and however the bytes are cut, the facts are the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windfall::protocol::tls::{MAX_MESSAGE, TlsFacts, TlsSession};
use windfall_fuzz::pieces::is_gapless;
use windfall_fuzz::twice;

fn facts(session: &TlsSession) -> TlsFacts {
    let mut facts = session.facts().clone();
    if let Some(hello) = &mut facts.client_hello {
        hello.segments = 0;
    }
    facts
}

fuzz_target!(|input: &[u8]| {
    let (whole, single) = twice::read(input, |session: &TlsSession| {
        assert!(session.buffered() <= 2 * MAX_MESSAGE);
    });
    if is_gapless(input) {
        assert_eq!(facts(&whole), facts(&single));
    }
});
