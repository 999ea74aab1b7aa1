//! DNS messages, of DNS and (by `mdns`, with its own names) of mDNS.
//!
//! Input: one message (a datagram's whole payload, or what followed a length prefix on TCP, see [`DnsTcp`]). Output:
//! [`Message`], owned; names are lower-cased unless the caller has a type of its own for them. The header must be whole
//! and the first question well-formed; whatever is readable is kept: a question or record that is cut or broken ends the
//! list and sets [`Message::cut`]. Names and compression pointers are bounded by the `domain` crate (pointers go
//! backwards only, 255 bytes a name), the lists by the
//! constants below. RFC 1035 section 4, RFC 6762 section 18, RFC 6891, RFC 9460.

mod answer;
mod codes;
mod record;
mod stream;
#[cfg(test)]
pub(crate) mod testing;

use domain::base::Message as Wire;
use domain::base::name::{Label, ParsedName};
use domain::base::wire::ParseError;
use domain::dep::octseq::Parser;

use crate::hostname::Hostname;
use crate::protocol::known_names::KnownNames;

pub use answer::{Answer, MAX_HINTS};
pub use codes::{RecordType, rcode_name};
pub use record::{Record, RecordData, Section};
pub use stream::{DnsTcp, MAX_BUFFERED};

/// Records kept of one message. An mDNS packet of 9,000 bytes holds some hundred; a message that is all smallest
/// records could hold 5,957.
pub const MAX_RECORDS: usize = 512;

/// Questions kept of one message; mDNS asks many at once.
pub const MAX_QUESTIONS: usize = 64;

/// Bytes of a message's header (RFC 1035 section 4.1.1).
const HEADER: usize = 12;

/// The top bit of a class: "answer by unicast" in an mDNS question, "flush the cache" in an mDNS record.
const CLASS_FLAG: u16 = 0x8000;

/// Why a message could not be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DnsError {
    /// Shorter than a header.
    #[error("DNS message of {have} bytes is shorter than its header of {need}")]
    Truncated {
        /// Bytes that a header has.
        need: usize,
        /// Bytes that are there.
        have: usize,
    },
    /// The first question is none.
    #[error("DNS question is malformed at byte {offset} of the message")]
    BadQuestion {
        /// Where the question starts, in bytes from the start of the message.
        offset: usize,
    },
}

/// One DNS message; `N` is how names are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the header's flags are independent bits, one field each"
)]
pub struct Message<N = Hostname> {
    /// Identifier; a response repeats the query's.
    pub id: u16,
    /// A response, not a query (QR).
    pub response: bool,
    /// Kind of query: 0 is a standard one.
    pub opcode: u8,
    /// The sender cut the message to fit (TC).
    pub truncated: bool,
    /// From an authority for the name (AA).
    pub authoritative: bool,
    /// Response code, with the upper bits of EDNS where they came.
    pub rcode: u16,
    /// The first question, unless there is none or it is cut.
    pub question: Option<Question<N>>,
    /// The questions after the first, at most [`MAX_QUESTIONS`] in all.
    pub further_questions: Vec<Question<N>>,
    /// How many questions the header says there are.
    pub question_count: u16,
    /// The records of all sections in order, at most [`MAX_RECORDS`].
    pub records: Vec<Record<N>>,
    /// Questions or records are missing: cut, broken, or more than are kept.
    pub cut: bool,
}

