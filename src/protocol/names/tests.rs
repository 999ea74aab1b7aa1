//! Which name a connection is given.

use super::*;
use crate::capture::frame::FrameId;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_nanos(seconds * 1_000_000_000)
}

fn client(last: u8) -> IpAddr {
    [192, 0, 2, last].into()
}

fn server() -> IpAddr {
    [17, 253, 144, 10].into()
}

fn binding(who: u8, name: &str, seconds: i64) -> Binding {
    Binding {
        client: client(who),
        address: server(),
        name: name.into(),
        cname: None,
        ttl: 60,
        seen: Seen {
            at: at(seconds),
            frame: FrameId::new(0, u64::try_from(seconds).unwrap()),
        },
    }
}

fn book(bindings: &[Binding]) -> NameBook {
    let mut book = NameBook::new();
    for binding in bindings {
        book.insert(binding.clone(), Wanted::No);
    }
    book
}

fn named(index: &NameIndex<'_>, who: u8, seconds: i64) -> Option<(Hostname, bool)> {
    let hit = index.lookup(client(who), server(), at(seconds))?;
    Some((hit.name.clone(), hit.own))
}

#[test]
fn the_latest_name_that_this_client_asked_for_before_wins() {
    let book = book(&[
        binding(1, "a.apple.com", 10),
        binding(1, "b.apple.com", 20),
        binding(1, "late.apple.com", 40),
        binding(2, "other.apple.com", 25),
    ]);
    let index = NameIndex::build([&book]);
    assert_eq!(named(&index, 1, 30), Some(("b.apple.com".into(), true)));
    assert_eq!(named(&index, 1, 20), Some(("b.apple.com".into(), true)));
    assert_eq!(named(&index, 1, 19), Some(("a.apple.com".into(), true)));
    let hit = index.lookup(client(1), server(), at(50)).unwrap();
    assert_eq!(hit.others, [&"b.apple.com".into(), &"a.apple.com".into()]);
}

#[test]
fn only_failing_that_does_another_clients_name_count() {
    let book = book(&[binding(1, "a.apple.com", 10), binding(2, "b.apple.com", 20)]);
    let index = NameIndex::build([&book]);
    assert_eq!(named(&index, 3, 30), Some(("b.apple.com".into(), false)));
    assert_eq!(named(&index, 3, 9), None);
    assert_eq!(index.lookup(client(1), client(2), at(30)), None);
}

#[test]
fn a_device_of_several_addresses_is_one_client() {
    let book = book(&[binding(1, "a.apple.com", 10), binding(2, "b.apple.com", 20)]);
    let index = NameIndex::build([&book]);
    let hit = index
        .lookup_device(&[client(1), client(2)], server(), at(30))
        .unwrap();
    assert_eq!((hit.name, hit.own), (&"b.apple.com".into(), true));
    assert_eq!(hit.others, [&"a.apple.com".into()]);
}

#[test]
fn the_order_of_books_and_of_equal_times_does_not_matter() {
    let one = book(&[binding(1, "b.apple.com", 10), binding(1, "a.apple.com", 10)]);
    let two = book(&[binding(1, "a.apple.com", 10), binding(1, "c.apple.com", 10)]);
    let hits = [[&one, &two], [&two, &one]].map(|books| {
        NameIndex::build(books)
            .lookup(client(1), server(), at(10))
            .unwrap()
    });
    assert_eq!(hits[0], hits[1]);
    assert_eq!(hits[0].name, &Hostname::from("a.apple.com"));
}

#[test]
fn a_full_book_drops_what_has_expired_and_then_the_oldest() {
    let mut book = NameBook::with_bound(4);
    for seconds in 1..=4 {
        book.insert(binding(1, &format!("n{seconds}"), seconds), Wanted::No);
    }
    book.insert(binding(1, "n5", 5), Wanted::No);
    assert_eq!((book.len(), book.evicted()), (4, 1));
    assert!(book.bindings().all(|binding| binding.name != "n1".into()));
    // A later answer that expires sooner goes before an older one that still holds.
    let mut book = NameBook::with_bound(4);
    let lasting = Binding {
        ttl: 3600,
        ..binding(1, "lasting", 1)
    };
    book.insert(lasting, Wanted::No);
    for seconds in 2..=4 {
        book.insert(binding(1, &format!("n{seconds}"), seconds), Wanted::No);
    }
    book.insert(binding(1, "n100", 100), Wanted::No);
    assert!(
        book.bindings()
            .any(|binding| binding.name == "lasting".into())
    );
    assert!(book.bindings().all(|binding| binding.name != "n2".into()));
}
