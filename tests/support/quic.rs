//! QUIC packets (RFC 9000 section 17): Initials sealed with the keys that a real end would use, the rest opaque.

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
use rustls::quic::Version;

use super::packet::Packet;
use super::tcp::From;
use super::{CLIENT, SERVER, tls};

/// QUIC version 1, version 2 (RFC 9369) and draft 29.
pub(crate) const V1: u32 = 1;
pub(crate) const V2: u32 = 0x6b33_43cf;
pub(crate) const DRAFT_29: u32 = 0xff00_001d;

/// Bytes of a datagram with an Initial at least (RFC 9000 section 14.1).
pub(crate) const FULL: usize = 1200;

/// A connection: its IDs and the packet numbers that the ends go on with.
#[derive(Clone, Debug)]
pub(crate) struct Quic {
    pub(crate) client: (String, u16),
    pub(crate) server: (String, u16),
    pub(crate) version: u32,
    /// The ID that the client made up: the keys follow from it.
    pub(crate) made_up: Vec<u8>,
    /// The IDs that the ends asked to be sent to.
    pub(crate) client_id: Vec<u8>,
    pub(crate) server_id: Vec<u8>,
    /// The token that the client got by a Retry.
    pub(crate) token: Vec<u8>,
    /// Both ends clear the fixed bit from the server's answer on (RFC 9287).
    pub(crate) greased: bool,
    /// The server has answered: the client sends to its ID.
    pub(crate) answered: bool,
    numbers: [u64; 2],
}

impl Quic {
    /// From the usual device to 443 of the usual server.
    pub(crate) fn new(client_port: u16) -> Self {
        Self::between((CLIENT, client_port), (SERVER, 443))
    }

    pub(crate) fn between(client: (&str, u16), server: (&str, u16)) -> Self {
        let [high, low] = client.1.to_be_bytes();
        Self {
            client: (client.0.into(), client.1),
            server: (server.0.into(), server.1),
            version: V1,
            made_up: vec![0xd0, high, low, 3, 4, 5, 6, 7],
            client_id: vec![0xc0, high, low, 1],
            server_id: vec![0x50, high, low, 9, 8, 7, 6, 5],
            token: Vec::new(),
            greased: false,
            answered: false,
            numbers: [0, 0],
        }
    }

    /// The datagram that carries these packets.
    pub(crate) fn datagram(&self, from: From, packets: &[Vec<u8>]) -> Packet {
        let (client, server) = (
            (self.client.0.as_str(), self.client.1),
            (self.server.0.as_str(), self.server.1),
        );
        match from {
            From::Client => Packet::udp(client, server, &packets.concat()),
            From::Server => Packet::udp(server, client, &packets.concat()),
        }
    }

    fn ids(&self, from: From) -> (Vec<u8>, Vec<u8>) {
        match from {
            From::Client if self.answered => (self.server_id.clone(), self.client_id.clone()),
            From::Client => (self.made_up.clone(), self.client_id.clone()),
            From::Server => (self.client_id.clone(), self.server_id.clone()),
        }
    }

    /// Everything of a long header up to its type-specific part; `order` is the type as version 1 counts.
    fn long_header(&self, from: From, order: u8) -> Vec<u8> {
        let order = if self.version == V2 {
            (order + 1) & 3
        } else {
            order
        };
        let (destination, source) = self.ids(from);
        let greased = self.greased && (self.answered || from == From::Server);
        let mut header = vec![if greased { 0x80 } else { 0xc0 } | (order << 4)];
        header.extend(self.version.to_be_bytes());
        for id in [destination, source] {
            header.push(u8::try_from(id.len()).unwrap());
            header.extend(id);
        }
        header
    }

    /// An Initial with these frames, filled up with PADDING so that it has at least so many bytes.
    pub(crate) fn initial_of(&mut self, from: From, frames: &[u8], bytes: usize) -> Vec<u8> {
        let number = self.numbers[from as usize];
        self.numbers[from as usize] += 1;
        let mut header = self.long_header(from, 0);
        let token: &[u8] = if from == From::Client {
            &self.token
        } else {
            &[]
        };
        header.extend(varint(token.len()));
        header.extend(token);
        self.seal(from, header, number, frames, bytes)
    }

    /// An Initial that fills a datagram.
    pub(crate) fn initial(&mut self, from: From, frames: &[u8]) -> Vec<u8> {
        self.initial_of(from, frames, FULL)
    }

    /// Length, a packet number of four bytes, and the protected payload.
    fn seal(
        &self,
        from: From,
        mut header: Vec<u8>,
        number: u64,
        frames: &[u8],
        bytes: usize,
    ) -> Vec<u8> {
        let overhead = header.len() + 2 + 4 + 16;
        let mut payload = frames.to_vec();
        payload.resize(payload.len().max(bytes.saturating_sub(overhead)), 0);
        let length = 4 + payload.len() + 16;
        // Two bytes of length, or four.
        if length < 0x4000 {
            header.extend((0x4000 | u16::try_from(length).unwrap()).to_be_bytes());
        } else {
            header.extend((0x8000_0000 | u32::try_from(length).unwrap()).to_be_bytes());
        }
        header[0] |= 3;
        let number_at = header.len();
        header.extend(u32::try_from(number).unwrap().to_be_bytes());
        protect(
            self.version,
            &self.made_up,
            from,
            header,
            number_at,
            number,
            payload,
        )
    }

    /// A packet of which nothing can be read but its kind.
    fn opaque(&self, from: From, order: u8, bytes: usize) -> Vec<u8> {
        let mut packet = self.long_header(from, order);
        packet.extend(varint(bytes));
        packet.extend(vec![0xe5; bytes]);
        packet
    }

