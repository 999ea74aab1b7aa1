//! NAT-PMP and PCP: who asked the gateway for what, and what it said.
//!
//! Input: whole datagrams. Output: [`Message`], and per conversation a [`NatPmpSession`]: requests, and the responses with
//! the request's opcode and the response bit. Announcements of the gateway (to port 5350) are responses that nobody
//! asked for; their epoch tells when it was started. Options of PCP are not read. RFC 6886 section 3, RFC 6887 sections
//! 7, 9 and 11.

use std::net::Ipv4Addr;

use super::exchange::{Answered, Exchange};
use crate::capture::frame::Seen;
use crate::side::Side;

/// The gateway's port.
pub const SERVER_PORT: u16 = 5351;

/// The port on which clients hear announcements.
pub const CLIENT_PORT: u16 = 5350;

/// The bit of an opcode that marks a response.
const RESPONSE: u8 = 0x80;

/// Version numbers on the wire.
const NAT_PMP: u8 = 0;
const PCP: u8 = 2;

/// "Unsupported version" in both protocols: the client goes on with the other one.
const UNSUPPORTED_VERSION: u16 = 1;

/// PCP's common header and its longest message (RFC 6887 section 7), in bytes.
const PCP_HEADER: usize = 24;
const MAX_PCP: usize = 1100;

/// Why a datagram is no message of either protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NatPmpError {
    /// Too short for what its opcode says.
    #[error("NAT-PMP or PCP message of {have} bytes is shorter than {need}")]
    Truncated {
        /// Bytes that such a message has at least.
        need: usize,
        /// Bytes that are there.
        have: usize,
    },
    /// Longer than any message.
    #[error("PCP message of {0} bytes is longer than {MAX_PCP}")]
    TooLong(usize),
    /// Neither NAT-PMP (0) nor PCP (2).
    #[error("NAT-PMP version {0} is not known")]
    Version(u8),
}

/// Which protocol, by its version number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Version 0.
    NatPmp,
    /// Version 2.
    Pcp,
}

impl Protocol {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NatPmp => "NAT-PMP",
            Self::Pcp => "PCP",
        }
    }
}

/// What tells one request from another, repeated in its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// Which protocol.
    pub protocol: Protocol,
    /// Without the response bit.
    pub opcode: u8,
    /// The client's own port, of a mapping: 0 means all.
    pub port: Option<u16>,
    /// PCP's mapping nonce.
    pub nonce: Option<[u8; 12]>,
}

impl Request {
    /// What is asked for, in words.
    #[must_use]
    pub fn describe(&self) -> String {
        let what = match (self.protocol, self.opcode) {
            (Protocol::NatPmp, 0) => "public address",
            (Protocol::NatPmp, 1) => "mapping of UDP port",
            (Protocol::NatPmp, 2) => "mapping of TCP port",
            (Protocol::Pcp, 0) => "announcement",
            (Protocol::Pcp, 1) => "mapping of port",
            (Protocol::Pcp, 2) => "mapping for a peer of port",
            (_, other) => return format!("{} opcode {other}", self.protocol.as_str()),
        };
        let port = self
            .port
            .map_or_else(String::new, |port| format!(" {port}"));
        format!("{} {what}{port}", self.protocol.as_str())
    }

    /// Whether a response is to this request. Of an error the gateway need not repeat more than the opcode, and of
    /// "unsupported version" it speaks another version.
    fn is_answered_by(&self, answer: &Self, result: u16) -> bool {
        let port = answer.port.is_none() || answer.port == self.port;
        let nonce = answer.nonce.is_none() || answer.nonce == self.nonce;
        result == UNSUPPORTED_VERSION
            || (self.protocol == answer.protocol && self.opcode == answer.opcode && port && nonce)
    }
}

/// What a response says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response {
    /// Which protocol.
    pub protocol: Protocol,
    /// 0 is success.
    pub result: u16,
    /// Seconds since the gateway's table of mappings began.
    pub epoch: Option<u32>,
    /// The gateway's public address, where NAT-PMP tells it.
    pub address: Option<Ipv4Addr>,
}

