//! Which process owns a flow, and how the background processes of iTunes fare.
//!
//! Input: the processes that captures name (Apple's systems write them), and the lists of a Windows computer. Output: a
//! flow's [`Process`], the capture's word before the lists'; and one row for each background process of the catalogue.
//! That a process did not run is said only where a complete list says so: a capture shows those alone that sent something.
//! Names compare without regard to case, and with or without `.exe`: the article names files of Windows, macOS runs
//! most of the same programs under the same names.

use std::collections::BTreeSet;

use super::conversation::Conversation;
use super::outcome::Standing;
use super::rows::is_faulty;
use super::subject::{Subject, transport};
use super::summary::{BackgroundProcess, Process};
use crate::capture::frame::ProcessId;
use crate::catalogue::{Catalogue, ProcessEntry};
use crate::process_list::ProcessLists;
use crate::side::Side;

/// What was told of processes.
#[derive(Clone, Debug, Default)]
pub struct Told<'a> {
    /// Those that the captures name, by input and number.
    pub captured: Vec<Vec<Process>>,
    /// Lists made on a Windows computer.
    pub listed: Option<&'a ProcessLists>,
}

impl Told<'_> {
    /// The process that owns a flow.
    #[must_use]
    pub fn owner(&self, conversation: &Conversation) -> Option<Process> {
        let flow = &conversation.flow;
        flow.process.and_then(|id| self.captured(id)).or_else(|| {
            let owner = self.listed?.owner(
                transport(conversation),
                flow.endpoint(Side::Client),
                flow.endpoint(Side::Server),
            )?;
            Some(Process {
                name: owner.name.map(ToOwned::to_owned),
                pid: Some(owner.pid),
            })
        })
    }

    fn captured(&self, id: ProcessId) -> Option<Process> {
        let of_input = self.captured.get(usize::from(id.capture))?;
        of_input.get(usize::from(id.number)).cloned()
    }

    /// Whether anything was told at all.
    #[must_use]
    pub fn is_anything(&self) -> bool {
        self.listed.is_some() || self.captured.iter().any(|of_input| !of_input.is_empty())
    }

    /// Name and identifier of every process that was seen.
    fn seen(&self) -> impl Iterator<Item = (&str, Option<u32>)> {
        let running = self.listed.into_iter().flat_map(ProcessLists::running);
        let listed = running.map(|running| (running.name.as_str(), Some(running.pid)));
        let captured = self.captured.iter().flatten();
        listed.chain(captured.filter_map(|process| Some((process.name.as_deref()?, process.pid))))
    }
}

