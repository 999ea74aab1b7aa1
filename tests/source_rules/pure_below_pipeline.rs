//! Only the outer modules touch the world. Below them there is no clock, file, socket, thread or terminal: the same
//! bytes give the same report, at any speed.
//!
//! clippy's `disallowed-methods` bans the calls; this bans the types and modules, and has no exceptions.

use std::fs;

use crate::rust_source::{files, module_of, paths, tokens};

/// Modules that read captures, run threads, and talk to the user.
const OUTER: &[&str] = &["main", "cli", "capture", "pipeline", "tui", "privilege"];
/// Words that reach out, wherever in a path they stand together.
const WORLD: &[&[&str]] = &[
    &["std", "fs"],
    &["std", "env"],
    &["std", "process"],
    &["std", "thread"],
    &["File"],
    &["TcpStream"],
    &["TcpListener"],
    &["UdpSocket"],
    &["Instant"],
    &["SystemTime"],
    &["Timestamp", "now"],
    &["Zoned", "now"],
    &["io", "stdin"],
    &["io", "stdout"],
    &["io", "stderr"],
];

fn reaches_out(source: &str) -> Vec<String> {
    paths(&tokens(source))
        .into_iter()
        .filter(|path| WORLD.iter().any(|words| holds(&path.segments, words)))
        .map(|path| format!("line {}: {}", path.line, path.segments.join("::")))
        .collect()
}

fn holds(segments: &[String], words: &[&str]) -> bool {
    segments.windows(words.len()).any(|window| window == words)
}

#[test]
fn nothing_below_the_pipeline_touches_the_world() {
    let mut found = Vec::new();
    for file in files("src") {
        if OUTER.contains(&module_of(&file)[0].as_str()) {
            continue;
        }
        for place in reaches_out(&fs::read_to_string(&file).unwrap()) {
            found.push(format!("{}: {place}", file.display()));
        }
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn a_way_out_is_seen_however_it_is_spelled() {
    for (source, seen) in [
        ("use std::{fmt, fs};", "line 1: std::fs"),
        ("use std::fs::File;", "line 1: std::fs::File"),
        (
            "\nuse std::net::{IpAddr, UdpSocket};",
            "line 2: std::net::UdpSocket",
        ),
        (
            "use std::time::{Duration, Instant as I};",
            "line 1: std::time::Instant",
        ),
        ("let t = SystemTime::now();", "line 1: SystemTime::now"),
        (
            "let t = jiff::Timestamp::now();",
            "line 1: jiff::Timestamp::now",
        ),
        (
            "use std::io; fn f() { io::stdout(); }",
            "line 1: io::stdout",
        ),
    ] {
        assert_eq!(reaches_out(source), [seen], "{source}");
    }
    let pure = "use std::{fmt, io::Write, net::IpAddr, time::Duration}; // std::fs";
    assert_eq!(reaches_out(pure), [""; 0]);
}
