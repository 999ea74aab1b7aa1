//! What the rounds of a measurement come to: medians with the least and the most, as text and JSON.
//!
//! What a stage adds is a difference within one round. Differences can be negative: then the later stage hides the time
//! of the one before it, or the machine did something else meanwhile.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use windfall::pipeline::stages::Amount;
use windfall::report::page::Page;
use windfall::words::{counted, length};

use super::super::catalogue::table;
use super::Round;

/// The JSON object.
#[derive(Serialize)]
pub(super) struct Figures {
    version: &'static str,
    files: Vec<String>,
    packets: u64,
    /// Captured bytes of the packets.
    bytes: u64,
    /// Bytes of the files, after decompression: rates count these.
    file_bytes: u64,
    rounds: u64,
    stages: Vec<Stage>,
    runs: Vec<Run>,
}

/// One worker.
#[derive(Serialize)]
struct Stage {
    stage: &'static str,
    ns_per_packet: Spread,
}

/// A whole replay.
#[derive(Serialize)]
struct Run {
    workers: usize,
    ns_per_packet: Spread,
    packets_per_second: Spread,
    file_bytes_per_second: Spread,
    /// How many times as fast as one worker in the same round.
    speedup: Spread,
    peak_memory_bytes: Option<u64>,
}

#[derive(Clone, Copy, Serialize)]
struct Spread {
    median: f64,
    min: f64,
    max: f64,
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
        let last = values.len().saturating_sub(1);
        Self {
            median: f64::midpoint(at(last / 2), at(last.div_ceil(2))),
            min: at(0),
            max: at(last),
        }
    }

    fn text(self, told: impl Fn(f64) -> String) -> [String; 2] {
        [
            told(self.median),
            format!("{}–{}", told(self.min), told(self.max)),
        ]
    }
}

impl Figures {
    pub(super) fn of(
        files: &[PathBuf],
        amount: &Amount,
        workers: &[usize],
        rounds: &[Round],
    ) -> Self {
        let run = |(place, &workers)| run(amount, rounds, place, workers);
        Self {
            version: env!("CARGO_PKG_VERSION"),
            files: files
                .iter()
                .map(|file| file.display().to_string())
                .collect(),
            packets: amount.packets,
            bytes: amount.bytes,
            file_bytes: amount.file_bytes,
            rounds: length(rounds),
            stages: stages(amount, rounds),
            runs: workers.iter().enumerate().map(run).collect(),
        }
    }

    pub(super) fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        let said = format!(
            "{} of {}: {} of packets, {} of files; medians of {}",
            counted(self.packets, "packet", "packets"),
            counted(length(&self.files), "file", "files"),
            size(float(self.bytes)),
            size(float(self.file_bytes)),
            counted(self.rounds, "round", "rounds"),
        );
        let line = page.line().plain(&said);
        page.end(&line)?;
        page.blank()?;
        let stages: Vec<[String; 3]> = self.stages.iter().map(Stage::row).collect();
        table(page, ["STAGE", "NS A PACKET", "MIN–MAX"], &stages)?;
        page.blank()?;
        let runs: Vec<[String; 8]> = self.runs.iter().map(Run::row).collect();
        let heading = [
            "WORKERS",
            "NS A PACKET",
            "MIN–MAX",
            "PACKETS A SECOND",
            "GB A SECOND",
            "SPEED-UP",
            "MIN–MAX",
            "PEAK MEMORY",
        ];
        table(page, heading, &runs)
    }
}

impl Stage {
    fn row(&self) -> [String; 3] {
        let [median, spread] = self.ns_per_packet.text(nanos);
        [self.stage.to_owned(), median, spread]
    }
}

impl Run {
    fn row(&self) -> [String; 8] {
        let [ns, ns_spread] = self.ns_per_packet.text(nanos);
        let [speedup, speedup_spread] = self.speedup.text(|times| format!("{times:.2}"));
        let memory = self.peak_memory_bytes;
        [
            self.workers.to_string(),
            ns,
            ns_spread,
            format!("{:.2} M", self.packets_per_second.median / 1e6),
            format!("{:.2}", self.file_bytes_per_second.median / 1e9),
            speedup,
            speedup_spread,
            memory.map_or_else(|| "unknown".to_owned(), |bytes| size(float(bytes))),
        ]
    }
}

/// Each with what it adds to those before it, with one worker.
fn stages(amount: &Amount, rounds: &[Round]) -> Vec<Stage> {
    let stage = |stage, nanos: fn(&Round) -> f64| Stage {
        stage,
        ns_per_packet: Spread::of(
            rounds
                .iter()
                .map(|round| nanos(round) / float(amount.packets)),
        ),
    };
    let analyse = |round: &Round| analysed(round) - ns(round.decode);
    vec![
        stage("read", |round| ns(round.read)),
        stage("decode", |round| ns(round.decode) - ns(round.read)),
        stage("analyse", analyse),
        stage("report", |round| {
            round
                .replays
                .first()
                .map_or(f64::NAN, |took| ns(took.report))
        }),
    ]
}

/// Until one worker had analysed every packet.
fn analysed(round: &Round) -> f64 {
    round
        .replays
        .first()
        .map_or(f64::NAN, |took| ns(took.analyse))
}

/// The replays with so many workers, at this place in each round.
fn run(amount: &Amount, rounds: &[Round], place: usize, workers: usize) -> Run {
    let whole = |round: &Round, place: usize| {
        let took = round.replays.get(place);
        took.map_or(f64::NAN, |took| ns(took.analyse + took.report))
    };
    let over = |figure: &dyn Fn(&Round) -> f64| Spread::of(rounds.iter().map(figure));
    let first = rounds.first().and_then(|round| round.replays.get(place));
    Run {
        workers,
        ns_per_packet: over(&|round| whole(round, place) / float(amount.packets)),
        packets_per_second: over(&|round| float(amount.packets) / whole(round, place) * 1e9),
        file_bytes_per_second: over(&|round| float(amount.file_bytes) / whole(round, place) * 1e9),
        speedup: over(&|round| whole(round, 0) / whole(round, place)),
        // Later rounds would tell of replays with more workers.
        peak_memory_bytes: first.and_then(|took| took.peak),
    }
}

fn ns(took: Duration) -> f64 {
    took.as_secs_f64() * 1e9
}

#[expect(clippy::cast_precision_loss, reason = "told to a few digits")]
fn float(count: u64) -> f64 {
    count as f64
}

fn nanos(value: f64) -> String {
    format!("{value:.1}")
}

/// `34.2 MB`, `1.04 GB`.
fn size(bytes: f64) -> String {
    if bytes < 1e9 {
        format!("{:.1} MB", bytes / 1e6)
    } else {
        format!("{:.2} GB", bytes / 1e9)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_two_middle_ones() {
        for (values, told) in [
            (&[3.0, 1.0, 2.0][..], ["2.0", "1.0–3.0"]),
            (&[4.0, 1.0, 2.0, 3.0], ["2.5", "1.0–4.0"]),
            (&[7.0], ["7.0", "7.0–7.0"]),
        ] {
            assert_eq!(Spread::of(values.iter().copied()).text(nanos), told);
        }
    }
}
