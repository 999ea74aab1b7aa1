//! An overview in words, for text and screen alike.

use std::fmt::Write as _;

use super::event::StatusNews;
use super::overview::{Across, Presence, Site};
use crate::verdict::outcome::Status;
use crate::words::{self, Paint, counted, number};

impl Presence {
    /// As a sign and in colour.
    #[must_use]
    pub const fn glance(self) -> (&'static str, Paint) {
        match self {
            Self::Up => ("✓", Paint::Good),
            Self::Stopped => ("·", Paint::Dim),
            Self::Deaf | Self::Silent => ("!", Paint::Bad),
        }
    }
}

impl Site {
    /// `2 failing, 12 ok`, worst first.
    #[must_use]
    pub fn counts(&self) -> String {
        let each = Status::ALL.iter().map(|status| {
            let count = self.status.get(status.as_str());
            (status.as_str(), count.copied().unwrap_or(0))
        });
        let text = words::list(each);
        if text.is_empty() {
            "nothing tried yet".to_owned()
        } else {
            text
        }
    }

    /// What is not as it should be with its events, or with its capture.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.missing > 0 {
            remarks.push(format!(
                "{} did not come: what is shown may be old",
                counted(self.missing, "event", "events")
            ));
        }
        if self.lost > 0 {
            remarks.push(format!(
                "{} dropped by the gateway while the broker was away",
                counted(self.lost, "event was", "events were")
            ));
        }
        remarks.extend(self.trouble.clone());
        remarks
    }
}

impl Across {
    /// `failing at berlin since 2026-11-25 10:36:20 (2 devices), paris since …; ok at rome`.
    #[must_use]
    pub fn places(&self) -> String {
        let mut text = String::new();
        let mut last = None;
        for place in &self.gateways {
            if last == Some(place.status) {
                text.push_str(", ");
            } else {
                if last.is_some() {
                    text.push_str("; ");
                }
                text.push_str(place.status.as_str());
                text.push_str(" at ");
            }
            last = Some(place.status);
            text.push_str(&place.gateway);
            if words::row::is_shaky(place.status) {
                let (day, clock) = (words::day(place.since), words::clock(place.since));
                let _ = write!(text, " since {day} {clock}");
                if place.devices > 1 {
                    let _ = write!(text, " ({} devices)", number(place.devices));
                }
            }
        }
        text
    }
}

impl StatusNews {
    /// A reason in short: `reset-after-client-hello (middlebox, beyond-gateway)`.
    #[must_use]
    pub fn reason(&self) -> String {
        let cause = self.cause.clone().unwrap_or_default();
        let by = [self.origin.as_deref(), self.whereabouts.as_deref()];
        let by: Vec<&str> = by.into_iter().flatten().collect();
        if by.is_empty() {
            cause
        } else {
            format!("{cause} ({})", by.join(", "))
        }
    }
}
