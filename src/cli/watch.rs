//! `windfall watch`: captures from interfaces, and tells what fails while it does.

use std::net::TcpListener;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use windfall::capture::InterfaceTable;
use windfall::capture::frame::LinkType;
use windfall::capture::live::{LiveError, LiveOptions, Tap, open_when_there};
use windfall::pipeline::intake::Patience;
use windfall::pipeline::keeper::Scribe;
use windfall::pipeline::live::{self, Ended, Setup};
use windfall::pipeline::scribes::FromKept;
use windfall::pipeline::source::Source;
use windfall::pipeline::tap::Interface;
use windfall::privilege::{self, Allowed, Plan};
use windfall::report;
use windfall::tui::TuiError;

use super::arguments::Global;
use super::capture_flags::CaptureFlags;
use super::events::{EventsFlags, Reporter};
use super::evidence_flags::SaveFailing;
use super::exit::{Exit, Fault, guarded};
use super::process_lists::Processes;
use super::replay::{colour, request};
use super::report_flags::ReportFlags;
use super::ring_flags::WriteRing;
use super::running::{deadline, exit, show, tell};
use super::service::{Attendant, Notifier, Reload, ServiceFlags};
use super::signals::Hangups;
use super::status_lines::StatusLines;
use super::{chosen_catalogue, diagnostics, duration, evidence_flags, stdout};

/// Flows that are kept unless `--max-flows` says otherwise. A picture is made of all of them while the analysis waits: with
/// more, frames would be lost on a busy gateway.
const WATCHED_FLOWS: usize = 250_000;

/// `LINKTYPE_ETHERNET`.
const ETHERNET: LinkType = LinkType(1);

/// Arguments of `watch`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  windfall watch                                     the interface that windfall chooses, on the screen
  windfall watch -i br-lan --client 192.168.7.20     one device, on a gateway
  windfall watch --no-tui --duration 10m --format json > report.json
  windfall watch --no-tui --duration 10m --format html > report.html
  windfall watch --no-tui --metrics 127.0.0.1:9477   for Prometheus; /healthz says whether capture is well

Without a screen each change of a required connection's status is a line on standard error, and the report comes at the
end: after --duration, or with Ctrl-C (SIGINT, SIGTERM). A second signal ends at once, without a report. SIGHUP loads the
files of --catalogue again; from a terminal that is gone, it ends the run.")]
pub(super) struct Watch {
    #[command(flatten)]
    capture: CaptureFlags,
    #[command(flatten)]
    evidence: SaveFailing,
    #[command(flatten)]
    ring: WriteRing,
    #[command(flatten)]
    processes: Processes,
    #[command(flatten)]
    service: ServiceFlags,
    #[command(flatten)]
    events: EventsFlags,
    /// End after this time [default: when told to]
    #[arg(long, value_name = "TIME", value_parser = duration::parse, env = "WINDFALL_DURATION", hide_env_values = true)]
    duration: Option<Duration>,
    /// What counts for a status while watching: attempts at most this much older than the newest one. A connection that
    /// healed is well again. The report at the end counts all.
    #[arg(long, value_name = "TIME", value_parser = duration::parse, default_value = "5m", env = "WINDFALL_WINDOW", hide_env_values = true)]
    window: Duration,
    /// No screen: lines on standard error, the report on standard output. So it is without a terminal, too.
    #[arg(long, env = "WINDFALL_NO_TUI", hide_env_values = true)]
    no_tui: bool,
    #[command(flatten)]
    report: ReportFlags,
}

impl Watch {
    /// The run is shown on a screen.
    fn has_screen(&self) -> bool {
        !self.no_tui && stdout::is_terminal()
    }
}

