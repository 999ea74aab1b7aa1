//! QUIC packet headers, as far as they are in the clear.
//!
//! Input: a datagram's payload. Output: its coalesced packets, one by one, borrowed. Read are versions 1 and 2 and the
//! last drafts, which share their layout; of other versions only that they are QUIC is known (RFC 8999). Lengths that do
//! not fit end the walk. RFC 9000 sections 12.2 and 17, RFC 9369 section 3.2.

use std::fmt;

/// Longest connection ID of versions 1 and 2, in bytes (RFC 9000 section 17.2).
pub const MAX_ID_BYTES: usize = 20;

/// Header form: long (RFC 8999 section 5.1).
const LONG: u8 = 0x80;
/// The fixed bit: 1, until an end hears that its peer does not mind (RFC 9000 section 17.2, RFC 9287).
const FIXED: u8 = 0x40;

/// Bytes of a datagram with an Initial at least (RFC 9000 section 14.1).
const FULL_BYTES: usize = 1200;

pub(super) const VERSION_1: u32 = 1;
/// RFC 9369 section 3.1.
pub(super) const VERSION_2: u32 = 0x6b33_43cf;
/// Drafts 29 to 32, which share one salt.
pub(super) const DRAFTS: std::ops::RangeInclusive<u32> = 0xff00_001d..=0xff00_0020;

/// A connection ID.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId {
    length: u8,
    bytes: [u8; MAX_ID_BYTES],
}

impl ConnectionId {
    /// From its bytes, at most [`MAX_ID_BYTES`].
    #[must_use]
    pub fn new(id: &[u8]) -> Option<Self> {
        let mut bytes = [0; MAX_ID_BYTES];
        bytes.get_mut(..id.len())?.copy_from_slice(id);
        Some(Self {
            length: u8::try_from(id.len()).ok()?,
            bytes,
        })
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes
            .get(..usize::from(self.length))
            .unwrap_or_default()
    }
}

impl fmt::Debug for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes()
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Initial,
    /// 0-RTT.
    EarlyData,
    Handshake,
    Retry,
    VersionNegotiation,
    /// A short header: 1-RTT.
    OneRtt,
    /// A long header of a version that is not read.
    Unreadable,
}

/// One packet of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    pub(super) kind: Kind,
    /// Version; 0 for short headers and version negotiation.
    pub(super) version: u32,
    /// Destination and source connection IDs; empty where the header does not tell their lengths.
    pub(super) destination: ConnectionId,
    pub(super) source: ConnectionId,
    /// The whole packet, as captured.
    pub(super) bytes: &'a [u8],
    /// Where the packet number of an Initial begins in `bytes`.
    pub(super) number_at: usize,
}

/// Takes the next packet off a datagram; `None` at its end or when what follows is no QUIC packet.
pub(super) fn next<'a>(datagram: &mut &'a [u8]) -> Option<Packet<'a>> {
    let all = *datagram;
    *datagram = &[];
    let first = *all.first()?;
    if first & LONG == 0 {
        return Some(Packet {
            kind: Kind::OneRtt,
            version: 0,
            destination: ConnectionId::default(),
            source: ConnectionId::default(),
            bytes: all,
            number_at: 0,
        });
    }
    let mut rest = all.get(1..)?;
    let version = u32::from_be_bytes(*take(&mut rest, 4)?.first_chunk()?);
    let kind = kind(first, version);
    let (destination, source) = (id(&mut rest)?, id(&mut rest)?);
    let mut packet = Packet {
        kind,
        version,
        // Other versions may have longer ones; nothing is done with those.
        destination: ConnectionId::new(destination).unwrap_or_default(),
        source: ConnectionId::new(source).unwrap_or_default(),
        bytes: all,
        number_at: 0,
    };
    match kind {
        Kind::VersionNegotiation | Kind::Retry | Kind::Unreadable | Kind::OneRtt => Some(packet),
        Kind::Initial | Kind::EarlyData | Kind::Handshake => {
            if destination.len().max(source.len()) > MAX_ID_BYTES {
                return None;
            }
            if kind == Kind::Initial {
                let token = varint(&mut rest)?;
                take(&mut rest, usize::try_from(token).ok()?)?;
            }
            let length = usize::try_from(varint(&mut rest)?).ok()?;
            packet.number_at = all.len() - rest.len();
            // A packet that the capture cut goes to the end of what there is.
            let end = packet.number_at.saturating_add(length).min(all.len());
            let (bytes, behind) = all.split_at_checked(end)?;
            packet.bytes = bytes;
            // Zeros behind a packet are padding of the datagram, no packet.
            if behind.first().is_some_and(|byte| *byte != 0) {
                *datagram = behind;
            }
            Some(packet)
        }
    }
}

