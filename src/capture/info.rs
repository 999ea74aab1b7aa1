//! What one input turned out to be: counted while it is read.
//!
//! Input: the framing's facts. Output: [`CaptureInfo`], enough for the report's `captures` entry. Limits:
//! [`MAX_COMMENTS`] comments, [`MAX_TEXT_BYTES`] bytes of each text; what was left out is counted.

use std::fmt;

use super::error::CaptureError;
use super::frame::{CLOCK_STEP, LinkType, Timestamp};
use super::process::ProcessTable;

/// Comments kept from one file: people write few by hand, a tool may write one a packet.
pub const MAX_COMMENTS: usize = 256;

/// Bytes kept of one name or comment: longer ones are prose, and a hostile file could hold 64 KiB in each.
pub const MAX_TEXT_BYTES: usize = 256;

/// A capture file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The classic format of tcpdump.
    Pcap,
    /// The block format of Wireshark and macOS.
    Pcapng,
}

impl Format {
    /// `pcap` or `pcapng`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pcap => "pcap",
            Self::Pcapng => "pcapng",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// gzip (RFC 1952).
    Gzip,
    /// Zstandard (RFC 8878).
    Zstd,
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        })
    }
}

/// A comment that somebody put into the capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The frame it is about; `None` for the file or an interface.
    pub frame: Option<u64>,
    /// What it says, not escaped.
    pub text: String,
}

/// What a pcapng section says about its making.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorder {
    /// Hardware it was recorded on.
    pub hardware: Option<String>,
    /// Operating system.
    pub os: Option<String>,
    /// Program that wrote it.
    pub application: Option<String>,
}

/// Steps back that are minded: beyond them a capture's times are merely out of order (several clocks in one file, say).
pub const MAX_CLOCK_STEPS: usize = 64;

/// A place in an input where its clock was set back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockStep {
    /// The first frame that bears the new time.
    pub frame: u64,
    /// How far the clock had come before.
    pub until: Timestamp,
}

/// What one input holds, as far as it was read.
#[derive(Clone, Debug, Default)]
pub struct CaptureInfo {
    /// Path as given; `-` for standard input.
    pub path: String,
    /// Format; `None` when it could not be opened or recognised.
    pub format: Option<Format>,
    /// Compression around it.
    pub compression: Option<Compression>,
    /// Link types of its interfaces, each once, in the order met.
    pub link_types: Vec<LinkType>,
    /// Frames delivered.
    pub frames: u64,
    /// Captured bytes of these frames.
    pub bytes: u64,
    /// Time of the earliest frame.
    pub first: Option<Timestamp>,
    /// Time of the latest frame.
    pub last: Option<Timestamp>,
    /// Until when its interfaces were listened to, where the file tells: later than `last` if silence followed.
    pub ended: Option<Timestamp>,
    /// Frames cut by the snap length.
    pub truncated: u64,
    /// Frames without a time of their own (pcapng Simple Packet Blocks): they bear the time of the frame before.
    pub untimed: u64,
    /// Frames that bear an earlier time than the frame before them.
    pub out_of_order: u64,
    /// Where the clock was set back, in order; at most [`MAX_CLOCK_STEPS`].
    pub clock_steps: Vec<ClockStep>,
    /// The latest time since the last of them.
    pub since_step: Option<Timestamp>,
    /// Frames that the recording kernel dropped, where the file tells.
    pub dropped_kernel: Option<u64>,
    /// Frames that the recording interface dropped, where the file tells.
    pub dropped_interface: Option<u64>,
    /// Comments, in file order.
    pub comments: Vec<Comment>,
    /// Comments beyond [`MAX_COMMENTS`], not kept.
    pub comments_left_out: u64,
    /// Processes that it names.
    pub processes: ProcessTable,
    /// Who recorded it: the first section that tells.
    pub recorder: Recorder,
    /// Why reading stopped before the end.
    pub failure: Option<CaptureError>,
}

impl CaptureInfo {
    /// Of an input that nothing was read from yet.
    #[must_use]
    pub fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            ..Self::default()
        }
    }

    /// Frame number `frame` bears an earlier time than the one before it: what that says of the clock.
    #[cold]
    pub(super) fn stepped_back(&mut self, frame: u64, from: Timestamp, to: Timestamp) {
        if from.since(to) > CLOCK_STEP && self.clock_steps.len() < MAX_CLOCK_STEPS {
            let until = self.since_step.or(self.last).unwrap_or(from);
            self.clock_steps.push(ClockStep { frame, until });
            self.since_step = Some(to);
        }
    }

    /// Why reading stopped before the end, as one sentence with byte and packet.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        self.failure.as_ref().map(CaptureError::to_string)
    }

    pub(super) fn link_type_met(&mut self, link: LinkType) {
        if !self.link_types.contains(&link) {
            self.link_types.push(link);
        }
    }

    pub(super) fn add_comment(&mut self, frame: Option<u64>, text: &[u8]) {
        if self.comments.len() < MAX_COMMENTS {
            let text = kept_text(text);
            self.comments.push(Comment { frame, text });
        } else {
            self.comments_left_out += 1;
        }
    }
}

/// Text of a capture file: UTF-8 as the format demands, replaced where it is not, without the zero bytes that some
/// writers end it with, and cut to [`MAX_TEXT_BYTES`].
pub(super) fn kept_text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0);
    let text = String::from_utf8_lossy(bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default());
    let mut cut = text.len().min(MAX_TEXT_BYTES);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    text.get(..cut).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_loses_its_padding_and_never_half_a_character() {
        assert_eq!(kept_text(b"en0\0\0"), "en0");
        assert_eq!(kept_text(b"a\xffb"), "a\u{fffd}b");
        let long = "x".repeat(MAX_TEXT_BYTES - 1) + "é";
        assert_eq!(kept_text(long.as_bytes()).len(), MAX_TEXT_BYTES - 1);
    }

    #[test]
    fn comments_beyond_the_bound_are_counted() {
        let mut info = CaptureInfo::new("x");
        for number in 0..MAX_COMMENTS as u64 + 3 {
            info.add_comment(Some(number), b"retry");
        }
        assert_eq!(info.comments.len(), MAX_COMMENTS);
        assert_eq!(info.comments_left_out, 3);
    }
}
