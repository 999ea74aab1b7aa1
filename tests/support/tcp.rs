//! One TCP connection as both stacks would speak it: sequence numbers advance by themselves.

use super::packet::Packet;
use super::{CLIENT, SERVER};

pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
pub(crate) const PSH: u8 = 8;
pub(crate) const ACK: u8 = 16;

/// Maximum segment size both sides offer: 1500-byte packets with TCP options would be 1448 of data.
pub(crate) const MSS: usize = 1448;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Client,
    Server,
}

/// Connection state: what each side has sent.
#[derive(Clone, Debug)]
pub(crate) struct Tcp {
    pub(crate) client: (String, u16),
    pub(crate) server: (String, u16),
    /// Next sequence number of each side.
    pub(crate) client_next: u32,
    pub(crate) server_next: u32,
    /// Window fields.
    pub(crate) client_window: u16,
    pub(crate) server_window: u16,
    /// The server's IP-ID counter; the client's is 0.
    pub(crate) server_ip_id: u16,
    /// TTL of the server's packets.
    pub(crate) server_ttl: u8,
    /// Options of the SYN and SYN-ACK.
    pub(crate) syn_options: Vec<u8>,
}

/// MSS 1448, nothing else.
const MSS_OPTION: [u8; 4] = [2, 4, 0x05, 0xa8];

impl Tcp {
    /// From the usual device to 443 of the usual server.
    pub(crate) fn new(client_port: u16) -> Self {
        Self::between((CLIENT, client_port), (SERVER, 443))
    }

    pub(crate) fn between(client: (&str, u16), server: (&str, u16)) -> Self {
        Self {
            client: (client.0.into(), client.1),
            server: (server.0.into(), server.1),
            client_next: 1_000,
            server_next: 0x8000_0000,
            client_window: 65_000,
            server_window: 65_000,
            server_ip_id: 100,
            server_ttl: 56,
            syn_options: MSS_OPTION.to_vec(),
        }
    }

    /// A segment with everything given; nothing advances.
    pub(crate) fn raw(&self, from: From, flags: u8, seq: u32, ack: u32, payload: &[u8]) -> Packet {
        self.with_options(from, flags, seq, ack, &[], payload)
    }

    /// The same with TCP options (padded here to a multiple of four).
    pub(crate) fn with_options(
        &self,
        from: From,
        flags: u8,
        seq: u32,
        ack: u32,
        options: &[u8],
        payload: &[u8],
    ) -> Packet {
        let (src, dst, window) = match from {
            From::Client => (&self.client, &self.server, self.client_window),
            From::Server => (&self.server, &self.client, self.server_window),
        };
        let mut options = options.to_vec();
        while !options.len().is_multiple_of(4) {
            options.push(1);
        }
        let offset = u8::try_from((20 + options.len()) / 4).unwrap() << 4;
        let mut segment = Vec::new();
        segment.extend(src.1.to_be_bytes());
        segment.extend(dst.1.to_be_bytes());
        segment.extend(seq.to_be_bytes());
        segment.extend(ack.to_be_bytes());
        segment.extend([offset, flags]);
        segment.extend(window.to_be_bytes());
        segment.extend([0, 0, 0, 0]);
        segment.extend(&options);
        segment.extend(payload);
        let packet = Packet::new(src.0.parse().unwrap(), dst.0.parse().unwrap(), 6, segment);
        match from {
            From::Client => packet,
            From::Server => packet.ttl(self.server_ttl).ip_id(self.server_ip_id),
        }
    }

    pub(crate) fn next(&self, from: From) -> u32 {
        match from {
            From::Client => self.client_next,
            From::Server => self.server_next,
        }
    }

    fn peer_next(&self, from: From) -> u32 {
        match from {
            From::Client => self.server_next,
            From::Server => self.client_next,
        }
    }

    fn advance(&mut self, from: From, count: usize) {
        let count = u32::try_from(count).unwrap();
        match from {
            From::Client => self.client_next = self.client_next.wrapping_add(count),
            From::Server => {
                self.server_next = self.server_next.wrapping_add(count);
                self.server_ip_id = self.server_ip_id.wrapping_add(1);
            }
        }
    }

    /// The SYN; `syn_again` repeats it.
    pub(crate) fn syn(&mut self) -> Packet {
        let options = self.syn_options.clone();
        let packet = self.with_options(From::Client, SYN, self.client_next, 0, &options, &[]);
        self.advance(From::Client, 1);
        packet
    }

    pub(crate) fn syn_again(&self) -> Packet {
        self.with_options(
            From::Client,
            SYN,
            self.client_next.wrapping_sub(1),
            0,
            &self.syn_options,
            &[],
        )
    }

    pub(crate) fn syn_ack(&mut self) -> Packet {
        let options = self.syn_options.clone();
        let packet = self.with_options(
            From::Server,
            SYN | ACK,
            self.server_next,
            self.client_next,
            &options,
            &[],
        );
        self.advance(From::Server, 1);
        packet
    }

    pub(crate) fn syn_ack_again(&self) -> Packet {
        let seq = self.server_next.wrapping_sub(1);
        self.with_options(
            From::Server,
            SYN | ACK,
            seq,
            self.client_next,
            &self.syn_options,
            &[],
        )
    }

    pub(crate) fn ack(&self, from: From) -> Packet {
        self.raw(from, ACK, self.next(from), self.peer_next(from), &[])
    }

    /// Data of at most one segment.
    pub(crate) fn data(&mut self, from: From, payload: &[u8]) -> Packet {
        let packet = self.raw(from, ACK, self.next(from), self.peer_next(from), payload);
        self.advance(from, payload.len());
        packet
    }

    /// Data that was sent before: `back` bytes before the next new one.
    pub(crate) fn again(&self, from: From, back: usize, payload: &[u8]) -> Packet {
        let seq = self.next(from).wrapping_sub(u32::try_from(back).unwrap());
        self.raw(from, ACK, seq, self.peer_next(from), payload)
    }

    pub(crate) fn fin(&mut self, from: From) -> Packet {
        let packet = self.raw(from, FIN | ACK, self.next(from), self.peer_next(from), &[]);
        self.advance(from, 1);
        packet
    }

    /// A RST at the sender's next sequence number.
    pub(crate) fn rst(&self, from: From) -> Packet {
        self.raw(from, RST | ACK, self.next(from), self.peer_next(from), &[])
    }
}
