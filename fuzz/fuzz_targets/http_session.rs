//! HTTP conversations and tunnels: memory is bounded, and however the bytes are cut, the facts are the same, as long as
//! the reader keeps its place: after a body whose end it cannot tell, it takes up where a piece starts like a head.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windfall::protocol::http::{HttpFacts, HttpSession, MAX_BODY_PREFIX, MAX_HEAD, Response};
use windfall::protocol::tls::MAX_MESSAGE;
use windfall_fuzz::pieces::is_gapless;
use windfall_fuzz::twice;

/// Whether a reader cannot have lost its place: it reads on after a response only for these.
fn kept_its_place(facts: &HttpFacts) -> bool {
    let login = |response: &Response| matches!(response.status, 401 | 407);
    facts.connect.is_none()
        && facts.unasked_response.is_none()
        && !facts.response.as_ref().is_some_and(login)
}

fuzz_target!(|input: &[u8]| {
    let (whole, single) = twice::read(input, |session: &HttpSession| {
        assert!(session.buffered() <= 2 * (MAX_HEAD + MAX_MESSAGE));
        let response = session.facts().response.as_ref();
        assert!(response.is_none_or(|response| response.body_prefix.len() <= MAX_BODY_PREFIX));
    });
    let (whole, single) = (whole.facts(), single.facts());
    if is_gapless(input) {
        assert_eq!(whole.request, single.request);
        if kept_its_place(whole) && kept_its_place(single) {
            assert_eq!(whole, single);
        }
    }
});
