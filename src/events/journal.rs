//! News with gateway, session and number.
//!
//! Input: pictures, and the time. Output: [`Event`]s, numbered from 1 without holes: the start, what changes, a heartbeat
//! when nothing did for a while, everything again now and then, the end. No clock is read here.

use std::time::Duration;

use super::differ::Differ;
use super::event::{Event, MessageId, News, Pulse, SCHEMA_VERSION};
use super::spool::Dropped;
use crate::capture::frame::Timestamp;
use crate::picture::{Message, Picture};

/// Everything is told again after this time: brokers keep events for a while only, and a console may come later.
pub const REPEAT_EVERY: Duration = Duration::from_secs(3600);

/// Who tells, and how often at least.
#[derive(Clone, Debug)]
pub struct Teller {
    /// Name of the gateway.
    pub gateway: String,
    /// When the session began.
    pub session: Timestamp,
    /// What is captured on.
    pub interfaces: Vec<String>,
    /// Something is told at least so often.
    pub heartbeat: Duration,
}

/// The events of one session.
#[derive(Debug)]
pub struct Journal {
    teller: Teller,
    sequence: u64,
    differ: Differ,
    message: Option<Message>,
    /// When anything was told, and when everything was; as times since the start of the session.
    told_at: Duration,
    repeated_at: Duration,
}

impl Journal {
    /// Nothing is told yet.
    #[must_use]
    pub fn new(teller: Teller) -> Self {
        Self {
            teller,
            sequence: 0,
            differ: Differ::default(),
            message: None,
            told_at: Duration::ZERO,
            repeated_at: Duration::ZERO,
        }
    }

    /// The first event of the session.
    pub fn start(&mut self, now: Timestamp) -> Event {
        let news = News::Start {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            interfaces: self.teller.interfaces.clone(),
            heartbeat_s: self.teller.heartbeat.as_secs_f64(),
        };
        self.event(now, news)
    }

    /// What is to be told of this picture. `now` is the time of day, `running` how long the session has been going.
    pub fn look(&mut self, picture: &Picture, now: Timestamp, running: Duration) -> Vec<Event> {
        let mut news = self.notices(&picture.health.messages);
        // Changes that there was no room for are told without a new picture, too.
        let changes = self.differ.observe(&picture.summary, picture.now, now);
        news.extend(
            changes
                .into_iter()
                .map(|change| News::Status(Box::new(change))),
        );
        if running.saturating_sub(self.repeated_at) >= REPEAT_EVERY {
            self.repeated_at = running;
            let all = self.differ.repeated();
            news.extend(all.map(|row| News::Status(Box::new(row))));
        }
        if news.is_empty() && running.saturating_sub(self.told_at) >= self.teller.heartbeat {
            news.push(News::Heartbeat(self.pulse(picture)));
        }
        if !news.is_empty() {
            self.told_at = running;
        }
        news.into_iter().map(|news| self.event(now, news)).collect()
    }

    /// What a picture told of the run that was not told yet.
    fn notices(&mut self, messages: &[Message]) -> Vec<News> {
        let last = messages
            .iter()
            .rposition(|message| Some(message) == self.message.as_ref());
        let new = messages.iter().skip(last.map_or(0, |at| at + 1));
        let news = new.map(|message| News::Notice {
            at: message.at,
            trouble: message.trouble,
            text: message.text.clone(),
        });
        let news = news.collect();
        self.message = messages.last().cloned().or(self.message.take());
        news
    }

    fn pulse(&self, picture: &Picture) -> Pulse {
        let captures = &picture.summary.captures;
        let dropped = captures.iter().flat_map(|capture| {
            [
                capture.dropped_kernel,
                capture.dropped_interface,
                capture.dropped_pipeline,
            ]
        });
        Pulse {
            status: self.differ.by_status(),
            frames: captures.iter().map(|capture| capture.frames).sum(),
            dropped: dropped.flatten().sum(),
            ended: picture.health.ended.clone(),
        }
    }

    /// Tells that these will never come.
    pub fn lost(&mut self, now: Timestamp, dropped: &Dropped) -> Event {
        let news = News::Lost {
            session_lost: dropped.session,
            first: dropped.first,
            last: dropped.last,
            count: dropped.count,
            reason: dropped.reason.clone(),
        };
        self.event(now, news)
    }

    /// The last event of the session: its last messages are told before.
    pub fn stop(&mut self, messages: &[Message], reason: &str, now: Timestamp) -> Vec<Event> {
        let mut news = self.notices(messages);
        news.push(News::Stop {
            reason: reason.to_owned(),
        });
        news.into_iter().map(|news| self.event(now, news)).collect()
    }

    fn event(&mut self, time: Timestamp, news: News) -> Event {
        self.sequence += 1;
        Event {
            schema: SCHEMA_VERSION,
            id: MessageId {
                gateway: self.teller.gateway.clone(),
                session: self.teller.session,
                sequence: self.sequence,
            },
            time,
            news,
        }
    }
}
