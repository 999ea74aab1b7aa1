//! The flags.

use std::path::{Path, PathBuf};

use assert_cmd::Command;

fn windfall(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_windfall"));
    let output = command.env_clear().args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn demo() -> String {
    format!(
        "{}/captures/itunes-failure.pcapng",
        env!("CARGO_MANIFEST_DIR")
    )
}

fn made(name: &str, bytes: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Without what differs from run to run.
fn untimed(json: &str) -> String {
    let mut value: serde_json::Value = serde_json::from_str(json).unwrap();
    value["summary"]["wall_ms"].take();
    value["summary"]["packets_per_second"].take();
    value.to_string()
}

#[test]
fn each_run_has_a_key_of_its_own_unless_a_file_holds_one() {
    let key = made("key", &[9; 32]);
    let key = key.to_str().unwrap();
    let json = |more: &[&str]| {
        let demo = demo();
        let arguments = [&["replay", "--format", "json"], more, &[demo.as_str()]].concat();
        let (status, out, told) = windfall(&arguments);
        assert_eq!((status, told.as_str()), (1, ""));
        assert!(!out.contains("192.168.7.20\"") && out.contains("gs.apple.com"));
        untimed(&out)
    };
    assert_ne!(json(&["--anonymize"]), json(&["--anonymize"]));
    let with_key = ["--anonymize-key", key];
    assert_eq!(json(&with_key), json(&with_key));
}

#[test]
fn the_evidence_is_as_anonymous_as_the_report() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("anonymous-evidence");
    let _ = std::fs::remove_dir_all(&folder);
    let folder = folder.to_str().unwrap();
    let demo = demo();
    let (status, out, told) = windfall(&["replay", "--anonymize", "--save-failing", folder, &demo]);
    assert_eq!(status, 1);
    let files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .collect();
    assert_eq!(files.len(), told.lines().count());
    assert!(
        !told.contains("192.168.7.20,") && !told.contains("192.168.7.20\n"),
        "{told}"
    );
    for file in files {
        let name = file.file_name().into_string().unwrap();
        let (_, address) = name.trim_end_matches(".pcapng").split_once("-192").unwrap();
        assert!(
            out.contains(&format!("192{address}")),
            "{name} is of no device in\n{out}"
        );
    }
}

#[test]
fn a_key_that_keeps_no_secret_is_refused_with_what_to_do() {
    let short = made("short-key", b"secret");
    let (status, out, told) = windfall(&[
        "replay",
        "--anonymize-key",
        short.to_str().unwrap(),
        &demo(),
    ]);
    assert_eq!((status, out.as_str()), (2, ""));
    assert!(
        told.contains("at least 16 bytes") && told.contains("/dev/urandom"),
        "{told}"
    );
    let (status, _, told) = windfall(&["replay", "--anonymize-key", "/nonexistent", &demo()]);
    assert_eq!(status, 2);
    assert!(told.contains("cannot read the key /nonexistent"), "{told}");
}

#[test]
fn the_screen_is_not_anonymous_and_says_so() {
    let (status, _, told) = windfall(&["replay", "--anonymize", "--tui", &demo()]);
    assert_eq!(status, 2);
    assert!(
        told.contains("--anonymize") && told.contains("--tui"),
        "{told}"
    );
}
