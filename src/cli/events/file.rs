//! Events as lines: appended to a file, or on standard output.
//!
//! A line that cannot be written is lost, told and counted; the next one is tried. After a line that was cut (a full disk)
//! the next begins on a line of its own.

use std::io::{self, Write};
use std::path::Path;

use anyhow::Context as _;
use windfall::events::spool::{Dropped, Place, Spool};

use super::Outlet;
use crate::cli::diagnostics;

/// Where lines go.
pub(in crate::cli) struct Lines {
    out: Box<dyn Write + Send>,
    name: String,
    /// The last line was cut.
    torn: bool,
    /// The last line failed.
    failing: bool,
    /// Nobody reads any more.
    closed: bool,
    /// Only what was lost.
    lost: Spool,
    news: Vec<(String, bool)>,
}

impl Lines {
    fn to(out: Box<dyn Write + Send>, name: String) -> Self {
        Self {
            out,
            name,
            torn: false,
            failing: false,
            closed: false,
            lost: Spool::of(u64::MAX),
            news: Vec::new(),
        }
    }

    /// On standard output.
    #[expect(clippy::disallowed_methods, reason = "--events - is standard output")]
    pub(super) fn stdout() -> Self {
        Self::to(Box::new(io::stdout()), "standard output".to_owned())
    }

    /// At the end of a file, for its owner alone.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(super) fn append(path: &Path) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        let file =
            diagnostics::open(path).with_context(|| format!("cannot write events to {name}"))?;
        Ok(Self::to(Box::new(file), name))
    }

    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let mut whole = Vec::with_capacity(line.len() + 2);
        if self.torn {
            whole.push(b'\n');
        }
        whole.extend_from_slice(line);
        whole.push(b'\n');
        let mut rest = whole.as_slice();
        while !rest.is_empty() {
            match self.out.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    self.torn = true;
                    rest = rest.get(written..).unwrap_or_default();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.torn = false;
        self.out.flush()
    }

    fn failed(&mut self, place: Place, error: &io::Error) {
        self.lost.lose(place, &error.to_string());
        let name = &self.name;
        if error.kind() == io::ErrorKind::BrokenPipe {
            self.closed = true;
            let text = format!("nobody reads events on {name} any more; the capture goes on");
            self.news.push((text, true));
        } else if !self.failing {
            let text = format!(
                "events cannot be written to {name}: {error}; they are lost until they can, and the capture goes on"
            );
            self.news.push((text, true));
        }
        self.failing = true;
    }
}

impl Outlet for Lines {
    fn put(&mut self, place: Place, line: &[u8]) {
        if self.closed {
            return;
        }
        match self.write(line) {
            Ok(()) if self.failing => {
                self.failing = false;
                let text = format!("events are written to {} again", self.name);
                self.news.push((text, false));
            }
            Ok(()) => {}
            Err(error) => self.failed(place, &error),
        }
    }

    fn news(&mut self) -> Vec<(String, bool)> {
        std::mem::take(&mut self.news)
    }

    fn lost(&mut self) -> Vec<Dropped> {
        if self.failing {
            return Vec::new();
        }
        self.lost.take_dropped()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use windfall::capture::frame::Timestamp;

    use super::*;

    /// A disk with room for so many bytes.
    #[derive(Clone)]
    struct Disk(Arc<Mutex<(Vec<u8>, usize)>>);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut disk = self.0.lock().unwrap();
            let room = disk.1 - disk.0.len();
            if room == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let length = bytes.len().min(room);
            disk.0.extend_from_slice(&bytes[..length]);
            Ok(length)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_is_told_once_and_what_was_lost_is_known_when_there_is_room() {
        let session = Timestamp::from_nanos(1);
        let disk = Disk(Arc::new(Mutex::new((Vec::new(), 10))));
        let mut lines = Lines::to(Box::new(disk.clone()), "events.ndjson".to_owned());
        for number in 1..=4 {
            lines.put((session, number), format!("{{\"n\":{number}}}").as_bytes());
        }
        let told = lines.news();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].0.contains("the capture goes on") && told[0].1,
            "{told:?}"
        );
        assert_eq!(lines.lost(), [], "not before there is room");
        disk.0.lock().unwrap().1 = 1000;
        lines.put((session, 5), b"{\"n\":5}");
        assert_eq!(lines.news().len(), 1);
        let lost = lines.lost();
        assert_eq!((lost[0].first, lost[0].last, lost[0].count), (2, 4, 3));
        assert_eq!(
            disk.0.lock().unwrap().0,
            b"{\"n\":1}\n{\"\n{\"n\":5}\n".to_vec()
        );
    }
}
