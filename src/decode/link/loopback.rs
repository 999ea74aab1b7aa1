//! BSD loopback: four bytes of address family, then IP.
//!
//! Input: a frame from the family. Output: the bytes from the IP header on. The family is in the byte order of the
//! machine that captured (`NULL`) or of the network (`LOOP`); files hold both under either number, so the order is
//! told from the value. tcpdump.org: `LINKTYPE_NULL`, `LINKTYPE_LOOP`.

use crate::decode::cursor::Cursor;
use crate::decode::error::{DecodeError, Header};

/// `AF_INET`, everywhere.
const IPV4: u32 = 2;
/// `AF_INET6` of Linux, of NetBSD, OpenBSD and Npcap, of FreeBSD, and of macOS.
const IPV6: [u32; 4] = [10, 24, 28, 30];

/// Reads the address family.
pub(super) fn decode(mut cursor: Cursor<'_>) -> Result<Cursor<'_>, DecodeError> {
    let head = cursor.head::<4>(Header::Loopback)?;
    // Families are small: one order gives a small number, the other a huge one.
    let family = head.be32::<0>().min(head.le32::<0>());
    if family == IPV4 || IPV6.contains(&family) {
        Ok(cursor)
    } else {
        Err(DecodeError::NotIp)
    }
}
