//! Host and port as HTTP spells them: in Host, in targets, in Location.
//!
//! Input: header bytes. Output: a [`Hostname`] without port, user name or the brackets of IPv6, and the port if there
//! is one. RFC 3986 section 3.2, RFC 9112 section 3.2.

use crate::hostname::Hostname;

/// Longest host kept: no DNS name is longer.
const MAX_HOST: usize = 255;

/// Splits `host[:port]`; `None` when there is no host.
pub(super) fn split(authority: &[u8]) -> Option<(Hostname, Option<u16>)> {
    let authority = authority.trim_ascii();
    let authority = match authority.iter().rposition(|byte| *byte == b'@') {
        Some(at) => authority.get(at + 1..)?,
        None => authority,
    };
    let (host, port) = match authority.strip_prefix(b"[") {
        Some(literal) => {
            let end = literal.iter().position(|byte| *byte == b']')?;
            (
                literal.get(..end)?,
                literal.get(end + 1..)?.strip_prefix(b":"),
            )
        }
        None => match authority.iter().rposition(|byte| *byte == b':') {
            // Several colons: an IPv6 address that its sender forgot to put in brackets.
            Some(last) if authority.iter().position(|byte| *byte == b':') == Some(last) => {
                (authority.get(..last)?, authority.get(last + 1..))
            }
            Some(_) | None => (authority, None),
        },
    };
    let port = port.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    (!host.is_empty() && host.len() <= MAX_HOST).then(|| (Hostname::new(host), port))
}

/// Host and port of a reference with a host of its own (`http://host/…`, `https://host`, `//host`); `None` for a
/// relative one or another scheme.
pub(super) fn of_reference(reference: &[u8]) -> Option<(Hostname, Option<u16>)> {
    let reference = reference.trim_ascii();
    let rest = ["http://", "https://", "//"].iter().find_map(|start| {
        let (head, rest) = reference.split_at_checked(start.len())?;
        head.eq_ignore_ascii_case(start.as_bytes()).then_some(rest)
    })?;
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b'/' | b'?' | b'#' | b'\\'));
    split(rest.get(..end.unwrap_or(rest.len()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str, port: Option<u16>) -> (Hostname, Option<u16>) {
        (Hostname::from(text), port)
    }

    #[test]
    fn hosts_lose_port_user_brackets_and_case() {
        assert_eq!(split(b"GS.Apple.com"), Some(host("gs.apple.com", None)));
        assert_eq!(
            split(b" gs.apple.com.:8080 "),
            Some(host("gs.apple.com", Some(8080)))
        );
        assert_eq!(
            split(b"[2001:db8::1]:443"),
            Some(host("2001:db8::1", Some(443)))
        );
        assert_eq!(split(b"[2001:db8::1]"), Some(host("2001:db8::1", None)));
        assert_eq!(split(b"2001:db8::1"), Some(host("2001:db8::1", None)));
        assert_eq!(
            split(b"user:pw@gs.apple.com:443"),
            Some(host("gs.apple.com", Some(443)))
        );
        assert_eq!(
            split(b"gs.apple.com:99999"),
            Some(host("gs.apple.com", None))
        );
        assert_eq!(split(b""), None);
        assert_eq!(split(b":80"), None);
        assert_eq!(split(b"[::1"), None);
        assert_eq!(split(&[b'a'; 256]), None);
    }

    #[test]
    fn only_references_with_a_host_have_one() {
        assert_eq!(
            of_reference(b"HTTP://portal.example:81/x"),
            Some(host("portal.example", Some(81)))
        );
        assert_eq!(
            of_reference(b"//portal.example?x=//y"),
            Some(host("portal.example", None))
        );
        assert_eq!(
            of_reference(b"https://portal.example#x"),
            Some(host("portal.example", None))
        );
        assert_eq!(of_reference(b"/login"), None);
        assert_eq!(of_reference(b"ftp://portal.example/"), None);
        assert_eq!(of_reference(b"http:///x"), None);
    }
}
