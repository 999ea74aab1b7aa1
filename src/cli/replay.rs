//! `windfall replay`: reads captures, judges them, reports.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use windfall::anonymize::{Anonymizer, Key};
use windfall::catalogue::Catalogue;
use windfall::monitor::Limits;
use windfall::picture::{Run as _, Speed};
use windfall::pipeline::evidence::Files;
use windfall::pipeline::intake::Patience;
use windfall::pipeline::live::Setup;
use windfall::pipeline::playback::{Played, play};
use windfall::pipeline::replay::{Outcome, Request, replay};
use windfall::pipeline::scribes::FromFiles;
use windfall::process_list::ProcessLists;
use windfall::report::listed::Listed;
use windfall::report::{self, text};
use windfall::tui::{self, TuiError};
use windfall::verdict::rows::is_fault;
use windfall::verdict::summary::Summary;

use super::anonymize_flags::Anonymize;
use super::arguments::{Color, Format, Global};
use super::evidence_flags::SaveFailing;
use super::exit::{Exit, Fault, guarded};
use super::follow::Follow;
use super::process_lists::Processes;
use super::report_flags::ReportFlags;
use super::signals::Asked;
use super::{chosen_catalogue, diagnostics, duration, progress::Progress, stdout};

/// Arguments of `replay`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  windfall replay captures/itunes-failure.pcapng
  windfall replay --save-failing evidence captures/itunes-failure.pcapng
  windfall replay --format html trace.pcapng > report.html
  windfall replay --flows all monday.pcapng tuesday.pcapng.gz
  windfall replay --processes tasks.csv,sockets.txt trace.pcapng
  tcpdump -r big.pcap -w - net 17.0.0.0/8 | windfall replay --format csv - > report.csv
  windfall replay --anonymize --save-failing for-the-vendor trace.pcapng > for-the-vendor.txt
  windfall replay --follow /var/log/gateway.pcapng   tells what fails as it is written; Ctrl-C ends with the report
  windfall replay --format ndjson ring*.pcapng | jq 'select(.kind == \"requirement\" and .status == \"failing\")'

Files may be pcap or pcapng, plain or compressed (gzip, zstd); several are merged by time. Times in reports are UTC.
Lists of processes are joined by both ends of a connection (datagrams: by the sending end). On the Windows computer:
  tasklist /fo csv > tasks.csv & netstat -ano > sockets.txt
Captures of macOS and iOS (pktap, pcapng of Apple's tcpdump) name the processes themselves.

CSV has one row for each requirement and device, then one for each requirement that nobody tried.")]
pub(super) struct Replay {
    /// Capture files, merged by time; - is standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    report: ReportFlags,
    #[command(flatten)]
    processes: Processes,
    #[command(flatten)]
    evidence: SaveFailing,
    #[command(flatten)]
    anonymize: Anonymize,
    #[command(flatten)]
    follow: Follow,
    /// Show the capture on the screen: how things stood at any time of it.
    #[arg(long, env = "WINDFALL_TUI", hide_env_values = true, conflicts_with_all = ["anonymize", "anonymize_key"])]
    tui: bool,
    /// How fast the screen plays: so many times as fast as it was captured (1x, 10x), or max.
    #[arg(long, value_name = "SPEED", default_value = "1x", value_parser = speed, env = "WINDFALL_SPEED", hide_env_values = true)]
    speed: Speed,
    /// What counts for a status on the screen: attempts at most this much older than the newest one.
    #[arg(long, value_name = "TIME", value_parser = duration::parse, default_value = "5m", env = "WINDFALL_WINDOW", hide_env_values = true)]
    window: Duration,
}

/// Runs the command.
pub(super) fn run(command: &Replay, global: &Global) -> Result<Exit, Fault> {
    command.evidence.check(&command.files)?;
    let key = command.anonymize.key()?;
    let catalogue = chosen_catalogue::build(global, &[])?;
    let lists = command.processes.read()?;
    if command.follow.is_wanted() {
        let request = request(&command.files, &catalogue, lists, global);
        let ended =
            command
                .follow
                .run(request, command.window, command.tui, colour(global.color))?;
        let told = Told {
            exit: ended.exit,
            summary: &ended.summary,
            failures: &ended.failures,
        };
        return tell(command, &told, key, &catalogue, global);
    }
    if command.tui {
        return show(command, &catalogue, lists, global);
    }
    let listed = command.report.listed();
    let mut request = request(&command.files, &catalogue, lists, global);
    request.listed = rows_needed(command, listed);
    let outcome = judge(&request);
    let told = Told {
        exit: exit(&outcome),
        summary: &outcome.summary,
        failures: &outcome.failures,
    };
    let written = tell(command, &told, key, &catalogue, global);
    // The process ends: its memory goes as a whole, which is sooner than piece by piece.
    std::mem::forget(outcome.monitors);
    written
}

/// What there is to tell at the end.
struct Told<'a> {
    exit: Exit,
    summary: &'a Summary,
    failures: &'a [String],
}

/// Writes the report, what could not be read, and the evidence.
fn tell(
    command: &Replay,
    told: &Told<'_>,
    key: Option<Key>,
    catalogue: &Catalogue,
    global: &Global,
) -> Result<Exit, Fault> {
    let options = command.report.options(global.color);
    let anonymizer = key.map(|key| Anonymizer::new(&key, catalogue));
    let shown = anonymizer.as_ref().map(|to| to.summary(told.summary));
    let shown = shown.as_ref().unwrap_or(told.summary);
    let written = stdout::write(told.exit, |out| report::write(shown, &options, out));
    for failure in told.failures {
        diagnostics::say(&format!("error: {failure}"));
    }
    let files = Files::replayed(&command.files);
    let evidence = &command.evidence;
    if evidence.save(told.summary, &files, anonymizer.as_ref()) {
        written
    } else {
        written.map(|_| Exit::Unwritten)
    }
}

