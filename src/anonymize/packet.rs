//! Frames, with everybody's addresses replaced and nearly all payload cut.
//!
//! Input: a frame. Output: its link header with other MAC addresses, and of its outermost IP packet the headers with other
//! addresses, down to the end of the transport header; the length on the wire stays what it was, so what is missing
//! reads as cut by a snap length, and verdicts that need it become unjudged, never false. Payload that stays: see
//! [`super::payload`]. Options that carry addresses become padding; tunnels and extension headers end after the IP
//! header. Checksums are carried over (RFC 1624): what was right stays right. Other link layers become `LINKTYPE_RAW`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use super::Anonymizer;
use super::payload::{Direction, Payloads};
use super::report::Rewriting;
use crate::capture::frame::{Frame, LinkType};
use crate::decode::{self, MacAddr};
use crate::verdict::summary::Summary;

/// Link types whose headers stay.
const ETHERNET: LinkType = LinkType(1);
const COOKED: LinkType = LinkType(113);
const COOKED_2: LinkType = LinkType(276);
/// What all others become.
const RAW: LinkType = LinkType(101);

/// IPv4: where a fragment belongs, in units of 8 bytes.
const FRAGMENT_OFFSET: u16 = 0x1fff;
/// IPv4: another fragment follows.
const MORE_FRAGMENTS: u16 = 0x2000;

/// IP protocol numbers.
mod protocol {
    pub(super) const ICMP: u8 = 1;
    pub(super) const TCP: u8 = 6;
    pub(super) const UDP: u8 = 17;
    pub(super) const FRAGMENT: u8 = 44;
    pub(super) const ICMPV6: u8 = 58;
}

/// Evidence without what tells whose it is: its frames, in order, and the words beside them.
#[derive(Clone)]
pub struct Anonymous<'a> {
    to: &'a Anonymizer<'a>,
    words: Rc<Rewriting<'a>>,
    payloads: Payloads<'a>,
    bytes: Vec<u8>,
}

impl<'a> Anonymous<'a> {
    /// For the evidence of this summary.
    #[must_use]
    pub fn of(to: &'a Anonymizer<'a>, summary: &Summary) -> Self {
        Self {
            to,
            words: Rc::new(Rewriting::of(to, summary)),
            payloads: Payloads::new(to),
            bytes: Vec::new(),
        }
    }

    /// A comment with pseudonyms.
    #[must_use]
    pub fn comment(&self, text: &str) -> String {
        self.words.sentence(text)
    }

    /// The pseudonym of an interface.
    #[must_use]
    pub fn interface(&self, name: &str) -> String {
        self.to.pseudonyms.of("interface", name)
    }

    /// The frame with pseudonyms; none if there is no IP packet in it.
    pub fn frame(&mut self, frame: &Frame<'_>) -> Option<Frame<'_>> {
        let start = decode::ip_offset(frame)?;
        let (link, packet) = frame.bytes.split_at_checked(start)?;
        self.bytes.clear();
        let dropped = match frame.link {
            ETHERNET | COOKED | COOKED_2 => {
                self.bytes.extend_from_slice(link);
                self.link(frame.link);
                0
            }
            _ => u32::try_from(start).ok()?,
        };
        let link_len = self.bytes.len();
        self.bytes.extend_from_slice(packet);
        let kept = Turning {
            to: self.to,
            payloads: &mut self.payloads,
            packet: self.bytes.get_mut(link_len..)?,
        }
        .network()?;
        self.bytes.truncate(link_len + kept);
        Some(Frame {
            seen: frame.seen,
            interface: frame.interface,
            link: if dropped == 0 { frame.link } else { RAW },
            process: None,
            bytes: &self.bytes,
            original_len: frame.original_len.saturating_sub(dropped),
        })
    }

    /// Replaces the MAC addresses of the header in `bytes`.
    fn link(&mut self, link: LinkType) {
        let has_mac = |at: usize| self.bytes.get(at) == Some(&6);
        let places: &[usize] = match link {
            ETHERNET => &[0, 6],
            COOKED if has_mac(5) => &[6],
            COOKED_2 if has_mac(11) => &[12],
            // An address of another kind: none is better.
            COOKED => return self.blank(6),
            _ => return self.blank(12),
        };
        for at in places {
            let field = self.bytes.get_mut(*at..).and_then(<[u8]>::first_chunk_mut);
            if let Some(field) = field {
                *field = self.to.mac(MacAddr(*field)).0;
            }
        }
    }

    fn blank(&mut self, at: usize) {
        if let Some(field) = self.bytes.get_mut(at..at + 8) {
            field.fill(0);
        }
    }
}

/// One IP packet at work.
struct Turning<'t, 'a> {
    to: &'t Anonymizer<'a>,
    payloads: &'t mut Payloads<'a>,
    packet: &'t mut [u8],
}

/// What an outer checksum has to follow: bytes as they were, and as they are.
type Change = (Vec<u8>, Vec<u8>);

impl Turning<'_, '_> {
    fn be16(&self, at: usize) -> Option<u16> {
        let bytes = self.packet.get(at..)?.first_chunk()?;
        Some(u16::from_be_bytes(*bytes))
    }

