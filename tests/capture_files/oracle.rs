//! `pcap-parser` and our framing agree on every generated file.

use pcap_parser::{Block, PcapBlockOwned, PcapError, create_reader};
use proptest::prelude::*;

use crate::read::read;
use crate::write::{MICROS, NANOS, Order, Pcap, Pcapng, option};

/// Link type, nanoseconds (0 without a time), original length, bytes.
type Packet = (u16, i64, u32, Vec<u8>);

fn link(linktype: pcap_parser::Linktype) -> u16 {
    u16::try_from(linktype.0).unwrap()
}

/// Ticks a second. The oracle's own `ts_resolution` knows no powers of two: it compares with the flag bit still set.
fn units(resolution: u8) -> u128 {
    match resolution {
        0..0x80 => 10_u128.pow(u32::from(resolution)),
        0x80.. => 1 << (resolution & 0x7f),
    }
}

fn by_oracle(bytes: &[u8]) -> Vec<Packet> {
    let mut reader = create_reader(1 << 20, bytes).unwrap();
    let mut packets = Vec::new();
    let mut pcap = (0, 1000);
    let mut big = false;
    // Of each interface of the section: link type, units a second, offset in seconds, snap length.
    let mut interfaces: Vec<(u16, u128, i64, u32)> = Vec::new();
    loop {
        match reader.next() {
            Ok((length, block)) => {
                match block {
                    PcapBlockOwned::LegacyHeader(header) => {
                        let unit = if header.is_nanosecond_precision() {
                            1
                        } else {
                            1000
                        };
                        pcap = (link(header.network), unit);
                    }
                    PcapBlockOwned::Legacy(packet) => {
                        let nanos = i64::from(packet.ts_sec) * 1_000_000_000
                            + i64::from(packet.ts_usec) * pcap.1;
                        packets.push((pcap.0, nanos, packet.origlen, packet.data.to_vec()));
                    }
                    PcapBlockOwned::NG(Block::SectionHeader(block)) => {
                        interfaces.clear();
                        big = block.big_endian();
                    }
                    PcapBlockOwned::NG(Block::InterfaceDescription(block)) => interfaces.push((
                        link(block.linktype),
                        units(block.if_tsresol),
                        // The oracle reads this one in little-endian order whatever the section says.
                        if big {
                            block.if_tsoffset.swap_bytes()
                        } else {
                            block.if_tsoffset
                        },
                        block.snaplen,
                    )),
                    PcapBlockOwned::NG(Block::EnhancedPacket(block)) => {
                        let (link, units, offset, _) = interfaces[block.if_id as usize];
                        let ticks = (u128::from(block.ts_high) << 32) | u128::from(block.ts_low);
                        let nanos =
                            i64::try_from(ticks * 1_000_000_000 / units).unwrap_or(i64::MAX);
                        let data = block.data[..block.caplen as usize].to_vec();
                        packets.push((
                            link,
                            nanos.saturating_add(offset * 1_000_000_000),
                            block.origlen,
                            data,
                        ));
                    }
                    PcapBlockOwned::NG(Block::SimplePacket(block)) => {
                        let (link, _, _, snap_len) = interfaces[0];
                        let captured = block.origlen.min(snap_len) as usize;
                        packets.push((link, 0, block.origlen, block.data[..captured].to_vec()));
                    }
                    PcapBlockOwned::NG(_) => {}
                }
                reader.consume(length);
            }
            Err(PcapError::Eof) => return packets,
            Err(PcapError::Incomplete(_)) => reader.refill().unwrap(),
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn by_us(bytes: &[u8], has_simple: bool) -> Vec<Packet> {
    let outcome = read(bytes);
    assert_eq!(outcome.info.error(), None);
    let timed = |frame: &crate::read::Kept| {
        if has_simple { 0 } else { frame.nanos }
    };
    outcome
        .frames
        .iter()
        .map(|frame| {
            (
                frame.link.0,
                timed(frame),
                frame.original_len,
                frame.bytes.clone(),
            )
        })
        .collect()
}

fn order() -> impl Strategy<Value = Order> {
    prop_oneof![Just(Order::Little), Just(Order::Big)]
}

fn data() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => proptest::collection::vec(any::<u8>(), 0..80),
        1 => (1000_usize..70_000).prop_map(|length| vec![0x5a; length]),
    ]
}

/// One block of a generated pcapng file.
#[derive(Clone, Debug)]
enum Part {
    Section(Order),
    Interface {
        link: u16,
        resolution: u8,
        offset: u16,
    },
    Enhanced {
        ticks: u64,
        more: u32,
        data: Vec<u8>,
        comment: bool,
    },
    Unknown(Vec<u8>),
}

fn part() -> impl Strategy<Value = Part> {
    let resolution = prop_oneof![0_u8..=12, (0x80_u8..=0x80 + 40)];
    prop_oneof![
        1 => order().prop_map(Part::Section),
        2 => (0_u16..300, resolution, any::<u16>())
            .prop_map(|(link, resolution, offset)| Part::Interface { link, resolution, offset }),
        6 => (0_u64..1 << 33, 0_u32..100, data(), any::<bool>())
            .prop_map(|(ticks, more, data, comment)| Part::Enhanced { ticks, more, data, comment }),
        1 => proptest::collection::vec(any::<u8>(), 0..5)
            .prop_map(|words| Part::Unknown(words.into_iter().flat_map(|byte| [byte; 4]).collect())),
    ]
}

fn pcapng(begin: Order, parts: Vec<Part>) -> Vec<u8> {
    let mut order = begin;
    let mut file = Pcapng::new(order).interface(1, 65_535, &[]);
    let mut interfaces = 1;
    for (number, part) in (0_u32..).zip(parts) {
        file = match part {
            Part::Section(next) => {
                order = next;
                interfaces = 1;
                file.section(order, &[]).interface(113, 9, &[])
            }
            Part::Interface {
                link,
                resolution,
                offset,
            } => {
                interfaces += 1;
                let options = [
                    option(order, 9, &[resolution]),
                    option(order, 14, &order.u64(u64::from(offset))),
                    option(order, 0, &[]),
                ];
                file.interface(link, 0, &options.concat())
            }
            Part::Enhanced {
                ticks,
                more,
                data,
                comment,
            } => {
                let original = u32::try_from(data.len()).unwrap() + more;
                let options = if comment {
                    [option(order, 1, b"see"), option(order, 0, &[])].concat()
                } else {
                    Vec::new()
                };
                file.enhanced_with(number % interfaces, ticks, original, &data, &options)
            }
            Part::Unknown(body) => file.block(0x0bad_cafe, &body),
        };
    }
    file.bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn on_pcap(
        order in order(),
        nanos in any::<bool>(),
        packets in proptest::collection::vec((any::<u32>(), 0_u32..1_000_000, 0_u32..2000, data()), 0..40),
    ) {
        let mut file = Pcap::new(order, if nanos { NANOS } else { MICROS }, 276);
        for (seconds, fraction, more, data) in packets {
            let original = u32::try_from(data.len()).unwrap() + more;
            file = file.cut_packet(seconds, fraction, original, &data);
        }
        prop_assert_eq!(by_us(&file.bytes, false), by_oracle(&file.bytes));
    }

    #[test]
    fn on_pcapng(begin in order(), parts in proptest::collection::vec(part(), 0..40)) {
        let bytes = pcapng(begin, parts);
        prop_assert_eq!(by_us(&bytes, false), by_oracle(&bytes));
    }

    #[test]
    fn on_simple_packets(order in order(), packets in proptest::collection::vec(data(), 0..20)) {
        let mut file = Pcapng::new(order).interface(1, 65_535, &[]);
        for data in packets {
            let original = u32::try_from(data.len()).unwrap();
            file = file.simple(original, &data[..data.len().min(65_535)]);
        }
        prop_assert_eq!(by_us(&file.bytes, true), by_oracle(&file.bytes));
    }
}
