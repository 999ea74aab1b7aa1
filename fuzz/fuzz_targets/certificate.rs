//! Certificates: the input is the list of a Certificate message, behind a TLS 1.2 ServerHello.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windfall::capture::frame::Seen;
use windfall::hostname::Hostname;
use windfall::protocol::tls::TlsSession;
use windfall::side::Side;

/// A record with a ServerHello: version, random, no session, a cipher suite, no compression.
fn server_hello() -> Vec<u8> {
    let mut hello = vec![22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3];
    hello.extend([9; 32]);
    hello.extend([0, 0xc0, 0x2f, 0]);
    hello
}

fuzz_target!(|input: &[u8]| {
    let Ok(length) = u16::try_from(input.len()) else {
        return;
    };
    let Some(message) = length.checked_add(3).filter(|length| *length < 16_000) else {
        return;
    };
    let mut wire = server_hello();
    wire.extend([22, 3, 3]);
    wire.extend((message + 4).to_be_bytes());
    wire.extend([11, 0]);
    wire.extend(message.to_be_bytes());
    wire.push(0);
    wire.extend(length.to_be_bytes());
    wire.extend(input);
    let mut session = TlsSession::new();
    session.feed(Side::Server, Seen::default(), &wire);
    assert!(session.facts().server_hello.is_some());
    if let Some(facts) = &session.facts().certificate {
        assert!(facts.chain_length > 0);
        let _ = facts.covers(&Hostname::from("gs.apple.com"));
    }
});
