//! Interface description blocks (draft-ietf-opsawg-pcapng 4.2).
//!
//! Input: a block's body. Output: what the run's table keeps of the interface, and what its section needs to read its
//! packets. Options that run beyond the block are damage here and nowhere else: the time resolution may be among those
//! that were lost, and wrong times would look right.

use super::clock::Clock;
use super::options::Options;
use crate::capture::byte_order::{ByteOrder, words};
use crate::capture::error::Damage;
use crate::capture::frame::{InterfaceId, LinkType};
use crate::capture::info::kept_text;
use crate::capture::interface::Interface;

const IF_NAME: u16 = 2;
const IF_DESCRIPTION: u16 = 3;
const IF_TSRESOL: u16 = 9;
const IF_TSOFFSET: u16 = 14;

/// What a section remembers of an interface.
#[derive(Clone, Copy, Debug)]
pub(super) struct SectionInterface {
    /// Its number in the run.
    pub(super) id: InterfaceId,
    pub(super) link: LinkType,
    /// Bytes captured at most of each packet; 0 for no limit.
    pub(super) snap_len: u32,
    pub(super) clock: Clock,
    /// Drops told by its latest statistics, already counted.
    pub(super) dropped_kernel: u64,
    pub(super) dropped_interface: u64,
}

/// An interface description, read.
pub(super) struct Described {
    pub(super) interface: Interface,
    pub(super) link: LinkType,
    pub(super) snap_len: u32,
    pub(super) clock: Clock,
}

/// The options of an interface description.
pub(super) fn options(body: &[u8], order: ByteOrder) -> Options<'_> {
    Options::new(body.get(8..).unwrap_or_default(), order)
}

/// Reads the body of a block of `length` bytes.
pub(super) fn describe(
    body: &[u8],
    length: u32,
    order: ByteOrder,
    capture: u16,
) -> Result<Described, Damage> {
    let Some(&[link, snap_len]) = words::<2>(body) else {
        return Err(Damage::FieldsCut { length });
    };
    let (link, _reserved) = order.halves(link);
    let link = LinkType(link);
    let mut described = Described {
        interface: Interface {
            capture,
            name: None,
            description: None,
            link,
        },
        link,
        snap_len: order.u32(snap_len),
        clock: Clock::default(),
    };
    let mut options = options(body, order);
    for (code, value) in options.by_ref() {
        match (code, value) {
            (IF_NAME, _) => described.interface.name = told(value),
            (IF_DESCRIPTION, _) => described.interface.description = told(value),
            (IF_TSRESOL, &[resolution]) => {
                described.clock = described.clock.with_resolution(resolution);
            }
            (IF_TSRESOL, _) => return Err(Damage::InterfaceOptions),
            (IF_TSOFFSET, _) => {
                let seconds = order.u64(value).ok_or(Damage::InterfaceOptions)?;
                described.clock = described.clock.with_offset(seconds.cast_signed());
            }
            _ => {}
        }
    }
    if options.overran() {
        return Err(Damage::InterfaceOptions);
    }
    Ok(described)
}

/// A text, unless nothing is in it.
fn told(value: &[u8]) -> Option<String> {
    Some(kept_text(value)).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found by fuzzing: an interface whose name is there and empty has none.
    #[test]
    fn an_empty_name_is_none() {
        for (name, told) in [
            (&b"\x02\0\0\0"[..], None),
            (b"\x02\0\x02\0\0x\0\0", None),
            (b"\x02\0\x03\0en0\0", Some("en0")),
        ] {
            let body = [&[1, 0, 0, 0, 0, 0, 4, 0], name].concat();
            let length = u32::try_from(body.len() + 12).unwrap();
            let described = describe(&body, length, ByteOrder::Little, 0).unwrap();
            assert_eq!(described.interface.name.as_deref(), told);
        }
    }
}
