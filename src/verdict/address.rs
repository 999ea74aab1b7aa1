//! Which addresses may answer for a public name.
//!
//! Documentation ranges (RFC 5737, RFC 3849) and NAT64 (RFC 6052) count as public: the rules are about addresses that
//! cannot be a host on the Internet at all.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The IPv4 address inside an IPv4-mapped one.
fn plain(addr: IpAddr) -> IpAddr {
    match addr {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(addr, IpAddr::V4),
        IpAddr::V4(_) => addr,
    }
}

fn is_shared(v4: Ipv4Addr) -> bool {
    // 100.64.0.0/10, carrier-grade NAT (RFC 6598).
    let [a, b, ..] = v4.octets();
    a == 100 && (b & 0xc0) == 64
}

fn is_local_v6(v6: Ipv6Addr) -> bool {
    v6.is_unspecified() || v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local()
}

fn is_null_or_private(v4: Ipv4Addr) -> bool {
    let [first, ..] = v4.octets();
    first == 0 || v4.is_loopback() || v4.is_private() || v4.is_link_local()
}

/// A DNS answer that no public name can have: null, loopback, private, link-local.
#[must_use]
pub fn is_sinkhole(addr: IpAddr) -> bool {
    match plain(addr) {
        IpAddr::V4(v4) => is_null_or_private(v4),
        IpAddr::V6(v6) => is_local_v6(v6),
    }
}

/// An address of the Internet, reached through at least one router.
#[must_use]
pub fn is_public(addr: IpAddr) -> bool {
    match plain(addr) {
        IpAddr::V4(v4) => {
            let [first, ..] = v4.octets();
            !is_null_or_private(v4) && !is_shared(v4) && first < 224
        }
        IpAddr::V6(v6) => !is_local_v6(v6) && !v6.is_multicast(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn documentation_and_nat64_addresses_count_as_public() {
        for text in [
            "203.0.113.10",
            "192.0.2.1",
            "2001:db8::1",
            "64:ff9b::c000:201",
            "17.253.144.10",
        ] {
            assert!(is_public(addr(text)), "{text}");
            assert!(!is_sinkhole(addr(text)), "{text}");
        }
    }

    #[test]
    fn null_private_and_link_local_answers_are_sinkholes() {
        for text in [
            "0.0.0.0",
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.7.1",
            "169.254.1.1",
            "::",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:192.168.1.1",
        ] {
            assert!(is_sinkhole(addr(text)), "{text}");
            assert!(!is_public(addr(text)), "{text}");
        }
    }

    #[test]
    fn carrier_nat_is_neither() {
        assert!(!is_sinkhole(addr("100.64.0.1")));
        assert!(!is_public(addr("100.127.255.255")));
        assert!(is_public(addr("100.128.0.1")));
    }
}
