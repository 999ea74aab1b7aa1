//! The waiting times of the rules, all in capture time.

use std::time::Duration;

/// How long each rule waits before it calls silence a stall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timers {
    /// A DNS question without answer. Stub resolvers ask again after 1 to 5 s.
    pub dns: Duration,
    /// SYNs without answer: the first retransmission comes after 1 s, the second after 3 s (RFC 6298).
    pub syn: Duration,
    /// A whole ClientHello without any server payload.
    pub hello: Duration,
    /// A server handshake message, then no progress.
    pub handshake: Duration,
    /// Retransmissions of the same bytes must span this time to be a stall.
    pub retransmit: Duration,
    /// A receive window that stays closed.
    pub zero_window: Duration,
    /// An acknowledged plaintext request without response.
    pub response: Duration,
    /// An NTP request without a reply.
    pub ntp: Duration,
    /// A NAT-PMP or PCP request without a response; clients ask again after 250 ms, 500 ms, 1 s and so on (RFC 6886).
    pub nat_pmp: Duration,
}

/// Retransmissions of the same bytes that make a stall, once they span [`Timers::retransmit`].
pub const STALL_REPEATS: u32 = 3;

impl Default for Timers {
    fn default() -> Self {
        Self {
            dns: Duration::from_secs(5),
            syn: Duration::from_secs(3),
            hello: Duration::from_secs(5),
            handshake: Duration::from_secs(10),
            retransmit: Duration::from_secs(3),
            zero_window: Duration::from_secs(10),
            response: Duration::from_secs(30),
            ntp: Duration::from_secs(5),
            nat_pmp: Duration::from_secs(5),
        }
    }
}
