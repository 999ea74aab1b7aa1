//! `windfall explain`: what an error number or the code of a cause or finding means, and how it fares in captures.

use std::io;
use std::path::PathBuf;

use clap::Args;
use windfall::catalogue::{CauseText, ErrorText, RemedyFacts, RequirementId};
use windfall::pipeline::replay::Outcome;
use windfall::report::page::{Page, Paint};
use windfall::report::text;
use windfall::verdict::findings::CODES;
use windfall::verdict::outcome::{Cause, Where};
use windfall::verdict::summary::{Requirement, Summary};

use super::arguments::Global;
use super::exit::{Exit, Fault};
use super::replay::{colour, exit, judge, request};
use super::{chosen_catalogue, diagnostics, stdout};

/// Arguments of `explain`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  windfall explain 3194                   which hosts to look at first when iTunes shows 3194
  windfall explain 3194 trace.pcapng      and how they fare in this capture
  windfall explain syn-unanswered         what a cause in a report means
  windfall explain bonjour-filtered       what a finding in a report means
  windfall explain dropped-in-gateway     where it broke, when both sides of a gateway were captured

With captures, the exit status is that of replay, for the requirements shown.")]
pub(super) struct Explain {
    /// An iTunes error number (3000 to 3999), or the code of a cause, a finding or a place (where) in a report.
    #[arg(value_name = "CODE")]
    code: String,
    /// Capture files to look into; - is standard input.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// What a code stands for.
enum Meaning {
    Error(ErrorText),
    Cause(Cause, CauseText),
    Finding(CauseText),
    Where(Where, CauseText),
}

/// Runs the command.
pub(super) fn run(command: &Explain, global: &Global) -> Result<Exit, Fault> {
    let catalogue = chosen_catalogue::build(global, &[])?;
    let meaning = meaning(&command.code, &catalogue)?;
    let outcome = (!command.files.is_empty()).then(|| {
        let mut outcome = judge(&request(&command.files, &catalogue, None, global));
        let patterns: Vec<String> = match &meaning {
            Meaning::Error(error) => patterns(&error.requirements, &catalogue),
            Meaning::Cause(..) | Meaning::Finding(_) | Meaning::Where(..) => Vec::new(),
        };
        keep(&mut outcome.summary, &meaning, &patterns);
        outcome
    });
    let status = outcome.as_ref().map_or(Exit::Fine, exit);
    let colour = colour(global.color);
    let written = stdout::write(status, |out| {
        tell(&mut Page::new(&mut *out, colour), &meaning, &catalogue)?;
        let Some(outcome) = &outcome else {
            return Ok(());
        };
        writeln!(out)?;
        if let Meaning::Finding(_) = meaning {
            text::write_findings(&outcome.summary, colour, out)?;
            if outcome.summary.findings.is_empty() {
                writeln!(out, "\n✓ nothing like this here")?;
            }
            return Ok(());
        }
        text::write_requirements(&outcome.summary, colour, out)?;
        if outcome.summary.requirements.is_empty() {
            writeln!(out, "\n✓ no required connection shows this here")?;
        }
        Ok(())
    });
    outcome.iter().for_each(tell_failures);
    written
}

fn tell_failures(outcome: &Outcome<'_>) {
    for failure in &outcome.failures {
        diagnostics::say(&format!("error: {failure}"));
    }
}

fn meaning(code: &str, catalogue: &windfall::catalogue::Catalogue) -> Result<Meaning, Fault> {
    if let Ok(number) = code.parse() {
        return catalogue
            .explain_error(number)
            .map(Meaning::Error)
            .ok_or_else(|| {
                Fault::usage(anyhow::anyhow!(
                    "nothing is known of error {number}; the article speaks of 3000 to 3999"
                ))
            });
    }
    let code = code.to_ascii_lowercase();
    let text = catalogue.explain_cause(&code).cloned();
    if let Some((cause, text)) = Cause::from_code(&code).zip(text) {
        return Ok(Meaning::Cause(cause, text));
    }
    if let Some(text) = catalogue.explain_finding(&code) {
        return Ok(Meaning::Finding(text.clone()));
    }
    let text = catalogue.explain_where(&code).cloned();
    if let Some((place, text)) = Where::from_code(&code).zip(text) {
        return Ok(Meaning::Where(place, text));
    }
    let places: Vec<&str> = Where::ALL.iter().map(|place| place.as_str()).collect();
    let codes: Vec<&str> = Cause::ALL.iter().map(|cause| cause.as_str()).collect();
    Err(Fault::usage(anyhow::anyhow!(
        "{code:?} is neither an iTunes error number nor a cause, a finding or a place; the causes are {}; the findings {}; the places {}",
        codes.join(", "),
        CODES.join(", "),
        places.join(", ")
    )))
}

fn patterns(ids: &[RequirementId], catalogue: &windfall::catalogue::Catalogue) -> Vec<String> {
    ids.iter()
        .filter_map(|id| catalogue.requirement(*id))
        .map(|requirement| requirement.pattern.clone())
        .collect()
}

/// Keeps the requirements that the code speaks of, in its order, or the findings.
fn keep(summary: &mut Summary, meaning: &Meaning, patterns: &[String]) {
    let place = |pattern: &str| patterns.iter().position(|known| known == pattern);
    match meaning {
        Meaning::Error(_) => {
            summary
                .requirements
                .retain(|row| place(&row.pattern).is_some());
            summary.requirements.sort_by_key(|row| place(&row.pattern));
        }
        Meaning::Cause(cause, _) => summary.requirements.retain(|row| row.cause == Some(*cause)),
        Meaning::Where(place, _) => {
            let there = |row: &Requirement| row.whereabouts == Some(*place);
            summary.requirements.retain(there);
        }
        Meaning::Finding(text) => {
            summary.requirements.clear();
            summary.findings.retain(|finding| finding.code == text.code);
        }
    }
}

fn tell(
    page: &mut Page<'_>,
    meaning: &Meaning,
    catalogue: &windfall::catalogue::Catalogue,
) -> io::Result<()> {
    match meaning {
        Meaning::Cause(_, text) | Meaning::Finding(text) | Meaning::Where(_, text) => {
            let remedy = text.remedy_with(&RemedyFacts::default());
            title(page, &text.code, &text.title)?;
            part(page, "means", &text.meaning)?;
            part(page, "check", &text.check)?;
            part(page, "do", &remedy)?;
            if text.remedy_server.is_some() {
                let facts = RemedyFacts {
                    by_server: true,
                    ..RemedyFacts::default()
                };
                let remedy = text.remedy_with(&facts);
                part(
                    page,
                    "or",
                    &format!("If the server did it itself: {remedy}"),
                )?;
            }
            Ok(())
        }
        Meaning::Error(error) => {
            title(
                page,
                &format!("iTunes error {}", error.number),
                &error.title,
            )?;
            part(page, "means", &error.meaning)?;
            part(page, "check", &error.check)?;
            part(page, "do", &error.remedy)?;
            part(page, "source", &error.source)?;
            page.heading("LOOK AT FIRST", "most likely first")?;
            for id in &error.requirements {
                if let Some(entry) = catalogue.requirement(*id) {
                    let line = page
                        .line()
                        .to(2)
                        .put(Paint::Strong, &entry.pattern)
                        .to(30)
                        .plain(&entry.service);
                    page.end(&line)?;
                }
            }
            Ok(())
        }
    }
}

fn title(page: &mut Page<'_>, code: &str, text: &str) -> io::Result<()> {
    let line = page.line().put(Paint::Strong, code).plain(": ").plain(text);
    page.end(&line)
}

fn part(page: &mut Page<'_>, name: &str, text: &str) -> io::Result<()> {
    let line = page.line().to(2).put(Paint::Dim, name).to(10);
    page.paragraph(line, Paint::Plain, text)
}
