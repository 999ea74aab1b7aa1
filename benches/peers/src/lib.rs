//! Walks the records of a pcap file (draft-ietf-opsawg-pcap), read in page-aligned blocks of 1 MiB.
//!
//! As fast as reading can be without mapping the file: the kernel copies whole pages, and what a record has in the block
//! before is moved in front of the next block.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};

const BLOCK_BYTES: usize = 1 << 20;

/// Before the block: room for the part of a record that the block before ended with. Longer records are damage.
const FRONT_BYTES: usize = 1 << 18;

const PAGE_BYTES: usize = 4096;

/// Headers of the file, and of each record.
const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;

/// A record: capture time in nanoseconds, length on the wire, captured bytes.
pub struct Record<'a> {
    pub nanos: u64,
    pub original_len: u32,
    pub frame: &'a [u8],
}

/// The layout that a file's first four bytes tell.
#[derive(Clone, Copy)]
struct Layout {
    big_endian: bool,
    nanos_a_tick: u64,
}

impl Layout {
    fn of(magic: [u8; 4]) -> Result<Self> {
        let (big_endian, nanos_a_tick) = match magic {
            [0xd4, 0xc3, 0xb2, 0xa1] => (false, 1000),
            [0x4d, 0x3c, 0xb2, 0xa1] => (false, 1),
            [0xa1, 0xb2, 0xc3, 0xd4] => (true, 1000),
            [0xa1, 0xb2, 0x3c, 0x4d] => (true, 1),
            _ => return Err(Error::new(ErrorKind::InvalidData, "no pcap file")),
        };
        Ok(Self {
            big_endian,
            nanos_a_tick,
        })
    }

    fn word(self, bytes: [u8; 4]) -> u32 {
        if self.big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        }
    }
}

/// Hands each record to `take`; gives back their number.
///
/// # Errors
/// When the file cannot be read, is no pcap file, or has a record that is too long. A last record that is cut short is
/// left out.
#[inline]
pub fn walk(path: &str, mut take: impl FnMut(Record<'_>)) -> Result<u64> {
    let mut file = File::open(path)?;
    let mut memory = vec![0u8; PAGE_BYTES + FRONT_BYTES + BLOCK_BYTES];
    let aligned = memory.as_ptr().align_offset(PAGE_BYTES);
    let memory = &mut memory[aligned..aligned + FRONT_BYTES + BLOCK_BYTES];
    let mut header = [0; FILE_HEADER];
    file.read_exact(&mut header)?;
    let layout = Layout::of([header[0], header[1], header[2], header[3]])?;
    let mut count = 0;
    let (mut at, mut end) = (FRONT_BYTES, FRONT_BYTES);
    loop {
        let kept = end - at;
        if kept > FRONT_BYTES {
            return Err(Error::new(ErrorKind::InvalidData, "a record is too long"));
        }
        memory.copy_within(at..end, FRONT_BYTES - kept);
        at = FRONT_BYTES - kept;
        let read = file.read(&mut memory[FRONT_BYTES..])?;
        if read == 0 {
            return Ok(count);
        }
        end = FRONT_BYTES + read;
        while let Some((record, length)) = record(&memory[at..end], layout) {
            take(record);
            at += length;
            count += 1;
        }
    }
}

/// The record that the window begins with, and its length with its header.
#[inline(always)]
fn record(window: &[u8], layout: Layout) -> Option<(Record<'_>, usize)> {
    let (header, rest) = window.split_first_chunk::<RECORD_HEADER>()?;
    let word =
        |at: usize| layout.word([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let captured = word(8) as usize;
    let frame = rest.get(..captured)?;
    let nanos = u64::from(word(0)) * 1_000_000_000 + u64::from(word(4)) * layout.nanos_a_tick;
    let record = Record {
        nanos,
        original_len: word(12),
        frame,
    };
    Some((record, RECORD_HEADER + captured))
}
