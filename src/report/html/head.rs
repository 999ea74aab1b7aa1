//! What stands before and after the body: the policy that forbids requests, the style, the script.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, html};
use sha2::{Digest as _, Sha256};

use super::{Report, put};
use crate::verdict::outcome::Status;
use crate::words::inputs::source;
use crate::words::{answer, counted, length};

/// The style sheet.
const STYLE: &str = include_str!("page.css");

/// The script: filter, copy, fold. Nothing is lost without it.
const SCRIPT: &str = include_str!("page.js");

/// Everything is forbidden but this style and this script, told by their digests (Content Security Policy Level 3).
fn policy() -> String {
    let digest = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    )
}

/// Writes everything before the body.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    put(&html! { (DOCTYPE) }, out)?;
    out.write_all(b"<html lang=\"en\">\n<head>\n")?;
    let head = html! {
        meta charset="utf-8";
        meta http-equiv="Content-Security-Policy" content=(policy());
        meta name="referrer" content="no-referrer";
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content="light dark";
        meta name="generator" content={ "windfall " (env!("CARGO_PKG_VERSION")) };
        title { (title(report)) }
    };
    put(&head, out)?;
    for piece in ["<style>", STYLE, "</style>\n</head>\n"] {
        out.write_all(piece.as_bytes())?;
    }
    Ok(())
}

/// Writes the script.
pub(super) fn write_script(out: &mut dyn Write) -> io::Result<()> {
    for piece in ["<script>", SCRIPT, "</script>\n"] {
        out.write_all(piece.as_bytes())?;
    }
    Ok(())
}

/// Short enough for a tab: whether it fails, and in which capture.
fn title(report: &Report<'_>) -> String {
    let summary = report.summary;
    let lines = answer::lines(summary);
    let answer = match lines.first() {
        Some((Status::Failing, text)) => text.split(':').next().unwrap_or_default(),
        Some((_, text)) => text,
        None => "",
    };
    let input = match summary.captures.as_slice() {
        [one] => source(one).to_owned(),
        several => counted(length(several), "capture", "captures"),
    };
    format!("{answer} · {input} · windfall")
}
