//! Why a capture could not be read to its end: what, where, and what to do about it.
//!
//! Output: [`CaptureError`], whose text an operator can act on: it names the file, the byte (of the uncompressed
//! stream) and the packet. Errors end one file; everything before them has been delivered. Cloning is cheap enough to
//! keep a copy with the capture's facts.

use std::fmt;
use std::io;
use std::sync::Arc;

use super::block::MAX_PACKET_BYTES;
use super::found::Found;
use super::info::{Compression, Format};

/// Where in a capture reading stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Offset of the packet record or block, in the uncompressed stream, from 0.
    pub byte: u64,
    /// What is there.
    pub part: Part,
}

/// What lies at a [`Place`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The header of the file, before any packet.
    FileHeader,
    /// The packet with this number, from 1.
    Packet(u64),
    /// A block that holds no packet (or whose kind is not known yet), after so many packets.
    BlockAfter(u64),
}

impl Place {
    /// Number of the packet at fault, or of the last one before a block at fault.
    #[must_use]
    pub fn packet(&self) -> u64 {
        match self.part {
            Part::FileHeader => 0,
            Part::Packet(number) | Part::BlockAfter(number) => number,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            Part::FileHeader => f.write_str("the file header"),
            Part::Packet(number) => write!(f, "packet {number} at byte {}", self.byte),
            Part::BlockAfter(0) => write!(
                f,
                "the block at byte {} (before the first packet)",
                self.byte
            ),
            Part::BlockAfter(number) => {
                write!(f, "the block at byte {} (after packet {number})", self.byte)
            }
        }
    }
}

/// What is wrong with a packet record or block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// A pcap record is longer than any packet can be.
    #[error("it claims {captured} captured bytes, more than the {limit} that are possible")]
    PacketLength {
        /// Captured length in the record header.
        captured: u32,
        /// Most that the file's snap length, or any packet, allows.
        limit: u32,
    },
    /// A pcapng block's length is impossible.
    #[error("it claims a length of {length} bytes, which is less than 12 or no multiple of 4")]
    BlockLength {
        /// Block total length.
        length: u32,
    },
    /// A block that must be looked into is longer than any packet can be.
    #[error(
        "it claims a length of {length} bytes, more than the {MAX_PACKET_BYTES} that are possible"
    )]
    BlockTooLong {
        /// Block total length.
        length: u32,
    },
    /// The two copies of a block's length differ.
    #[error("it claims {head} bytes at its start and {tail} at its end")]
    LengthMismatch {
        /// Length before the body.
        head: u32,
        /// Length after the body.
        tail: u32,
    },
    /// A block is too short for the fields it must have.
    #[error("it has {length} bytes, too few for the fields of its kind")]
    FieldsCut {
        /// Block total length.
        length: u32,
    },
    /// A packet's captured length exceeds its block.
    #[error("it claims {captured} captured bytes, but its block has room for {room}")]
    PacketBeyondBlock {
        /// Captured length.
        captured: u32,
        /// Bytes that the block can hold.
        room: u32,
    },
    /// The byte-order magic of a section is neither way round.
    #[error("a section begins with byte-order magic {magic:#010x} instead of 0x1a2b3c4d")]
    ByteOrderMagic {
        /// As read in little-endian order.
        magic: u32,
    },
    /// A section of a version that does not exist yet.
    #[error("a section is of pcapng version {major}.{minor}; only 1.0 is defined")]
    SectionVersion {
        /// Major version.
        major: u16,
        /// Minor version.
        minor: u16,
    },
    /// A section's length is impossible.
    #[error("a section claims a length of {length} bytes")]
    SectionLength {
        /// As written, -1 meaning unknown.
        length: i64,
    },
    /// A packet names an interface that its section has not described.
    #[error("it was captured on interface {interface}, but its section describes only {described}")]
    UndefinedInterface {
        /// Index named by the packet.
        interface: u32,
        /// Interfaces described so far.
        described: u32,
    },
    /// An interface description whose options run beyond it, so that its time resolution cannot be trusted.
    #[error("the options of an interface run beyond its description")]
    InterfaceOptions,
    /// More interfaces than a run can number.
    #[error(
        "it describes one more interface than the 65,536 that can be told apart; replay fewer files at once"
    )]
    TooManyInterfaces,
}

