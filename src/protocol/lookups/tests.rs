//! Questions, their retransmissions, and the answers that belong to them.

use super::*;
use crate::capture::frame::{FrameId, Timestamp};
use crate::protocol::dns::testing::{Builder, QUERY, RESPONSE};

const NAME: &str = "gs.apple.com";
const TRUNCATED: u16 = RESPONSE | 0x0200;

fn udp(port: u16) -> Parties {
    Parties {
        client: ([192, 0, 2, 1].into(), port),
        resolver: [192, 0, 2, 53].into(),
        over_tcp: false,
        place: Place::default(),
    }
}

fn tcp(port: u16) -> Parties {
    Parties {
        over_tcp: true,
        place: Place::default(),
        ..udp(port)
    }
}

fn at(millis: i64) -> Seen {
    Seen {
        at: Timestamp::from_nanos(millis * 1_000_000),
        frame: FrameId::new(0, u64::try_from(millis).unwrap()),
    }
}

fn query(id: u16) -> Message {
    Builder::new(id, QUERY).question(NAME, 1).read()
}

fn answer(id: u16, flags: u16) -> Message {
    Builder::new(id, flags)
        .question("GS.apple.COM", 1)
        .answer(NAME, 1, &[17, 1, 2, 3])
        .read()
}

/// Lets a book take messages, each with who sent it and when.
fn book(messages: &[(Parties, Message, i64)]) -> LookupBook {
    let mut book = LookupBook::new(100);
    for (who, message, millis) in messages {
        if message.response {
            book.answered(*who, message, at(*millis), |_| Wanted::No);
        } else {
            book.asked(*who, message, at(*millis), |_| Wanted::No);
        }
    }
    book
}

/// The time of each lookup's answer, if it has one.
fn answers(book: &LookupBook) -> Vec<Option<Seen>> {
    let lookups = book.lookups().iter();
    lookups
        .map(|lookup| lookup.answer.as_ref().map(|answer| answer.seen))
        .collect()
}

#[test]
fn retransmissions_are_one_question() {
    let book = book(&[
        (udp(1000), query(7), 1),
        (udp(1001), query(7), 1001),
        (udp(1001), answer(7, RESPONSE), 1050),
        (udp(1001), answer(7, RESPONSE | 3), 1051),
    ]);
    assert_eq!(answers(&book), [Some(at(1050))]);
    let lookup = &book.lookups()[0];
    assert_eq!((lookup.sent.count, lookup.first()), (2, at(1)));
    let response = lookup.answer.as_ref().unwrap();
    assert_eq!((response.rcode, response.addresses.len()), (0, 1));
}

#[test]
fn another_identifier_type_or_resolver_is_another_question() {
    let other_resolver = Parties {
        resolver: [192, 0, 2, 54].into(),
        ..udp(1)
    };
    let book = book(&[
        (udp(1), query(7), 1),
        (udp(1), query(8), 2),
        (other_resolver, query(7), 3),
        (udp(1), Builder::new(7, QUERY).question(NAME, 28).read(), 4),
        (udp(1), answer(8, RESPONSE), 10),
    ]);
    assert_eq!(answers(&book), [None, Some(at(10)), None, None]);
}

#[test]
fn an_identifier_that_comes_again_is_a_new_question_and_answers_go_to_the_latest() {
    let book = book(&[
        (udp(1), query(7), 1),
        (udp(1), answer(7, RESPONSE), 20),
        (udp(1), query(7), 10_000),
        (udp(1), answer(7, RESPONSE), 10_020),
        (udp(1), query(7), 50_000),
    ]);
    assert_eq!(answers(&book), [Some(at(20)), Some(at(10_020)), None]);
}

#[test]
fn a_repetition_soon_after_the_answer_is_no_new_question() {
    let book = book(&[
        (udp(1), query(7), 1),
        (udp(1), answer(7, RESPONSE), 20),
        (udp(1), query(7), 1000),
    ]);
    assert_eq!(book.lookups().len(), 1);
    assert_eq!(book.lookups()[0].sent.count, 2);
}

