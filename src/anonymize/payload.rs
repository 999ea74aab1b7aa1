//! The payload that stays in anonymous evidence: what names a host of the catalogue and nothing else.
//!
//! - DNS over UDP with one question for such a name: the question, and the addresses of the answer, replaced as all
//!   addresses are. Aliases, other records and options (client subnets, cookies) are left out; padding keeps the length.
//! - TLS over TCP from a `ClientHello` with such a name on, if it begins on a segment and fills one record: what
//!   [`super::tls`] leaves of it.

use std::collections::HashMap;

use super::Anonymizer;
use super::tls::Walk;
use crate::capture::frame::{FrameId, Seen, Timestamp};
use crate::hostname::Hostname;
use crate::protocol::dns::{self, RecordData, Section};
use crate::protocol::tls::TlsSession;
use crate::side::Side;

const DNS_PORT: u16 = 53;
const DNS_HEADER: usize = 12;

/// Directions that are followed. Evidence is of a few flows at once.
const MAX_WALKS: usize = 4096;

/// A direction of a flow: both ends, each with address and port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Direction(pub(super) [(Vec<u8>, [u8; 2]); 2]);

impl Direction {
    fn back(&self) -> Self {
        let Self([from, to]) = self.clone();
        Self([to, from])
    }
}

/// Decides packet by packet.
#[derive(Clone)]
pub(super) struct Payloads<'a> {
    to: &'a Anonymizer<'a>,
    walks: HashMap<Direction, Walk>,
}

impl<'a> Payloads<'a> {
    pub(super) fn new(to: &'a Anonymizer<'a>) -> Self {
        Self {
            to,
            walks: HashMap::new(),
        }
    }

    /// Blanks a segment's payload. How many bytes of it stay.
    pub(super) fn of_segment(
        &mut self,
        flow: &Direction,
        numbers: [u32; 2],
        payload: &mut [u8],
    ) -> usize {
        let [seq, ack] = numbers;
        if self.is_hello(payload) && self.walks.len() < MAX_WALKS {
            let again = self.walks.get(flow).is_some_and(|walk| walk.start == seq);
            self.walks.insert(flow.clone(), Walk::new(seq));
            if !again {
                self.walks.insert(flow.back(), Walk::new(ack));
            }
        }
        match self.walks.get_mut(flow) {
            Some(walk) => walk.feed(seq, payload),
            None => 0,
        }
    }

    /// Whether a record with a `ClientHello` for a host of the catalogue begins here.
    fn is_hello(&self, payload: &[u8]) -> bool {
        hello_name(payload).is_some_and(|name| self.to.catalogue.covers(name.as_bytes()))
    }

    /// What takes the place of a datagram's payload, of the same length; none if it is cut.
    pub(super) fn of_datagram(&self, ports: [u16; 2], payload: &[u8]) -> Option<Vec<u8>> {
        if !ports.contains(&DNS_PORT) {
            return None;
        }
        let message = dns::parse(payload).ok()?;
        let question = message.question.as_ref()?;
        let is_plain = message.question_count == 1 && !message.cut && message.rcode < 16;
        if !is_plain || !self.to.catalogue.covers(question.name.as_bytes()) {
            return None;
        }
        let mut out = payload.get(..DNS_HEADER)?.to_vec();
        let asked = question_len(payload.get(DNS_HEADER..)?)?;
        out.extend_from_slice(payload.get(DNS_HEADER..DNS_HEADER + asked)?);
        let mut answers = 0u16;
        let records = message.records.iter();
        for record in records.filter(|record| record.section == Section::Answer) {
            let (kind, data) = match record.data {
                RecordData::A(ip) => (1u16, octets(self.to.address(ip.into()))),
                RecordData::Aaaa(ip) => (28, octets(self.to.address(ip.into()))),
                _ => continue,
            };
            // The owner is the name asked for (RFC 1035 section 4.1.4).
            out.extend([0xc0, 12]);
            out.extend(kind.to_be_bytes());
            out.extend(1u16.to_be_bytes());
            out.extend(record.ttl.to_be_bytes());
            out.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
            out.extend(data);
            answers += 1;
        }
        let counts = [1, answers, 0, 0].map(u16::to_be_bytes).concat();
        out.get_mut(4..DNS_HEADER)?.copy_from_slice(&counts);
        // Every record is at most as long as it was.
        (out.len() <= payload.len()).then(|| {
            out.resize(payload.len(), 0);
            out
        })
    }
}

/// The name in a `ClientHello` that begins here and fills one record, as far as it can be read.
fn hello_name(payload: &[u8]) -> Option<Hostname> {
    let [0x16, 0x03, _, high, low, 0x01, a, b, c, ..] = *payload else {
        return None;
    };
    let record = usize::from(u16::from_be_bytes([high, low]));
    let message = usize::try_from(u32::from_be_bytes([0, a, b, c])).ok()?;
    if message + 4 != record {
        return None;
    }
    let mut session = TlsSession::new();
    let seen = Seen {
        at: Timestamp::MIN,
        frame: FrameId::default(),
    };
    session.feed(
        Side::Client,
        seen,
        payload.get(..5 + record).unwrap_or(payload),
    );
    session.gap(Side::Client);
    let facts = session.into_facts();
    let hello = facts.client_hello.as_ref();
    let name = hello.and_then(|hello| hello.sni.clone());
    name.or_else(|| facts.seldom.partial_sni.clone())
}

fn octets(ip: std::net::IpAddr) -> Vec<u8> {
    match ip {
        std::net::IpAddr::V4(v4) => v4.octets().to_vec(),
        std::net::IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}

/// Bytes of an uncompressed question.
fn question_len(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match *bytes.get(at)? {
            0 => return Some(at + 5),
            length @ 1..=63 => at += 1 + usize::from(length),
            _ => return None,
        }
    }
}
