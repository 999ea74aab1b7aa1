//! pcap: byte orders, resolutions, snap lengths, large packets.

use windfall::capture::Format;
use windfall::capture::frame::{InterfaceId, LinkType};

use crate::read::{Kept, read};
use crate::write::{MICROS, NANOS, ORDERS, Order, Pcap};

#[test]
fn both_byte_orders_and_both_resolutions_are_read() {
    for order in ORDERS {
        for (magic, nanos) in [(MICROS, 123_456_000), (NANOS, 123_456)] {
            let file = Pcap::new(order, magic, 113)
                .packet(1_700_000_000, 123_456, b"first")
                .cut_packet(1_700_000_001, 0, 1514, b"second");
            let outcome = read(&file.bytes);
            let frame = |number, nanos, original_len, bytes: &[u8]| Kept {
                number,
                nanos,
                interface: InterfaceId(0),
                link: LinkType(113),
                process: None,
                original_len,
                bytes: bytes.to_vec(),
            };
            assert_eq!(
                outcome.frames,
                [
                    frame(1, 1_700_000_000_000_000_000 + nanos, 5, b"first"),
                    frame(2, 1_700_000_001_000_000_000, 1514, b"second"),
                ]
            );
            assert_eq!(outcome.info.format, Some(Format::Pcap));
            assert_eq!(outcome.info.link_types, [LinkType(113)]);
            assert_eq!(outcome.info.truncated, 1);
            assert_eq!(
                outcome.info.first.unwrap().as_nanos(),
                outcome.frames[0].nanos
            );
            assert_eq!(
                outcome.info.last.unwrap().as_nanos(),
                outcome.frames[1].nanos
            );
            assert_eq!(outcome.interfaces.len(), 1);
            assert_eq!(outcome.interfaces.name(InterfaceId(0)), None);
        }
    }
}

#[test]
fn a_file_without_packets_is_a_capture_of_nothing() {
    let outcome = read(&Pcap::new(Order::Little, MICROS, 1).bytes);
    assert_eq!(outcome.info.frames, 0);
    assert_eq!(outcome.info.first, None);
}

#[test]
fn seconds_run_beyond_2038() {
    let file = Pcap::new(Order::Big, MICROS, 1).packet(0x9000_0000, 5, b"x");
    let outcome = read(&file.bytes);
    assert_eq!(
        outcome.info.first.unwrap().to_string(),
        "2046-07-23T00:38:24.000005000Z"
    );
}

#[test]
fn checksum_bits_above_the_link_type_are_ignored() {
    let file = Pcap::new(Order::Little, MICROS, 0x4400_0001).packet(1, 0, b"x");
    assert_eq!(read(&file.bytes).frames[0].link, LinkType(1));
}

#[test]
fn steps_back_in_time_are_kept_and_counted() {
    let file = Pcap::new(Order::Little, MICROS, 1)
        .packet(20, 0, b"late")
        .packet(10, 0, b"early")
        .packet(15, 0, b"between");
    let outcome = read(&file.bytes);
    assert_eq!(outcome.data(), [&b"late"[..], b"early", b"between"]);
    assert_eq!(outcome.info.out_of_order, 1);
    assert_eq!(outcome.info.first.unwrap().as_nanos(), 10_000_000_000);
    assert_eq!(outcome.info.last.unwrap().as_nanos(), 20_000_000_000);
}

#[test]
fn packets_that_straddle_blocks_or_exceed_them_come_out_whole() {
    let mut file = Pcap::with_snap_len(Order::Little, MICROS, 1, 0);
    let mut sizes = vec![1514; 2000];
    sizes.extend([3 << 20, 0, 16 << 20, 1, (1 << 20) + 1, 65_535, 60]);
    for (number, &size) in sizes.iter().enumerate() {
        let value = u8::try_from(number % 251).unwrap();
        file = file.packet(1, 0, &vec![value; size]);
    }
    let outcome = read(&file.bytes);
    assert_eq!(outcome.info.error(), None);
    assert_eq!(outcome.frames.len(), sizes.len());
    for (number, (frame, size)) in outcome.frames.iter().zip(sizes).enumerate() {
        assert_eq!(frame.bytes.len(), size);
        assert!(
            frame
                .bytes
                .iter()
                .all(|&byte| usize::from(byte) == number % 251)
        );
    }
}

#[test]
fn a_packet_longer_than_its_snap_length_is_read_a_ludicrous_one_is_damage() {
    let file = Pcap::with_snap_len(Order::Little, MICROS, 1, 96)
        .packet(1, 0, &[7; 2000])
        .packet(1, 0, &vec![7; 262_145]);
    let outcome = read(&file.bytes);
    assert_eq!(outcome.frames.len(), 1);
    assert_eq!(
        outcome.error(),
        "x.pcap: packet 2 at byte 2040 is damaged: it claims 262145 captured bytes, more than the 262144 that are \
         possible; everything before it was read"
    );
}
