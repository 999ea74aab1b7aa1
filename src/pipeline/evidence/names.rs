//! Names of evidence files.
//!
//! Input: a requirement's identifier, a device's address, a capture time. Output: names of letters, digits, `.`, `-` and
//! `_` alone: nothing off the wire but numbers, and nothing that leaves the folder.

use std::net::IpAddr;

use crate::capture::frame::Timestamp;
use crate::verdict::summary::Requirement;

/// Bytes of a name before its ending.
const MAX_BYTES: usize = 120;

/// `apple-gs-192.168.1.20`.
pub(super) fn of_requirement(row: &Requirement) -> String {
    let address = row
        .client
        .as_ref()
        .and_then(|client| client.addresses.first());
    of_parts(&row.id, address)
}

/// `flows-20261125T101500Z-192.168.1.20`, `dns-20261125T101500Z-192.168.1.20`.
pub(super) fn of_selection(kind: &str, at: Timestamp, client: Option<&IpAddr>) -> String {
    of_parts(
        &format!("{kind}-{}", crate::capture::write::compact(at)),
        client,
    )
}

fn of_parts(first: &str, address: Option<&IpAddr>) -> String {
    let mut name = safe(first);
    name.truncate(MAX_BYTES);
    if let Some(address) = address {
        name.push('-');
        name.push_str(&safe(&address.to_string()));
    }
    name
}

/// Anything unusual becomes `-`; a name does not begin with a dot or a dash.
fn safe(text: &str) -> String {
    let usual = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_');
    let safe: String = text
        .chars()
        .map(|char| if usual(char) { char } else { '-' })
        .collect();
    let begin = safe.trim_start_matches(['.', '-']);
    if begin.is_empty() {
        "evidence".to_owned()
    } else {
        begin.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_unusual_gets_into_a_name() {
        let v6: IpAddr = "2001:db8::7".parse().unwrap();
        for (id, name) in [
            ("itunes-store", "itunes-store-2001-db8--7"),
            ("../../etc/passwd", "etc-passwd-2001-db8--7"),
            (".hidden", "hidden-2001-db8--7"),
            ("a\nb\x1b[2J\u{202e}c", "a-b--2J-c-2001-db8--7"),
            ("-rf", "rf-2001-db8--7"),
            ("", "evidence-2001-db8--7"),
        ] {
            assert_eq!(of_parts(id, Some(&v6)), name);
        }
        assert!(of_parts(&"x".repeat(1000), Some(&v6)).len() < 200);
    }

    #[test]
    fn a_time_stands_in_a_name_without_colons() {
        let at = Timestamp::from_nanos(1_795_601_700_123_456_789);
        assert_eq!(of_selection("dns", at, None), "dns-20261125T101500Z");
    }
}
