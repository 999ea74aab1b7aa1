//! The framing of pcapng files (draft-ietf-opsawg-pcapng).
//!
//! Input: windows that begin at a block. Output: [`Step`]s; names, comments, processes and drop counts go to the
//! capture's facts, interfaces to the run's table. Sections may change byte order, and each numbers its interfaces and
//! processes anew. Blocks that hold no packet and no fact we use (names, secrets, journal, custom) are passed over by
//! their length. The section length is not relied on: every block carries its own, and many writers leave it wrong.

mod clock;
mod interface;
mod options;
mod process;
mod section;

use self::interface::{SectionInterface, describe};
use self::options::{OPTION_COMMENT, Options};
use self::process::{PacketProcess, SectionProcesses};
use super::block::MAX_PACKET_BYTES;
use super::byte_order::{ByteOrder, words};
use super::error::Damage;
use super::frame::InterfaceId;
use super::info::CaptureInfo;
use super::interface::InterfaceTable;
use super::record::{Record, Step};

/// Section Header Block; the same in both byte orders (4.1).
pub(super) const SECTION_MAGIC: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

/// Bytes of the smallest section header: type, length, magic, version, section length, length again (4.1).
pub(super) const SECTION_HEADER_BYTES: usize = 28;

/// Block types (11.1).
mod kind {
    pub(super) const INTERFACE: u32 = 1;
    pub(super) const OBSOLETE_PACKET: u32 = 2;
    pub(super) const SIMPLE_PACKET: u32 = 3;
    pub(super) const INTERFACE_STATISTICS: u32 = 5;
    pub(super) const ENHANCED_PACKET: u32 = 6;
    /// Darwin's processes; see [`super::process`].
    pub(super) const PROCESS: u32 = 0x8000_0001;
}

/// Option codes of the interface statistics (4.6).
const ISB_ENDTIME: u16 = 3;
const ISB_IFDROP: u16 = 5;
const ISB_OSDROP: u16 = 7;

/// Option code of an enhanced packet: frames lost since the packet before it on this interface (4.3).
const EPB_DROPCOUNT: u16 = 4;

/// Bytes before the data of an enhanced or obsolete packet: block type and length, and five words.
const PACKET_HEADER_BYTES: usize = 28;

/// Bytes before the data of a simple packet: block type and length, and one word.
const SIMPLE_HEADER_BYTES: usize = 12;

/// Walks the blocks of one file.
#[derive(Debug)]
pub(super) struct Pcapng {
    capture: u16,
    order: ByteOrder,
    interfaces: Vec<SectionInterface>,
    /// Those of the section before: the same interface described again keeps its number.
    before: Vec<SectionInterface>,
    processes: SectionProcesses,
    /// Whether an interface's statistics told the drops; packets' own counts are then not added.
    statistics: bool,
}

impl Pcapng {
    pub(super) fn new(capture: u16) -> Self {
        Self {
            capture,
            // Set by the section header that every file begins with.
            order: ByteOrder::Little,
            interfaces: Vec::new(),
            before: Vec::new(),
            processes: SectionProcesses::default(),
            statistics: false,
        }
    }

    /// The block that `window` begins with.
    #[inline]
    pub(super) fn step(
        &mut self,
        window: &[u8],
        info: &mut CaptureInfo,
        table: &mut InterfaceTable,
    ) -> Result<Step, Damage> {
        let Some(&[kind, length]) = words::<2>(window) else {
            return Ok(Step::Need(12));
        };
        if kind == SECTION_MAGIC {
            return self.section(window, info);
        }
        let kind = self.order.u32(kind);
        let length = self.order.u32(length);
        let body = match whole_block(window, length, self.order)? {
            Found::Body(body) => body,
            Found::Cut => return Ok(Step::Need(length as usize)),
            Found::TooLong if is_used(kind) => return Err(Damage::BlockTooLong { length }),
            Found::TooLong => return Ok(Step::SkipLong(length)),
        };
        match kind {
            kind::ENHANCED_PACKET | kind::OBSOLETE_PACKET => self.packet(kind, body, length, info),
            kind::SIMPLE_PACKET => self.simple_packet(body, length),
            kind::INTERFACE => {
                self.interface(body, length, info, table)?;
                Ok(Step::Skip(length as usize))
            }
            kind::INTERFACE_STATISTICS => {
                self.interface_statistics(body, info);
                Ok(Step::Skip(length as usize))
            }
            kind::PROCESS => {
                self.processes.block(body, self.order, &mut info.processes);
                Ok(Step::Skip(length as usize))
            }
            _ => Ok(Step::Skip(length as usize)),
        }
    }

    /// Whether `window` begins with a block that holds a packet.
    pub(super) fn begins_packet(&self, window: &[u8]) -> bool {
        let kind = words::<1>(window).map(|&[kind]| self.order.u32(kind));
        matches!(
            kind,
            Some(kind::ENHANCED_PACKET | kind::OBSOLETE_PACKET | kind::SIMPLE_PACKET)
        )
    }

