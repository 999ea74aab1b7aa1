//! NAT-PMP and PCP: messages, their answers, and hostile ones.

use super::*;
use crate::capture::frame::{FrameId, Timestamp};
use proptest::prelude::*;

fn seen(seconds: i64, number: u64) -> Seen {
    Seen {
        at: Timestamp::from_nanos(seconds * 1_000_000_000),
        frame: FrameId::new(0, number),
    }
}

/// A NAT-PMP response: opcode, result, epoch and what follows.
fn response(opcode: u8, result: u8, epoch: u32, rest: &[u8]) -> Vec<u8> {
    let mut wire = vec![0, opcode, 0, result];
    wire.extend(epoch.to_be_bytes());
    wire.extend(rest);
    wire
}

/// A request of NAT-PMP to map a port.
fn map(opcode: u8, port: u16) -> Vec<u8> {
    let mut wire = vec![0, opcode, 0, 0];
    wire.extend(port.to_be_bytes());
    wire.extend([0x20, 0, 0, 0, 0x1c, 0x20]);
    wire
}

/// A PCP message: opcode, third and fourth byte, what follows the header.
fn pcp(opcode: u8, result: u8, rest: &[u8]) -> Vec<u8> {
    let mut wire = vec![2, opcode, 0, result, 0, 0, 0x1c, 0x20, 0, 0, 3, 0xe8];
    wire.extend([0; 12]);
    wire.extend(rest);
    wire
}

/// What PCP's MAP carries: nonce, protocol, ports, address.
fn pcp_map(nonce: u8, port: u16) -> Vec<u8> {
    let mut data = vec![nonce; 12];
    data.extend([6, 0, 0, 0]);
    data.extend(port.to_be_bytes());
    data.extend([0; 18]);
    data
}

fn session(messages: &[(Side, Vec<u8>)]) -> NatPmpSession {
    let mut session = NatPmpSession::default();
    for (number, (side, wire)) in (1..).zip(messages) {
        let at = i64::try_from(number).unwrap();
        session.feed(*side, seen(at, number), parse(wire).unwrap());
    }
    session
}

use Side::{Client, Server};

#[test]
fn requests_and_responses_of_both_protocols_are_read() {
    assert!(matches!(parse(&[0, 0]), Ok(Message::Request(request)) if request.port.is_none()));
    let Ok(Message::Request(asked)) = parse(&map(2, 3689)) else {
        unreachable!("a request")
    };
    assert_eq!(
        (asked.protocol, asked.opcode, asked.port),
        (Protocol::NatPmp, 2, Some(3689))
    );
    let wire = response(0x80, 0, 1000, &[198, 51, 100, 7]);
    let Ok(Message::Response(_, told)) = parse(&wire) else {
        unreachable!("a response")
    };
    assert_eq!((told.result, told.epoch), (0, Some(1000)));
    assert_eq!(told.address, Some(Ipv4Addr::new(198, 51, 100, 7)));
    let Ok(Message::Response(asked, told)) = parse(&pcp(0x81, 8, &pcp_map(7, 80))) else {
        unreachable!("a response")
    };
    assert_eq!((asked.port, asked.nonce), (Some(80), Some([7; 12])));
    assert_eq!(
        (told.result, told.epoch, told.result_name()),
        (8, Some(1000), "no resources")
    );
}

#[test]
fn what_is_too_short_or_of_another_version_is_told_apart() {
    let short = |need, have| Err(NatPmpError::Truncated { need, have });
    assert_eq!(parse(&[]), short(2, 0));
    assert_eq!(parse(&[0]), short(2, 1));
    assert_eq!(parse(&map(1, 80)[..11]), short(12, 11));
    assert_eq!(parse(&[0, 0x80, 0]), short(4, 3));
    assert_eq!(parse(&pcp(1, 0, &[])), short(60, 24));
    assert_eq!(parse(&pcp(2, 0, &pcp_map(1, 80))), short(80, 60));
    assert_eq!(parse(&pcp(0, 0, &[])[..23]), short(24, 23));
    assert_eq!(parse(&[1, 0, 0, 0]), Err(NatPmpError::Version(1)));
    assert_eq!(
        parse(&pcp(0x80, 0, &[0; 1077])),
        Err(NatPmpError::TooLong(1101))
    );
}

