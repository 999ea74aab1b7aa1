//! Which conversation a packet belongs to.
//!
//! A [`FlowKey`] orders the two ends, so that both directions have one key, and carries the [`Place`]: interface and
//! VLAN tags, interned to 16 bits. The same 5-tuple at another place is another flow (a twin, see `verdict`).

use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::capture::frame::InterfaceId;
use crate::decode::Vlans;
pub use crate::place::Place;

/// Places told apart: more than any gateway has; the rest share the last one.
const MAX_PLACES: usize = 4096;

/// What a [`Place`] stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceInfo {
    /// Capture interface.
    pub interface: InterfaceId,
    /// Kernel interface index of a cooked capture; 0 otherwise.
    pub if_index: u32,
    /// VLAN tags.
    pub vlans: Vlans,
}

/// Interned places; a capture has a handful.
#[derive(Clone, Debug, Default)]
pub struct Places {
    known: Vec<PlaceInfo>,
    last: usize,
    crowded: u64,
}

impl Places {
    /// The number of a place, new or known.
    #[inline]
    pub fn intern(&mut self, info: PlaceInfo) -> Place {
        if self.known.get(self.last) != Some(&info) {
            return self.look_up(info);
        }
        Place(u16::try_from(self.last).unwrap_or(u16::MAX))
    }

    /// The place that was asked for last.
    #[must_use]
    #[inline]
    pub fn latest(&self) -> Place {
        Place(u16::try_from(self.last).unwrap_or(u16::MAX))
    }

    /// As [`Self::intern`], for another place than the last one.
    fn look_up(&mut self, info: PlaceInfo) -> Place {
        self.last = match self.known.iter().position(|known| *known == info) {
            Some(index) => index,
            None if self.known.len() < MAX_PLACES => {
                self.known.push(info);
                self.known.len() - 1
            }
            None => {
                self.crowded += 1;
                return Place(u16::try_from(MAX_PLACES - 1).unwrap_or(u16::MAX));
            }
        };
        Place(u16::try_from(self.last).unwrap_or(u16::MAX))
    }

    /// Packets whose place found no number of its own.
    #[must_use]
    pub const fn crowded(&self) -> u64 {
        self.crowded
    }

    /// What a place stands for.
    #[must_use]
    pub fn info(&self, place: Place) -> PlaceInfo {
        self.known
            .get(usize::from(place.0))
            .copied()
            .unwrap_or_default()
    }
}

/// Both ends of a conversation, in a fixed order, with protocol and place.
#[derive(Clone, Copy, Debug, Eq, PartialOrd, Ord)]
pub struct FlowKey {
    low: [u64; 2],
    high: [u64; 2],
    low_port: u16,
    high_port: u16,
    place: Place,
    protocol: u8,
    v6: bool,
}

impl PartialEq for FlowKey {
    /// Word by word, since every packet pays for it: derived, the arrays would be compared by a call.
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        let [low, high] = [self.low, self.high];
        let [other_low, other_high] = [other.low, other.high];
        low[0] == other_low[0]
            && low[1] == other_low[1]
            && high[0] == other_high[0]
            && high[1] == other_high[1]
            && self.low_port == other.low_port
            && self.high_port == other.high_port
            && self.place == other.place
            && self.protocol == other.protocol
            && self.v6 == other.v6
    }
}

impl Hash for FlowKey {
    /// Three words, since every packet pays for it: derived, the arrays would be hashed byte by byte.
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        for [upper, lower] in [self.low, self.high] {
            state.write_u128(u128::from(upper) << 64 | u128::from(lower));
        }
        let ports = u64::from(self.low_port) << 48 | u64::from(self.high_port) << 32;
        let rest = u64::from(self.place.0) << 16 | u64::from(self.protocol) << 8;
        state.write_u64(ports | rest | u64::from(self.v6));
    }
}

