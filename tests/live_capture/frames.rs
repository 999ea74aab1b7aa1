//! What is sent is seen.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use windfall::capture::batch::Batch;
use windfall::capture::frame::{LinkType, Timestamp};
use windfall::capture::live::LiveOptions;

use crate::namespace::{Sender, inside, wire};
use crate::watched::{Watched, only_ours};

fn clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_nanos(0).after(since)
}

#[test]
fn what_is_sent_is_seen_once_in_order_and_numbered() {
    inside(
        "frames::what_is_sent_is_seen_once_in_order_and_numbered",
        || {
            wire();
            // Room for seven frames: most fills end with a frame too many, which must not be lost.
            let mut watched = Watched::new(&only_ours("far"), Batch::with_room(64 << 10, 7));
            let before = clock();
            Sender::new().send(0..1000);
            watched.until("1000 frames", |watched| watched.numbers.len() >= 1000);
            let after = clock();
            assert!(watched.numbers.iter().copied().eq(0..1000));
            assert!(watched.frames.iter().copied().eq(1..=1000));

            let info = watched.tap.tally().info();
            assert_eq!((info.path.as_str(), info.frames), ("far", 1000));
            assert_eq!(
                info.bytes,
                1000 * (14 + 20 + 8 + 4),
                "Ethernet, IPv4, UDP, payload"
            );
            assert_eq!(info.link_types, [LinkType(1)]);
            assert_eq!(
                (info.dropped_kernel, info.dropped_interface),
                (Some(0), Some(0))
            );
            assert_eq!((info.truncated, info.out_of_order), (0, 0));
            assert!(before <= info.first.unwrap() && info.last.unwrap() <= after);
        },
    );
}

#[test]
fn a_batch_that_does_not_fill_is_handed_on_soon() {
    inside(
        "frames::a_batch_that_does_not_fill_is_handed_on_soon",
        || {
            wire();
            let mut watched = Watched::new(&only_ours("far"), Batch::with_room(1 << 20, 1000));
            let sender = Sender::new();
            for number in 0..10 {
                let sent = Instant::now();
                sender.send([number]);
                watched.until("the frame", |watched| {
                    watched.numbers.last() == Some(&number)
                });
                // The kernel keeps it for 100 ms; the rest is for a machine under load.
                assert!(
                    sent.elapsed() < Duration::from_secs(1),
                    "{:?}",
                    sent.elapsed()
                );
            }
        },
    );
}

#[test]
fn silence_moves_time_but_never_beyond_a_frame_to_come() {
    inside(
        "frames::silence_moves_time_but_never_beyond_a_frame_to_come",
        || {
            wire();
            let mut watched = Watched::new(&only_ours("far"), Batch::with_room(1 << 20, 1000));
            let begun = clock();
            watched.until("time to pass", |watched| watched.now > begun);
            assert!(watched.numbers.is_empty());
            assert!(watched.now < clock());
            // At every moment of the kernel's timer, from a thread of its own; `Watched::fill` compares.
            let sending = std::thread::spawn(|| {
                let sender = Sender::new();
                let begun = Instant::now();
                let mut sent = 0;
                while begun.elapsed() < Duration::from_secs(2) {
                    sender.send([sent]);
                    sent += 1;
                    std::thread::park_timeout(Duration::from_millis(u64::from(sent % 37)));
                }
                sent
            });
            watched.until("the sender", |_| sending.is_finished());
            let sent = sending.join().unwrap() as usize;
            watched.until("all frames", |watched| watched.numbers.len() == sent);
        },
    );
}

#[test]
fn what_does_not_fit_the_kernels_buffer_is_counted() {
    inside(
        "frames::what_does_not_fit_the_kernels_buffer_is_counted",
        || {
            wire();
            let options = LiveOptions {
                buffer_bytes: 512 << 10,
                ..only_ours("far")
            };
            let mut watched = Watched::new(&options, Batch::with_room(1 << 20, 10_000));
            // Nobody reads meanwhile.
            Sender::new().send(0..20_000);
            watched.until("every frame to be seen or counted", |watched| {
                let info = watched.tap.tally().info();
                info.frames + info.dropped_kernel.unwrap() >= 20_000
            });
            let info = watched.tap.tally().info();
            assert_eq!(info.frames + info.dropped_kernel.unwrap(), 20_000);
            assert!(info.dropped_kernel.unwrap() > 0, "{info:?}");
            assert!(watched.numbers.is_sorted());
        },
    );
}

#[test]
fn frames_are_cut_at_the_snap_length_and_counted() {
    inside(
        "frames::frames_are_cut_at_the_snap_length_and_counted",
        || {
            wire();
            let options = LiveOptions {
                // Ends within the payload: a filter needs the headers.
                snaplen: 44,
                ..only_ours("far")
            };
            let mut watched = Watched::new(&options, Batch::with_room(1 << 20, 100));
            Sender::new().send(0..3);
            watched.until("three frames", |watched| watched.numbers.len() == 3);
            let info = watched.tap.tally().info();
            assert_eq!((info.truncated, info.bytes), (3, 132));
        },
    );
}

#[test]
fn without_a_name_the_inside_of_a_gateway_is_chosen_and_the_reason_told() {
    inside(
        "frames::without_a_name_the_inside_of_a_gateway_is_chosen_and_the_reason_told",
        || {
            wire();
            let options = LiveOptions::default();
            let watched = Watched::new(&options, Batch::with_room(1 << 20, 100));
            assert_eq!(watched.tap.name(), "near", "the only one with an address");

            std::fs::write("/proc/sys/net/ipv4/ip_forward", "1").unwrap();
            crate::namespace::ip("addr add 198.51.100.7/24 dev far");
            crate::namespace::ip("route add default via 198.51.100.1 dev far");
            let watched = Watched::new(&options, Batch::with_room(1 << 20, 100));
            assert_eq!(watched.tap.name(), "near");
            let said = watched.tap.opening();
            assert!(said.contains("private address"), "{said}");

            std::fs::write("/proc/sys/net/ipv4/ip_forward", "0").unwrap();
            let watched = Watched::new(&options, Batch::with_room(1 << 20, 100));
            assert_eq!(watched.tap.name(), "far");
            assert!(watched.tap.opening().contains("default route"));
        },
    );
}
