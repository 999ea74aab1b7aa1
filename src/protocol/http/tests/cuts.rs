//! The same facts however the bytes are cut.

use proptest::prelude::*;

use super::*;
use crate::protocol::tls::TlsFacts;

/// Everything a session shows, with the tunnel's TLS.
fn shown(session: &HttpSession) -> (HttpFacts, Option<TlsFacts>, bool) {
    let mut tls = session.tunnel().map(|tls| tls.facts().clone());
    if let Some(hello) = tls.as_mut().and_then(|facts| facts.client_hello.as_mut()) {
        hello.segments = 0;
    }
    (session.facts().clone(), tls, session.settled())
}

/// Conversations to cut, as turns.
fn conversations() -> Vec<Vec<(Side, Vec<u8>)>> {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nSuccess\r\n0\r\n\r\n";
    let texts: [&[(Side, &str)]; 5] = [
        &[
            (CLIENT, GET),
            (SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 68\r\n\r\n"),
            (SERVER, PAGE),
        ],
        &[
            (CLIENT, GET),
            (CLIENT, GET),
            (SERVER, "HTTP/1.1 100 Continue\r\n\r\n"),
            (SERVER, chunked),
        ],
        &[(CLIENT, "HEAD / HTTP/1.1\r\n\r\n"), (SERVER, chunked)],
        &[
            (SERVER, "HTTP/1.0 408 Gone\r\nContent-Length: 1\r\n\r\nx"),
            (CLIENT, GET),
            (SERVER, chunked),
        ],
        &[
            (CLIENT, "GET / HTTP/1.1\r\nX:\r\n y\r\n\r\n"),
            (SERVER, "HTTP/1.1 302 F\r\nLocation: //a.b\r\n\r\n"),
        ],
    ];
    let texts = texts.iter().map(|turns| {
        let turns = turns.iter();
        turns
            .map(|(side, text)| (*side, text.as_bytes().to_vec()))
            .collect()
    });
    texts
        .chain([tunnels::login("tls13-full"), tunnels::login("tls12-full")])
        .chain(tunnels::UNFRAMED.map(|refusal| tunnels::refused_with(refusal, "tls13-full")))
        .collect()
}

#[test]
fn no_cut_changes_what_is_seen() {
    for turns in conversations() {
        let whole = shown(&cut(&turns, std::iter::repeat(usize::MAX)));
        assert_eq!(shown(&cut(&turns, std::iter::repeat(1))), whole);
        for at in 1..turns
            .iter()
            .map(|(_, bytes)| bytes.len())
            .max()
            .unwrap_or(0)
        {
            assert_eq!(
                shown(&cut(&turns, std::iter::repeat(at))),
                whole,
                "pieces of {at}"
            );
        }
    }
}

/// Feeds turns as frames 1, 2, 3 and so on, in pieces of the sizes given.
pub(super) fn cut(
    turns: &[(Side, Vec<u8>)],
    mut sizes: impl Iterator<Item = usize>,
) -> HttpSession {
    let mut session = HttpSession::new();
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Bytes are damaged first, so that conversations go where no real one goes.
    #[test]
    fn no_segmentation_changes_what_is_seen(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        sizes in prop::collection::vec(1usize..400, 1..64),
    ) {
        let conversations = conversations();
        let mut turns = which.get(&conversations).clone();
        for (place, value) in damage {
            let bytes = &mut place.index(turns.len());
            let bytes = &mut turns[*bytes].1;
            let at = place.index(bytes.len());
            bytes[at] = value;
        }
        let whole = shown(&cut(&turns, std::iter::repeat(usize::MAX)));
        prop_assert_eq!(shown(&cut(&turns, sizes.into_iter().cycle())), whole);
    }
}
