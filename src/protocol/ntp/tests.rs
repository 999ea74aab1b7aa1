//! NTP: packets, the replies to them, and hostile ones.

use super::*;
use crate::capture::frame::FrameId;
use proptest::prelude::*;

/// A header with this mode, stratum, reference and originate, receive and transmit timestamps.
fn packet(mode: u8, stratum: u8, reference: [u8; 4], times: [u64; 3]) -> Vec<u8> {
    let mut wire = vec![0x20 | mode, stratum, 6, 0xec];
    wire.extend([0; 8]);
    wire.extend(reference);
    wire.extend([0; 8]);
    for time in times {
        wire.extend(time.to_be_bytes());
    }
    wire
}

fn seen(millis: i64, number: u64) -> Seen {
    Seen {
        at: Timestamp::from_nanos(1_767_225_600_000_000_000 + millis * 1_000_000),
        frame: FrameId::new(0, number),
    }
}

fn ask(session: &mut NtpSession, at: Seen, times: [u64; 3]) {
    let request = parse(&packet(3, 0, [0; 4], times)).unwrap();
    session.feed(Side::Client, at, request, 64);
}

fn reply(session: &mut NtpSession, at: Seen, times: [u64; 3]) {
    let reply = parse(&packet(4, 1, *b"GPSs", times)).unwrap();
    session.feed(Side::Server, at, reply, 55);
}

#[test]
fn a_header_is_read_and_what_follows_it_is_passed_over() {
    let mut wire = packet(4, 2, [17, 253, 4, 253], [1, 2, 3]);
    wire[0] = 0b11_100_100;
    wire.extend([0xff; 20]);
    let packet = parse(&wire).unwrap();
    assert_eq!(
        (packet.leap, packet.version, packet.mode),
        (3, 4, Mode::Server)
    );
    assert_eq!((packet.stratum, packet.reference), (2, [17, 253, 4, 253]));
    assert_eq!(
        [packet.originate, packet.receive, packet.transmit],
        [1, 2, 3].map(NtpTime)
    );
}

#[test]
fn what_carries_no_time_is_told_apart() {
    let whole = packet(3, 0, [0; 4], [0, 0, 1]);
    assert_eq!(parse(&[]), Err(NtpError::Truncated { have: 0 }));
    assert_eq!(parse(&whole[..47]), Err(NtpError::Truncated { have: 47 }));
    for mode in [0, 6, 7] {
        assert_eq!(
            parse(&packet(mode, 0, [0; 4], [0; 3])),
            Err(NtpError::Mode(mode))
        );
    }
    for (flags, version) in [(0x03, 0), (0x2b, 5), (0x3b, 7)] {
        let mut wire = whole.clone();
        wire[0] = flags;
        assert_eq!(parse(&wire), Err(NtpError::Version(version)));
    }
}

#[test]
fn a_reply_is_the_answer_only_if_it_returns_the_request_s_timestamp() {
    let mut session = NtpSession::default();
    ask(&mut session, seen(0, 1), [0, 0, 77]);
    reply(&mut session, seen(20, 2), [78, 5, 6]);
    assert!(session.requests().last().is_none());
    assert_eq!(session.requests().stray(), Some(seen(20, 2)));
    reply(&mut session, seen(21, 3), [77, 5, 6]);
    assert_eq!(session.requests().last().unwrap().seen, seen(21, 3));
}

#[test]
fn an_interleaved_reply_returns_the_receive_timestamp() {
    let mut session = NtpSession::default();
    ask(&mut session, seen(0, 1), [9, 55, 77]);
    reply(&mut session, seen(20, 2), [55, 5, 6]);
    assert!(session.requests().last().is_some());
    // A receive timestamp of 0 says that there is none, so it is nothing to return.
    let mut session = NtpSession::default();
    ask(&mut session, seen(0, 1), [0, 0, 77]);
    reply(&mut session, seen(20, 2), [0, 5, 6]);
    assert!(session.requests().last().is_none());
}

#[test]
fn a_kiss_has_stratum_0_and_a_code_only_if_it_can_be_read() {
    let kiss = |stratum, reference: [u8; 4]| {
        let packet = parse(&packet(4, stratum, reference, [1; 3])).unwrap();
        Reply { packet, ttl: 55 }.kiss().map(str::to_owned)
    };
    assert_eq!(kiss(0, *b"RATE").as_deref(), Some("RATE"));
    assert_eq!(kiss(0, *b"\x1b[2J").as_deref(), Some(""));
    assert_eq!(kiss(0, [0; 4]).as_deref(), Some(""));
    assert_eq!(kiss(1, *b"RATE"), None);
}

#[test]
fn the_offset_is_told_within_half_the_way_there_and_back() {
    let mut session = NtpSession::default();
    let (asked, answered) = (seen(0, 1), seen(20, 2));
    // The server's clock is 3 s ahead; the request arrives after 8 ms and the reply takes 12.
    let ahead = |millis: i64| NtpTime::at(seen(3000 + millis, 0).at).0;
    ask(&mut session, asked, [0, 0, 77]);
    reply(&mut session, answered, [77, ahead(8), ahead(8)]);
    let (offset, error) = offset(session.requests().last().unwrap()).unwrap();
    assert!((offset - 2_998_000_000).abs() < 10, "{offset}");
    assert!(error.abs_diff(10_000_000) < 10, "{error}");
    assert!(offset.abs_diff(3_000_000_000) <= error);
}

#[test]
fn the_era_that_begins_in_2036_is_no_step_back() {
    let last = NtpTime(u64::MAX);
    assert_eq!(NtpTime(1 << 32).ahead_of(last), 1_000_000_000);
    assert_eq!(last.ahead_of(NtpTime(1 << 32)), -1_000_000_001);
    let in_2036 = Timestamp::from_nanos((4_294_967_296 - UNIX_EPOCH) * 1_000_000_000);
    assert_eq!(NtpTime::at(in_2036), NtpTime(0));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(datagrams in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..70)), 0..30)) {
        let mut session = NtpSession::default();
        for (number, (client, bytes)) in (0..).zip(&datagrams) {
            if let Ok(packet) = parse(bytes) {
                let side = if *client { Side::Client } else { Side::Server };
                session.feed(side, seen(number, 1), packet, 1);
                if let Some(last) = session.requests().last() {
                    let _told = (offset(last), last.answer.kiss(), last.answer.is_unset());
                }
            }
        }
    }
}
