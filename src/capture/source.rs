//! Opening inputs, and unpacking them as they are read.
//!
//! Input: a path, or `-` for standard input, which is never seeked. Output: a block reader over the uncompressed
//! stream. Compression is told by its magic number, so the name does not matter. Limits: zstd windows up to 128 MiB
//! (the default of `zstd` itself); a decompressor hands out small pieces, so that little is lost when it finds damage.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;

use super::block::BlockReader;
use super::info::Compression;

/// The path that means standard input.
pub(super) const STDIN: &str = "-";

/// Compressed bytes read at once.
const PACKED_BYTES: usize = 128 << 10;

/// Uncompressed bytes handed out at once. What a decompressor has produced in a call that ends in an error is lost, so
/// the call should be short; it also stays in the first-level cache.
const PIECE_BYTES: usize = 32 << 10;

/// From this size on, reading a file in a thread of its own is worth the thread.
const LONG: u64 = 4 << 20;

/// Opens `path`; says whether it may be long.
pub(super) fn open(path: &Path) -> io::Result<(Box<dyn Read + Send>, bool)> {
    if path.as_os_str() == STDIN {
        #[expect(
            clippy::disallowed_methods,
            reason = "capture is where standard input is read"
        )]
        return Ok((Box::new(io::stdin()), true));
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "capture is where files are opened"
    )]
    let file = File::open(path)?;
    let facts = file.metadata()?;
    if facts.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let is_long = !facts.is_file() || facts.len() >= LONG;
    Ok((Box::new(file), is_long))
}

/// A block reader over `source`, unpacked if it is compressed; `follows` if it is still being written.
pub(super) fn unpack(
    source: Box<dyn Read + Send>,
    block_bytes: usize,
    follows: bool,
) -> io::Result<(BlockReader, Option<Compression>)> {
    let mut blocks = BlockReader::new(source, block_bytes);
    if follows {
        blocks.follow();
    }
    blocks.fill(4);
    let compression = match blocks.window() {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
        _ => return Ok((blocks, None)),
    };
    let (begin, source, failure) = blocks.into_rest();
    let packed = Cursor::new(begin).chain(Failing(failure)).chain(source);
    let packed = BufReader::with_capacity(PACKED_BYTES, packed);
    let unpacked: Box<dyn Read + Send> = match compression {
        Compression::Gzip => Box::new(Pieces(flate2::bufread::MultiGzDecoder::new(packed))),
        Compression::Zstd => Box::new(Pieces(zstd::stream::read::Decoder::with_buffer(packed)?)),
    };
    Ok((BlockReader::new(unpacked, block_bytes), Some(compression)))
}

/// Reads at most [`PIECE_BYTES`] at once.
struct Pieces<R>(R);

impl<R: Read> Read for Pieces<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let length = room.len().min(PIECE_BYTES);
        self.0.read(room.get_mut(..length).unwrap_or_default())
    }
}

/// Fails once with the error that was met while looking at the first bytes, if one was.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}
