//! Keys and clicks that steer a replay.
//!
//! Steps are a thirtieth of the capture, a second at least. Several steps before the replay answers add up.

use std::time::Duration;

use super::{Effect, State, Update};
use crate::capture::frame::Timestamp;
use crate::picture::{Command, Playback, Speed};
use crate::tui::keys::Action;

/// Steps from end to end.
const STEPS: u32 = 30;
const LEAST_STEP: Duration = Duration::from_secs(1);

pub(super) fn control(state: &mut State, action: Action) -> Update {
    let Some(playback) = state.playback() else {
        return Update::default();
    };
    let now = state.seeking.unwrap_or(state.latest.now);
    let step = (playback.last.since(playback.first) / STEPS).max(LEAST_STEP);
    let failures = playback.failures.iter().copied();
    let command = match action {
        Action::Play => Command::Pause(!playback.paused),
        Action::Faster => Command::Speed(faster(playback.speed)),
        Action::Slower => Command::Speed(slower(playback.speed)),
        Action::SeekBack => within(playback, now.before(step)),
        Action::SeekOn => within(playback, now.after(step)),
        _ => {
            let found = if action == Action::FailureBefore {
                failures.filter(|at| *at < now).max()
            } else {
                failures.filter(|at| *at > now).min()
            };
            let Some(at) = found else {
                state.note = Some("no failure there".to_owned());
                return Update::changed();
            };
            Command::Seek(at)
        }
    };
    if let Command::Seek(at) = command {
        state.seeking = Some(at);
    }
    Update::asks(Effect::Ask(command))
}

/// To the part of the timeline that was clicked, told in cells from its start.
pub(super) fn seek(state: &mut State, cell: u16, cells: u16) -> Update {
    let Some(playback) = state.playback() else {
        return Update::default();
    };
    let last = u32::from(cells.saturating_sub(1).max(1));
    let length = playback.last.since(playback.first);
    // Divided first: a capture may be longer than its nanoseconds times the cells can be told.
    let at = playback.first.after(length / last * u32::from(cell));
    let command = within(playback, at);
    if let Command::Seek(at) = command {
        state.seeking = Some(at);
    }
    Update::asks(Effect::Ask(command))
}

fn within(playback: &Playback, at: Timestamp) -> Command {
    Command::Seek(at.clamp(playback.first, playback.last.max(playback.first)))
}

const fn faster(speed: Speed) -> Speed {
    match speed {
        Speed::Times(times) if times < 10 => Speed::Times(10),
        Speed::Times(_) | Speed::Max => Speed::Max,
    }
}

const fn slower(speed: Speed) -> Speed {
    match speed {
        Speed::Max => Speed::Times(10),
        Speed::Times(_) => Speed::Times(1),
    }
}
