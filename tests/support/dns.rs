//! DNS messages (RFC 1035 section 4).

use std::net::IpAddr;

use super::packet::Packet;
use super::{CLIENT, RESOLVER};

pub(crate) const A: u16 = 1;
pub(crate) const CNAME: u16 = 5;
pub(crate) const AAAA: u16 = 28;
pub(crate) const HTTPS: u16 = 65;

pub(crate) const NOERROR: u8 = 0;
pub(crate) const SERVFAIL: u8 = 2;
pub(crate) const NXDOMAIN: u8 = 3;
pub(crate) const REFUSED: u8 = 5;

const QR: u16 = 0x8000;
const TC: u16 = 0x0200;
const RD: u16 = 0x0100;

fn labels(name: &str) -> Vec<u8> {
    let mut wire = Vec::new();
    for label in name.trim_end_matches('.').split('.') {
        wire.push(u8::try_from(label.len()).unwrap());
        wire.extend(label.as_bytes());
    }
    wire.push(0);
    wire
}

fn header(id: u16, flags: u16, counts: [u16; 2]) -> Vec<u8> {
    let mut wire = Vec::new();
    for word in [id, flags, counts[0], counts[1], 0, 0] {
        wire.extend(word.to_be_bytes());
    }
    wire
}

fn question(name: &str, kind: u16) -> Vec<u8> {
    let mut wire = labels(name);
    wire.extend(kind.to_be_bytes());
    wire.extend([0, 1]);
    wire
}

/// A question.
pub(crate) fn query(id: u16, name: &str, kind: u16) -> Vec<u8> {
    let mut wire = header(id, RD, [1, 0]);
    wire.extend(question(name, kind));
    wire
}

/// A record: owner, type, data.
pub(crate) fn record(owner: &str, kind: u16, data: &[u8]) -> Vec<u8> {
    let mut wire = labels(owner);
    wire.extend(kind.to_be_bytes());
    wire.extend([0, 1, 0, 0, 0, 60]);
    wire.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    wire.extend(data);
    wire
}

/// A CNAME record.
pub(crate) fn cname(owner: &str, target: &str) -> Vec<u8> {
    record(owner, CNAME, &labels(target))
}

/// An HTTPS record (RFC 9460) that gives hints of IPv4 addresses.
pub(crate) fn https(owner: &str, hints: &[[u8; 4]]) -> Vec<u8> {
    let hints = hints.concat();
    let mut data = vec![0, 1, 0, 0, 4];
    data.extend(u16::try_from(hints.len()).unwrap().to_be_bytes());
    data.extend(hints);
    record(owner, HTTPS, &data)
}

/// A response with records given as they are.
pub(crate) fn response(id: u16, name: &str, kind: u16, rcode: u8, records: &[Vec<u8>]) -> Vec<u8> {
    let count = u16::try_from(records.len()).unwrap();
    let mut wire = header(id, QR | RD | u16::from(rcode), [1, count]);
    wire.extend(question(name, kind));
    wire.extend(records.concat());
    wire
}

/// A response that gives addresses (A or AAAA by family).
pub(crate) fn addresses(id: u16, name: &str, kind: u16, addrs: &[&str]) -> Vec<u8> {
    let records: Vec<Vec<u8>> = addrs
        .iter()
        .map(|text| match text.parse().unwrap() {
            IpAddr::V4(v4) => record(name, A, &v4.octets()),
            IpAddr::V6(v6) => record(name, AAAA, &v6.octets()),
        })
        .collect();
    response(id, name, kind, NOERROR, &records)
}

/// A response that says "ask by TCP".
pub(crate) fn cut(id: u16, name: &str, kind: u16) -> Vec<u8> {
    let mut wire = header(id, QR | RD | TC, [1, 0]);
    wire.extend(question(name, kind));
    wire
}

/// The datagram that takes a question to the usual resolver.
pub(crate) fn ask(port: u16, message: &[u8]) -> Packet {
    Packet::udp((CLIENT, port), (RESOLVER, 53), message)
}

/// The datagram that brings its answer.
pub(crate) fn answer(port: u16, message: &[u8]) -> Packet {
    Packet::udp((RESOLVER, 53), (CLIENT, port), message)
}
