//! Writes evidence files.
//!
//! Input: a summary, packets, a folder or a name. Output: the files written, with what of them could not be had any
//! more. Packets are read once for [`FILES_AT_ONCE`] files; files are made when their first packet is there, so that
//! no empty ones are left.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::picker::Picker;
use super::source::Packets;
use super::{comments, names};
use crate::anonymize::{Anonymizer, Anonymous};
use crate::capture::frame::{Frame, Timestamp};
use crate::capture::interface::{Interface, InterfaceTable};
use crate::capture::write::{About, PcapngFile, WriteError, Written};
use crate::decode::{Decoder, PacketView, TransportView};
use crate::picture::Selection;
use crate::verdict::outcome::Status;
use crate::verdict::summary::{Flow, Requirement, Summary};
use crate::words::counted;

/// Files open at a time: a process may have 1024 of them, or 256.
const FILES_AT_ONCE: usize = 64;

/// Names tried for one file: `NAME`, `NAME-2`, and so on.
const MAX_NAMES: u32 = 1000;

/// Why there is no evidence.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The folder is not there and cannot be made.
    #[error("{} cannot be made: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error(transparent)]
    File(#[from] WriteError),
    /// There is no packet of it.
    #[error("no packet of {what} can be had any more")]
    Gone {
        /// What was asked for.
        what: String,
    },
}

/// Packets that could not be had any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// So many of the flows' packets are missing.
    pub packets: u64,
    /// Of so many.
    pub of: u64,
}

/// One evidence file.
#[derive(Debug)]
pub struct Saved {
    /// What it is evidence of: a requirement's pattern and status with the device, or so many flows.
    pub what: String,
    /// The file, or why there is none.
    pub file: Result<Written, EvidenceError>,
    /// What is missing in it.
    pub missing: Missing,
}

impl fmt::Display for Saved {
    /// One line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Ok(written) => {
                let plural = if written.packets == 1 { "" } else { "s" };
                let (path, packets) = (written.path.display(), written.packets);
                write!(f, "wrote {path}: {packets} packet{plural}, {}", self.what)?;
                if self.missing.packets > 0 {
                    let Missing { packets, of } = self.missing;
                    write!(
                        f,
                        "; {packets} of {of} packets of its flows can no longer be had"
                    )?;
                }
                Ok(())
            }
            Err(error) => write!(f, "no evidence of {}: {error}", self.what),
        }
    }
}

/// Writes a file for each requirement and device that is failing, degraded or flaky into `folder`, which is made if it
/// is not there (mode 0700). A name that is taken gets a number.
///
/// # Errors
/// When the folder cannot be made. What befalls a single file is told with it.
pub fn save(
    summary: &Summary,
    packets: &dyn Packets,
    folder: &Path,
) -> Result<Vec<Saved>, EvidenceError> {
    save_those(summary, packets, folder, &|_| true)
}

/// The same for those of these requirements that are wanted: the ones that have begun to fail, say.
///
/// # Errors
/// As [`save`].
pub fn save_those(
    summary: &Summary,
    packets: &dyn Packets,
    folder: &Path,
    wanted: &dyn Fn(&Requirement) -> bool,
) -> Result<Vec<Saved>, EvidenceError> {
    save_rows(summary, packets, folder, wanted, None)
}

/// What makes packets anonymous, and the summary that is.
type Veil<'a> = (&'a Anonymous<'a>, &'a Summary);

fn save_rows(
    summary: &Summary,
    packets: &dyn Packets,
    folder: &Path,
    wanted: &dyn Fn(&Requirement) -> bool,
    veil: Option<Veil<'_>>,
) -> Result<Vec<Saved>, EvidenceError> {
    // Picked by what was seen, described by what is shown.
    let shown = veil.map_or(summary, |(_, shown)| shown);
    let rows = summary.requirements.iter().zip(&shown.requirements);
    let rows: Vec<_> = rows.filter(|(row, _)| is_bad(row) && wanted(row)).collect();
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    make_folder(folder)?;
    let mut saved = Vec::new();
    for rows in rows.chunks(FILES_AT_ONCE) {
        let works = rows.iter().map(|(row, shown)| Work {
            name: Name::Free(folder.join(names::of_requirement(shown))),
            about: comments::requirement(shown),
            what: what(shown),
            picker: Picker::of_requirement(summary, row),
            veil: veil.map(|(veil, _)| veil.clone()),
            file: None,
            failure: None,
        });
        saved.extend(write(works.collect(), summary, packets));
    }
    Ok(saved)
}

