//! The least that following flows can cost: `bare-loop FILE` reads each record of a pcap file (Ethernet), its headers,
//! and looks up and updates one flow a packet in an open-addressing table. It parses, bounds, expires and reports nothing.

use std::process::ExitCode;
use std::time::Instant;

use peers::{Record, walk};

const TCP: u8 = 6;
const UDP: u8 = 17;

/// Both ends, the lower one first, so that both directions have the same key.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    low: [u8; 16],
    high: [u8; 16],
    /// Ports of both in the order of the addresses, then the protocol.
    rest: u64,
}

/// What a packet tells.
struct Packet {
    key: Key,
    v4: bool,
    /// It came from the lower end.
    from_low: usize,
    payload: u32,
    seq: u32,
    ack: u32,
    flags: u8,
}

/// What is kept of a flow.
#[derive(Clone, Copy)]
struct Flow {
    key: Key,
    v4: bool,
    first: u64,
    last: u64,
    bytes: [u64; 2],
    packets: [u32; 2],
    next: [u32; 2],
    ack: [u32; 2],
    flags: [u8; 2],
    repeated: u16,
}

/// Flows, and an index of them. A slot is small, so that many of them lie in the cache: only one whose part of the hash
/// fits leads to a flow.
struct Table {
    slots: Vec<Slot>,
    flows: Vec<Flow>,
}

#[derive(Clone, Copy)]
struct Slot {
    /// The upper half of the key's hash.
    tag: u32,
    flow: u32,
}

const EMPTY: Slot = Slot {
    tag: 0,
    flow: u32::MAX,
};

/// Odd numbers without structure (the first digits of pi).
const SEEDS: [u64; 2] = [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7345];

#[inline(always)]
fn fold(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    (product as u64) ^ ((product >> 64) as u64)
}

#[inline(always)]
fn hash(key: &Key, v4: bool) -> u64 {
    let half = |address: &[u8; 16], at: usize| {
        u64::from_ne_bytes(std::array::from_fn(|byte| address[at + byte]))
    };
    let mut hash = fold(key.rest ^ SEEDS[0], SEEDS[1]);
    if v4 {
        let both = half(&key.low, 0) | half(&key.high, 0) << 32;
        return fold(hash ^ both, SEEDS[1]);
    }
    for (address, at) in [(&key.low, 0), (&key.low, 8), (&key.high, 0), (&key.high, 8)] {
        hash = fold(hash ^ half(address, at), SEEDS[1]);
    }
    hash
}

impl Table {
    fn new() -> Self {
        Self {
            slots: vec![EMPTY; 1 << 10],
            flows: Vec::new(),
        }
    }

    #[inline(always)]
    fn flow(&mut self, key: &Key, v4: bool) -> &mut Flow {
        let hash = hash(key, v4);
        let mask = self.slots.len() - 1;
        let mut place = hash as usize & mask;
        loop {
            let slot = self.slots[place];
            if slot.flow == EMPTY.flow {
                return self.add(key, v4, hash);
            }
            let flow = slot.flow as usize;
            if slot.tag == (hash >> 32) as u32 && self.flows[flow].key == *key {
                return &mut self.flows[flow];
            }
            place = (place + 1) & mask;
        }
    }

    #[cold]
    fn add(&mut self, key: &Key, v4: bool, hash: u64) -> &mut Flow {
        let flow = self.flows.len();
        // Half full at most: probes stay short.
        if (flow + 1) * 2 > self.slots.len() {
            self.grow();
        }
        self.fill(hash, flow);
        self.flows.push(Flow {
            key: *key,
            v4,
            first: 0,
            last: 0,
            bytes: [0; 2],
            packets: [0; 2],
            next: [0; 2],
            ack: [0; 2],
            flags: [0; 2],
            repeated: 0,
        });
        &mut self.flows[flow]
    }

    fn grow(&mut self) {
        self.slots = vec![EMPTY; self.slots.len() * 2];
        for flow in 0..self.flows.len() {
            let Flow { key, v4, .. } = self.flows[flow];
            self.fill(hash(&key, v4), flow);
        }
    }

    /// Takes the first free slot for a flow.
    fn fill(&mut self, hash: u64, flow: usize) {
        let mask = self.slots.len() - 1;
        let mut place = hash as usize & mask;
        while self.slots[place].flow != EMPTY.flow {
            place = (place + 1) & mask;
        }
        self.slots[place] = Slot {
            tag: (hash >> 32) as u32,
            flow: flow as u32,
        };
    }
}

#[inline(always)]
fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Addresses, protocol, and where the transport header and the packet end.
type Network = ([u8; 16], [u8; 16], u8, usize, usize);

