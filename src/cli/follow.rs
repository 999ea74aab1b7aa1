//! `--follow`: a capture file that somebody is still writing.
//!
//! Input: the flags and a file. Output: as for `watch`: lines on standard error, or the screen, and what it came to at
//! the end. It ends when told to, after `--duration`, or when the file can grow no more.

use std::path::Path;
use std::time::Duration;

use clap::Args;
use windfall::pipeline::follow::Follower;
use windfall::pipeline::intake::Patience;
use windfall::pipeline::live::{self, Setup};
use windfall::pipeline::replay::Request;
use windfall::tui::TuiError;
use windfall::verdict::summary::Summary;

use super::exit::{Exit, Fault, guarded};
use super::running::{deadline, exit, show, tell};
use super::signals::Asked;
use super::status_lines::StatusLines;
use super::{diagnostics, duration};

/// Arguments of commands that may follow a file.
#[derive(Args, Debug)]
pub(super) struct Follow {
    /// Go on reading the file as it grows, as tail -f does: changes are told on standard error as they happen (with
    /// --tui, on the screen), the report comes at the end: with Ctrl-C, after --duration, or when the file is replaced
    /// or cut. Waiting times count by the packets' own clock: silence counts once a later packet shows it.
    #[arg(long, env = "WINDFALL_FOLLOW", hide_env_values = true)]
    follow: bool,
    /// End following after this time [default: when told to]
    #[arg(long, value_name = "TIME", value_parser = duration::parse, requires = "follow", env = "WINDFALL_DURATION", hide_env_values = true)]
    duration: Option<Duration>,
}

/// What following came to.
pub(super) struct Followed {
    pub(super) exit: Exit,
    pub(super) summary: Summary,
    pub(super) failures: Vec<String>,
}

impl Follow {
    /// Whether it is asked for.
    pub(super) const fn is_wanted(&self) -> bool {
        self.follow
    }

    /// Follows the file of the request.
    ///
    /// # Errors
    /// When there are several, or none that can be followed, or no terminal for the screen.
    pub(super) fn run(
        &self,
        request: Request<'_>,
        window: Duration,
        with_screen: bool,
        colour: bool,
    ) -> Result<Followed, Fault> {
        let [path] = request.paths else {
            return Err(Fault::usage(anyhow::anyhow!(
                "--follow reads one file; of several it would not know which one comes next"
            )));
        };
        if path == Path::new("-") {
            return Err(Fault::usage(anyhow::anyhow!(
                "--follow is for files: standard input is read as it comes without it"
            )));
        }
        let asked = Asked::listen().map_err(Fault::usage)?;
        let stop = deadline(self.duration, &asked);
        let source = Follower::new(path.clone());
        let setup = Setup {
            request,
            window: Some(window),
            confinement: Vec::new(),
            patience: Patience::Wait,
            scribe: None,
        };
        let mut lines = StatusLines::default();
        let (looked, ended) = live::run(&setup, vec![Box::new(source)], |run| {
            guarded(|| {
                if with_screen {
                    return show(run, colour, &stop);
                }
                tell(run, &mut lines, &stop);
                Ok(())
            })
        });
        if !with_screen {
            lines.tell_messages(&ended.messages);
        }
        let unseen = matches!(looked, Err(TuiError::Panicked));
        match looked {
            Err(fault @ (TuiError::NotATerminal | TuiError::Terminal(_))) => {
                return Err(Fault::usage(fault));
            }
            Err(error) => diagnostics::say(&format!("error: {error}")),
            Ok(()) => {}
        }
        if let Some(broken) = &ended.broken {
            diagnostics::say(&format!("error: {broken}"));
        }
        Ok(Followed {
            exit: exit(&ended, unseen),
            summary: ended.summary,
            failures: ended.failures,
        })
    }
}