    pub(crate) fn handshake(&self, from: From, bytes: usize) -> Vec<u8> {
        self.opaque(from, 2, bytes)
    }

    pub(crate) fn early_data(&self, bytes: usize) -> Vec<u8> {
        self.opaque(From::Client, 1, bytes)
    }

    /// A 1-RTT packet.
    pub(crate) fn one_rtt(&self, from: From, bytes: usize) -> Vec<u8> {
        let id = if from == From::Client {
            &self.server_id
        } else {
            &self.client_id
        };
        let mut packet = vec![if self.greased { 0x11 } else { 0x51 }];
        packet.extend(id);
        packet.extend(vec![0xe5; bytes]);
        packet
    }

    /// The server's Retry: the client is to come back with this token, to the server's new ID.
    pub(crate) fn retry(&mut self, token: &[u8]) -> Vec<u8> {
        let mut packet = self.long_header(From::Server, 3);
        packet.extend(token);
        packet.extend(retry_tag(self.version, &self.made_up, &packet));
        self.token = token.to_vec();
        // What follows is keyed by the ID that the Retry gave.
        self.made_up.clone_from(&self.server_id);
        self.server_id = self.server_id.iter().map(|byte| byte ^ 0xff).collect();
        packet
    }

    /// "I speak these versions" (RFC 9000 section 17.2.1).
    pub(crate) fn version_negotiation(&self, versions: &[u32]) -> Vec<u8> {
        let mut packet = self.long_header(From::Server, 0);
        packet[1..5].fill(0);
        packet.extend(versions.iter().flat_map(|version| version.to_be_bytes()));
        packet
    }
}

/// The integrity tag of a Retry to a client that had sent to `made_up` (RFC 9001 section 5.8, RFC 9369 section 3.3.3).
fn retry_tag(version: u32, made_up: &[u8], retry: &[u8]) -> Vec<u8> {
    let (key, nonce): (u128, u128) = match version {
        V2 => (
            0x8fb4_b01b_56ac_48e2_60fb_cbce_ad7c_cc92,
            0xd869_69bc_2d7c_6d99_90ef_b04a,
        ),
        DRAFT_29 => (
            0xccce_187e_d09a_09d0_5728_155a_6cb9_6be1,
            0xe549_30f9_7f21_36f0_530a_8c1c,
        ),
        _ => (
            0xbe0c_690b_9f66_575a_1d76_6b54_e368_c84e,
            0x4615_99d3_5d63_2bf2_2398_25bb,
        ),
    };
    let id = [&[u8::try_from(made_up.len()).unwrap()], made_up, retry].concat();
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key.to_be_bytes()).unwrap());
    let nonce = nonce.to_be_bytes().last_chunk::<12>().copied().unwrap();
    let nonce = Nonce::assume_unique_for_key(nonce);
    let mut tag = Vec::new();
    key.seal_in_place_append_tag(nonce, Aad::from(id), &mut tag)
        .unwrap();
    tag
}

/// Puts protection on a packet (RFC 9001 section 5).
pub(crate) fn protect(
    version: u32,
    made_up: &[u8],
    from: From,
    mut header: Vec<u8>,
    number_at: usize,
    number: u64,
    mut payload: Vec<u8>,
) -> Vec<u8> {
    let version = match version {
        V2 => Version::V2,
        DRAFT_29 => Version::V1Draft,
        _ => Version::V1,
    };
    let suite = TLS13_AES_128_GCM_SHA256
        .tls13()
        .unwrap()
        .quic_suite()
        .unwrap();
    let side = match from {
        From::Client => rustls::Side::Client,
        From::Server => rustls::Side::Server,
    };
    let keys = suite.keys(made_up, side, version).local;
    let tag = keys
        .packet
        .encrypt_in_place(number, &header, &mut payload)
        .unwrap();
    payload.extend(tag.as_ref());
    let number_bytes = header.len() - number_at;
    let sample = payload[4 - number_bytes..][..16].to_vec();
    let (first, rest) = header.split_first_mut().unwrap();
    keys.header
        .encrypt_in_place(&sample, first, &mut rest[number_at - 1..])
        .unwrap();
    [header, payload].concat()
}

fn varint(value: usize) -> Vec<u8> {
    let value = u16::try_from(value).unwrap();
    if value < 0x40 {
        vec![value.to_be_bytes()[1]]
    } else {
        (0x4000 | value).to_be_bytes().to_vec()
    }
}

/// A CRYPTO frame.
pub(crate) fn crypto(offset: usize, data: &[u8]) -> Vec<u8> {
    [&[0x06][..], &varint(offset), &varint(data.len()), data].concat()
}

/// A `CONNECTION_CLOSE` frame.
pub(crate) fn close(code: u16, reason: &str) -> Vec<u8> {
    let code = varint(usize::from(code));
    [
        &[0x1c][..],
        &code,
        &[0],
        &varint(reason.len()),
        reason.as_bytes(),
    ]
    .concat()
}

/// An ACK frame of packet number 0.
pub(crate) const ACK_FRAME: [u8; 5] = [0x02, 0, 0, 0, 0];

/// A PING frame.
pub(crate) const PING: [u8; 1] = [0x01];

/// A ClientHello of HTTP/3, without a record around it.
pub(crate) fn client_hello(host: &str) -> Vec<u8> {
    tls::http3_client_hello(host)[5..].to_vec()
}

/// The same, of at least so many bytes.
pub(crate) fn large_client_hello(host: &str, bytes: usize) -> Vec<u8> {
    tls::large_client_hello(host, bytes)[5..].to_vec()
}

pub(crate) fn server_hello() -> Vec<u8> {
    tls::server_hello_13()[5..].to_vec()
}
