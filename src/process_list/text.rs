//! The text of a file whose code page nobody told.
//!
//! Input: bytes as a Windows shell redirects them: UTF-8 with or without a byte order mark, UTF-16 with one (PowerShell),
//! or the computer's OEM code page (`cmd`). Output: text in which all ASCII characters are right. In every OEM code
//! page a quote, comma, colon, digit or line end is its ASCII byte and never a part of another letter (the second bytes of
//! the East Asian ones begin at 0x40), so that rows can be read; other letters of such a page become U+FFFD.

use std::borrow::Cow;

/// The text of `bytes`.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes).into(),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes).into(),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        _ => match str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => bytes.iter().map(|&byte| ascii(byte)).collect(),
        },
    }
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|&pair| unit(pair));
    char::decode_utf16(units)
        .map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

fn ascii(byte: u8) -> char {
    if byte.is_ascii() {
        char::from(byte)
    } else {
        char::REPLACEMENT_CHARACTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_gives_the_ascii_in_it() {
        let text = "Č,1\r\nイ,2";
        let wide = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let marked = format!("\u{feff}{text}");
            marked.encode_utf16().flat_map(unit).collect()
        };
        assert_eq!(decode(text.as_bytes()), text);
        assert_eq!(decode(format!("\u{feff}{text}").as_bytes()), text);
        assert_eq!(decode(&wide(u16::to_le_bytes)), text);
        assert_eq!(decode(&wide(u16::to_be_bytes)), text);
        // CP852 and Shift JIS.
        assert_eq!(decode(b"\xac,1"), "\u{fffd},1");
        assert_eq!(decode(b"\x83C,2"), "\u{fffd}C,2");
        assert_eq!(decode(b"\xff\xfea"), "");
    }
}