#[test]
fn a_truncated_answer_waits_for_tcp_whatever_the_identifier() {
    let book = book(&[
        (udp(1), query(7), 1),
        (udp(1), answer(7, TRUNCATED), 20),
        (tcp(2), query(9), 40),
        (tcp(2), answer(9, RESPONSE), 60),
    ]);
    assert_eq!(answers(&book), [Some(at(60))]);
    let lookup = &book.lookups()[0];
    assert_eq!((lookup.truncated, lookup.first()), (Some(at(20)), at(1)));
    assert!(lookup.over_tcp);
}

#[test]
fn an_error_that_repeats_no_question_is_an_answer() {
    let bare = |id, rcode| Builder::new(id, RESPONSE | rcode).read();
    let book = book(&[
        (udp(1), query(7), 1),
        (udp(2), query(8), 2),
        // Another port, another identifier, no error: none of these is meant.
        (udp(3), bare(7, 5), 3),
        (udp(1), bare(8, 5), 4),
        (udp(2), bare(8, 0), 5),
        (udp(1), bare(7, 5), 6),
    ]);
    assert_eq!(answers(&book), [Some(at(6)), None]);
    assert_eq!(book.lookups()[0].answer.as_ref().unwrap().rcode, 5);
}

#[test]
fn an_answer_cut_before_its_question_is_an_answer_that_proves_no_absence() {
    let mut cut = answer(7, RESPONSE);
    (cut.question, cut.cut) = (None, true);
    cut.records.clear();
    let cut_book = book(&[(udp(1), query(7), 1), (udp(1), cut, 6)]);
    let response = cut_book.lookups()[0].answer.as_ref().unwrap();
    assert_eq!((response.seen, response.rcode), (at(6), 0));
    assert!(response.cut);
    let truncated = Builder::new(7, TRUNCATED).read();
    let book = book(&[(udp(1), query(7), 1), (udp(1), truncated, 6)]);
    assert_eq!(
        (answers(&book), book.lookups()[0].truncated),
        (vec![None], Some(at(6)))
    );
}

#[test]
fn updates_and_notifications_are_no_questions() {
    let update = Builder::new(7, 5 << 11).question(NAME, 6).read();
    let done = Builder::new(7, 0x8000 | 5 << 11).question(NAME, 6).read();
    assert!(
        book(&[(udp(1), update, 1), (udp(1), done, 2)])
            .lookups()
            .is_empty()
    );
}

#[test]
fn an_answer_alone_is_kept() {
    let book = book(&[(udp(1), answer(7, RESPONSE), 5)]);
    let lookup = &book.lookups()[0];
    assert_eq!((lookup.sent.count, lookup.first()), (0, at(5)));
}

#[test]
fn an_icmp_error_is_about_the_open_question_of_its_port() {
    let mut book = book(&[(udp(1), query(7), 1), (udp(2), query(8), 2)]);
    let error = Unreachable {
        seen: at(9),
        from: [192, 0, 2, 254].into(),
        ttl: 64,
    };
    let resolver = [192, 0, 2, 53].into();
    assert!(book.refused(udp(2).client, resolver, error));
    assert!(!book.refused(udp(3).client, resolver, error));
    assert_eq!(book.lookups()[0].unreachable, None);
    assert_eq!(book.lookups()[1].unreachable.as_deref(), Some(&error));
}

#[test]
fn a_full_book_gives_up_unwanted_lookups_first_and_finds_the_others_still() {
    let mut book = LookupBook::new(8);
    let wanted = |name: &Hostname| {
        if *name == NAME.into() {
            Wanted::Itself
        } else {
            Wanted::No
        }
    };
    book.asked(udp(1), &query(7), at(1), wanted);
    for id in 0..40 {
        let other = Builder::new(id, QUERY).question("other.example", 1).read();
        book.asked(udp(1), &other, at(2 + i64::from(id)), wanted);
        assert!(book.lookups().len() <= 8);
    }
    assert!(book.evicted() > 0);
    book.answered(udp(1), &answer(7, RESPONSE), at(100), wanted);
    assert_eq!(book.lookups()[0].name, NAME.into());
    assert!(book.lookups()[0].answer.is_some());
    // The latest of many lookups of one question is found after the others went.
    let last = Builder::new(39, RESPONSE)
        .question("other.example", 1)
        .read();
    book.answered(udp(1), &last, at(101), wanted);
    assert!(book.lookups().last().unwrap().answer.is_some());
}
