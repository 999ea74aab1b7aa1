//! The times between files of one replay, in which nobody captured.
//!
//! Input: what each file was. Output: the gaps between them. Without these, what a capture leaves open would have waited
//! in silence until the next file begins: a day, between Monday's capture and Tuesday's.

use std::time::Duration;

use crate::capture::CaptureInfo;
use crate::capture::frame::Timestamp;
use crate::verdict::clocks::Clocks;
use crate::verdict::gap::{Gap, Gaps};

/// Files this close to each other are of one capture.
const GOES_ON: Duration = Duration::from_secs(1);

/// A quiet line writes nothing for so long; files that are named like those of a ring this close to each other are of one.
const QUIET: Duration = Duration::from_secs(60);

/// Tells of the holes between these files.
pub fn tell<'a>(
    files: impl Iterator<Item = &'a CaptureInfo>,
    gaps: &mut Gaps,
    clocks: &mut Clocks,
) {
    for hole in between(files) {
        clocks.add_end(hole.from);
        gaps.add_hole(hole);
    }
}

/// The holes between these files, in order of time.
fn between<'a>(files: impl Iterator<Item = &'a CaptureInfo>) -> Vec<Gap> {
    let spans = files.filter_map(|info| Some((info.first?, info.last?, ring(&info.path))));
    let mut spans: Vec<(Timestamp, Timestamp, String)> = spans.collect();
    spans.sort();
    let mut holes = Vec::new();
    let mut until: Option<(Timestamp, String)> = None;
    for (first, last, ring) in spans {
        if let Some((end, before)) = &until {
            let quiet = if *before == ring { QUIET } else { GOES_ON };
            if first.since(*end) > quiet {
                holes.push(Gap {
                    from: *end,
                    to: first,
                });
            }
        }
        if until.as_ref().is_none_or(|(end, _)| last >= *end) {
            until = Some((last, ring));
        }
    }
    holes
}

/// What the files of a ring have in common: their names without numbers and times.
fn ring(path: &str) -> String {
    path.chars()
        .filter(|letter| !letter.is_ascii_digit())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holes(files: &[(&str, i64, i64)]) -> Vec<(i64, i64)> {
        let at = |seconds: i64| Timestamp::from_nanos(seconds * 1_000_000_000);
        let files: Vec<CaptureInfo> = files
            .iter()
            .map(|(path, first, last)| CaptureInfo {
                first: Some(at(*first)),
                last: Some(at(*last)),
                ..CaptureInfo::new(path)
            })
            .collect();
        let seconds = |at: Timestamp| at.as_nanos() / 1_000_000_000;
        let holes = between(files.iter()).into_iter();
        holes
            .map(|hole| (seconds(hole.from), seconds(hole.to)))
            .collect()
    }

    #[test]
    fn nobody_captured_from_one_file_to_the_next() {
        assert_eq!(
            holes(&[("tuesday.pcap", 900, 999), ("monday.pcap", 0, 100)]),
            [(100, 900)]
        );
        assert_eq!(holes(&[("a.pcap", 0, 100), ("b.pcap", 101, 200)]), []);
        assert_eq!(
            holes(&[("a.pcap", 0, 100), ("b.pcap", 103, 200)]),
            [(100, 103)]
        );
    }

    #[test]
    fn a_ring_goes_on_over_a_quiet_minute_and_no_more() {
        let ring = |next| {
            [
                ("/var/log/gw_00001.pcapng", 0, 100),
                ("/var/log/gw_00002.pcapng", next, 900),
            ]
        };
        assert_eq!(holes(&ring(160)), []);
        assert_eq!(holes(&ring(161)), [(100, 161)]);
    }

    #[test]
    fn a_capture_beside_others_fills_the_hole_between_them() {
        let files = [
            ("a.pcap", 0, 10),
            ("c.pcap", 50, 60),
            ("b.pcap", 5, 70),
            ("d.pcap", 90, 99),
        ];
        assert_eq!(holes(&files), [(70, 90)]);
    }
}
