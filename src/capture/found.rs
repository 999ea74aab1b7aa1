//! Recognising what a file is when it is no capture we read, so that the message can say how to convert it.
//!
//! Input: the first bytes of a file, after decompression. Output: [`Found`]. Only fixed magic numbers are trusted;
//! ERF has none, so it is recognised by a plausible first record and reported as a guess.

use std::fmt;

/// Bytes looked at: enough for every magic number below and for a line of text.
pub(super) const LOOK_BYTES: usize = 64;

/// Characters of a text file that a message quotes.
const QUOTED_CHARS: usize = 32;

/// What a file turned out to be instead of a capture we read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A pcap whose records have other fields; `editcap` can rewrite it.
    PcapRelative(&'static str),
    /// Another capture format, which `editcap` can rewrite.
    OtherCapture(&'static str),
    /// Packed in a way that we do not unpack; the tool that does.
    Packed(&'static str, &'static str),
    /// No capture at all.
    NoCapture(&'static str),
    /// Text, and how it begins (escaped).
    Text(String),
    /// Bytes that no format we know begins with.
    Unknown(Vec<u8>),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PcapRelative(what) => write!(
                f,
                "{what}, whose packet headers differ; convert it with `editcap -F pcap OLD NEW`"
            ),
            Self::OtherCapture(what) => {
                write!(f, "{what}; convert it with `editcap -F pcapng OLD NEW`")
            }
            Self::Packed(what, tool) => write!(f, "{what}; unpack it first (`{tool}`)"),
            Self::NoCapture(what) => write!(f, "{what}; give the capture file itself"),
            Self::Text(begin) => write!(
                f,
                "text that begins \"{begin}\"; give the capture file itself"
            ),
            Self::Unknown(begin) => {
                f.write_str("of an unknown kind that begins with the bytes")?;
                for byte in begin {
                    write!(f, " {byte:02x}")?;
                }
                f.write_str("; if Wireshark opens it, convert it with `editcap -F pcapng OLD NEW`")
            }
        }
    }
}

const KUZNETZOV: Found = Found::PcapRelative(
    "a \"modified\" pcap (magic a1b2cd34, by Alexey Kuznetzov's Linux patches)",
);
const MESQUITA: Found =
    Found::PcapRelative("a pcap with magic a1b234cd (by Fabio Mesquita's tcpdump)");
const NAVTEL: Found = Found::PcapRelative("a pcap with magic a12b3c4d (by Navtel Communications)");
const IXIA_HARDWARE: Found = Found::PcapRelative("an Ixia lcap capture (hardware time stamps)");
const IXIA_SOFTWARE: Found = Found::PcapRelative("an Ixia lcap capture (software time stamps)");

/// Magic numbers, longest match not needed: none is the beginning of another.
#[rustfmt::skip]
const MAGIC: &[(&[u8], Found)] = &[
    (b"\xa1\xb2\xcd\x34", KUZNETZOV), (b"\x34\xcd\xb2\xa1", KUZNETZOV),
    (b"\xa1\xb2\x34\xcd", MESQUITA), (b"\xcd\x34\xb2\xa1", MESQUITA),
    (b"\xa1\x2b\x3c\x4d", NAVTEL), (b"\x4d\x3c\x2b\xa1", NAVTEL),
    (b"\x1c\x00\x01\xac", IXIA_HARDWARE), (b"\xac\x01\x00\x1c", IXIA_HARDWARE),
    (b"\x1c\x00\x01\xab", IXIA_SOFTWARE), (b"\xab\x01\x00\x1c", IXIA_SOFTWARE),
    (b"snoop\0\0\0", Found::OtherCapture("a snoop capture (Solaris)")),
    (b"btsnoop\0", Found::OtherCapture("a Bluetooth HCI log (btsnoop)")),
    (b"iptrace ", Found::OtherCapture("an iptrace capture (AIX)")),
    (b"RTSS", Found::OtherCapture("a Microsoft Network Monitor 1 capture")),
    (b"GMBU", Found::OtherCapture("a Microsoft Network Monitor 2 capture")),
    (b"TRSNIFF data    \x1a", Found::OtherCapture("a Sniffer capture")),
    (b"XCP\0", Found::OtherCapture("a NetXRay or Windows Sniffer capture")),
    (b"\x7fver", Found::OtherCapture("an EtherPeek or OmniPeek capture")),
    (b"LOGG", Found::OtherCapture("a Vector BLF log")),
    (b"\x1f\x8b", Found::Packed("gzip data inside compressed data", "gunzip")),
    (b"\x28\xb5\x2f\xfd", Found::Packed("zstd data inside compressed data", "unzstd")),
    (b"\x1f\x9d", Found::Packed("compressed with compress", "uncompress")),
    (b"BZh", Found::Packed("compressed with bzip2", "bunzip2")),
    (b"\xfd7zXZ\0", Found::Packed("compressed with xz", "unxz")),
    (b"\x04\x22\x4d\x18", Found::Packed("compressed with lz4", "unlz4")),
    (b"PK\x03\x04", Found::Packed("a zip archive", "unzip")),
    (b"7z\xbc\xaf\x27\x1c", Found::Packed("a 7z archive", "7z x")),
    (b"\x7fELF", Found::NoCapture("a program (ELF)")),
    (b"\xcf\xfa\xed\xfe", Found::NoCapture("a program (Mach-O)")),
    (b"%PDF", Found::NoCapture("a PDF document")),
    (b"\x89PNG", Found::NoCapture("a picture (PNG)")),
    (b"SQLite format 3\0", Found::NoCapture("an SQLite database")),
];