fn kind(first: u8, version: u32) -> Kind {
    let bits = (first >> 4) & 3;
    let order = match version {
        0 => return Kind::VersionNegotiation,
        VERSION_1 => bits,
        // Version 2 counts the types from another one on.
        VERSION_2 => (bits + 3) & 3,
        draft if DRAFTS.contains(&draft) => bits,
        _ => return Kind::Unreadable,
    };
    match order {
        0 => Kind::Initial,
        1 => Kind::EarlyData,
        2 => Kind::Handshake,
        _ => Kind::Retry,
    }
}

/// A connection ID with the length in front of it.
fn id<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = *take(rest, 1)?.first()?;
    take(rest, usize::from(length))
}

/// Takes so many bytes.
pub(super) fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

/// Takes a variable-length integer (RFC 9000 section 16).
pub(super) fn varint(rest: &mut &[u8]) -> Option<u64> {
    let first = *rest.first()?;
    let bytes = take(rest, 1 << (first >> 6))?;
    let value = bytes
        .iter()
        .fold(0u64, |value, byte| (value << 8) | u64::from(*byte));
    // The two highest bits of the first byte are the length.
    Some(value & (u64::MAX >> (66 - 8 * bytes.len())))
}

/// Whether a UDP conversation that begins with this datagram is QUIC: a long header of a version that is known to
/// exist, with connection IDs that fit.
pub(super) fn is_quic(datagram: &[u8]) -> bool {
    if is_early_google(datagram) {
        return true;
    }
    let Some(version) = datagram
        .get(1..5)
        .and_then(|bytes| bytes.first_chunk::<4>())
    else {
        return false;
    };
    let known = match *version {
        // Google's versions 46 and later, and those with TLS.
        [b'Q' | b'T', b'0', a, b] => a.is_ascii_digit() && b.is_ascii_digit(),
        // Drafts of the IETF (RFC 9000 section 15 of the drafts), and Facebook's.
        [0xff, 0, 0, _] | [0xfa, 0xce, 0xb0, _] => true,
        // Versions that exist to be refused (RFC 9000 section 15); such a datagram has the size of an Initial's.
        [a, b, c, d] if [a, b, c, d].iter().all(|byte| byte & 0x0f == 0x0a) => {
            datagram.len() >= FULL_BYTES
        }
        number => {
            matches!(u32::from_be_bytes(number), VERSION_1 | VERSION_2)
                && (datagram.first().is_some_and(|byte| byte & FIXED != 0)
                    || datagram.len() >= FULL_BYTES)
        }
    };
    let mut rest = datagram;
    known && datagram.first().is_some_and(|byte| byte & LONG != 0) && next(&mut rest).is_some()
}

/// Google's versions up to 43 had a header of their own: flags with a version and an 8-byte connection ID.
fn is_early_google(datagram: &[u8]) -> bool {
    matches!(*datagram, [flags, _, _, _, _, _, _, _, _, b'Q', b'0', a, b, ..]
        if flags & 0x09 == 0x09 && flags & LONG == 0 && a.is_ascii_digit() && b.is_ascii_digit())
}

/// The destination connection ID of a datagram that begins with an Initial of a version that is read.
pub(super) fn initial_id(datagram: &[u8]) -> Option<ConnectionId> {
    let mut rest = datagram;
    datagram.first().filter(|byte| **byte & LONG != 0)?;
    let packet = next(&mut rest)?;
    (packet.kind == Kind::Initial).then_some(packet.destination)
}

/// The bytes behind the first one of a datagram that may be a 1-RTT packet: the destination connection ID, of unknown
/// length, and what follows. No such packet is shorter than 21 bytes (RFC 9000 section 10.3).
pub(super) fn short_header_id(datagram: &[u8]) -> Option<ConnectionId> {
    let &first = datagram.first()?;
    if first & LONG != 0 {
        return None;
    }
    ConnectionId::new(datagram.get(1..=MAX_ID_BYTES)?)
}
