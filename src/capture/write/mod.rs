//! Writing pcapng files (draft-ietf-opsawg-pcapng).
//!
//! Input: frames with the interfaces they were captured on, and comments. Output: files that only their owner may read,
//! made anew: nothing is overwritten and no symbolic link is followed. Blocks go out whole, and after a failed write the
//! file is cut back to its last whole block, so that what was written before is readable whatever happens.

mod blocks;
mod error;
mod file;
mod ring;

pub use blocks::{About, Encoder};
pub use error::WriteError;
pub use file::{PcapngFile, Written};
pub(crate) use ring::compact;
pub use ring::{MIN_RING_BYTES, RING_FILES, Ring};
