//! The DNS parser agrees with `dns-parser` wherever that crate accepts a message.
//!
//! On questions (name, type) and on the A, AAAA and CNAME records of the answer section; in messages of the bundled
//! captures, made-up ones, and both with bytes changed. `dns-parser` is the oracle and not the parser: it rejects a whole
//! message that holds one type it does not know, such as HTTPS (65), which Apple devices ask for before nearly every
//! connection (tailhook/dns-parser, issue 46), and every name with a label that is not ASCII; its last release is of 2018.
//! It is the laxer one about broken messages: there, what was read before the fault must agree.
#![expect(clippy::unwrap_used, reason = "a test asserts by panicking")]

#[path = "support/captures.rs"]
mod captures;

use std::net::IpAddr;
use std::sync::LazyLock;

use dns_parser::{Packet, RData};
use proptest::prelude::*;
use windfall::capture::Replay;
use windfall::decode::{Decoder, TransportView};
use windfall::hostname::Hostname;
use windfall::protocol::dns::{MAX_QUESTIONS, MAX_RECORDS, RecordData, Section, parse};

/// What both must say of a message.
#[derive(Debug, Default, PartialEq, Eq)]
struct Facts {
    questions: Vec<(Vec<u8>, u16)>,
    answers: Vec<(Vec<u8>, Answer)>,
}

#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Address(IpAddr),
    Alias(Vec<u8>),
}

/// What `dns-parser` finds, if it accepts the message.
fn by_oracle(message: &[u8]) -> Option<Facts> {
    let lower =
        |name: &dns_parser::Name<'_>| undotted(name.to_string().to_ascii_lowercase().into());
    let packet = Packet::parse(message).ok()?;
    let mut facts = Facts::default();
    for question in &packet.questions {
        facts
            .questions
            .push((lower(&question.qname), question.qtype as u16));
    }
    for record in &packet.answers {
        let answer = match record.data {
            RData::A(address) => Answer::Address(address.0.into()),
            RData::AAAA(address) => Answer::Address(address.0.into()),
            RData::CNAME(target) => Answer::Alias(lower(&target.0)),
            _ => continue,
        };
        facts.answers.push((lower(&record.name), answer));
    }
    Some(facts)
}

/// A name without the escapes of its presentation form, which `dns-parser` does not write.
fn plain(name: &Hostname) -> Vec<u8> {
    let mut bytes = name.as_bytes().iter().copied();
    let unescaped = std::iter::from_fn(|| match bytes.next()? {
        b'\\' => bytes.next(),
        byte => Some(byte),
    });
    undotted(unescaped.collect())
}

/// Without dots at the end: `dns-parser` writes one after a name that ends in a pointer to the root.
fn undotted(mut name: Vec<u8>) -> Vec<u8> {
    let length = name.iter().rposition(|byte| *byte != b'.');
    name.truncate(length.map_or(0, |last| last + 1));
    name
}

/// What windfall finds, and whether it says that there was more.
fn by_us(message: &[u8]) -> Option<(Facts, bool)> {
    let message = parse(message).ok()?;
    let mut facts = Facts::default();
    for question in message.question.iter().chain(&message.further_questions) {
        facts
            .questions
            .push((plain(&question.name), question.kind.0));
    }
    for record in &message.records {
        let answer = match &record.data {
            _ if record.section != Section::Answer => continue,
            RecordData::A(address) => Answer::Address((*address).into()),
            RecordData::Aaaa(address) => Answer::Address((*address).into()),
            RecordData::Cname(target) => Answer::Alias(plain(target)),
            _ => continue,
        };
        facts.answers.push((plain(&record.owner), answer));
    }
    Some((facts, message.cut))
}

/// Of a message that may be broken, what was read must agree, and all of it unless more is said to be there.
fn agree(message: &[u8]) {
    let (Some(mut theirs), Some((ours, cut))) = (by_oracle(message), by_us(message)) else {
        return;
    };
    if cut {
        theirs.questions.truncate(ours.questions.len());
        theirs.answers.truncate(ours.answers.len());
    }
    assert_eq!(ours, theirs, "{message:02x?}");
}

/// The messages to and from port 53 and 5353 in all bundled captures.
static RECORDED: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut files = Replay::open(&captures::captures());
    let mut decoder = Decoder::new();
    let mut messages = Vec::new();
    while files.advance() {
        let frame = files.frame().unwrap();
        if let Ok(view) = decoder.decode(&frame)
            && let TransportView::Udp(udp) = view.transport
            && [53, 5353]
                .iter()
                .any(|port| [udp.src_port, udp.dst_port].contains(port))
        {
            messages.push(udp.payload.to_vec());
        }
    }
    messages
});

