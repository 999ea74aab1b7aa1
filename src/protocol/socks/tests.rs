//! Dialogues as clients and proxies have them, near misses, and the same facts however the bytes are cut.

use proptest::prelude::*;

use super::*;
use crate::protocol::tls::TlsFacts;
use crate::protocol::tls::testing::{frame, recording};

const CLIENT: Side = Side::Client;
const SERVER: Side = Side::Server;

type Turns = Vec<(Side, Vec<u8>)>;

const OFFER: &[u8] = &[5, 2, 0, 2];
const NO_LOGIN: &[u8] = &[5, 0];
const LOGIN: &[u8] = b"\x01\x03lab\x06secret";
const DONE: &[u8] = &[5, 0, 0, 1, 192, 168, 7, 1, 0xc3, 0x50];

/// A request to connect to gs.apple.com:443.
fn request() -> Vec<u8> {
    [b"\x05\x01\x00\x03\x0cgs.apple.com", &[1, 0xbb][..]].concat()
}

/// A request of version 4A.
fn request4() -> Vec<u8> {
    [&[4, 1, 1, 0xbb, 0, 0, 0, 1][..], b"lab\0gs.apple.com\0"].concat()
}

fn turns(turns: &[(Side, &[u8])]) -> Turns {
    let turns = turns.iter();
    turns.map(|(side, bytes)| (*side, bytes.to_vec())).collect()
}

/// A granted request, and then a recorded conversation.
fn granted(inside: &str) -> Turns {
    let mut all = turns(&[
        (CLIENT, OFFER),
        (SERVER, &[5, 2]),
        (CLIENT, LOGIN),
        (SERVER, &[1, 0]),
        (CLIENT, &request()),
        (SERVER, DONE),
    ]);
    let inside = recording(inside).segments().into_iter();
    all.extend(inside.map(|segment| (segment.side, segment.bytes.to_vec())));
    all
}

/// Feeds turns as frames 1, 2, 3 and so on, in pieces of the sizes given.
fn cut(turns: &Turns, mut sizes: impl Iterator<Item = usize>) -> SocksSession {
    let mut session = SocksSession::new();
    for (number, (side, bytes)) in turns.iter().enumerate() {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.len().min(sizes.next().unwrap()));
            session.feed(*side, frame(number + 1), piece);
            rest = after;
        }
    }
    session
}

fn talk(all: &[(Side, &[u8])]) -> SocksSession {
    cut(&turns(all), std::iter::repeat(usize::MAX))
}

fn host(session: &SocksSession) -> Option<(String, u16)> {
    let target = session.target()?;
    Some((target.host.to_text(), target.port))
}

/// After this request, the whole reply.
fn asked(request: &[u8]) -> SocksSession {
    let turns = [(CLIENT, OFFER), (SERVER, NO_LOGIN), (CLIENT, request)];
    talk(&[&turns[..], &[(SERVER, DONE)]].concat())
}

#[test]
fn a_name_an_ipv4_and_an_ipv6_address_are_targets() {
    assert_eq!(
        host(&asked(&request())),
        Some(("gs.apple.com".to_owned(), 443))
    );
    let session = asked(&[5, 1, 0, 1, 17, 1, 2, 3, 0, 80]);
    assert_eq!(host(&session), Some(("17.1.2.3".to_owned(), 80)));
    let ipv6 = [&[5, 1, 0, 4, 0x20, 1, 0xd, 0xb8][..], &[0; 11], &[7, 0, 80]].concat();
    let session = asked(&ipv6);
    assert_eq!(host(&session), Some(("2001:db8::7".to_owned(), 80)));
    assert_eq!(session.facts().established, Some(frame(4)));
}