/// As [`save`], without what tells whose it is: names of files and comments are pseudonyms too. The summary is the one
/// of the packets as they are.
///
/// # Errors
/// As [`save`].
pub fn save_anonymous(
    summary: &Summary,
    packets: &dyn Packets,
    folder: &Path,
    anonymizer: &Anonymizer<'_>,
) -> Result<Vec<Saved>, EvidenceError> {
    let shown = anonymizer.summary(summary);
    let veil = Anonymous::of(anonymizer, summary);
    save_rows(summary, packets, folder, &|_| true, Some((&veil, &shown)))
}

/// Writes these flows and questions to `path`, or if none is given to a name made from their time in `folder`.
///
/// # Errors
/// When the file cannot be made or written.
pub fn write_selection(
    summary: &Summary,
    selection: &Selection,
    packets: &dyn Packets,
    path: Option<&Path>,
    folder: &Path,
) -> Result<Saved, EvidenceError> {
    let (kind, at, client, what) = described(summary, selection);
    let name = match path {
        Some(path) => Name::Fixed(path.to_owned()),
        None => Name::Free(folder.join(names::of_selection(kind, at, client.as_ref()))),
    };
    let work = Work {
        name,
        about: String::new(),
        what,
        picker: Picker::of_selection(summary, selection),
        veil: None,
        file: None,
        failure: None,
    };
    let mut saved = write(vec![work], summary, packets);
    let saved = saved.pop().ok_or(EvidenceError::Gone {
        what: String::new(),
    })?;
    match saved.file {
        Err(error) => Err(error),
        Ok(_) => Ok(saved),
    }
}

/// What a selection is of (`flows`, `dns`), when it begins, whose it is, and in words.
fn described(
    summary: &Summary,
    selection: &Selection,
) -> (&'static str, Timestamp, Option<IpAddr>, String) {
    let flows = summary.flows.iter();
    let flows = flows.filter(|flow| selection.flows.contains(&flow.id));
    let flows: Vec<&Flow> = flows.collect();
    let asked = &selection.questions;
    let what = match (flows.as_slice(), asked.as_slice()) {
        ([flow], []) => format!(
            "flow {}:{} → {}:{}",
            flow.client.ip, flow.client.port, flow.server.ip, flow.server.port
        ),
        ([], [one]) => format!("DNS question of {} for {}", one.client, one.name),
        (flows, questions) => {
            let of_flows = counted(flows.len() as u64, "flow", "flows");
            let of_dns = counted(questions.len() as u64, "DNS question", "DNS questions");
            match (flows, questions) {
                (_, []) => of_flows,
                ([], _) => of_dns,
                _ => format!("{of_flows}, {of_dns}"),
            }
        }
    };
    let flow = flows.iter().min_by_key(|flow| flow.first);
    let flow = flow.map(|flow| ("flows", flow.first, Some(flow.client.ip)));
    let question = asked.iter().min_by_key(|question| question.first);
    let question = question.map(|question| ("dns", question.first, Some(question.client)));
    let (kind, at, client) = flow
        .or(question)
        .unwrap_or(("flows", Timestamp::default(), None));
    (kind, at, client, what)
}

/// Whether a requirement's evidence is worth a file.
pub(super) fn is_bad(row: &Requirement) -> bool {
    matches!(
        row.status,
        Status::Failing | Status::Degraded | Status::Flaky
    ) && row.client.is_some()
}

fn what(row: &Requirement) -> String {
    let client = row
        .client
        .as_ref()
        .and_then(|client| client.addresses.first());
    let client = client.map_or_else(|| "nobody".to_owned(), ToString::to_string);
    format!("{} {} for {client}", row.pattern, row.status)
}

/// Makes a folder for evidence, if it is not there, that only its owner may look into (mode 0700). [`save`] does so when
/// there is something to save; a program that gives its rights away does so before.
///
/// # Errors
/// When it cannot be made.
pub fn make_folder(folder: &Path) -> Result<(), EvidenceError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|source| EvidenceError::Folder {
            path: folder.to_owned(),
            source,
        })
}

/// A file's name.
enum Name {
    /// This one or none.
    Fixed(PathBuf),
    /// This one with `.pcapng`, or with a number if it is taken.
    Free(PathBuf),
}