/// Why a capture could not be read, or not to its end.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CaptureError {
    /// The file cannot be opened.
    #[error("{path}: cannot be opened: {source}; check the name, and that this user may read it")]
    Open {
        /// The file.
        path: Arc<str>,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// More inputs than a frame's identity can tell apart.
    #[error(
        "{path}: not read: 65,536 files at once are the most; merge some of them first (`mergecap`)"
    )]
    TooManyInputs {
        /// The first file that is one too many.
        path: Arc<str>,
    },
    /// There is nothing in it.
    #[error("{path}: is empty; the recording wrote nothing, or was not flushed yet")]
    Empty {
        /// The file.
        path: Arc<str>,
    },
    /// It ends within the file header.
    #[error(
        "{path}: ends inside the {format} file header (needs {need} bytes, has {have}); there is no packet in it"
    )]
    HeaderCut {
        /// The file.
        path: Arc<str>,
        /// Format it begins as.
        format: Format,
        /// Bytes the header needs.
        need: u64,
        /// Bytes there are.
        have: u64,
    },
    /// It is something else.
    #[error("{path}: is no pcap or pcapng capture: it is {found}")]
    NotACapture {
        /// The file.
        path: Arc<str>,
        /// What it is instead, and what to do.
        found: Found,
    },
    /// A pcap version that nobody has written for decades, or that does not exist.
    #[error(
        "{path}: is pcap version {major}.{minor}, and only 2.4 is read; convert it with `editcap -F pcap`"
    )]
    PcapVersion {
        /// The file.
        path: Arc<str>,
        /// Major version.
        major: u16,
        /// Minor version.
        minor: u16,
    },
    /// It ends in the middle of a packet or block: usually a recording that was killed or a copy that was cut.
    #[error(
        "{path}: the file ends inside {place} (needs {need} bytes, has {have}); everything before it was read"
    )]
    Truncated {
        /// The file.
        path: Arc<str>,
        /// What it ends in.
        place: Place,
        /// Bytes from there that the packet or block needs.
        need: u64,
        /// Bytes from there to the end.
        have: u64,
    },
    /// Its bytes make no sense from here on.
    #[error("{path}: {place} is damaged: {damage}; everything before it was read")]
    Damaged {
        /// The file.
        path: Arc<str>,
        /// Where.
        place: Place,
        /// What is wrong.
        damage: Damage,
    },
    /// The system cannot read on.
    #[error(
        "{path}: cannot be read beyond byte {byte}, in {place}: {source}; everything before it was read"
    )]
    Read {
        /// The file.
        path: Arc<str>,
        /// The packet or block that could not be read to its end.
        place: Place,
        /// Bytes that could be read.
        byte: u64,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// The compressed data is damaged or cut.
    #[error(
        "{path}: the {compression} data is damaged or cut off after {byte} uncompressed bytes, in {place}: {source}; \
         everything before it was read"
    )]
    Decompress {
        /// The file.
        path: Arc<str>,
        /// How it is compressed.
        compression: Compression,
        /// The packet or block that could not be read to its end.
        place: Place,
        /// Uncompressed bytes that could be read.
        byte: u64,
        /// What the decompressor says.
        source: Arc<io::Error>,
    },
}

impl CaptureError {
    /// Where in the file, unless nothing of it could be read.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Truncated { place, .. }
            | Self::Damaged { place, .. }
            | Self::Read { place, .. }
            | Self::Decompress { place, .. } => Some(*place),
            Self::Open { .. }
            | Self::TooManyInputs { .. }
            | Self::Empty { .. }
            | Self::HeaderCut { .. }
            | Self::NotACapture { .. }
            | Self::PcapVersion { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path() -> Arc<str> {
        Arc::from("captures/x.pcap")
    }

    #[test]
    fn a_cut_file_is_explained_with_byte_and_packet() {
        let error = CaptureError::Truncated {
            path: path(),
            place: Place {
                byte: 40_960,
                part: Part::Packet(311),
            },
            need: 1514,
            have: 200,
        };
        assert_eq!(
            error.to_string(),
            "captures/x.pcap: the file ends inside packet 311 at byte 40960 (needs 1514 bytes, has 200); \
             everything before it was read"
        );
    }

    #[test]
    fn damage_between_packets_says_after_which() {
        let error = CaptureError::Damaged {
            path: path(),
            place: Place {
                byte: 96,
                part: Part::BlockAfter(2),
            },
            damage: Damage::LengthMismatch { head: 32, tail: 28 },
        };
        assert_eq!(
            error.to_string(),
            "captures/x.pcap: the block at byte 96 (after packet 2) is damaged: it claims 32 bytes at its start and \
             28 at its end; everything before it was read"
        );
        assert_eq!(error.place().unwrap().packet(), 2);
    }

    #[test]
    fn results_stay_small_enough_to_return_from_every_frame() {
        assert!(size_of::<Result<bool, CaptureError>>() <= 96);
    }
}