    /// Whether the last four bytes of a block repeat its length.
    pub(super) fn check_tail(&self, tail: [u8; 4], head: u32) -> Result<(), Damage> {
        same_length(head, self.order.u32(tail))
    }

    #[cold]
    fn section(&mut self, window: &[u8], info: &mut CaptureInfo) -> Result<Step, Damage> {
        let Some(&[_, length, magic]) = words::<3>(window) else {
            return Ok(Step::Need(SECTION_HEADER_BYTES));
        };
        let order = section::byte_order(magic)?;
        let length = order.u32(length);
        let body = match whole_block(window, length, order)? {
            Found::Body(body) => body,
            Found::Cut => return Ok(Step::Need(length as usize)),
            Found::TooLong => return Err(Damage::BlockTooLong { length }),
        };
        section::check(body, length, order)?;
        self.order = order;
        self.before = std::mem::take(&mut self.interfaces);
        self.processes = SectionProcesses::default();
        section::keep_options(body, order, info);
        Ok(Step::Skip(length as usize))
    }

    #[cold]
    fn interface(
        &mut self,
        body: &[u8],
        length: u32,
        info: &mut CaptureInfo,
        table: &mut InterfaceTable,
    ) -> Result<(), Damage> {
        let described = describe(body, length, self.order, self.capture)?;
        info.link_type_met(described.link);
        let before = self.before.get(self.interfaces.len());
        let same = before.filter(|known| {
            table
                .get(known.id)
                .is_some_and(|interface| *interface == described.interface)
        });
        let id = match same {
            Some(known) => known.id,
            None => table
                .add(described.interface)
                .ok_or(Damage::TooManyInterfaces)?,
        };
        for (code, value) in interface::options(body, self.order) {
            if code == OPTION_COMMENT {
                info.add_comment(None, value);
            }
        }
        self.interfaces.push(SectionInterface {
            id,
            link: described.link,
            snap_len: described.snap_len,
            clock: described.clock,
            dropped_kernel: 0,
            dropped_interface: 0,
        });
        Ok(())
    }

    /// Enhanced (4.3) and obsolete (appendix A) packets: the same but for the first word.
    #[inline]
    fn packet(
        &mut self,
        kind: u32,
        body: &[u8],
        length: u32,
        info: &mut CaptureInfo,
    ) -> Result<Step, Damage> {
        let Some(&[first, high, low, captured, original_len]) = words::<5>(body) else {
            return Err(Damage::FieldsCut { length });
        };
        let (interface, dropped) = if kind == kind::OBSOLETE_PACKET {
            let (interface, dropped) = self.order.halves(first);
            (u32::from(interface), dropped)
        } else {
            (self.order.u32(first), NO_DROP_COUNT)
        };
        let on = self.on(interface)?;
        let ticks = (u64::from(self.order.u32(high)) << 32) | u64::from(self.order.u32(low));
        let mut record = Record {
            process: None,
            at: Some(on.clock.time(ticks)),
            interface: on.id,
            link: on.link,
            original_len: self.order.u32(original_len),
            data: PACKET_HEADER_BYTES,
            captured: self.order.u32(captured) as usize,
            total: length as usize,
        };
        let room = body.len() - (PACKET_HEADER_BYTES - 8);
        if record.captured > room {
            return Err(beyond_block(record.captured, room));
        }
        let options = PACKET_HEADER_BYTES - 8 + record.captured.next_multiple_of(4);
        if let Some(options @ [_, ..]) = body.get(options..) {
            record.process = self.packet_options(kind, options, info);
        }
        if dropped != NO_DROP_COUNT {
            self.dropped_between(u64::from(dropped), info);
        }
        Ok(Step::Packet(record))
    }

    /// Broken options cost only themselves: the packet stands before them. What is returned is the packet's process.
    #[cold]
    fn packet_options(&mut self, kind: u32, options: &[u8], info: &mut CaptureInfo) -> Option<u16> {
        let mut process = PacketProcess::default();
        for (code, value) in Options::new(options, self.order) {
            if code == OPTION_COMMENT {
                info.add_comment(Some(info.frames + 1), value);
            } else if code == EPB_DROPCOUNT && kind == kind::ENHANCED_PACKET {
                self.dropped_between(self.order.u64(value).unwrap_or(0), info);
            } else {
                process.option(code, value, self.order);
            }
        }
        self.processes.of(process, &info.processes)
    }