/// What begins with `bytes`, which is not the beginning of a pcap or pcapng file.
pub(super) fn identify(bytes: &[u8]) -> Found {
    if let Some((_, found)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return found.clone();
    }
    if let Some(begin) = as_text(bytes) {
        return Found::Text(begin);
    }
    if looks_like_erf(bytes) {
        return Found::OtherCapture("probably an ERF capture (Endace DAG)");
    }
    Found::Unknown(bytes.iter().copied().take(8).collect())
}

/// The first line, escaped and shortened, if all of `bytes` is text.
fn as_text(bytes: &[u8]) -> Option<String> {
    // The look may end within a character: that much broken UTF-8 is allowed.
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    let is_text = |letter: char| !letter.is_control() || matches!(letter, '\t' | '\r' | '\n');
    if text.is_empty() || !text.chars().all(is_text) {
        return None;
    }
    let line = text.lines().next().unwrap_or_default();
    let quoted = line
        .chars()
        .take(QUOTED_CHARS)
        .flat_map(char::escape_default);
    Some(quoted.collect())
}

/// Whether a first ERF record could stand here: a known record type, lengths that fit each other, and a time after
/// 1990. The header is 64 bits of time (little endian, seconds in the upper half), type, flags, record length, loss
/// counter and wire length (big endian).
fn looks_like_erf(bytes: &[u8]) -> bool {
    let Some(&[_, _, _, _, s0, s1, s2, s3, kind, _, r0, r1, _, _, w0, w1]) =
        bytes.first_chunk::<16>()
    else {
        return false;
    };
    let seconds = u32::from_le_bytes([s0, s1, s2, s3]);
    let record = u16::from_be_bytes([r0, r1]);
    let wire = u16::from_be_bytes([w0, w1]);
    (631_152_000..0xf000_0000).contains(&seconds)
        && (1..=48).contains(&(kind & 0x7f))
        && record >= 24
        && wire > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relatives_of_pcap_are_named_with_the_way_out() {
        let text = identify(b"\x34\xcd\xb2\xa1\x02\0\x04\0").to_string();
        assert!(
            text.contains("a1b2cd34") && text.contains("editcap -F pcap "),
            "{text}"
        );
        assert_eq!(identify(b"\xa1\xb2\xcd\x34\0"), KUZNETZOV);
    }

    #[test]
    fn other_captures_are_named() {
        assert_eq!(
            identify(b"snoop\0\0\0\0\0\0\x02").to_string(),
            "a snoop capture (Solaris); convert it with `editcap -F pcapng OLD NEW`"
        );
        let erf = b"\0\0\0\x80\x00\x00\x00\x5f\x02\x04\x00\x60\0\0\x00\x4ehelloworld\xff";
        assert!(identify(erf).to_string().contains("ERF"));
    }

    #[test]
    fn text_is_quoted_and_escaped() {
        assert_eq!(
            identify(b"<!DOCTYPE html>\n<html>").to_string(),
            "text that begins \"<!DOCTYPE html>\"; give the capture file itself"
        );
        assert_eq!(
            identify("\u{202e}abc".as_bytes()),
            Found::Text("\\u{202e}abc".into())
        );
        assert_eq!(
            identify("caf\u{e9}".as_bytes().split_last().unwrap().1),
            Found::Text("caf".into())
        );
    }

    #[test]
    fn anything_else_is_shown_as_bytes() {
        assert_eq!(identify(b"\xff\x00\x01"), Found::Unknown(vec![0xff, 0, 1]));
        assert!(
            identify(&[0; 64])
                .to_string()
                .contains("bytes 00 00 00 00 00 00 00 00;")
        );
    }
}
