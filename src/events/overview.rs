//! How a fleet stands, for people and programs.
//!
//! Input: a [`Fleet`], and the time. Output: an [`Overview`], ordered: gateways by name, requirements worst first. It is
//! what `windfall fleet` writes as JSON and as text, and what its screen shows.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::event::StatusNews;
use super::fleet::{Fleet, Gateway};
use crate::capture::frame::Timestamp;
use crate::verdict::outcome::Status;
use crate::words::{Paint, counted, length, some_of};

/// Names in one sentence.
const NAMED: usize = 5;

/// A gateway that missed so many heartbeats is silent.
pub const MISSED: f64 = 3.0;

/// Heartbeats that are expected of a gateway whose start is not known, in seconds.
const USUAL_HEARTBEAT_S: f64 = 30.0;

/// How a gateway is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// Nothing came from it for [`MISSED`] heartbeats: what it said last may be true no more.
    Silent,
    /// It captures nothing any more.
    Deaf,
    /// It was told to stop.
    Stopped,
    /// It is heard.
    Up,
}

impl Presence {
    /// Its code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Deaf => "deaf",
            Self::Stopped => "stopped",
            Self::Up => "up",
        }
    }
}

/// One gateway.
#[derive(Clone, Debug, Serialize)]
pub struct Site {
    /// Its name.
    pub gateway: String,
    /// How it is.
    pub presence: Presence,
    /// When the latest of its events came in at the broker.
    pub heard: Option<Timestamp>,
    /// When its session began.
    pub session: Option<Timestamp>,
    /// Version of windfall.
    pub version: Option<String>,
    /// What it captures on.
    pub interfaces: Vec<String>,
    /// Rows by status.
    pub status: BTreeMap<String, u64>,
    /// Events that came, of the sessions that are known.
    pub received: u64,
    /// Events that did not come though later ones did, and of which the gateway says nothing.
    pub missing: u64,
    /// Events that the gateway says it dropped.
    pub lost: u64,
    /// The first number that came of the session; what was before it is not in the stream any more.
    pub first: Option<u64>,
    /// What happened to it last, if that is trouble.
    pub trouble: Option<String>,
    /// How requirements stand there, worst first.
    pub rows: Vec<StatusNews>,
}

/// A requirement, at one gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Name of the gateway.
    pub gateway: String,
    /// The worst that a device has there.
    pub status: Status,
    /// Since when a device has it, the first.
    pub since: Timestamp,
    /// Devices that have it.
    pub devices: u64,
    /// Why, of one of them.
    pub cause: Option<String>,
}

/// A requirement, at all gateways where it was tried.
#[derive(Clone, Debug, Serialize)]
pub struct Across {
    /// Stable identifier.
    pub requirement: String,
    /// Host pattern.
    pub pattern: String,
    /// What it serves.
    pub service: String,
    /// Its failure is no fault.
    pub optional: bool,
    /// The worst of it.
    pub status: Status,
    /// Where, worst first.
    pub gateways: Vec<Place>,
}

/// How a fleet stands.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Overview {
    /// Version of this form.
    pub schema: u32,
    /// When.
    pub at: Timestamp,
    /// The gateways, by name.
    pub gateways: Vec<Site>,
    /// What was tried anywhere, worst first.
    pub requirements: Vec<Across>,
    /// Events that came in more than once.
    pub duplicates: u64,
    /// Messages that are no events that this version can read.
    pub unreadable: u64,
}

impl Overview {
    /// A fleet at this time.
    #[must_use]
    pub fn of(fleet: &Fleet, at: Timestamp) -> Self {
        let gateways = fleet
            .gateways()
            .map(|(name, gateway)| site(name, gateway, at));
        let gateways: Vec<Site> = gateways.collect();
        Self {
            schema: 1,
            at,
            requirements: across(&gateways),
            gateways,
            duplicates: 0,
            unreadable: 0,
        }
    }

    /// Whether something required is failing at a gateway that was not told to stop.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        let watching = self
            .gateways
            .iter()
            .filter(|site| site.presence != Presence::Stopped);
        watching
            .flat_map(|site| &site.rows)
            .any(|row| row.status == Status::Failing && !row.optional)
    }
}

