//! Damaged files are read up to the damage, and the message says where it is.

use proptest::prelude::*;
use windfall::capture::CaptureError;
use windfall::capture::error::{Part, Place};

use crate::read::{open, read, try_read};
use crate::write::{MICROS, ORDERS, Order, Pcap, Pcapng, option};
use windfall::capture::InterfaceTable;

#[test]
fn a_pcap_cut_at_any_byte_yields_every_whole_packet_and_says_where_it_ends() {
    let packets: [&[u8]; 4] = [b"one", b"", b"three three", b"4"];
    let mut file = Pcap::new(Order::Big, MICROS, 1);
    let mut begins = vec![file.bytes.len()];
    for packet in packets {
        file = file.packet(1, 2, packet);
        begins.push(file.bytes.len());
    }
    for length in 24..=file.bytes.len() {
        let outcome = read(&file.bytes[..length]);
        let whole = begins.iter().filter(|&&end| end <= length).count() - 1;
        assert_eq!(outcome.data(), packets[..whole]);
        if begins[whole] == length {
            assert_eq!(outcome.info.error(), None);
            continue;
        }
        let Some(CaptureError::Truncated {
            place, need, have, ..
        }) = outcome.info.failure
        else {
            panic!("cut at {length}");
        };
        let place_expected = Place {
            byte: begins[whole] as u64,
            part: Part::Packet(whole as u64 + 1),
        };
        assert_eq!(place, place_expected);
        assert_eq!(have, (length - begins[whole]) as u64);
        let record = begins[whole + 1] - begins[whole];
        assert_eq!(need, if have < 16 { 16 } else { record as u64 });
    }
}

type AddBlock = fn(Pcapng, Order) -> Pcapng;

#[test]
fn a_pcapng_cut_at_any_byte_yields_every_whole_packet_and_says_where_it_ends() {
    for order in ORDERS {
        // Each step adds one block; true where it is a packet.
        let steps: [(bool, AddBlock); 7] = [
            (false, |file, order| {
                file.interface(1, 9, &option(order, 2, b"en0"))
            }),
            (true, |file, _| file.enhanced(0, 1, b"enhanced")),
            (false, |file, _| file.block(0xbad, b"skip")),
            (true, |file, _| file.simple(6, b"simple")),
            (false, |file, order| {
                file.section(order, &option(order, 4, b"tool"))
            }),
            (false, |file, _| file.interface(101, 0, &[])),
            (true, |file, _| file.obsolete(0, 1, 1, b"obsolete")),
        ];
        let mut file = Pcapng::new(order);
        let mut ends = vec![file.bytes.len()];
        for (_, step) in steps {
            file = step(file, order);
            ends.push(file.bytes.len());
        }
        for length in 28..=file.bytes.len() {
            let outcome = read(&file.bytes[..length]);
            let blocks = ends.iter().filter(|&&end| end <= length).count() - 1;
            let packets = steps[..blocks].iter().filter(|step| step.0).count() as u64;
            assert_eq!(outcome.info.frames, packets, "cut at {length}");
            let begin = ends[blocks];
            if begin == length {
                assert_eq!(outcome.info.error(), None);
                continue;
            }
            let place = outcome.info.failure.as_ref().unwrap().place().unwrap();
            assert_eq!(place.byte, begin as u64);
            let is_packet = steps[blocks].0 && length - begin >= 4;
            let part = if is_packet {
                Part::Packet(packets + 1)
            } else {
                Part::BlockAfter(packets)
            };
            assert_eq!(place.part, part, "cut at {length}");
        }
    }
}

fn three_blocks(order: Order) -> Pcapng {
    Pcapng::new(order)
        .interface(1, 0, &[])
        .enhanced(0, 1, b"whole")
}

