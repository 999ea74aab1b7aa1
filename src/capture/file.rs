//! One capture file, read frame by frame.
//!
//! Input: a path, standard input or any reader. Output: borrowed [`Frame`]s in file order, in two steps so that several
//! files can be merged without copying: [`CaptureFile::advance`] moves on, [`CaptureFile::frame`] lends. Frame numbers
//! count packets from 1. An error ends the file; everything before it has been delivered. Memory: one block.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::block::{BLOCK_BYTES, BlockReader};
use super::error::{CaptureError, Damage, Part, Place};
use super::found::{LOOK_BYTES, identify};
use super::frame::{Frame, FrameId, InterfaceId, LinkType, Seen, Timestamp};
use super::info::{CaptureInfo, Format};
use super::interface::{Interface, InterfaceTable};
use super::pcap::{self, FileHeader, Pcap};
use super::pcapng::{Pcapng, SECTION_HEADER_BYTES, SECTION_MAGIC};
use super::record::{Record, Step};
use super::source;

/// A capture file.
pub struct CaptureFile {
    path: Arc<str>,
    capture: u16,
    blocks: BlockReader,
    layout: Layout,
    current: Option<Current>,
    /// Time of the latest frame in file order; frames without a time of their own take it over.
    latest: Option<Timestamp>,
    info: CaptureInfo,
}

/// How packets are framed.
enum Layout {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

/// The frame the file stands at: a [`Frame`] that has not borrowed its bytes.
#[derive(Clone, Copy)]
struct Current {
    seen: Seen,
    interface: InterfaceId,
    link: LinkType,
    original_len: u32,
    begin: usize,
    captured: usize,
}

impl CaptureFile {
    /// Opens the file at `path`, or standard input for `-`, as input number `capture` of the run.
    ///
    /// # Errors
    /// When it cannot be opened, is empty, ends within its header, or is neither pcap nor pcapng.
    pub fn open(
        path: &Path,
        capture: u16,
        interfaces: &mut InterfaceTable,
    ) -> Result<Self, CaptureError> {
        Self::open_with_block(path, capture, interfaces, BLOCK_BYTES)
    }

    /// Reads a capture from `reader`; `name` stands for its path in messages and facts.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_reader(
        reader: Box<dyn Read + Send>,
        name: &str,
        capture: u16,
        interfaces: &mut InterfaceTable,
    ) -> Result<Self, CaptureError> {
        Self::begin(reader, name.into(), capture, interfaces, BLOCK_BYTES)
    }

    /// As [`Self::open`], reading in blocks of about `block_bytes`.
    pub(super) fn open_with_block(
        path: &Path,
        capture: u16,
        interfaces: &mut InterfaceTable,
        block_bytes: usize,
    ) -> Result<Self, CaptureError> {
        let name: Arc<str> = path.to_string_lossy().into();
        let reader = source::open(path).map_err(|source| CaptureError::Open {
            path: Arc::clone(&name),
            source: source.into(),
        })?;
        Self::begin(reader, name, capture, interfaces, block_bytes)
    }

    fn begin(
        reader: Box<dyn Read + Send>,
        path: Arc<str>,
        capture: u16,
        interfaces: &mut InterfaceTable,
        block_bytes: usize,
    ) -> Result<Self, CaptureError> {
        let (blocks, compression) =
            source::unpack(reader, block_bytes).map_err(|source| CaptureError::Open {
                path: Arc::clone(&path),
                source: source.into(),
            })?;
        let mut info = CaptureInfo::new(&path);
        info.compression = compression;
        let mut file = Self {
            path,
            capture,
            blocks,
            layout: Layout::Pcapng(Pcapng::new(capture)),
            current: None,
            latest: None,
            info,
        };
        file.read_header(interfaces)?;
        Ok(file)
    }

    /// Moves on to the next frame; false at the end. After an error the file has ended.
    ///
    /// # Errors
    /// When the file is cut, damaged or cannot be read on; the error says at which byte and packet, and is kept in
    /// [`Self::info`].
    #[inline]
    pub fn advance(&mut self, interfaces: &mut InterfaceTable) -> Result<bool, CaptureError> {
        loop {
            let window = self.blocks.window();
            let step = match &mut self.layout {
                Layout::Pcap(pcap) => pcap.step(window),
                Layout::Pcapng(pcapng) => pcapng.step(window, &mut self.info, interfaces),
            };
            match step {
                Ok(Step::Packet(record)) => {
                    self.accept(&record);
                    return Ok(true);
                }
                Ok(Step::Skip(length)) => self.blocks.consume(length),
                Ok(Step::SkipLong(length)) => self.skip_long(length)?,
                Ok(Step::Need(need)) => {
                    if !self.blocks.fill(need) {
                        return self.end(need);
                    }
                }
                Err(damage) => return Err(self.damaged(damage)),
            }
        }
    }

