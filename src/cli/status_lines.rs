//! A line on standard error for each change of a required connection's status, as it happens.
//!
//! Input: pictures of a run. Output: one line a requirement and device whose status or reason is another one than told
//! before. What nobody tried is not told; what is pending is not news.

use std::fmt::Write as _;

use windfall::capture::frame::Timestamp;
use windfall::picture::{Message, Picture};
use windfall::service::standings::Standings;
use windfall::verdict::summary::Requirement;
use windfall::words::made::Made;
use windfall::words::{self, row};

use super::diagnostics;
use super::journal::{self, Priority};

/// What was told last.
#[derive(Default)]
pub(super) struct StatusLines {
    told: Standings,
    picture: u64,
    message: Option<Message>,
}

impl StatusLines {
    /// Tells what is new in this picture.
    pub(super) fn tell(&mut self, picture: &Picture) {
        if picture.number == self.picture {
            return;
        }
        self.picture = picture.number;
        for (line, priority) in self.lines(picture) {
            diagnostics::line(&line, priority);
        }
    }

    /// Tells what is new of these messages: the last of a run are in no picture.
    pub(super) fn tell_messages(&mut self, messages: &[Message]) {
        for (line, priority) in self.news(messages) {
            diagnostics::line(&line, priority);
        }
    }

    fn news(&mut self, messages: &[Message]) -> Vec<(String, Priority)> {
        let last = messages
            .iter()
            .rposition(|message| Some(message) == self.message.as_ref());
        let new = messages.iter().skip(last.map_or(0, |at| at + 1));
        let lines = new
            .map(|message| {
                let priority = if message.trouble {
                    Priority::Warning
                } else {
                    Priority::Info
                };
                (timed(message.at, &message.text), priority)
            })
            .collect();
        self.message = messages.last().cloned().or(self.message.take());
        lines
    }

    fn lines(&mut self, picture: &Picture) -> Vec<(String, Priority)> {
        let mut lines = self.news(&picture.health.messages);
        let made = Made::of(&picture.summary);
        for change in self.told.observe(&picture.summary) {
            let priority = if row::is_shaky(change.now.status) {
                Priority::Warning
            } else {
                Priority::Info
            };
            lines.push((timed(picture.now, &line(change.row, &made)), priority));
        }
        lines
    }
}

/// A line with the time of day, unless the journal reads it, which notes that itself.
fn timed(at: Timestamp, text: &str) -> String {
    if journal::reads() {
        text.to_owned()
    } else {
        format!("{} {text}", words::clock(at))
    }
}

/// `✗ failing gs.apple.com:443/tcp 192.168.7.20: reset-after-client-hello (middlebox)`.
fn line(row: &Requirement, made: &Made<'_>) -> String {
    let (glyph, _) = words::status(row.status);
    let client = row
        .client
        .as_ref()
        .and_then(|client| client.addresses.first());
    let mut line = format!("{glyph} {} {}", row.status, row::title(row, made));
    if let Some(client) = client {
        let _ = write!(line, " {client}");
    }
    let reason = row::reason(row);
    if !reason.is_empty() {
        line.push_str(": ");
        line.push_str(&reason);
    }
    line
}
