//! Section header blocks (draft-ietf-opsawg-pcapng 4.1).
//!
//! Input: a block's body: byte-order magic, version, section length, options. Output: the byte order, and who recorded
//! the section. The section length is only checked for being possible: blocks carry their own lengths.

use super::options::{OPTION_COMMENT, Options};
use crate::capture::byte_order::{ByteOrder, words};
use crate::capture::error::Damage;
use crate::capture::info::{CaptureInfo, kept_text};

const SHB_HARDWARE: u16 = 2;
const SHB_OS: u16 = 3;
const SHB_APPLICATION: u16 = 4;

/// Bytes before the options: magic, version, section length.
const FIELDS_BYTES: usize = 16;

/// The byte order that the magic number tells.
pub(super) fn byte_order(magic: [u8; 4]) -> Result<ByteOrder, Damage> {
    match magic {
        [0x4d, 0x3c, 0x2b, 0x1a] => Ok(ByteOrder::Little),
        [0x1a, 0x2b, 0x3c, 0x4d] => Ok(ByteOrder::Big),
        other => Err(Damage::ByteOrderMagic {
            magic: u32::from_le_bytes(other),
        }),
    }
}

/// Whether the body of a block of `length` bytes begins a section that can be read.
pub(super) fn check(body: &[u8], length: u32, order: ByteOrder) -> Result<(), Damage> {
    let (Some(&[_, version]), Some(section)) = (words::<2>(body), body.get(8..FIELDS_BYTES)) else {
        return Err(Damage::FieldsCut { length });
    };
    let (major, minor) = order.halves(version);
    // Some writers say 1.2 and mean 1.0.
    if major != 1 || !matches!(minor, 0 | 2) {
        return Err(Damage::SectionVersion { major, minor });
    }
    let section = order.u64(section).map_or(-1, u64::cast_signed);
    if section != -1 && (section < 0 || section % 4 != 0) {
        return Err(Damage::SectionLength { length: section });
    }
    Ok(())
}

/// Keeps comments, and the recorder of the first section that tells it.
pub(super) fn keep_options(body: &[u8], order: ByteOrder, info: &mut CaptureInfo) {
    let options = body.get(FIELDS_BYTES..).unwrap_or_default();
    for (code, value) in Options::new(options, order) {
        let slot = match code {
            OPTION_COMMENT => {
                info.add_comment(None, value);
                continue;
            }
            SHB_HARDWARE => &mut info.recorder.hardware,
            SHB_OS => &mut info.recorder.os,
            SHB_APPLICATION => &mut info.recorder.application,
            _ => continue,
        };
        slot.get_or_insert_with(|| kept_text(value));
    }
}
