//! pcapng: sections, interfaces, every kind of packet block, names, comments, drops.

use windfall::capture::frame::{InterfaceId, LinkType};
use windfall::capture::{Comment, Format};

use crate::read::read;
use crate::write::{ORDERS, Order, Pcapng, option};

const SECOND: i64 = 1_000_000_000;

#[test]
fn interfaces_have_their_own_link_type_clock_and_name() {
    for order in ORDERS {
        let nanos = [option(order, 2, b"en0"), option(order, 9, &[9])].concat();
        let binary = [
            option(order, 2, b"lo0\0"),
            option(order, 3, b"Loopback"),
            option(order, 9, &[0x80 | 0x14]),
            option(order, 14, &order.u64(1000)),
        ]
        .concat();
        let file = Pcapng::new(order)
            .interface(1, 65_535, &nanos)
            .enhanced(0, 1_700_000_000_000_000_001, b"ethernet")
            .interface(0, 0, &binary)
            .enhanced(1, 5 << 20, b"loopback")
            .enhanced_with(0, 1_700_000_000_000_000_002, 1514, b"cut", &[]);
        let outcome = read(&file.bytes);
        assert_eq!(outcome.info.error(), None);
        assert_eq!(outcome.data(), [&b"ethernet"[..], b"loopback", b"cut"]);
        let nanos: Vec<i64> = outcome.frames.iter().map(|frame| frame.nanos).collect();
        let base = 1_700_000_000 * SECOND;
        assert_eq!(nanos, [base + 1, 1005 * SECOND, base + 2]);
        assert_eq!(outcome.frames[1].link, LinkType(0));
        assert_eq!(outcome.frames[1].interface, InterfaceId(1));
        assert_eq!(outcome.info.link_types, [LinkType(1), LinkType(0)]);
        assert_eq!(outcome.info.format, Some(Format::Pcapng));
        assert_eq!(outcome.info.truncated, 1);
        assert_eq!(outcome.interfaces.name(InterfaceId(0)), Some("en0"));
        let loopback = outcome.interfaces.get(InterfaceId(1)).unwrap();
        assert_eq!(loopback.name.as_deref(), Some("lo0"));
        assert_eq!(loopback.description.as_deref(), Some("Loopback"));
    }
}

#[test]
fn every_section_numbers_its_interfaces_anew_and_may_change_byte_order() {
    let name = |order, name: &str| option(order, 2, name.as_bytes());
    let file = Pcapng::new(Order::Little)
        .interface(1, 0, &name(Order::Little, "en0"))
        .enhanced(0, 1, b"one")
        .section(Order::Big, &[])
        .interface(101, 0, &name(Order::Big, "utun3"))
        .interface(1, 0, &name(Order::Big, "en0"))
        .enhanced(1, 2, b"two")
        .enhanced(0, 3, b"three")
        // The same interface again keeps its number: a thousand joined files do not make a thousand interfaces.
        .section(Order::Little, &[])
        .interface(101, 0, &name(Order::Little, "utun3"))
        .enhanced(0, 4, b"four")
        .enhanced(1, 5, b"undescribed");
    let outcome = read(&file.bytes);
    let seen: Vec<(u16, u16)> = outcome
        .frames
        .iter()
        .map(|frame| (frame.interface.0, frame.link.0))
        .collect();
    assert_eq!(seen, [(0, 1), (2, 1), (1, 101), (1, 101)]);
    assert_eq!(outcome.interfaces.len(), 3);
    assert!(
        outcome.error().contains("packet 5")
            && outcome
                .error()
                .contains("interface 1, but its section describes only 1"),
        "{}",
        outcome.error()
    );
}

