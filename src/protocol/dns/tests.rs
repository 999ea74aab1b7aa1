//! Messages as resolvers, clients and attackers make them.

mod answers;
mod streams;

use super::testing::{Builder, QUERY, RESPONSE, labels};
use super::*;

#[test]
fn a_query_is_read_and_its_name_lower_cased() {
    let message = Builder::new(0xabcd, QUERY)
        .question("Gs.aPPle.CoM", 1)
        .read();
    assert_eq!(
        (message.id, message.response, message.opcode, message.rcode),
        (0xabcd, false, 0, 0)
    );
    let question = message.question.unwrap();
    assert_eq!(question.name, "gs.apple.com".into());
    assert_eq!(
        (question.kind, question.class, question.unicast),
        (RecordType::A, 1, false)
    );
    assert!(!message.cut);
}

#[test]
fn what_is_shorter_than_its_header_is_an_error_and_a_cut_question_is_left_out() {
    let whole = Builder::new(9, RESPONSE | 3).question("a.b", 1).bytes();
    for end in 0..12 {
        let error = DnsError::Truncated {
            need: 12,
            have: end,
        };
        assert_eq!(parse(&whole[..end]), Err(error));
    }
    for end in 12..whole.len() {
        let message = parse(&whole[..end]).unwrap();
        assert_eq!((message.id, message.rcode, message.question), (9, 3, None));
        assert!(message.cut, "{end} bytes");
    }
    assert!(!parse(&whole).unwrap().cut);
}

#[test]
fn no_question_and_several_questions_are_read() {
    let none = Builder::new(1, RESPONSE | 5).read();
    assert_eq!(
        (none.question, none.question_count, none.rcode),
        (None, 0, 5)
    );
    let two = Builder::new(1, QUERY)
        .question("a", 1)
        .question("b", 28)
        .read();
    assert_eq!(two.question.unwrap().name, "a".into());
    assert_eq!(two.further_questions.len(), 1);
    assert_eq!(two.further_questions[0].kind, RecordType::AAAA);
    let mut many = Builder::new(1, 0);
    for _ in 0..=MAX_QUESTIONS {
        many = many.question("a", 1);
    }
    let many = many.answer("a", 1, &[1, 2, 3, 4]).read();
    assert_eq!(many.further_questions.len(), MAX_QUESTIONS - 1);
    assert_eq!((many.cut, many.records.len()), (true, 1));
}

#[test]
fn flags_and_extended_response_codes_are_read() {
    let truncated = Builder::new(1, RESPONSE | 0x0600).read();
    assert!(truncated.truncated && truncated.authoritative && truncated.response);
    let bad_version = Builder::new(1, RESPONSE)
        .question("a", 1)
        .record(3, &[0], (41, 4096, 0x0100_8000), &[0, 10, 0, 1, 0xff])
        .read();
    assert_eq!(bad_version.rcode, 16);
    assert_eq!(rcode_name(bad_version.rcode), "BADVERS");
    let record = &bad_version.records[0];
    assert_eq!(
        (record.class, record.ttl, record.cache_flush),
        (0, 0, false)
    );
    assert_eq!(
        record.data,
        RecordData::Opt {
            udp_size: 4096,
            extended_rcode: 1,
            version: 0,
            dnssec_ok: true
        }
    );
    assert_eq!(Builder::new(1, 5 << 11).question("a", 6).read().opcode, 5);
}

#[test]
fn every_record_type_is_read() {
    let name = labels("x.y");
    let srv = [&[0, 1, 0, 2, 0x0e, 0x69][..], &name].concat();
    let nsec = [&name[..], &[0, 4, 0x40, 0, 0, 8, 1, 1, 0x80]].concat();
    let message = Builder::new(1, RESPONSE)
        .answer("a", 1, &[17, 1, 2, 3])
        .answer("a", 28, &[0x26; 16])
        .answer("a", 5, &name)
        .answer("a", 12, &name)
        .answer("a", 33, &srv)
        .answer("a", 16, b"\x03k=v\x00")
        .answer("a", 47, &nsec)
        .answer("a", 999, &[1, 2, 3])
        .answer("a", 1, &[17, 4, 5, 6])
        .read();
    let data: Vec<_> = message
        .records
        .iter()
        .map(|record| record.data.clone())
        .collect();
    let target = || crate::hostname::Hostname::from("x.y");
    assert_eq!(
        data,
        [
            RecordData::A([17, 1, 2, 3].into()),
            RecordData::Aaaa([0x26; 16].into()),
            RecordData::Cname(target()),
            RecordData::Ptr(target()),
            RecordData::Srv {
                priority: 1,
                weight: 2,
                port: 3689,
                target: target()
            },
            RecordData::Txt(vec![Box::from(*b"k=v"), Box::from(*b"")]),
            RecordData::Nsec {
                next: target(),
                types: vec![RecordType::A, RecordType::AAAA]
            },
            RecordData::Other(999),
            RecordData::A([17, 4, 5, 6].into()),
        ]
    );
    assert!(!message.cut);
}

