//! What counts as a host name when the catalogue is asked.
//!
//! Input: raw bytes off the wire. Output: the same bytes without one trailing dot, or nothing. Labels are 1 to 63
//! letters, digits, hyphens or underscores and a name has at most 253 bytes (RFC 1035 section 2.3.4, RFC 1123
//! section 2.1, underscores as real names use them). Everything else (NUL, UTF-8, escapes, empty labels) is no name
//! of any catalogue entry, so that no look-alike can be one.

/// Longest name in presentation form, without the trailing dot.
const NAME_BYTES: usize = 253;
/// Longest label.
const LABEL_BYTES: usize = 63;

/// The host name in these bytes, without its trailing dot; `None` if they are not a host name.
pub(super) fn host(bytes: &[u8]) -> Option<&[u8]> {
    let bytes = bytes.strip_suffix(b".").unwrap_or(bytes);
    is_host(bytes).then_some(bytes)
}

/// Whether these bytes, without a trailing dot, are a host name.
pub(super) fn is_host(bytes: &[u8]) -> bool {
    bytes.len() <= NAME_BYTES && bytes.split(|&byte| byte == b'.').all(is_label)
}

fn is_label(label: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=LABEL_BYTES).contains(&label.len()) && label.iter().all(allowed)
}

/// Whether these bytes begin with that prefix, in any case.
pub(super) fn starts_with_ignore_case(bytes: &[u8], prefix: &[u8]) -> bool {
    bytes
        .get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