impl Response {
    /// The result in words (RFC 6886 section 3.5, RFC 6887 section 7.4).
    #[must_use]
    pub const fn result_name(&self) -> &'static str {
        match (self.protocol, self.result) {
            (_, 0) => "success",
            (_, UNSUPPORTED_VERSION) => "unsupported version",
            (_, 2) => "not authorized",
            (Protocol::NatPmp, 3) | (Protocol::Pcp, 7) => "network failure",
            (Protocol::NatPmp, 4) => "out of resources",
            (Protocol::NatPmp, 5) | (Protocol::Pcp, 4) => "unsupported opcode",
            (Protocol::Pcp, 3) => "malformed request",
            (Protocol::Pcp, 5) => "unsupported option",
            (Protocol::Pcp, 6) => "malformed option",
            (Protocol::Pcp, 8) => "no resources",
            (Protocol::Pcp, 9) => "unsupported protocol",
            (Protocol::Pcp, 10) => "user exceeded quota",
            (Protocol::Pcp, 11) => "cannot provide external",
            (Protocol::Pcp, 12) => "address mismatch",
            (Protocol::Pcp, 13) => "excessive remote peers",
            (_, _) => "unknown",
        }
    }
}

/// One message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// From the client.
    Request(Request),
    /// From the gateway, with the request that it repeats.
    Response(Request, Response),
}

/// Reads one datagram.
///
/// # Errors
///
/// When it is of another version, longer than any message, or a request that is not whole. Of a response the result is
/// enough.
pub fn parse(datagram: &[u8]) -> Result<Message, NatPmpError> {
    let &[version, opcode] = datagram
        .first_chunk()
        .ok_or_else(|| truncated(2, datagram))?;
    match version {
        NAT_PMP => nat_pmp(opcode, datagram),
        PCP if datagram.len() > MAX_PCP => Err(NatPmpError::TooLong(datagram.len())),
        PCP => pcp(opcode, datagram),
        other => Err(NatPmpError::Version(other)),
    }
}

fn nat_pmp(opcode: u8, datagram: &[u8]) -> Result<Message, NatPmpError> {
    let mut request = Request {
        protocol: Protocol::NatPmp,
        opcode: opcode & !RESPONSE,
        port: None,
        nonce: None,
    };
    let mapping = matches!(request.opcode, 1 | 2);
    if opcode & RESPONSE == 0 {
        let need = if mapping { 12 } else { 2 };
        whole(need, datagram)?;
        request.port = chunk(datagram, 4)
            .map(u16::from_be_bytes)
            .filter(|_| mapping);
        return Ok(Message::Request(request));
    }
    request.port = chunk(datagram, 8)
        .map(u16::from_be_bytes)
        .filter(|_| mapping);
    let response = Response {
        protocol: Protocol::NatPmp,
        result: chunk(datagram, 2)
            .map(u16::from_be_bytes)
            .ok_or_else(|| truncated(4, datagram))?,
        epoch: chunk(datagram, 4).map(u32::from_be_bytes),
        address: chunk::<4>(datagram, 8)
            .map(Ipv4Addr::from)
            .filter(|_| request.opcode == 0),
    };
    Ok(Message::Response(request, response))
}

fn pcp(opcode: u8, datagram: &[u8]) -> Result<Message, NatPmpError> {
    let mut request = Request {
        protocol: Protocol::Pcp,
        opcode: opcode & !RESPONSE,
        port: None,
        nonce: None,
    };
    let need = match request.opcode {
        1 => PCP_HEADER + 36,
        2 => PCP_HEADER + 56,
        _ => PCP_HEADER,
    };
    if need > PCP_HEADER {
        request.nonce = chunk(datagram, PCP_HEADER);
        // After the nonce: protocol, three bytes of padding.
        request.port = chunk(datagram, PCP_HEADER + 16).map(u16::from_be_bytes);
    }
    if opcode & RESPONSE == 0 {
        whole(need, datagram)?;
        return Ok(Message::Request(request));
    }
    let [result] = chunk(datagram, 3).ok_or_else(|| truncated(4, datagram))?;
    let response = Response {
        protocol: Protocol::Pcp,
        result: result.into(),
        epoch: chunk(datagram, 8).map(u32::from_be_bytes),
        address: None,
    };
    Ok(Message::Response(request, response))
}