/// A file to be written.
struct Work<'a> {
    name: Name,
    about: String,
    what: String,
    picker: Picker,
    veil: Option<Anonymous<'a>>,
    file: Option<PcapngFile>,
    failure: Option<WriteError>,
}

/// Reads the packets once and writes what each file wants of them.
fn write(mut works: Vec<Work<'_>>, summary: &Summary, packets: &dyn Packets) -> Vec<Saved> {
    // Silence proves something only as long as it was listened to.
    let ended = summary
        .captures
        .iter()
        .filter_map(|capture| capture.last)
        .max();
    let mut decoder = Decoder::new();
    // Asking every file about every packet would take longer than all the rest.
    let mut of_device: HashMap<IpAddr, Vec<usize>> = HashMap::new();
    for (number, work) in works.iter().enumerate() {
        for device in work.picker.devices() {
            of_device.entry(device).or_default().push(number);
        }
    }
    let mut asked = Vec::new();
    let from = works.iter().filter_map(|work| work.picker.from()).min();
    packets.each(from, &mut |frame, interfaces| {
        let packet = decoder.decode(frame).ok();
        asked.clear();
        for end in packet.iter().flat_map(ends).flatten() {
            asked.extend(of_device.get(&end).into_iter().flatten());
        }
        for (number, work) in works.iter_mut().enumerate() {
            if work.failure.is_none()
                && (asked.contains(&number) || work.picker.cites(frame))
                && let Some(comments) = work.picker.picks(frame, packet.as_ref())
                && let Err(error) = work.take(frame, interfaces, &comments)
            {
                work.failure = Some(error);
            }
        }
        works.iter().any(|work| work.failure.is_none())
    });
    let finished = works.into_iter().map(|work| work.finish(ended));
    finished.collect()
}

/// Both ends of a packet, and of the packet that it quotes.
fn ends(packet: &PacketView<'_>) -> [Option<IpAddr>; 4] {
    let quoted = match &packet.transport {
        TransportView::Icmp(icmp) => icmp.quoted,
        _ => None,
    };
    let ends = quoted.map(|quoted| (quoted.src, quoted.dst)).unzip();
    [Some(packet.src), Some(packet.dst), ends.0, ends.1]
}

impl Work<'_> {
    fn take(
        &mut self,
        frame: &Frame<'_>,
        interfaces: &InterfaceTable,
        comments: &[String],
    ) -> Result<(), WriteError> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(open(&self.name, &self.about)?),
        };
        let interface = interfaces.get(frame.interface);
        let Some(veil) = &mut self.veil else {
            return file.packet(frame, interface, comments);
        };
        let comments: Vec<String> = comments.iter().map(|text| veil.comment(text)).collect();
        let interface = interface.map(|known| Interface {
            name: known.name.as_ref().map(|name| veil.interface(name)),
            description: None,
            ..known.clone()
        });
        match veil.frame(frame) {
            Some(frame) => file.packet(&frame, interface.as_ref(), &comments),
            None => Ok(()),
        }
    }

    fn finish(mut self, ended: Option<Timestamp>) -> Saved {
        if let (Some(file), Some(ended)) = (&mut self.file, ended) {
            file.ended(ended);
        }
        let (picked, of) = (self.picker.picked(), self.picker.expected());
        let file = match (self.failure, self.file) {
            (Some(failure), _) => Err(failure.into()),
            (None, Some(file)) => file.finish().map_err(Into::into),
            (None, None) => Err(EvidenceError::Gone {
                what: self.what.clone(),
            }),
        };
        Saved {
            what: self.what,
            file,
            missing: Missing {
                packets: of.saturating_sub(picked),
                of,
            },
        }
    }
}

fn open(name: &Name, about: &str) -> Result<PcapngFile, WriteError> {
    let about = About {
        comment: about.to_owned(),
        snap_len: 0,
    };
    let stem = match name {
        Name::Fixed(path) => return PcapngFile::begin(path, &about),
        Name::Free(stem) => stem,
    };
    let mut number = 1;
    loop {
        let mut path = stem.as_os_str().to_owned();
        path.push(if number == 1 {
            ".pcapng".to_owned()
        } else {
            format!("-{number}.pcapng")
        });
        match PcapngFile::begin(Path::new(&path), &about) {
            Err(WriteError::Exists { .. } | WriteError::Link { .. }) if number < MAX_NAMES => {
                number += 1;
            }
            other => return other,
        }
    }
}
