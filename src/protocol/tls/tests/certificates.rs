//! What certificates say, and when they say too little.

use super::super::certificate::parse;
use super::super::testing::recording;
use super::*;

/// The body of the Certificate message of a recorded conversation.
fn chain() -> Vec<u8> {
    let mut records = recording("tls12-full").sent.server;
    let mut messages = Vec::new();
    while let [record::HANDSHAKE, _, _, high, low, rest @ ..] = records {
        let (content, after) = rest.split_at(usize::from(u16::from_be_bytes([*high, *low])));
        messages.extend_from_slice(content);
        records = after;
    }
    let mut messages = &messages[..];
    loop {
        let [kind, a, b, c, rest @ ..] = messages else {
            unreachable!("the recording has no Certificate message")
        };
        let length = usize::try_from(u32::from_be_bytes([0, *a, *b, *c])).unwrap();
        if *kind == handshake::CERTIFICATE {
            return rest[..length].to_vec();
        }
        messages = &rest[length..];
    }
}

/// The certificates of [`chain`], each with its length before it.
fn certificates() -> Vec<Vec<u8>> {
    let chain = chain();
    let mut list = &chain[3..];
    let mut certificates = Vec::new();
    while let [a, b, c, ..] = list {
        let length = usize::try_from(u32::from_be_bytes([0, *a, *b, *c])).unwrap() + 3;
        certificates.push(list[..length].to_vec());
        list = &list[length..];
    }
    certificates
}

fn parse_list(certificates: &[&[u8]]) -> Option<CertificateFacts> {
    let list = certificates.concat();
    let mut body = u32::try_from(list.len()).unwrap().to_be_bytes()[1..].to_vec();
    body.extend(list);
    parse(&body, true, Seen::default())
}

#[test]
fn the_leaf_and_its_issuers_are_read() {
    let facts = facts("tls12-full").certificate.unwrap();
    assert_eq!(facts.subject, "CN=gs.apple.com,O=Example\\, Inc.,C=US");
    assert_eq!(facts.issuer, "CN=windfall test root,O=windfall");
    assert_eq!(
        facts.issuing_organisations,
        ["windfall", "windfall test root"]
    );
    assert_eq!((facts.chain_length, facts.complete), (2, true));
    assert_eq!(
        facts.names,
        ["gs.apple.com".into(), "*.itunes.apple.com".into()]
    );
}

#[test]
fn a_wildcard_stands_for_one_label() {
    let facts = facts("tls12-full").certificate.unwrap();
    for (host, covered) in [
        ("gs.apple.com", true),
        ("GS.Apple.com.", true),
        ("init.itunes.apple.com", true),
        ("itunes.apple.com", false),
        ("a.b.itunes.apple.com", false),
        (".itunes.apple.com", false),
        ("apple.com", false),
        ("", false),
    ] {
        assert_eq!(facts.covers(&host.into()), covered, "{host}");
    }
}

#[test]
fn a_chain_that_was_not_read_whole_says_so() {
    let all = certificates();
    let [leaf, root] = [&all[0][..], &all[1][..]];
    assert!(parse_list(&[leaf, root]).unwrap().complete);
    assert!(parse_list(&[leaf]).unwrap().complete);
    // An issuer that cannot be read, more certificates than are read, a list that ends within one.
    let broken = [&[0, 0, 2, 0x30][..], &[0xff]].concat();
    let facts = parse_list(&[leaf, &broken, root]).unwrap();
    assert_eq!((facts.complete, facts.chain_length), (false, 2));
    let facts = parse_list(&[leaf; 11]).unwrap();
    assert_eq!((facts.complete, facts.chain_length), (false, 10));
    assert!(parse_list(&[leaf; 10]).unwrap().complete);
    assert!(!parse_list(&[leaf, &root[..100]]).unwrap().complete);
    // The message was too long to be kept whole.
    let body = chain();
    assert!(!parse(&body, false, Seen::default()).unwrap().complete);
}

#[test]
fn without_a_readable_leaf_nothing_is_said() {
    let all = certificates();
    assert_eq!(parse_list(&[&[0, 0, 1, 0], &all[1]]), None);
    assert_eq!(parse_list(&[]), None);
    assert_eq!(parse(&[], true, Seen::default()), None);
}
