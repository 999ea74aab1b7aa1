//! The blocks of a pcapng file, in memory.
//!
//! Input: frames, interfaces, comments. Output: whole blocks, little-endian, with where each ends. Interfaces are
//! described when their first packet comes. Times are nanoseconds (`if_tsresol` 9); a time before 1970 becomes 1970,
//! for block times are unsigned. Comments are one line of UTF-8 each: control characters and characters that hide or
//! reorder text are spelt out. draft-ietf-opsawg-pcapng 3, 4.1, 4.2, 4.3.

use std::fmt::Write as _;

use crate::capture::frame::{Frame, InterfaceId, LinkType, Timestamp};
use crate::capture::interface::Interface;

/// Block types (11.1).
mod kind {
    pub(super) const SECTION: u32 = 0x0a0d_0d0a;
    pub(super) const INTERFACE: u32 = 1;
    pub(super) const STATISTICS: u32 = 5;
    pub(super) const ENHANCED_PACKET: u32 = 6;
}

/// Option codes.
mod option {
    pub(super) const END: u16 = 0;
    pub(super) const COMMENT: u16 = 1;
    pub(super) const SHB_HARDWARE: u16 = 2;
    pub(super) const SHB_OS: u16 = 3;
    pub(super) const SHB_APPLICATION: u16 = 4;
    pub(super) const IF_NAME: u16 = 2;
    pub(super) const IF_DESCRIPTION: u16 = 3;
    pub(super) const IF_TSRESOL: u16 = 9;
    pub(super) const ISB_END_TIME: u16 = 3;
}

/// Nanoseconds: 10 to the power of minus this.
const NANOSECONDS: u8 = 9;

/// Bytes of one text: an option's length is 16 bits, and a comment is a line to read.
const MAX_TEXT_BYTES: usize = 1024;

/// What a file says about itself.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// What it holds, a line; empty for none.
    pub comment: String,
    /// Bytes captured of each frame at most; 0 for no limit.
    pub snap_len: u32,
}

/// Makes blocks; holds those that were not taken yet.
#[derive(Debug)]
pub struct Encoder {
    snap_len: u32,
    /// By their number in the file.
    interfaces: Vec<(InterfaceId, LinkType)>,
    bytes: Vec<u8>,
    /// Where each block in `bytes` ends.
    ends: Vec<usize>,
}

impl Encoder {
    /// Begins a section.
    #[must_use]
    pub fn new(about: &About) -> Self {
        let mut encoder = Self {
            snap_len: about.snap_len,
            interfaces: Vec::new(),
            bytes: Vec::new(),
            ends: Vec::new(),
        };
        let application = concat!("windfall ", env!("CARGO_PKG_VERSION"));
        encoder.block(kind::SECTION, |body| {
            body.extend(0x1a2b_3c4d_u32.to_le_bytes());
            body.extend(1u16.to_le_bytes());
            body.extend(0u16.to_le_bytes());
            // Length of the section: not known.
            body.extend(u64::MAX.to_le_bytes());
            text(body, option::COMMENT, &about.comment);
            text(body, option::SHB_HARDWARE, std::env::consts::ARCH);
            text(body, option::SHB_OS, std::env::consts::OS);
            text(body, option::SHB_APPLICATION, application);
            end(body);
        });
        encoder
    }