impl Overview {
    /// What fails, and who is not heard, with how bad that is.
    #[must_use]
    pub fn answer(&self) -> (Paint, String) {
        if self.gateways.is_empty() {
            return (Paint::Warn, "~ no gateway has told anything yet".to_owned());
        }
        let failing: Vec<&str> = self
            .requirements
            .iter()
            .filter(|across| across.status == Status::Failing && !across.optional)
            .map(|across| across.pattern.as_str())
            .collect();
        let unheard: Vec<&str> = self
            .gateways
            .iter()
            .filter(|site| matches!(site.presence, Presence::Silent | Presence::Deaf))
            .map(|site| site.gateway.as_str())
            .collect();
        let silent = if unheard.is_empty() {
            String::new()
        } else {
            format!("; not heard: {}", some_of(&unheard, NAMED))
        };
        if failing.is_empty() {
            let paint = if unheard.is_empty() {
                Paint::Good
            } else {
                Paint::Warn
            };
            let glyph = if unheard.is_empty() { "✓" } else { "!" };
            return (
                paint,
                format!("{glyph} nothing required is failing{silent}"),
            );
        }
        let count = counted(
            length(&failing),
            "required connection is",
            "required connections are",
        );
        let names = some_of(&failing, NAMED);
        (Paint::Bad, format!("✗ {count} failing: {names}{silent}"))
    }
}

fn site(name: &str, gateway: &Gateway, at: Timestamp) -> Site {
    let latest = gateway.latest();
    let session = latest.map(|(_, session)| session);
    let began = session.and_then(|session| session.began.as_ref());
    let mut rows: Vec<StatusNews> = session
        .map(|session| session.rows().cloned().collect())
        .unwrap_or_default();
    rows.sort_by(|one, other| key(one).cmp(&key(other)));
    let mut status = BTreeMap::new();
    for row in &rows {
        *status.entry(row.status.to_string()).or_default() += 1;
    }
    let (mut received, mut missing, mut lost) = (0, 0, 0);
    for (_, session) in gateway.sessions() {
        let (unknown, announced) = session.received.missing(&session.lost);
        received += session.received.count();
        missing += unknown;
        lost += announced;
    }
    let trouble = session.and_then(|session| session.notices().last());
    Site {
        gateway: name.to_owned(),
        presence: presence(gateway, at),
        heard: gateway.heard,
        session: latest.map(|(began, _)| began),
        version: began.map(|began| began.version.clone()),
        interfaces: began
            .map(|began| began.interfaces.clone())
            .unwrap_or_default(),
        status,
        received,
        missing,
        lost,
        first: session
            .and_then(|session| session.received.bounds())
            .map(|(first, _)| first),
        trouble: trouble
            .filter(|notice| notice.trouble)
            .map(|notice| notice.text.clone()),
        rows,
    }
}

/// The worst first; what is optional after what is not.
fn key(row: &StatusNews) -> (Status, bool, &str, String) {
    (row.status, row.optional, &row.pattern, row.client.key())
}

fn presence(gateway: &Gateway, at: Timestamp) -> Presence {
    let session = gateway.latest().map(|(_, session)| session);
    if session.is_some_and(|session| session.stopped.is_some()) {
        return Presence::Stopped;
    }
    let beat = session
        .and_then(|session| session.began.as_ref())
        .map_or(USUAL_HEARTBEAT_S, |began| began.heartbeat_s);
    let patience = Duration::try_from_secs_f64(beat.max(0.0) * MISSED).unwrap_or(Duration::MAX);
    let silent = gateway.heard.is_none_or(|heard| at.since(heard) > patience);
    let pulse = session.and_then(|session| session.pulse.as_ref());
    if silent {
        Presence::Silent
    } else if pulse.is_some_and(|(_, pulse)| pulse.ended.is_some()) {
        Presence::Deaf
    } else {
        Presence::Up
    }
}

fn across(sites: &[Site]) -> Vec<Across> {
    let mut all: BTreeMap<&str, Across> = BTreeMap::new();
    for site in sites {
        for row in &site.rows {
            let known = all.entry(&row.requirement).or_insert_with(|| Across {
                requirement: row.requirement.clone(),
                pattern: row.pattern.clone(),
                service: row.service.clone(),
                optional: row.optional,
                status: row.status,
                gateways: Vec::new(),
            });
            known.status = known.status.min(row.status);
            known.add(&site.gateway, row);
        }
    }
    let mut all: Vec<Across> = all.into_values().collect();
    for across in &mut all {
        across
            .gateways
            .sort_by(|one, other| (one.status, &one.gateway).cmp(&(other.status, &other.gateway)));
    }
    all.sort_by(|one, other| {
        (one.status, one.optional, &one.pattern).cmp(&(
            other.status,
            other.optional,
            &other.pattern,
        ))
    });
    all
}

impl Across {
    /// Takes in a row of a gateway; those of one gateway come one after the other, the worst first.
    fn add(&mut self, gateway: &str, row: &StatusNews) {
        match self.gateways.last_mut() {
            Some(last) if last.gateway == gateway => {
                if last.status == row.status {
                    last.devices += 1;
                    last.since = last.since.min(row.since);
                }
            }
            _ => self.gateways.push(Place {
                gateway: gateway.to_owned(),
                status: row.status,
                since: row.since,
                devices: 1,
                cause: row.cause.clone(),
            }),
        }
    }
}
