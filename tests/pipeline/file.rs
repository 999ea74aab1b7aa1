//! Captures made of packets.

use std::path::PathBuf;

/// A pcap file of Ethernet frames with times in microseconds, gone when dropped.
pub(crate) struct Made {
    path: PathBuf,
}

impl Made {
    pub(crate) fn of(name: &str, frames: &[(u64, Vec<u8>)]) -> Self {
        let mut bytes = Vec::new();
        for word in [0xa1b2_c3d4, 0x0004_0002, 0, 0, 262_144, 1u32] {
            bytes.extend(word.to_le_bytes());
        }
        for (micros, frame) in frames {
            let length = u32::try_from(frame.len()).unwrap();
            let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
            for word in [
                u32::try_from(seconds).unwrap() + 1_767_225_600,
                u32::try_from(rest).unwrap(),
                length,
                length,
            ] {
                bytes.extend(word.to_le_bytes());
            }
            bytes.extend(frame);
        }
        let name = format!("windfall-pipeline-{}-{name}.pcap", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).unwrap();
        Self { path }
    }

    /// Frames of any link type, with times in nanoseconds since the epoch and their lengths on the wire.
    pub(crate) fn recorded(name: &str, link: u16, frames: &[(u64, Vec<u8>, u32)]) -> Self {
        let made = Self::of(name, &[]);
        let mut bytes = Vec::new();
        for word in [0xa1b2_3c4d, 0x0004_0002, 0, 0, 262_144, u32::from(link)] {
            bytes.extend(word.to_le_bytes());
        }
        for (at, frame, length) in frames {
            for word in [
                u32::try_from(at / 1_000_000_000).unwrap(),
                u32::try_from(at % 1_000_000_000).unwrap(),
                u32::try_from(frame.len()).unwrap(),
                *length,
            ] {
                bytes.extend(word.to_le_bytes());
            }
            bytes.extend(frame);
        }
        std::fs::write(&made.path, bytes).unwrap();
        made
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.path.clone()
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
