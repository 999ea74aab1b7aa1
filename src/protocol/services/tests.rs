//! Announcements, questions and goodbyes in time order, and what the book knows afterwards.

use super::*;
use crate::capture::frame::FrameId;
use crate::hostname::text_of;
use crate::protocol::dns::testing::{Builder, labels};
use crate::protocol::mdns;

const RESPONSE: u16 = 0x8400;
const TV: &str = "TV._airplay._tcp.local";
const AIRPLAY: &str = "_airplay._tcp.local";
const HOST: &str = "tv.local";

/// Type, class and TTL of the usual records.
const PTR: (u16, u16, u32) = (12, 1, 4500);
const SRV: (u16, u16, u32) = (33, 0x8001, 120);
const TXT: (u16, u16, u32) = (16, 0x8001, 4500);
const A: (u16, u16, u32) = (1, 0x8001, 120);

fn goodbye((kind, class, _): (u16, u16, u32)) -> (u16, u16, u32) {
    (kind, class, 0)
}

fn at(seconds: u64) -> Seen {
    Seen {
        at: Timestamp::from_nanos(0).after(Duration::from_secs(seconds)),
        frame: FrameId::new(0, seconds + 1),
    }
}

fn response() -> Builder {
    Builder::new(0, RESPONSE)
}

fn srv(port: u16, host: &str) -> Vec<u8> {
    [&[0; 4][..], &port.to_be_bytes(), &labels(host)].concat()
}

/// All records of a service.
fn announcement() -> Builder {
    response()
        .record(1, &labels(AIRPLAY), PTR, &labels(TV))
        .record(1, &labels(TV), SRV, &srv(7000, HOST))
        .record(1, &labels(TV), TXT, b"\x0amodel=AV,1")
        .record(1, &labels(HOST), A, &[192, 168, 7, 30])
}

struct Link(ServiceBook);

impl Link {
    fn new(bound: usize) -> Self {
        Self(ServiceBook::new(bound))
    }

    fn take(&mut self, seconds: u64, message: Builder, from: &str, port: u16, to: &str) {
        let message = mdns::parse(&message.bytes()).unwrap();
        let route = Route {
            from: from.parse().unwrap(),
            from_port: port,
            to: to.parse().unwrap(),
        };
        self.0.message(&message, route, at(seconds));
    }

    fn says(&mut self, seconds: u64, message: Builder) {
        self.take(seconds, message, "192.168.7.30", 5353, "224.0.0.251");
    }

    fn asks(&mut self, seconds: u64, message: Builder) {
        self.take(seconds, message, "192.168.7.20", 5353, "224.0.0.251");
    }

    /// The one service.
    fn service(&self) -> &Service {
        let services: Vec<_> = self.0.services().collect();
        assert_eq!(services.len(), 1, "{services:?}");
        services[0].1
    }

    fn lives(&self) -> Vec<(u64, u64)> {
        let seconds = |at: Timestamp| at.since(Timestamp::from_nanos(0)).as_secs();
        let lives = self.service().lives.iter();
        lives
            .map(|life| (seconds(life.from.at), seconds(life.until)))
            .collect()
    }

    fn addresses(&self) -> Vec<String> {
        let name = &self.service().lives.last().unwrap().host;
        let host = self.0.host(name).unwrap();
        host.addresses()
            .map(|address| address.to_string())
            .collect()
    }

    /// How often the usual client asked openly.
    fn open(&self) -> u32 {
        self.0.asked().map(|(_, _, asked)| asked.open.count).sum()
    }
}

#[test]
fn a_service_is_learned_from_one_message_or_from_several() {
    let mut link = Link::new(10);
    link.says(1, announcement());
    assert_eq!(link.lives(), [(1, 121)]);
    assert_eq!(link.service().lives[0].port, 7000);
    assert_eq!(&*link.service().txt["model"], b"AV,1");
    assert_eq!(link.addresses(), ["192.168.7.30"]);
    let mut pieces = Link::new(10);
    pieces.says(
        1,
        response().record(1, &labels(HOST), A, &[192, 168, 7, 30]),
    );
    pieces.says(2, response().record(1, &labels(TV), SRV, &srv(7000, HOST)));
    assert_eq!(pieces.lives(), [(2, 122)]);
    assert_eq!(pieces.addresses(), ["192.168.7.30"]);
}

