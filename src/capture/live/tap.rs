//! One interface, owned by one capture thread, that fills batches.
//!
//! Input: an interface. Output: frames into a [`Batch`], numbered from 1 as in a file, and what happens to the interface
//! ([`Change`]). A batch is handed on as soon as the kernel has no more, and it keeps no frame back for longer than
//! [`READ_TIMEOUT`]. Silence advances the batch's time, but never beyond a frame that may still wait in the kernel.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::change::{Change, Filled, State, What};
use super::handle::{Handle, READ_TIMEOUT, Waited, time};
use super::interface_state::InterfaceState;
use super::tally::{Counts, Tally};
use super::{LOOK_EVERY, LiveOptions};
use crate::capture::batch::Batch;
use crate::capture::frame::{Frame, FrameId, InterfaceId, LinkType, Seen, Timestamp};

/// How far behind the clock silence is: the kernel hands a frame on after [`READ_TIMEOUT`]; as much again for its
/// timer, which may be late.
const BEHIND: Duration = READ_TIMEOUT.saturating_mul(2);

/// How often a fill looks at the clock, in frames. Where reading itself waits, each time.
const LOOK_AT_CLOCK: u64 = if cfg!(target_os = "linux") { 1024 } else { 1 };

/// A frame that the last batch had no room for.
#[derive(Debug, Default)]
struct Kept {
    bytes: Vec<u8>,
    /// Time and original length; none if no frame is kept.
    frame: Option<(Timestamp, u32)>,
}

/// What came of handing on what the kernel has.
enum Drained {
    /// The batch is full, or has been filled for long enough.
    Full,
    /// The kernel has no more.
    Empty,
    /// It cannot be read.
    Failed(String),
}

/// One interface, owned by one capture thread.
pub struct Tap {
    interface: Arc<str>,
    number: u16,
    why: Option<String>,
    options: LiveOptions,
    handle: Option<Handle>,
    state: State,
    /// When it went down; meaningless while it is not.
    down_since: Timestamp,
    kernel: InterfaceState,
    kept: Kept,
    counts: Counts,
    /// Drops of handles that are closed: by the kernel, by the interface.
    dropped_before: (u64, u64),
    tally: Arc<Tally>,
}

impl Tap {
    /// A tap on an open interface, or on one that is waited for.
    pub(super) fn new(
        number: u16,
        interface: String,
        why: Option<String>,
        handle: Option<Handle>,
        options: &LiveOptions,
    ) -> Self {
        let counts = Counts {
            link: handle.as_ref().map(|handle| handle.link),
            ..Counts::default()
        };
        let tally = Tally::new(interface.clone());
        tally.store(&counts);
        Self {
            kernel: InterfaceState::of(&interface),
            interface: interface.into(),
            number,
            why,
            options: options.clone(),
            state: if handle.is_some() {
                State::Up
            } else {
                State::Absent
            },
            handle,
            down_since: Timestamp::MIN,
            kept: Kept::default(),
            counts,
            dropped_before: (0, 0),
            tally: Arc::new(tally),
        }
    }

