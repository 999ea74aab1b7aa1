//! Processes as Apple's systems write them into captures: process blocks of pcapng, and PKTAP headers.
//!
//! The bytes are made by hand after Apple's libpcap (`pcap-ng.h`) and XNU (`pktap.h`): no system of Apple's made them.

use windfall::capture::MAX_PROCESSES;

use crate::read::read;
use crate::write::{MICROS, NANOS, ORDERS, Order, Pcap, Pcapng, option};

const PROCESS_BLOCK: u32 = 0x8000_0001;

/// A process block: identifier, name, and the UUID that is passed over.
fn process(order: Order, pid: u32, name: &str) -> Vec<u8> {
    let mut body = order.u32(pid).to_vec();
    body.extend(option(order, 4, &[0xaa; 16]));
    body.extend(option(order, 2, name.as_bytes()));
    body.extend(option(order, 0, &[]));
    body
}

/// The options of a packet: flags, process, service class, effective process.
fn belongs(order: Order, real: u32, effective: Option<u32>) -> Vec<u8> {
    let mut options = option(order, 2, &order.u32(2));
    options.extend(option(order, 0x8001, &order.u32(real)));
    options.extend(option(order, 0x8002, &order.u32(0)));
    if let Some(effective) = effective {
        options.extend(option(order, 0x8003, &order.u32(effective)));
    }
    options.extend(option(order, 0, &[]));
    options
}

#[test]
fn packets_point_at_the_blocks_of_their_section() {
    for order in ORDERS {
        let belongs = |real, effective| belongs(order, real, effective);
        let file = Pcapng::new(order)
            .interface(1, 0, &[])
            .block(PROCESS_BLOCK, &process(order, 71, "nsurlsessiond"))
            .block(PROCESS_BLOCK, &process(order, 402, "Music"))
            .enhanced_with(0, 1, 4, b"own", &belongs(0, None))
            .enhanced_with(0, 2, 4, b"done for Music", &belongs(0, Some(1)))
            .enhanced(0, 3, b"nobody's")
            .section(order, &[])
            .interface(1, 0, &[])
            .enhanced_with(0, 4, 4, b"not of the section before", &belongs(1, None))
            .block(PROCESS_BLOCK, &process(order, 71, "nsurlsessiond"))
            .enhanced_with(0, 5, 4, b"same", &belongs(0, Some(7)));
        let outcome = read(&file.bytes);
        assert_eq!(outcome.info.error(), None);
        let expected = ["71 nsurlsessiond", "402 Music", "", "", "71 nsurlsessiond"];
        assert_eq!(outcome.processes(), expected);
        // A process that a later section names again is the same one.
        assert_eq!(outcome.info.processes.as_slice().len(), 2);
    }
}

#[test]
fn a_broken_block_keeps_its_ordinal_and_costs_nothing_else() {
    let order = Order::Little;
    let unnamed = order.u32(9);
    let overrun = [&order.u32(10)[..], &[2, 0, 200, 0], b"itun"].concat();
    let file = Pcapng::new(order)
        .interface(1, 0, &[])
        .block(PROCESS_BLOCK, &[])
        .block(PROCESS_BLOCK, &unnamed)
        .block(PROCESS_BLOCK, &overrun)
        .block(PROCESS_BLOCK, &process(order, 11, "apsd"));
    let file = (0..5).fold(file, |file, ordinal| {
        let options = belongs(order, ordinal, None);
        file.enhanced_with(0, u64::from(ordinal), 1, b"x", &options)
    });
    let short = option(order, 0x8001, &[3]);
    let outcome = read(&file.enhanced_with(0, 9, 1, b"x", &short).bytes);
    assert_eq!(outcome.info.error(), None);
    let expected = ["", "9 ", "10 ", "11 apsd", "", ""];
    assert_eq!(outcome.processes(), expected);
}

#[test]
fn a_flood_of_process_blocks_is_bounded_and_counted() {
    let order = Order::Little;
    let mut file = Pcapng::new(order).interface(1, 0, &[]);
    let blocks = u32::try_from(MAX_PROCESSES).unwrap() + 3;
    for pid in 0..blocks {
        file = file.block(PROCESS_BLOCK, &process(order, pid, "x"));
    }
    let last = belongs(order, blocks - 1, None);
    let outcome = read(&file.enhanced_with(0, 1, 1, b"x", &last).bytes);
    assert_eq!(outcome.processes(), [""]);
    assert_eq!(outcome.info.processes.as_slice().len(), MAX_PROCESSES);
    assert_eq!(outcome.info.processes.refused(), 3);
}

/// A PKTAP header before `frame`, of this length, which is longer than what is known of it.
fn pktap(length: u32, pid: i32, name: &str, frame: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; length as usize];
    let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
    put(0, &length.to_le_bytes());
    put(4, &1_u32.to_le_bytes());
    put(8, &1_u32.to_le_bytes());
    put(12, b"en0");
    put(52, &pid.to_le_bytes());
    put(56, name.as_bytes());
    put(84, &(-1_i32).to_le_bytes());
    bytes.extend(frame);
    bytes
}

#[test]
fn pktap_headers_name_the_process_under_both_link_types() {
    for (link, magic) in [(258, MICROS), (149, NANOS)] {
        for order in ORDERS {
            let file = Pcap::new(order, magic, link)
                .packet(1, 0, &pktap(156, 71, "itunesstored", b"ethernet"))
                .packet(2, 0, &pktap(180, 88, "apsd", b"ethernet"))
                .packet(3, 0, &pktap(156, -1, "", b"ethernet"))
                .packet(4, 0, &pktap(156, 71, "itunesstored", b"ethernet"))
                .packet(5, 0, b"short");
            let outcome = read(&file.bytes);
            let expected = ["71 itunesstored", "88 apsd", "", "71 itunesstored", ""];
            assert_eq!(outcome.processes(), expected, "link type {link}");
            assert_eq!(outcome.info.processes.as_slice().len(), 2);
        }
    }
    // Under any other link type the same bytes are a frame like others.
    let file = Pcap::new(Order::Little, MICROS, 1).packet(1, 0, &pktap(156, 71, "curl", b"x"));
    assert_eq!(read(&file.bytes).processes(), [""]);
}
