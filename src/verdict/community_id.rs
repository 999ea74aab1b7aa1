//! Community ID version 1: a flow's name that Zeek, Suricata and Wireshark compute alike.
//!
//! Base64 of the SHA-1 over seed, ordered addresses, protocol and ordered ports. Specification and vectors:
//! corelight/community-id-spec.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

/// The default seed.
const SEED: u16 = 0;

/// The identifier of a TCP or UDP flow, the same for both directions.
#[must_use]
pub fn of_flow(protocol: u8, a: (IpAddr, u16), b: (IpAddr, u16)) -> String {
    let bytes = |addr: IpAddr| match addr {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    };
    let (first, second) = if (bytes(a.0), a.1) <= (bytes(b.0), b.1) {
        (a, b)
    } else {
        (b, a)
    };
    let mut hash = Sha1::new();
    hash.update(SEED.to_be_bytes());
    hash.update(bytes(first.0));
    hash.update(bytes(second.0));
    hash.update([protocol, 0]);
    hash.update(first.1.to_be_bytes());
    hash.update(second.1.to_be_bytes());
    format!("1:{}", STANDARD.encode(hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(protocol: u8, a: &str, a_port: u16, b: &str, b_port: u16) -> String {
        of_flow(
            protocol,
            (a.parse().unwrap(), a_port),
            (b.parse().unwrap(), b_port),
        )
    }

    /// The specification's own vectors (`baseline/baseline_deflt.json`).
    #[test]
    fn the_published_vectors_hold() {
        assert_eq!(
            id(6, "128.232.110.120", 34855, "66.35.250.204", 80),
            "1:LQU9qZlK+B5F3KDmev6m5PMibrg="
        );
        assert_eq!(
            id(17, "192.168.1.52", 54585, "8.8.8.8", 53),
            "1:d/FP5EW3wiY1vCndhwleRRKHowQ="
        );
        assert_eq!(
            id(
                6,
                "2001:470:e5bf:dead:4957:2174:e82c:4887",
                63943,
                "2607:f8b0:400c:c03::1a",
                25
            ),
            "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="
        );
    }

    #[test]
    fn both_directions_have_one_identifier() {
        let there = id(17, "192.168.1.52", 54585, "8.8.8.8", 53);
        assert_eq!(there, id(17, "8.8.8.8", 53, "192.168.1.52", 54585));
    }
}
