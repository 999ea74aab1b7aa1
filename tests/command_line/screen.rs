//! `replay --tui` in a terminal: what is left in it when the screen is gone.

use std::io::Write as _;

use crate::terminal::Terminal;

/// Shows this capture, quits, and gives back what stands in the terminal then.
fn left(capture: &str) -> Option<String> {
    if !Terminal::is_there() {
        // Past the harness, which shows nothing of a test that passes.
        let mut stderr = std::io::stderr();
        writeln!(stderr, "replay --tui: skipped: needs `tmux`").unwrap();
        return None;
    }
    let terminal = Terminal::new(&format!(
        "cd {} && {} replay --tui {capture}; echo it ended with $?; exec cat",
        env!("CARGO_MANIFEST_DIR"),
        env!("CARGO_BIN_EXE_windfall")
    ));
    terminal.until("  ended  ");
    terminal.tmux(&["send-keys", "q"]);
    terminal.until("it ended with ");
    Some(terminal.tmux(&["capture-pane", "-p", "-J"]))
}

#[test]
fn the_answer_stays_when_the_screen_is_gone() {
    let Some(left) = left("captures/itunes-failure.pcapng") else {
        return;
    };
    let lines: Vec<&str> = left.lines().collect();
    assert!(lines[0].starts_with("windfall ") && lines[0].contains("itunes-failure.pcapng"));
    let failing = "3 required connections are failing: albert.apple.com";
    assert!(left.contains(failing), "{left}");
    assert!(left.contains("\nit ended with 1\n"), "{left}");
    assert!(!left.contains("Required"), "the screen is gone: {left}");
}

#[test]
fn a_file_that_was_not_read_to_its_end_has_its_status() {
    let whole = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/captures/itunes-failure.pcapng"
    );
    let whole = std::fs::read(whole).unwrap();
    let cut = concat!(env!("CARGO_TARGET_TMPDIR"), "/cut.pcapng");
    std::fs::write(cut, &whole[..whole.len() - 7]).unwrap();
    if let Some(left) = left(cut) {
        assert!(left.contains("\nwindfall: error: "), "{left}");
        assert!(left.contains("\nit ended with 3\n"), "{left}");
    }
}
