//! DNS over TCP: the same messages however the bytes are cut.

use proptest::prelude::*;

use super::super::testing::{Builder, QUERY, RESPONSE};
use super::super::{DnsError, DnsTcp, MAX_BUFFERED, Message};

fn feed<'a>(
    stream: &mut DnsTcp,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Vec<Result<Message, DnsError>> {
    let mut messages = Vec::new();
    for piece in pieces {
        stream.feed(piece, |message| messages.push(message));
    }
    messages
}

fn ids(messages: &[Result<Message, DnsError>]) -> Vec<Option<u16>> {
    messages
        .iter()
        .map(|message| message.as_ref().ok().map(|message| message.id))
        .collect()
}

/// Two messages, an empty one, one that is none, and one more.
fn wire() -> Vec<u8> {
    let first = Builder::new(1, QUERY).question("gs.apple.com", 1);
    let second = Builder::new(2, RESPONSE)
        .question("gs.apple.com", 1)
        .answer("gs.apple.com", 1, &[17, 1, 2, 3]);
    let last = Builder::new(3, QUERY).question("a", 28);
    [
        first.framed(),
        second.framed(),
        vec![0, 0],
        vec![0, 3, 9, 9, 9],
        last.framed(),
    ]
    .concat()
}

#[test]
fn several_messages_come_in_one_piece_and_one_in_many() {
    let wire = wire();
    let whole = feed(&mut DnsTcp::new(), [&wire[..]]);
    assert_eq!(ids(&whole), [Some(1), Some(2), None, Some(3)]);
    for at in 0..=wire.len() {
        let (first, second) = wire.split_at(at);
        assert_eq!(
            feed(&mut DnsTcp::new(), [first, second]),
            whole,
            "cut at {at}"
        );
    }
    assert_eq!(feed(&mut DnsTcp::new(), wire.chunks(1)), whole);
}

#[test]
fn a_message_beyond_the_bound_is_read_as_far_as_it_is_kept() {
    let mut long = Builder::new(7, RESPONSE).question("a", 16);
    for _ in 0..100 {
        long = long.answer("a", 999, &[0; 255]);
    }
    let wire = [
        long.framed(),
        Builder::new(8, QUERY).question("a", 1).framed(),
    ]
    .concat();
    let whole = feed(&mut DnsTcp::new(), [&wire[..]]);
    assert_eq!(ids(&whole), [Some(7), Some(8)]);
    assert!(whole[0].as_ref().unwrap().cut);
    let mut stream = DnsTcp::new();
    let mut messages = Vec::new();
    for piece in wire.chunks(1000) {
        stream.feed(piece, |message| messages.push(message));
        assert!(stream.buffered() <= MAX_BUFFERED);
    }
    assert_eq!(messages, whole);
    assert_eq!(stream.buffered(), 0);
}

#[test]
fn after_a_gap_the_next_piece_that_starts_like_a_message_is_read() {
    let message = Builder::new(5, QUERY).question("gs.apple.com", 1).framed();
    let mut stream = DnsTcp::new();
    assert!(feed(&mut stream, [&message[..9]]).is_empty());
    stream.gap();
    assert_eq!(stream.buffered(), 0);
    assert!(feed(&mut stream, [&message[9..]]).is_empty());
    assert_eq!(ids(&feed(&mut stream, [&message[..]])), [Some(5)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Bytes are damaged first: lengths grow and shrink.
    #[test]
    fn no_segmentation_changes_the_messages(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        sizes in prop::collection::vec(1usize..60, 1..32),
    ) {
        let mut wire = wire();
        for (place, value) in damage {
            let at = place.index(wire.len());
            wire[at] = value;
        }
        let whole = feed(&mut DnsTcp::new(), [&wire[..]]);
        let mut pieces = Vec::new();
        let (mut rest, mut sizes) = (&wire[..], sizes.iter().cycle());
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.len().min(*sizes.next().unwrap()));
            pieces.push(piece);
            rest = after;
        }
        prop_assert_eq!(feed(&mut DnsTcp::new(), pieces), whole);
    }
}