#[test]
fn after_a_login_the_tls_inside_is_read() {
    let session = cut(&granted("tls13-full"), std::iter::repeat(usize::MAX));
    let facts = session.facts();
    assert_eq!(
        (facts.confirmed, facts.established),
        (Some(frame(2)), Some(frame(6)))
    );
    assert_eq!(session.target().unwrap().seen, frame(5));
    let tls = session.tunnel().unwrap().facts();
    assert_eq!(tls.sni(), Some(&"gs.apple.com".into()));
    assert_eq!(tls.finished, Some(frame(6 + 4)));
    assert!(session.settled());
}

#[test]
fn each_refusal_is_told_with_its_code() {
    let greeted = [(CLIENT, OFFER), (SERVER, &[5, 0xff][..])];
    let login = [
        (CLIENT, OFFER),
        (SERVER, &[5, 2][..]),
        (CLIENT, LOGIN),
        (SERVER, &[1, 7]),
    ];
    for (turns, refusal, target) in [
        (&greeted[..], Refusal::Methods, None),
        (&login[..], Refusal::Login(7), None),
    ] {
        let session = talk(turns);
        let last = frame(turns.len());
        assert_eq!(session.facts().refusal, Some((refusal, last)));
        assert_eq!(host(&session), target);
        assert!(session.settled());
    }
    let request = request();
    for code in 1..=9 {
        // Some proxies send no address with a refusal.
        let reply = [5, code];
        let turns = [(CLIENT, OFFER), (SERVER, NO_LOGIN), (CLIENT, &request)];
        let session = talk(&[&turns[..], &[(SERVER, &reply)]].concat());
        let refusal = Refusal::Reply(code);
        assert_eq!(session.facts().refusal, Some((refusal, frame(4))));
        assert!(host(&session).is_some() && session.facts().established.is_none());
    }
}

#[test]
fn version_4a_has_a_name_and_version_4_an_address() {
    let granted = [0, 90, 0, 0, 0, 0, 0, 0];
    let session = talk(&[(CLIENT, &request4()), (SERVER, &granted)]);
    assert_eq!(host(&session), Some(("gs.apple.com".to_owned(), 443)));
    assert_eq!(session.facts().established, Some(frame(2)));
    let address = [4, 1, 0, 80, 17, 1, 2, 3, 0];
    let session = talk(&[(CLIENT, &address), (SERVER, &[0, 91])]);
    assert_eq!(host(&session), Some(("17.1.2.3".to_owned(), 80)));
    let refusal = Refusal::Version4(91);
    assert_eq!(session.facts().refusal, Some((refusal, frame(2))));
}

#[test]
fn near_misses_are_never_called_socks() {
    let request = request();
    for turns in [
        &[(CLIENT, OFFER), (SERVER, &[5, 1][..])][..], // a method that was not offered
        &[(CLIENT, OFFER), (SERVER, &[4, 0])],
        &[(CLIENT, OFFER), (CLIENT, &request), (SERVER, NO_LOGIN)], // the client does not wait
        &[(SERVER, NO_LOGIN), (CLIENT, OFFER)],
        &[(CLIENT, &[5, 0]), (SERVER, &[5, 0xff])],
        &[(CLIENT, &[6, 1, 0]), (SERVER, NO_LOGIN)],
        &[
            (CLIENT, &[4, 1, 1, 0xbb, 0, 0, 0, 1, 0, 0]),
            (SERVER, &[0, 90]),
        ],
        &[(CLIENT, &request4()), (SERVER, &[4, 90])],
        &[(CLIENT, &request4()), (SERVER, &[0, 94])],
    ] {
        let session = talk(turns);
        assert_eq!(session.facts().confirmed, None, "{turns:x?}");
        assert!(session.settled() && session.target().is_none());
        assert_eq!(session.buffered(), 0);
    }
    // Version 4 gives its strings no length.
    let endless = [&[4, 1, 1, 0xbb, 17, 1, 2, 3][..], &[b'x'; 256]].concat();
    assert!(talk(&[(CLIENT, &endless)]).settled());
}

