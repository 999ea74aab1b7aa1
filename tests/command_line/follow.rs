//! `replay --follow`: a capture is read while it is written.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::run::{PROGRAM, capture, run};
use crate::terminal::Terminal;

/// A folder of one test's own.
fn place(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("follow")
        .join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder.join("growing.pcap")
}

fn demo() -> Vec<u8> {
    fs::read(capture("itunes-failure.pcapng")).unwrap()
}

/// The program at work on a file.
struct Following {
    child: Child,
    told: BufReader<std::process::ChildStderr>,
}

impl Following {
    fn of(file: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .env_clear()
            .args(["replay", "--follow", "--format", "json"])
            .args(more)
            .arg(file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let told = BufReader::new(child.stderr.take().unwrap());
        Self { child, told }
    }

    /// Reads what is told up to this line.
    fn until(&mut self, words: &str) {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert!(
                self.told.read_line(&mut line).unwrap() > 0,
                "{words} was never told"
            );
        }
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Status, report, and the rest of what is told.
    fn end(mut self) -> (i32, Value, String) {
        let mut out = String::new();
        let mut stdout = self.child.stdout.take().unwrap();
        stdout.read_to_string(&mut out).unwrap();
        let mut told = String::new();
        self.told.read_to_string(&mut told).unwrap();
        let status = self.child.wait().unwrap().code().unwrap();
        (status, serde_json::from_str(&out).unwrap(), told)
    }
}

/// What a report says of everything in it.
fn said(report: &Value) -> String {
    let parts = ["requirements", "flows", "dns", "findings"];
    parts.map(|part| report[part].to_string()).join("\n")
}

fn replayed(file: &str) -> Value {
    run(["replay", "--format", "json", file]).json()
}

#[test]
fn a_file_is_read_as_it_grows_from_whatever_byte_it_stopped_at() {
    let path = place("grows");
    let mut file = File::create(&path).unwrap();
    let bytes = demo();
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    // Not even the header is there yet; then records come in halves.
    let mut following = Following::of(&path, &[]);
    for piece in first.chunks(7919) {
        file.write_all(piece).unwrap();
    }
    following.until("✗ failing gs.apple.com");
    for piece in rest.chunks(7919) {
        file.write_all(piece).unwrap();
    }
    // Whoever writes goes on in another file.
    fs::rename(&path, path.with_extension("old")).unwrap();
    let (status, report, told) = following.end();
    assert_eq!(status, 3);
    assert!(
        told.contains("renamed or removed while it was followed"),
        "{told}"
    );
    let whole = replayed(&capture("itunes-failure.pcapng"));
    assert_eq!(said(&report), said(&whole));
}

#[test]
fn what_fails_is_told_while_the_file_is_written_and_reported_when_told_to_end() {
    let path = place("told");
    let bytes = demo();
    let half = bytes.len() / 2;
    fs::write(&path, &bytes[..half]).unwrap();
    let mut following = Following::of(&path, &[]);
    following.until("✗ failing gs.apple.com");
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(&bytes[half..bytes.len() - 5]).unwrap();
    following.until("failing mesu.apple.com");
    following.signal("-INT");
    let (status, report, told) = following.end();
    assert_eq!(status, 1, "{told}");
    assert!(
        !told.contains("error"),
        "the record that is being written is no fault: {told}"
    );
    assert!(said(&report).contains("\"status\":\"failing\""));
}

#[test]
fn a_file_that_is_cut_or_replaced_ends_it_with_what_was_read() {
    for (name, words) in [
        ("cut", "was cut while it was followed"),
        ("replaced", "another file has taken its name"),
    ] {
        let path = place(name);
        fs::write(&path, demo()).unwrap();
        let mut following = Following::of(&path, &[]);
        following.until("failing mesu.apple.com");
        if name == "cut" {
            File::create(&path).unwrap();
        } else {
            let other = path.with_extension("other");
            fs::write(&other, b"").unwrap();
            fs::rename(other, &path).unwrap();
        }
        let (status, report, told) = following.end();
        assert_eq!(status, 3);
        assert!(told.contains(words), "{told}");
        assert!(said(&report).contains("\"status\":\"failing\""));
    }
}

#[test]
fn a_record_that_is_damaged_is_told_with_its_place() {
    let path = place("damaged");
    let mut bytes = fs::read(capture("hello-unanswered.pcapng")).unwrap();
    let length = bytes.len();
    bytes[length - 2] ^= 0x40;
    fs::write(&path, &bytes).unwrap();
    let (status, _, told) = Following::of(&path, &[]).end();
    assert_eq!(status, 3);
    assert!(told.contains("at byte "), "{told}");
}

#[test]
fn it_ends_after_the_time_given() {
    let path = place("duration");
    fs::write(&path, demo()).unwrap();
    let (status, _, told) = Following::of(&path, &["--duration", "1s"]).end();
    assert!(status < 2, "{status}: {told}");
}

#[test]
fn what_cannot_be_followed_is_refused_with_what_to_do() {
    let demo = capture("itunes-failure.pcapng");
    for (files, status, words) in [
        (vec![demo.as_str(), demo.as_str()], 2, "reads one file"),
        (
            vec!["-"],
            2,
            "standard input is read as it comes without it",
        ),
        (vec!["/nonexistent"], 3, "/nonexistent"),
        (vec!["/dev/null"], 3, "only a file can be followed"),
    ] {
        let mut command = crate::run::program();
        let ran = crate::run::finish(command.args(["replay", "--follow"]).args(files));
        assert_eq!(ran.status, status, "{}", ran.told);
        assert!(ran.told.contains(words), "{}", ran.told);
    }
    let packed = capture("icmp-prohibited.pcap.gz");
    let ran = run(["replay", "--follow", &packed]).ended(3);
    assert!(
        ran.told.contains("compressed file cannot be followed"),
        "{}",
        ran.told
    );
    let ran = run(["replay", "--duration", "1s", &demo]).ended(2);
    assert!(ran.told.contains("--follow"), "{}", ran.told);
}

#[test]
fn it_is_shown_on_the_screen() {
    if !Terminal::is_there() {
        writeln!(
            std::io::stderr(),
            "replay --follow --tui: skipped: needs `tmux`"
        )
        .unwrap();
        return;
    }
    let path = place("screen");
    let bytes = demo();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let terminal = Terminal::new(&format!(
        "{PROGRAM} replay --follow --tui {}; echo it ended with $?; exec cat",
        path.display()
    ));
    terminal.until("gs.apple.com");
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(&bytes[bytes.len() / 2..]).unwrap();
    terminal.until("mesu.apple.com");
    terminal.tmux(&["send-keys", "q"]);
    terminal.until("it ended with 1");
}
