//! A failure that no flow shows: names that nobody answered for. The packets of the questions are its evidence.

use windfall::capture::Replay;
use windfall::picture::{Question, Selection};
use windfall::pipeline::evidence::{Files, save, write_selection};
use windfall::verdict::outcome::{Outcome, Status};
use windfall::verdict::summary::Summary;

use crate::kept;
use crate::same_verdict::differences;

/// A required host of which nothing was seen but questions that failed.
fn unresolved(summary: &Summary) -> &str {
    let mut rows = summary.requirements.iter();
    let row = rows
        .find(|row| row.status == Status::Failing && row.flows.is_empty())
        .unwrap();
    &row.pattern
}

fn comments(path: &std::path::Path) -> Vec<String> {
    let mut replay = Replay::open(&[path]);
    while replay.advance() {}
    assert_eq!(replay.failures().count(), 0);
    let captures = replay.captures();
    let comments = captures[0].comments.iter();
    comments.map(|comment| comment.text.clone()).collect()
}

#[test]
fn a_requirement_that_only_dns_failed_has_a_file_with_comments() {
    let folder = kept::folder("questions-failing");
    let paths = [kept::bundled("itunes-failure.pcapng")];
    let (summary, _) = kept::judged(&paths[0]);
    let host = unresolved(&summary);
    let saved = save(&summary, &Files::replayed(&paths), &folder).unwrap();
    assert_eq!(differences(&summary, &saved), [""; 0]);
    let of_host = |saved: &&windfall::pipeline::evidence::Saved| saved.what.starts_with(host);
    let saved = saved.iter().find(of_host).unwrap();
    let path = &saved.file.as_ref().unwrap().path;
    let comments = comments(path);
    let (packets, _) = kept::packets(path);
    assert!(packets > 0);
    // One at its head, and one a packet.
    assert_eq!(
        comments.iter().filter(|text| text.contains("dns-")).count() as u64,
        packets + 1,
        "{comments:#?}"
    );
}

#[test]
fn questions_are_written_alone() {
    let folder = kept::made("questions");
    let paths = [kept::bundled("itunes-failure.pcapng")];
    let (summary, _) = kept::judged(&paths[0]);
    let host = unresolved(&summary);
    let asked = summary.dns.iter().filter(|question| question.name == host);
    let asked: Vec<_> = asked.collect();
    assert!(
        asked
            .iter()
            .all(|question| question.outcome != Outcome::Succeeded)
    );
    let selection = Selection {
        flows: Vec::new(),
        questions: asked
            .iter()
            .map(|question| Question::of(question))
            .collect(),
    };
    let source = Files::replayed(&paths);
    let saved = write_selection(&summary, &selection, &source, None, &folder).unwrap();
    let written = saved.file.as_ref().unwrap();
    let name = written.path.file_name().unwrap().to_string_lossy();
    assert!(
        name.starts_with("dns-20") && name.ends_with("192.168.7.21.pcapng"),
        "{name}"
    );
    let (again, failures) = kept::judged(&written.path);
    assert!(failures.is_empty(), "{failures:?}");
    let outcomes = |summary: &Summary| -> Vec<_> {
        let questions = summary.dns.iter().filter(|question| question.name == host);
        questions
            .map(|question| {
                (
                    question.kind.clone(),
                    question.transmissions,
                    question.cause,
                )
            })
            .collect()
    };
    assert_eq!(outcomes(&again), outcomes(&summary));
    // Each question and each answer says what it shows.
    let comments = comments(&written.path);
    assert_eq!(comments.len() as u64, written.packets, "{comments:#?}");
    assert!(comments.iter().any(|text| text.contains("dns-sinkholed")));
}