#[test]
fn simple_packets_take_over_the_time_before_and_the_first_interface_s_snap_length() {
    for order in ORDERS {
        let file = Pcapng::new(order)
            .interface(1, 6, &[])
            .interface(101, 0, &[])
            .simple(4, b"full")
            .enhanced(1, 7_000_000, b"timed")
            .simple(1514, b"cut to")
            .simple(3, b"abc");
        let outcome = read(&file.bytes);
        assert_eq!(outcome.info.error(), None);
        assert_eq!(outcome.data(), [&b"full"[..], b"timed", b"cut to", b"abc"]);
        let times: Vec<i64> = outcome.frames.iter().map(|frame| frame.nanos).collect();
        assert_eq!(times, [0, 7 * SECOND, 7 * SECOND, 7 * SECOND]);
        assert_eq!(outcome.frames[2].original_len, 1514);
        assert_eq!(outcome.info.untimed, 3);
        assert_eq!(outcome.info.first.unwrap().as_nanos(), 7 * SECOND);
    }
}

#[test]
fn a_simple_packet_needs_an_interface_and_room() {
    let outcome = read(&Pcapng::new(Order::Little).simple(4, b"none").bytes);
    assert!(
        outcome.error().contains("describes only 0"),
        "{}",
        outcome.error()
    );
    let file = Pcapng::new(Order::Little)
        .interface(1, 0, &[])
        .simple(9, b"eight by");
    let error = read(&file.bytes).error();
    assert!(
        error.contains("claims 9 captured bytes, but its block has room for 8"),
        "{error}"
    );
}

#[test]
fn obsolete_packet_blocks_are_read_with_their_drops() {
    for order in ORDERS {
        let file = Pcapng::new(order)
            .interface(1, 0, &[])
            .interface(113, 0, &[])
            .obsolete(1, 0xffff, 1_000_000, b"old")
            .obsolete(0, 3, 2_000_000, b"older")
            .obsolete(0, 4, 2_000_000, b"oldest");
        let outcome = read(&file.bytes);
        assert_eq!(outcome.data(), [&b"old"[..], b"older", b"oldest"]);
        assert_eq!(outcome.frames[0].link, LinkType(113));
        assert_eq!(outcome.frames[1].nanos, 2 * SECOND);
        assert_eq!(outcome.info.dropped_kernel, Some(7));
    }
}

#[test]
fn statistics_tell_the_drops_and_a_later_one_replaces_an_earlier() {
    for order in ORDERS {
        let count = |code, count| option(order, code, &order.u64(count));
        let file = Pcapng::new(order)
            .interface(1, 0, &[])
            .interface(1, 0, &[])
            .enhanced_with(0, 1, 1, b"x", &count(4, 2))
            .statistics(0, &[count(5, 10), count(7, 100)].concat())
            .statistics(1, &count(7, 5))
            .enhanced_with(0, 1, 1, b"x", &count(4, 99))
            .statistics(0, &[count(5, 11), count(7, 120), count(4, 9)].concat())
            .statistics(7, &count(7, 1_000_000))
            // The next section counts from zero again.
            .section(order, &[])
            .interface(1, 0, &[])
            .statistics(0, &count(7, 1));
        let info = read(&file.bytes).info;
        assert_eq!(info.error(), None);
        assert_eq!(info.dropped_interface, Some(11));
        assert_eq!(info.dropped_kernel, Some(126));
    }
    let silent = Pcapng::new(Order::Little)
        .interface(1, 0, &[])
        .enhanced(0, 1, b"x");
    let info = read(&silent.bytes).info;
    assert_eq!((info.dropped_kernel, info.dropped_interface), (None, None));
}

#[test]
fn statistics_tell_when_the_capture_ended() {
    for order in ORDERS {
        let ended = |micros: u64| {
            let half = |shift: u32| u32::try_from(micros >> shift & 0xffff_ffff).unwrap();
            let words = [order.u32(half(32)), order.u32(half(0))];
            option(order, 3, &words.concat())
        };
        let at = 1_700_000_000_000_000;
        let file = Pcapng::new(order)
            .interface(1, 0, &[])
            .enhanced(0, 1, b"x")
            .statistics(0, &ended(at))
            .statistics(0, &ended(at - 5))
            .statistics(0, &option(order, 3, &[1; 7]));
        let info = read(&file.bytes).info;
        assert_eq!(info.error(), None);
        let nanos = info
            .ended
            .map(windfall::capture::frame::Timestamp::as_nanos);
        assert_eq!(nanos, Some(1_700_000_000_000_000_000));
    }
}

