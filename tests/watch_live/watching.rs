//! `windfall watch` under way: the lines it says, the signals it gets, what it leaves behind.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::namespace::text;

/// Longest that anything may take; what is waited for comes much sooner.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Watching {
    child: Child,
    lines: Receiver<String>,
    /// What it said so far.
    pub(crate) said: Vec<String>,
}

/// What was left when it had ended.
pub(crate) struct Left {
    /// None if a signal killed it.
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) said: Vec<String>,
}

impl Left {
    #[track_caller]
    pub(crate) fn report(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

impl Watching {
    /// Watches `far`, and is capturing.
    pub(crate) fn far(arguments: &str) -> Self {
        Self::far_with(arguments, &[])
    }

    /// The same, with these variables in its environment.
    pub(crate) fn far_with(arguments: &str, variables: &[(&str, &str)]) -> Self {
        let mut watching = Self::start(
            &format!("-i far --no-tui --format json --workers 2 {arguments}"),
            variables,
        );
        watching.until("capturing on far");
        watching
    }

    fn start(arguments: &str, variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_windfall"))
            .arg("watch")
            .args(arguments.split_whitespace())
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (say, lines) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = say.send(line);
            }
        });
        Self {
            child,
            lines,
            said: Vec::new(),
        }
    }

    /// Waits for a line with these words, which may have come before.
    #[track_caller]
    pub(crate) fn until(&mut self, words: &str) {
        while !self.said.iter().any(|line| line.contains(words)) {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.said.push(line),
                Err(error) => panic!("{words:?} was never said ({error}): {:#?}", self.said),
            }
        }
    }

    /// Whether a line with these words came, or comes within this time.
    pub(crate) fn says_within(&mut self, words: &str, patience: Duration) -> bool {
        let begun = Instant::now();
        while !self.said.iter().any(|line| line.contains(words)) {
            let left = patience.saturating_sub(begun.elapsed());
            match self.lines.recv_timeout(left) {
                Ok(line) => self.said.push(line),
                Err(_) => return false,
            }
        }
        true
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -{name} {}", self.child.id())])
            .output()
            .unwrap();
        assert!(sent.status.success(), "{}", text(&sent));
    }

    /// Waits until it has begun to write its report, and reads no more of that than this.
    pub(crate) fn first_byte(&mut self) {
        let out = self.child.stdout.as_mut().unwrap();
        out.read_exact(&mut [0]).unwrap();
    }

    /// Waits for its end, without reading what it writes on standard output.
    #[track_caller]
    pub(crate) fn status_unread(mut self) -> Option<i32> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(begun.elapsed() < PATIENCE, "it goes on: {:#?}", self.said);
            std::thread::yield_now();
        }
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn left(mut self) -> Left {
        let mut stdout = self.child.stdout.take().unwrap();
        let (hand, read) = channel();
        std::thread::spawn(move || {
            let mut out = String::new();
            let _ = hand.send(stdout.read_to_string(&mut out).map(|_| out));
        });
        let out = read
            .recv_timeout(PATIENCE)
            .unwrap_or_else(|_| panic!("it goes on: {:#?}", self.said))
            .unwrap();
        let status = self.child.wait().unwrap().code();
        let mut said = std::mem::take(&mut self.said);
        said.extend(self.lines.iter());
        Left { status, out, said }
    }
}

impl Drop for Watching {
    /// A test that failed leaves nothing running.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
