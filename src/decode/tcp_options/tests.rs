use proptest::prelude::*;

use super::*;

fn options(bytes: &[u8]) -> Vec<TcpOption<'_>> {
    TcpOptions::new(bytes).collect()
}

#[test]
fn the_options_of_a_syn() {
    // MSS 1460, no-operation, window scale 6, two no-operations, timestamps, SACK permitted, end.
    let bytes = [
        2, 4, 0x05, 0xb4, 1, 3, 3, 6, 1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 7, 4, 2, 0, 0,
    ];
    let expected = [
        TcpOption::MaxSegmentSize(1460),
        TcpOption::WindowScale(6),
        TcpOption::Timestamps { value: 9, echo: 7 },
        TcpOption::SackPermitted,
    ];
    assert_eq!(options(&bytes), expected);
}

#[test]
fn a_window_shift_beyond_14_counts_as_14() {
    assert_eq!(options(&[3, 3, 14]), [TcpOption::WindowScale(14)]);
    assert_eq!(options(&[3, 3, 255]), [TcpOption::WindowScale(14)]);
}

#[test]
fn sack_blocks_are_first_and_behind_last() {
    let bytes = [
        5, 18, 0, 0, 0, 1, 0, 0, 0, 9, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 4,
    ];
    let [TcpOption::Sack(blocks)] = options(&bytes)[..] else {
        panic!("one SACK option");
    };
    assert_eq!(blocks.iter().collect::<Vec<_>>(), [(1, 9), (u32::MAX, 4)]);
}

#[test]
fn fast_open_asks_for_a_cookie_or_shows_it() {
    assert_eq!(options(&[34, 2]), [TcpOption::FastOpen(&[])]);
    assert_eq!(
        options(&[34, 6, 1, 2, 3, 4]),
        [TcpOption::FastOpen(&[1, 2, 3, 4])]
    );
}

const SENDER: [u8; 8] = [1; 8];
const RECEIVER: [u8; 8] = [2; 8];

fn capable(version: u8, sender: Option<[u8; 8]>, receiver: Option<[u8; 8]>) -> TcpOption<'static> {
    TcpOption::Multipath(Multipath::Capable {
        version,
        sender_key: sender.map(u64::from_be_bytes),
        receiver_key: receiver.map(u64::from_be_bytes),
    })
}

#[test]
fn multipath_keys_come_one_after_the_other() {
    // RFC 8684 3.1: subtype 0 and version; flags; keys. SYN, SYN-ACK, ACK, and the first data with its length.
    let syn = [30, 4, 0x01, 0x81];
    let syn_ack = [&[30, 12, 0x01, 0x01][..], &SENDER].concat();
    let ack = [&[30, 20, 0x01, 0x01][..], &SENDER, &RECEIVER].concat();
    let data = [&[30, 24, 0x01, 0x01][..], &SENDER, &RECEIVER, &[0, 5, 0, 0]].concat();
    assert_eq!(options(&syn), [capable(1, None, None)]);
    assert_eq!(options(&syn_ack), [capable(1, Some(SENDER), None)]);
    assert_eq!(options(&ack), [capable(1, Some(SENDER), Some(RECEIVER))]);
    assert_eq!(options(&data), [capable(1, Some(SENDER), Some(RECEIVER))]);
    // Version 0 (RFC 6824 3.1) shows the key in the SYN.
    let old = [&[30, 12, 0x00, 0x81][..], &SENDER].concat();
    assert_eq!(options(&old), [capable(0, Some(SENDER), None)]);
}

#[test]
fn multipath_joins_name_their_connection_in_the_syn_alone() {
    let join = |address_id, backup, token| {
        TcpOption::Multipath(Multipath::Join {
            address_id,
            backup,
            token,
        })
    };
    // RFC 8684 3.2: subtype 1 and backup bit, address, token, random number; then authentication codes instead.
    let syn = [30, 12, 0x11, 3, 0xde, 0xad, 0xbe, 0xef, 9, 9, 9, 9];
    assert_eq!(options(&syn), [join(3, true, Some(0xdead_beef))]);
    let syn_ack = [&[30, 16, 0x10, 4][..], &[7; 12]].concat();
    assert_eq!(options(&syn_ack), [join(4, false, None)]);
    let ack = [&[30, 24, 0x10, 0][..], &[7; 20]].concat();
    assert_eq!(options(&ack), [join(0, false, None)]);
    // A data sequence signal.
    let signal = [30, 8, 0x20, 0x01, 0, 0, 0, 1];
    assert_eq!(
        options(&signal),
        [TcpOption::Multipath(Multipath::Other(2))]
    );
}

#[test]
fn unknown_kinds_and_lengths_are_kept() {
    let unknown = |kind, data| TcpOption::Unknown { kind, data };
    assert_eq!(options(&[2, 3, 5]), [unknown(2, &[5])]);
    assert_eq!(options(&[8, 9, 0, 0, 0, 0, 0, 0, 0]), [unknown(8, &[0; 7])]);
    assert_eq!(
        options(&[5, 2, 253, 4, 1, 2]),
        [unknown(5, &[]), unknown(253, &[1, 2])]
    );
}

#[test]
fn a_length_that_cannot_be_ends_the_walk() {
    for bytes in [
        &[4, 2, 3, 0, 4, 2][..],
        &[4, 2, 3, 1, 4, 2],
        &[4, 2, 3, 9, 4, 2],
        &[4, 2, 3],
        &[4, 2, 0, 4, 2],
    ] {
        assert_eq!(options(bytes), [TcpOption::SackPermitted], "{bytes:?}");
    }
    assert_eq!(options(&[]), []);
    assert_eq!(options(&[1; 40]), []);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_walked_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let found = options(&bytes);
        prop_assert!(found.len() <= bytes.len());
    }
}
