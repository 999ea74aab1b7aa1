//! Wireshark reads evidence files and shows the comments.
//!
//! Runs where tshark is installed (`make test` installs it where it can); elsewhere it says that it was skipped.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::kept;

/// What tshark prints, unless it is not there; it must end well unless the file is cut.
pub(crate) fn tshark(path: &Path, fields: &[&str], cut: bool) -> Option<Vec<String>> {
    let mut command = Command::new("tshark");
    command.arg("-r").arg(path).args(["-T", "fields"]);
    for field in fields {
        command.args(["-e", field]);
    }
    let Ok(output) = command.output() else {
        eprintln!("skipped: tshark is not installed");
        return None;
    };
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() || (cut && told.contains("cut short")),
        "{told}"
    );
    let lines = String::from_utf8(output.stdout).unwrap();
    Some(lines.lines().map(str::to_owned).collect())
}

#[test]
fn every_failing_requirement_has_a_file_with_comments() {
    let folder = kept::folder("wireshark");
    let (summary, saved) = kept::saved(&kept::bundled("itunes-failure.pcapng"), &folder);
    let mut names: Vec<String> = saved
        .iter()
        .map(|saved| {
            saved
                .file
                .as_ref()
                .unwrap()
                .path
                .file_name()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "albert.apple.com-192.168.7.20.pcapng",
            "gs.apple.com-192.168.7.20.pcapng",
            "mesu.apple.com-192.168.7.21.pcapng",
            "push.apple.com-192.168.7.20.pcapng",
        ]
    );
    for saved in &saved {
        let file = saved.file.as_ref().unwrap();
        let mode = std::fs::metadata(&file.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let Some(comments) = tshark(&file.path, &["frame.comment"], false) else {
            return;
        };
        assert_eq!(comments.len() as u64, file.packets);
        let comments = comments.join("\n");
        let row = summary
            .requirements
            .iter()
            .find(|row| row.client.is_some() && saved.what.starts_with(&row.pattern))
            .unwrap();
        for evidence in &row.evidence {
            let note = format!("windfall: {}", evidence.note);
            assert!(comments.contains(&note), "{note} is not in:\n{comments}");
        }
        let flows = summary
            .flows
            .iter()
            .filter(|flow| row.flows.contains(&flow.id));
        for sentence in flows.filter_map(|flow| flow.explanation.as_ref()) {
            assert!(
                comments.contains(sentence),
                "{sentence} is not in:\n{comments}"
            );
        }
    }
    let mode = std::fs::metadata(&folder).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_reset_names_who_sent_it() {
    let folder = kept::folder("reset");
    let (_, saved) = kept::saved(&kept::bundled("reset-on-sni-middlebox.pcap"), &folder);
    let file = &saved[0].file.as_ref().unwrap().path;
    let Some(rows) = tshark(file, &["tcp.flags.reset", "frame.comment"], false) else {
        return;
    };
    // tshark 4.2 and later write True for 1.
    let said = rows.iter().any(|row| {
        (row.starts_with("1\twindfall: RST, TTL ") || row.starts_with("True\twindfall: RST, TTL "))
            && row.ends_with("reset-after-client-hello by middlebox")
    });
    assert!(said, "{rows:#?}");
}

#[test]
fn packets_are_the_captures_own() {
    let folder = kept::folder("own");
    let capture = kept::bundled("gso-super-frames.pcap");
    for capture in [
        capture,
        kept::bundled("path-mtu.pcapng"),
        kept::bundled("any-interface.pcap"),
    ] {
        let (_, saved) = kept::saved(&capture, &folder);
        let fields = [
            "frame.time_epoch",
            "frame.len",
            "frame.cap_len",
            "ip.id",
            "tcp.seq_raw",
        ];
        let Some(all) = tshark(&capture, &fields, false) else {
            return;
        };
        for saved in saved {
            let rows = tshark(&saved.file.unwrap().path, &fields, false).unwrap();
            assert!(!rows.is_empty());
            for row in rows {
                assert!(all.contains(&row), "{row} is not in {}", capture.display());
            }
        }
    }
}
