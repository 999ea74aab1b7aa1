//! The examples of RFC 9001, appendix A, and of RFC 9369, appendix A.

use windfall::capture::frame::{FrameId, Seen, Timestamp};
use windfall::protocol::quic::QuicSession;
use windfall::side::Side;

use super::TTL;
use crate::support::quic::{V1, V2, protect};
use crate::support::tcp::From;

/// Both documents' client sends to this ID, and their server asks for the other.
const MADE_UP: &str = "8394c8f03e515708";
const SERVER_ID: &str = "f067a5502a4262b5";

/// A.2: the CRYPTO frame; the payload is filled up to 1162 bytes.
const CLIENT_FRAME: &str = "\
    060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868\
    04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578\
    616d706c652e636f6dff01000100000a00080006001d00170018001000070005\
    04616c706e000500050100000000003300260024001d00209370b2c9caa47fba\
    baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400\
    0d0010000e0403050306030203080408050806002d00020101001c0002400100\
    3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000\
    75300901100f088394c8f03e51570806048000ffff";

struct Example {
    version: u32,
    /// A.2: the header before protection; the packet's first and last bytes after it. Its tag covers all between.
    client_header: &'static str,
    client_begins: &'static str,
    client_ends: &'static str,
    /// A.3.
    server: &'static str,
    /// A.4.
    retry: &'static str,
}

const RFC_9001: Example = Example {
    version: V1,
    client_header: "c300000001088394c8f03e5157080000449e00000002",
    client_begins: "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11",
    client_ends: "\
        7e78bfe706ca4cf5e9c5453e9f7cfd2b8b4c8d169a44e55c88d4a9a7f9474241\
        e221af44860018ab0856972e194cd934",
    server: "\
        cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a\
        5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3\
        dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84\
        022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc4\
        2158407dd074ee",
    retry: "ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba",
};

const RFC_9369: Example = Example {
    version: V2,
    client_header: "d36b3343cf088394c8f03e5157080000449e00000002",
    client_begins: "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485",
    client_ends: "\
        6f4c4938ae79324dc402894b44faf8afbab35282ab659d13c93f70412e85cb19\
        9a37ddec600545473cfb5a05e08d0b209973b2172b4d21fb69745a262ccde96b\
        a18b2faa745b6fe189cf772a9f84cbfc",
    server: "\
        dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698\
        baeea26b91eb761d9b89237bbf87263017915358230035f7fd3945d88965cf17\
        f9af6e16886c61bfc703106fbaf3cb4cfa52382dd16a393e42757507698075b2\
        c984c707f0a0812d8cd5a6881eaf21ceda98f4bd23f6fe1a3e2c43edd9ce7ca8\
        4bed8521e2e140",
    retry: "cf6b3343cf0008f067a5502a4262b5746f6b656ec8646ce8bfe33952d955543665dcc7b6",
};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn frame(number: u64) -> Seen {
    Seen {
        at: Timestamp::from_nanos(i64::try_from(number).unwrap() * 1_000_000),
        frame: FrameId::new(0, number),
    }
}

/// A.2, protected by the builder that all tests here use.
fn client_initial(example: &Example) -> Vec<u8> {
    let mut payload = bytes(CLIENT_FRAME);
    payload.resize(1162, 0);
    let header = bytes(example.client_header);
    protect(
        example.version,
        &bytes(MADE_UP),
        From::Client,
        header,
        18,
        2,
        payload,
    )
}

#[test]
fn the_builder_of_these_tests_makes_the_documents_packets() {
    for example in [RFC_9001, RFC_9369] {
        let packet = client_initial(&example);
        assert_eq!(packet.len(), 1200);
        assert!(packet.starts_with(&bytes(example.client_begins)));
        assert!(packet.ends_with(&bytes(example.client_ends)));
    }
}

#[test]
fn both_hellos_are_read() {
    for example in [RFC_9001, RFC_9369] {
        let mut session = QuicSession::new();
        session.feed(Side::Client, frame(1), TTL, &client_initial(&example));
        session.feed(Side::Server, frame(2), TTL, &bytes(example.server));
        let facts = session.facts();
        let hello = facts.tls.client_hello.as_ref().unwrap();
        assert_eq!(hello.sni.as_ref().unwrap().as_bytes(), b"example.com");
        assert_eq!(hello.alpn.iter().collect::<Vec<_>>(), [b"alpn"]);
        assert_eq!((hello.first, hello.complete), (frame(1), frame(1)));
        let answer = facts.tls.server_hello.as_ref().unwrap();
        assert_eq!((answer.version, answer.seen), (0x0304, frame(2)));
        assert_eq!(
            session.id_of(Side::Server).unwrap().as_bytes(),
            bytes(SERVER_ID)
        );
        assert_eq!(session.first_id().unwrap().as_bytes(), bytes(MADE_UP));
    }
}

#[test]
fn a_retry_is_one_and_with_a_single_wrong_bit_is_none() {
    for example in [RFC_9001, RFC_9369] {
        let retry = bytes(example.retry);
        let facts = |retry: &[u8]| {
            let mut session = QuicSession::new();
            session.feed(Side::Client, frame(1), TTL, &client_initial(&example));
            session.feed(Side::Server, frame(2), TTL, retry);
            session.facts().clone()
        };
        let genuine = facts(&retry);
        assert_eq!(genuine.retry, Some(frame(2)));
        assert_eq!(
            (genuine.answered, genuine.false_retry),
            (Some(frame(2)), None)
        );
        // In its ID, its token, its tag.
        for place in [8, 15, 20, retry.len() - 1] {
            let mut wrong = retry.clone();
            wrong[place] ^= 1;
            let forged = facts(&wrong);
            assert_eq!(forged.false_retry, Some(frame(2)), "byte {place}");
            assert_eq!((forged.answered, forged.retry), (None, None));
        }
    }
}

#[test]
fn a_single_wrong_bit_opens_nothing() {
    for place in [30, 600, 1199] {
        let mut packet = client_initial(&RFC_9001);
        packet[place] ^= 1;
        let mut session = QuicSession::new();
        session.feed(Side::Client, frame(1), TTL, &packet);
        assert_eq!(session.facts().tls.client_hello, None);
        assert_eq!(session.first_id(), None);
        assert_eq!(session.facts().flights.count, 1);
    }
}