    /// A simple packet (4.4): of the first interface, without time, cut to that interface's snap length.
    fn simple_packet(&self, body: &[u8], length: u32) -> Result<Step, Damage> {
        let Some(&[original_len]) = words::<1>(body) else {
            return Err(Damage::FieldsCut { length });
        };
        let on = self.on(0)?;
        let original_len = self.order.u32(original_len);
        let captured = match on.snap_len {
            0 => original_len,
            snap_len => original_len.min(snap_len),
        } as usize;
        let room = body.len() - (SIMPLE_HEADER_BYTES - 8);
        if captured > room {
            return Err(beyond_block(captured, room));
        }
        Ok(Step::Packet(Record {
            process: None,
            at: None,
            interface: on.id,
            link: on.link,
            original_len,
            data: SIMPLE_HEADER_BYTES,
            captured,
            total: length as usize,
        }))
    }

    /// Drop counts and the end of the capture (4.6). They run from its start, so a later block replaces an earlier one.
    #[cold]
    /// Its interfaces are known by other numbers.
    pub(super) fn renumber(&mut self, number: impl Fn(InterfaceId) -> InterfaceId) {
        for interface in self.interfaces.iter_mut().chain(&mut self.before) {
            interface.id = number(interface.id);
        }
    }

    fn interface_statistics(&mut self, body: &[u8], info: &mut CaptureInfo) {
        let Some(&[interface, _high, _low]) = words::<3>(body) else {
            return;
        };
        let index = self.order.u32(interface) as usize;
        let Some(on) = self.interfaces.get_mut(index) else {
            return;
        };
        for (code, value) in Options::new(body.get(12..).unwrap_or_default(), self.order) {
            if code == ISB_ENDTIME {
                // Two words, the upper one first, whatever the byte order.
                if let Some(&[high, low]) = words::<2>(value) {
                    let (high, low) = (self.order.u32(high), self.order.u32(low));
                    let ended = on.clock.time((u64::from(high) << 32) | u64::from(low));
                    info.ended = info.ended.max(Some(ended));
                }
                continue;
            }
            let Some(count) = self.order.u64(value) else {
                continue;
            };
            let (known, total) = match code {
                ISB_IFDROP => (&mut on.dropped_interface, &mut info.dropped_interface),
                ISB_OSDROP => {
                    if !self.statistics {
                        self.statistics = true;
                        info.dropped_kernel = None;
                    }
                    (&mut on.dropped_kernel, &mut info.dropped_kernel)
                }
                _ => continue,
            };
            let others = total.unwrap_or(0).saturating_sub(*known);
            *total = Some(others.saturating_add(count));
            *known = count;
        }
    }

    /// Drops that a packet tells about; a recorder that also writes statistics counts the same drops there.
    #[cold]
    fn dropped_between(&mut self, count: u64, info: &mut CaptureInfo) {
        if !self.statistics {
            let so_far = info.dropped_kernel.unwrap_or(0);
            info.dropped_kernel = Some(so_far.saturating_add(count));
        }
    }

    #[inline]
    fn on(&self, interface: u32) -> Result<&SectionInterface, Damage> {
        self.interfaces
            .get(interface as usize)
            .ok_or_else(|| Damage::UndefinedInterface {
                interface,
                described: u32::try_from(self.interfaces.len()).unwrap_or(u32::MAX),
            })
    }
}

/// What an obsolete packet says when it does not know the drops.
const NO_DROP_COUNT: u16 = 0xffff;

/// Blocks that are looked into.
fn is_used(kind: u32) -> bool {
    matches!(
        kind,
        kind::INTERFACE
            | kind::OBSOLETE_PACKET
            | kind::SIMPLE_PACKET
            | kind::INTERFACE_STATISTICS
            | kind::ENHANCED_PACKET
            | kind::PROCESS
    )
}

/// How much of a block the window holds.
enum Found<'a> {
    /// All; what stands between the two lengths.
    Body(&'a [u8]),
    /// Not all yet.
    Cut,
    /// It is longer than is kept in memory.
    TooLong,
}

/// Cuts the block of `length` bytes out of `window` and checks its lengths (3.1).
#[inline]
fn whole_block(window: &[u8], length: u32, order: ByteOrder) -> Result<Found<'_>, Damage> {
    if length < 12 || !length.is_multiple_of(4) {
        return Err(Damage::BlockLength { length });
    }
    if length as usize > MAX_PACKET_BYTES {
        return Ok(Found::TooLong);
    }
    let Some((head, &tail)) = window
        .get(..length as usize)
        .and_then(<[u8]>::split_last_chunk::<4>)
    else {
        return Ok(Found::Cut);
    };
    same_length(length, order.u32(tail))?;
    Ok(Found::Body(head.get(8..).unwrap_or_default()))
}

#[inline]
fn same_length(head: u32, tail: u32) -> Result<(), Damage> {
    if head == tail {
        Ok(())
    } else {
        Err(Damage::LengthMismatch { head, tail })
    }
}

#[cold]
fn beyond_block(captured: usize, room: usize) -> Damage {
    Damage::PacketBeyondBlock {
        captured: u32::try_from(captured).unwrap_or(u32::MAX),
        room: u32::try_from(room).unwrap_or(u32::MAX),
    }
}