    /// Adds a packet, and its interface if that is new.
    pub fn packet<C: AsRef<str>>(
        &mut self,
        frame: &Frame<'_>,
        interface: Option<&Interface>,
        comments: &[C],
    ) {
        let number = self.interface(frame, interface);
        let (high, low) = ticks(frame.seen.at);
        let captured = u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX);
        self.block(kind::ENHANCED_PACKET, |body| {
            for word in [number, high, low, captured, frame.original_len] {
                body.extend(word.to_le_bytes());
            }
            padded(body, frame.bytes);
            for comment in comments {
                text(body, option::COMMENT, comment.as_ref());
            }
            if !comments.is_empty() {
                end(body);
            }
        });
    }

    /// Says until when the interfaces were listened to, packets or not (4.6).
    pub fn ended(&mut self, at: Timestamp) {
        let (high, low) = ticks(at);
        for number in (0u32..).take(self.interfaces.len()) {
            self.block(kind::STATISTICS, |body| {
                for word in [number, high, low] {
                    body.extend(word.to_le_bytes());
                }
                let time: Vec<u8> = [high, low]
                    .iter()
                    .flat_map(|word| word.to_le_bytes())
                    .collect();
                option(body, option::ISB_END_TIME, &time);
                end(body);
            });
        }
    }

    /// The number in this file of the interface that a frame came from.
    fn interface(&mut self, frame: &Frame<'_>, interface: Option<&Interface>) -> u32 {
        let key = (frame.interface, frame.link);
        let known = self.interfaces.iter().position(|known| *known == key);
        let number = known.unwrap_or(self.interfaces.len());
        if known.is_none() {
            self.interfaces.push(key);
            let snap_len = self.snap_len;
            self.block(kind::INTERFACE, |body| {
                body.extend(frame.link.0.to_le_bytes());
                body.extend(0u16.to_le_bytes());
                body.extend(snap_len.to_le_bytes());
                let told = |part: fn(&Interface) -> Option<&String>| {
                    interface.and_then(part).map_or("", String::as_str)
                };
                text(body, option::IF_NAME, told(|known| known.name.as_ref()));
                let description = told(|known| known.description.as_ref());
                text(body, option::IF_DESCRIPTION, description);
                option(body, option::IF_TSRESOL, &[NANOSECONDS]);
                end(body);
            });
        }
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// Writes a block around what `fill` adds, which is a multiple of four bytes.
    fn block(&mut self, kind: u32, fill: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        self.bytes.extend(kind.to_le_bytes());
        self.bytes.extend([0; 4]);
        fill(&mut self.bytes);
        let length = u32::try_from(self.bytes.len() - start + 4).unwrap_or(u32::MAX);
        self.bytes.extend(length.to_le_bytes());
        if let Some(field) = self.bytes.get_mut(start + 4..start + 8) {
            field.copy_from_slice(&length.to_le_bytes());
        }
        self.ends.push(self.bytes.len());
    }

    /// The blocks made since [`Self::clear`].
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of the whole blocks among the first `written` bytes.
    #[must_use]
    pub fn whole(&self, written: usize) -> usize {
        let count = self.ends.partition_point(|end| *end <= written);
        let last = count.checked_sub(1).and_then(|at| self.ends.get(at));
        last.copied().unwrap_or(0)
    }

    /// Packets among the blocks held in the first `written` bytes.
    #[must_use]
    pub fn packets(&self, written: usize) -> u64 {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let kinds = starts.zip(&self.ends).filter(|(start, end)| {
            let kind = self.bytes.get(*start..).and_then(<[u8]>::first_chunk);
            **end <= written && kind == Some(&kind::ENHANCED_PACKET.to_le_bytes())
        });
        kinds.count() as u64
    }

    /// Forgets the blocks: they were taken.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

/// Nanoseconds since 1970, the upper half first.
#[expect(clippy::cast_possible_truncation, reason = "the lower half of a word")]
fn ticks(at: Timestamp) -> (u32, u32) {
    let ticks = u64::try_from(at.as_nanos()).unwrap_or(0);
    ((ticks >> 32) as u32, ticks as u32)
}

fn padded(body: &mut Vec<u8>, bytes: &[u8]) {
    body.extend_from_slice(bytes);
    body.resize(
        body.len() + bytes.len().next_multiple_of(4) - bytes.len(),
        0,
    );
}

/// Adds an option (3.5).
fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    let Ok(length) = u16::try_from(value.len()) else {
        return;
    };
    body.extend(code.to_le_bytes());
    body.extend(length.to_le_bytes());
    padded(body, value);
}

/// Adds an option with a text, unless that is empty.
fn text(body: &mut Vec<u8>, code: u16, value: &str) {
    if !value.is_empty() {
        option(body, code, line(value).as_bytes());
    }
}

fn end(body: &mut Vec<u8>) {
    option(body, option::END, &[]);
}

/// One harmless line, cut to [`MAX_TEXT_BYTES`]: what does not print is spelt (`\n`, `\u{202e}`).
fn line(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for char in text.chars() {
        let before = safe.len();
        if matches!(char, '"' | '\'' | '\\') {
            safe.push(char);
        } else {
            // Writing to a String never fails.
            let _ = write!(safe, "{}", char.escape_debug());
        }
        if safe.len() > MAX_TEXT_BYTES - '…'.len_utf8() {
            safe.truncate(before);
            safe.push('…');
            break;
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::frame::{FrameId, Seen};

    fn frame(bytes: &[u8], nanos: i64) -> Frame<'_> {
        Frame {
            seen: Seen {
                at: Timestamp::from_nanos(nanos),
                frame: FrameId::new(0, 1),
            },
            interface: InterfaceId(3),
            link: LinkType(1),
            process: None,
            bytes,
            original_len: 1500,
        }
    }

    #[test]
    fn a_line_obeys_and_hides_nothing() {
        assert_eq!(
            line("RST, TTL 64, server's is 52 → middlebox"),
            "RST, TTL 64, server's is 52 → middlebox"
        );
        assert_eq!(
            line("a\nb\x1b[31m\u{202e}c\u{200b}"),
            "a\\nb\\u{1b}[31m\\u{202e}c\\u{200b}"
        );
        let long = line(&"é".repeat(4000));
        assert!(
            long.len() <= MAX_TEXT_BYTES && long.ends_with("é…"),
            "{long}"
        );
    }

    #[test]
    fn only_whole_blocks_count_as_written() {
        let mut encoder = Encoder::new(&About::default());
        let section = encoder.bytes().len();
        encoder.packet::<&str>(&frame(b"abc", 1), None, &[]);
        let all = encoder.bytes().len();
        assert_eq!(encoder.whole(section - 1), 0);
        assert_eq!(encoder.whole(section + 1), section);
        assert_eq!((encoder.whole(all), encoder.packets(all)), (all, 1));
        assert_eq!(encoder.packets(all - 1), 0);
        assert!(all.is_multiple_of(4));
    }

    #[test]
    fn a_time_before_1970_becomes_1970() {
        assert_eq!(ticks(Timestamp::from_nanos(-5)), (0, 0));
        assert_eq!(ticks(Timestamp::from_nanos(1 << 32 | 7)), (1, 7));
    }
}
