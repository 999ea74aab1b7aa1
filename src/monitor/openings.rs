//! How many Initials all conversations together may try to open.
//!
//! Every try derives keys, which takes microseconds: a flood of Initials with connection IDs made up would take all of a
//! processor's time. So there is a number of tries for each second of capture time, of which a quarter is kept for clients
//! that asked DNS for a required host. What is passed over is counted, and what it said is not guessed at.

use crate::capture::frame::Timestamp;

/// The tries of one second.
#[derive(Debug)]
pub(super) struct Openings {
    a_second: u32,
    second: i64,
    left: u32,
}

impl Openings {
    pub(super) fn new(a_second: usize) -> Self {
        Self {
            a_second: u32::try_from(a_second).unwrap_or(u32::MAX),
            second: i64::MIN,
            left: 0,
        }
    }

    /// Tries left for a conversation, required or not, now; time never goes back.
    pub(super) fn left(&mut self, now: Timestamp, required: bool) -> u32 {
        let second = now.as_nanos().div_euclid(1_000_000_000);
        if second != self.second {
            self.second = second;
            self.left = self.a_second;
        }
        let reserved = if required { 0 } else { self.a_second / 4 };
        self.left.saturating_sub(reserved)
    }

    /// So many were used.
    pub(super) const fn used(&mut self, count: u32) {
        self.left = self.left.saturating_sub(count);
    }
}
