//! Results go to standard output, everything else to standard error; pipes may close and disks may be full.

use std::process::{Command, Output};

use crate::run::{PROGRAM, capture, finish, program, run, written};

/// Runs a line of shell in which `$WINDFALL` is the program and `$FILE` a capture.
fn shell(line: &str, file: &str) -> Output {
    Command::new("/bin/sh")
        .args(["-c", line])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("WINDFALL", PROGRAM)
        .env("FILE", capture(file))
        .output()
        .unwrap()
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    for (format, command) in [
        ("json", "replay --flows all --format json"),
        ("ndjson", "replay --flows all --format ndjson"),
        ("text", "replay --flows all"),
        ("csv", "replay --format csv"),
        ("html", "replay --format html"),
    ] {
        // The report is written into a pipe whose reader has gone; its status comes over another descriptor.
        let line = format!(
            "exec 3>&1; {{ \"$WINDFALL\" {command} \"$FILE\"; echo \"status $?\" >&3; }} | head -c 100 >/dev/null"
        );
        let output = shell(&line, "itunes-failure.pcapng");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "status 1\n",
            "{format}"
        );
    }
    let output = shell(
        "\"$WINDFALL\" replay --format json \"$FILE\" | head -c 100",
        "itunes-failure.pcapng",
    );
    assert_eq!(output.stdout.len(), 100);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_closed_pipe_is_quiet_for_every_command() {
    for command in [
        "--help",
        "catalogue hosts",
        "explain 3194",
        "completions bash",
        "man",
    ] {
        let line = format!("\"$WINDFALL\" {command} | true");
        let output = shell(&line, "refused.pcapng");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{command}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told() {
    let output = shell(
        "\"$WINDFALL\" replay \"$FILE\" > /dev/full",
        "healthy-store.pcapng",
    );
    assert_eq!(output.status.code(), Some(4));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("cannot write to standard output"), "{told}");
    assert!(told.contains("No space left"), "{told}");
}

#[test]
fn standard_input_is_read() {
    for name in ["itunes-failure.pcapng", "icmp-prohibited.pcap.gz"] {
        let bytes = std::fs::read(capture(name)).unwrap();
        let piped = finish(program().args(["replay", "-"]).write_stdin(bytes)).ended(1);
        let read = run(["replay", &capture(name)]).ended(1);
        let rest = |text: &str| text.split_once('\n').unwrap().1.to_owned();
        assert!(piped.out.contains("standard input"), "{}", piped.out);
        assert_eq!(rest(&piped.out), rest(&read.out));
    }
}

#[test]
fn several_files_are_merged_by_time() {
    let (earlier, later) = (capture("http-error.pcapng"), capture("tls-alert.pcapng"));
    let one = run(["replay", "--format", "json", &earlier, &later])
        .ended(1)
        .json();
    let other = run(["replay", "--format", "json", &later, &earlier])
        .ended(1)
        .json();
    assert_eq!(
        one["requirements"].as_array().unwrap().len(),
        other["requirements"].as_array().unwrap().len()
    );
    let ids = |report: &serde_json::Value| -> Vec<String> {
        let flows = report["flows"].as_array().unwrap();
        flows
            .iter()
            .map(|flow| flow["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(&one), ids(&other));
    assert_eq!(one["captures"].as_array().unwrap().len(), 2);
    let failing: Vec<_> = crate::run::tried(&one)
        .into_iter()
        .filter(|(_, status)| status == "failing")
        .map(|(pattern, _)| pattern)
        .collect();
    assert_eq!(
        failing,
        ["albert.apple.com", "gs.apple.com", "ocsp.digicert.com"]
    );
    // Evidence says which file it is in.
    let flow = one["flows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|flow| flow["cause"] == "tls-alert")
        .unwrap();
    let evidence = flow["evidence"].as_array().unwrap().last().unwrap();
    assert_eq!(evidence["capture"], 1);
    let text = run(["replay", &earlier, &later]).out;
    assert!(
        text.contains(&format!("file 2 frame {}", evidence["frame"])),
        "{text}"
    );
}

#[test]
fn no_escape_reaches_a_pipe_and_colour_can_be_forced() {
    let demo = capture("itunes-failure.pcapng");
    let plain = run(["replay", &demo]);
    assert!(!plain.out.contains('\x1b') && !plain.told.contains('\x1b'));
    let never = run(["replay", "--color", "never", &demo]);
    assert_eq!(never.out, plain.out);
    let coloured = run(["replay", "--color", "always", &demo]).out;
    assert!(coloured.contains("\x1b[1;31m✗ failing"), "{coloured}");
    let json = run(["replay", "--color", "always", "--format", "json", &demo]).out;
    assert!(!json.contains('\x1b'));
}

#[test]
fn diagnostics_go_to_standard_error_or_the_log_file() {
    let healthy = capture("healthy-store.pcapng");
    let quiet = run(["replay", &healthy]).ended(0);
    assert_eq!(quiet.told, "");
    let verbose = run(["replay", "-v", &healthy]).ended(0);
    assert!(verbose.told.contains("replayed"), "{}", verbose.told);
    assert_eq!(verbose.out, quiet.out);
    let log = written("run.log", b"");
    let logged = run(["replay", "-v", "--log-file", &log, &healthy]).ended(0);
    assert_eq!(logged.told, "");
    assert!(std::fs::read_to_string(&log).unwrap().contains("replayed"));
    let nowhere = run(["replay", "--log-file", "/nonexistent/run.log", &healthy]).ended(2);
    assert!(
        nowhere.told.contains("/nonexistent/run.log"),
        "{}",
        nowhere.told
    );
}
