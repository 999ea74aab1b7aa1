//! Terminals for programs that want one.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::{Duration, Instant};

/// Terminals made so far: each has a server of its own.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Longest that anything may take; what is waited for comes much sooner.
const PATIENCE: Duration = Duration::from_secs(30);

/// A terminal that tmux holds, in a server of this test alone.
pub(crate) struct Terminal {
    server: String,
}

impl Terminal {
    /// Whether there can be one.
    pub(crate) fn is_there() -> bool {
        Command::new("tmux").arg("-V").output().is_ok()
    }

    /// Runs this command in 80 columns and 24 lines.
    pub(crate) fn new(command: &str) -> Self {
        let terminal = Self {
            server: format!(
                "windfall-{}-{}",
                std::process::id(),
                COUNT.fetch_add(1, SeqCst)
            ),
        };
        let size = ["-x", "80", "-y", "24"];
        let begins = ["-f", "/dev/null", "new-session", "-d"];
        terminal.tmux(&[&begins[..], &size, &[command]].concat());
        // A second window keeps the server.
        terminal.tmux(&["new-window", "-d", "cat"]);
        terminal
    }

    #[track_caller]
    pub(crate) fn tmux(&self, arguments: &[&str]) -> String {
        let ran = Command::new("tmux")
            .args(["-L", &self.server])
            .args(arguments)
            .output()
            .unwrap();
        assert!(ran.status.success(), "{arguments:?}: {ran:?}");
        String::from_utf8_lossy(&ran.stdout).into_owned()
    }

    #[track_caller]
    pub(crate) fn until(&self, words: &str) {
        let begun = Instant::now();
        loop {
            let screen = self.tmux(&["capture-pane", "-p"]);
            if screen.contains(words) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "no {words:?} in {screen}");
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = Command::new("tmux")
            .args(["-L", &self.server, "kill-server"])
            .output();
    }
}
