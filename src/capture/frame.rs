//! One captured link-layer frame, as every source hands it on.
//!
//! Output: [`Frame`], borrowed from the source's block, and the small copies of it that evidence keeps ([`Seen`]).
//! Invariants: times are capture times in nanoseconds; no clock is read here. Frame numbers count packet blocks of
//! one input file from 1, as Wireshark numbers them.

use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A clock that goes back further than this was set; less is the order in which frames were written.
pub const CLOCK_STEP: Duration = Duration::from_secs(1);

/// A capture time: nanoseconds since 1970-01-01 00:00 UTC, from 1677 to 2262.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest time that can be expressed; used as "before everything".
    pub const MIN: Self = Self(i64::MIN);

    /// The latest time that can be expressed; used as "after everything".
    pub const MAX: Self = Self(i64::MAX);

    /// From nanoseconds since the epoch.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the epoch.
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Time passed since `earlier`; zero when `earlier` is later (a clock that stepped back never makes a long gap).
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// This time plus `gap`, saturating at the end of the range.
    #[must_use]
    pub fn after(self, gap: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(gap.as_nanos()).unwrap_or(i64::MAX)),
        )
    }

    /// This time minus `gap`, saturating at the start of the range.
    #[must_use]
    pub fn before(self, gap: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(gap.as_nanos()).unwrap_or(i64::MAX)),
        )
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with nanoseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_nanosecond(i128::from(self.0)) {
            Ok(time) => write!(f, "{time:.9}"),
            Err(_) => write!(f, "{}ns", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    /// What [`fmt::Display`] writes.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let nanos = match text.strip_suffix("ns") {
            Some(nanos) => nanos.parse().ok(),
            None => text
                .parse::<jiff::Timestamp>()
                .ok()
                .and_then(|time| i64::try_from(time.as_nanosecond()).ok()),
        };
        let wrong = || serde::de::Error::custom(format!("{text:?} is no time of a report"));
        nanos.map(Self).ok_or_else(wrong)
    }
}

/// A link-layer header type: the number of tcpdump.org's `LINKTYPE_` list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u16);

/// One capture interface, numbered densely over all inputs of a run by the source that opened them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InterfaceId(pub u16);

/// Which frame: the input (16 bits, in the order given) and the frame's number in it (48 bits, from 1).
///
/// Kept as one more than both in one word, so that an `Option` of it, or of [`Seen`], takes no room of its own: every
/// flow holds a dozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameId(NonZeroU64);

impl FrameId {
    /// No frame: number 0 of the first input.
    const NONE: Self = Self(NonZeroU64::MIN);

    /// Frame `number` of input `capture`. Numbers beyond 2^48 wrap: no capture holds as many.
    #[must_use]
    pub const fn new(capture: u16, number: u64) -> Self {
        let both = ((capture as u64) << 48) | (number & 0xffff_ffff_ffff);
        Self(NonZeroU64::MIN.saturating_add(both))
    }

    /// Index of the input among those given.
    #[must_use]
    pub const fn capture(self) -> u16 {
        ((self.0.get() - 1) >> 48) as u16
    }

    /// The frame's number in its input, from 1.
    #[must_use]
    pub const fn number(self) -> u64 {
        (self.0.get() - 1) & 0xffff_ffff_ffff
    }
}

impl Default for FrameId {
    fn default() -> Self {
        Self::NONE
    }
}

/// A process that a capture names: the input (16 bits) and the process's number in the table of that input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessId {
    /// Index of the input among those given.
    pub capture: u16,
    /// Index into its table of processes.
    pub number: u16,
}

/// A frame that mattered: when it was captured, and where to find it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seen {
    /// Capture time.
    pub at: Timestamp,
    /// Frame number and input.
    pub frame: FrameId,
}

impl Seen {
    /// No frame; stands where none was seen.
    const NEVER: Self = Self {
        at: Timestamp(0),
        frame: FrameId::NONE,
    };
}

/// The first sightings of an event and its latest: enough to prove "again and again".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sightings {
    /// How often it was seen.
    pub count: u32,
    first: Seen,
    /// Most events are seen once: the others do not weigh on them.
    repeated: Option<Box<Repeated>>,
}

/// What came after the first sighting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Repeated {
    /// The second and the third.
    early: [Seen; 2],
    last: Seen,
}

impl Sightings {
    /// Nothing seen.
    pub const NONE: Self = Self {
        count: 0,
        first: Seen::NEVER,
        repeated: None,
    };

    /// Adds one.
    pub fn add(&mut self, seen: Seen) {
        match self.count {
            0 => self.first = seen,
            count => {
                let repeated = self.repeated.get_or_insert_with(|| {
                    Box::new(Repeated {
                        early: [seen; 2],
                        last: seen,
                    })
                });
                if count == 2 {
                    repeated.early[1] = seen;
                }
                repeated.last = seen;
            }
        }
        self.count = self.count.saturating_add(1);
    }

    /// The first one; meaningless while `count` is 0.
    #[must_use]
    pub const fn first(&self) -> Seen {
        self.first
    }

    /// The latest; meaningless while `count` is 0.
    #[must_use]
    pub fn last(&self) -> Seen {
        self.repeated
            .as_ref()
            .map_or(self.first, |repeated| repeated.last)
    }

    /// The frames to show: the first three and the latest.
    pub fn frames(&self) -> impl Iterator<Item = Seen> + '_ {
        let count = self.count as usize;
        let repeated = self.repeated.as_deref();
        let early = repeated.map_or([Seen::NEVER; 2], |repeated| repeated.early);
        std::iter::once(self.first)
            .chain(early)
            .take(count)
            .chain((count > 3).then_some(self.last()))
    }
}

/// One captured frame, borrowed from its source until the source moves on.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Capture time and number.
    pub seen: Seen,
    /// Interface it was captured on.
    pub interface: InterfaceId,
    /// What `bytes` begin with.
    pub link: LinkType,
    /// The process that sent or received it, where the capture tells (Apple's systems do).
    pub process: Option<ProcessId>,
    /// The captured bytes (at most the snap length).
    pub bytes: &'a [u8],
    /// Length on the wire in bytes; more than `bytes.len()` when the capture cut the frame.
    pub original_len: u32,
}

impl Frame<'_> {
    /// No frame: to be written over.
    pub(crate) const NONE: Self = Self {
        seen: Seen {
            at: Timestamp::MIN,
            frame: FrameId::NONE,
        },
        interface: InterfaceId(0),
        link: LinkType(0),
        process: None,
        bytes: &[],
        original_len: 0,
    };

    /// Whether the capture cut this frame (snap length).
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.bytes.len() < self.original_len as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_three_sightings_and_the_latest_are_kept() {
        let seen = |number| Seen {
            at: Timestamp::from_nanos(10 * i64::try_from(number).unwrap()),
            frame: FrameId::new(0, number),
        };
        let mut sightings = Sightings::NONE;
        assert_eq!(sightings.frames().count(), 0);
        let shown: [&[u64]; 5] = [&[1], &[1, 2], &[1, 2, 3], &[1, 2, 3, 4], &[1, 2, 3, 5]];
        for (number, shown) in (1..).zip(shown) {
            sightings.add(seen(number));
            let frames: Vec<_> = sightings.frames().map(|seen| seen.frame.number()).collect();
            assert_eq!(frames, shown);
            assert_eq!(
                (sightings.first(), sightings.last()),
                (seen(1), seen(number))
            );
        }
        assert_eq!(sightings.count, 5);
    }
}
