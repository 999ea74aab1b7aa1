use super::*;

fn host(n: u32) -> IpAddr {
    IpAddr::V4((0x0a00_0000 + n).into())
}

const SERVER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(17, 0, 0, 1));
const MAC: Option<MacAddr> = Some(MacAddr([2, 0, 0, 0, 0, 1]));

fn facts(book: &HostBook, addr: IpAddr) -> Option<HostFacts> {
    book.iter()
        .find(|(known, _)| *known == addr)
        .map(|(_, facts)| facts)
}

#[test]
fn an_address_is_heard_once_something_was_sent_to_it() {
    let mut book = HostBook::new(10);
    book.packet(host(1), MAC, SERVER);
    let known = facts(&book, host(1)).unwrap();
    assert_eq!((known.mac, known.heard), (MAC, false));
    assert!(facts(&book, SERVER).unwrap().heard);
    book.packet(SERVER, None, host(1));
    assert!(facts(&book, host(1)).unwrap().heard);
    // The first MAC stays: a later one may be a gateway's.
    book.packet(host(1), Some(MacAddr([9; 6])), SERVER);
    assert_eq!(facts(&book, host(1)).unwrap().mac, MAC);
}

#[test]
fn groups_are_no_hosts() {
    let mut book = HostBook::new(10);
    for group in ["224.0.0.251", "255.255.255.255", "ff02::fb"] {
        book.packet(host(1), MAC, group.parse().unwrap());
    }
    assert_eq!(book.iter().count(), 1);
}

#[test]
fn a_spoofed_flood_pushes_out_itself_and_not_who_was_answered() {
    let mut book = HostBook::new(100);
    for n in 0..20 {
        book.packet(host(n), MAC, SERVER);
        book.packet(SERVER, None, host(n));
    }
    for n in 1000..100_000 {
        book.packet(host(n), None, SERVER);
        assert!(book.iter().count() <= 100);
    }
    assert!((0..20).all(|n| facts(&book, host(n)).is_some()));
    assert!(book.evicted() > 90_000);
}

#[test]
fn who_asked_for_a_required_host_stays_longest_of_those_that_were_answered() {
    let mut book = HostBook::new(100);
    book.packet(host(0), MAC, SERVER);
    book.want(host(0));
    for n in 1..1000 {
        book.packet(host(n), MAC, SERVER);
        book.packet(SERVER, None, host(n));
        assert!(book.iter().count() <= 100);
    }
    assert_eq!(facts(&book, host(0)).unwrap().mac, MAC);
    assert!(facts(&book, host(999)).is_some() && facts(&book, host(1)).is_none());
    assert!(book.evicted() > 800);
}