const fn truncated(need: usize, datagram: &[u8]) -> NatPmpError {
    NatPmpError::Truncated {
        need,
        have: datagram.len(),
    }
}

const fn whole(need: usize, datagram: &[u8]) -> Result<(), NatPmpError> {
    if datagram.len() < need {
        return Err(truncated(need, datagram));
    }
    Ok(())
}

fn chunk<const N: usize>(datagram: &[u8], at: usize) -> Option<[u8; N]> {
    datagram.get(at..)?.first_chunk().copied()
}

/// One conversation.
#[derive(Clone, Debug, Default)]
pub struct NatPmpSession {
    requests: Exchange<Request, Response>,
    opening: Option<Request>,
    refused: Option<Refusal>,
    announced: Option<(Seen, Response)>,
    epoch: Option<(u32, Seen)>,
    restarted: Option<Seen>,
}

/// A request that was turned down and not granted since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The request.
    pub request: Request,
    /// The response.
    pub answered: Answered<Response>,
}

impl Refusal {
    /// It only says that the gateway speaks another version, which clients then try.
    #[must_use]
    pub const fn is_about_version(&self) -> bool {
        self.answered.answer.result == UNSUPPORTED_VERSION
    }
}

impl NatPmpSession {
    /// Takes a message that `side` sent.
    pub fn feed(&mut self, side: Side, seen: Seen, message: Message) {
        match message {
            Message::Request(request) if side == Side::Client => {
                self.opening.get_or_insert(request);
                self.requests.asked(request, seen);
            }
            Message::Response(request, response) => {
                self.note_epoch(response.epoch, seen);
                self.response(request, response, seen);
            }
            Message::Request(_) => {}
        }
    }

    fn response(&mut self, request: Request, response: Response, seen: Seen) {
        let is_for = |asked: &Request| asked.is_answered_by(&request, response.result);
        if request.opcode == 0 && !self.requests.is_waiting(is_for) {
            self.announced.get_or_insert((seen, response));
            return;
        }
        let Some(request) = self.requests.answered(is_for, response, seen) else {
            return;
        };
        let standing = self.refused.filter(|refused| !refused.is_about_version());
        self.refused = match (standing, self.requests.last()) {
            (Some(refused), _) if refused.request != request || response.result != 0 => {
                Some(refused)
            }
            (_, Some(&answered)) if response.result != 0 => Some(Refusal { request, answered }),
            (_, _) => None,
        };
    }

    /// RFC 6886 section 3.6: an epoch that lies behind 7/8 of the time passed by more than 2 s began anew.
    fn note_epoch(&mut self, epoch: Option<u32>, seen: Seen) {
        let Some(epoch) = epoch else { return };
        if let Some((before, at)) = self.epoch {
            let passed = seen.at.since(at.at).as_secs().saturating_mul(7) / 8;
            if u64::from(epoch).saturating_add(2) < u64::from(before).saturating_add(passed) {
                self.restarted.get_or_insert(seen);
            }
        }
        self.epoch = Some((epoch, seen));
    }

    /// The requests and what became of them.
    #[must_use]
    pub const fn requests(&self) -> &Exchange<Request, Response> {
        &self.requests
    }

    /// The first request that was turned down and not granted since.
    #[must_use]
    pub const fn refused(&self) -> Option<&Refusal> {
        self.refused.as_ref()
    }

    /// The gateway's first announcement.
    #[must_use]
    pub const fn announced(&self) -> Option<&(Seen, Response)> {
        self.announced.as_ref()
    }

    /// The response whose epoch shows that the gateway forgot its mappings in between.
    #[must_use]
    pub const fn restarted(&self) -> Option<Seen> {
        self.restarted
    }

    /// What the first request asked for: the same wherever the conversation is captured.
    #[must_use]
    pub const fn opening(&self) -> Option<Request> {
        self.opening
    }
}

#[cfg(test)]
mod tests;
