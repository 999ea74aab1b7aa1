//! One capture file, read frame by frame.
//!
//! Input: a path, standard input or any reader. Output: borrowed [`Frame`]s in file order, in two steps so that several
//! files can be merged without copying: [`CaptureFile::advance`] moves on, [`CaptureFile::frame`] lends. Frame numbers
//! count packets from 1. An error ends the file; everything before it has been delivered. Memory: one block.

mod header;

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use crate::capture::batch::Batch;
use crate::capture::block::{BLOCK_BYTES, BlockReader};
use crate::capture::error::{CaptureError, Damage, Part, Place};
use crate::capture::frame::{Frame, FrameId, ProcessId, Seen, Timestamp};
use crate::capture::info::CaptureInfo;
use crate::capture::interface::InterfaceTable;
use crate::capture::pcap::Pcap;
use crate::capture::pcapng::Pcapng;
use crate::capture::pktap;
use crate::capture::record::{Record, Step};
use crate::capture::slot::Slot;
use crate::capture::source;
use crate::capture::tail::Tail;

/// A capture file.
pub struct CaptureFile {
    path: Arc<str>,
    capture: u16,
    blocks: BlockReader,
    layout: Layout,
    current: Option<Slot>,
    /// Time of the latest frame in file order; frames without a time of their own take it over.
    latest: Option<Timestamp>,
    /// It is still being written.
    follows: bool,
    info: CaptureInfo,
}

/// How a file's blocks are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocks {
    /// By whoever walks its records, always the same one.
    Own,
    /// By a thread of its own, that goes ahead by so many, if the file is long.
    Ahead(usize),
    /// By whoever walks its records, while so many may be kept by others.
    Lent(usize),
    /// The same, but by a thread of its own if the file is long.
    LentAhead(usize),
}

