//! A frame that is made once and sent many times, a little different each time.

use crate::support::packet::Packet;

/// Stands in a template for what differs.
pub(super) const MARK: &str = "aaaaaaaaaaaa";

/// Where the sender's and the receiver's addresses and ports lie in an Ethernet frame with IPv4 without options.
const ADDRESSES: [usize; 2] = [26, 30];
const PORTS: [usize; 2] = [34, 36];

/// A frame with the places of [`MARK`] in it.
pub(super) struct Template {
    frame: Vec<u8>,
    marks: Vec<usize>,
}

/// An end of a frame.
#[derive(Clone, Copy)]
pub(super) enum End {
    Sender = 0,
    Receiver = 1,
}

impl Template {
    pub(super) fn new(packet: &Packet) -> Self {
        let frame = packet.frame();
        let windows = frame.windows(MARK.len()).enumerate();
        let marks = windows
            .filter(|(_, window)| *window == MARK.as_bytes())
            .map(|(at, _)| at)
            .collect();
        Self { frame, marks }
    }

    /// A copy, with this number's twelve digits in the place of every mark.
    pub(super) fn marked(&self, number: u64) -> Frame {
        let mut frame = Frame(self.frame.clone());
        for &at in &self.marks {
            for (digit, slot) in frame.0[at..at + MARK.len()].iter_mut().rev().enumerate() {
                let nibble = (number >> (4 * digit)) & 15;
                *slot = b"0123456789abcdef"[usize::try_from(nibble).unwrap()];
            }
        }
        frame
    }
}

/// A copy, to be changed further.
pub(super) struct Frame(pub(super) Vec<u8>);

impl Frame {
    pub(super) fn put(mut self, at: usize, bytes: &[u8]) -> Self {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    pub(super) fn end(self, end: End, address: u32, port: u16) -> Self {
        let end = end as usize;
        self.put(ADDRESSES[end], &address.to_be_bytes())
            .put(PORTS[end], &port.to_be_bytes())
    }

    pub(super) fn address(self, end: End, address: u32) -> Self {
        self.put(ADDRESSES[end as usize], &address.to_be_bytes())
    }
}

/// Number to number, one to one and far apart (the finalizer of `SplitMix64`).
pub(super) const fn mixed(number: u64) -> u64 {
    let word = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// An address far from the devices' 10.0.0.0/8, and a port: hardly any two numbers have the same pair.
pub(super) fn spoofed(number: u64) -> (u32, u16) {
    let [_, port_high, port_low, _, first, a, b, c] = mixed(number).to_be_bytes();
    let port = 1024 + u16::from_be_bytes([port_high, port_low]) % 60_000;
    (u32::from_be_bytes([20 + first % 100, a, b, c]), port)
}
