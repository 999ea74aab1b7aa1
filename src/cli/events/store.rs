//! Events that the broker does not have yet: files in a folder, or in memory.
//!
//! One file an event, put in place by its renaming, so that a file is whole or not there; it is removed when the broker
//! has said that it keeps the event. What is there when windfall starts is sent first. A folder is one process's at a time.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use windfall::capture::frame::Timestamp;
use windfall::events::spool::{Dropped, Place, Spool};

/// What is held in memory when files cannot be written.
const MOST_HELD: usize = 1024;

/// Says when the latest session began, so that the next one is later even if the clock was set back.
const LATEST: &str = "latest-session";

/// Locked for as long as the folder is used.
const LOCK: &str = "lock";

/// The events that wait.
pub(super) struct Store {
    spool: Spool,
    folder: Option<Folder>,
    /// Those that are in no file.
    held: BTreeMap<Place, Vec<u8>>,
    session: Timestamp,
    failing: bool,
    news: Vec<(String, bool)>,
}

/// A folder that is ours.
struct Folder {
    path: PathBuf,
    /// Unlocked when closed.
    _lock: Lock,
}

#[cfg(target_os = "linux")]
type Lock = nix::fcntl::Flock<File>;
#[cfg(not(target_os = "linux"))]
type Lock = File;

impl Store {
    /// Keeps at most so many bytes, in this folder if there is one.
    ///
    /// # Errors
    /// When the folder cannot be read or written, or another windfall uses it.
    pub(super) fn open(folder: Option<&Path>, most: u64, now: Timestamp) -> anyhow::Result<Self> {
        let mut store = Self {
            spool: Spool::of(most),
            folder: None,
            held: BTreeMap::new(),
            session: now,
            failing: false,
            news: Vec::new(),
        };
        if let Some(path) = folder {
            let cannot = || format!("cannot spool events in {}", path.display());
            let lock = lock(path).with_context(cannot)?;
            store.read(path).with_context(cannot)?;
            store.folder = Some(Folder {
                path: path.to_owned(),
                _lock: lock,
            });
        }
        Ok(store)
    }

    /// Takes in what an earlier run left.
    fn read(&mut self, path: &Path) -> io::Result<()> {
        let latest = path.join(LATEST);
        let mut before = read(&latest).ok().and_then(|text| {
            let nanos = String::from_utf8(text).ok()?.trim().parse().ok()?;
            Some(Timestamp::from_nanos(nanos))
        });
        let mut left = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let Some(place) = entry.file_name().to_str().and_then(place) else {
                continue;
            };
            before = before.max(Some(place.0));
            left.push((place, entry.metadata()?.len()));
        }
        left.sort_unstable();
        for (place, bytes) in left {
            for gone in self.spool.push(place, bytes) {
                fs::remove_file(path.join(name(gone)))?;
            }
        }
        if let Some(before) = before {
            self.session = self
                .session
                .max(before.after(std::time::Duration::from_nanos(1)));
        }
        write(path, LATEST, self.session.as_nanos().to_string().as_bytes())
    }

    /// When the session of this run began.
    pub(super) const fn session(&self) -> Timestamp {
        self.session
    }

    /// Keeps an event.
    pub(super) fn put(&mut self, place: Place, line: &[u8]) {
        let bytes = u64::try_from(line.len()).unwrap_or(u64::MAX);
        let was_full = self.spool.is_dropping();
        for gone in self.spool.push(place, bytes) {
            self.forget(gone);
        }
        if self.spool.is_dropping() && !was_full {
            let text = "events wait for the broker and their spool is full: the oldest are dropped";
            self.news.push((text.to_owned(), true));
        }
        let Some(folder) = &self.folder else {
            self.held.insert(place, line.to_vec());
            return;
        };
        match write(&folder.path, &name(place), line) {
            Ok(()) => self.failing = false,
            Err(error) => {
                if !self.failing {
                    let path = folder.path.display();
                    let text = format!(
                        "events cannot be spooled in {path}: {error}; the latest are held in memory, and the capture goes on"
                    );
                    self.news.push((text, true));
                }
                self.failing = true;
                self.hold(place, line);
            }
        }
    }

    /// Holds in memory what no file could be made of.
    fn hold(&mut self, place: Place, line: &[u8]) {
        self.held.insert(place, line.to_vec());
        while self.held.len() > MOST_HELD
            && let Some((place, _)) = self.held.pop_first()
        {
            self.spool.lose(place, "the spool could not be written");
        }
    }

    /// The next events after this one, oldest first.
    pub(super) fn next(&mut self, after: Option<Place>, most: usize) -> Vec<(Place, Vec<u8>)> {
        let places: Vec<Place> = self.spool.after(after).take(most).collect();
        let mut next = Vec::new();
        for place in places {
            match self.get(place) {
                Ok(line) => next.push((place, line)),
                Err(error) => {
                    tracing::info!(%error, "an event in the spool");
                    self.spoiled(place);
                }
            }
        }
        next
    }

    fn get(&self, place: Place) -> io::Result<Vec<u8>> {
        if let Some(line) = self.held.get(&place) {
            return Ok(line.clone());
        }
        let folder = self.folder.as_ref().ok_or(io::ErrorKind::NotFound)?;
        let line = read(&folder.path.join(name(place)))?;
        if line.is_empty() {
            // Made just before the power failed.
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line)
    }

    /// The broker keeps it.
    pub(super) fn delivered(&mut self, place: Place) {
        self.spool.remove(place);
        self.forget(place);
    }

    /// Removes what there is of an event. A file that cannot be removed is sent again, which the broker notices.
    fn forget(&mut self, place: Place) {
        if self.held.remove(&place).is_none()
            && let Some(folder) = &self.folder
        {
            let _ = fs::remove_file(folder.path.join(name(place)));
        }
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.spool.len()
    }

    /// What waits outlives this run.
    pub(super) const fn is_kept(&self) -> bool {
        self.folder.is_some()
    }

    /// An event that nobody can read is not kept for ever.
    pub(super) fn spoiled(&mut self, place: Place) {
        self.say(
            "an event in the spool is damaged; it is lost".to_owned(),
            true,
        );
        self.spool.lose(place, "the spool could not be read");
        self.forget(place);
    }

    /// Tells the operator something.
    pub(super) fn say(&mut self, text: String, trouble: bool) {
        self.news.push((text, trouble));
    }

    pub(super) fn news(&mut self) -> Vec<(String, bool)> {
        std::mem::take(&mut self.news)
    }

    pub(super) fn lost(&mut self) -> Vec<Dropped> {
        self.spool.take_dropped()
    }
}