#[test]
fn comments_and_the_recorder_are_kept() {
    for order in ORDERS {
        let section = [
            option(order, 1, b"recorded at the school"),
            option(order, 2, b"MacBook Air"),
            option(order, 3, b"macOS 15"),
            option(order, 4, b"dumpcap 4.4"),
            option(order, 0, b""),
            option(order, 1, b"beyond the end"),
        ]
        .concat();
        let file = Pcapng::new(order)
            .section(order, &section)
            .interface(1, 0, &option(order, 1, b"wired"))
            .enhanced(0, 1, b"a")
            .enhanced_with(0, 2, 1, b"b", &option(order, 1, b"look here"));
        let info = read(&file.bytes).info;
        let comment = |frame, text: &str| Comment {
            frame,
            text: text.into(),
        };
        assert_eq!(
            info.comments,
            [
                comment(None, "recorded at the school"),
                comment(None, "wired"),
                comment(Some(2), "look here")
            ]
        );
        assert_eq!(info.recorder.hardware.as_deref(), Some("MacBook Air"));
        assert_eq!(info.recorder.os.as_deref(), Some("macOS 15"));
        assert_eq!(info.recorder.application.as_deref(), Some("dumpcap 4.4"));
    }
}

#[test]
fn blocks_we_do_not_use_are_passed_over_whatever_their_size() {
    let names = 4;
    let secrets = 10;
    let custom = 0xbad;
    let darwin_process = 0x8000_0001;
    let file = Pcapng::new(Order::Little)
        .block(names, b"\0\0\0\0")
        .interface(1, 0, &[])
        .block(secrets, &vec![1; 17 << 20])
        .enhanced(0, 1, b"between")
        .block(custom, &[])
        .block(darwin_process, &[9; 40])
        .block(0xffff_fff0, &vec![2; (16 << 20) - 12])
        .enhanced(0, 1, b"after");
    let outcome = read(&file.bytes);
    assert_eq!(outcome.info.error(), None);
    assert_eq!(outcome.data(), [&b"between"[..], b"after"]);
}

#[test]
fn frames_of_an_unknown_link_type_are_still_delivered() {
    let file = Pcapng::new(Order::Little)
        .interface(4711, 0, &[])
        .enhanced(0, 1, b"what");
    let outcome = read(&file.bytes);
    assert_eq!(outcome.frames[0].link, LinkType(4711));
    assert_eq!(outcome.info.link_types, [LinkType(4711)]);
}

#[test]
fn broken_packet_options_cost_only_themselves() {
    let mut broken = option(Order::Little, 1, b"comment");
    broken[2] = 200;
    let file = Pcapng::new(Order::Little)
        .interface(1, 0, &[])
        .enhanced_with(0, 1, 4, b"good", &broken)
        .enhanced(0, 1, b"next");
    let outcome = read(&file.bytes);
    assert_eq!(outcome.data(), [&b"good"[..], b"next"]);
    assert!(outcome.info.comments.is_empty());
}

#[test]
fn a_wrong_section_length_does_not_matter_an_impossible_one_does() {
    let section = |length| {
        let file = Pcapng::new(Order::Big).section_with_length(Order::Big, length, &[]);
        read(&file.interface(1, 0, &[]).enhanced(0, 1, b"x").bytes)
    };
    for length in [-1, 0, 4, 1 << 40] {
        assert_eq!(section(length).frames.len(), 1);
    }
    for length in [-2, 7, i64::MIN] {
        let error = section(length).error();
        assert!(
            error.contains(&format!("section claims a length of {length} bytes")),
            "{error}"
        );
    }
}

#[test]
fn more_interfaces_than_can_be_numbered_end_the_file() {
    let mut file = Pcapng::new(Order::Little);
    for _ in 0..=65_536 {
        file = file.interface(1, 0, &[]);
    }
    let outcome = read(&file.bytes);
    assert_eq!(outcome.interfaces.len(), 65_536);
    assert!(outcome.error().contains("65,536"), "{}", outcome.error());
}