/// Plays the captures on the screen. What it showed last is told in a few lines at the end, and gives the status.
fn show(
    command: &Replay,
    catalogue: &Catalogue,
    lists: Option<ProcessLists>,
    global: &Global,
) -> Result<Exit, Fault> {
    let asked = Asked::listen().map_err(Fault::usage)?;
    let scribe = FromFiles {
        paths: &command.files,
        folder: PathBuf::from("."),
    };
    let setup = Setup {
        request: request(&command.files, catalogue, lists, global),
        window: Some(command.window),
        confinement: Vec::new(),
        patience: Patience::Wait,
        scribe: Some(&scribe),
    };
    let colour = colour(global.color);
    let ((shown, picture), played) = play(&setup, command.speed, |run| {
        let stop = || asked.is_set() || run.is_over();
        let screen = || tui::run(run, tui::Options { colour }, &stop).map(drop);
        (guarded(screen), run.picture())
    });
    if let Err(fault @ (TuiError::NotATerminal | TuiError::Terminal(_))) = shown {
        return Err(Fault::usage(fault));
    }
    let exit = exit_of_screen(&played, &picture.summary, shown.is_err());
    let answer = |out: &mut dyn Write| text::write_answer(&picture.summary, colour, out);
    let written = stdout::write(exit, answer);
    let unseen = shown.err().map(|error| error.to_string());
    let part = |part| format!("{part} of windfall failed (see above)");
    for error in played
        .broken
        .map(part)
        .or(unseen)
        .iter()
        .chain(&played.failures)
    {
        diagnostics::say(&format!("error: {error}"));
    }
    written
}

/// The status of what the screen showed last. `unseen`: the screen itself failed.
fn exit_of_screen(played: &Played, summary: &Summary, unseen: bool) -> Exit {
    if played.broken.is_some() || unseen {
        Exit::Broken
    } else {
        status(&played.failures, summary)
    }
}

/// `1x`, `10x`, `max`.
fn speed(text: &str) -> Result<Speed, String> {
    let times = || text.strip_suffix('x').unwrap_or(text).parse().ok();
    match (text, times()) {
        ("max", _) => Ok(Speed::Max),
        (_, Some(times)) if times > 0 => Ok(Speed::Times(times)),
        (_, _) => Err("must be max, or a whole number such as 1x or 10x".to_owned()),
    }
}

/// What is asked for by the flags of all commands.
pub(super) fn request<'a>(
    paths: &'a [PathBuf],
    catalogue: &'a Catalogue,
    lists: Option<ProcessLists>,
    global: &Global,
) -> Request<'a> {
    Request {
        paths,
        catalogue,
        timers: global.timers.get(),
        limits: global
            .max_flows
            .map_or_else(Limits::default, |flows| Limits {
                flows,
                ..Limits::default()
            }),
        clients: global.client.clone(),
        allow_private: global.allow_private.clone(),
        processes: lists,
        listed: Listed::All,
        workers: global.workers.unwrap_or(1),
    }
}

/// The flows and questions that must have rows for what is asked for: evidence is picked by them, and text tells of all.
fn rows_needed(command: &Replay, listed: Option<Listed>) -> Listed {
    // What sentences may name is looked for in all rows.
    if command.anonymize.is_wanted() {
        return Listed::All;
    }
    match command.report.format {
        Format::Json | Format::Ndjson if command.evidence.folder().is_none() => {
            listed.unwrap_or(Listed::All)
        }
        Format::Csv if command.evidence.folder().is_none() => Listed::Failing,
        _ => Listed::All,
    }
}

/// Reads and judges the captures.
#[expect(clippy::disallowed_methods, reason = "tells how long the replay took")]
pub(super) fn judge<'a>(request: &Request<'a>) -> Outcome<'a> {
    let progress = Progress::over(request.paths);
    let begun = Instant::now();
    let mut outcome = replay(request, |frames, bytes| progress.at(frames, bytes));
    let took = begun.elapsed();
    progress.clear();
    let totals = &mut outcome.summary.summary;
    totals.wall_ms = Some(took.as_secs_f64() * 1000.0);
    #[expect(clippy::cast_precision_loss, reason = "a rate, told to a few digits")]
    let frames = totals.frames as f64;
    totals.packets_per_second = Some(frames / took.as_secs_f64()).filter(|rate| rate.is_finite());
    tracing::info!(frames = totals.frames, ?took, "replayed");
    outcome
}

/// The status of a replay: a capture that was not read to its end comes before what the rest of it shows.
pub(super) fn exit(outcome: &Outcome<'_>) -> Exit {
    status(&outcome.failures, &outcome.summary)
}

fn status(failures: &[String], summary: &Summary) -> Exit {
    if !failures.is_empty() {
        Exit::Unreadable
    } else if summary.requirements.iter().any(is_fault) {
        Exit::Failing
    } else {
        Exit::Fine
    }
}

/// Whether text has colour.
pub(super) fn colour(color: Color) -> bool {
    let variable = |name: &str| std::env::var_os(name).unwrap_or_default();
    let says_no = !variable("NO_COLOR").is_empty() || variable("TERM") == "dumb";
    wants(color, stdout::is_terminal(), says_no)
}

/// What is asked for holds; else colour is for terminals, unless the environment says no.
const fn wants(color: Color, terminal: bool, says_no: bool) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && !says_no,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_for_terminals_that_do_not_mind() {
        assert!(wants(Color::Auto, true, false));
        assert!(!wants(Color::Auto, true, true));
        assert!(!wants(Color::Auto, false, false));
        assert!(wants(Color::Always, false, true));
        assert!(!wants(Color::Never, true, false));
    }
}