#[test]
fn a_service_lives_from_announcement_to_expiry_or_goodbye() {
    let mut link = Link::new(10);
    link.says(0, announcement());
    link.says(100, announcement());
    assert_eq!(link.lives(), [(0, 220)]);
    link.says(
        150,
        response().record(1, &labels(TV), goodbye(SRV), &srv(7000, HOST)),
    );
    assert_eq!(
        (link.lives(), link.service().goodbye),
        (vec![(0, 150)], true)
    );
    link.says(300, announcement());
    assert_eq!(link.lives(), [(0, 150), (300, 420)]);
    assert!(!link.service().goodbye);
    // Nobody says anything for so long that it expires, and then it moves.
    link.says(
        1000,
        response().record(1, &labels(TV), SRV, &srv(7001, HOST)),
    );
    link.says(
        1010,
        response().record(1, &labels(TV), SRV, &srv(7002, HOST)),
    );
    assert_eq!(
        link.lives(),
        [(0, 150), (300, 420), (1000, 1010), (1010, 1130)]
    );
    assert_eq!(link.0.evicted(), 0);
}

#[test]
fn the_goodbye_of_a_type_ends_the_service_and_that_of_a_subtype_does_not() {
    let mut link = Link::new(10);
    link.says(0, announcement());
    let subtype = labels("_x._sub._airplay._tcp.local");
    link.says(1, response().record(1, &subtype, goodbye(PTR), &labels(TV)));
    assert!(!link.service().goodbye);
    link.says(
        2,
        response().record(1, &labels(AIRPLAY), goodbye(PTR), &labels(TV)),
    );
    assert!(link.service().goodbye);
    assert_eq!(link.lives(), [(0, 2)]);
}

#[test]
fn a_flush_replaces_addresses_of_its_family_but_not_those_of_the_same_announcement() {
    let mut link = Link::new(10);
    let v6 = (28, 0x8001, 120);
    link.says(0, announcement().record(1, &labels(HOST), v6, &[0xfe; 16]));
    link.says(
        1,
        response().record(1, &labels(HOST), A, &[192, 168, 8, 30]),
    );
    assert_eq!(link.addresses().len(), 3);
    link.says(
        60,
        response().record(1, &labels(HOST), A, &[192, 168, 9, 30]),
    );
    let v6_text = IpAddr::from([0xfe; 16]).to_string();
    assert_eq!(link.addresses(), [v6_text.as_str(), "192.168.9.30"]);
    let name = link.service().lives[0].host.clone();
    let host = link.0.host(&name).unwrap();
    let old = "192.168.7.30".parse().unwrap();
    assert!(host.had(old, at(59).at) && !host.had(old, at(60).at));
    link.says(
        61,
        response().record(1, &labels(HOST), goodbye(A), &[192, 168, 9, 30]),
    );
    assert_eq!(link.addresses(), [v6_text]);
}

#[test]
fn a_txt_record_says_what_it_says_once_and_only_what_matters() {
    let mut link = Link::new(10);
    let hostile: &[u8] =
        b"\x0aMODEL=AV,1\x07model=x\x03=no\x00\x05flags\x08secret=1\x06md=\xff\x1b[";
    link.says(0, response().record(1, &labels(TV), TXT, hostile));
    let txt: Vec<(&str, String)> = link
        .service()
        .txt
        .iter()
        .map(|(key, value)| (*key, text_of(value)))
        .collect();
    let expected = [("flags", ""), ("md", "\\xff\x1b["), ("model", "AV,1")];
    assert_eq!(txt, expected.map(|(key, value)| (key, value.to_owned())));
    link.says(1, response().record(1, &labels(TV), TXT, b"\x09Machine N"));
    assert!(link.service().txt.is_empty());
}

