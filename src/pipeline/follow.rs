//! A capture file that is still being written, as a source.
//!
//! Input: a path. Output: its frames as they are written, until it is replaced, cut or damaged, or nobody wants more. Time
//! is that of the packets alone: a writer hands over many at once, so a silent file is no silent network, and a wait
//! counts once a later packet shows that it passed.

use std::path::PathBuf;
use std::time::Duration;

use super::source::{Filled, Ledger, Source};
use crate::capture::batch::Batch;
use crate::capture::frame::InterfaceId;
use crate::capture::{CaptureError, CaptureFile, CaptureInfo, InterfaceTable};

/// How often the file is looked at while it does not grow.
const WAIT: Duration = Duration::from_millis(100);

/// The file.
pub struct Follower {
    path: PathBuf,
    file: Option<CaptureFile>,
    interfaces: InterfaceTable,
    /// It stands at a frame that the last batch had no room for.
    held: bool,
    /// It could not be opened.
    failure: Option<CaptureError>,
}

impl Follower {
    /// Follows the file at this path, from its beginning.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            file: None,
            interfaces: InterfaceTable::new(),
            held: false,
            failure: None,
        }
    }

    /// The file, once its header is there; `Err` if it will never be.
    fn open(&mut self) -> Result<Option<&mut CaptureFile>, ()> {
        if self.file.is_none() {
            match CaptureFile::follow(&self.path, 0, &mut self.interfaces) {
                Ok(file) => self.file = file,
                Err(error) => {
                    self.failure = Some(error);
                    return Err(());
                }
            }
        }
        Ok(self.file.as_mut())
    }
}

impl Source for Follower {
    fn fill(&mut self, batch: &mut Batch) -> Filled {
        match self.open() {
            Err(()) => return Filled::Ended,
            Ok(None) => {
                rest();
                return Filled::Open;
            }
            Ok(Some(_)) => {}
        }
        let Some(file) = &mut self.file else {
            return Filled::Ended;
        };
        loop {
            if !self.held {
                match file.advance(&mut self.interfaces) {
                    Ok(true) => self.held = true,
                    Ok(false) if file.is_waiting() => break,
                    Ok(false) | Err(_) => return Filled::Ended,
                }
            }
            if let Some(frame) = file.frame()
                && !batch.push(&frame)
            {
                return Filled::Open;
            }
            self.held = false;
        }
        if batch.is_empty() {
            rest();
        }
        Filled::Open
    }

    fn ledger(&self) -> Ledger {
        let unopened = || CaptureInfo {
            failure: self.failure.clone(),
            ..CaptureInfo::new(&self.path.to_string_lossy())
        };
        let file = self.file.as_ref();
        let info = file.map_or_else(unopened, |file| file.info().clone());
        let numbers = (0..self.interfaces.len()).filter_map(|number| u16::try_from(number).ok());
        let names = numbers.map(|number| self.interfaces.name(InterfaceId(number)));
        Ledger {
            interfaces: names.map(|name| name.map(ToOwned::to_owned)).collect(),
            failures: info.failure.iter().map(ToString::to_string).collect(),
            inputs: vec![info],
            ..Ledger::default()
        }
    }
}

/// A moment's rest between two looks.
#[expect(clippy::disallowed_methods, reason = "looks some times a second")]
fn rest() {
    std::thread::sleep(WAIT);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::frame::Timestamp;

    #[test]
    fn a_file_that_does_not_grow_lets_no_time_pass() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/captures/hello-unanswered.pcapng"
        );
        let mut follower = Follower::new(path.into());
        let mut batch = Batch::with_room(1 << 20, 4096);
        let mut latest = Timestamp::MIN;
        for looks in 0.. {
            batch.clear();
            assert_eq!(follower.fill(&mut batch), Filled::Open);
            if batch.is_empty() && looks > 0 {
                break;
            }
            latest = batch.now();
        }
        let info = follower.ledger().inputs.remove(0);
        assert!(info.frames > 0 && info.failure.is_none());
        assert_eq!(Some(latest), info.last);
        assert!(
            batch.now() <= latest,
            "silence of the writer is none of the network"
        );
    }
}
