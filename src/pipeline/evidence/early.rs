//! Evidence written as soon as there is some, while a capture goes on.
//!
//! Input: the summary of each picture, and the packets kept. Output: a file when a requirement's row turns failing,
//! degraded or flaky, another one when it gets from these to failing, and a last one at the end if more was seen since:
//! what crashes or is pushed out of memory later loses nothing of it. Bound: [`MAX_ROWS`] rows while it goes on; the
//! end writes all.

use std::collections::HashMap;
use std::path::PathBuf;

use super::save::{EvidenceError, Saved, is_bad, save_those};
use super::{Packets, names};
use crate::capture::frame::Timestamp;
use crate::verdict::outcome::Status;
use crate::verdict::summary::{Requirement, Summary};

/// Rows written while it goes on. Made-up devices could make any number fail, and fill a disk.
pub const MAX_ROWS: usize = 1000;

/// Writes evidence once it is there.
#[derive(Debug)]
pub struct Early {
    folder: PathBuf,
    /// By the names of their files.
    written: HashMap<String, Done>,
    full: bool,
}

/// What of a row was written.
#[derive(Clone, Copy, Debug)]
struct Done {
    status: Status,
    /// The latest packet that the summary knew of it; none if the file failed, or packets were missing.
    newest: Option<Timestamp>,
}

impl Early {
    /// Writes into this folder, which must be there.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            written: HashMap::new(),
            full: false,
        }
    }

    /// Writes what began to fail since it was asked last.
    ///
    /// # Errors
    /// When the folder is missing.
    pub fn look(
        &mut self,
        summary: &Summary,
        packets: &dyn Packets,
    ) -> Result<Vec<Saved>, EvidenceError> {
        let mut room = MAX_ROWS.saturating_sub(self.written.len());
        let mut begun = Vec::new();
        for row in summary.requirements.iter().filter(|row| is_bad(row)) {
            let name = names::of_requirement(row);
            match self.written.get(&name) {
                Some(done) if done.status == Status::Failing || row.status != Status::Failing => {}
                None if room == 0 => self.full = true,
                known => {
                    room -= usize::from(known.is_none());
                    begun.push(name);
                }
            }
        }
        if begun.is_empty() {
            return Ok(Vec::new());
        }
        self.write(summary, packets, &|row| {
            begun.contains(&names::of_requirement(row))
        })
    }

    /// Rows failed that were too many to be written while it goes on.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.full
    }

    /// Writes what is new since then.
    ///
    /// # Errors
    /// When the folder is missing.
    pub fn finish(
        &mut self,
        summary: &Summary,
        packets: &dyn Packets,
    ) -> Result<Vec<Saved>, EvidenceError> {
        let done = self.written.clone();
        self.write(summary, packets, &|row| {
            let done = done.get(&names::of_requirement(row));
            let seen = done.and_then(|done| done.newest);
            seen.is_none_or(|seen| newest(summary, row) > seen)
        })
    }

    fn write(
        &mut self,
        summary: &Summary,
        packets: &dyn Packets,
        wanted: &dyn Fn(&Requirement) -> bool,
    ) -> Result<Vec<Saved>, EvidenceError> {
        let saved = save_those(summary, packets, &self.folder, wanted)?;
        let rows = summary.requirements.iter();
        let rows = rows.filter(|row| is_bad(row) && wanted(row));
        for (row, saved) in rows.zip(&saved) {
            let whole = saved.file.is_ok() && saved.missing.packets == 0;
            let done = Done {
                status: row.status,
                newest: whole.then(|| newest(summary, row)),
            };
            self.written.insert(names::of_requirement(row), done);
        }
        Ok(saved)
    }
}

/// The latest packet that a summary knows of a row.
fn newest(summary: &Summary, row: &Requirement) -> Timestamp {
    let flows = summary.flows.iter();
    let flows = flows.filter(|flow| row.flows.contains(&flow.id));
    let asks = |client| {
        let mut devices = row.client.iter();
        devices.any(|device| device.addresses.contains(client))
    };
    let questions = summary.dns.iter();
    let questions = questions.filter(|question| {
        question.requirement.as_ref() == Some(&row.pattern) && asks(&question.client)
    });
    let asked = questions.flat_map(|question| {
        let evidence = question.evidence.iter().map(|evidence| evidence.time);
        evidence.chain([question.first])
    });
    let cited = row.evidence.iter().map(|evidence| evidence.time);
    let latest = flows.map(|flow| flow.last).chain(asked).chain(cited).max();
    latest.unwrap_or(Timestamp::MIN)
}
