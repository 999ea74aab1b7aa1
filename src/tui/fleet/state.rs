//! What somebody looks at, and what keys make of it.

use crossterm::event::{KeyEvent, KeyEventKind};
use ratatui::layout::Size;

use super::Shown;
use crate::events::overview::{Across, Site};
use crate::tui::keys::{Action, action};
use crate::verdict::outcome::Status;

/// Lists that can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pane {
    Requirements,
    Gateways,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) shown: Shown,
    pub(super) size: Size,
    pub(super) pane: Pane,
    /// What is selected in each list, by name: rows come and go.
    pub(super) requirement: Option<String>,
    pub(super) gateway: Option<String>,
    /// Only what fails.
    pub(super) only_failing: bool,
    /// The first line of the detail in sight, if there is one.
    pub(super) detail: Option<usize>,
    pub(super) help: bool,
}

impl State {
    pub(super) fn new(shown: Shown, size: Size) -> Self {
        Self {
            shown,
            size,
            pane: Pane::Requirements,
            requirement: None,
            gateway: None,
            only_failing: false,
            detail: None,
            help: false,
        }
    }

    pub(super) fn requirements(&self) -> Vec<&Across> {
        let all = self.shown.overview.requirements.iter();
        all.filter(|across| !self.only_failing || across.status == Status::Failing)
            .collect()
    }

    pub(super) fn gateways(&self) -> Vec<&Site> {
        let failing = Status::Failing.as_str();
        let all = self.shown.overview.gateways.iter();
        all.filter(|site| !self.only_failing || site.status.contains_key(failing))
            .collect()
    }

    fn names(&self) -> Vec<String> {
        match self.pane {
            Pane::Requirements => {
                let all = self.requirements().into_iter();
                all.map(|across| across.requirement.clone()).collect()
            }
            Pane::Gateways => {
                let all = self.gateways().into_iter();
                all.map(|site| site.gateway.clone()).collect()
            }
        }
    }

    /// The place of what is selected; what is not there any more gives way to the first row.
    pub(super) fn selected(&self) -> usize {
        let wanted = match self.pane {
            Pane::Requirements => &self.requirement,
            Pane::Gateways => &self.gateway,
        };
        let names = self.names();
        let place = |wanted: &String| names.iter().position(|name| name == wanted);
        wanted.as_ref().and_then(place).unwrap_or(0)
    }

    fn select(&mut self, place: usize) {
        let names = self.names();
        let last = names.len().saturating_sub(1);
        let name = names.into_iter().nth(place.min(last));
        match self.pane {
            Pane::Requirements => self.requirement = name,
            Pane::Gateways => self.gateway = name,
        }
    }

    /// Moves the selection, or the detail.
    fn go(&mut self, step: impl Fn(usize) -> usize) {
        match &mut self.detail {
            Some(top) => *top = step(*top),
            None => self.select(step(self.selected())),
        }
    }

    /// Answers a key; false if it asks to quit.
    pub(super) fn press(&mut self, key: &KeyEvent) -> bool {
        let Some(action) = action(key, false).filter(|_| key.kind != KeyEventKind::Release) else {
            return true;
        };
        if self.help {
            self.help = false;
            return action != Action::Quit;
        }
        let page = usize::from(self.size.height.saturating_sub(6)).max(1);
        match action {
            Action::Quit => return false,
            Action::Up => self.go(|place| place.saturating_sub(1)),
            Action::Down => self.go(|place| place.saturating_add(1)),
            Action::PageUp => self.go(|place| place.saturating_sub(page)),
            Action::PageDown => self.go(|place| place.saturating_add(page)),
            Action::First => self.go(|_| 0),
            Action::Last => self.go(|_| usize::MAX),
            Action::NextPane | Action::PreviousPane => {
                self.detail = None;
                self.pane = match self.pane {
                    Pane::Requirements => Pane::Gateways,
                    Pane::Gateways => Pane::Requirements,
                };
            }
            Action::Open => self.detail = Some(0),
            Action::Back if self.detail.is_some() => self.detail = None,
            Action::Back => self.only_failing = false,
            Action::OnlyFailing => self.only_failing = !self.only_failing,
            Action::Help => self.help = true,
            _ => {}
        }
        true
    }
}
