//! Recognising a capture file and reading its header.
//!
//! Input: the first bytes of the stream. Output: the layout that frames the rest, or an error that says what the file
//! is instead, and what to do about it.

use std::sync::Arc;

use super::{CaptureFile, Layout};
use crate::capture::error::{CaptureError, Damage, Part, Place};
use crate::capture::found::{LOOK_BYTES, identify};
use crate::capture::info::Format;
use crate::capture::interface::{Interface, InterfaceTable};
use crate::capture::pcap::{self, FileHeader, Pcap};
use crate::capture::pcapng::{SECTION_HEADER_BYTES, SECTION_MAGIC};

impl CaptureFile {
    /// Recognises the file and makes ready for its first packet.
    pub(super) fn read_header(
        &mut self,
        interfaces: &mut InterfaceTable,
    ) -> Result<(), CaptureError> {
        self.blocks.fill(LOOK_BYTES);
        let window = self.blocks.window();
        let path = Arc::clone(&self.path);
        match format_of(window) {
            Some(Format::Pcap) => self.read_pcap_header(interfaces),
            Some(Format::Pcapng) => {
                self.info.format = Some(Format::Pcapng);
                // The section header is the first block; only whether there is a whole one is told here.
                if window.len() < SECTION_HEADER_BYTES {
                    return Err(self.header_cut(Format::Pcapng, SECTION_HEADER_BYTES));
                }
                Ok(())
            }
            None if window.is_empty() => Err(self
                .stopped(FILE_HEADER, 1, 0)
                .unwrap_or(CaptureError::Empty { path })),
            None => Err(CaptureError::NotACapture {
                path,
                found: identify(window.get(..LOOK_BYTES).unwrap_or(window)),
            }),
        }
    }

    fn read_pcap_header(&mut self, interfaces: &mut InterfaceTable) -> Result<(), CaptureError> {
        self.info.format = Some(Format::Pcap);
        let Some(header) = FileHeader::parse(self.blocks.window()) else {
            return Err(self.header_cut(Format::Pcap, pcap::FILE_HEADER_BYTES));
        };
        if header.version != (2, 4) {
            let (major, minor) = header.version;
            let path = Arc::clone(&self.path);
            return Err(CaptureError::PcapVersion { path, major, minor });
        }
        let interface = Interface {
            capture: self.capture,
            name: None,
            description: None,
            link: header.link,
        };
        let Some(id) = interfaces.add(interface) else {
            return Err(CaptureError::Damaged {
                path: Arc::clone(&self.path),
                place: FILE_HEADER,
                damage: Damage::TooManyInterfaces,
            });
        };
        self.info.link_type_met(header.link);
        self.layout = Layout::Pcap(Pcap::new(&header, id));
        self.blocks.consume(pcap::FILE_HEADER_BYTES);
        Ok(())
    }

    fn header_cut(&mut self, format: Format, need: usize) -> CaptureError {
        let have = self.blocks.window().len() as u64;
        let need = need as u64;
        match self.stopped(FILE_HEADER, need, have) {
            Some(error @ (CaptureError::Read { .. } | CaptureError::Decompress { .. })) => error,
            _ => CaptureError::HeaderCut {
                path: Arc::clone(&self.path),
                format,
                need,
                have,
            },
        }
    }
}

const FILE_HEADER: Place = Place {
    byte: 0,
    part: Part::FileHeader,
};

/// The format whose magic number `window` begins with, or would begin with if it were not cut before.
fn format_of(window: &[u8]) -> Option<Format> {
    const PCAP_MAGICS: [[u8; 4]; 4] = [
        [0xd4, 0xc3, 0xb2, 0xa1],
        [0xa1, 0xb2, 0xc3, 0xd4],
        [0x4d, 0x3c, 0xb2, 0xa1],
        [0xa1, 0xb2, 0x3c, 0x4d],
    ];
    let begin = window.get(..4).unwrap_or(window);
    if begin.is_empty() {
        None
    } else if SECTION_MAGIC.starts_with(begin) {
        Some(Format::Pcapng)
    } else if PCAP_MAGICS.iter().any(|magic| magic.starts_with(begin)) {
        Some(Format::Pcap)
    } else {
        None
    }
}
