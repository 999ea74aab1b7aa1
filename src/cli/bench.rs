//! `windfall bench`: how fast captures are replayed here, what each stage costs, and what more workers gain.
//!
//! The files are read once unmeasured, then in rounds. Each round does everything once, so that what else the machine
//! does meanwhile falls on all of it alike; what is told are medians over the rounds, with the least and the most.

mod figures;

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use windfall::capture::processors;
use windfall::catalogue::Catalogue;
use windfall::monitor::share::MAX_SHARES;
use windfall::pipeline::replay::replay;
use windfall::pipeline::stages::{self, Amount};
use windfall::report::listed::Listed;
use windfall::report::page::Page;
use windfall::report::{self, Options};

use super::arguments::{Global, at_least_one};
use super::exit::{Exit, Fault};
use super::replay::{colour, request};
use super::{chosen_catalogue, diagnostics, stdout};
use figures::Figures;

/// Arguments of `bench`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  windfall bench monday.pcap                          packets a second, a stage and in all, with 1, 2, 4, ... workers
  windfall bench --workers 3 --repeat 11 monday.pcap  with one worker and with three, in eleven rounds
  windfall bench --format json monday.pcap | jq '.runs[] | {workers, peak_memory_bytes}'

Stages, each with what it adds to those before it: read (the files, record by record), decode (link, network and
transport headers), analyse (flows, protocols), report (verdicts, and the report as JSON that is written nowhere).
One thread reads and walks a file while another analyses: what analysing adds is how much longer the two take together.
With several workers that thread also shares out what they take. Peak memory is the whole process's, of its biggest moment so far.

The exit status does not tell whether something fails: it is 0, or 3 when a capture could not be opened, or not be
read to its end (what was read is measured).")]
pub(super) struct Bench {
    /// Capture files, merged by time; each is read many times.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Rounds.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = at_least_one, env = "WINDFALL_REPEAT", hide_env_values = true)]
    repeat: usize,
    /// How the figures are written.
    #[arg(
        long,
        value_enum,
        default_value_t,
        env = "WINDFALL_FORMAT",
        hide_env_values = true
    )]
    format: Format,
}

/// How the figures are written.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON object
    Json,
}

/// What one round took, from opening the files on.
struct Round {
    read: Duration,
    decode: Duration,
    /// One for each number of workers.
    replays: Vec<Took>,
}

/// What one replay took.
struct Took {
    /// Until every packet was analysed.
    analyse: Duration,
    /// Summing up and writing.
    report: Duration,
    /// Most memory the process has held so far, in bytes.
    peak: Option<u64>,
}

/// Runs the command.
pub(super) fn run(command: &Bench, global: &Global) -> Result<Exit, Fault> {
    if command.files.iter().any(|path| path == Path::new("-")) {
        return Err(Fault::usage(anyhow::anyhow!(
            "bench reads each capture many times, which standard input does not allow: give it a file"
        )));
    }
    let catalogue = chosen_catalogue::build(global, &[])?;
    let amount = stages::read(&command.files);
    for failure in &amount.failures {
        diagnostics::say(&format!("error: {failure}"));
    }
    let exit = if amount.failures.is_empty() {
        Exit::Fine
    } else {
        Exit::Unreadable
    };
    if amount.packets == 0 {
        // There is nothing to divide by.
        return match exit {
            Exit::Fine => Err(Fault::usage(anyhow::anyhow!(
                "there is no packet to measure"
            ))),
            unreadable => Ok(unreadable),
        };
    }
    let workers = workers(global.workers);
    let rounds: Vec<Round> = (0..command.repeat)
        .map(|_| round(&command.files, &catalogue, global, &workers))
        .collect::<io::Result<_>>()
        .map_err(Fault::unwritten)?;
    let figures = Figures::of(&command.files, &amount, &workers, &rounds);
    stdout::write(exit, |out| match command.format {
        Format::Text => figures.text(&mut Page::new(out, colour(global.color))),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &figures)?;
            out.write_all(b"\n")
        }
    })
}

/// One worker always, to compare with; then those asked for, or doubled up to what the machine has processors for.
fn workers(asked: Option<usize>) -> Vec<usize> {
    let most = asked.unwrap_or_else(|| processors().min(MAX_SHARES));
    let mut numbers = vec![1];
    if asked.is_none() {
        numbers.extend(
            (1..)
                .map(|power| 1 << power)
                .take_while(|&number| number < most),
        );
    }
    numbers.extend((most > 1).then_some(most));
    numbers
}

fn round(
    files: &[PathBuf],
    catalogue: &Catalogue,
    global: &Global,
    workers: &[usize],
) -> io::Result<Round> {
    Ok(Round {
        read: time(|| stages::read(files)),
        decode: time(|| stages::decode(files)),
        replays: workers
            .iter()
            .map(|&workers| took(files, catalogue, global, workers))
            .collect::<io::Result<_>>()?,
    })
}

fn time(stage: impl FnOnce() -> Amount) -> Duration {
    let begun = clock();
    stage();
    begun.elapsed()
}

/// Replays as `replay --format json --flows failing` does.
fn took(
    files: &[PathBuf],
    catalogue: &Catalogue,
    global: &Global,
    workers: usize,
) -> io::Result<Took> {
    let mut request = request(files, catalogue, None, global);
    request.listed = Listed::Failing;
    request.workers = workers;
    let options = Options {
        format: report::Format::Json,
        listed: Some(Listed::Failing),
        colour: false,
    };
    let begun = clock();
    let mut analyse = Duration::ZERO;
    // The last time it is told, everything is analysed.
    let outcome = replay(&request, |_, _| analyse = begun.elapsed());
    report::write(&outcome.summary, &options, &mut io::sink())?;
    Ok(Took {
        analyse,
        report: begun.elapsed().saturating_sub(analyse),
        peak: peak_memory(),
    })
}

/// `VmHWM` (proc(5)); only Linux tells.
#[expect(
    clippy::disallowed_methods,
    reason = "asks how much memory the process has held"
)]
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes << 10)
}

#[expect(clippy::disallowed_methods, reason = "measures")]
fn clock() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_worker_is_always_measured_to_compare_with() {
        assert_eq!(workers(Some(1)), [1]);
        assert_eq!(workers(Some(3)), [1, 3]);
        let all = workers(None);
        assert_eq!(all.first(), Some(&1));
        assert!(all.is_sorted() && all.iter().all(|&number| number <= MAX_SHARES));
    }
}