    /// How many bytes stay.
    fn network(&mut self) -> Option<usize> {
        let (at, protocol, whole, addresses) = self.header(0)?;
        let Some(protocol) = protocol else {
            return Some(at);
        };
        let end = self.packet.len();
        Some(match protocol {
            protocol::TCP => {
                let kept = self.tcp(at, &addresses, whole);
                // Of a header that is not whole, the part that has no options.
                kept.unwrap_or(end.min(at + 20))
            }
            protocol::UDP => self.udp(at, &addresses, whole).unwrap_or(end.min(at + 8)),
            protocol::ICMP => self.icmp(at, &(Vec::new(), Vec::new()), false),
            protocol::ICMPV6 => self.icmp(at, &addresses, true),
            _ => at,
        })
    }

    /// Replaces the addresses of the IP header at `at`. Where it ends, the protocol behind it unless that is not to be
    /// looked at, whether the packet is a whole one, and how the addresses changed.
    fn header(&mut self, at: usize) -> Option<(usize, Option<u8>, bool, Change)> {
        match self.packet.get(at)? >> 4 {
            4 => self.ipv4(at),
            6 => self.ipv6(at),
            _ => None,
        }
    }

    fn ipv4(&mut self, at: usize) -> Option<(usize, Option<u8>, bool, Change)> {
        let length = usize::from(self.packet.get(at)? & 0x0f) * 4;
        let part = self.be16(at + 6)?;
        let protocol = *self.packet.get(at + 9)?;
        let header = self.packet.get_mut(at..at + length)?;
        let (fixed, options) = header.split_first_chunk_mut::<20>()?;
        let options_before = options.to_vec();
        let ends = *fixed.last_chunk::<8>()?;
        let turned = |octets: [u8; 4]| match self.to.address(IpAddr::V4(Ipv4Addr::from(octets))) {
            IpAddr::V4(turned) => turned.octets(),
            IpAddr::V6(_) => [0; 4],
        };
        let both = [turned(*ends.first_chunk()?), turned(*ends.last_chunk()?)].concat();
        fixed.last_chunk_mut::<8>()?.copy_from_slice(&both);
        // Routes and times recorded on the way.
        options.fill(1);
        let options_after = options.to_vec();
        let addresses = (ends.to_vec(), both);
        self.carry(at + 10, &[&addresses, &(options_before, options_after)]);
        let first = part & FRAGMENT_OFFSET == 0;
        Some((
            at + length,
            first.then_some(protocol),
            first && part & MORE_FRAGMENTS == 0,
            addresses,
        ))
    }

    fn ipv6(&mut self, at: usize) -> Option<(usize, Option<u8>, bool, Change)> {
        let next = *self.packet.get(at + 6)?;
        let before = self.packet.get(at + 8..at + 40)?.to_vec();
        for at in [at + 8, at + 24] {
            let field = self.packet.get_mut(at..)?.first_chunk_mut::<16>()?;
            if let IpAddr::V6(turned) = self.to.address(IpAddr::V6(Ipv6Addr::from(*field))) {
                *field = turned.octets();
            }
        }
        let addresses = (before, self.packet.get(at + 8..at + 40)?.to_vec());
        Some(match next {
            protocol::TCP | protocol::UDP | protocol::ICMPV6 => {
                (at + 40, Some(next), true, addresses)
            }
            protocol::FRAGMENT if self.packet.len() >= at + 48 => {
                let first = self.be16(at + 42)? & 0xfff8 == 0;
                let next = *self.packet.get(at + 40)?;
                (at + 48, first.then_some(next), false, addresses)
            }
            _ => (at + 40, None, false, addresses),
        })
    }