#[test]
fn a_response_answers_the_request_with_its_opcode_and_port() {
    let granted = |opcode, port: u16| {
        response(
            opcode,
            0,
            9,
            &[port.to_be_bytes(), [9, 9], [0, 0], [1, 0]].concat(),
        )
    };
    for (reply, fits) in [
        (granted(0x82, 3689), true),
        (granted(0x81, 3689), false),
        (granted(0x82, 3690), false),
        (response(0x82, 4, 9, &[]), true),
        (response(0x81, 4, 9, &[]), false),
        // A gateway that speaks another version.
        (pcp(0x82, 1, &[]), true),
        (pcp(0x82, 8, &[]), false),
    ] {
        let session = session(&[(Client, map(2, 3689)), (Server, reply.clone())]);
        assert_eq!(session.requests().last().is_some(), fits, "{reply:x?}");
    }
}

#[test]
fn a_response_of_pcp_repeats_the_nonce() {
    for (nonce, fits) in [(7, true), (8, false)] {
        let session = session(&[
            (Client, pcp(1, 0, &pcp_map(7, 80))),
            (Server, pcp(0x81, 0, &pcp_map(nonce, 80))),
        ]);
        assert_eq!(session.requests().last().is_some(), fits);
        assert_eq!(session.requests().stray().is_some(), !fits);
    }
}

#[test]
fn a_refusal_stands_until_the_same_request_is_granted() {
    let refused = (Server, response(0x82, 4, 9, &[]));
    let address = [
        (Client, vec![0, 0]),
        (Server, response(0x80, 0, 9, &[1, 2, 3, 4])),
    ];
    let granted = (
        Server,
        response(0x82, 0, 9, &[0x0e, 0x69, 9, 9, 0, 0, 1, 0]),
    );
    let ask = (Client, map(2, 3689));
    let mut messages = vec![ask.clone(), refused];
    messages.extend(address);
    assert_eq!(
        session(&messages).refused().unwrap().request.port,
        Some(3689)
    );
    messages.extend([ask, granted]);
    assert!(session(&messages).refused().is_none());
}

#[test]
fn a_version_that_the_gateway_does_not_speak_is_forgotten_once_it_grants_another() {
    let mut messages = vec![
        (Client, pcp(1, 0, &pcp_map(7, 80))),
        (Server, response(0x81, 1, 9, &[])),
    ];
    assert!(session(&messages).refused().unwrap().is_about_version());
    messages.extend([
        (Client, map(2, 80)),
        (Server, response(0x82, 0, 9, &[0, 80, 0, 80, 0, 0, 1, 0])),
    ]);
    assert!(session(&messages).refused().is_none());
}

#[test]
fn an_epoch_that_steps_back_is_a_gateway_that_started_anew() {
    let announce = |epoch| (Server, response(0x80, 0, epoch, &[1, 2, 3, 4]));
    for (second, restarted) in [
        (5000, false),
        (5001, false),
        (4998, false),
        (4997, true),
        (0, true),
    ] {
        let session = session(&[announce(5000), announce(second)]);
        assert_eq!(session.restarted().is_some(), restarted, "{second}");
        assert_eq!(session.announced().unwrap().0, seen(1, 1));
        assert!(!session.requests().was_used() && session.requests().stray().is_none());
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(datagrams in prop::collection::vec((any::<bool>(), prop::collection::vec(prop_oneof![3 => 0u8..4, 1 => any::<u8>()], 0..90)), 0..30)) {
        let mut session = NatPmpSession::default();
        for (number, (client, wire)) in (0..).zip(&datagrams) {
            if let Ok(message) = parse(wire) {
                session.feed(if *client { Client } else { Server }, seen(number, 1), message);
                let (Message::Request(request) | Message::Response(request, _)) = message;
                prop_assert!(!request.describe().is_empty());
            }
        }
    }
}