#[test]
fn data_that_contradicts_its_length_ends_the_list() {
    for (kind, data) in [
        (1, &[1, 2, 3][..]),
        (1, &[1, 2, 3, 4, 5]),
        (28, &[0; 4]),
        (5, &[3, b'a']),
        (33, &[0, 1]),
        (16, &[9, b'a']),
        (65, &[0, 1, 0, 0, 1, 0, 9]),
    ] {
        let message = Builder::new(1, RESPONSE)
            .answer("a", 1, &[1, 2, 3, 4])
            .answer("a", kind, data)
            .answer("a", 1, &[5, 6, 7, 8])
            .read();
        assert_eq!(
            (message.records.len(), message.cut),
            (1, true),
            "{kind} {data:?}"
        );
    }
}

#[test]
fn what_the_capture_cut_says_so() {
    let whole = Builder::new(1, RESPONSE)
        .question("a", 1)
        .answer("a", 1, &[1, 2, 3, 4])
        .bytes();
    let start = whole.len() - 17;
    for end in start..whole.len() {
        let message = parse(&whole[..end]).unwrap();
        assert!(message.cut && message.records.is_empty());
        assert!(message.answer().cut);
    }
    assert!(!parse(&whole).unwrap().answer().cut);
}

#[test]
fn names_are_compressed_backwards_and_without_end_refused() {
    // The owner points to the question's name at byte 12, and its data to the second label of it.
    let message = Builder::new(1, RESPONSE)
        .question("www.apple.com", 5)
        .record(1, &[0xc0, 12], (5, 1, 60), &[1, b'x', 0xc0, 16])
        .read();
    let record = &message.records[0];
    assert_eq!(record.owner, "www.apple.com".into());
    assert_eq!(record.data, RecordData::Cname("x.apple.com".into()));
    // To itself, to each other, forwards, past the end.
    let question_at = 12 + labels("a").len() + 4;
    let own = u8::try_from(question_at).unwrap();
    for owner in [[0xc0, own], [0xc0, own + 2], [0xff, 0xff]] {
        let looped = Builder::new(1, RESPONSE)
            .question("a", 1)
            .record(1, &owner, (1, 1, 60), &[1, 2, 3, 4])
            .read();
        assert_eq!((looped.records.len(), looped.cut), (0, true), "{owner:?}");
    }
    let looped = [
        &[0, 1, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0][..],
        &[1, b'a', 0xc0, 12, 0, 1, 0, 1],
    ];
    assert_eq!(
        parse(&looped.concat()),
        Err(DnsError::BadQuestion { offset: 12 })
    );
    // Too long a name, and a label of a kind that is not used any more.
    let long = vec!["a"; 128].join(".");
    assert!(parse(&Builder::new(1, QUERY).question(&long, 1).bytes()).is_err());
    let odd = [
        &[0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..],
        &[0x41, 0, 0, 1, 0, 1],
    ];
    assert!(parse(&odd.concat()).is_err());
}

#[test]
fn labels_may_hold_any_byte() {
    let message = Builder::new(1, QUERY)
        .question("_daap._tcp.local", 12)
        .read();
    assert_eq!(message.question.unwrap().name, "_daap._tcp.local".into());
    let odd = [
        &[0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..],
        b"\x06Bj\xc3\xb6.\\\x01b\x00\x00\x0c\x00\x01",
    ];
    let name = parse(&odd.concat()).unwrap().question.unwrap().name;
    assert_eq!(name.as_bytes(), b"bj\xc3\xb6\\.\\\\.b");
}

#[test]
fn the_flag_in_the_class_is_told_from_the_class() {
    let message = Builder::new(0, 0x8400)
        .question_of_class("a.local", 255, 0x8001)
        .record(1, &labels("a.local"), (1, 0x8001, 120), &[10, 0, 0, 1])
        .read();
    let question = message.question.unwrap();
    assert_eq!((question.class, question.unicast), (1, true));
    let record = &message.records[0];
    assert_eq!(
        (record.class, record.cache_flush, record.ttl),
        (1, true, 120)
    );
}

#[test]
fn records_are_bounded() {
    let mut message = Builder::new(1, RESPONSE);
    for _ in 0..=MAX_RECORDS {
        message = message.record(1, &[0], (999, 1, 1), &[]);
    }
    let message = message.read();
    assert_eq!((message.records.len(), message.cut), (MAX_RECORDS, true));
}
