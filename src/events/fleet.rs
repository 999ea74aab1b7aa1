//! Events of all gateways, to one state: how everything stands now.
//!
//! Input: events, in any order and however often, each with the time it came in at the broker. Output: [`Fleet`]. It is
//! the same for the same set of events: what is later in a session is told by numbers, which session is the latest by
//! when it began. Bounds, beyond which new things are not taken in, and counted: [`MAX_GATEWAYS`], [`MAX_ROWS`] of a
//! gateway; of a gateway's sessions the latest [`MAX_SESSIONS`] are known, and rows of the latest alone.

use std::collections::BTreeMap;

use super::event::{Event, News, Occasion, Pulse, StatusNews, Subject};
use super::numbers::Numbers;
use crate::capture::frame::Timestamp;

/// Gateways of a fleet.
pub const MAX_GATEWAYS: usize = 10_000;

/// Rows of one gateway.
pub const MAX_ROWS: usize = 20_000;

/// Sessions of a gateway whose numbers are kept, to tell what is missing.
pub const MAX_SESSIONS: usize = 8;

/// Notices of a session that are kept, the latest.
pub const MAX_NOTICES: usize = 16;

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was new.
    New,
    /// The same one had come before.
    Duplicate,
    /// A bound keeps it out.
    Beyond,
}

/// Something that happened to a gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Capture time.
    pub at: Timestamp,
    /// It is trouble.
    pub trouble: bool,
    /// One line.
    pub text: String,
}

/// How a session began.
#[derive(Clone, Debug, PartialEq)]
pub struct Began {
    /// Version of windfall.
    pub version: String,
    /// What it captures on.
    pub interfaces: Vec<String>,
    /// Longest time between two events, in seconds.
    pub heartbeat_s: f64,
}

/// One run of windfall on a gateway.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Session {
    /// Numbers of the events that came.
    pub received: Numbers,
    /// Numbers of those that will not.
    pub lost: Numbers,
    /// How it began.
    pub began: Option<Began>,
    /// How it ended, if it was asked to.
    pub stopped: Option<(Timestamp, String)>,
    /// The latest heartbeat, by number.
    pub pulse: Option<(u64, Pulse)>,
    /// Rows by what they are about, each with the number of the event that told it.
    rows: BTreeMap<Subject, (u64, StatusNews)>,
    /// By the number of the event.
    notices: BTreeMap<u64, Notice>,
}

impl Session {
    /// How requirements stand.
    pub fn rows(&self) -> impl Iterator<Item = &StatusNews> {
        let rows = self.rows.values().map(|(_, row)| row);
        rows.filter(|row| row.occasion != Occasion::Withdrawn)
    }

    /// What happened, oldest first.
    pub fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.notices.values()
    }

    /// Takes in what a new event says; false if there is no room for it.
    fn take(&mut self, sequence: u64, time: Timestamp, news: News, is_latest: bool) -> bool {
        match news {
            News::Start {
                version,
                interfaces,
                heartbeat_s,
            } => {
                self.began = Some(Began {
                    version,
                    interfaces,
                    heartbeat_s,
                });
            }
            News::Status(row) if is_latest => return self.row(sequence, *row),
            News::Notice { at, trouble, text } => {
                self.notices.insert(sequence, Notice { at, trouble, text });
                while self.notices.len() > MAX_NOTICES {
                    self.notices.pop_first();
                }
            }
            News::Heartbeat(pulse) => {
                if self
                    .pulse
                    .as_ref()
                    .is_none_or(|(known, _)| *known < sequence)
                {
                    self.pulse = Some((sequence, pulse));
                }
            }
            News::Stop { reason } => self.stopped = Some((time, reason)),
            News::Lost { .. } | News::Unknown | News::Status(_) => {}
        }
        true
    }

    fn row(&mut self, sequence: u64, row: StatusNews) -> bool {
        let subject = row.subject();
        let known = self.rows.get(&subject).map(|(known, _)| *known);
        if known.is_none() && self.rows.len() >= MAX_ROWS {
            return false;
        }
        if known.is_none_or(|known| known < sequence) {
            self.rows.insert(subject, (sequence, row));
        }
        true
    }
}

/// One gateway.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gateway {
    /// When the latest of its events came in at the broker.
    pub heard: Option<Timestamp>,
    sessions: BTreeMap<Timestamp, Session>,
}

impl Gateway {
    /// The latest session, with the time it began.
    #[must_use]
    pub fn latest(&self) -> Option<(Timestamp, &Session)> {
        let (began, session) = self.sessions.last_key_value()?;
        Some((*began, session))
    }

    /// The sessions that are known, oldest first.
    pub fn sessions(&self) -> impl Iterator<Item = (Timestamp, &Session)> {
        self.sessions
            .iter()
            .map(|(began, session)| (*began, session))
    }

    /// A session; none if later ones have pushed it out.
    fn session(&mut self, began: Timestamp) -> Option<&mut Session> {
        self.sessions.entry(began).or_default();
        while self.sessions.len() > MAX_SESSIONS {
            self.sessions.pop_first();
        }
        // What an older session said of requirements is over.
        for older in self.sessions.values_mut().rev().skip(1) {
            older.rows.clear();
        }
        self.sessions.get_mut(&began)
    }
}

/// All gateways.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fleet {
    gateways: BTreeMap<String, Gateway>,
}

impl Fleet {
    /// Takes in an event that came in at the broker at this time.
    pub fn take(&mut self, event: Event, came: Timestamp) -> Taken {
        let Event { id, time, news, .. } = event;
        if !self.gateways.contains_key(&id.gateway) && self.gateways.len() >= MAX_GATEWAYS {
            return Taken::Beyond;
        }
        let gateway = self.gateways.entry(id.gateway).or_default();
        gateway.heard = gateway.heard.max(Some(came));
        if let News::Lost {
            session_lost,
            first,
            last,
            ..
        } = news
            && let Some(session) = gateway.session(session_lost)
        {
            session.lost.insert_range(first, last);
        }
        let Some(session) = gateway.session(id.session) else {
            return Taken::Beyond;
        };
        if !session.received.insert(id.sequence) {
            return Taken::Duplicate;
        }
        let is_latest = gateway
            .latest()
            .is_some_and(|(began, _)| began == id.session);
        let Some(session) = gateway.session(id.session) else {
            return Taken::Beyond;
        };
        if session.take(id.sequence, time, news, is_latest) {
            Taken::New
        } else {
            Taken::Beyond
        }
    }

    /// The gateways, by name.
    pub fn gateways(&self) -> impl Iterator<Item = (&str, &Gateway)> {
        self.gateways
            .iter()
            .map(|(name, gateway)| (name.as_str(), gateway))
    }
}
