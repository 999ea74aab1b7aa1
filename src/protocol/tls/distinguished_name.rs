//! Distinguished names as text.
//!
//! Input: a parsed X.501 name. Output: its string form, most specific part first, values escaped, at most
//! [`MAX_TEXT`] bytes. UTF-16 values are converted; what is neither that nor UTF-8 is read as Latin-1. RFC 4514.

use std::borrow::Cow;

use x509_parser::x509::{AttributeTypeAndValue, X509Name};

/// Longest text made of a name: a hostile certificate must not fill the report.
const MAX_TEXT: usize = 1024;

/// Tag number of strings in UTF-16 (X.680).
const BMP: u32 = 30;

/// The string form of a name.
pub(super) fn text(name: &X509Name<'_>) -> String {
    let mut text = String::new();
    let parts: Vec<_> = name.iter_rdn().collect();
    for (number, part) in parts.into_iter().rev().enumerate() {
        if number > 0 {
            text.push(',');
        }
        for (number, attribute) in part.iter().enumerate() {
            if number > 0 {
                text.push('+');
            }
            let kind = attribute.attr_type();
            match short_name(kind.as_bytes()) {
                Some(name) => text.push_str(name),
                None => text.push_str(&kind.to_id_string()),
            }
            text.push('=');
            push_escaped(&mut text, &value_text(attribute));
        }
        if text.len() > MAX_TEXT {
            break;
        }
    }
    cut(text)
}

/// An attribute's value as text, unescaped.
pub(super) fn value_text<'t>(attribute: &'t AttributeTypeAndValue<'_>) -> Cow<'t, str> {
    let value = attribute.attr_value();
    let bytes = attribute.as_slice();
    let text = match (value.tag().0, std::str::from_utf8(bytes)) {
        (BMP, _) => {
            let units = bytes.chunks_exact(2).map(|pair| match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0,
            });
            char::decode_utf16(units)
                .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect::<String>()
                .into()
        }
        (_, Ok(text)) => Cow::Borrowed(text),
        (_, Err(_)) => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
    };
    if text.len() > MAX_TEXT {
        return Cow::Owned(cut(text.into_owned()));
    }
    text
}

/// Cuts at [`MAX_TEXT`] bytes, between characters.
fn cut(mut text: String) -> String {
    if text.len() > MAX_TEXT {
        let end = (0..=MAX_TEXT)
            .rev()
            .find(|end| text.is_char_boundary(*end))
            .unwrap_or(0);
        text.truncate(end);
    }
    text
}

/// The names of attribute types that RFC 4514 section 3 lists, and the one of e-mail addresses.
///
/// Identifiers are compared as they are encoded (X.690 section 8.19): a certificate has a dozen.
fn short_name(kind: &[u8]) -> Option<&'static str> {
    Some(match kind {
        // 2.5.4.n
        [0x55, 4, 3] => "CN",
        [0x55, 4, 7] => "L",
        [0x55, 4, 8] => "ST",
        [0x55, 4, 10] => "O",
        [0x55, 4, 11] => "OU",
        [0x55, 4, 6] => "C",
        [0x55, 4, 9] => "STREET",
        // 0.9.2342.19200300.100.1.n
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25] => "DC",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1] => "UID",
        // 1.2.840.113549.1.9.1
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1] => "emailAddress",
        _ => return None,
    })
}

/// RFC 4514 section 2.4.
fn push_escaped(text: &mut String, value: &str) {
    let last = value.chars().count().saturating_sub(1);
    for (position, character) in value.chars().enumerate() {
        match character {
            '\0' => text.push_str("\\00"),
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => text.extend(['\\', character]),
            '#' if position == 0 => text.push_str("\\#"),
            ' ' if position == 0 || position == last => text.push_str("\\ "),
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use x509_parser::der_parser::Oid;

    use super::*;

    #[test]
    fn special_characters_are_escaped() {
        let mut text = String::new();
        push_escaped(&mut text, " #a,b+c\\\"x ");
        assert_eq!(text, "\\ #a\\,b\\+c\\\\\\\"x\\ ");
        text.clear();
        push_escaped(&mut text, "#1");
        assert_eq!(text, "\\#1");
    }

    #[test]
    fn attribute_types_are_known_by_their_encoding() {
        let types = [
            ("2.5.4.3", "CN"),
            ("2.5.4.7", "L"),
            ("2.5.4.8", "ST"),
            ("2.5.4.10", "O"),
            ("2.5.4.11", "OU"),
            ("2.5.4.6", "C"),
            ("2.5.4.9", "STREET"),
            ("0.9.2342.19200300.100.1.25", "DC"),
            ("0.9.2342.19200300.100.1.1", "UID"),
            ("1.2.840.113549.1.9.1", "emailAddress"),
        ];
        for (dotted, name) in types {
            let arcs: Vec<u64> = dotted.split('.').map(|arc| arc.parse().unwrap()).collect();
            let identifier = Oid::from(&arcs).unwrap();
            assert_eq!(short_name(identifier.as_bytes()), Some(name), "{dotted}");
        }
        assert_eq!(short_name(&[0x55, 4, 5]), None);
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let text = cut("é".repeat(1000));
        assert_eq!(text.len(), 1024);
        assert_eq!(cut(format!("a{}", "é".repeat(1000))).len(), 1023);
    }
}
