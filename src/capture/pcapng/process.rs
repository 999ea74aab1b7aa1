//! Darwin process blocks: which process a packet belongs to, as Apple's `tcpdump` writes it.
//!
//! Input: bodies of blocks of type `0x8000_0001` (process identifier, then options: 2 is the name) and the packet options
//! that point at them by their ordinal within the section, from 0. Output: numbers of the input's process table.
//! The blocks are no part of the pcapng draft, which leaves such numbers to local use: the layout is that of
//! `pcap/pcap-ng.h` in Apple's libpcap, which Wireshark reads too. An ordinal without a block tells nothing.

use super::options::Options;
use crate::capture::byte_order::{ByteOrder, words};
use crate::capture::process::{MAX_PROCESSES, ProcessTable};

/// The process (`PCAPNG_EPB_PIB_INDEX`). 0x8002 is the service class, 0x8004 flags: not used.
const PACKET_PROCESS: u16 = 0x8001;

/// The process that the work is done for (`PCAPNG_EPB_E_PIB_INDEX`).
const PACKET_EFFECTIVE_PROCESS: u16 = 0x8003;

/// Name of the process (`PCAPNG_PIB_NAME`). 4 is its UUID: not used.
const NAME: u16 = 2;

/// The process blocks of one section.
#[derive(Debug, Default)]
pub(super) struct SectionProcesses {
    /// By ordinal; `None` for a block that tells nothing, so that those after it keep their ordinals.
    numbers: Vec<Option<u16>>,
}

/// The ordinals that one packet names.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PacketProcess {
    real: Option<u32>,
    effective: Option<u32>,
}

impl PacketProcess {
    /// Takes an option of a packet, if it is one of these.
    pub(super) fn option(&mut self, code: u16, value: &[u8], order: ByteOrder) {
        let slot = match code {
            PACKET_PROCESS => &mut self.real,
            PACKET_EFFECTIVE_PROCESS => &mut self.effective,
            _ => return,
        };
        *slot = value.try_into().ok().map(|value| order.u32(value));
    }
}

impl SectionProcesses {
    /// A process block.
    #[cold]
    pub(super) fn block(&mut self, body: &[u8], order: ByteOrder, table: &mut ProcessTable) {
        if self.numbers.len() >= MAX_PROCESSES {
            table.refuse();
            return;
        }
        let number = words::<1>(body).and_then(|&[pid]| {
            let mut options = Options::new(body.get(4..).unwrap_or_default(), order);
            let name = options.find(|(code, _)| *code == NAME);
            table.intern(order.u32(pid), name.map_or(&[], |(_, name)| name))
        });
        self.numbers.push(number);
    }

    /// The process of a packet.
    pub(super) fn of(&self, packet: PacketProcess, table: &ProcessTable) -> Option<u16> {
        let number = |ordinal: Option<u32>| {
            let ordinal = usize::try_from(ordinal?).ok()?;
            self.numbers.get(ordinal).copied().flatten()
        };
        table.prefer(number(packet.effective), number(packet.real))
    }
}
