//! `windfall catalogue`, and what helps with the program itself.

use crate::run::{run, written};

#[test]
fn the_lists_are_shown() {
    let hosts = run(["catalogue", "hosts"]).ended(0).out;
    assert!(hosts.lines().count() > 100, "{hosts}");
    let gs = hosts
        .lines()
        .find(|line| line.starts_with("gs.apple.com "))
        .unwrap();
    assert!(
        gs.contains("itunes enterprise") && gs.contains("443/tcp"),
        "{gs}"
    );
    let ports = run(["catalogue", "ports"]).ended(0).out;
    assert!(
        ports.contains("5223/tcp") && ports.contains("42000-42999/tcp"),
        "{ports}"
    );
    let processes = run(["catalogue", "processes"]).ended(0).out;
    assert_eq!(processes.lines().count(), 22, "{processes}");
    assert!(
        processes.contains("AppleMobileDeviceService.exe"),
        "{processes}"
    );
}

#[test]
fn a_name_is_matched_and_look_alikes_are_not() {
    for (name, required) in [
        ("gs.apple.com", true),
        ("GS.APPLE.COM.", true),
        ("gs.apple.com:443", true),
        ("gs.apple.com:443/tcp", true),
        ("a.b.itunes.apple.com:443/tcp", true),
        ("gg7.apple.com:443/tcp", true),
        ("gs.apple.com:22/tcp", false),
        ("time.apple.com:123/tcp", false),
        ("gs.apple.com.evil.example", false),
        ("notgs.apple.com.", false),
        ("itunes.apple.com.evil.example:443", false),
        ("evilitunes.apple.com.example", false),
        ("xn--pple-43d.com", false),
        ("*.itunes.apple.com", false),
        ("localhost:3689/tcp", false),
    ] {
        let out = run(["catalogue", "match", name]).ended(0).out;
        assert_eq!(
            out.contains(": required, by the entry "),
            required,
            "{name}: {out}"
        );
    }
    let by_port = run(["catalogue", "match", "living-room.local:3689/tcp"]).out;
    assert!(by_port.contains("daap"), "{by_port}");
    let covered = run(["catalogue", "match", "gs.apple.com:22/tcp"]).out;
    assert!(
        covered.contains("covers the name, not the port"),
        "{covered}"
    );
    for wrong in [
        "gs.apple.com:0",
        "gs.apple.com:443/quic",
        ":443",
        "gs.apple.com:",
    ] {
        run(["catalogue", "match", wrong]).ended(2);
    }
    let escape = run(["catalogue", "match", "\x1b[31mgs.apple.com"])
        .ended(0)
        .out;
    assert!(
        escape.contains("\\x1b[31m") && !escape.contains('\x1b'),
        "{escape}"
    );
}

#[test]
fn a_file_of_ones_own_is_checked() {
    let right = written(
        "right.toml",
        b"[[host]]\npattern = \"mdm.example.com\"\nports = [\"443/tcp\"]\nuse = \"device management\"\n",
    );
    let ran = run(["catalogue", "check", &right]).ended(0);
    assert!(ran.out.contains("is right"), "{}", ran.out);
    let hosts = run(["catalogue", "hosts"]).out.lines().count() - 1;
    let counted = format!("hosts: {} with it, {hosts} without", hosts + 1);
    assert!(ran.out.contains(&counted), "{}", ran.out);
    let unknown = written(
        "unknown.toml",
        b"[[host]]\npattern = \"mdm.example.com\"\nprts = [\"443/tcp\"]\n",
    );
    let ran = run(["catalogue", "check", &unknown]).ended(2);
    assert!(
        ran.told.contains(&format!("{unknown}:3:1: ")) && ran.told.contains("prts"),
        "{}",
        ran.told
    );
}

#[test]
fn completions_and_the_manual_page_are_written() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(["completions", shell]).ended(0).out;
        assert!(
            script.contains("replay") && script.contains("allow-private"),
            "{shell}"
        );
    }
    let page = run(["man"]).ended(0).out;
    assert!(page.contains(".TH windfall 1"), "{page}");
    for chapter in [
        "WINDFALL REPLAY",
        "WINDFALL CATALOGUE MATCH",
        "WINDFALL EXPLAIN",
    ] {
        assert!(page.contains(&format!(".SH \"{chapter}\"")), "{page}");
    }
    assert!(
        page.contains("WINDFALL_CLIENT") || page.contains("WINDFALL\\_CLIENT"),
        "{page}"
    );
}
