//! Which of several monitors a packet belongs to.
//!
//! Input: a decoded packet. Output: the number of the monitor that takes it. All that is judged together meets in one:
//! a flow with its ICMP errors, and a client's DNS questions at one resolver over UDP and TCP, because they have the
//! same pair of addresses; mDNS because it all goes to the first monitor. Ports are left out on purpose: a fragment has
//! none, and a question that is repeated over TCP has another one. Fragments themselves go to every monitor, since what
//! they belong to is known only when their datagram is whole: each puts it together, and the one it belongs to takes it.

use std::net::IpAddr;

use super::Limits;
use crate::decode::{Ends, PacketView, TransportView};
use crate::protocol::services::MDNS_PORT;

/// Most monitors that may share a capture; more than any machine that runs this has cores to spare.
pub const MAX_SHARES: usize = 64;

/// One of several monitors that share a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    index: usize,
    of: usize,
}

impl Share {
    /// Everything: there is one monitor.
    pub const WHOLE: Self = Self { index: 0, of: 1 };

    /// The shares of so many monitors, at least one and at most [`MAX_SHARES`].
    pub fn among(count: usize) -> impl Iterator<Item = Self> {
        let of = count.clamp(1, MAX_SHARES);
        (0..of).map(move |index| Self { index, of })
    }

    /// Some monitor must count what all see.
    #[must_use]
    pub const fn is_first(self) -> bool {
        self.index == 0
    }

    /// Whether the packet belongs to this share.
    #[must_use]
    pub fn has(self, packet: &PacketView<'_>) -> bool {
        self.of == 1 || owner(packet, self.of) == self.index
    }

    /// A part of the bounds, so that all monitors together keep to them.
    #[must_use]
    pub(super) fn of_limits(self, whole: Limits) -> Limits {
        let part = |bound: usize| bound.div_ceil(self.of);
        Limits {
            flows: part(whole.flows),
            lookups: part(whole.lookups),
            names: part(whole.names),
            hosts: part(whole.hosts),
            // All of them are kept by one.
            services: whole.services,
            reassembly_bytes: part(whole.reassembly_bytes),
            quic_openings: part(whole.quic_openings),
        }
    }
}

/// The monitor, of so many, that takes a packet.
#[must_use]
pub fn owner(packet: &PacketView<'_>, of: usize) -> usize {
    match &packet.transport {
        TransportView::Udp(udp) if is_mdns(udp.src_port, udp.dst_port) => 0,
        TransportView::Icmp(icmp) => {
            let quoted = icmp.quoted.map(|quoted| (quoted.src, quoted.dst));
            owner_of_pair(quoted.unwrap_or((packet.src, packet.dst)), of)
        }
        _ => owner_of_pair((packet.src, packet.dst), of),
    }
}

/// The monitor, of so many, that takes a packet between these ends.
#[must_use]
pub fn owner_of((protocol, src, dst): &Ends, of: usize) -> usize {
    if *protocol == super::UDP && is_mdns(src.1, dst.1) {
        0
    } else {
        owner_of_pair((src.0, dst.0), of)
    }
}

const fn is_mdns(src_port: u16, dst_port: u16) -> bool {
    src_port == MDNS_PORT || dst_port == MDNS_PORT
}

fn owner_of_pair((src, dst): (IpAddr, IpAddr), of: usize) -> usize {
    // The sum is the same for both directions.
    let hash = mixed(word(src)).wrapping_add(mixed(word(dst)));
    // Multiplying instead of dividing spreads the high bits, which are the mixed ones (Lemire's reduction).
    usize::try_from((u128::from(mixed(hash)) * of as u128) >> 64).unwrap_or(0)
}

fn word(address: IpAddr) -> u64 {
    match address {
        IpAddr::V4(v4) => u64::from(v4.to_bits()),
        IpAddr::V6(v6) => {
            let bits = v6.to_bits();
            #[expect(clippy::cast_possible_truncation, reason = "the halves of 128 bits")]
            let (upper, lower) = ((bits >> 64) as u64, bits as u64);
            upper.rotate_left(32) ^ lower
        }
    }
}

/// Finalizer of `SplitMix64`: neighbouring addresses come out far apart. Not keyed: a sender who aims for one monitor
/// overloads a part of the analysis, which is counted, and gains nothing else.
const fn mixed(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
