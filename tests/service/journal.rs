//! Lines for the journal have a priority and no time; other readers get them as ever.

use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

use crate::place::Place;

/// What `replay` of a file that is not there says, to a file that is called the journal, or is not.
fn said(place: &Place, is_journal: bool, arguments: &[&str]) -> String {
    let path = place.path("stderr");
    let file = File::create(&path).unwrap();
    let found = file.metadata().unwrap();
    let inode = if is_journal { found.ino() } else { 1 };
    let status = Command::new(env!("CARGO_BIN_EXE_windfall"))
        .args(arguments)
        .env("JOURNAL_STREAM", format!("{}:{inode}", found.dev()))
        .stderr(file)
        .output()
        .unwrap();
    assert!(!status.status.success());
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn the_journal_gets_priorities_and_others_do_not() {
    let place = Place::new("journal");
    let missing = ["replay", "-v", "/nowhere/missing.pcap"];
    let journal = said(&place, true, &missing);
    let errors: Vec<&str> = journal
        .lines()
        .filter(|line| line.starts_with("<3>"))
        .collect();
    assert_eq!(errors.len(), 1, "{journal}");
    assert!(
        errors[0].starts_with("<3>error: /nowhere/missing.pcap"),
        "{journal}"
    );
    // The log: its level as a priority, no time.
    let log: Vec<&str> = journal
        .lines()
        .filter(|line| line.starts_with("<6>"))
        .collect();
    assert!(!log.is_empty(), "{journal}");
    assert!(
        journal.lines().all(|line| line.starts_with('<')),
        "{journal}"
    );
    assert!(!journal.contains("INFO"), "{journal}");

    let other = said(&place, false, &missing);
    assert!(
        other.contains("windfall: error: /nowhere/missing.pcap"),
        "{other}"
    );
    assert!(!other.contains("<3>"), "{other}");
}

#[test]
fn what_is_wrong_with_the_command_line_has_a_priority_too() {
    let place = Place::new("journal-usage");
    let told = said(&place, true, &["watch", "--metrics", "9477"]);
    assert!(told.lines().all(|line| line.starts_with("<3>")), "{told}");
    assert!(told.contains("127.0.0.1:9477"), "{told}");
}
