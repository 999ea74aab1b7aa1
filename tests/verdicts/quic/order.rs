//! How a flight is cut into datagrams, and in which order and how often they come, changes no fact.

use proptest::prelude::*;
use windfall::capture::frame::{FrameId, Seen, Timestamp};
use windfall::protocol::quic::{QuicFacts, QuicSession};
use windfall::side::Side;

use super::TTL;
use crate::support::HOST;
use crate::support::quic::{
    ACK_FRAME, Quic, client_hello, crypto, large_client_hello, server_hello,
};
use crate::support::tcp::From;

/// The frame of a flight: all its datagrams carry it, as their order is what must not matter.
fn seen(flight: u64) -> Seen {
    Seen {
        at: Timestamp::from_nanos(i64::try_from(flight).unwrap() * 30_000_000),
        frame: FrameId::new(0, flight),
    }
}

/// Pieces of a message, `size` bytes each and `overlap` more, one Initial each.
fn initials(
    quic: &mut Quic,
    from: From,
    message: &[u8],
    size: usize,
    overlap: usize,
) -> Vec<Vec<u8>> {
    (0..message.len())
        .step_by(size)
        .map(|start| {
            let end = (start + size + overlap).min(message.len());
            let frames = [&ACK_FRAME[..], &crypto(start, &message[start..end])].concat();
            quic.initial_of(from, &frames, 0)
        })
        .collect()
}

/// A conversation in four flights, each as datagrams.
fn flights(retry: bool, hello: &[u8], size: usize, overlap: usize) -> Vec<(Side, Vec<Vec<u8>>)> {
    let mut quic = Quic::new(50_000);
    let mut flights = Vec::new();
    if retry {
        flights.push((
            Side::Client,
            initials(&mut quic, From::Client, hello, size, overlap),
        ));
        flights.push((Side::Server, vec![quic.retry(b"token")]));
    }
    flights.push((
        Side::Client,
        initials(&mut quic, From::Client, hello, size, overlap),
    ));
    let mut answer = initials(&mut quic, From::Server, &server_hello(), size, overlap);
    quic.answered = true;
    answer.push(quic.handshake(From::Server, 900));
    answer.push(quic.handshake(From::Server, 300));
    flights.push((Side::Server, answer));
    let moves = vec![
        quic.initial_of(From::Client, &ACK_FRAME, 0),
        quic.handshake(From::Client, 60),
        quic.one_rtt(From::Client, 300),
    ];
    flights.push((Side::Client, moves));
    flights.push((Side::Server, vec![quic.one_rtt(From::Server, 900)]));
    flights
}

/// Facts, but for the number and the size of the datagrams that the hello came in.
fn facts(flights: &[(Side, Vec<Vec<u8>>)]) -> QuicFacts {
    let mut session = QuicSession::new();
    for (number, (side, datagrams)) in (1..).zip(flights) {
        for datagram in datagrams {
            session.feed(*side, seen(number), TTL, datagram);
        }
    }
    let mut facts = session.facts().clone();
    if let Some(hello) = &mut facts.tls.client_hello {
        hello.segments = 0;
    }
    facts.largest_initial = 0;
    facts
}

proptest! {
    #[test]
    fn no_order_cut_or_copy_of_datagrams_changes_what_is_seen(
        large in any::<bool>(),
        retry in any::<bool>(),
        // Fewer Initials in all than a session opens.
        size in 200usize..1000,
        overlap in 0usize..100,
        keys in prop::collection::vec(any::<u32>(), 64),
        copies in prop::collection::vec(1usize..3, 64),
    ) {
        let hello = if large { large_client_hello(HOST, 1500) } else { client_hello(HOST) };
        let plain = facts(&flights(retry, &hello, 4000, 0));
        prop_assert!(plain.finished.is_some());
        let mixed: Vec<_> = flights(retry, &hello, size, overlap)
            .into_iter()
            .map(|(side, datagrams)| {
                let mut order: Vec<_> = datagrams
                    .into_iter()
                    .zip(&copies)
                    .flat_map(|(datagram, copies)| vec![datagram; *copies])
                    .zip(&keys)
                    .collect();
                order.sort_by_key(|(_, key)| **key);
                (side, order.into_iter().map(|(datagram, _)| datagram).collect::<Vec<_>>())
            })
            .collect();
        prop_assert_eq!(facts(&mixed), plain);
    }

    #[test]
    fn any_bytes_are_survived(
        datagrams in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..200)), 0..20),
        first in 0u8..=255,
    ) {
        let mut session = QuicSession::new();
        for (client, mut datagram) in datagrams {
            if let Some(byte) = datagram.first_mut() {
                *byte = first;
            }
            if let Some(version) = datagram.get_mut(1..5) {
                version.copy_from_slice(&[0, 0, 0, 1]);
            }
            let side = if client { Side::Client } else { Side::Server };
            session.feed(side, seen(1), TTL, &datagram);
        }
    }

    #[test]
    fn any_frames_are_survived(frames in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut quic = Quic::new(50_000);
        let mut session = QuicSession::new();
        session.feed(Side::Client, seen(1), TTL, &quic.initial(From::Client, &frames));
        prop_assert!(session.first_id().is_some());
    }
}
