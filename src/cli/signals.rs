//! Signals: SIGINT and SIGTERM ask a run to end; SIGHUP asks it to end, or a watch to load its catalogue again.
//!
//! The first one asks: the report is still written. The second one ends the program at once, with the status that shells
//! give a program killed by it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use anyhow::Context as _;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

#[cfg(feature = "live")]
use super::terminals::Terminals;

/// Whether somebody asked to end.
#[derive(Clone)]
pub(super) struct Asked(Arc<AtomicBool>);

impl Asked {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn listen() -> anyhow::Result<Self> {
        let asked = Self(Arc::default());
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            asked.ends_at(signal)?;
            asked.is_set_by(signal)?;
        }
        Ok(asked)
    }

    /// Whether one came.
    pub(super) fn is_set(&self) -> bool {
        self.0.load(SeqCst)
    }

    /// The signal ends the program at once if another one has asked before. In this order: the second signal finds the
    /// flag that the first one set.
    fn ends_at(&self, signal: i32) -> anyhow::Result<()> {
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&self.0))
            .map(drop)
            .context("cannot listen to signals")
    }

    fn is_set_by(&self, signal: i32) -> anyhow::Result<()> {
        flag::register(signal, Arc::clone(&self.0))
            .map(drop)
            .context("cannot listen to signals")
    }
}

/// SIGHUP, for a run that loads its catalogue again.
#[cfg(feature = "live")]
pub(super) struct Hangups {
    came: Arc<AtomicBool>,
    asked: Asked,
    terminals: Terminals,
}

#[cfg(feature = "live")]
impl Hangups {
    /// Listens from now on: SIGINT and SIGTERM ask to end, SIGHUP is looked at.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn listen() -> anyhow::Result<(Asked, Self)> {
        let asked = Asked(Arc::default());
        for signal in [SIGINT, SIGTERM] {
            asked.ends_at(signal)?;
            asked.is_set_by(signal)?;
        }
        asked.ends_at(SIGHUP)?;
        let came = Arc::new(AtomicBool::new(false));
        flag::register(SIGHUP, Arc::clone(&came)).context("cannot listen to signals")?;
        let hangups = Self {
            came,
            asked: asked.clone(),
            terminals: Terminals::now(),
        };
        Ok((asked, hangups))
    }

    /// Whether one came because the terminal is gone: that asks to end.
    pub(super) fn end_the_run(&self) -> bool {
        let gone = self.came.load(SeqCst) && self.terminals.are_gone();
        if gone {
            self.asked.0.store(true, SeqCst);
        }
        gone
    }

    /// Whether one came since this was asked last that asks to load the catalogue again.
    pub(super) fn ask_to_reload(&self) -> bool {
        !self.end_the_run() && self.came.swap(false, SeqCst)
    }
}