/// The background processes of the catalogue, in its order; none when nothing was told.
#[must_use]
pub fn background(
    told: &Told<'_>,
    subjects: &[Subject<'_>],
    catalogue: &Catalogue,
) -> Vec<BackgroundProcess> {
    if !told.is_anything() {
        return Vec::new();
    }
    let failing: Vec<(String, String)> = subjects
        .iter()
        .filter(|subject| subject.standing == Standing::Own)
        .filter(|subject| is_faulty(subject.ruling.outcome))
        .filter_map(|subject| Some((told.owner(subject.conversation)?.name?, subject.id())))
        .collect();
    let entries = catalogue.processes();
    // The program that an entry is another name of; a name of itself, or of another alias, is a program of its own.
    let program = |entry: &ProcessEntry| {
        let of = entry.same_as.as_deref()?;
        let mut programs = entries.iter().filter(|other| other.same_as.is_none());
        programs.find(|other| is_same(&other.name, of))
    };
    entries
        .iter()
        .filter(|entry| program(entry).is_none())
        .map(|entry| {
            let aliases = entries.iter().filter(|other| program(other) == Some(entry));
            let other_names = aliases.map(|other| other.name.clone()).collect();
            row(entry, other_names, told, &failing)
        })
        .collect()
}

/// The row of one process; `failing` are names of processes, each with a flow of its that failed.
fn row(
    entry: &ProcessEntry,
    other_names: Vec<String>,
    told: &Told<'_>,
    failing: &[(String, String)],
) -> BackgroundProcess {
    let is_it = |name: &str| {
        is_same(name, &entry.name) || other_names.iter().any(|other| is_same(name, other))
    };
    let seen: Vec<Option<u32>> = told
        .seen()
        .filter(|(name, _)| is_it(name))
        .map(|(_, pid)| pid)
        .collect();
    let pids: BTreeSet<u32> = seen.iter().copied().flatten().collect();
    let is_complete = told.listed.is_some_and(ProcessLists::is_complete);
    let mut failing_flows: Vec<String> = Vec::new();
    for (name, flow) in failing {
        if is_it(name) && !failing_flows.contains(flow) {
            failing_flows.push(flow.clone());
        }
    }
    BackgroundProcess {
        name: entry.name.clone(),
        description: entry.service.clone(),
        failure: entry.failure.clone(),
        groups: entry.groups.clone(),
        optional: entry.optional,
        seen: match (seen.is_empty(), is_complete) {
            (false, _) => Some(true),
            (true, true) => Some(false),
            (true, false) => None,
        },
        pids: pids.into_iter().collect(),
        failing_flows,
        other_names,
    }
}

/// The same program, whatever the case of its name, with or without `.exe`.
fn is_same(one: &str, other: &str) -> bool {
    stem(one).eq_ignore_ascii_case(stem(other))
}

fn stem(name: &str) -> &str {
    match name
        .len()
        .checked_sub(4)
        .and_then(|at| name.split_at_checked(at))
    {
        Some((stem, end)) if end.eq_ignore_ascii_case(".exe") => stem,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Profile;

    fn named(name: &str, pid: u32) -> Process {
        Process {
            name: Some(name.to_owned()),
            pid: Some(pid),
        }
    }

    fn rows(told: &Told<'_>) -> Vec<BackgroundProcess> {
        background(told, &[], &Catalogue::builtin(Profile::All).unwrap())
    }

    fn one<'r>(rows: &'r [BackgroundProcess], name: &str) -> &'r BackgroundProcess {
        rows.iter().find(|row| row.name == name).unwrap()
    }

    #[test]
    fn nothing_told_gives_no_rows() {
        assert!(rows(&Told::default()).is_empty());
        let empty = Told {
            captured: vec![Vec::new()],
            listed: None,
        };
        assert!(rows(&empty).is_empty());
    }

    #[test]
    fn a_capture_shows_who_ran_and_never_who_did_not() {
        let told = Told {
            captured: vec![
                Vec::new(),
                vec![named("mDNSResponder", 340), named("Music", 9)],
            ],
            listed: None,
        };
        let rows = rows(&told);
        let bonjour = one(&rows, "mDNSResponder.exe");
        assert_eq!((bonjour.seen, &bonjour.pids[..]), (Some(true), &[340][..]));
        assert!(rows.iter().filter(|row| row.seen.is_some()).count() == 1);
    }

    #[test]
    fn a_name_that_a_system_cut_could_be_several() {
        let told = Told {
            captured: vec![vec![named("AppleMobileDevic", 7)]],
            listed: None,
        };
        assert!(rows(&told).iter().all(|row| row.seen.is_none()));
    }

    #[test]
    fn names_that_point_at_each_other_lose_no_process() {
        let own = "[[process]]\nname = \"a.exe\"\nsame_as = \"b.exe\"\n\n\
            [[process]]\nname = \"b.exe\"\nsame_as = \"b.exe\"\n";
        let catalogue = Catalogue::with_extra(Profile::Itunes, &[("own.toml", own)]).unwrap();
        let told = Told {
            captured: vec![vec![named("A.EXE", 1)]],
            listed: None,
        };
        let rows = background(&told, &[], &catalogue);
        assert_eq!(one(&rows, "a.exe").pids, [1]);
        assert!(one(&rows, "b.exe").pids.is_empty());
        assert!(one(&rows, "b.exe").other_names.is_empty());
    }

    #[test]
    fn a_complete_list_tells_who_did_not_run_and_either_name_will_do() {
        let mut lists = ProcessLists::default();
        let tasks = "\"System\",\"4\"\n\"APPLEMOBILEDEVICEPROCESS.EXE\",\"88\"\n\"ituneshelper.exe\",\"70\"\n\"iTunesHelper.exe\",\"69\"\n";
        lists.add("tasks.csv", tasks.as_bytes()).unwrap();
        let told = Told {
            captured: Vec::new(),
            listed: Some(&lists),
        };
        let rows = rows(&told);
        let service = one(&rows, "AppleMobileDeviceService.exe");
        assert_eq!(service.other_names, ["AppleMobileDeviceProcess.exe"]);
        assert_eq!((service.seen, &service.pids[..]), (Some(true), &[88][..]));
        assert!(
            rows.iter()
                .all(|row| row.name != "AppleMobileDeviceProcess.exe")
        );
        assert_eq!(one(&rows, "iTunesHelper.exe").pids, [69, 70]);
        assert_eq!(one(&rows, "mDNSResponder.exe").seen, Some(false));
    }
}
