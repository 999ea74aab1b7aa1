//! Sets of transport ports, as the catalogue writes them: `443/tcp`, `8000-8999/tcp`.
//!
//! Input: such texts. Output: a [`PortSet`], sorted and without overlap, so that equal sets are equal values and one
//! look-up is a short scan. Port 0 is reserved (RFC 6335 section 6) and is no port here.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::transport::Transport;

/// A run of ports of one transport, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    low: u16,
    high: u16,
    transport: Transport,
}

impl PortRange {
    /// First port.
    #[must_use]
    pub const fn low(self) -> u16 {
        self.low
    }

    /// Last port; equals [`low`](Self::low) for a single port.
    #[must_use]
    pub const fn high(self) -> u16 {
        self.high
    }

    /// TCP or UDP.
    #[must_use]
    pub const fn transport(self) -> Transport {
        self.transport
    }

    /// Whether this port of this transport is in the run.
    #[must_use]
    pub fn contains(self, transport: Transport, port: u16) -> bool {
        self.transport == transport && (self.low..=self.high).contains(&port)
    }

    /// How many ports the run holds.
    #[must_use]
    pub fn width(self) -> u32 {
        u32::from(self.high).saturating_sub(u32::from(self.low)) + 1
    }

    /// Reads `PORT/TRANSPORT` or `LOW-HIGH/TRANSPORT`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the text and what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some((ports, transport)) = text.split_once('/') else {
            return Err(format!(
                "{text:?} names no transport: write it like \"443/tcp\" or \"443/udp\""
            ));
        };
        let transport = Transport::from_code(&transport.to_ascii_lowercase())
            .ok_or_else(|| format!("{text:?}: {transport:?} is not a transport (tcp, udp)"))?;
        let number = |digits: &str| {
            // `parse` alone would take "+443".
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let port = if plain { digits.parse().ok() } else { None };
            port.filter(|&port: &u16| port > 0).ok_or_else(|| {
                format!("{text:?} is not a port (1–65535, or LOW-HIGH, then /tcp or /udp)")
            })
        };
        let (low, high) = match ports.split_once('-') {
            Some((low, high)) => (number(low)?, number(high)?),
            None => (number(ports)?, number(ports)?),
        };
        if low > high {
            return Err(format!(
                "{text:?} runs backwards: write \"{high}-{low}/{transport}\""
            ));
        }
        Ok(Self {
            low,
            high,
            transport,
        })
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.low == self.high {
            write!(f, "{}/{}", self.low, self.transport)
        } else {
            write!(f, "{}-{}/{}", self.low, self.high, self.transport)
        }
    }
}

impl Serialize for PortRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Ports and transports that count for one thing, by number, TCP before UDP.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct PortSet(Vec<PortRange>);

impl PortSet {
    /// The set of all these runs; runs of one transport that overlap become one.
    pub fn from_ranges(ranges: impl IntoIterator<Item = PortRange>) -> Self {
        let mut sorted: Vec<PortRange> = ranges.into_iter().collect();
        sorted.sort_unstable_by_key(|range| (range.transport, range.low, range.high));
        let mut set: Vec<PortRange> = Vec::with_capacity(sorted.len());
        for range in sorted {
            match set.last_mut() {
                Some(last) if last.transport == range.transport && range.low <= last.high => {
                    last.high = last.high.max(range.high);
                }
                _ => set.push(range),
            }
        }
        set.sort_unstable();
        Self(set)
    }

    /// Everything in this set or the other.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::from_ranges(self.0.iter().chain(&other.0).copied())
    }

    /// Whether this port of this transport counts.
    #[must_use]
    pub fn contains(&self, transport: Transport, port: u16) -> bool {
        self.0.iter().any(|range| range.contains(transport, port))
    }

    /// The runs, in order.
    #[must_use]
    pub fn ranges(&self) -> &[PortRange] {
        &self.0
    }

    /// The transports that occur, TCP first.
    #[must_use]
    pub fn transports(&self) -> Vec<Transport> {
        let occurs =
            |transport: &Transport| self.0.iter().any(|range| range.transport == *transport);
        Transport::ALL.iter().copied().filter(occurs).collect()
    }

    /// Each run as text (`443/tcp`), in order.
    #[must_use]
    pub fn to_texts(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }

    /// Whether the set holds no port.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_texts().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(texts: &[&str]) -> PortSet {
        PortSet::from_ranges(texts.iter().map(|text| PortRange::parse(text).unwrap()))
    }

    #[test]
    fn one_port_and_a_run_of_ports() {
        let ports = set(&["443/tcp", "8000-8999/TCP"]);
        assert!(ports.contains(Transport::Tcp, 443));
        assert!(!ports.contains(Transport::Udp, 443));
        assert!(ports.contains(Transport::Tcp, 8000) && ports.contains(Transport::Tcp, 8999));
        assert!(!ports.contains(Transport::Tcp, 7999) && !ports.contains(Transport::Tcp, 9000));
        assert_eq!(ports.to_string(), "443/tcp, 8000-8999/tcp");
    }

    #[test]
    fn a_set_is_sorted_and_says_each_port_once() {
        let ports = set(&[
            "443/udp",
            "8080/tcp",
            "443/tcp",
            "8000-8999/tcp",
            "443/tcp",
            "80/tcp",
        ]);
        assert_eq!(
            ports.to_texts(),
            ["80/tcp", "443/tcp", "443/udp", "8000-8999/tcp"]
        );
        assert_eq!(ports.transports(), [Transport::Tcp, Transport::Udp]);
        assert_eq!(
            ports.union(&set(&["1-65535/tcp"])).to_texts(),
            ["1-65535/tcp", "443/udp"]
        );
    }

    #[test]
    fn what_is_no_port_is_refused_with_what_is_allowed() {
        for text in [
            "99999/tcp",
            "0/tcp",
            "-1/tcp",
            "+443/tcp",
            "/tcp",
            "https/tcp",
            "80-/tcp",
            " 80/tcp",
        ] {
            let message = PortRange::parse(text).unwrap_err();
            assert!(
                message.contains("is not a port (1–65535"),
                "{text}: {message}"
            );
        }
        assert!(
            PortRange::parse("443")
                .unwrap_err()
                .contains("names no transport")
        );
        assert!(
            PortRange::parse("443/sctp")
                .unwrap_err()
                .contains("(tcp, udp)")
        );
        assert!(PortRange::parse("443/").unwrap_err().contains("(tcp, udp)"));
        let message = PortRange::parse("8999-8000/tcp").unwrap_err();
        assert!(message.contains("write \"8000-8999/tcp\""), "{message}");
    }
}