/// Runs the command.
pub(super) fn run(command: &Watch, global: &Global) -> Result<Exit, Fault> {
    let catalogue = chosen_catalogue::build(global, &[])?;
    let lists = command.processes.read()?;
    let (asked, hangups) = Hangups::listen().map_err(Fault::usage)?;
    let plan = plan(command, global);
    plan.check().map_err(Fault::usage)?;
    let listener = command.service.listen()?;
    let notifier = Notifier::from_environment();
    let events = command.events.prepare(command.has_screen())?;
    let options = command.capture.options();
    let stop = deadline(command.duration, &asked);
    let taps = open(&options, &|| hangups.end_the_run() || stop())?;
    for tap in &taps {
        diagnostics::say(&tap.opening());
    }
    let names = taps.iter().map(|tap| tap.name().to_owned()).collect();
    let interfaces = interfaces(&taps);
    let confinement = confine(&plan, listener.as_ref())?;
    let mut reporter = Reporter::new(&command.events, events, names)?;
    let ring = command.ring.ring(options.snaplen)?;
    let folder = command.evidence.folder().or(command.ring.folder());
    let scribe = folder.map(|folder| FromKept::new(interfaces, folder.to_owned(), ring));
    let scribe = match command.evidence.folder() {
        Some(folder) => scribe.map(|scribe| scribe.saving(folder.to_owned())),
        None => scribe,
    };
    let sources = taps
        .into_iter()
        .map(|tap| Box::new(Interface::new(tap)) as Box<dyn Source>)
        .collect();
    let mut request = request(&[], &catalogue, lists, global);
    request.limits.flows = global.max_flows.unwrap_or(WATCHED_FLOWS);
    let reload = Reload {
        global,
        requirements: catalogue.requirements().len(),
    };
    let attendant = Attendant {
        listener: listener.as_ref(),
        hangups: &hangups,
        reload: &reload,
        notifier: &notifier,
        per_client: command.service.per_client(),
        flows_limit: request.limits.flows,
    };
    let setup = Setup {
        request,
        window: Some(command.window),
        confinement,
        patience: Patience::Drop,
        scribe: scribe.as_ref().map(|scribe| scribe as &dyn Scribe),
    };
    let seen_by = Beside {
        attendant: &attendant,
        reporter: &mut reporter,
    };
    let (unseen, ended) = look(command, global, &setup, sources, seen_by, &stop);
    reporter.finish(&ended);
    report(command, global, scribe.as_ref(), &ended, unseen)
}

/// Who looks at the run beside the user.
struct Beside<'a, 'b> {
    attendant: &'a Attendant<'b>,
    reporter: &'a mut Reporter,
}

/// Looks at the run until it is time to end; how that failed, if it did, and what the run came to.
fn look<'a>(
    command: &Watch,
    global: &Global,
    setup: &Setup<'a>,
    sources: Vec<Box<dyn Source + 'a>>,
    beside: Beside<'_, '_>,
    stop: &dyn Fn() -> bool,
) -> (Option<TuiError>, Ended) {
    let with_screen = command.has_screen();
    let colour = colour(global.color);
    let mut lines = StatusLines::default();
    let Beside {
        attendant,
        reporter,
    } = beside;
    let (looked, ended) = live::run(setup, sources, |run| {
        attendant.beside(run, || {
            reporter.beside(run, || {
                guarded(|| {
                    if with_screen {
                        return show(run, colour, stop);
                    }
                    tell(run, &mut lines, stop);
                    Ok(())
                })
            })
        })
    });
    lines.tell_messages(&ended.messages);
    (looked.err(), ended)
}

/// Writes the report, the evidence, and what is to be told beside them.
fn report(
    command: &Watch,
    global: &Global,
    scribe: Option<&FromKept>,
    ended: &Ended,
    unseen: Option<TuiError>,
) -> Result<Exit, Fault> {
    let exit = exit(ended, matches!(unseen, Some(TuiError::Panicked)));
    let broken = ended.broken.as_ref().map(ToString::to_string);
    let broken = broken.or(unseen.map(|unseen| unseen.to_string()));
    let options = command.report.options(global.color);
    let written = if command.events.on_stdout() {
        Ok(exit)
    } else {
        stdout::write(exit, |out| report::write(&ended.summary, &options, out))
    };
    for error in broken.iter().chain(&ended.failures) {
        diagnostics::say(&format!("error: {error}"));
    }
    if ended.unkept > 0 {
        diagnostics::say(&format!(
            "{} frames were not kept for evidence: they came faster than they could be written",
            ended.unkept
        ));
    }
    match scribe {
        Some(scribe) if !evidence_flags::tell(scribe.finish(&ended.summary, &ended.kept)) => {
            written.map(|_| Exit::Unwritten)
        }
        Some(_) | None => written,
    }
}

/// The interfaces by their numbers, as evidence files name them.
fn interfaces(taps: &[Tap]) -> InterfaceTable {
    let mut table = InterfaceTable::new();
    for tap in taps {
        table.add(windfall::capture::Interface {
            capture: tap.number(),
            name: Some(tap.name().to_owned()),
            description: None,
            // Told once it is there; Ethernet is what most are.
            link: tap.link().unwrap_or(ETHERNET),
        });
    }
    table
}