impl Message {
    /// Makes the names that are kept of it, the one asked for and its aliases, share the memory of those that are known.
    pub fn share_names(&mut self, known: &mut KnownNames) {
        if let Some(question) = &mut self.question {
            known.share(&mut question.name);
        }
        for record in &mut self.records {
            if let RecordData::Cname(target) = &mut record.data {
                known.share(target);
            }
        }
    }
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question<N = Hostname> {
    /// The name asked for.
    pub name: N,
    /// The type asked for.
    pub kind: RecordType,
    /// The class, without the flag bit: 1 is the Internet.
    pub class: u16,
    /// mDNS: please answer by unicast (QU, RFC 6762 section 5.4).
    pub unicast: bool,
}

/// Reads one message.
///
/// # Errors
///
/// When the header is not whole, or the first question malformed. A first question that is cut is left out.
pub fn parse(message: &[u8]) -> Result<Message, DnsError> {
    parse_as(message)
}

/// How a name is kept.
pub(super) trait ReadName: Sized {
    /// Takes a name off the wire.
    fn read(name: &ParsedName<&[u8]>) -> Self;
}

/// As [`parse`], with names kept as `N`.
pub(super) fn parse_as<N: ReadName>(message: &[u8]) -> Result<Message<N>, DnsError> {
    let wire = Wire::from_slice(message).map_err(|_| DnsError::Truncated {
        need: HEADER,
        have: message.len(),
    })?;
    let (header, counts) = (wire.header(), wire.header_counts());
    let mut parsed = Message {
        id: header.id(),
        response: header.qr(),
        opcode: header.opcode().to_int(),
        truncated: header.tc(),
        authoritative: header.aa(),
        rcode: u16::from(header.rcode().to_int()),
        question: None,
        further_questions: Vec::new(),
        question_count: counts.qdcount(),
        records: Vec::new(),
        cut: false,
    };
    let mut parser = Parser::from_ref(message);
    if parser.advance(HEADER).is_err() {
        return Ok(parsed);
    }
    if !questions(&mut parser, &mut parsed)? {
        return Ok(parsed);
    }
    let sections = [
        (Section::Answer, counts.ancount()),
        (Section::Authority, counts.nscount()),
        (Section::Additional, counts.arcount()),
    ];
    for (section, count) in sections {
        for _ in 0..count {
            let full = parsed.records.len() >= MAX_RECORDS;
            let Some(record) = record::parse(&mut parser, section).filter(|_| !full) else {
                parsed.cut = true;
                return Ok(parsed);
            };
            if let RecordData::Opt { extended_rcode, .. } = record.data {
                parsed.rcode |= u16::from(extended_rcode) << 4;
            }
            parsed.records.push(record);
        }
    }
    Ok(parsed)
}

/// Reads the questions; whether records can be read after them.
fn questions<N: ReadName>(
    parser: &mut Parser<'_, [u8]>,
    parsed: &mut Message<N>,
) -> Result<bool, DnsError> {
    for number in 0..parsed.question_count {
        if usize::from(number) >= MAX_QUESTIONS {
            // Thousands of names, each spread over the message by pointers, would be work for nothing.
            parsed.cut = true;
            if pass_question(parser).is_err() {
                return Ok(false);
            }
            continue;
        }
        match question(parser) {
            Ok(question) if number == 0 => parsed.question = Some(question),
            Ok(question) => parsed.further_questions.push(question),
            Err(ParseError::Form(_)) if number == 0 => {
                return Err(DnsError::BadQuestion { offset: HEADER });
            }
            Err(_) => {
                parsed.cut = true;
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Reads a question; the error tells whether it is cut or malformed.
fn question<N: ReadName>(parser: &mut Parser<'_, [u8]>) -> Result<Question<N>, ParseError> {
    let name = ParsedName::parse_ref(parser)?;
    let kind = parser.parse_u16_be()?;
    let class = parser.parse_u16_be()?;
    Ok(Question {
        name: N::read(&name),
        kind: RecordType(kind),
        class: class & !CLASS_FLAG,
        unicast: class & CLASS_FLAG != 0,
    })
}

/// Moves past a question without following its name's pointers.
fn pass_question(parser: &mut Parser<'_, [u8]>) -> Result<(), ParseError> {
    ParsedName::skip(parser)?;
    Ok(parser.advance(4)?)
}

/// Reads a name, compressed or not.
fn name<N: ReadName>(parser: &mut Parser<'_, [u8]>) -> Option<N> {
    Some(N::read(&ParsedName::parse_ref(parser).ok()?))
}

impl ReadName for Hostname {
    /// The presentation form: labels joined by dots, dots and backslashes inside a label escaped (RFC 1035 section
    /// 5.1), every other byte as it is.
    fn read(name: &ParsedName<&[u8]>) -> Self {
        Self::from_labels(name.iter().map(Label::as_slice))
    }
}

#[cfg(test)]
mod tests;
