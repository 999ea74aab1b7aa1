//! The framing of pcap files (draft-ietf-opsawg-pcap).
//!
//! Input: the 24-byte file header, then windows that begin at a record. Output: [`Step`]s. Both byte orders, micro- and
//! nanoseconds; seconds are unsigned, so times run to 2106. A record longer than the snap length allows is damage: the
//! lengths after it cannot be trusted.

use super::block::MAX_PACKET_BYTES;
use super::byte_order::{ByteOrder, words};
use super::error::Damage;
use super::frame::{InterfaceId, LinkType, Timestamp};
use super::record::{Record, Step};

/// Bytes of the file header.
pub(super) const FILE_HEADER_BYTES: usize = 24;

/// Bytes of a record header: seconds, fraction, captured length, original length.
const RECORD_HEADER_BYTES: usize = 16;

/// Captured length that is accepted whatever the snap length says: libpcap writes and accepts up to this much.
const USUAL_LIMIT: u32 = 256 << 10;

/// Nanoseconds a second.
const SECOND: i64 = 1_000_000_000;

/// The file header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileHeader {
    order: ByteOrder,
    nanos_per_fraction: i64,
    /// Major and minor version.
    pub(super) version: (u16, u16),
    snap_len: u32,
    /// Link type of every record.
    pub(super) link: LinkType,
}

/// Byte order and nanoseconds of a unit of the fraction, from the first four bytes; `None` for anything but pcap.
pub(super) fn magic(bytes: [u8; 4]) -> Option<(ByteOrder, i64)> {
    match bytes {
        [0xd4, 0xc3, 0xb2, 0xa1] => Some((ByteOrder::Little, 1000)),
        [0xa1, 0xb2, 0xc3, 0xd4] => Some((ByteOrder::Big, 1000)),
        [0x4d, 0x3c, 0xb2, 0xa1] => Some((ByteOrder::Little, 1)),
        [0xa1, 0xb2, 0x3c, 0x4d] => Some((ByteOrder::Big, 1)),
        _ => None,
    }
}

impl FileHeader {
    /// Parses the header; `None` when it is too short or has another magic number.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let [first, version, _zone, _accuracy, snap_len, network] = *words::<6>(bytes)?;
        let (order, nanos_per_fraction) = magic(first)?;
        // The upper half tells whether frames end with a checksum sequence (FCS); what follows an IP packet is
        // ignored anyway. Old NetBSD files hold an address-family class there.
        let (high, low) = order.halves(network);
        let link = match order {
            ByteOrder::Little => high,
            ByteOrder::Big => low,
        };
        Some(Self {
            order,
            nanos_per_fraction,
            version: order.halves(version),
            snap_len: order.u32(snap_len),
            link: LinkType(link),
        })
    }
}

/// Walks the records of one file.
#[derive(Debug)]
pub(super) struct Pcap {
    order: ByteOrder,
    nanos_per_fraction: i64,
    limit: u32,
    link: LinkType,
    interface: InterfaceId,
}

impl Pcap {
    pub(super) fn new(header: &FileHeader, interface: InterfaceId) -> Self {
        let most = u32::try_from(MAX_PACKET_BYTES).unwrap_or(u32::MAX);
        Self {
            order: header.order,
            nanos_per_fraction: header.nanos_per_fraction,
            // A snap length of 0 means none was set.
            limit: match header.snap_len {
                0 => most,
                snap_len => snap_len.clamp(USUAL_LIMIT, most),
            },
            link: header.link,
            interface,
        }
    }

    /// Its interface is known by another number.
    pub(super) const fn renumber(&mut self, interface: InterfaceId) {
        self.interface = interface;
    }

    /// The number of its interface.
    pub(super) const fn interface(&self) -> InterfaceId {
        self.interface
    }

    /// The record that `window` begins with.
    #[inline]
    pub(super) fn step(&self, window: &[u8]) -> Result<Step, Damage> {
        let Some(head) = words::<4>(window) else {
            return Ok(Step::Need(RECORD_HEADER_BYTES));
        };
        let [seconds, fraction, captured, original_len] = head.map(|word| self.order.u32(word));
        if captured > self.limit {
            return Err(Damage::PacketLength {
                captured,
                limit: self.limit,
            });
        }
        let captured = captured as usize;
        let total = RECORD_HEADER_BYTES + captured;
        if window.len() < total {
            return Ok(Step::Need(total));
        }
        // Cannot overflow: at most 2^32 * (10^9 + 10^3).
        let nanos = i64::from(seconds) * SECOND + i64::from(fraction) * self.nanos_per_fraction;
        Ok(Step::Packet(Record {
            process: None,
            at: Some(Timestamp::from_nanos(nanos)),
            interface: self.interface,
            link: self.link,
            original_len,
            data: RECORD_HEADER_BYTES,
            captured,
            total,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(network: u32, snap_len: u32) -> Vec<u8> {
        let mut bytes = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        bytes.extend(snap_len.to_le_bytes());
        bytes.extend(network.to_le_bytes());
        bytes
    }

    #[test]
    fn the_link_type_is_the_lower_half_whatever_the_checksum_bits_say() {
        let parsed = FileHeader::parse(&header(0x4400_0001, 65_535)).unwrap();
        assert_eq!(parsed.link, LinkType(1));
        assert_eq!(parsed.version, (2, 4));
        let mut big = vec![0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0];
        big.extend([0, 0, 0xff, 0xff, 0x24, 0, 0, 113]);
        let parsed = FileHeader::parse(&big).unwrap();
        assert_eq!((parsed.link, parsed.version), (LinkType(113), (2, 4)));
    }

    #[test]
    fn the_length_limit_follows_the_snap_length_within_reason() {
        let limit = |snap_len| {
            let header = FileHeader::parse(&header(1, snap_len)).unwrap();
            Pcap::new(&header, InterfaceId(0)).limit
        };
        assert_eq!(limit(96), 256 << 10);
        assert_eq!(limit(1 << 20), 1 << 20);
        assert_eq!(limit(0), 16 << 20);
        assert_eq!(limit(u32::MAX), 16 << 20);
    }

    #[test]
    fn the_last_second_of_the_format_is_in_2106() {
        let pcap = Pcap::new(&FileHeader::parse(&header(1, 0)).unwrap(), InterfaceId(0));
        let mut record = u32::MAX.to_le_bytes().to_vec();
        record.extend(999_999_u32.to_le_bytes());
        record.extend([0; 8]);
        let Ok(Step::Packet(record)) = pcap.step(&record) else {
            panic!("an empty packet is a packet");
        };
        assert_eq!(
            record.at.unwrap().to_string(),
            "2106-02-07T06:28:15.999999000Z"
        );
    }
}
