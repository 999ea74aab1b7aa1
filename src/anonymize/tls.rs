//! TLS records of a conversation with a host of the catalogue, with their contents blanked.
//!
//! Input: the segments of one direction. Output: the same bytes, of which record headers, handshake message headers,
//! the first `ClientHello`, the `ServerHello`, plaintext alerts and `ChangeCipherSpec` stay, and all else is zero:
//! session tickets, what is encrypted. So it can still be seen how far the handshake came. From a certificate in plain
//! text on (TLS 1.2) a direction is cut, and so are segments out of order and whatever follows bytes that were lost or
//! are no TLS. RFC 8446, RFC 5246.

/// Bytes walked of one direction: a handshake and the first data are in them.
const MAX_WALKED: usize = 64 << 10;

/// Record types.
mod record {
    pub(super) const CHANGE_CIPHER_SPEC: u8 = 20;
    pub(super) const ALERT: u8 = 21;
    pub(super) const HANDSHAKE: u8 = 22;
    pub(super) const HEARTBEAT: u8 = 24;
    pub(super) const HEADER: usize = 5;
}

/// Handshake messages.
mod message {
    pub(super) const CLIENT_HELLO: u8 = 1;
    pub(super) const SERVER_HELLO: u8 = 2;
    pub(super) const CERTIFICATE: u8 = 11;
    pub(super) const HEADER: usize = 4;
}

/// A header that comes byte by byte.
#[derive(Clone, Debug)]
struct Header<const N: usize> {
    bytes: [u8; N],
    have: usize,
}

impl<const N: usize> Header<N> {
    /// Whole, once its last byte is there.
    fn push(&mut self, byte: u8) -> Option<[u8; N]> {
        if let Some(slot) = self.bytes.get_mut(self.have) {
            *slot = byte;
        }
        self.have += 1;
        if self.have < N {
            return None;
        }
        self.have = 0;
        Some(self.bytes)
    }
}

/// One direction of a conversation.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    /// Sequence number of the first byte.
    pub(super) start: u32,
    next: u32,
    walked: usize,
    /// Nothing more can be told apart.
    lost: bool,
    record: Header<{ record::HEADER }>,
    kind: u8,
    /// Bytes of the record's content still to come.
    record_left: usize,
    message: Header<{ message::HEADER }>,
    message_kind: u8,
    message_left: usize,
    hellos: u32,
    encrypted: bool,
}

impl Walk {
    /// Of what begins with this sequence number.
    pub(super) fn new(start: u32) -> Self {
        Self {
            start,
            next: start,
            walked: 0,
            lost: false,
            record: Header {
                bytes: [0; _],
                have: 0,
            },
            kind: 0,
            record_left: 0,
            message: Header {
                bytes: [0; _],
                have: 0,
            },
            message_kind: 0,
            message_left: 0,
            hellos: 0,
            encrypted: false,
        }
    }

    /// Blanks a segment's payload. How many bytes of it stay.
    pub(super) fn feed(&mut self, seq: u32, payload: &mut [u8]) -> usize {
        self.walked = self.walked.saturating_add(payload.len());
        if self.walked > MAX_WALKED {
            self.lost = true;
        }
        if self.lost || seq != self.next {
            return 0;
        }
        let mut kept = 0;
        // A header that turned out to be none is text of somebody: none of it may stay.
        let mut begun = 0;
        for byte in payload.iter_mut() {
            if self.record_left == 0 && self.record.have == 0 {
                begun = kept;
            }
            let stays = self.byte(*byte);
            if self.lost {
                return begun;
            }
            if !stays {
                *byte = 0;
            }
            kept += 1;
        }
        self.next = seq.wrapping_add(u32::try_from(kept).unwrap_or(0));
        kept
    }

