//! gzip and zstd, whole and damaged.

use std::io::Write;

use windfall::capture::{CaptureError, Compression};

use crate::read::{Outcome, read, try_read};
use crate::write::{MICROS, Order, Pcap, Pcapng};

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 3).unwrap()
}

/// Packets that do not compress away, larger than a block in all.
fn sample() -> Pcap {
    let mut file = Pcap::new(Order::Little, MICROS, 1);
    let mut state = 1_u32;
    for number in 0..3000 {
        let packet: Vec<u8> = (0..600)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24).to_le_bytes()[0]
            })
            .collect();
        file = file.packet(number, 0, &packet);
    }
    file
}

#[test]
fn compressed_files_hold_the_same_frames() {
    let plain = sample().bytes;
    let expected = read(&plain);
    for (packed, compression) in [
        (gzip(&plain), Compression::Gzip),
        (zstd(&plain), Compression::Zstd),
    ] {
        let outcome = read(&packed);
        assert_eq!(outcome.frames, expected.frames);
        assert_eq!(outcome.info.compression, Some(compression));
        assert_eq!(outcome.info.error(), None);
    }
}

#[test]
fn joined_members_are_one_file() {
    let plain = Pcapng::new(Order::Big)
        .interface(1, 0, &[])
        .enhanced(0, 1, b"x")
        .bytes;
    let (begin, end) = plain.split_at(33);
    for packed in [
        [gzip(begin), gzip(end)].concat(),
        [zstd(begin), zstd(end)].concat(),
    ] {
        assert_eq!(read(&packed).data(), [b"x"]);
    }
}

/// Frames are the first ones of the plain file; the error names a place within it.
fn is_beginning(outcome: &Outcome, expected: &Outcome, plain: &[u8]) {
    let count = outcome.frames.len();
    assert_eq!(outcome.frames, expected.frames[..count]);
    let Some(CaptureError::Decompress { place, byte, .. }) = &outcome.info.failure else {
        panic!("{:?}", outcome.info.failure);
    };
    assert_eq!(place.byte, 24 + 616 * count as u64);
    assert_eq!(place.packet(), count as u64 + 1);
    assert!(*byte >= place.byte && *byte <= plain.len() as u64);
}

#[test]
fn what_was_unpacked_before_a_cut_is_delivered() {
    let file = sample();
    let expected = read(&file.bytes);
    for packed in [gzip(&file.bytes), zstd(&file.bytes)] {
        for tenth in 1..10 {
            let outcome = read(&packed[..packed.len() * tenth / 10]);
            is_beginning(&outcome, &expected, &file.bytes);
            // Random bytes do not shrink: about a tenth of the packets lies in a tenth of the file. What may be missing
            // is the compressor's last block, 128 KiB for zstd.
            assert!(
                outcome.frames.len() + 250 > 300 * tenth,
                "{}",
                outcome.frames.len()
            );
        }
        let outcome = read(&packed[..packed.len() - 1]);
        assert!(
            outcome.error().contains("data is damaged or cut off after"),
            "{}",
            outcome.error()
        );
    }
}

#[test]
fn a_cut_at_every_byte_of_a_small_file_never_panics() {
    let file = Pcap::new(Order::Little, MICROS, 1)
        .packet(1, 0, b"hello")
        .packet(2, 0, b"world");
    for packed in [gzip(&file.bytes), zstd(&file.bytes)] {
        for length in 0..packed.len() {
            match try_read(&packed[..length]) {
                Ok(outcome) => assert!(outcome.info.failure.is_some(), "cut at {length}"),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
}

#[test]
fn a_flipped_byte_is_noticed() {
    let file = sample();
    let mut packed = gzip(&file.bytes);
    let middle = packed.len() / 2;
    packed[middle] ^= 0xff;
    assert!(matches!(
        read(&packed).info.failure,
        Some(CaptureError::Decompress { .. } | CaptureError::Damaged { .. })
    ));
}

#[test]
fn compressed_nonsense_is_told_as_what_it_is() {
    let error = |bytes: &[u8]| try_read(bytes).unwrap_err().to_string();
    assert!(error(&gzip(b"just a letter")).contains("text that begins \"just a letter\""));
    assert!(error(&gzip(b"")).contains("is empty"));
    assert!(error(&gzip(&gzip(b"twice"))).contains("unpack it first (`gunzip`)"));
    assert!(error(&zstd(&Pcap::new(Order::Big, MICROS, 1).bytes[..10])).contains("has 10"));
    assert!(error(b"\x1f\x8b\x08\0").contains("in the file header"));
}
