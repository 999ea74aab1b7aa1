//! IEEE 802.11 data frames, with or without what a radio put in front of them.
//!
//! Input: a frame from its MAC header, or from a radiotap, Prism or AVS header. Output: the bytes from the IP header
//! on, and the addresses of the stations that talk, not of the access points between them. Encrypted, aggregated and
//! fragmented frames and those without data are told apart, and all are healthy. IEEE 802.11-2020 9.2.4, 9.3.2;
//! radiotap.org.

use super::{LinkFacts, ethernet};
use crate::decode::cursor::Cursor;
use crate::decode::error::{DecodeError, Header};
use crate::decode::view::MacAddr;

/// MAC header.
mod field {
    pub(super) const CONTROL: usize = 0;
    pub(super) const FLAGS: usize = 1;
    pub(super) const ADDRESS_1: usize = 4;
    pub(super) const ADDRESS_2: usize = 10;
    pub(super) const ADDRESS_3: usize = 16;
    pub(super) const SEQUENCE: usize = 22;
    pub(super) const LEN: usize = 24;
    pub(super) const ADDRESS_4_LEN: usize = 6;
    pub(super) const QOS_LEN: usize = 2;
    pub(super) const HIGH_THROUGHPUT_LEN: usize = 4;
}

/// Type (bits 2 and 3) and subtype (bits 4 to 7) in the control byte.
mod control {
    pub(super) const TYPE_MASK: u8 = 0x0c;
    pub(super) const DATA: u8 = 0x08;
    pub(super) const NO_DATA: u8 = 0x40;
    pub(super) const QOS: u8 = 0x80;
}

mod flag {
    pub(super) const TO_DISTRIBUTION: u8 = 0x01;
    pub(super) const FROM_DISTRIBUTION: u8 = 0x02;
    pub(super) const MORE_FRAGMENTS: u8 = 0x04;
    pub(super) const PROTECTED: u8 = 0x40;
    /// In a `QoS` frame: the HT control field is present.
    pub(super) const HIGH_THROUGHPUT: u8 = 0x80;
}

/// Fragment number in the sequence control field.
const FRAGMENT_MASK: u16 = 0x000f;
/// In the `QoS` control field.
const AGGREGATE: u8 = 0x80;

/// Reads a frame from its MAC header.
pub(super) fn decode<'a>(
    cursor: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Cursor<'a>, DecodeError> {
    decode_padded(cursor, false, facts)
}

/// Reads a frame whose header the receiver may have padded to a multiple of 4 bytes.
fn decode_padded<'a>(
    mut cursor: Cursor<'a>,
    padded: bool,
    facts: &mut LinkFacts,
) -> Result<Cursor<'a>, DecodeError> {
    // Control frames are shorter than a data frame's header.
    match cursor.peek() {
        None => return Err(DecodeError::Truncated(Header::Wireless)),
        Some(byte) if byte & control::TYPE_MASK != control::DATA => {
            return Err(DecodeError::NotData80211);
        }
        Some(byte) if byte & control::NO_DATA != 0 => return Err(DecodeError::NotData80211),
        Some(_) => {}
    }
    let head = cursor.head::<{ field::LEN }>(Header::Wireless)?;
    let kind = head.u8::<{ field::CONTROL }>();
    let flags = head.u8::<{ field::FLAGS }>();
    if flags & flag::PROTECTED != 0 {
        return Err(DecodeError::Encrypted80211);
    }
    if flags & flag::MORE_FRAGMENTS != 0 || head.le16::<{ field::SEQUENCE }>() & FRAGMENT_MASK != 0
    {
        return Err(DecodeError::Fragment80211);
    }
    let first = head.array::<{ field::ADDRESS_1 }, 6>();
    let second = head.array::<{ field::ADDRESS_2 }, 6>();
    let third = head.array::<{ field::ADDRESS_3 }, 6>();
    let mut header_len = field::LEN;
    // IEEE 802.11-2020 table 9-30.
    let (destination, source) = match (
        flags & flag::TO_DISTRIBUTION != 0,
        flags & flag::FROM_DISTRIBUTION != 0,
    ) {
        (false, false) => (first, second),
        (false, true) => (first, third),
        (true, false) => (third, second),
        (true, true) => {
            header_len += field::ADDRESS_4_LEN;
            let fourth = cursor.head::<{ field::ADDRESS_4_LEN }>(Header::Wireless)?;
            (third, fourth.array::<0, 6>())
        }
    };
    facts.dst_mac = Some(MacAddr(destination));
    facts.src_mac = Some(MacAddr(source));
    header_len += skip_quality_of_service(kind, flags, &mut cursor)?;
    if padded {
        cursor.skip(header_len.wrapping_neg() % 4, Header::Wireless)?;
    }
    ethernet::decode_llc(cursor, facts)
}

