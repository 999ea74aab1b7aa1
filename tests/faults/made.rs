//! Captures made of the bundled ones, as classic pcap files.

use std::path::{Path, PathBuf};

use windfall::capture::Replay;
use windfall::catalogue::{Catalogue, Profile};
use windfall::pipeline::replay::{Request, replay};
use windfall::verdict::summary::Summary;

/// A frame that was taken out of a file.
#[derive(Clone)]
pub(crate) struct Taken {
    /// Microseconds since 1970.
    pub(crate) micros: i64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) original_len: u32,
}

/// The frames of a capture with one link type; none for others.
pub(crate) fn frames(path: &Path) -> Option<(u16, Vec<Taken>)> {
    let mut replay = Replay::open(&[path]);
    let (mut links, mut taken) = (Vec::new(), Vec::new());
    while replay.advance() {
        let frame = replay.frame()?;
        links.push(frame.link.0);
        taken.push(Taken {
            micros: frame.seen.at.as_nanos() / 1000,
            bytes: frame.bytes.to_vec(),
            original_len: frame.original_len,
        });
    }
    let first = *links.first()?;
    links
        .iter()
        .all(|link| *link == first)
        .then_some((first, taken))
}

/// A pcap file; seconds wrap as 32 bits do.
pub(crate) fn pcap(link: u16, frames: &[Taken]) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 0, u32::from(link)] {
        file.extend(word.to_le_bytes());
    }
    for frame in frames {
        let seconds = frame.micros.div_euclid(1_000_000);
        let wrapped = u32::try_from(seconds.rem_euclid(1 << 32)).unwrap();
        let micros = u32::try_from(frame.micros.rem_euclid(1_000_000)).unwrap();
        let captured = u32::try_from(frame.bytes.len()).unwrap();
        for word in [wrapped, micros, captured, frame.original_len] {
            file.extend(word.to_le_bytes());
        }
        file.extend(&frame.bytes);
    }
    file
}

pub(crate) fn written(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

pub(crate) fn judged(paths: &[PathBuf]) -> (Summary, Vec<String>) {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let outcome = replay(&Request::new(paths, &catalogue), |_, _| ());
    (outcome.summary, outcome.failures)
}
