//! Host names as the wire spells them.
//!
//! A [`Hostname`] is lower-cased once, at construction, and loses its trailing dot, so that every later comparison is
//! a comparison of bytes. Bytes are kept raw (RFC 1035 lets a label hold any); they are escaped at the edge, in
//! `report::escape`. A dot or backslash inside a DNS label is kept as `\.` or `\\` (RFC 1035 section 5.1).

use std::fmt::{self, Write as _};
use std::sync::Arc;

/// Longest text of a name off the wire.
const LONGEST: usize = 2 * 255;

/// A host name: lower case, no trailing dot, raw bytes. Copies share them: a question, its answers and the flows that
/// follow hold the same name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hostname(Arc<[u8]>);

impl Hostname {
    /// Takes a name in presentation form (labels joined by dots), in any case, with or without the trailing dot.
    #[must_use]
    pub fn new(name: &[u8]) -> Self {
        let name = match name.strip_suffix(b".") {
            Some(rest) if !rest.ends_with(b"\\") => rest,
            _ => name,
        };
        if name.iter().any(u8::is_ascii_uppercase) {
            Self(name.to_ascii_lowercase().into())
        } else {
            Self(name.into())
        }
    }

    /// Takes the labels of a name off the wire; the root's empty one is passed over. What is longer than any name on the
    /// wire can become (255 bytes, RFC 1035 section 3.1, each escaped) is cut off.
    #[must_use]
    pub fn from_labels<'l>(labels: impl Iterator<Item = &'l [u8]>) -> Self {
        // No memory is asked for but the name's own.
        let mut text = [0; LONGEST];
        let mut room = text.iter_mut();
        let mut put = |byte: u8| {
            if let Some(slot) = room.next() {
                *slot = byte.to_ascii_lowercase();
            }
        };
        for (number, label) in labels.filter(|label| !label.is_empty()).enumerate() {
            if number > 0 {
                put(b'.');
            }
            for &byte in label {
                if matches!(byte, b'.' | b'\\') {
                    put(b'\\');
                }
                put(byte);
            }
        }
        let length = LONGEST - room.len();
        Self(text.get(..length).unwrap_or_default().into())
    }

    /// The name's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The name as [`text_of`] spells it.
    #[must_use]
    pub fn to_text(&self) -> String {
        text_of(&self.0)
    }
}

/// Bytes off the wire as text; those that are not UTF-8 become `\xNN`. Control characters stay: the edge escapes them.
#[must_use]
pub fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a String never fails.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

impl fmt::Debug for Hostname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_text())
    }
}

impl From<&str> for Hostname {
    fn from(name: &str) -> Self {
        Self::new(name.as_bytes())
    }
}
