//! The TCP segment in an Ethernet frame, read and changed in place.

use crate::frames::{Layout, Recorded};
use crate::promise::Frames;

pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
pub(crate) const PSH: u8 = 8;
pub(crate) const ACK: u8 = 16;

/// Addresses and ports, from whom to whom.
pub(crate) type Direction = (Vec<u8>, Vec<u8>);

/// A segment of which every byte was captured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub(crate) layout: Layout,
    /// Where its payload begins and ends.
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) flags: u8,
}

pub(crate) fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())
}

pub(crate) fn set_number(bytes: &mut [u8], at: usize, number: u32) {
    bytes[at..at + 4].copy_from_slice(&number.to_be_bytes());
}

impl Segment {
    pub(crate) fn of(frame: &Recorded) -> Option<Self> {
        let layout = frame.layout()?;
        let (from, to) = (layout.payload?, layout.end);
        (from <= to && to <= frame.bytes.len()).then(|| Self {
            layout,
            from,
            to,
            seq: number(&frame.bytes, layout.transport + 4),
            ack: number(&frame.bytes, layout.transport + 8),
            flags: frame.bytes[layout.transport + 13],
        })
    }

    /// One with data, and no SYN or RST.
    pub(crate) fn with_data(frame: &Recorded) -> Option<Self> {
        Self::of(frame).filter(|segment| segment.len() > 0 && segment.flags & (SYN | RST) == 0)
    }

    pub(crate) const fn len(&self) -> usize {
        self.to - self.from
    }

    pub(crate) fn direction(&self, frame: &Recorded) -> Direction {
        let (at, size) = if self.layout.v6 { (8, 16) } else { (12, 4) };
        let at = self.layout.network + at;
        let end = |which: usize| {
            let address = &frame.bytes[at + which * size..at + (which + 1) * size];
            let port = self.layout.transport + 2 * which;
            [address, &frame.bytes[port..port + 2]].concat()
        };
        (end(0), end(1))
    }

    /// The same frame with this payload, which begins so far after its own.
    pub(crate) fn carrying(&self, frame: &Recorded, skip: usize, payload: &[u8]) -> Recorded {
        let mut bytes = [&frame.bytes[..self.from], payload].concat();
        let at = self.layout.network + if self.layout.v6 { 4 } else { 2 };
        let headers = if self.layout.v6 { 40 } else { 0 };
        let length = u16::try_from(bytes.len() - self.layout.network - headers).unwrap();
        bytes[at..at + 2].copy_from_slice(&length.to_be_bytes());
        let seq = self.seq.wrapping_add(u32::try_from(skip).unwrap());
        set_number(&mut bytes, self.layout.transport + 4, seq);
        let original_len = u32::try_from(bytes.len()).unwrap();
        Recorded {
            bytes,
            original_len,
            ..frame.clone()
        }
    }

    /// As two or more: cut at these places of its payload, in order.
    pub(crate) fn cut(&self, frame: &Recorded, places: &[usize]) -> Frames {
        let payload = &frame.bytes[self.from..self.to];
        let starts = [&[0], places].concat();
        let ends = [places, &[payload.len()]].concat();
        let pieces = starts.iter().zip(&ends).filter(|(start, end)| start < end);
        let mut frames: Frames = pieces
            .map(|(&start, &end)| self.carrying(frame, start, &payload[start..end]))
            .collect();
        // FIN and PSH belong to the last byte.
        let all_but_last = frames.len() - 1;
        for piece in &mut frames[..all_but_last] {
            piece.bytes[self.layout.transport + 13] &= !(FIN | PSH);
        }
        frames
    }
}
