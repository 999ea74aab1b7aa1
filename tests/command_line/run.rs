//! Runs the program, in an environment with nothing in it.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_windfall");

/// What a run gave.
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) told: String,
}

impl Ran {
    /// The same run, if it ended so.
    #[track_caller]
    pub(crate) fn ended(self, status: i32) -> Self {
        assert_eq!(
            self.status, status,
            "out: {}\ntold: {}",
            self.out, self.told
        );
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

pub(crate) fn program() -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_clear();
    command
}

pub(crate) fn finish(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        told: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn run<const N: usize>(arguments: [&str; N]) -> Ran {
    finish(program().args(arguments))
}

/// A bundled capture.
pub(crate) fn capture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("captures")
        .join(name);
    assert!(path.is_file(), "{}", path.display());
    path.to_str().unwrap().to_owned()
}

/// A file of one test's own.
pub(crate) fn written(name: &str, bytes: &[u8]) -> String {
    let path: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Pattern and status of the requirements that were tried.
pub(crate) fn tried(report: &Value) -> Vec<(String, String)> {
    report["requirements"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| !row["client"].is_null())
        .map(|row| {
            let text = |field: &str| row[field].as_str().unwrap().to_owned();
            (text("pattern"), text("status"))
        })
        .collect()
}