    fn tcp(&mut self, at: usize, addresses: &Change, whole: bool) -> Option<usize> {
        let length = usize::from(self.packet.get(at + 12)? >> 4) * 4;
        let end = at + length.max(20);
        let header = self.packet.get_mut(at..end)?;
        let before = header.to_vec();
        blank_options(header.get_mut(20..)?);
        let after = header.to_vec();
        self.carry(at + 16, &[addresses, &(before.clone(), after)]);
        let payload = self.packet.get_mut(end..)?;
        if !whole || payload.is_empty() {
            return Some(end);
        }
        let number = |at: usize| Some(u32::from_be_bytes(*before.get(at..)?.first_chunk()?));
        let numbers = [number(4)?, number(8)?];
        let (from, to) = addresses.0.split_at_checked(addresses.0.len() / 2)?;
        let [a, b, c, d] = *before.first_chunk()?;
        let flow = Direction([(from.to_vec(), [a, b]), (to.to_vec(), [c, d])]);
        let payload_before = payload.to_vec();
        let kept = self.payloads.of_segment(&flow, numbers, payload);
        let payload_after = payload.to_vec();
        self.carry(at + 16, &[&(payload_before, payload_after)]);
        Some(end + kept)
    }

    fn udp(&mut self, at: usize, addresses: &Change, whole: bool) -> Option<usize> {
        let end = at + 8;
        let ports = [self.be16(at)?, self.be16(at + 2)?];
        let length = usize::from(self.be16(at + 4)?);
        let before = self.packet.get(end..at + length.max(8));
        let after = before
            .filter(|_| whole)
            .and_then(|payload| self.payloads.of_datagram(ports, payload));
        let has_checksum = self.be16(at + 6)? != 0;
        let Some((before, after)) = before.map(<[u8]>::to_vec).zip(after) else {
            if has_checksum {
                self.carry(at + 6, &[addresses]);
            }
            return Some(end);
        };
        self.packet
            .get_mut(end..end + after.len())?
            .copy_from_slice(&after);
        let kept = end + after.len();
        if has_checksum {
            self.carry(at + 6, &[addresses, &(before, after)]);
            let check = self.packet.get_mut(at + 6..at + 8)?;
            if *check == [0, 0] {
                check.fill(0xff);
            }
        }
        Some(kept)
    }

    /// An error keeps the headers that it quotes, an echo its numbers; all else only type, code and checksum.
    fn icmp(&mut self, at: usize, addresses: &Change, v6: bool) -> usize {
        let end = self.packet.len();
        let kind = self.packet.get(at).copied();
        let kept = match (v6, kind) {
            (false, Some(3 | 4 | 11 | 12)) | (true, Some(1..=4)) => {
                let before = self.packet.get(at + 8..).unwrap_or_default().to_vec();
                let quoted = self
                    .header(at + 8)
                    .map_or(at + 8, |(quoted, ..)| quoted + 8);
                let after = self.packet.get(at + 8..).unwrap_or_default().to_vec();
                self.carry(at + 2, &[addresses, &(before, after)]);
                quoted
            }
            (false, Some(0 | 8)) | (true, Some(128 | 129)) => {
                self.carry(at + 2, &[addresses]);
                at + 8
            }
            _ => {
                self.carry(at + 2, &[addresses]);
                at + 4
            }
        };
        kept.min(end)
    }

    /// Lets the checksum at `at` follow changes of what it covers (RFC 1624, equation 3).
    fn carry(&mut self, at: usize, changes: &[&Change]) {
        let Some(check) = self.be16(at) else {
            return;
        };
        let mut sum = u64::from(!check);
        for (before, after) in changes {
            sum += words(before).map(|word| u64::from(!word)).sum::<u64>();
            sum += words(after).map(u64::from).sum::<u64>();
        }
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        let check = !u16::try_from(sum).unwrap_or_default();
        if let Some(field) = self.packet.get_mut(at..at + 2) {
            field.copy_from_slice(&check.to_be_bytes());
        }
    }
}

/// The 16-bit words, a last odd byte before a zero.
fn words(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.chunks(2).map(|pair| match *pair {
        [high, low] => u16::from_be_bytes([high, low]),
        [high] => u16::from_be_bytes([high, 0]),
        _ => 0,
    })
}

/// TCP options that say nothing of anybody stay (no-operation, segment size, window scale, selective acknowledgments,
/// timestamps); the rest becomes no-operations: Multipath TCP names addresses, cookies know who comes. What follows the
/// end of the options, or an option of a wrong length, is none.
fn blank_options(mut options: &mut [u8]) {
    while let Some(&kind) = options.first() {
        let length = match kind {
            1 => 1,
            _ => options.get(1).map_or(0, |length| usize::from(*length)),
        };
        if kind == 0 || length == 0 || length > options.len() {
            options.fill(0);
            return;
        }
        let (option, rest) = options.split_at_mut(length);
        let is_usual = matches!(
            (kind, length),
            (1, 1) | (2, 4) | (3, 3) | (4, 2) | (5, 10 | 18 | 26 | 34) | (8, 10)
        );
        if !is_usual {
            option.fill(1);
        }
        options = rest;
    }
}

#[cfg(test)]
mod tests;
