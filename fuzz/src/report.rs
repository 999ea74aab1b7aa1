//! Everything a replay can say.

use std::sync::LazyLock;

use windfall::capture::frame::Frame;
use windfall::catalogue::{Catalogue, Profile};
use windfall::monitor::{Limits, Monitor};
use windfall::report::{Format, Options as Shown, write};
use windfall::verdict::assemble::Options;

/// The smaller profile: listing what was not seen takes most of the time.
pub static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::builtin(Profile::Itunes).expect("the catalogue is right"));

/// Bounds that short inputs hit.
pub const SMALL: Limits = Limits {
    flows: 8,
    lookups: 8,
    names: 8,
    hosts: 8,
    services: 8,
    reassembly_bytes: 4096,
    quic_openings: 8,
};

/// A monitor with these bounds.
pub fn monitor(limits: Limits) -> Monitor<'static> {
    Monitor::new(&CATALOGUE, limits)
}

/// The reports, in every format.
pub fn reports(monitor: &Monitor<'_>) -> Vec<Vec<u8>> {
    let options = Options::new(&CATALOGUE);
    let summary = monitor.summary(Vec::new(), &options);
    [
        Format::Text,
        Format::Json,
        Format::Ndjson,
        Format::Csv,
        Format::Html,
    ]
    .map(|format| {
        let shown = Shown {
            format,
            listed: None,
            colour: false,
        };
        let mut out = Vec::new();
        write(&summary, &shown, &mut out).expect("memory takes all");
        out
    })
    .into()
}

/// Replays the frames twice and holds the reports against each other; no control character may reach a terminal.
pub fn replay_twice<'a>(limits: Limits, frames: impl Iterator<Item = Frame<'a>> + Clone) {
    let [first, second] = [frames.clone(), frames].map(|frames| {
        let mut monitor = monitor(limits);
        for frame in frames {
            monitor.packet(&frame);
        }
        reports(&monitor)
    });
    check(&first, &second);
}

/// Holds the reports of two replays against each other; no control character may reach a terminal or a page.
pub fn check(first: &[Vec<u8>], second: &[Vec<u8>]) {
    for (first, second) in first.iter().zip(second) {
        let [first, second] = [first, second].map(|bytes| String::from_utf8_lossy(bytes));
        assert!(
            first == second,
            "the same packets, another report: {}",
            difference(&first, &second)
        );
    }
    let harmless = |letter: char| letter == '\n' || !letter.is_control();
    for shown in first.first().into_iter().chain(first.last()) {
        let text = std::str::from_utf8(shown).expect("a report for people is UTF-8");
        assert!(text.chars().all(harmless), "{text:?}");
    }
}

/// Both texts from shortly before where they part: whole reports are too long to be read in a log.
fn difference(first: &str, second: &str) -> String {
    let same = first.chars().zip(second.chars());
    let same = same.take_while(|(a, b)| a == b).count();
    let excerpt = |text: &str| -> String {
        text.chars()
            .skip(same.saturating_sub(200))
            .take(500)
            .collect()
    };
    format!("\n{}\nor\n{}", excerpt(first), excerpt(second))
}
