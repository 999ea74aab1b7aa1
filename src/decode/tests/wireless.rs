//! IEEE 802.11 data frames (IEEE 802.11-2020 9.2.4 and 9.3.2), alone and behind radiotap (radiotap.org), Prism and AVS.

use super::build::{ALICE, BOB, alice_to_bob, assert_benign, carries, error, hello_v4};
use crate::decode::DecodeError;

const PLAIN: u16 = 105;
const PRISM: u16 = 119;
const RADIOTAP: u16 = 127;
const AVS: u16 = 163;

/// Access points, whose addresses are nobody's.
const STATION: [u8; 6] = [0x02, 0, 0, 0, 0, 0xee];
/// LLC and SNAP: IPv4 follows.
const SNAP: [u8; 8] = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];

const DATA: u8 = 0x08;
const QOS_DATA: u8 = 0x88;

/// The MAC header, without fourth address and `QoS` control; sequence number 5.
fn header(kind: u8, flags: u8, addresses: [[u8; 6]; 3]) -> Vec<u8> {
    [&[kind, flags, 0, 0][..], &addresses.concat(), &[0x50, 0]].concat()
}

/// From the access point, as a station receives it.
fn received(kind: u8, flags: u8) -> Vec<u8> {
    header(kind, 0x02 | flags, [BOB, STATION, ALICE])
}

#[test]
fn the_stations_that_talk_are_told_in_each_direction() {
    for (flags, addresses, fourth) in [
        (0x00, [BOB, ALICE, STATION], &[][..]),
        (0x01, [STATION, ALICE, BOB], &[]),
        (0x02, [BOB, STATION, ALICE], &[]),
        (0x03, [STATION, STATION, BOB], &ALICE),
    ] {
        let bytes = [&header(DATA, flags, addresses)[..], fourth, &SNAP].concat();
        assert_eq!(carries(PLAIN, &bytes, &hello_v4()), alice_to_bob(&[]));
    }
}

#[test]
fn quality_of_service_and_high_throughput_fields_are_passed_over() {
    let quality = [&received(QOS_DATA, 0)[..], &[6, 0], &SNAP].concat();
    assert_eq!(carries(PLAIN, &quality, &hello_v4()), alice_to_bob(&[]));
    let throughput = [&received(QOS_DATA, 0x80)[..], &[6, 0], &[0; 4], &SNAP].concat();
    assert_eq!(carries(PLAIN, &throughput, &hello_v4()), alice_to_bob(&[]));
    // A checksum behind the packet is no payload.
    let plain = [&received(DATA, 0)[..], &SNAP].concat();
    let with_checksum = [hello_v4(), vec![1, 2, 3, 4]].concat();
    assert_eq!(carries(PLAIN, &plain, &with_checksum), alice_to_bob(&[]));
}

#[test]
fn what_is_not_plain_data_is_told_apart() {
    let data = |flags| [&received(DATA, flags)[..], &SNAP, &hello_v4()].concat();
    assert_benign(PLAIN, &data(0x40), DecodeError::Encrypted80211);
    assert_benign(PLAIN, &data(0x04), DecodeError::Fragment80211);
    let mut later_fragment = data(0);
    later_fragment[22] |= 1;
    assert_benign(PLAIN, &later_fragment, DecodeError::Fragment80211);
    let aggregate = [&received(QOS_DATA, 0)[..], &[0x80, 0], &[0; 40]].concat();
    assert_benign(PLAIN, &aggregate, DecodeError::Aggregate80211);
    // Beacon, acknowledgment (10 bytes), null function, QoS null function.
    for kind in [0x80, 0xd4, 0x48, 0xc8] {
        let short = &header(kind, 0, [BOB, ALICE, STATION])[..10];
        assert_benign(PLAIN, short, DecodeError::NotData80211);
    }
}

