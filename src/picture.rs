//! What a screen shows of a run at one moment, and what it may ask of the run.
//!
//! Filled by `pipeline`, drawn by `tui`; the two do not know each other. A picture is whole and never changes: the
//! next one replaces it.

use std::net::IpAddr;
use std::path::PathBuf;

use crate::capture::frame::Timestamp;
use crate::verdict::summary::{DnsQuestion, Summary};

/// A run at one moment.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Counts up with every picture of a run; the same number is the same picture.
    pub number: u64,
    /// The verdicts.
    pub summary: Summary,
    /// Capture time: the latest frame or tick.
    pub now: Timestamp,
    /// How the run itself fares.
    pub health: Health,
    /// Where a replay stands; none while watching interfaces.
    pub playback: Option<Playback>,
}

/// How capture and analysis fare. Drops are in the summary's captures.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// Frames a second, over the last seconds of wall clock.
    pub packets_per_second: f64,
    /// Captured bytes a second, likewise.
    pub bytes_per_second: f64,
    /// Batches that wait between capture and analysis.
    pub queued: usize,
    /// Most that may wait.
    pub queue_room: usize,
    /// Interfaces that cannot be heard now, by name.
    pub deaf: Vec<String>,
    /// Frames that the keeper of evidence had no room for.
    pub unkept: u64,
    /// Threads that analyse.
    pub workers: usize,
    /// What keeps this process in check, in a few words each (`user nobody`, `landlock`, `seccomp`).
    pub confinement: Vec<String>,
    /// What happened to the run, oldest first, with the time: an interface went down, evidence was written.
    pub messages: Vec<Message>,
    /// Everything was read, or capture ended; why, if that was not asked for.
    pub ended: Option<String>,
}

/// Something that happened to the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Capture time.
    pub at: Timestamp,
    /// One line.
    pub text: String,
    /// It is trouble, not news.
    pub trouble: bool,
}

/// Where a replay stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Playback {
    /// Time of the first frame.
    pub first: Timestamp,
    /// Time of the last frame.
    pub last: Timestamp,
    /// How fast it plays.
    pub speed: Speed,
    /// It stands still.
    pub paused: bool,
    /// When required attempts failed (the deciding frame of each), in order of time.
    pub failures: Vec<Timestamp>,
}

/// How fast a replay plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// This many seconds of capture a second.
    Times(u32),
    /// As fast as it can be read.
    Max,
}

/// What the screen asks of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Write the packets of these flows and questions, their DNS and ICMP; the answer comes as a [`Message`].
    Write {
        /// Of what.
        selection: Selection,
        /// Where to; a name made from time and requirement if none.
        path: Option<PathBuf>,
    },
    /// Stand still, or go on (replay).
    Pause(bool),
    /// Play at this speed (replay).
    Speed(Speed),
    /// Go to this capture time (replay).
    Seek(Timestamp),
    /// End the run.
    Quit,
}

/// Rows of a summary whose packets are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Flows, by Community ID.
    pub flows: Vec<String>,
    /// DNS questions.
    pub questions: Vec<Question>,
}

impl Selection {
    /// Nothing is wanted.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.flows.is_empty() && self.questions.is_empty()
    }
}

/// What a DNS question is known by from one picture to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Who asked.
    pub client: IpAddr,
    /// The name.
    pub name: String,
    /// Record type, as summaries spell it.
    pub kind: String,
    /// First transmission.
    pub first: Timestamp,
}

impl Question {
    /// The key of this question.
    #[must_use]
    pub fn of(question: &DnsQuestion) -> Self {
        Self {
            client: question.client,
            name: question.name.clone(),
            kind: question.kind.clone(),
            first: question.first,
        }
    }

    /// Whether it is this question.
    #[must_use]
    pub fn is(&self, question: &DnsQuestion) -> bool {
        self.first == question.first
            && self.client == question.client
            && self.name == question.name
            && self.kind == question.kind
    }
}

/// A run that can be looked at.
pub trait Run {
    /// The latest picture.
    fn picture(&self) -> std::sync::Arc<Picture>;
    /// Asks something of the run; it is done soon, and seen in a later picture.
    fn ask(&self, command: Command);
}
