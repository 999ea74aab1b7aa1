//! Multicast DNS messages: the form of DNS, and what its fields mean among equals on one link.
//!
//! Input: the payload of a datagram from or to port 5353. Output: [`Message`], read by the walk of `dns` with names that
//! keep their spelling ([`Name`]), and what a message is: a question, a probe, a question with known answers, a
//! response. Bounds are those of `dns`. RFC 6762 sections 5 to 8, 10 and 18; RFC 6763 section 4.

mod name;

pub use name::{Instance, Name};

use super::dns::{self, DnsError, Section};

/// One mDNS message.
pub type Message = dns::Message<Name>;

/// One question.
pub type Question = dns::Question<Name>;

/// One record.
pub type Record = dns::Record<Name>;

/// Reads one message.
///
/// # Errors
///
/// As [`dns::parse`].
pub fn parse(payload: &[u8]) -> Result<Message, DnsError> {
    dns::parse_as(payload)
}

impl dns::Message<Name> {
    /// With another opcode or response code a message must be ignored (RFC 6762 sections 18.3 and 18.11).
    #[must_use]
    pub const fn is_standard(&self) -> bool {
        self.opcode == 0 && self.rcode == 0
    }

    /// All questions.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.question.iter().chain(&self.further_questions)
    }

    /// The sender asks whether a name that it is about to take is free; silence is the answer that it hopes for
    /// (RFC 6762 section 8.1).
    #[must_use]
    pub fn is_probe(&self) -> bool {
        !self.response && self.has_in(Section::Authority)
    }

    /// The sender tells what it knows already, so that nobody says it again (RFC 6762 sections 7.1 and 7.2; the
    /// truncation bit announces more of it).
    #[must_use]
    pub fn has_known_answers(&self) -> bool {
        !self.response && (self.truncated || self.has_in(Section::Answer))
    }

    fn has_in(&self, section: Section) -> bool {
        self.records.iter().any(|record| record.section == section)
    }
}

#[cfg(test)]
mod tests;
