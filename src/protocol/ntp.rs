//! NTP: who asked for the time, and whether the server answered that question.
//!
//! Input: whole datagrams. Output: [`Packet`], and per conversation an [`NtpSession`]: the client's requests (mode 3)
//! and the replies (mode 4) whose originate timestamp is a request's transmit timestamp, or, in interleaved mode, its
//! receive timestamp. Control messages (modes 6, 7) are not read; extension fields and authentication are passed over. RFC
//! 5905 section 7.3, RFC 9769.

use super::exchange::{Answered, Exchange};
use crate::capture::frame::{Seen, Timestamp};
use crate::side::Side;

/// The port of NTP servers, and of many clients.
pub const NTP_PORT: u16 = 123;

/// Bytes of a header.
const HEADER: usize = 48;

/// 1970-01-01 in seconds since 1900-01-01 (RFC 5905 section 6).
const UNIX_EPOCH: i64 = 2_208_988_800;

/// Why a datagram is no NTP packet that tells a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NtpError {
    /// Shorter than a header.
    #[error("NTP packet of {have} bytes is shorter than its header of {HEADER}")]
    Truncated {
        /// Bytes that are there.
        have: usize,
    },
    /// A version that does not exist.
    #[error("NTP version {0} is not known")]
    Version(u8),
    /// A mode that carries no time: reserved, control, or private.
    #[error("NTP mode {0} carries no time")]
    Mode(u8),
}

/// What a packet is for (RFC 5905 figure 10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Between peers: modes 1 and 2.
    Symmetric,
    /// A client's request: mode 3.
    Client,
    /// A server's reply: mode 4.
    Server,
    /// To whoever listens: mode 5.
    Broadcast,
}

/// A timestamp: seconds since 1900 in the upper half, fractions in the lower; it comes round every 136 years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NtpTime(pub u64);

impl NtpTime {
    /// A capture time as NTP writes it.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        let nanos = time.as_nanos();
        let seconds = nanos.div_euclid(1_000_000_000).wrapping_add(UNIX_EPOCH);
        let fraction = (i128::from(nanos.rem_euclid(1_000_000_000)) << 32) / 1_000_000_000;
        let low = u64::try_from(fraction).unwrap_or(0);
        Self((seconds.cast_unsigned() << 32) | low)
    }

    /// How far this is ahead of another, in nanoseconds; negative if behind. The nearer way round, 68 years at most.
    #[must_use]
    pub fn ahead_of(self, other: Self) -> i64 {
        let fractions = i128::from(self.0.wrapping_sub(other.0).cast_signed());
        i64::try_from((fractions * 1_000_000_000) >> 32).unwrap_or(i64::MAX)
    }
}

/// A packet's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// 3: the sender's clock is not set.
    pub leap: u8,
    /// 1 to 4.
    pub version: u8,
    /// What it is for.
    pub mode: Mode,
    /// Distance from a reference clock; 0 in a reply is a kiss-o'-death, 16 says that the clock is not set.
    pub stratum: u8,
    /// What the sender follows; with stratum 0, the kiss code.
    pub reference: [u8; 4],
    /// A reply: the request's transmit timestamp.
    pub originate: NtpTime,
    /// When the sender received what it answers.
    pub receive: NtpTime,
    /// When it was sent.
    pub transmit: NtpTime,
}