    /// The frame moved to last; `None` before the first and after the end.
    #[inline]
    #[must_use]
    pub fn frame(&self) -> Option<Frame<'_>> {
        let current = self.current.as_ref()?;
        Some(Frame {
            seen: current.seen,
            interface: current.interface,
            link: current.link,
            bytes: self
                .blocks
                .at(current.begin..current.begin + current.captured),
            original_len: current.original_len,
        })
    }

    /// What the file holds, as far as it was read.
    #[must_use]
    pub fn info(&self) -> &CaptureInfo {
        &self.info
    }

    /// Bytes passed over so far, after decompression.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.blocks.offset()
    }

    #[inline]
    fn accept(&mut self, record: &Record) {
        let info = &mut self.info;
        info.frames += 1;
        info.bytes += record.captured as u64;
        info.truncated += u64::from(record.captured < record.original_len as usize);
        let at = if let Some(at) = record.at {
            info.first = Some(info.first.map_or(at, |first| first.min(at)));
            info.last = info.last.max(Some(at));
            info.out_of_order += u64::from(self.latest.is_some_and(|latest| at < latest));
            self.latest = Some(at);
            at
        } else {
            info.untimed += 1;
            self.latest.unwrap_or_default()
        };
        let begin = self.blocks.position() + record.data;
        self.current = Some(Current {
            seen: Seen {
                at,
                frame: FrameId::new(self.capture, info.frames),
            },
            interface: record.interface,
            link: record.link,
            original_len: record.original_len,
            begin,
            captured: record.captured,
        });
        self.blocks.consume(record.total);
    }

    /// Where the window stands.
    fn place(&self) -> Place {
        let is_packet = match &self.layout {
            Layout::Pcap(_) => true,
            Layout::Pcapng(pcapng) => pcapng.begins_packet(self.blocks.window()),
        };
        Place {
            byte: self.blocks.offset(),
            part: if is_packet {
                Part::Packet(self.info.frames + 1)
            } else {
                Part::BlockAfter(self.info.frames)
            },
        }
    }

    /// The stream ended though `need` bytes were wanted: cleanly if between two packets.
    #[cold]
    fn end(&mut self, need: usize) -> Result<bool, CaptureError> {
        let place = self.place();
        let have = self.blocks.window().len() as u64;
        if let Some(error) = self.stopped(place, need as u64, have) {
            return Err(self.fail(error));
        }
        self.close();
        Ok(false)
    }

    /// Why the stream ended at a place it had `have` bytes of; `None` when that is its proper end.
    fn stopped(&mut self, place: Place, need: u64, have: u64) -> Option<CaptureError> {
        let path = Arc::clone(&self.path);
        let byte = place.byte + have;
        match (self.blocks.take_failure(), self.info.compression) {
            (Some(source), Some(compression)) => Some(CaptureError::Decompress {
                path,
                compression,
                place,
                byte,
                source: source.into(),
            }),
            (Some(source), None) => Some(CaptureError::Read {
                path,
                place,
                byte,
                source: source.into(),
            }),
            (None, _) if have > 0 => Some(CaptureError::Truncated {
                path,
                place,
                need,
                have,
            }),
            (None, _) => None,
        }
    }

    #[cold]
    fn damaged(&mut self, damage: Damage) -> CaptureError {
        let place = self.place();
        let path = Arc::clone(&self.path);
        self.fail(CaptureError::Damaged {
            path,
            place,
            damage,
        })
    }

    fn fail(&mut self, error: CaptureError) -> CaptureError {
        self.info.failure = Some(error.clone());
        self.close();
        error
    }

    /// Gives file and memory back.
    fn close(&mut self) {
        self.current = None;
        self.blocks = BlockReader::closed(self.blocks.offset());
    }

    /// Passes over a block that is too long to be kept, and checks its second length.
    #[cold]
    fn skip_long(&mut self, length: u32) -> Result<(), CaptureError> {
        let place = self.place();
        let need = u64::from(length);
        let mut left = need - 4;
        while left > 0 {
            let count = usize::try_from(left)
                .map_or(usize::MAX, |left| left.min(self.blocks.window().len()));
            self.blocks.consume(count);
            left -= count as u64;
            if left > 0 && !self.blocks.fill(1) {
                return self.cut_long(place, need, need - 4 - left);
            }
        }
        if !self.blocks.fill(4) {
            let have = need - 4 + self.blocks.window().len() as u64;
            return self.cut_long(place, need, have);
        }
        if let (Layout::Pcapng(pcapng), Some(&tail)) =
            (&self.layout, self.blocks.window().first_chunk::<4>())
            && let Err(damage) = pcapng.check_tail(tail, length)
        {
            let path = Arc::clone(&self.path);
            return Err(self.fail(CaptureError::Damaged {
                path,
                place,
                damage,
            }));
        }
        self.blocks.consume(4);
        Ok(())
    }

    fn cut_long(&mut self, place: Place, need: u64, have: u64) -> Result<(), CaptureError> {
        match self.stopped(place, need, have) {
            Some(error) => Err(self.fail(error)),
            None => Ok(()),
        }
    }
}