/// Names sort as their events do.
fn name((session, sequence): Place) -> String {
    format!("{:020}-{sequence:020}.json", session.as_nanos())
}

fn place(name: &str) -> Option<Place> {
    let (session, sequence) = name.strip_suffix(".json")?.split_once('-')?;
    Some((
        Timestamp::from_nanos(session.parse().ok()?),
        sequence.parse().ok()?,
    ))
}

#[expect(clippy::disallowed_methods, reason = "the spool is read")]
fn read(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path)
}

/// A file that is whole or not there, for its owner alone.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = folder.join("unfinished");
    let written = open(&unfinished).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_data()
    });
    let placed = written.and_then(|()| fs::rename(&unfinished, folder.join(name)));
    if placed.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    placed
}

#[expect(clippy::disallowed_methods, reason = "the spool is written")]
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    #[cfg(target_os = "linux")]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, nix::libc::O_NOFOLLOW);
    options.open(path)
}

#[cfg(target_os = "linux")]
fn lock(folder: &Path) -> anyhow::Result<Lock> {
    use nix::fcntl::{Flock, FlockArg};
    let file = open(&folder.join(LOCK))?;
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, error)| match error {
        nix::errno::Errno::EWOULDBLOCK => anyhow::anyhow!("another windfall uses it"),
        error => error.into(),
    })
}

#[cfg(not(target_os = "linux"))]
fn lock(folder: &Path) -> anyhow::Result<Lock> {
    Ok(open(&folder.join(LOCK))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let path =
            std::env::temp_dir().join(format!("windfall-spool-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        path
    }

    const NOW: Timestamp = Timestamp::from_nanos(5_000);

    #[test]
    fn what_was_not_delivered_is_there_for_the_next_run() {
        let path = folder("again");
        let mut store = Store::open(Some(&path), 1 << 20, NOW).unwrap();
        let session = store.session();
        for number in 1..=3 {
            store.put((session, number), format!("{number}").as_bytes());
        }
        store.delivered((session, 2));
        drop(store);
        // The clock was set back.
        let mut store = Store::open(Some(&path), 1 << 20, Timestamp::from_nanos(7)).unwrap();
        assert!(store.session() > session);
        let left = store.next(None, 10);
        assert_eq!(
            left,
            [((session, 1), b"1".to_vec()), ((session, 3), b"3".to_vec())]
        );
        for (place, _) in left {
            store.delivered(place);
        }
        drop(store);
        let store = Store::open(Some(&path), 1 << 20, Timestamp::from_nanos(8)).unwrap();
        assert_eq!(store.waiting(), 0);
        assert!(store.session() > session);
        fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn a_folder_is_used_by_one_at_a_time() {
        let path = folder("twice");
        let first = Store::open(Some(&path), 1 << 20, NOW).unwrap();
        let refused = Store::open(Some(&path), 1 << 20, NOW).err().unwrap();
        assert!(
            format!("{refused:#}").contains("another windfall"),
            "{refused:#}"
        );
        drop(first);
        Store::open(Some(&path), 1 << 20, NOW).unwrap();
        fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn a_full_spool_drops_the_oldest_from_disk_and_tells_it_once() {
        let path = folder("full");
        let mut store = Store::open(Some(&path), 100, NOW).unwrap();
        for number in 1..=20 {
            store.put((NOW, number), &[b'x'; 20]);
        }
        assert_eq!(store.waiting(), 5);
        let files = fs::read_dir(&path).unwrap().filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            place(name.to_str().unwrap()).is_some()
        });
        assert_eq!(files.count(), 5);
        assert_eq!(store.news().len(), 1);
        for (place, _) in store.next(None, 4) {
            store.delivered(place);
        }
        let lost = store.lost();
        assert_eq!((lost[0].first, lost[0].last, lost[0].count), (1, 15, 15));
        fs::remove_dir_all(&path).unwrap();
    }
}
