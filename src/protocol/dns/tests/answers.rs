//! What a response answers.

use std::net::IpAddr;

use super::super::testing::{Builder, RESPONSE, labels};
use super::super::{Answer, RecordType};

const V4: [u8; 4] = [17, 253, 144, 10];

fn v4() -> IpAddr {
    V4.into()
}

/// Parameters of a service binding: priority, target, then each key with its value.
fn binding(priority: u16, target: &str, parameters: &[(u16, &[u8])]) -> Vec<u8> {
    let mut data = priority.to_be_bytes().to_vec();
    data.extend(labels(target));
    for (key, value) in parameters {
        data.extend(key.to_be_bytes());
        data.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        data.extend(*value);
    }
    data
}

#[test]
fn the_chain_of_aliases_is_followed_in_any_order_and_case() {
    let answer = Builder::new(1, RESPONSE)
        .question("gs.apple.com", 1)
        .answer("C.example", 1, &V4)
        .answer("b.example", 5, &labels("c.EXAMPLE"))
        .answer("GS.Apple.com", 5, &labels("b.example"))
        .answer("other.example", 1, &[192, 0, 2, 1])
        .answer("c.example", 1, &V4)
        .read()
        .answer();
    assert_eq!(answer.addresses, [v4()]);
    assert_eq!(answer.cname, Some("c.example".into()));
    assert_eq!((answer.ttl, answer.ech), (60, false));
}

#[test]
fn a_chain_in_a_circle_ends() {
    let answer = Builder::new(1, RESPONSE)
        .question("a", 1)
        .answer("a", 5, &labels("b"))
        .answer("b", 5, &labels("a"))
        .read()
        .answer();
    assert_eq!(answer.addresses, [] as [IpAddr; 0]);
    assert_eq!(answer.cname, Some("b".into()));
    let own = Builder::new(1, RESPONSE)
        .question("a", 1)
        .answer("a", 5, &labels("a"));
    assert_eq!(own.read().answer().cname, None);
}

#[test]
fn addresses_of_other_sections_and_names_do_not_count() {
    let answer = Builder::new(1, RESPONSE)
        .question("a", 1)
        .record(2, &labels("a"), (1, 1, 5), &V4)
        .record(3, &labels("a"), (1, 1, 5), &V4)
        .read()
        .answer();
    assert_eq!(answer, Answer::default());
    assert_eq!(
        Builder::new(1, RESPONSE)
            .answer("a", 1, &V4)
            .read()
            .answer(),
        Answer::default()
    );
}

#[test]
fn the_least_ttl_of_the_records_used_counts() {
    let answer = Builder::new(1, RESPONSE)
        .question("a", 28)
        .record(1, &labels("a"), (5, 1, 300), &labels("b"))
        .record(1, &labels("b"), (28, 1, 20), &[0x20; 16])
        .record(1, &labels("c"), (28, 1, 1), &[0x20; 16])
        .read()
        .answer();
    assert_eq!((answer.addresses.len(), answer.ttl), (1, 20));
}

#[test]
fn hints_of_a_service_binding_are_kept_apart() {
    let message = Builder::new(1, RESPONSE)
        .question("gs.apple.com", 65)
        .answer(
            "gs.apple.com",
            65,
            &binding(
                1,
                "",
                &[
                    (1, b"\x02h3\x02h2"),
                    (3, &[0x20, 0xfb]),
                    (4, &[V4, [17, 1, 1, 1]].concat()),
                    (5, b"keys"),
                    (6, &[0x26; 16]),
                    (7, b"/dns"),
                ],
            ),
        )
        .record(3, &labels("gs.apple.com"), (1, 1, 60), &[17, 2, 2, 2])
        .read();
    let answer = message.answer();
    assert_eq!(answer.addresses, [] as [IpAddr; 0]);
    let hints: [IpAddr; 4] = [
        v4(),
        [17, 1, 1, 1].into(),
        [0x26; 16].into(),
        [17, 2, 2, 2].into(),
    ];
    assert_eq!(answer.hints, hints);
    assert!(answer.ech);
    let super::super::RecordData::Svcb {
        https, alpn, port, ..
    } = &message.records[0].data
    else {
        unreachable!("an HTTPS record")
    };
    assert_eq!((*https, *port), (true, Some(8443)));
    assert_eq!(alpn[..], [Box::from(*b"h3"), Box::from(*b"h2")]);
}

#[test]
fn a_service_binding_of_priority_0_is_an_alias() {
    let answer = Builder::new(1, RESPONSE)
        .question("a", 65)
        .answer("a", 65, &binding(0, "b", &[]))
        .answer("b", 65, &binding(1, "c", &[]))
        .record(3, &labels("c"), (1, 1, 60), &V4)
        .read()
        .answer();
    assert_eq!(answer.cname, Some("b".into()));
    assert_eq!(answer.hints, [v4()]);
    assert_eq!(RecordType::HTTPS.to_string(), "HTTPS");
}
