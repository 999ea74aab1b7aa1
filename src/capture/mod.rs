//! Where frames come from.
//!
//! Input: capture files (pcap and pcapng, plain, gzip or zstd) and standard input. Output: borrowed [`frame::Frame`]s
//! in file order, or merged by time over several files. Limits: one block of memory a file, bounded by
//! [`block::MAX_PACKET_BYTES`]; nothing is allocated a frame. Formats: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
//!
//! Begin with [`Replay`]: it opens files, merges them, keeps going when one of them is damaged, and says so at the end.
//! Interfaces are opened by `live`, which is absent when windfall is built without libpcap.
//!
//! The framing is our own and not `pcap-parser`'s: measured on a gigabyte of mixed traffic that crate's reader takes
//! 15 to 20 % longer than a plain walk of the record headers, and its errors name neither byte nor packet; it also
//! reads a big-endian `if_tsoffset` the wrong way round and knows no time resolution that is a power of two. It stays
//! as the oracle of a differential test.

mod ahead;
pub mod batch;
pub mod block;
mod byte_order;
pub mod error;
mod file;
pub mod found;
pub mod frame;
pub mod info;
pub mod interface;
pub mod link_type;
#[cfg(feature = "live")]
pub mod live;
mod memory;
mod pcap;
mod pcapng;
mod pktap;
mod process;
mod record;
mod replay;
mod slot;
mod source;
mod tail;
pub mod write;

pub use error::CaptureError;
pub use file::CaptureFile;
pub use info::{CaptureInfo, Comment, Compression, Format, Recorder};
pub use interface::{Interface, InterfaceTable};
pub use process::{KnownProcess, MAX_PROCESSES, ProcessTable};
pub use replay::{Replay, processors};
pub use slot::Slot;