#[test]
fn what_cannot_be_followed_is_unreadable_and_names_nothing() {
    let udp = [5, 3, 0, 1, 0, 0, 0, 0, 0, 0];
    let strange = [5, 1, 0, 2, 0];
    for turns in [
        &[(CLIENT, OFFER), (SERVER, NO_LOGIN), (CLIENT, &udp[..])][..],
        &[(CLIENT, OFFER), (SERVER, NO_LOGIN), (CLIENT, &strange)],
        &[(CLIENT, &[5, 1, 1]), (SERVER, &[5, 1])], // GSSAPI
        &[(CLIENT, OFFER), (SERVER, &[5, 0, 1])],   // more than the answer
    ] {
        let session = talk(turns);
        assert!(session.facts().confirmed.is_some() && session.facts().unreadable);
        assert!(session.settled() && session.target().is_none());
    }
}

#[test]
fn a_gap_before_the_reply_ends_the_reading_and_one_inside_does_not() {
    let request = request();
    let mut session = talk(&[(CLIENT, OFFER), (SERVER, NO_LOGIN), (CLIENT, &request)]);
    session.gap(SERVER);
    session.feed(SERVER, frame(4), DONE);
    assert!(session.facts().unreadable && session.facts().established.is_none());
    let mut session = asked(&request);
    session.gap(SERVER);
    assert!(!session.facts().unreadable && !session.settled());
}

#[test]
fn a_hello_ahead_of_the_reply_is_inside_once_it_is_granted() {
    let hello = recording("tls13-full").segments()[0].bytes;
    let request = request();
    let mut session = talk(&[(CLIENT, OFFER), (SERVER, NO_LOGIN), (CLIENT, &request)]);
    session.feed(CLIENT, frame(4), hello);
    assert!(session.tunnel().is_none());
    session.feed(SERVER, frame(5), DONE);
    let tls = session.tunnel().unwrap().facts();
    assert_eq!(tls.hello_started, Some(frame(4)));
}

/// Everything a session shows, with the tunnel's TLS.
fn shown(session: &SocksSession) -> (SocksFacts, Option<TlsFacts>, bool) {
    let mut tls = session.tunnel().map(|tls| tls.facts().clone());
    if let Some(hello) = tls.as_mut().and_then(|facts| facts.client_hello.as_mut()) {
        hello.segments = 0;
    }
    (session.facts().clone(), tls, session.settled())
}

fn conversations() -> Vec<Turns> {
    let request = request();
    let refused = turns(&[
        (CLIENT, OFFER),
        (SERVER, NO_LOGIN),
        (CLIENT, &request),
        (SERVER, &[5, 2, 0, 1, 0, 0, 0, 0, 0, 0]),
    ]);
    let version4 = turns(&[
        (CLIENT, &request4()),
        (SERVER, &[0, 90, 0, 0, 0, 0, 0, 0]),
        (CLIENT, b"GET / HTTP/1.1\r\n\r\n"),
    ]);
    vec![
        refused,
        version4,
        granted("tls13-full"),
        granted("tls12-full"),
    ]
}

#[test]
fn one_byte_a_segment_shows_the_same() {
    for turns in conversations() {
        let whole = shown(&cut(&turns, std::iter::repeat(usize::MAX)));
        assert_eq!(shown(&cut(&turns, std::iter::repeat(1))), whole);
    }
}

proptest! {
    /// Bytes are damaged first, so that conversations go where no real one goes.
    #[test]
    fn no_segmentation_changes_what_is_seen(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((0usize..6, any::<prop::sample::Index>(), any::<u8>()), 0..4),
        sizes in prop::collection::vec(1usize..40, 1..64),
    ) {
        let conversations = conversations();
        let mut turns = which.get(&conversations).clone();
        for (turn, place, value) in damage {
            let turn = turn % turns.len();
            let bytes = &mut turns[turn].1;
            let at = place.index(bytes.len());
            bytes[at] = value;
        }
        let whole = shown(&cut(&turns, std::iter::repeat(usize::MAX)));
        prop_assert_eq!(shown(&cut(&turns, sizes.into_iter().cycle())), whole);
    }
}