/// An address as two words; IPv4 in the low half of the second.
#[inline]
pub(super) fn words(addr: IpAddr) -> [u64; 2] {
    match addr {
        IpAddr::V4(v4) => [0, u64::from(v4.to_bits())],
        IpAddr::V6(v6) => {
            let bits = v6.to_bits();
            #[expect(clippy::cast_possible_truncation, reason = "the halves of 128 bits")]
            [(bits >> 64) as u64, bits as u64]
        }
    }
}

impl FlowKey {
    /// The key of a packet, and whether its source is the key's low end.
    #[must_use]
    #[inline]
    pub fn new(protocol: u8, src: (IpAddr, u16), dst: (IpAddr, u16), place: Place) -> (Self, bool) {
        let (from, to) = (words(src.0), words(dst.0));
        let from_low = (from, src.1) <= (to, dst.1);
        let (low, low_port, high, high_port) = if from_low {
            (from, src.1, to, dst.1)
        } else {
            (to, dst.1, from, src.1)
        };
        (
            Self {
                low,
                high,
                low_port,
                high_port,
                place,
                protocol,
                v6: src.0.is_ipv6(),
            },
            from_low,
        )
    }

    /// Reads a word of it.
    #[must_use]
    #[inline]
    pub const fn touch(&self) -> u64 {
        self.high[1]
    }

    fn address(self, words: [u64; 2]) -> IpAddr {
        let [upper, lower] = words;
        if self.v6 {
            IpAddr::V6(Ipv6Addr::from_bits(
                (u128::from(upper) << 64) | u128::from(lower),
            ))
        } else {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "an IPv4 address was put in"
            )]
            IpAddr::V4(Ipv4Addr::from_bits(lower as u32))
        }
    }

    /// Address and port of the low end.
    #[must_use]
    pub fn low(&self) -> (IpAddr, u16) {
        (self.address(self.low), self.low_port)
    }

    /// Address and port of the high end.
    #[must_use]
    pub fn high(&self) -> (IpAddr, u16) {
        (self.address(self.high), self.high_port)
    }

    /// IP protocol number: 6 TCP, 17 UDP.
    #[must_use]
    pub const fn protocol(&self) -> u8 {
        self.protocol
    }

    /// Where it was captured.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.place
    }

    /// The same conversation at no particular place: equal for twins.
    #[must_use]
    pub const fn anywhere(mut self) -> Self {
        self.place = Place(0);
        self
    }

    /// Over IPv6.
    #[must_use]
    pub const fn is_v6(&self) -> bool {
        self.v6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_have_one_key() {
        let a = (IpAddr::from([192, 168, 7, 20]), 50_000);
        let b = (IpAddr::from([203, 0, 113, 10]), 443);
        let (there, from_low) = FlowKey::new(6, a, b, Place::default());
        let (back, back_from_low) = FlowKey::new(6, b, a, Place::default());
        assert_eq!(there, back);
        assert_ne!(from_low, back_from_low);
        let ends = if from_low {
            (there.low(), there.high())
        } else {
            (there.high(), there.low())
        };
        assert_eq!(ends, (a, b));
    }

    #[test]
    fn addresses_survive_the_packing() {
        let a = ("2001:db8::1".parse::<IpAddr>().unwrap(), 1);
        let b = ("fe80::2".parse::<IpAddr>().unwrap(), 2);
        let (key, from_low) = FlowKey::new(17, a, b, Place::default());
        assert!(from_low);
        assert_eq!((key.low(), key.high()), (a, b));
    }

    #[test]
    fn a_vlan_makes_another_place() {
        let mut places = Places::default();
        let plain = places.intern(PlaceInfo::default());
        let mut vlans = Vlans::default();
        vlans.push(7);
        let tagged = places.intern(PlaceInfo {
            vlans,
            ..PlaceInfo::default()
        });
        assert_ne!(plain, tagged);
        assert_eq!(places.intern(PlaceInfo::default()), plain);
        assert_eq!(places.info(tagged).vlans.as_slice(), [7]);
    }
}
