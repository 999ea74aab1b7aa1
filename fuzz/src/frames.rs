//! Frames and capture files made of bytes.

use std::io::Cursor;

use windfall::capture::frame::{Frame, FrameId, InterfaceId, LinkType, Seen, Timestamp};
use windfall::capture::{CaptureFile, InterfaceTable, Replay};

/// A frame that was captured whole.
pub fn frame(number: u64, nanos: i64, link: LinkType, bytes: &[u8]) -> Frame<'_> {
    Frame {
        seen: Seen {
            at: Timestamp::from_nanos(nanos),
            frame: FrameId::new(0, number),
        },
        interface: InterfaceId(0),
        link,
        process: None,
        bytes,
        original_len: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
    }
}

/// A file of these bytes, if they begin like a capture.
pub fn open(bytes: &[u8]) -> Option<Replay> {
    let mut interfaces = InterfaceTable::new();
    let reader = Box::new(Cursor::new(bytes.to_vec()));
    let file = CaptureFile::from_reader(reader, "fuzz", 0, &mut interfaces).ok()?;
    Some(Replay::from_files(vec![file], interfaces))
}