    /// Whether the next byte stays.
    fn byte(&mut self, byte: u8) -> bool {
        if self.record_left == 0 {
            if let Some([kind, major, _, high, low]) = self.record.push(byte) {
                self.kind = kind;
                self.record_left = usize::from(u16::from_be_bytes([high, low]));
                let is_tls = (record::CHANGE_CIPHER_SPEC..=record::HEARTBEAT).contains(&kind);
                self.lost = !is_tls || major != 3;
                self.encrypted |= kind == record::CHANGE_CIPHER_SPEC;
            }
            return true;
        }
        let at_once = self.record_left;
        self.record_left -= 1;
        match self.kind {
            record::CHANGE_CIPHER_SPEC => at_once == 1,
            // Two bytes in plain text; encrypted ones are longer.
            record::ALERT => !self.encrypted,
            record::HANDSHAKE if !self.encrypted => self.handshake(byte),
            _ => false,
        }
    }

    fn handshake(&mut self, byte: u8) -> bool {
        if self.message_left == 0 {
            if let Some([kind, a, b, c]) = self.message.push(byte) {
                self.message_kind = kind;
                self.message_left =
                    usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap_or(usize::MAX);
                self.hellos += u32::from(kind == message::CLIENT_HELLO);
                // Whether it worked may rest on it, so nobody must take the rest for a success.
                self.lost |= kind == message::CERTIFICATE;
            }
            return true;
        }
        self.message_left -= 1;
        match self.message_kind {
            message::CLIENT_HELLO => self.hellos == 1,
            message::SERVER_HELLO => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record of a version that says TLS.
    fn record(kind: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[kind, 3, 3], &length[..], content].concat()
    }

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&[kind], &length[1..], body].concat()
    }

    fn walked(stream: &[u8], cut: usize) -> Vec<u8> {
        let mut walk = Walk::new(u32::MAX - 3);
        let mut seq = walk.start;
        let mut out = Vec::new();
        for piece in stream.chunks(cut) {
            let mut piece = piece.to_vec();
            let kept = walk.feed(seq, &mut piece);
            seq = seq.wrapping_add(u32::try_from(piece.len()).unwrap());
            out.extend_from_slice(&piece[..kept]);
        }
        out
    }

    #[test]
    fn hellos_and_alerts_stay_and_all_else_is_blank_however_it_is_cut() {
        let flight = [
            message(2, b"hello"),
            message(12, b"sealed"),
            message(4, b"ticket"),
        ];
        let stream = [
            record(22, &flight.concat()),
            record(21, &[2, 42]),
            record(20, &[1]),
            record(22, b"sealed"),
            record(21, b"sealed"),
            record(23, b"GET /jan"),
        ]
        .concat();
        let blank = [
            message(2, b"hello"),
            message(12, &[0; 6]),
            message(4, &[0; 6]),
        ];
        let shown = [
            record(22, &blank.concat()),
            record(21, &[2, 42]),
            record(20, &[1]),
            record(22, &[0; 6]),
            record(21, &[0; 6]),
            record(23, &[0; 8]),
        ]
        .concat();
        for cut in [1, 2, 3, 5, 7, 64, 1000] {
            assert_eq!(walked(&stream, cut), shown, "pieces of {cut}");
        }
    }

    #[test]
    fn from_a_certificate_on_all_is_cut() {
        let hello = record(22, &message(2, b"hello"));
        let rest = [record(22, &message(11, b"CN=jan")), record(23, b"data")].concat();
        assert_eq!(walked(&[hello.clone(), rest].concat(), 1000), hello);
    }

    #[test]
    fn a_second_hello_is_blank() {
        let hellos = [message(1, b"gs"), message(1, b"jan")];
        let shown = [message(1, b"gs"), message(1, &[0; 3])];
        let stream = record(22, &hellos.concat());
        assert_eq!(walked(&stream, 4), record(22, &shown.concat()));
    }

    #[test]
    fn what_is_no_tls_or_follows_a_gap_is_cut() {
        assert_eq!(walked(b"GET /jan HTTP/1.1\r\n", 100), b"");
        let mut walk = Walk::new(10);
        assert_eq!(walk.feed(11, &mut record(22, b"jan")), 0);
        assert_eq!(walk.feed(10, &mut record(23, b"jan")), 8);
        assert_eq!(walk.feed(10, &mut record(23, b"jan")), 0);
    }
}
