//! Frames from the interfaces of this machine, as they come (libpcap).
//!
//! Input: [`LiveOptions`]. Output: a [`Tap`] an interface, which a thread of its own owns and asks to fill one
//! [`Batch`](super::batch::Batch) after the other. Limits: 65,536 interfaces; nothing is allocated a frame; what the
//! kernel had to drop is counted. windfall only listens: nothing here sends.
//!
//! Everything that needs a right happens in [`open`], so that the process can give its rights away before the first
//! frame is read. [`LiveOptions::reattach`] keeps the one that a deleted interface's successor needs.

mod change;
mod choice;
mod error;
mod filter;
mod handle;
mod interface_state;
pub mod interfaces;
mod rights;
mod tally;
mod tap;

use std::time::Duration;

pub use change::{Change, Filled, State, What};
pub use error::LiveError;
pub use filter::FilterFault;
pub use rights::MissingRight;
pub use tally::{FORMAT, Tally};
pub use tap::Tap;

use handle::Handle;
use interfaces::LocalInterface;

/// Frames are cut beyond this, unless asked otherwise: longer than any frame, offloaded ones included.
pub const DEFAULT_SNAPLEN: u32 = 262_144;

/// Memory between the kernel and windfall for one interface: a quarter of a second at a gigabit a second.
pub const DEFAULT_BUFFER_BYTES: usize = 32 << 20;

/// How often an interface that is not there is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What to capture, and how.
#[derive(Clone, Debug)]
pub struct LiveOptions {
    /// Interfaces by name; none: windfall chooses one.
    pub interfaces: Vec<String>,
    /// Only frames that this filter of libpcap (pcap-filter(7)) lets pass.
    pub filter: Option<String>,
    /// Most bytes of a frame.
    pub snaplen: u32,
    /// Memory between the kernel and windfall, an interface.
    pub buffer_bytes: usize,
    /// Ask the interface for frames to others as well.
    pub promiscuous: bool,
    /// Wait for an interface that is not there (or not any more) and open it then. Needs `CAP_NET_RAW` to be kept.
    pub reattach: bool,
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self {
            interfaces: Vec::new(),
            filter: None,
            snaplen: DEFAULT_SNAPLEN,
            buffer_bytes: DEFAULT_BUFFER_BYTES,
            promiscuous: false,
            reattach: false,
        }
    }
}

/// Opens the interfaces; frames are kept by the kernel from here on.
///
/// An interface that is named but not there, or down, is waited for by its [`Tap`] with [`LiveOptions::reattach`];
/// without, it is a [`LiveError`] that [`LiveError::may_pass`].
///
/// # Errors
/// When the filter is wrong, a right is missing, there is nothing to choose, or an interface cannot be opened.
pub fn open(options: &LiveOptions) -> Result<Vec<Tap>, LiveError> {
    if let Some(filter) = &options.filter {
        filter::check(filter)?;
    }
    if let Some(right) = rights::missing() {
        return Err(LiveError::Right(right));
    }
    let mut wanted: Vec<(String, Option<String>)> = Vec::new();
    for name in &options.interfaces {
        if !wanted.iter().any(|(known, _)| known == name) {
            wanted.push((name.clone(), None));
        }
    }
    if wanted.is_empty() {
        let choice = choice::choose(&interfaces::found()?, interfaces::forwards());
        let (name, why) = choice.ok_or(LiveError::NothingToChoose)?;
        wanted.push((name, Some(why)));
    }
    let mut taps = Vec::with_capacity(wanted.len());
    for (number, (name, why)) in wanted.into_iter().enumerate() {
        let number = u16::try_from(number).map_err(|_| LiveError::TooMany)?;
        let handle = match Handle::open(&name, options).map_err(|error| explain(&name, error)) {
            Ok(handle) => Some(handle),
            Err(error) if options.reattach && error.may_pass() => None,
            Err(error) => return Err(error),
        };
        taps.push(Tap::new(number, name, why, handle, options));
    }
    Ok(taps)
}

/// Opens the interfaces as [`open`] does, and waits for those that are not there yet or down. `say` is told once what
/// is waited for; `goes_on` is asked now and then whether to wait on.
///
/// # Errors
/// As [`open`]; with what is waited for when `goes_on` says no.
#[expect(
    clippy::disallowed_methods,
    reason = "waits for an interface before anything runs"
)]
pub fn open_when_there(
    options: &LiveOptions,
    mut say: impl FnMut(&str),
    mut goes_on: impl FnMut() -> bool,
) -> Result<Vec<Tap>, LiveError> {
    let mut told = None;
    loop {
        match open(options) {
            Err(error) if error.may_pass() && goes_on() => {
                let text = error.to_string();
                if told.as_ref() != Some(&text) {
                    say(&format!("{text}; waiting for it"));
                    told = Some(text);
                }
                std::thread::sleep(LOOK_EVERY);
            }
            done => return done,
        }
    }
}

/// Why an interface could not be opened, told by how it is rather than by libpcap's words, which differ by version.
fn explain(name: &str, error: LiveError) -> LiveError {
    let LiveError::Refused { reason, .. } = &error else {
        return error;
    };
    let Ok(all) = interfaces::found() else {
        return error;
    };
    let is_it = |interface: &&LocalInterface| interface.name == name;
    match all.iter().find(is_it) {
        None if name != "any" => LiveError::Absent {
            interface: name.to_owned(),
            others: all.into_iter().map(|interface| interface.name).collect(),
        },
        Some(interface) if !interface.up => LiveError::Down {
            interface: name.to_owned(),
            reason: reason.clone(),
        },
        _ => error,
    }
}