/// How packets are framed.
enum Layout {
    Pcap(Pcap),
    Pcapng(Pcapng),
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
        Self::open_with_block(path, capture, interfaces, BLOCK_BYTES, Blocks::Own)
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
        Self::begin(reader, name.into(), capture, interfaces, BLOCK_BYTES, false)
    }

    /// Opens a file that is still being written. [`Self::advance`] is false while there is no whole packet more, and
    /// [`Self::is_waiting`] then tells that there may be. `None` while its header is not whole.
    ///
    /// # Errors
    /// As [`Self::open`], and when it is compressed: what is packed comes in pieces that cannot be waited for.
    pub fn follow(
        path: &Path,
        capture: u16,
        interfaces: &mut InterfaceTable,
    ) -> Result<Option<Self>, CaptureError> {
        let name: Arc<str> = path.to_string_lossy().into();
        let cannot = |source: std::io::Error| CaptureError::Open {
            path: Arc::clone(&name),
            source: source.into(),
        };
        let Some(tail) = Tail::open(path).map_err(cannot)? else {
            return Ok(None);
        };
        match Self::begin(
            Box::new(tail),
            Arc::clone(&name),
            capture,
            interfaces,
            BLOCK_BYTES,
            true,
        ) {
            Ok(file) if file.info.compression.is_some() => Err(cannot(std::io::Error::other(
                "a compressed file cannot be followed: pipe it through its decompressor",
            ))),
            Ok(file) => Ok(Some(file)),
            Err(CaptureError::Empty { .. } | CaptureError::HeaderCut { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether [`Self::advance`] found no whole packet in a file that is still being written.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.blocks.is_waiting()
    }

    /// As [`Self::open`], reading in blocks of about `block_bytes`, in this way.
    pub(super) fn open_with_block(
        path: &Path,
        capture: u16,
        interfaces: &mut InterfaceTable,
        block_bytes: usize,
        blocks: Blocks,
    ) -> Result<Self, CaptureError> {
        let name: Arc<str> = path.to_string_lossy().into();
        let (reader, is_long) = source::open(path).map_err(|source| CaptureError::Open {
            path: Arc::clone(&name),
            source: source.into(),
        })?;
        let mut file = Self::begin(reader, name, capture, interfaces, block_bytes, false)?;
        match blocks {
            Blocks::Ahead(count) | Blocks::LentAhead(count) if is_long => {
                file.blocks.read_ahead(count);
            }
            Blocks::Lent(count) | Blocks::LentAhead(count) => file.blocks.lend(count),
            Blocks::Own | Blocks::Ahead(_) => {}
        }
        Ok(file)
    }

    fn begin(
        reader: Box<dyn Read + Send>,
        path: Arc<str>,
        capture: u16,
        interfaces: &mut InterfaceTable,
        block_bytes: usize,
        follows: bool,
    ) -> Result<Self, CaptureError> {
        let (blocks, compression) =
            source::unpack(reader, block_bytes, follows).map_err(|source| CaptureError::Open {
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
            follows,
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
            match self.step(interfaces) {
                Ok(Step::Packet(record)) => {
                    self.accept(&record);
                    return Ok(true);
                }
                Ok(Step::Skip(length)) => self.blocks.consume(length),
                Ok(Step::SkipLong(length)) if self.follows => {
                    return Err(self.damaged(Damage::BlockTooLong { length }));
                }
                Ok(Step::SkipLong(length)) => self.skip_long(length)?,
                Ok(Step::Need(need)) => {
                    if !self.blocks.fill(need) {
                        if self.blocks.is_waiting() {
                            self.current = None;
                            return Ok(false);
                        }
                        return self.end(need);
                    }
                }
                Err(damage) => return Err(self.damaged(damage)),
            }
        }
    }

    /// Moves on to the next frame if it lies in the block that is in memory; false when it does not, or is damaged:
    /// [`Self::advance`] then tells. Slots of frames before it stay valid.
    #[inline]
    pub fn advance_in_block(&mut self, interfaces: &mut InterfaceTable) -> bool {
        loop {
            match self.step(interfaces) {
                Ok(Step::Packet(record)) => {
                    self.accept(&record);
                    return true;
                }
                Ok(Step::Skip(length)) => self.blocks.consume(length),
                // A damaged block is left where it is: the same step fails again when it is asked for.
                Ok(Step::SkipLong(_) | Step::Need(_)) | Err(_) => return false,
            }
        }
    }

    /// Its interfaces, that of the frame moved to last included, go on from others.
    pub(super) fn renumber(&mut self, interfaces: &InterfaceTable) {
        match &mut self.layout {
            Layout::Pcap(pcap) => pcap.renumber(interfaces.first_of(pcap.interface())),
            Layout::Pcapng(pcapng) => pcapng.renumber(|id| interfaces.first_of(id)),
        }
        if let Some(slot) = &mut self.current {
            slot.interface = interfaces.first_of(slot.interface);
        }
    }

    /// Nothing more is read of it.
    pub(super) fn has_ended(&self) -> bool {
        self.blocks.has_ended()
    }

    /// Where the frame moved to last lies; `None` before the first and after the end.
    #[inline]
    #[must_use]
    pub fn slot(&self) -> Option<Slot> {
        self.current
    }

    /// The frame in `slot`, which must come from this file since it last read: since the last
    /// [`Self::advance`]. An older slot yields other bytes of the block, or none.
    #[inline]
    #[must_use]
    pub fn frame_in(&self, slot: Slot) -> Frame<'_> {
        slot.frame_of(self.blocks.bytes())
    }

    /// Lends the frames in slots that this file filled since it last read.
    pub(super) fn lend(&self, slots: Vec<Slot>) -> Batch {
        Batch::lent(self.blocks.block(), slots)
    }

    /// The frame moved to last; `None` before the first and after the end.
    #[inline]
    #[must_use]
    pub fn frame(&self) -> Option<Frame<'_>> {
        self.current.map(|slot| self.frame_in(slot))
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

    /// What the window begins with.
    #[inline]
    fn step(&mut self, interfaces: &mut InterfaceTable) -> Result<Step, Damage> {
        let window = self.blocks.window();
        match &mut self.layout {
            Layout::Pcap(pcap) => pcap.step(window),
            Layout::Pcapng(pcapng) => pcapng.step(window, &mut self.info, interfaces),
        }
    }

    #[inline]
    fn accept(&mut self, record: &Record) {
        let info = &mut self.info;
        info.frames += 1;
        info.bytes += record.captured as u64;
        info.truncated += u64::from(record.captured < record.original_len as usize);
        let at = if let Some(at) = record.at {
            // Nearly all frames are the latest so far.
            if self.latest.is_none_or(|latest| at < latest) {
                info.first = Some(info.first.map_or(at, |first| first.min(at)));
                if let Some(latest) = self.latest
                    && at < latest
                {
                    info.out_of_order += 1;
                    info.stepped_back(info.frames, latest, at);
                }
            }
            if let Some(since) = &mut info.since_step {
                *since = at.max(*since);
            }
            info.last = info.last.max(Some(at));
            self.latest = Some(at);
            at
        } else {
            info.untimed += 1;
            self.latest.unwrap_or_default()
        };
        let begin = self.blocks.position() + record.data;
        let mut process = record.process;
        if pktap::is_pktap(record.link) {
            let frame = self.blocks.at(begin..begin + record.captured);
            process = process.or_else(|| pktap::process(frame, &mut info.processes));
        }
        self.current = Some(Slot {
            seen: Seen {
                at,
                frame: FrameId::new(self.capture, info.frames),
            },
            interface: record.interface,
            link: record.link,
            process: process.map(|number| ProcessId {
                capture: self.capture,
                number,
            }),
            original_len: record.original_len,
            // A block holds little more than the largest packet.
            start: u32::try_from(begin).unwrap_or(u32::MAX),
            len: u32::try_from(record.captured).unwrap_or(u32::MAX),
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
