//! The unit of an interface's time stamps (`if_tsresol`, `if_tsoffset`, draft-ietf-opsawg-pcapng 4.2).
//!
//! Input: 64-bit tick counts. Output: [`Timestamp`]s, rounded down to nanoseconds and clamped to their range, for every
//! resolution the format can express.

use crate::capture::frame::Timestamp;

/// Nanoseconds a second.
const SECOND: u64 = 1_000_000_000;

/// How ticks become nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    /// 10^-0 to 10^-9 seconds a tick.
    Times(i64),
    /// 10^-10 seconds a tick and finer.
    Over(u64),
    /// 2^-n seconds a tick.
    PowerOfTwo(u32),
}

/// Turns ticks into time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    scale: Scale,
    /// Added to every time, in nanoseconds.
    offset: i64,
}

impl Default for Clock {
    /// Microseconds since 1970, when an interface says nothing.
    fn default() -> Self {
        Self {
            scale: Scale::Times(1000),
            offset: 0,
        }
    }
}

impl Clock {
    /// With the resolution that `if_tsresol` names: the low seven bits are the negative power of 10, or of 2 when the
    /// top bit is set.
    #[must_use]
    pub(super) fn with_resolution(self, code: u8) -> Self {
        let power = u32::from(code & 0x7f);
        let scale = if code & 0x80 != 0 {
            Scale::PowerOfTwo(power)
        } else if power <= 9 {
            Scale::Times(10_i64.pow(9 - power))
        } else {
            // Finer than 10^-28 s, 64 bits of ticks span less than a nanosecond: the division yields 0 or 1.
            Scale::Over(10_u64.checked_pow(power - 9).unwrap_or(u64::MAX))
        };
        Self { scale, ..self }
    }

    /// With `if_tsoffset`, in seconds.
    #[must_use]
    pub(super) fn with_offset(self, seconds: i64) -> Self {
        Self {
            offset: seconds.saturating_mul(SECOND.cast_signed()),
            ..self
        }
    }

    /// The time at so many ticks.
    #[inline]
    pub(super) fn time(&self, ticks: u64) -> Timestamp {
        let nanos = match self.scale {
            Scale::Times(factor) => i64::try_from(ticks)
                .ok()
                .and_then(|ticks| ticks.checked_mul(factor)),
            Scale::Over(divisor) => i64::try_from(ticks / divisor).ok(),
            Scale::PowerOfTwo(power) => {
                let scaled = (u128::from(ticks) * u128::from(SECOND)).checked_shr(power);
                i64::try_from(scaled.unwrap_or(0)).ok()
            }
        };
        Timestamp::from_nanos(nanos.unwrap_or(i64::MAX).saturating_add(self.offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(code: u8, ticks: u64) -> i64 {
        Clock::default()
            .with_resolution(code)
            .time(ticks)
            .as_nanos()
    }

    #[test]
    fn powers_of_ten() {
        assert_eq!(
            Clock::default().time(1_700_000_000_123_456).as_nanos(),
            1_700_000_000_123_456_000
        );
        assert_eq!(nanos(0, 1_700_000_000), 1_700_000_000_000_000_000);
        assert_eq!(nanos(3, 1_700_000_000_123), 1_700_000_000_123_000_000);
        assert_eq!(
            nanos(9, 1_700_000_000_123_456_789),
            1_700_000_000_123_456_789
        );
        assert_eq!(nanos(12, 1_234_567), 1234);
        assert_eq!(nanos(127, u64::MAX), 1);
    }

    #[test]
    fn powers_of_two() {
        assert_eq!(nanos(0x80, 5), 5_000_000_000);
        assert_eq!(nanos(0x80 | 32, (7 << 32) | (1 << 31)), 7_500_000_000);
        assert_eq!(nanos(0xff, u64::MAX), 0);
    }

    #[test]
    fn offsets_and_the_ends_of_the_range() {
        let clock = Clock::default().with_offset(1_000_000_000);
        assert_eq!(clock.time(5_000_000).as_nanos(), 1_000_000_005_000_000_000);
        assert_eq!(
            Clock::default().with_offset(-2).time(1_000_000).as_nanos(),
            -1_000_000_000
        );
        assert_eq!(nanos(0, u64::MAX), i64::MAX);
        assert_eq!(
            Clock::default().with_offset(i64::MIN).time(0).as_nanos(),
            i64::MIN
        );
    }
}