#[test]
fn lengths_that_contradict_each_other_are_named_with_byte_and_packet() {
    for order in ORDERS {
        let good = three_blocks(order);
        let begin = good.bytes.len();
        let mut bytes = good.enhanced(0, 2, b"broken").bytes;
        let end = bytes.len();
        bytes.splice(end - 4.., order.u32(44));
        assert_eq!(
            read(&bytes).error(),
            format!(
                "x.pcap: packet 2 at byte {begin} is damaged: it claims 40 bytes at its start and 44 at its end; \
                 everything before it was read"
            )
        );
        for length in [0, 8, 11, 41, 0xffff_ffff] {
            bytes.splice(begin + 4..begin + 8, order.u32(length));
            let outcome = read(&bytes);
            assert_eq!(outcome.frames.len(), 1);
            assert!(
                outcome.error().contains(&format!(
                    "packet 2 at byte {begin} is damaged: it claims a length of {length}"
                )),
                "{}",
                outcome.error()
            );
        }
    }
}

#[test]
fn a_packet_block_too_short_or_too_long_for_its_packet() {
    let file = three_blocks(Order::Little).block(6, &[0; 16]);
    assert!(
        read(&file.bytes)
            .error()
            .contains("28 bytes, too few for the fields")
    );
    let mut file = three_blocks(Order::Little);
    let captured = file.bytes.len() + 20;
    file = file.enhanced(0, 1, b"1234");
    file.bytes[captured] = 5;
    let error = read(&file.bytes).error();
    assert!(
        error.contains("claims 5 captured bytes, but its block has room for 4"),
        "{error}"
    );
    let mut file = three_blocks(Order::Little).bytes;
    file.extend([6, 0, 0, 0, 4, 0, 0, 1]);
    let error = read(&file).error();
    assert!(
        error.contains("claims a length of 16777220 bytes, more than the 16777216"),
        "{error}"
    );
}

#[test]
fn an_interface_whose_options_are_broken_would_give_wrong_times() {
    let order = Order::Little;
    let mut overrun = option(order, 9, &[9]);
    overrun[2] = 99;
    for options in [
        overrun,
        option(order, 9, &[9, 9]),
        option(order, 14, &[0; 4]),
    ] {
        let file = Pcapng::new(order)
            .interface(1, 0, &options)
            .enhanced(0, 1, b"x");
        let outcome = read(&file.bytes);
        assert!(outcome.frames.is_empty());
        assert!(
            outcome.error().contains("options of an interface"),
            "{}",
            outcome.error()
        );
    }
}

#[test]
fn a_long_block_that_is_passed_over_is_still_checked() {
    let file = three_blocks(Order::Little);
    let begin = file.bytes.len();
    let bytes = file.block(10, &vec![0; 17 << 20]).bytes;
    for cut in [1, 4, 5, 1 << 20, 16 << 20] {
        let outcome = read(&bytes[..bytes.len() - cut]);
        let Some(CaptureError::Truncated {
            place, need, have, ..
        }) = outcome.info.failure
        else {
            panic!("cut by {cut}");
        };
        assert_eq!(
            (place.byte, place.part),
            (begin as u64, Part::BlockAfter(1))
        );
        assert_eq!(need, (17 << 20) + 12);
        assert_eq!(have, need - cut as u64);
    }
    let mut wrong = bytes;
    let end = wrong.len();
    wrong[end - 1] = 9;
    assert!(read(&wrong).error().contains("(after packet 1) is damaged"));
}

/// Most memory that reading a file takes at once, in bytes; the copies that the test keeps included.
fn most_memory(bytes: &[u8]) -> u64 {
    allocation_counter::measure(|| {
        // A file may be refused at once, or read up to the damage.
        if let Ok(outcome) = crate::read::try_read(bytes) {
            assert!(outcome.info.failure.is_some());
        }
    })
    .bytes_max
}