#[test]
fn only_responses_from_the_port_of_mdns_teach_services() {
    let mut link = Link::new(10);
    // Known answers, a probe's proposal, a response from elsewhere, one with an error, one of another class.
    let query = Builder::new(0, 0).question(AIRPLAY, 12);
    link.says(
        0,
        query.clone().record(1, &labels(AIRPLAY), PTR, &labels(TV)),
    );
    link.says(0, query.record(2, &labels(TV), SRV, &srv(7000, HOST)));
    link.take(0, announcement(), "192.168.7.30", 40_000, "224.0.0.251");
    link.says(
        0,
        Builder::new(0, RESPONSE | 3).record(1, &labels(TV), SRV, &srv(7000, HOST)),
    );
    link.says(
        0,
        response().record(1, &labels(TV), (33, 3, 120), &srv(7000, HOST)),
    );
    assert_eq!(link.0.services().count(), 0);
    // By unicast, to who asked that way, or to a port that is not mDNS's.
    link.take(1, announcement(), "192.168.7.30", 5353, "192.168.7.20");
    assert_eq!(link.lives(), [(1, 121)]);
}

#[test]
fn questions_are_open_when_all_may_hear_the_answer_and_none_is_known() {
    let question = || Builder::new(0, 0).question(AIRPLAY, 12);
    let mut link = Link::new(10);
    link.asks(0, Builder::new(0, 0).question_of_class(AIRPLAY, 12, 0x8001));
    link.asks(0, question().record(1, &labels(AIRPLAY), PTR, &labels(TV)));
    link.asks(0, Builder::new(0, 0).question(TV, 33));
    link.take(0, question(), "192.168.7.20", 50_000, "224.0.0.251");
    link.take(0, question(), "192.168.7.20", 5353, "192.168.7.30");
    assert_eq!((link.open(), link.0.asked().count()), (0, 2));
    link.asks(1, question());
    link.take(2, question(), "fe80::20", 5353, "ff02::fb");
    assert_eq!((link.open(), link.0.asked().count()), (2, 3));
    // Names of hosts and lists of types are nobody's service.
    link.asks(3, Builder::new(0, 0).question("wpad.local", 1));
    link.asks(
        3,
        Builder::new(0, 0).question("_services._dns-sd._udp.local", 12),
    );
    assert_eq!(link.0.asked().count(), 3);
    assert_eq!(link.0.answered(), None);
}

#[test]
fn a_full_book_gives_up_what_is_gone_then_what_is_oldest_and_counts_it() {
    let mut link = Link::new(4);
    let instance = |name: &str| labels(&format!("{name}._airplay._tcp.local"));
    let announced = |name: &str| response().record(1, &instance(name), SRV, &srv(7000, HOST));
    for (seconds, name) in (0..).zip(["old", "gone", "young", "younger"]) {
        link.says(seconds, announced(name));
    }
    link.says(
        5,
        response().record(1, &instance("gone"), goodbye(SRV), &srv(7000, HOST)),
    );
    let known = |link: &Link| {
        let mut names: Vec<String> = link
            .0
            .services()
            .map(|(name, _)| text_of(name.instance().unwrap().instance))
            .collect();
        names.sort();
        names
    };
    link.says(6, announced("new"));
    assert_eq!(known(&link), ["new", "old", "young", "younger"]);
    link.says(7, announced("newer"));
    assert_eq!(known(&link), ["new", "newer", "young", "younger"]);
    assert_eq!(link.0.evicted(), 2);
}

#[test]
fn what_one_host_or_service_may_say_is_bounded_and_counted() {
    let mut link = Link::new(10);
    for number in 0..100u16 {
        let seconds = u64::from(number) * 200;
        let [high, low] = number.to_be_bytes();
        link.says(
            seconds,
            response()
                .record(1, &labels(TV), SRV, &srv(number, HOST))
                .record(1, &labels(HOST), (1, 1, 120), &[10, 0, high, low]),
        );
    }
    assert!(link.lives().len() <= 32 && link.addresses().len() <= 32);
    assert_eq!(link.0.evicted(), 2 * (100 - 32));
}
