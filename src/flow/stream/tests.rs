use proptest::prelude::*;

use super::*;

fn collect(stream: &mut Stream, seq: u32, bytes: &[u8], out: &mut Vec<String>) {
    let len = u32::try_from(bytes.len()).unwrap();
    stream.push(Seq(seq), bytes, len, Seen::default(), &mut |chunk| {
        out.push(show(chunk));
    });
}

fn show(chunk: Chunk<'_>) -> String {
    match chunk {
        Chunk::Bytes(_, bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Chunk::Missing => "…".into(),
    }
}

#[test]
fn segments_out_of_order_come_out_in_order() {
    let (mut stream, mut out) = (Stream::starting_at(Seq(100)), Vec::new());
    collect(&mut stream, 103, b"def", &mut out);
    collect(&mut stream, 106, b"g", &mut out);
    assert!(out.is_empty());
    collect(&mut stream, 100, b"abc", &mut out);
    assert_eq!(out.concat(), "abcdefg");
    assert_eq!(stream.buffered(), 0);
}

#[test]
fn repeated_and_overlapping_bytes_come_out_once() {
    let (mut stream, mut out) = (Stream::starting_at(Seq(u32::MAX - 1)), Vec::new());
    collect(&mut stream, u32::MAX - 1, b"abcd", &mut out);
    collect(&mut stream, u32::MAX - 1, b"abcd", &mut out);
    collect(&mut stream, u32::MAX, b"XYZefg", &mut out);
    assert_eq!(out.concat(), "abcdefg");
}

#[test]
fn a_hole_that_the_peer_acknowledged_is_reported_and_passed() {
    let (mut stream, mut out) = (Stream::starting_at(Seq(0)), Vec::new());
    collect(&mut stream, 0, b"ab", &mut out);
    collect(&mut stream, 5, b"fg", &mut out);
    stream.acknowledged(Seq(7), &mut |chunk| out.push(show(chunk)));
    assert_eq!(out, ["ab", "…", "fg"]);
}

#[test]
fn a_cut_segment_is_reported_as_missing_bytes() {
    let (mut stream, mut out) = (Stream::starting_at(Seq(0)), Vec::new());
    stream.push(Seq(0), b"ab", 10, Seen::default(), &mut |chunk| {
        out.push(show(chunk));
    });
    collect(&mut stream, 10, b"k", &mut out);
    assert_eq!(out, ["ab", "…", "k"]);
}

#[test]
fn what_waits_is_bounded() {
    let (mut stream, mut out) = (Stream::starting_at(Seq(0)), Vec::new());
    let left_out = (0..10_000u32)
        .filter(|n| stream.push(Seq(2 + 2 * n), b"x", 1, Seen::default(), &mut |_| ()))
        .count();
    assert_eq!(left_out, 10_000 - MAX_WAITING_SEGMENTS);
    assert!(stream.buffered() <= MAX_WAITING_BYTES);
    collect(&mut stream, 0, b"ab", &mut out);
    assert_eq!(out.concat(), "abx");
}

#[test]
fn sizes_are_settled_by_acknowledgment_and_sack() {
    let mut stream = Stream::starting_at(Seq(0));
    stream.note_size(Seq(1400), 1452);
    stream.note_size(Seq(1600), 252);
    stream.selectively_acknowledged(Seq(1400), Seq(1600));
    assert!(stream.small_arrived && !stream.large_arrived);
    stream.acknowledged(Seq(1600), &mut |_| ());
    assert!(stream.large_arrived);
}

#[test]
fn where_segments_overlap_each_byte_is_the_one_captured_first() {
    // Behind a hole, in every way that two segments can overlap.
    for (first, second, expected) in [
        ((5, "fgh"), (3, "DEFGHIJ"), "DEfghIJ"),
        ((3, "def"), (5, "FGH"), "defGH"),
        ((5, "fgh"), (3, "DEF"), "DEfgh"),
        ((3, "defgh"), (4, "EF"), "defgh"),
        ((3, "defgh"), (3, "DEFGH"), "defgh"),
    ] {
        let (mut stream, mut out) = (Stream::starting_at(Seq(0)), Vec::new());
        collect(&mut stream, first.0, first.1.as_bytes(), &mut out);
        collect(&mut stream, second.0, second.1.as_bytes(), &mut out);
        assert!(out.is_empty());
        collect(&mut stream, 0, b"abc", &mut out);
        assert_eq!(out.concat(), format!("abc{expected}"));
        assert_eq!(stream.buffered(), 0);
    }
    // And between what waits and what closes the hole.
    let (mut stream, mut out) = (Stream::starting_at(Seq(0)), Vec::new());
    collect(&mut stream, 2, b"cd", &mut out);
    collect(&mut stream, 5, b"f", &mut out);
    collect(&mut stream, 0, b"ABCDEFGH", &mut out);
    assert_eq!(out.concat(), "ABcdEfGH");
}

#[test]
fn a_hole_across_the_wrap_closes() {
    let (mut stream, mut out) = (Stream::starting_at(Seq(u32::MAX - 3)), Vec::new());
    collect(&mut stream, 4, b"ij", &mut out);
    collect(&mut stream, 0, b"efgh", &mut out);
    collect(&mut stream, u32::MAX - 3, b"abcd", &mut out);
    assert_eq!(out.concat(), "abcdefghij");
}

#[test]
fn bytes_wait_up_to_16_kib_a_direction() {
    let mut stream = Stream::starting_at(Seq(0));
    let held = |stream: &mut Stream, seq: u32| {
        !stream.push(Seq(seq), &[0; 1024], 1024, Seen::default(), &mut |_| ())
    };
    let kept = (0..20).filter(|n| held(&mut stream, 1 + n * 1024)).count();
    assert_eq!((kept, stream.buffered()), (16, MAX_WAITING_BYTES));
    // A repetition of what waits needs no room and is not called left out.
    assert!(held(&mut stream, 1));
    stream.acknowledged(Seq(1 + 20 * 1024), &mut |_| ());
    assert_eq!(stream.buffered(), 0);
}

#[test]
fn a_cut_segment_that_waited_is_reported_in_its_place() {
    let (mut stream, mut out) = (Stream::starting_at(Seq(0)), Vec::new());
    stream.push(Seq(2), b"c", 3, Seen::default(), &mut |_| ());
    collect(&mut stream, 5, b"f", &mut out);
    collect(&mut stream, 0, b"ab", &mut out);
    assert_eq!(out, ["ab", "c", "…", "f"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Segment number `n` consists of bytes `n`; a table of who came first is the model.
    #[test]
    fn whatever_overlaps_each_byte_comes_once_in_order_from_its_first_segment(
        base in prop_oneof![Just(0u32), Just(u32::MAX - 30), any::<u32>()],
        segments in prop::collection::vec((0usize..100, 0usize..40), 1..24),
    ) {
        let (mut stream, mut out) = (Stream::starting_at(Seq(base)), Vec::new());
        let mut first = [None; 140];
        for (number, &(start, length)) in (0u8..).zip(&segments) {
            let seq = Seq(base).plus(u32::try_from(start).unwrap());
            let bytes = vec![number; length];
            let wire_len = u32::try_from(length).unwrap();
            let left_out = stream.push(seq, &bytes, wire_len, Seen::default(), &mut |chunk| match chunk {
                Chunk::Bytes(_, bytes) => out.extend_from_slice(bytes),
                Chunk::Missing => out.push(u8::MAX),
            });
            prop_assert!(!left_out);
            for byte in &mut first[start..start + length] {
                byte.get_or_insert(number);
            }
            let expected: Vec<u8> = first.iter().map_while(|byte| *byte).collect();
            prop_assert_eq!(&out, &expected);
            let waits = first.iter().flatten().count() - expected.len();
            prop_assert_eq!(stream.buffered(), waits);
        }
    }
}
