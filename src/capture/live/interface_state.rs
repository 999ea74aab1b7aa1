//! What the kernel says about one interface, asked again and again: whether it is up, and what it dropped.
//!
//! Linux: files of sysfs, opened once and read from their start each time, which works on when the process may open
//! nothing any more. libpcap's count of drops would open them each time, and count wrongly once it may not. Where the
//! files are not there (`any`, other systems), the answers are "unknown" and zero.

use std::fs::File;
use std::io::{Read as _, Seek as _};

/// Dropped before the capture saw them: for want of a buffer of the interface, or of its queue.
const DROPS: [&str; 2] = ["statistics/rx_missed_errors", "statistics/rx_fifo_errors"];

/// Of `flags`: the interface is up (`IFF_UP`, netdevice(7)).
const IFF_UP: u64 = 1;

/// Longest content: a number and a newline.
const LONGEST: usize = 32;

/// The files of one interface.
#[derive(Debug, Default)]
pub(super) struct InterfaceState {
    flags: Option<File>,
    drops: Vec<File>,
    /// What had been dropped when this was opened.
    before: u64,
}

impl InterfaceState {
    /// Opens what there is, for an interface that was just opened and therefore is up.
    #[expect(
        clippy::disallowed_methods,
        reason = "asks the kernel about an interface"
    )]
    pub(super) fn of(interface: &str) -> Self {
        if interface.contains('/') || interface.starts_with('.') {
            return Self::default();
        }
        let open = |file: &str| File::open(format!("/sys/class/net/{interface}/{file}")).ok();
        let mut state = Self {
            flags: open("flags"),
            drops: DROPS.into_iter().filter_map(open).collect(),
            before: 0,
        };
        state.before = state.dropped();
        // What could be opened is up: if these files do not say so, they are of another namespace (network_namespaces(7)).
        if state.is_up() == Some(true) {
            state
        } else {
            Self::default()
        }
    }

    /// Whether the interface is up; none if that is unknown.
    pub(super) fn is_up(&mut self) -> Option<bool> {
        let flags = number(self.flags.as_mut()?)?;
        Some(flags & IFF_UP != 0)
    }

    /// Frames that the interface dropped since this was opened.
    pub(super) fn dropped(&mut self) -> u64 {
        let all: u64 = self.drops.iter_mut().filter_map(number).sum();
        all.saturating_sub(self.before)
    }
}

/// The number in a file: hexadecimal after `0x`, else decimal.
fn number(file: &mut File) -> Option<u64> {
    let mut content = [0; LONGEST];
    file.rewind().ok()?;
    let length = file.read(&mut content).ok()?;
    let text = std::str::from_utf8(content.get(..length)?).ok()?.trim();
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}