#[inline(always)]
fn ipv4(frame: &[u8], at: usize) -> Option<Network> {
    let header: &[u8; 20] = frame.get(at..)?.first_chunk()?;
    let length = usize::from(header[0] & 15) * 4;
    let offset = u16::from_be_bytes([header[6], header[7]]) & 0x1fff;
    if length < 20 || offset != 0 {
        return None;
    }
    let (mut src, mut dst) = ([0; 16], [0; 16]);
    src[..4].copy_from_slice(&header[12..16]);
    dst[..4].copy_from_slice(&header[16..20]);
    let total = usize::from(u16::from_be_bytes([header[2], header[3]]));
    Some((src, dst, header[9], at + length, at + total))
}

#[inline(always)]
fn ipv6(frame: &[u8], at: usize) -> Option<Network> {
    let header: &[u8; 40] = frame.get(at..)?.first_chunk()?;
    let payload = usize::from(u16::from_be_bytes([header[4], header[5]]));
    let src = *header[8..].first_chunk()?;
    let dst = *header[24..].first_chunk()?;
    Some((src, dst, header[6], at + 40, at + 40 + payload))
}

#[inline(always)]
fn packet(frame: &[u8]) -> Option<Packet> {
    let (mut kind, mut at) = (be16(frame, 12)?, 14);
    while matches!(kind, 0x8100 | 0x88a8) {
        (kind, at) = (be16(frame, at + 2)?, at + 4);
    }
    let (src, dst, protocol, transport, end) = match kind {
        0x0800 => ipv4(frame, at)?,
        0x86dd => ipv6(frame, at)?,
        _ => return None,
    };
    let rest = frame.get(transport..)?;
    let ports: &[u8; 8] = rest.first_chunk()?;
    let src_port = u16::from_be_bytes([ports[0], ports[1]]);
    let dst_port = u16::from_be_bytes([ports[2], ports[3]]);
    let (seq, ack, flags, header) = match protocol {
        TCP => {
            let header: &[u8; 20] = rest.first_chunk()?;
            let seq = u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
            let ack = u32::from_be_bytes([header[8], header[9], header[10], header[11]]);
            (seq, ack, header[13], usize::from(header[12] >> 4) * 4)
        }
        UDP => (0, 0, 0, 8),
        _ => return None,
    };
    let from_low = (src, src_port) < (dst, dst_port);
    let ((low, low_port), (high, high_port)) = if from_low {
        ((src, src_port), (dst, dst_port))
    } else {
        ((dst, dst_port), (src, src_port))
    };
    let ports = u64::from(low_port) | u64::from(high_port) << 16;
    Some(Packet {
        key: Key {
            low,
            high,
            rest: ports | u64::from(protocol) << 32,
        },
        v4: kind == 0x0800,
        from_low: usize::from(from_low),
        payload: end.saturating_sub(transport + header) as u32,
        seq,
        ack,
        flags,
    })
}

#[inline(always)]
fn update(flow: &mut Flow, record: &Record<'_>, packet: &Packet) {
    let side = packet.from_low;
    if flow.packets == [0, 0] {
        flow.first = record.nanos;
    }
    flow.last = record.nanos;
    flow.packets[side] += 1;
    flow.bytes[side] += u64::from(record.original_len);
    if packet.key.rest >> 32 == u64::from(TCP) {
        flow.flags[side] |= packet.flags;
        let (fin, syn) = (packet.flags & 1, packet.flags >> 1 & 1);
        let end = packet
            .seq
            .wrapping_add(packet.payload + u32::from(fin + syn));
        let is_new = (end.wrapping_sub(flow.next[side]) as i32) > 0;
        if flow.packets[side] > 1 && !is_new && end != packet.seq {
            flow.repeated += 1;
        } else {
            flow.next[side] = end;
        }
        flow.ack[side] = packet.ack;
    }
}

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: bare-loop FILE");
        return ExitCode::from(2);
    };
    let begun = Instant::now();
    let mut table = Table::new();
    let walked = walk(&path, |record| {
        if let Some(packet) = packet(record.frame) {
            update(table.flow(&packet.key, packet.v4), &record, &packet);
        }
    });
    let packets = match walked {
        Ok(packets) => packets,
        Err(error) => {
            eprintln!("{path}: {error}");
            return ExitCode::from(3);
        }
    };
    let nanos = begun.elapsed().as_nanos() as f64 / packets.max(1) as f64;
    let repeated: u64 = table
        .flows
        .iter()
        .map(|flow| u64::from(flow.repeated))
        .sum();
    // What is told must have been worked out: all of every flow counts.
    let check = table.flows.iter().fold(0u64, |check, flow| {
        let words = [flow.first, flow.last, flow.bytes[0], flow.bytes[1]];
        let small = flow.next[0] ^ flow.next[1] ^ flow.ack[0] ^ flow.ack[1];
        let flags = flow.flags[0] | flow.flags[1];
        words
            .iter()
            .fold(check, |check, word| check.rotate_left(5) ^ word)
            ^ u64::from(small)
            ^ u64::from(flags)
    });
    let flows = table.flows.len();
    println!(
        "{packets} packets, {flows} flows, {repeated} repeated segments, {nanos:.1} ns a packet, check {check:x}"
    );
    ExitCode::SUCCESS
}
