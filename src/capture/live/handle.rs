//! One open libpcap handle: how it is opened, waited on, and read.
//!
//! The kernel gathers frames in blocks and hands a block on when it is full or [`READ_TIMEOUT`] old, so that a busy
//! interface costs few system calls and a quiet one little delay; immediate mode would wake windfall for every frame.
//! Linux: libpcap's own wait has no end while nothing comes, so the handle never blocks and `poll` waits. Elsewhere
//! reading waits, and gives up after the timeout.

use std::time::Duration;

use pcap::{Active, Capture, Packet, Precision};

use super::error::LiveError;
use super::filter::said;
use super::{LiveOptions, rights};
use crate::capture::frame::{LinkType, Timestamp};

/// Longest that the kernel keeps a frame back, and that a wait lasts.
pub(super) const READ_TIMEOUT: Duration = Duration::from_millis(100);

/// The same, as libpcap and `poll` take it.
const READ_TIMEOUT_MS: u16 = 100;

/// Whether times of frames come in nanoseconds; libpcap offers them on Linux.
const NANOSECONDS: bool = cfg!(target_os = "linux");

/// What a wait ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waited {
    /// There may be frames, or nothing came.
    Fine,
    /// The kernel has something to say about the interface: it went down, or away.
    Trouble,
}

/// An interface that is captured on.
pub(super) struct Handle {
    capture: Capture<Active>,
    /// What its frames begin with.
    pub(super) link: LinkType,
}

impl Handle {
    /// Opens the interface and sets the filter.
    ///
    /// # Errors
    /// With libpcap's words, unless it is a missing right or the filter.
    pub(super) fn open(name: &str, options: &LiveOptions) -> Result<Self, LiveError> {
        let refused = |error| LiveError::Refused {
            interface: name.to_owned(),
            reason: said(error),
        };
        let capture = Capture::from_device(name)
            .map_err(refused)?
            .snaplen(i32::try_from(options.snaplen).unwrap_or(i32::MAX))
            .buffer_size(i32::try_from(options.buffer_bytes).unwrap_or(i32::MAX))
            // All interfaces at once cannot be promiscuous.
            .promisc(options.promiscuous && name != "any")
            .immediate_mode(false)
            .timeout(i32::from(READ_TIMEOUT_MS))
            .precision(if NANOSECONDS {
                Precision::Nano
            } else {
                Precision::Micro
            });
        let opened = capture
            .open()
            .map_err(|error| rights::missing().map_or_else(|| refused(error), LiveError::Right))?;
        let mut capture = if cfg!(target_os = "linux") {
            opened.setnonblock().map_err(refused)?
        } else {
            opened
        };
        let link = LinkType(u16::try_from(capture.get_datalink().0).unwrap_or(u16::MAX));
        if let Some(expression) = &options.filter {
            let unfit = |error| LiveError::FilterHere {
                interface: name.to_owned(),
                expression: expression.clone(),
                link: link.to_string(),
                reason: said(error),
            };
            capture.filter(expression, true).map_err(unfit)?;
        }
        Ok(Self { capture, link })
    }

    /// Waits for frames, at most [`READ_TIMEOUT`].
    #[cfg(target_os = "linux")]
    pub(super) fn wait(&self) -> Waited {
        use nix::poll::{PollFd, PollFlags, poll};
        use std::os::fd::AsFd as _;
        let mut asked = [PollFd::new(self.capture.as_fd(), PollFlags::POLLIN)];
        // A signal ends the wait early, which does no harm: there is nothing to read then.
        let _ = poll(&mut asked, READ_TIMEOUT_MS);
        let [answer] = asked;
        let trouble = PollFlags::POLLERR | PollFlags::POLLHUP | PollFlags::POLLNVAL;
        if answer
            .revents()
            .is_some_and(|told| told.intersects(trouble))
        {
            Waited::Trouble
        } else {
            Waited::Fine
        }
    }

    /// Reading waits here.
    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::unused_self, reason = "as it is on Linux")]
    pub(super) fn wait(&self) -> Waited {
        Waited::Fine
    }

    /// The next frame; none if there is none now.
    ///
    /// # Errors
    /// With libpcap's words: the interface is gone, or cannot be read any more.
    pub(super) fn next(&mut self) -> Result<Option<Packet<'_>>, String> {
        match self.capture.next_packet() {
            Ok(packet) => Ok(Some(packet)),
            Err(pcap::Error::TimeoutExpired | pcap::Error::NoMorePackets) => Ok(None),
            Err(error) => Err(said(error)),
        }
    }

    /// Frames that the kernel and the interface dropped since this handle was opened, as far as libpcap knows.
    pub(super) fn dropped(&mut self) -> Option<(u32, u32)> {
        let stat = self.capture.stats().ok()?;
        Some((stat.dropped, stat.if_dropped))
    }
}

/// The capture time of a frame.
pub(super) fn time(packet: &Packet<'_>) -> Timestamp {
    let time = packet.header.ts;
    #[cfg_attr(
        target_os = "linux",
        expect(clippy::useless_conversion, reason = "as wide elsewhere, or not")
    )]
    let (seconds, fraction) = (i64::from(time.tv_sec), i64::from(time.tv_usec));
    let nanos = if NANOSECONDS {
        fraction
    } else {
        fraction * 1000
    };
    Timestamp::from_nanos(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
}