/// Opens the interfaces, waiting for those that are not there yet.
fn open(options: &LiveOptions, stop: &dyn Fn() -> bool) -> Result<Vec<Tap>, Fault> {
    open_when_there(options, diagnostics::say, || !stop()).map_err(|error| {
        let exit = match error {
            LiveError::Filter(_) | LiveError::FilterHere { .. } => Exit::Usage,
            _ => Exit::Unreadable,
        };
        Fault {
            exit,
            error: error.into(),
        }
    })
}

/// What is given away once the interfaces are open, and which folders are not.
fn plan(command: &Watch, global: &Global) -> Plan {
    let folders = [command.evidence.folder(), command.ring.folder()];
    let folders = folders.into_iter().flatten().map(Path::to_owned);
    let plan = command.capture.plan(Allowed {
        read: command.events.read(),
        write: folders.chain(command.events.folders()).collect(),
    });
    let again = global
        .catalogue
        .iter()
        .filter_map(|file| readable_again(&plan, file));
    let read = plan.allowed.read.iter().cloned().chain(again).collect();
    let allowed = Allowed {
        read,
        ..plan.allowed
    };
    Plan {
        allowed,
        broker_port: command.events.broker_port(),
        ..plan
    }
}

/// The folder of a catalogue file that is to be read again, when SIGHUP asks for it: a file that is replaced is another
/// one. None, which is told, if whoever windfall goes on as may not read it; the run does without.
fn readable_again(plan: &Plan, file: &Path) -> Option<PathBuf> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).to_owned();
    let read = vec![file.to_owned(), folder.clone()];
    let readable = Plan {
        allowed: Allowed {
            read,
            write: Vec::new(),
        },
        ..plan.clone()
    };
    match readable.check() {
        Ok(()) => Some(folder),
        Err(why) => {
            tracing::warn!(%why, "SIGHUP will not load this catalogue file again");
            None
        }
    }
}

/// Gives rights away, now that everything is open, and says what holds.
fn confine(plan: &Plan, listener: Option<&TcpListener>) -> Result<Vec<String>, Fault> {
    let plan = Plan {
        listener: listener.map(|listener| listener.as_fd().as_raw_fd()),
        ..plan.clone()
    };
    let done = privilege::confine(&plan).map_err(Fault::usage)?;
    for missing in &done.missing {
        tracing::info!(missing, "not confined");
    }
    let missing = done.missing.iter().map(|missing| format!("no {missing}"));
    Ok(done.in_force.iter().cloned().chain(missing).collect())
}

#[cfg(test)]
mod tests {
    use windfall::catalogue::Catalogue;
    use windfall::pipeline::keeper::Kept;
    use windfall::pipeline::live::{Broken, Ended};
    use windfall::pipeline::replay::{Request, replay};

    use super::*;
    use crate::cli::exit::guarded;

    /// What a run of a capture that shows failures came to.
    fn ended(broken: bool, failures: &[&str]) -> Ended {
        let catalogue = Catalogue::builtin(windfall::catalogue::Profile::All).unwrap();
        let capture = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/captures/itunes-failure.pcapng"
        );
        Ended {
            summary: replay(&Request::new(&[capture.into()], &catalogue), |_, _| {}).summary,
            failures: failures.iter().map(ToString::to_string).collect(),
            broken: broken.then(|| Broken {
                part: "worker 2".to_owned(),
                whole: false,
            }),
            messages: Vec::new(),
            unkept: 0,
            kept: Kept::default(),
        }
    }

    #[test]
    fn a_part_that_fails_comes_before_all_else() {
        assert_eq!(exit(&ended(false, &[]), false), Exit::Failing);
        assert_eq!(
            exit(&ended(false, &["lan0 is gone"]), false),
            Exit::Unreadable
        );
        assert_eq!(exit(&ended(true, &["lan0 is gone"]), false), Exit::Broken);
        assert_eq!(Exit::Broken as u8, 101);
        let told = ended(true, &[]).broken.unwrap().to_string();
        assert!(told.starts_with("worker 2 of windfall failed"), "{told}");
    }

    #[test]
    fn a_screen_that_panics_leaves_the_report_and_its_own_status() {
        let looked = guarded(|| unreachable!("the screen was told to"));
        assert!(matches!(looked, Err(TuiError::Panicked)));
        assert_eq!(exit(&ended(false, &[]), true), Exit::Broken);
    }
}