/// Reads one datagram.
///
/// # Errors
///
/// When it is shorter than a header, of no known version, or of a mode that carries no time.
pub fn parse(datagram: &[u8]) -> Result<Packet, NtpError> {
    let short = NtpError::Truncated {
        have: datagram.len(),
    };
    let (&[flags, stratum, ..], _) = datagram.split_first_chunk::<HEADER>().ok_or(short)?;
    let version = (flags >> 3) & 7;
    if !(1..=4).contains(&version) {
        return Err(NtpError::Version(version));
    }
    let mode = match flags & 7 {
        1 | 2 => Mode::Symmetric,
        3 => Mode::Client,
        4 => Mode::Server,
        5 => Mode::Broadcast,
        other => return Err(NtpError::Mode(other)),
    };
    let word = |at: usize| -> Option<&[u8; 8]> { datagram.get(at..)?.first_chunk() };
    let time = |at| {
        word(at)
            .map(|bytes| NtpTime(u64::from_be_bytes(*bytes)))
            .ok_or(short)
    };
    Ok(Packet {
        leap: flags >> 6,
        version,
        mode,
        stratum,
        reference: datagram
            .get(12..)
            .and_then(<[u8]>::first_chunk)
            .copied()
            .ok_or(short)?,
        originate: time(24)?,
        receive: time(32)?,
        transmit: time(40)?,
    })
}

/// What a reply said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its header.
    pub packet: Packet,
    /// TTL or hop limit it arrived with.
    pub ttl: u8,
}

impl Reply {
    /// The kiss code of a kiss-o'-death; of one that gives none, empty (RFC 5905 section 7.4).
    #[must_use]
    pub fn kiss(&self) -> Option<&str> {
        let reference = &self.packet.reference;
        let printable = reference.iter().all(u8::is_ascii_graphic);
        let code = if printable {
            str::from_utf8(reference).unwrap_or("")
        } else {
            ""
        };
        (self.packet.stratum == 0).then_some(code)
    }

    /// The server says that its own clock is not set: clients take no time from it.
    #[must_use]
    pub const fn is_unset(&self) -> bool {
        self.packet.leap == 3 || self.packet.stratum > 15
    }
}

/// How far the server's clock is ahead of the capture's, in nanoseconds, and how wrong that can be: half of the way
/// there and back. None for a server that gives no times.
#[must_use]
pub fn offset(answered: &Answered<Reply>) -> Option<(i64, u64)> {
    let packet = &answered.answer.packet;
    if packet.receive == NtpTime(0) || packet.transmit == NtpTime(0) {
        return None;
    }
    let there = packet.receive.ahead_of(NtpTime::at(answered.asked.at));
    let back = packet.transmit.ahead_of(NtpTime::at(answered.seen.at));
    let middle = i64::midpoint(there, back);
    Some((middle, there.abs_diff(back) / 2))
}

/// What tells a request by its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Comes back as the originate timestamp.
    transmit: NtpTime,
    /// Comes back instead in interleaved mode; 0 otherwise.
    receive: NtpTime,
}

/// One conversation.
#[derive(Clone, Debug, Default)]
pub struct NtpSession {
    requests: Exchange<Request, Reply>,
    opening: Option<NtpTime>,
}

impl NtpSession {
    /// Takes a packet that `side` sent.
    pub fn feed(&mut self, side: Side, seen: Seen, packet: Packet, ttl: u8) {
        match (side, packet.mode) {
            (Side::Client, Mode::Client) => {
                self.opening.get_or_insert(packet.transmit);
                let Packet {
                    transmit, receive, ..
                } = packet;
                self.requests.asked(Request { transmit, receive }, seen);
            }
            (Side::Server, Mode::Server) => {
                let is_for = |asked: &Request| {
                    asked.transmit == packet.originate
                        || (asked.receive == packet.originate && asked.receive != NtpTime(0))
                };
                self.requests.answered(is_for, Reply { packet, ttl }, seen);
            }
            (_, _) => {}
        }
    }

    /// The requests and what became of them.
    #[must_use]
    pub const fn requests(&self) -> &Exchange<Request, Reply> {
        &self.requests
    }

    /// The first request's timestamp: the same wherever the conversation is captured.
    #[must_use]
    pub const fn opening(&self) -> Option<NtpTime> {
        self.opening
    }
}

impl Mode {
    /// Whether the sender is a client, where the mode tells.
    #[must_use]
    pub const fn sender_is_client(self) -> Option<bool> {
        match self {
            Self::Client => Some(true),
            Self::Server => Some(false),
            Self::Symmetric | Self::Broadcast => None,
        }
    }
}

#[cfg(test)]
mod tests;
