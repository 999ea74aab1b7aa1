//! Reads a capture and keeps copies of all that came out.

use std::io::Cursor;

use windfall::capture::frame::{InterfaceId, LinkType, ProcessId};
use windfall::capture::{CaptureError, CaptureFile, CaptureInfo, InterfaceTable};

/// A copy of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) number: u64,
    pub(crate) nanos: i64,
    pub(crate) interface: InterfaceId,
    pub(crate) link: LinkType,
    pub(crate) process: Option<ProcessId>,
    pub(crate) original_len: u32,
    pub(crate) bytes: Vec<u8>,
}

/// All that came out of a capture.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) frames: Vec<Kept>,
    pub(crate) info: CaptureInfo,
    pub(crate) interfaces: InterfaceTable,
}

impl Outcome {
    pub(crate) fn error(&self) -> String {
        self.info.error().unwrap()
    }

    /// The process of each frame, as `71 itunesstored`, or nothing.
    pub(crate) fn processes(&self) -> Vec<String> {
        let told = |id: ProcessId| {
            let known = self.info.processes.get(id.number).unwrap();
            format!("{} {}", known.pid, known.name().unwrap_or_default())
        };
        let frames = self.frames.iter();
        frames
            .map(|frame| frame.process.map_or_else(String::new, told))
            .collect()
    }

    pub(crate) fn data(&self) -> Vec<&[u8]> {
        self.frames.iter().map(|frame| &frame.bytes[..]).collect()
    }
}

pub(crate) fn open(
    bytes: &[u8],
    interfaces: &mut InterfaceTable,
) -> Result<CaptureFile, CaptureError> {
    let reader = Box::new(Cursor::new(bytes.to_vec()));
    CaptureFile::from_reader(reader, "x.pcap", 0, interfaces)
}

/// Reads to the end or to an error; the error must be the same in the result and in the facts.
pub(crate) fn read(bytes: &[u8]) -> Outcome {
    try_read(bytes).unwrap()
}

/// As [`read`], for files that may be refused at once.
pub(crate) fn try_read(bytes: &[u8]) -> Result<Outcome, CaptureError> {
    let mut interfaces = InterfaceTable::new();
    let mut file = open(bytes, &mut interfaces)?;
    assert!(file.frame().is_none());
    let mut frames = Vec::new();
    loop {
        match file.advance(&mut interfaces) {
            Ok(true) => frames.push(keep(&file)),
            Ok(false) => {
                assert!(file.info().failure.is_none());
                break;
            }
            Err(error) => {
                assert_eq!(file.info().error(), Some(error.to_string()));
                break;
            }
        }
    }
    // What has ended stays ended.
    assert!(!file.advance(&mut interfaces).unwrap());
    assert!(file.frame().is_none());
    let info = file.info().clone();
    assert_eq!(info.frames, frames.len() as u64);
    assert_eq!(
        info.bytes,
        frames
            .iter()
            .map(|frame| frame.bytes.len() as u64)
            .sum::<u64>()
    );
    Ok(Outcome {
        frames,
        info,
        interfaces,
    })
}

fn keep(file: &CaptureFile) -> Kept {
    let frame = file.frame().unwrap();
    Kept {
        number: frame.seen.frame.number(),
        nanos: frame.seen.at.as_nanos(),
        interface: frame.interface,
        link: frame.link,
        process: frame.process,
        original_len: frame.original_len,
        bytes: frame.bytes.to_vec(),
    }
}