    /// The interface's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.interface
    }

    /// Index of this capture among those of the run; its frames bear it.
    #[must_use]
    pub const fn number(&self) -> u16 {
        self.number
    }

    /// The interface's number; its frames bear it.
    #[must_use]
    pub const fn id(&self) -> InterfaceId {
        InterfaceId(self.number)
    }

    /// What its frames begin with; none while it is waited for.
    #[must_use]
    pub const fn link(&self) -> Option<LinkType> {
        self.counts.link
    }

    /// Frames handed on.
    #[must_use]
    pub const fn frames(&self) -> u64 {
        self.counts.frames
    }

    /// How the interface is.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Its counters, for other threads to read.
    #[must_use]
    pub fn tally(&self) -> Arc<Tally> {
        Arc::clone(&self.tally)
    }

    /// A line for the operator: what is captured on, and why it was chosen if it was not named.
    #[must_use]
    pub fn opening(&self) -> String {
        let name = &self.interface;
        match (&self.why, self.counts.link) {
            (Some(why), _) => format!("capturing on {name}: {why}; --interface names another"),
            (None, Some(link)) => format!("capturing on {name} ({link})"),
            (None, None) => format!("{name} is not there, or down; waiting for it"),
        }
    }

    /// Adds the frames that there are to the batch, waiting for the first for 100 ms at most, and moves the
    /// batch's time. Call it again and again, with a batch that has room, until the state is [`State::Ended`]: then it
    /// returns at once.
    pub fn fill(&mut self, batch: &mut Batch) -> Filled {
        let before = batch.len();
        let what = match self.state {
            State::Up | State::Down => self.read(batch),
            State::Absent => self.look(batch),
            State::Ended => None,
        };
        self.count_drops();
        self.tally.store(&self.counts);
        Filled {
            frames: batch.len() - before,
            state: self.state,
            change: what.map(|what| Change {
                interface: Arc::clone(&self.interface),
                what,
            }),
        }
    }

    fn read(&mut self, batch: &mut Batch) -> Option<What> {
        let before = batch.len();
        let mut asked = wall_clock();
        let mut drained = self.drain(batch);
        let mut waited = Waited::Fine;
        if matches!(drained, Drained::Empty) && batch.len() == before {
            waited = self.handle.as_ref().map_or(Waited::Fine, Handle::wait);
            asked = wall_clock();
            drained = self.drain(batch);
        }
        match drained {
            Drained::Failed(reason) => Some(self.failed(reason)),
            Drained::Full => self.up_or_down(waited, true),
            Drained::Empty => {
                batch.tick(asked.before(BEHIND));
                self.up_or_down(waited, batch.len() > before)
            }
        }
    }

    /// Hands on what the kernel has, as far as there is room.
    fn drain(&mut self, batch: &mut Batch) -> Drained {
        let Some(handle) = self.handle.as_mut() else {
            return Drained::Empty;
        };
        let (link, number) = (handle.link, self.number);
        let counts = &mut self.counts;
        let mut push = |at, bytes: &[u8], original_len| {
            let frame = FrameId::new(number, counts.frames + 1);
            let taken = batch.push(&Frame {
                seen: Seen { at, frame },
                interface: InterfaceId(number),
                link,
                process: None,
                bytes,
                original_len,
            });
            if taken {
                counts.frame(at, bytes.len(), original_len);
            }
            taken
        };
        if let Some((at, original_len)) = self.kept.frame {
            if !push(at, &self.kept.bytes, original_len) {
                return Drained::Full;
            }
            self.kept.frame = None;
        }
        let begun = monotonic_clock();
        for taken in 1u64.. {
            let packet = match handle.next() {
                Ok(Some(packet)) => packet,
                Ok(None) => return Drained::Empty,
                Err(reason) => return Drained::Failed(reason),
            };
            let (at, original_len) = (time(&packet), packet.header.len);
            if !push(at, packet.data, original_len) {
                self.kept.bytes.clear();
                self.kept.bytes.extend_from_slice(packet.data);
                self.kept.frame = Some((at, original_len));
                break;
            }
            if taken.is_multiple_of(LOOK_AT_CLOCK) && begun.elapsed() >= READ_TIMEOUT {
                break;
            }
        }
        Drained::Full
    }

    /// Whether the interface went down or came back. The kernel tells that once, to whoever asks first, and that may be
    /// libpcap: so its state is read, too.
    fn up_or_down(&mut self, waited: Waited, heard: bool) -> Option<What> {
        match self.state {
            State::Up
                if waited == Waited::Trouble || (!heard && self.kernel.is_up() == Some(false)) =>
            {
                self.state = State::Down;
                self.down_since = wall_clock();
                Some(What::WentDown)
            }
            State::Down if waited == Waited::Fine => {
                // Frames from before may still have waited in the kernel.
                let later = || self.counts.last.is_some_and(|last| last > self.down_since);
                self.kernel.is_up().unwrap_or_else(later).then(|| {
                    self.state = State::Up;
                    What::CameBack
                })
            }
            State::Up | State::Down | State::Absent | State::Ended => None,
        }
    }

    /// The handle cannot be read: the interface is gone, or down (as older versions of libpcap say it), or worse.
    fn failed(&mut self, reason: String) -> What {
        if reason.contains("went down") {
            self.state = State::Down;
            self.down_since = wall_clock();
            return What::WentDown;
        }
        self.count_drops();
        self.dropped_before = (self.counts.dropped_kernel, self.counts.dropped_interface);
        self.handle = None;
        self.kernel = InterfaceState::default();
        if !reason.contains("disappeared") {
            self.state = State::Ended;
            return What::Failed { reason };
        }
        let reattach = self.options.reattach;
        self.state = if reattach {
            State::Absent
        } else {
            State::Ended
        };
        What::Gone { reattach }
    }

    /// Looks whether the interface is there now, and opens it.
    #[expect(
        clippy::disallowed_methods,
        reason = "waits for an interface that is not there"
    )]
    fn look(&mut self, batch: &mut Batch) -> Option<What> {
        batch.tick(wall_clock().before(BEHIND));
        // Whatever keeps it from being opened may pass: it may be there and not up yet.
        let Ok(handle) = Handle::open(&self.interface, &self.options) else {
            std::thread::sleep(LOOK_EVERY);
            return None;
        };
        self.counts.link = Some(handle.link);
        self.handle = Some(handle);
        self.kernel = InterfaceState::of(&self.interface);
        self.state = State::Up;
        Some(What::Reattached)
    }

    fn count_drops(&mut self) {
        let Some((kernel, interface)) = self.handle.as_mut().and_then(Handle::dropped) else {
            return;
        };
        let interface = if cfg!(target_os = "linux") {
            self.kernel.dropped()
        } else {
            u64::from(interface)
        };
        let (kernel_before, interface_before) = self.dropped_before;
        self.counts.dropped_kernel = kernel_before + u64::from(kernel);
        self.counts.dropped_interface = interface_before + interface;
    }
}

/// Now, as the kernel stamps frames.
#[expect(
    clippy::disallowed_methods,
    reason = "silence on a live interface is measured by the clock"
)]
fn wall_clock() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_nanos(0).after(since)
}

/// For how long a fill lasts.
#[expect(
    clippy::disallowed_methods,
    reason = "a batch that does not fill is handed on in time"
)]
fn monotonic_clock() -> Instant {
    Instant::now()
}
