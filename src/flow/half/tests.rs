use proptest::prelude::*;

use super::*;
use crate::capture::frame::FrameId;

fn at(millis: u32) -> Seen {
    Seen {
        at: Timestamp::from_nanos(i64::from(millis) * 1_000_000),
        frame: FrameId::new(0, u64::from(millis)),
    }
}

fn data(millis: u32, seq: u32, bytes: u32) -> Segment {
    Segment {
        seen: at(millis),
        seq: Seq(seq),
        payload_bytes: bytes,
        packet_bytes: bytes + 40,
        fin: false,
        push: true,
        into_closed_window: false,
    }
}

fn started(seq: u32) -> Half {
    let mut half = Half::default();
    half.start(Seq(seq));
    half
}

fn ack(half: &mut Half, millis: u32, number: u32) -> bool {
    half.acknowledge(Seq(number), at(millis).at)
}

#[test]
fn bytes_are_new_once_and_wait_for_their_acknowledgment() {
    let mut half = started(100);
    assert_eq!(half.send(&data(0, 100, 50)), Arrival::New);
    assert_eq!(half.send(&data(1, 150, 50)), Arrival::New);
    assert_eq!((half.next, half.new_bytes), (Seq(200), 100));
    assert!(half.outstanding());
    assert!(ack(&mut half, 20, 150) && half.outstanding());
    assert!(!ack(&mut half, 21, 150), "the same again is no progress");
    assert!(!ack(&mut half, 21, 100), "an old one is no progress");
    assert!(ack(&mut half, 22, 200) && !half.outstanding());
    assert_eq!((half.retransmissions, half.trouble.is_none()), (0, true));
}

#[test]
fn numbers_wrap_at_two_to_the_32() {
    let mut half = started(0xffff_fff0);
    assert_eq!(half.send(&data(0, 0xffff_fff0, 0x20)), Arrival::New);
    assert_eq!((half.next, half.new_bytes), (Seq(0x10), 0x20));
    assert!(ack(&mut half, 10, 0xffff_fff8) && half.outstanding());
    assert_eq!(
        half.send(&data(400, 0xffff_fff0, 0x20)),
        Arrival::Retransmission
    );
    assert!(ack(&mut half, 410, 0x10) && !half.outstanding());
    // A hole across the wrap.
    let mut half = started(0xffff_fff0);
    assert_eq!(half.send(&data(0, 0x08, 8)), Arrival::New);
    assert_eq!(half.send(&data(1, 0xffff_fff0, 0x18)), Arrival::OutOfOrder);
    assert!(half.trouble().holes.is_empty());
}

#[test]
fn a_hole_filled_at_once_was_reordered_and_filled_later_was_retransmitted() {
    for (late, arrival, counted) in [
        (2, Arrival::OutOfOrder, 0),
        (3, Arrival::OutOfOrder, 0),
        (40, Arrival::Retransmission, 1),
    ] {
        let mut half = started(0);
        half.send(&data(0, 0, 100));
        half.send(&data(0, 200, 100));
        assert_eq!(half.send(&data(late, 100, 100)), arrival);
        assert_eq!(half.retransmissions, counted);
        assert_eq!(half.new_bytes, 300);
    }
}

#[test]
fn segments_shuffled_in_any_way_are_no_retransmissions() {
    for order in [
        [0, 2, 1, 4, 3],
        [0, 2, 4, 1, 3],
        [0, 4, 2, 3, 1],
        [4, 3, 2, 1, 0],
        [3, 0, 4, 1, 2],
    ] {
        let mut half = started(1000);
        for segment in order {
            let arrival = half.send(&data(1, 1000 + segment * 10, 10));
            assert_ne!(arrival, Arrival::Retransmission, "{order:?}");
        }
        assert_eq!((half.retransmissions, half.new_bytes), (0, 50), "{order:?}");
        assert!(half.trouble().holes.is_empty(), "{order:?}");
    }
}

#[test]
fn holes_are_bounded_and_go_when_the_peer_has_the_bytes() {
    let mut half = started(0);
    for n in 1..100 {
        half.send(&data(n, n * 20, 10));
    }
    assert_eq!(half.trouble().holes.len(), MAX_HOLES);
    assert_eq!(half.trouble().holes[0].from, Seq(0));
    ack(&mut half, 200, 25);
    assert_eq!(half.trouble().holes[0].from, Seq(30));
    ack(&mut half, 201, 1990);
    assert!(half.trouble().holes.is_empty());
}

#[test]
fn keep_alives_are_no_retransmissions_however_often_they_come() {
    let mut half = started(0);
    half.send(&data(0, 0, 100));
    ack(&mut half, 20, 100);
    for n in 1..10 {
        // With one byte of garbage, or with none (RFC 9293 section 3.8.4).
        assert_eq!(half.send(&data(n * 60_000, 99, 1)), Arrival::KeepAlive);
        assert_eq!(half.send(&data(n * 60_000, 99, 0)), Arrival::Empty);
    }
    assert_eq!((half.next, half.retransmissions), (Seq(100), 0));
    assert!(!half.outstanding() && half.trouble.is_none());
}

#[test]
fn window_probes_are_no_retransmissions() {
    let probe = |millis, seq| Segment {
        into_closed_window: true,
        ..data(millis, seq, 1)
    };
    let mut half = started(0);
    half.send(&data(0, 0, 100));
    for n in 1..6 {
        assert_eq!(half.send(&probe(n * 5000, 100)), Arrival::WindowProbe);
        assert_eq!(half.send(&probe(n * 5000, 99)), Arrival::KeepAlive);
    }
    assert_eq!((half.next, half.retransmissions), (Seq(100), 0));
    // What is neither the last byte nor the next one is not how a window is probed.
    assert_eq!(half.send(&probe(30_000, 500)), Arrival::New);
    assert_eq!(half.send(&probe(30_100, 10)), Arrival::Retransmission);
}

