//! The report as JSON: one object, or one object a line.
//!
//! Output: `data/report.schema.json`, version 1, field for field what the summary holds; absent values are `null`.
//! Characters that a terminal would obey are written as `\u` sequences (RFC 8259 section 7), which any reader turns
//! back, so that a report can be looked at as it is.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter};

use super::listed::Listed;
use crate::verdict::summary::{
    BackgroundProcess, BonjourService, Capture, DnsQuestion, Finding, Flow, Requirement, Summary,
    Totals,
};
use crate::words::escape::{is_hidden, is_plain};

/// The object of `--format json`.
#[derive(Serialize)]
struct Report<'a> {
    schema: u32,
    captures: &'a [Capture],
    requirements: &'a [Requirement],
    flows: Vec<&'a Flow>,
    dns: Vec<&'a DnsQuestion>,
    bonjour: &'a [BonjourService],
    findings: &'a [Finding],
    processes: &'a [BackgroundProcess],
    summary: &'a Totals,
}

/// One line of `--format ndjson`.
#[derive(Serialize)]
struct Line<'a, T> {
    kind: &'static str,
    #[serde(flatten)]
    row: &'a T,
}

/// Writes one object and a newline.
///
/// # Errors
/// What the writer says.
pub fn write(summary: &Summary, listed: Listed, out: &mut dyn Write) -> io::Result<()> {
    let report = Report {
        schema: summary.schema,
        captures: &summary.captures,
        requirements: &summary.requirements,
        flows: flows(summary, listed).collect(),
        dns: questions(summary, listed).collect(),
        bonjour: &summary.bonjour,
        findings: &summary.findings,
        processes: &summary.processes,
        summary: &summary.summary,
    };
    object(&report, out)
}

/// Writes one object a line: captures, requirements, flows, DNS questions, Bonjour services, findings,
/// background processes, the summary.
///
/// # Errors
/// What the writer says.
pub fn write_lines(summary: &Summary, listed: Listed, out: &mut dyn Write) -> io::Result<()> {
    lines("capture", &summary.captures, out)?;
    lines("requirement", &summary.requirements, out)?;
    lines("flow", flows(summary, listed), out)?;
    lines("dns", questions(summary, listed), out)?;
    lines("bonjour", &summary.bonjour, out)?;
    lines("finding", &summary.findings, out)?;
    lines("process", &summary.processes, out)?;
    lines("summary", [&summary.summary], out)
}

fn flows(summary: &Summary, listed: Listed) -> impl Iterator<Item = &Flow> {
    summary.flows.iter().filter(move |flow| listed.flow(flow))
}

fn questions(summary: &Summary, listed: Listed) -> impl Iterator<Item = &DnsQuestion> {
    summary
        .dns
        .iter()
        .filter(move |question| listed.question(question))
}

fn lines<'a, T: Serialize + 'a>(
    kind: &'static str,
    rows: impl IntoIterator<Item = &'a T>,
    out: &mut dyn Write,
) -> io::Result<()> {
    rows.into_iter()
        .try_for_each(|row| object(&Line { kind, row }, out))
}

fn object(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Inert))?;
    out.write_all(b"\n")
}

/// Compact JSON whose strings a terminal shows and never obeys.
struct Inert;

impl Formatter for Inert {
    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if is_plain(fragment) {
            return CompactFormatter.write_string_fragment(writer, fragment);
        }
        let mut rest = fragment;
        while let Some((at, char)) = rest.char_indices().find(|(_, char)| is_hidden(*char)) {
            let (before, after) = rest.split_at(at);
            CompactFormatter.write_string_fragment(writer, before)?;
            for unit in char.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = after.get(char.len_utf8()..).unwrap_or_default();
        }
        CompactFormatter.write_string_fragment(writer, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_survive_as_escapes() {
        let text = "a\u{202e}b\x1b\u{9b}\u{e0041}\"é居";
        let mut out = Vec::new();
        object(&text, &mut out).unwrap();
        let written = String::from_utf8(out).unwrap();
        assert_eq!(
            written,
            "\"a\\u202eb\\u001b\\u009b\\udb40\\udc41\\\"é居\"\n"
        );
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }
}
