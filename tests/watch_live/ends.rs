//! Ways to end: signals, interfaces that go, terminals that close. The report is written whenever it can be.

use std::time::Instant;

use crate::namespace::{inside, ip, wire};
use crate::terminal::Terminal;
use crate::watching::{PATIENCE, Watching};
use crate::wire::{Frames, arrives};

/// Of frames that came in; none was lost, in so few.
fn frames(report: &serde_json::Value) -> u64 {
    let capture = &report["captures"][0];
    for drops in ["dropped_kernel", "dropped_interface", "dropped_pipeline"] {
        assert_eq!(capture[drops], 0, "{drops}");
    }
    capture["frames"].as_u64().unwrap()
}

#[test]
fn a_signal_ends_it_with_the_report_and_its_status() {
    inside(
        "ends::a_signal_ends_it_with_the_report_and_its_status",
        || {
            wire();
            for (signal, capture, status) in [
                ("INT", "itunes-failure.pcapng", 1),
                ("TERM", "healthy-store.pcapng", 0),
            ] {
                let mut watching = Watching::far("");
                let mut sender = Frames::new();
                sender.capture(capture);
                arrives();
                watching.until("itunes.apple.com");
                watching.signal(signal);
                let left = watching.left();
                assert_eq!(left.status, Some(status), "{signal}: {:#?}", left.said);
                assert_eq!(frames(&left.report()), sender.sent, "{signal}");
            }
        },
    );
}

#[test]
fn a_second_signal_ends_it_at_once() {
    inside("ends::a_second_signal_ends_it_at_once", || {
        wire();
        let mut watching = Watching::far("");
        let mut sender = Frames::new();
        // More to report than a pipe takes: it waits for a reader.
        sender.capture("itunes-failure.pcapng");
        arrives();
        watching.until("itunes.apple.com");
        watching.signal("INT");
        watching.first_byte();
        watching.signal("INT");
        assert_eq!(watching.status_unread(), Some(128 + 2));
    });
}

#[test]
fn a_deleted_interface_ends_it_with_the_report_of_what_was_seen() {
    inside(
        "ends::a_deleted_interface_ends_it_with_the_report_of_what_was_seen",
        || {
            wire();
            let mut watching = Watching::far("");
            let mut sender = Frames::new();
            sender.capture("itunes-failure.pcapng");
            arrives();
            watching.until("itunes.apple.com");
            ip("link del far");
            let left = watching.left();
            assert_eq!(left.status, Some(3), "{:#?}", left.said);
            let told =
                "error: far was deleted; capture on it has ended (--reattach would wait for it)";
            assert!(
                left.said.iter().any(|line| line.contains(told)),
                "{:#?}",
                left.said
            );
            assert_eq!(frames(&left.report()), sender.sent);
        },
    );
}

#[test]
fn an_interface_made_anew_is_captured_on_if_asked_for() {
    inside(
        "ends::an_interface_made_anew_is_captured_on_if_asked_for",
        || {
            wire();
            let mut watching = Watching::far("--reattach");
            let mut first = Frames::new();
            first.capture("healthy-store.pcapng");
            arrives();
            watching.until("itunes.apple.com");
            ip("link del far");
            watching.until("far was deleted; waiting for it to be there again");
            wire();
            watching.until("far is there; capturing on it");
            let mut second = Frames::new();
            second.capture("itunes-failure.pcapng");
            arrives();
            watching.until("failing");
            watching.signal("INT");
            let left = watching.left();
            assert_eq!(left.status, Some(1), "{:#?}", left.said);
            assert_eq!(frames(&left.report()), first.sent + second.sent);
        },
    );
}

#[test]
fn a_terminal_that_closes_leaves_nothing_running() {
    inside(
        "ends::a_terminal_that_closes_leaves_nothing_running",
        || {
            if !Terminal::is_there() {
                crate::namespace::skipped("a terminal that closes", "needs `tmux`");
                return;
            }
            wire();
            // A SIGHUP that somebody sent would load the catalogue again, and the run would go on.
            for (flag, shown) in [("", "Required"), ("--no-tui", "capturing on far")] {
                let terminal = Terminal::new(&format!(
                    "exec {} watch -i far {flag}",
                    env!("CARGO_BIN_EXE_windfall")
                ));
                terminal.until(shown);
                let pid = terminal.tmux(&["display-message", "-p", "#{pane_pid}"]);
                let process = format!("/proc/{}", pid.trim());
                let name = std::fs::read_to_string(format!("{process}/comm")).unwrap();
                assert_eq!(name.trim(), "windfall");
                terminal.tmux(&["kill-pane"]);
                let begun = Instant::now();
                while std::fs::exists(&process).unwrap() {
                    assert!(begun.elapsed() < PATIENCE, "windfall {flag} lives on");
                    std::thread::yield_now();
                }
            }
        },
    );
}