#[test]
fn a_single_byte_of_data_is_no_probe() {
    let mut half = started(0);
    assert_eq!(half.send(&data(0, 0, 1)), Arrival::New);
    assert_eq!(half.send(&data(300, 0, 1)), Arrival::Retransmission);
    assert_eq!(half.episode().unwrap().repeats.count, 1);
}

#[test]
fn repeats_of_the_oldest_bytes_are_one_episode_until_they_are_acknowledged() {
    let mut half = started(0);
    half.send(&data(0, 0, 1400));
    half.send(&data(1, 1400, 100));
    for millis in [300, 900, 2100] {
        assert_eq!(half.send(&data(millis, 0, 1400)), Arrival::Retransmission);
    }
    // A repeat of later bytes is counted, but these are not the ones that everything waits for.
    half.send(&data(2200, 1400, 100));
    let episode = half.episode().unwrap().clone();
    assert_eq!((episode.at, episode.repeats.count), (Seq(0), 3));
    assert_eq!(episode.span(), Duration::from_millis(2100));
    assert_eq!(episode.smallest_packet, 1440);
    assert_eq!(half.retransmissions, 4);

    assert!(ack(&mut half, 2150, 1400));
    assert!(half.episode().is_none());
    assert_eq!(half.trouble().worst.as_ref(), Some(&episode));
    // What is left has waited since then only.
    half.send(&data(3150, 1400, 100));
    assert_eq!(half.episode().unwrap().span(), Duration::from_secs(1));
    // The longer run stays the worst.
    ack(&mut half, 3200, 1500);
    assert_eq!(half.trouble().worst.as_ref(), Some(&episode));
}

#[test]
fn an_acknowledgment_of_bytes_never_captured_is_believed_within_reason() {
    let mut half = started(0);
    half.send(&data(0, 0, 100));
    assert!(ack(&mut half, 10, 5000));
    assert_eq!((half.next, half.outstanding()), (Seq(5000), false));
    assert!(!ack(&mut half, 11, 0x7000_0000));
    assert_eq!(half.next, Seq(5000));
    // Of what the acknowledgment vouched for, no byte is new.
    assert_eq!(half.send(&data(12, 4000, 100)), Arrival::Retransmission);
}

#[test]
fn joined_midstream_the_first_number_seen_counts() {
    let mut half = Half::default();
    assert!(!ack(&mut half, 0, 7000), "nothing was known to wait");
    assert_eq!(half.send(&data(1, 7000, 10)), Arrival::New);
    assert!(ack(&mut half, 2, 7010));
}

#[test]
fn a_closed_window_lasts_from_the_first_zero_to_the_last() {
    let mut half = started(0);
    half.advertise(500, at(0));
    assert!(half.trouble.is_none());
    for millis in [1000, 2000, 6000] {
        half.advertise(0, at(millis));
    }
    assert!(half.window_closed);
    let closed = half.trouble().window.clone().unwrap();
    assert_eq!(closed.span(), Duration::from_secs(5));
    assert_eq!(closed.sightings.count, 3);

    half.advertise(1, at(9000));
    assert!(!half.window_closed && half.trouble().window.is_none());
    half.advertise(0, at(10_000));
    half.advertise(1, at(10_100));
    assert_eq!(half.trouble().longest_closed, Some(closed));
}

#[test]
fn a_fin_counts_one_number_once() {
    let mut half = started(0);
    let last = Segment {
        fin: true,
        ..data(5, 0, 10)
    };
    assert_eq!(half.send(&last), Arrival::New);
    assert_eq!((half.next, half.fin), (Seq(11), Some(at(5))));
    let again = Segment {
        seen: at(400),
        ..last
    };
    assert_eq!(half.send(&again), Arrival::Retransmission);
    assert_eq!((half.next, half.fin), (Seq(11), Some(at(5))));
    assert!(ack(&mut half, 410, 11) && !half.outstanding());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn numbers_stay_in_order_whatever_comes(
        base in any::<u32>(),
        steps in prop::collection::vec((0u32..5000, 0u32..1500, any::<[bool; 3]>()), 0..60),
    ) {
        let mut half = started(base);
        for (millis, (offset, bytes, [acknowledges, fin, into_closed_window])) in (0..).zip(steps) {
            let (next, unacked) = (half.next, half.unacked);
            let seq = base.wrapping_add(offset);
            if acknowledges {
                let progress = ack(&mut half, millis, seq);
                prop_assert_eq!(progress, half.unacked.is_after(unacked));
            } else {
                half.send(&Segment { fin, into_closed_window, ..data(millis, seq, bytes) });
            }
            prop_assert!(!half.next.is_before(next) && !half.unacked.is_before(unacked));
            prop_assert!(!half.unacked.is_after(half.next));
            let holes = half.trouble().holes.clone();
            prop_assert!(holes.len() <= MAX_HOLES);
            for hole in holes {
                prop_assert!(hole.from.is_before(hole.to) && !hole.to.is_after(half.next));
            }
        }
    }

    #[test]
    fn forged_numbers_do_no_harm(
        steps in prop::collection::vec(any::<(u32, u32, [bool; 3])>(), 0..60),
    ) {
        let mut half = Half::default();
        for (millis, (seq, bytes, [acknowledges, fin, into_closed_window])) in (0..).zip(steps) {
            if acknowledges {
                ack(&mut half, millis, seq);
            } else {
                half.send(&Segment { fin, into_closed_window, ..data(millis, seq, bytes >> 16) });
            }
            prop_assert!(half.trouble().holes.len() <= MAX_HOLES);
        }
    }
}