/// Version, padding, length, presence words; then the fields.
fn radiotap(present: &[u32], fields: &[u8]) -> Vec<u8> {
    let words: Vec<u8> = present.iter().flat_map(|word| word.to_le_bytes()).collect();
    let length = u16::try_from(4 + words.len() + fields.len()).unwrap();
    let [a, b] = length.to_le_bytes();
    [&[0, 0, a, b][..], &words, fields].concat()
}

/// Presence bits: time, flags, another word.
const TIME: u32 = 1;
const FLAGS: u32 = 2;
const MORE: u32 = 1 << 31;

#[test]
fn radiotap_of_any_length_is_passed_over() {
    let frame = [&received(DATA, 0)[..], &SNAP].concat();
    for radio in [
        radiotap(&[0], &[]),
        radiotap(&[FLAGS], &[0x10]),
        radiotap(&[TIME | FLAGS], &[0; 9]),
        // Two words end at 12, so the time begins at 16.
        radiotap(&[TIME | FLAGS | MORE, 0], &[0; 4 + 9]),
        radiotap(&[MORE, MORE, 0], &[0; 20]),
    ] {
        let bytes = [&radio[..], &frame].concat();
        assert_eq!(carries(RADIOTAP, &bytes, &hello_v4()), alice_to_bob(&[]));
    }
}

#[test]
fn the_flags_of_radiotap_are_found_behind_the_time() {
    const PADDED: u8 = 0x20;
    const BAD_CHECKSUM: u8 = 0x40;
    let behind_time = |flags| [&[0xff; 8][..], &[flags]].concat();
    let behind_words = |flags| [&[0xff; 12][..], &[flags]].concat();
    for with in [
        |flags| radiotap(&[FLAGS], &[flags]),
        |flags| radiotap(&[TIME | FLAGS], &[&[0xff; 8][..], &[flags]].concat()),
    ] {
        // 24 bytes of header and 2 of QoS, padded to 28.
        let padded = [&with(PADDED)[..], &received(QOS_DATA, 0), &[0; 4], &SNAP].concat();
        assert_eq!(carries(RADIOTAP, &padded, &hello_v4()), alice_to_bob(&[]));
        let noise = [&with(BAD_CHECKSUM)[..], &received(DATA, 0), &SNAP].concat();
        assert_eq!(error(RADIOTAP, &noise), DecodeError::BadChecksum80211);
    }
    for noise in [
        radiotap(&[TIME | FLAGS], &behind_time(BAD_CHECKSUM)),
        radiotap(&[TIME | FLAGS | MORE, 0], &behind_words(BAD_CHECKSUM)),
    ] {
        assert_eq!(error(RADIOTAP, &noise), DecodeError::BadChecksum80211);
    }
}

#[test]
fn prism_and_avs_are_passed_over() {
    let frame = [&received(DATA, 0)[..], &SNAP].concat();
    // Message code 0x44, fixed length of 144 bytes.
    let mut prism = vec![0, 0, 0, 0x44];
    prism.resize(144, 0);
    // Magic with version 1, then the length of the whole header, big-endian.
    let mut avs = [0x8021_1001u32.to_be_bytes(), 64u32.to_be_bytes()].concat();
    avs.resize(64, 0);
    for (link, radio) in [(PRISM, &prism), (PRISM, &avs), (AVS, &avs)] {
        let bytes = [&radio[..], &frame].concat();
        assert_eq!(carries(link, &bytes, &hello_v4()), alice_to_bob(&[]));
    }
}

#[test]
fn radio_headers_shorter_than_themselves_are_bad() {
    let avs = [0x8021_1001u32.to_be_bytes(), 7u32.to_be_bytes()].concat();
    for (link, bytes) in [
        (RADIOTAP, &[0, 0, 7, 0, 0, 0, 0, 0][..]),
        (AVS, &avs),
        (PRISM, &avs),
    ] {
        assert_eq!(error(link, bytes), DecodeError::BadRadioHeader);
    }
}
