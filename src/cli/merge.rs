//! `windfall merge`: one report out of those of several runs.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::Deserializer;
use windfall::merge::{Named, continued, merge};
use windfall::report;
use windfall::verdict::rows::is_fault;
use windfall::verdict::summary::Summary;

use super::arguments::Global;
use super::exit::{Exit, Fault};
use super::report_flags::ReportFlags;
use super::{diagnostics, stdout};

/// Arguments of `merge`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  windfall merge monday.json tuesday.json
  windfall merge --format json part-*.json > whole.json
  for f in *.pcap; do windfall replay --format json \"$f\"; done | windfall merge -

Reports are those of --format json, of captures from one network. They may be merged in any order and any grouping, a
merged one again among them: the result is the same. What the attempts at a requirement come to is worked out anew from
all of them, so reports must list these (--flows required or all; all is the default of JSON).
A connection that goes on from one run's capture to another's counts once in each: replay such captures together.

The exit status is that of replay: 1 when something required is failing, 3 when a report cannot be read or tells of a
capture that was not read to its end.")]
pub(super) struct Merge {
    /// Reports; one file may hold several, one after the other. - is standard input.
    #[arg(value_name = "REPORT", required = true)]
    reports: Vec<PathBuf>,
    #[command(flatten)]
    report: ReportFlags,
}

/// Runs the command.
pub(super) fn run(command: &Merge, global: &Global) -> Result<Exit, Fault> {
    let mut reports = Vec::new();
    for path in &command.reports {
        read(path, &mut reports).map_err(|error| Fault {
            exit: Exit::Unreadable,
            error,
        })?;
    }
    let merged = merge(reports).map_err(Fault::usage)?;
    let cut = continued(&merged);
    if cut > 0 {
        diagnostics::say(&format!(
            "note: {cut} connections go on from one capture to another and count in each: replay these captures together"
        ));
    }
    let options = command.report.options(global.color);
    let written = stdout::write(status(&merged), |out| report::write(&merged, &options, out));
    for error in merged
        .captures
        .iter()
        .filter_map(|capture| capture.error.as_ref())
    {
        diagnostics::say(&format!("error: {error}"));
    }
    written
}

fn status(merged: &Summary) -> Exit {
    if merged
        .captures
        .iter()
        .any(|capture| capture.error.is_some())
    {
        Exit::Unreadable
    } else if merged.requirements.iter().any(is_fault) {
        Exit::Failing
    } else {
        Exit::Fine
    }
}

#[expect(clippy::disallowed_methods, reason = "reads the reports")]
fn read(path: &Path, reports: &mut Vec<Named>) -> anyhow::Result<()> {
    if path == Path::new("-") {
        return parse("standard input", io::stdin().lock(), reports);
    }
    let name = path.display().to_string();
    let file = File::open(path).with_context(|| format!("cannot read the report {name}"))?;
    parse(&name, BufReader::new(file), reports)
}

/// All reports of one input, named after it.
fn parse(name: &str, input: impl Read, reports: &mut Vec<Named>) -> anyhow::Result<()> {
    let before = reports.len();
    for report in Deserializer::from_reader(input).into_iter::<Summary>() {
        let report = report.with_context(|| {
            format!("{name} is no report of --format json (ndjson, text and CSV cannot be merged)")
        })?;
        let number = reports.len() - before + 1;
        let called = if number == 1 {
            name.to_owned()
        } else {
            format!("{name} (report {number})")
        };
        reports.push((called, report));
    }
    if reports.len() == before {
        bail!("{name} is empty: no report to merge");
    }
    Ok(())
}
