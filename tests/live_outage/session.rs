//! A session of `tests/lab/live.sh`, or why there can be none.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Holds a session, which succeeds, with these variables; gives back the folder of what it wrote. None, said on standard
/// error, where it cannot be held.
#[track_caller]
pub(crate) fn held(session: &str, folder: &str, variables: &[(&str, &str)]) -> Option<PathBuf> {
    if let Some(why) = hindrance(session) {
        // Past the harness, which shows nothing of a test that passes.
        let mut stderr = std::io::stderr();
        writeln!(stderr, "{folder}: skipped: {why}").unwrap();
        return None;
    }
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let _ = fs::remove_dir_all(&out);
    let ran = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lab/live.sh"))
        .args([session, env!("CARGO_BIN_EXE_windfall")])
        .arg(&out)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let saw = ["lines", "last.txt"].map(|file| fs::read_to_string(out.join(file)));
    assert!(
        ran.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&ran.stderr),
        saw.map(Result::unwrap_or_default).concat()
    );
    Some(out)
}

/// Why the session cannot run here.
fn hindrance(session: &str) -> Option<String> {
    let id = Command::new("id").arg("-u").output().ok()?;
    if id.stdout != b"0\n" {
        return Some("it needs root, to make network namespaces".to_owned());
    }
    let programs = [
        "ip",
        "nft",
        "curl",
        "dig",
        "dnsmasq",
        "nginx",
        "openssl",
        "ethtool",
        "sysctl",
        "/usr/bin/python3",
    ];
    let terminal = (session == "screen").then_some("tmux");
    let missing: Vec<&str> = programs
        .into_iter()
        .chain(terminal)
        .filter(|program| !in_path(program))
        .collect();
    (!missing.is_empty()).then(|| format!("{} not installed", missing.join(", ")))
}

fn in_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/sbin")])
        .any(|folder| folder.join(program).is_file())
}
