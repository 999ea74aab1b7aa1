//! The process in a PKTAP header, which Apple's systems put before a frame.
//!
//! Input: a frame of link type `PKTAP` (or `USER2`, as they wrote it before it had a number). Output: the number of its
//! process. Layout: `struct pktap_header` of Apple's XNU (`bsd/net/pktap.h`), little-endian; its length field is
//! authoritative, for the header has grown with the years. What follows the header is for `decode`.

use super::frame::LinkType;
use super::process::ProcessTable;

const PKTAP: LinkType = LinkType(258);
const USER2: LinkType = LinkType(149);

/// Where the fields begin.
mod field {
    pub(super) const LENGTH: usize = 0;
    /// What follows the header; 1 for a packet.
    pub(super) const NEXT: usize = 4;
    pub(super) const PID: usize = 52;
    pub(super) const NAME: usize = 56;
    pub(super) const EFFECTIVE_PID: usize = 84;
    pub(super) const EFFECTIVE_NAME: usize = 88;
    /// Names are 16 bytes (`MAXCOMLEN`) and a zero.
    pub(super) const NAME_BYTES: usize = 17;
}

/// What stands for "no process" in an identifier: -1.
const NOBODY: u32 = u32::MAX;

/// Whether frames of this link type begin with the header.
#[inline]
pub(super) const fn is_pktap(link: LinkType) -> bool {
    link.0 == PKTAP.0 || link.0 == USER2.0
}

/// The process that the header names, if it does.
pub(super) fn process(frame: &[u8], table: &mut ProcessTable) -> Option<u16> {
    let length = usize::try_from(word(frame, field::LENGTH)?).ok()?;
    let header = frame.get(..length.min(frame.len()))?;
    if word(header, field::NEXT)? != 1 {
        return None;
    }
    let real = one(header, field::PID, field::NAME, table);
    let effective = one(header, field::EFFECTIVE_PID, field::EFFECTIVE_NAME, table);
    table.prefer(effective, real)
}

/// One of the two. Zero without a name is a field left empty: the kernel's own name is told.
fn one(header: &[u8], pid: usize, name: usize, table: &mut ProcessTable) -> Option<u16> {
    let pid = word(header, pid)?;
    let name = header.get(name..name + field::NAME_BYTES)?;
    if pid == NOBODY || (pid == 0 && name.starts_with(&[0])) {
        return None;
    }
    table.intern(pid, name)
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header of `length` bytes, all but the fields below zero.
    fn header(length: u32, real: (i32, &str), effective: (i32, &str)) -> Vec<u8> {
        let mut bytes = vec![0; 156];
        let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        put(0, &length.to_le_bytes());
        put(4, &1_u32.to_le_bytes());
        put(52, &real.0.to_le_bytes());
        put(56, real.1.as_bytes());
        put(84, &effective.0.to_le_bytes());
        put(88, effective.1.as_bytes());
        bytes
    }

    /// Identifier and name of the process; no name shows as an empty one.
    fn told(bytes: &[u8]) -> String {
        let mut table = ProcessTable::default();
        let number = process(bytes, &mut table);
        number.and_then(|number| table.get(number)).map_or_else(
            || "nobody".to_owned(),
            |known| format!("{} {}", known.pid, known.name().unwrap_or_default()),
        )
    }

    #[test]
    fn whom_the_work_is_done_for_comes_first() {
        let own = header(156, (71, "itunesstored"), (-1, ""));
        assert_eq!(told(&own), "71 itunesstored");
        let delegated = header(156, (71, "nsurlsessiond"), (402, "Music"));
        assert_eq!(told(&delegated), "402 Music");
        let nameless = header(156, (71, "nsurlsessiond"), (402, ""));
        assert_eq!(told(&nameless), "71 nsurlsessiond");
        // All 16 bytes of the name, without a zero to spare.
        let whole = header(156, (5, "AppleMobileDevic"), (0, ""));
        assert_eq!(told(&whole), "5 AppleMobileDevic");
    }

    #[test]
    fn nobody_is_nobody() {
        assert_eq!(told(&header(156, (-1, ""), (-1, ""))), "nobody");
        assert_eq!(told(&header(156, (0, ""), (0, ""))), "nobody");
        assert_eq!(
            told(&header(156, (0, "kernel_task"), (0, ""))),
            "0 kernel_task"
        );
        assert_eq!(told(&header(156, (44, ""), (-1, ""))), "44 ");
    }

    #[test]
    fn nothing_is_read_beyond_the_header_or_the_capture() {
        let bytes = header(156, (71, "curl"), (9, "Music"));
        for end in 0..bytes.len() {
            let expected = match end {
                0..73 => "nobody",
                73..105 => "71 curl",
                _ => "9 Music",
            };
            assert_eq!(told(&bytes[..end]), expected, "{end}");
        }
        assert_eq!(told(&header(52, (71, "curl"), (9, "Music"))), "nobody");
        assert_eq!(told(&header(76, (71, "curl"), (9, "Music"))), "71 curl");
        let mut other = bytes;
        other[4] = 2;
        assert_eq!(told(&other), "nobody");
    }
}