#[test]
fn a_length_of_4_gib_takes_no_memory() {
    const LARGEST: u32 = 0xffff_fffc;
    for order in ORDERS {
        let head = |kind: u32, length: u32| [order.u32(kind), order.u32(length)].concat();
        // Section, interface, packet, simple packet, names, statistics, custom, unknown.
        for kind in [0x0a0d_0d0a, 1, 6, 3, 4, 5, 0xbad, 0xffff_fff0] {
            let mut bytes = three_blocks(order).bytes;
            bytes.extend(head(kind, LARGEST));
            bytes.extend(order.u32(0x1a2b_3c4d));
            bytes.extend([0; 64]);
            let most = most_memory(&bytes);
            assert!(most < 4 << 20, "block {kind:#x}: {most} bytes");
        }
        let mut first_section = Pcapng::new(order).bytes;
        first_section.splice(4..8, order.u32(LARGEST));
        assert!(most_memory(&first_section) < 4 << 20);
        // A packet of pcap; and one that claims a little more, and just as much, as is allowed.
        for (length, bound) in [
            (0xffff_ffff, 4 << 20),
            (0x7fff_ffff, 4 << 20),
            ((16 << 20) + 1, 4 << 20),
            (16 << 20, 20 << 20),
        ] {
            let mut bytes = Pcap::new(order, MICROS, 1).packet(1, 0, b"whole").bytes;
            for word in [2, 0, length, length] {
                bytes.extend(order.u32(word));
            }
            bytes.extend([0; 64]);
            let most = most_memory(&bytes);
            assert!(most < bound, "packet of {length}: {most} bytes");
        }
    }
}

/// A file of either format with good and bad parts.
fn plausible() -> impl Strategy<Value = Vec<u8>> {
    let noise = proptest::collection::vec(any::<u8>(), 0..400);
    let begin = prop_oneof![
        Just(Vec::new()),
        Just(Pcap::new(Order::Little, MICROS, 1).bytes),
        Just(Pcap::new(Order::Big, MICROS, 1).packet(1, 1, b"good").bytes),
        Just(three_blocks(Order::Little).bytes),
        Just(three_blocks(Order::Big).bytes),
        Just(b"\x1f\x8b\x08\0".to_vec()),
        Just(b"\x28\xb5\x2f\xfd".to_vec()),
    ];
    (begin, noise).prop_map(|(mut bytes, noise)| {
        bytes.extend(noise);
        bytes
    })
}

/// A file of many kinds of blocks with some bytes changed.
fn flipped() -> impl Strategy<Value = Vec<u8>> {
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6);
    (any::<bool>(), changes).prop_map(|(big, changes)| {
        let order = if big { Order::Big } else { Order::Little };
        let options = [option(order, 1, b"comment"), option(order, 9, &[3])].concat();
        let mut bytes = three_blocks(order)
            .interface(101, 8, &options)
            .simple(4, b"four")
            .enhanced_with(1, 5, 900, b"options", &options)
            .obsolete(0, 0, 1, b"old")
            .statistics(0, &option(order, 7, &[1; 8]))
            .section(order, &options)
            .bytes;
        for (index, value) in changes {
            let index = index.index(bytes.len());
            bytes[index] = value;
        }
        bytes
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop_oneof![plausible(), flipped()]) {
        let _ = try_read(&bytes);
    }

    #[test]
    fn a_reader_in_drips_sees_the_same(bytes in flipped(), step in 1_usize..50) {
        let whole = try_read(&bytes);
        let mut interfaces = InterfaceTable::new();
        let drip = Box::new(Drip { bytes: bytes.clone(), next: 0, step });
        let dripped = windfall::capture::CaptureFile::from_reader(drip, "x.pcap", 0, &mut interfaces);
        prop_assert_eq!(whole.is_ok(), dripped.is_ok());
        if let (Ok(whole), Ok(mut dripped)) = (whole, dripped) {
            let mut frames = 0;
            while let Ok(true) = dripped.advance(&mut interfaces) {
                prop_assert_eq!(dripped.frame().unwrap().bytes, &whole.frames[frames].bytes[..]);
                frames += 1;
            }
            prop_assert_eq!(frames, whole.frames.len());
            prop_assert_eq!(dripped.info().error(), whole.info.error());
        }
        prop_assert!(open(&bytes, &mut InterfaceTable::new()).is_ok() || bytes.len() >= 28);
    }
}

/// Hands out a few bytes a read, as a pipe may.
struct Drip {
    bytes: Vec<u8>,
    next: usize,
    step: usize,
}

impl std::io::Read for Drip {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        let rest = &self.bytes[self.next..];
        let count = rest.len().min(self.step).min(room.len());
        room[..count].copy_from_slice(&rest[..count]);
        self.next += count;
        Ok(count)
    }
}
