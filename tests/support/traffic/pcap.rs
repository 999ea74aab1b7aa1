//! Streams frames into a pcap file with nanoseconds (draft-ietf-opsawg-pcap).

use std::io::{self, Write};

use super::{SECOND, Timed};

pub(crate) struct Pcap<W> {
    out: W,
    snap_len: usize,
}

impl<W: Write> Pcap<W> {
    pub(crate) fn new(mut out: W, snap_len: u32) -> io::Result<Self> {
        for word in [0xa1b2_3c4d, 0x0004_0002, 0, 0, snap_len, 1] {
            out.write_all(&u32::to_le_bytes(word))?;
        }
        Ok(Self {
            out,
            snap_len: snap_len as usize,
        })
    }

    pub(crate) fn frame(&mut self, (at, bytes): &Timed) -> io::Result<()> {
        let captured = bytes.len().min(self.snap_len);
        let word = |value: u64| u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes();
        let mut header = [0; 16];
        for (field, value) in header.chunks_mut(4).zip([
            at / SECOND,
            at % SECOND,
            captured as u64,
            bytes.len() as u64,
        ]) {
            field.copy_from_slice(&word(value));
        }
        self.out.write_all(&header)?;
        self.out.write_all(&bytes[..captured])
    }

    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}