#[test]
fn recorded_messages_are_read_alike_and_whole() {
    let mut accepted = 0;
    for message in &*RECORDED {
        if let Some(theirs) = by_oracle(message) {
            accepted += 1;
            assert_eq!(by_us(message), Some((theirs, false)), "{message:02x?}");
        }
    }
    assert!(accepted > 100, "{accepted} of {}", RECORDED.len());
}

#[test]
fn the_oracle_rejects_what_apple_devices_ask() {
    let https: Vec<u8> = RECORDED
        .iter()
        .find(|message| {
            let question = parse(message).ok().and_then(|message| message.question);
            question.is_some_and(|question| question.kind.0 == 65)
        })
        .unwrap()
        .clone();
    assert_eq!(by_oracle(&https), None);
}

/// A record as it is made up: owner, type, data.
type Made = (usize, u16, Vec<u8>);

/// Names that records choose from, each a pointer to the question's labels or labels of its own.
fn owner(choice: usize) -> Vec<u8> {
    match choice {
        0 => vec![0xc0, 12],
        1 => vec![0xc0, 14],
        2 => vec![1, b'x', 0xc0, 12],
        3 => vec![3, b'A', b'.', b'\\', 2, b'c', b'.', 0],
        _ => vec![0],
    }
}

/// Records of the types that are compared, and two that are passed over (NS, TXT).
fn made_record() -> impl Strategy<Value = Made> {
    let address = prop::collection::vec(any::<u8>(), 4).prop_map(|data| (1, data));
    let address_v6 = prop::collection::vec(any::<u8>(), 16).prop_map(|data| (28, data));
    let alias = (0..5usize).prop_map(|choice| (5, owner(choice)));
    let server = (0..5usize).prop_map(|choice| (2, owner(choice)));
    let text = prop::collection::vec(any::<u8>(), 0..20).prop_map(|bytes| {
        let length = u8::try_from(bytes.len()).unwrap();
        (16, [&[length], &bytes[..]].concat())
    });
    let data = prop_oneof![address, address_v6, alias, server, text];
    (0..5usize, data).prop_map(|(owner, (kind, data))| (owner, kind, data))
}

/// A response that asks for `label.x` and answers with these records.
fn made(label: u8, records: &[Made]) -> Vec<u8> {
    let mut wire = vec![0, 7, 0x81, 0x80, 0, 1];
    wire.extend(u16::try_from(records.len()).unwrap().to_be_bytes());
    wire.extend([0; 4]);
    wire.extend([1, label, 1, b'X', 0, 0, 1, 0, 1]);
    for (choice, kind, data) in records {
        wire.extend(owner(*choice));
        wire.extend(kind.to_be_bytes());
        wire.extend([0, 1, 0, 0, 0, 60]);
        wire.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        wire.extend(data);
    }
    wire
}

/// Sets bytes, and cuts the end off.
fn mutate(message: &mut Vec<u8>, changes: &[(prop::sample::Index, u8)], cut: usize) {
    for (place, value) in changes {
        if !message.is_empty() {
            let place = place.index(message.len());
            if let Some(byte) = message.get_mut(place) {
                *byte = *value;
            }
        }
    }
    message.truncate(message.len().saturating_sub(cut));
}

proptest! {
    #[test]
    fn made_up_messages_are_read_alike_and_whole(
        label in 0x21u8..0x7f,
        records in prop::collection::vec(made_record(), 0..12),
    ) {
        let message = made(label, &records);
        let theirs = by_oracle(&message);
        prop_assert!(theirs.is_some());
        prop_assert_eq!(by_us(&message), theirs.map(|theirs| (theirs, false)));
    }

    #[test]
    fn changed_messages_are_read_alike(
        recorded in any::<prop::sample::Index>(),
        records in prop::collection::vec(made_record(), 0..12),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in prop_oneof![3 => Just(0usize), 1 => 0..40usize],
    ) {
        let mut both = [recorded.get(&RECORDED).clone(), made(b'A', &records)];
        for message in &mut both {
            mutate(message, &changes, cut);
            agree(message);
        }
    }
}

#[test]
fn a_message_beyond_the_bounds_agrees_as_far_as_it_is_kept() {
    let records = vec![(0, 1, vec![192, 0, 2, 1]); MAX_RECORDS + 1];
    let message = made(b'a', &records);
    agree(&message);
    let (ours, cut) = by_us(&message).unwrap();
    assert!(cut && ours.answers.len() == MAX_RECORDS);
    let mut questions = vec![0, 7, 1, 0, 0, 100, 0, 0, 0, 0, 0, 0];
    questions.extend([1, b'a', 0, 0, 1, 0, 1].repeat(100));
    agree(&questions);
    let (ours, cut) = by_us(&questions).unwrap();
    assert!(cut && ours.questions.len() == MAX_QUESTIONS);
}
