use super::*;
use crate::capture::frame::Timestamp;

fn host(n: u32) -> IpAddr {
    IpAddr::V4((0x0a00_0000 + n).into())
}

const SERVER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(17, 0, 0, 1));
const MAC: Option<MacAddr> = Some(MacAddr([2, 0, 0, 0, 0, 1]));

fn packet(book: &mut HostBook, src: IpAddr, mac: Option<MacAddr>, dst: IpAddr) {
    book.packet((src, mac), dst, PlaceInfo::default(), Seen::default());
}

fn mac_of(facts: &HostFacts) -> Option<MacAddr> {
    facts.mac.map(|(_, mac)| mac)
}

fn facts(book: &HostBook, addr: IpAddr) -> Option<HostFacts> {
    book.iter()
        .find(|(known, _)| *known == addr)
        .map(|(_, facts)| facts)
}

#[test]
fn an_address_is_heard_once_something_was_sent_to_it() {
    let mut book = HostBook::new(10);
    packet(&mut book, host(1), MAC, SERVER);
    let known = facts(&book, host(1)).unwrap();
    assert_eq!((mac_of(&known), known.heard), (MAC, 0));
    assert_ne!(facts(&book, SERVER).unwrap().heard, 0);
    packet(&mut book, SERVER, None, host(1));
    assert_ne!(facts(&book, host(1)).unwrap().heard, 0);
    // The first MAC stays: a later one may be a gateway's.
    let later = Seen {
        at: Timestamp::from_nanos(5),
        ..Seen::default()
    };
    let other = (host(1), Some(MacAddr([0; 6])));
    book.packet(other, SERVER, PlaceInfo::default(), later);
    assert_eq!(mac_of(&facts(&book, host(1)).unwrap()), MAC);
}

#[test]
fn groups_are_no_hosts() {
    let mut book = HostBook::new(10);
    for group in ["224.0.0.251", "255.255.255.255", "ff02::fb"] {
        packet(&mut book, host(1), MAC, group.parse().unwrap());
    }
    assert_eq!(book.iter().count(), 1);
}

#[test]
fn a_spoofed_flood_pushes_out_itself_and_not_who_was_answered() {
    let mut book = HostBook::new(100);
    for n in 0..20 {
        packet(&mut book, host(n), MAC, SERVER);
        packet(&mut book, SERVER, None, host(n));
    }
    for n in 1000..100_000 {
        packet(&mut book, host(n), None, SERVER);
        assert!(book.iter().count() <= 100);
    }
    assert!((0..20).all(|n| facts(&book, host(n)).is_some()));
    assert!(book.evicted() > 90_000);
}

#[test]
fn who_asked_for_a_required_host_stays_longest_of_those_that_were_answered() {
    let mut book = HostBook::new(100);
    packet(&mut book, host(0), MAC, SERVER);
    book.want(host(0));
    for n in 1..1000 {
        packet(&mut book, host(n), MAC, SERVER);
        packet(&mut book, SERVER, None, host(n));
        assert!(book.iter().count() <= 100);
    }
    assert_eq!(mac_of(&facts(&book, host(0)).unwrap()), MAC);
    assert!(facts(&book, host(999)).is_some() && facts(&book, host(1)).is_none());
    assert!(book.evicted() > 800);
}

#[test]
fn an_address_is_heard_where_the_packet_was_captured() {
    let [inside, outside] = [1, 2].map(|number| PlaceInfo {
        interface: InterfaceId(number),
        ..PlaceInfo::default()
    });
    let mut book = HostBook::new(10);
    book.packet((SERVER, None), host(1), outside, Seen::default());
    let heard = facts(&book, host(1)).unwrap().heard;
    assert_eq!(heard & heard_bit(inside), 0);
    assert_ne!(heard & heard_bit(outside), 0);
}

#[test]
fn the_address_of_a_device_that_has_none_yet_is_nobodys() {
    let mut book = HostBook::new(10);
    for nobody in ["0.0.0.0", "::"] {
        packet(&mut book, nobody.parse().unwrap(), MAC, SERVER);
    }
    assert_eq!(book.iter().count(), 1);
}