/// Passes over `QoS` and HT control, and returns how long they were.
fn skip_quality_of_service(
    kind: u8,
    flags: u8,
    cursor: &mut Cursor<'_>,
) -> Result<usize, DecodeError> {
    if kind & control::QOS == 0 {
        return Ok(0);
    }
    let quality = cursor.head::<{ field::QOS_LEN }>(Header::Wireless)?;
    if quality.u8::<0>() & AGGREGATE != 0 {
        return Err(DecodeError::Aggregate80211);
    }
    if flags & flag::HIGH_THROUGHPUT == 0 {
        return Ok(field::QOS_LEN);
    }
    cursor.skip(field::HIGH_THROUGHPUT_LEN, Header::Wireless)?;
    Ok(field::QOS_LEN + field::HIGH_THROUGHPUT_LEN)
}

/// Radiotap header, little-endian.
mod radiotap {
    pub(super) const LENGTH: usize = 2;
    pub(super) const PRESENT: usize = 4;
    pub(super) const LEN: usize = 8;

    /// Bits of the presence words.
    pub(super) const TIME: u32 = 1;
    pub(super) const FLAGS: u32 = 2;
    pub(super) const MORE_WORDS: u32 = 1 << 31;
    /// The time field's size, and what its offset is a multiple of.
    pub(super) const TIME_LEN: usize = 8;
    /// Bits of the flags field.
    pub(super) const PADDED: u8 = 0x20;
    pub(super) const BAD_CHECKSUM: u8 = 0x40;
}

/// Reads radiotap, then the frame.
pub(super) fn decode_radiotap<'a>(
    mut cursor: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Cursor<'a>, DecodeError> {
    let head = cursor.head::<{ radiotap::LEN }>(Header::Radio)?;
    let rest = usize::from(head.le16::<{ radiotap::LENGTH }>())
        .checked_sub(radiotap::LEN)
        .ok_or(DecodeError::BadRadioHeader)?;
    let mut fields = cursor;
    fields.limit(rest);
    let flags = radiotap_flags(head.le32::<{ radiotap::PRESENT }>(), fields)?;
    if flags & radiotap::BAD_CHECKSUM != 0 {
        return Err(DecodeError::BadChecksum80211);
    }
    cursor.skip(rest, Header::Radio)?;
    decode_padded(cursor, flags & radiotap::PADDED != 0, facts)
}

/// The flags field; 0 where the radio gave none. Each presence word that says another follows is consumed, so this ends.
fn radiotap_flags(present: u32, mut fields: Cursor<'_>) -> Result<u8, DecodeError> {
    let mut word = present;
    let mut offset = radiotap::LEN;
    while word & radiotap::MORE_WORDS != 0 {
        word = fields.head::<4>(Header::Radio)?.le32::<0>();
        offset = offset.wrapping_add(4);
    }
    if present & radiotap::FLAGS == 0 {
        return Ok(0);
    }
    if present & radiotap::TIME != 0 {
        fields.skip(offset.wrapping_neg() % radiotap::TIME_LEN, Header::Radio)?;
        fields.skip(radiotap::TIME_LEN, Header::Radio)?;
    }
    fields.peek().ok_or(DecodeError::Truncated(Header::Radio))
}

/// Length of a Prism header, which is fixed.
const PRISM_LEN: usize = 144;
/// First word of an AVS header, without the version in its low bits; drivers wrote it under Prism's link type too.
const AVS_MAGIC: u32 = 0x8021_1000;
const AVS_MAGIC_MASK: u32 = 0xffff_f000;

/// Reads Prism, then the frame.
pub(super) fn decode_prism<'a>(
    mut cursor: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Cursor<'a>, DecodeError> {
    let mut peeked = cursor;
    let magic = peeked.head::<4>(Header::Radio)?.be32::<0>();
    if magic & AVS_MAGIC_MASK == AVS_MAGIC {
        return decode_avs(cursor, facts);
    }
    cursor.skip(PRISM_LEN, Header::Radio)?;
    decode(cursor, facts)
}

/// Reads AVS, then the frame.
pub(super) fn decode_avs<'a>(
    mut cursor: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Cursor<'a>, DecodeError> {
    let head = cursor.head::<8>(Header::Radio)?;
    let rest = usize::try_from(head.be32::<4>())
        .ok()
        .and_then(|length| length.checked_sub(8))
        .ok_or(DecodeError::BadRadioHeader)?;
    cursor.skip(rest, Header::Radio)?;
    decode(cursor, facts)
}