/// Recognising the file and reading its header.
impl CaptureFile {
    fn read_header(&mut self, interfaces: &mut InterfaceTable) -> Result<(), CaptureError> {
        self.blocks.fill(LOOK_BYTES);
        let window = self.blocks.window();
        let path = Arc::clone(&self.path);
        match format_of(window) {
            Some(Format::Pcap) => self.read_pcap_header(interfaces),
            Some(Format::Pcapng) => {
                self.info.format = Some(Format::Pcapng);
                // The section header is the first block; only whether there is a whole one is told here.
                if window.len() < SECTION_HEADER_BYTES {
                    return Err(self.header_cut(Format::Pcapng, SECTION_HEADER_BYTES));
                }
                Ok(())
            }
            None if window.is_empty() => Err(self
                .stopped(FILE_HEADER, 1, 0)
                .unwrap_or(CaptureError::Empty { path })),
            None => Err(CaptureError::NotACapture {
                path,
                found: identify(window.get(..LOOK_BYTES).unwrap_or(window)),
            }),
        }
    }

    fn read_pcap_header(&mut self, interfaces: &mut InterfaceTable) -> Result<(), CaptureError> {
        self.info.format = Some(Format::Pcap);
        let Some(header) = FileHeader::parse(self.blocks.window()) else {
            return Err(self.header_cut(Format::Pcap, pcap::FILE_HEADER_BYTES));
        };
        if header.version != (2, 4) {
            let (major, minor) = header.version;
            let path = Arc::clone(&self.path);
            return Err(CaptureError::PcapVersion { path, major, minor });
        }
        let interface = Interface {
            capture: self.capture,
            name: None,
            description: None,
            link: header.link,
        };
        let Some(id) = interfaces.add(interface) else {
            return Err(CaptureError::Damaged {
                path: Arc::clone(&self.path),
                place: FILE_HEADER,
                damage: Damage::TooManyInterfaces,
            });
        };
        self.info.link_type_met(header.link);
        self.layout = Layout::Pcap(Pcap::new(&header, id));
        self.blocks.consume(pcap::FILE_HEADER_BYTES);
        Ok(())
    }

    fn header_cut(&mut self, format: Format, need: usize) -> CaptureError {
        let have = self.blocks.window().len() as u64;
        let need = need as u64;
        match self.stopped(FILE_HEADER, need, have) {
            Some(error @ (CaptureError::Read { .. } | CaptureError::Decompress { .. })) => error,
            _ => CaptureError::HeaderCut {
                path: Arc::clone(&self.path),
                format,
                need,
                have,
            },
        }
    }
}

const FILE_HEADER: Place = Place {
    byte: 0,
    part: Part::FileHeader,
};

/// The format whose magic number `window` begins with, or would begin with if it were not cut before.
fn format_of(window: &[u8]) -> Option<Format> {
    const PCAP_MAGICS: [[u8; 4]; 4] = [
        [0xd4, 0xc3, 0xb2, 0xa1],
        [0xa1, 0xb2, 0xc3, 0xd4],
        [0x4d, 0x3c, 0xb2, 0xa1],
        [0xa1, 0xb2, 0x3c, 0x4d],
    ];
    let begin = window.get(..4).unwrap_or(window);
    if begin.is_empty() {
        None
    } else if SECTION_MAGIC.starts_with(begin) {
        Some(Format::Pcapng)
    } else if PCAP_MAGICS.iter().any(|magic| magic.starts_with(begin)) {
        Some(Format::Pcap)
    } else {
        None
    }
}
