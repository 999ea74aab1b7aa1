//! Recorded conversations: the right facts, and the same ones however the bytes are cut.

mod certificates;
mod made;

use proptest::prelude::*;

use super::testing::{RECORDINGS, Segment, frame, recording, replay};
use super::*;

fn facts(name: &str) -> TlsFacts {
    let segments = recording(name).segments();
    replay(&segments, |_, bytes| vec![bytes]).facts().clone()
}

/// The number of the frame.
fn number(seen: Option<Seen>) -> Option<u64> {
    seen.map(|seen| seen.frame.number())
}

/// How many pieces a hello came in is the one fact that the cut decides.
fn uncounted(session: &TlsSession) -> TlsFacts {
    let mut facts = session.facts().clone();
    if let Some(hello) = &mut facts.client_hello {
        hello.segments = 0;
    }
    facts
}

#[test]
fn every_hello_is_read() {
    for recording in RECORDINGS {
        let facts = facts(recording.name);
        let hello = facts.client_hello.as_ref().unwrap();
        assert_eq!(
            facts.sni(),
            Some(&"gs.apple.com".into()),
            "{}",
            recording.name
        );
        let offered: Vec<&[u8]> = hello.alpn.iter().collect();
        assert_eq!(offered, [b"h2".as_slice(), b"http/1.1"]);
        assert_eq!((hello.first, hello.complete), (frame(1), frame(1)));
        assert_eq!((hello.segments, hello.ech), (1, false));
        let asks_for_12 =
            recording.name.starts_with("tls12") || recording.name == "tls13-protocol-version";
        assert_eq!(hello.newest == 0x0303, asks_for_12, "{}", recording.name);
        assert_eq!(facts.seldom.not_tls, None);
        assert_eq!(facts.seldom.hello_cut, None);
        assert_eq!(facts.seldom.hello_unreadable, None);
    }
}

#[test]
fn success_is_told_by_the_frame_that_shows_it() {
    // Numbers of the frame with the second Finished (1.2), or with the server's first data after the client's (1.3).
    for (name, version, finished) in [
        ("tls12-full", 0x0303, 4),
        ("tls12-ticket", 0x0303, 3),
        ("tls12-session-id", 0x0303, 3),
        ("tls13-full", 0x0304, 4),
        ("tls13-resumed", 0x0304, 4),
        ("tls13-retry", 0x0304, 6),
        ("tls13-early-data", 0x0304, 4),
        ("tls13-client-certificate", 0x0304, 4),
    ] {
        let facts = facts(name);
        assert_eq!(facts.version(), Some(version), "{name}");
        assert_eq!(number(facts.finished), Some(finished), "{name}");
        assert_eq!(facts.seldom.alert, None, "{name}");
    }
}

#[test]
fn failure_is_no_success() {
    for (name, alert) in [
        ("tls13-unknown-ca", Some((Side::Client, "unknown_ca", 3))),
        ("tls12-unknown-ca", Some((Side::Client, "unknown_ca", 3))),
        (
            "tls12-handshake-failure",
            Some((Side::Server, "handshake_failure", 2)),
        ),
        (
            "tls13-protocol-version",
            Some((Side::Server, "protocol_version", 2)),
        ),
        // Its alert is encrypted: 24 bytes of the server after the client's Finished.
        ("tls13-certificate-required", None),
    ] {
        let facts = facts(name);
        assert_eq!(facts.finished, None, "{name}");
        let told = facts.seldom.alert.as_ref();
        let told = told.map(|alert| (alert.from, alert.name(), alert.seen.frame.number()));
        assert_eq!(
            told,
            alert.map(|(from, text, at)| (from, text.into(), at)),
            "{name}"
        );
    }
}

#[test]
fn certificates_are_seen_up_to_tls_1_2_and_not_on_resumption() {
    for recording in RECORDINGS {
        let shown = matches!(recording.name, "tls12-full" | "tls12-unknown-ca");
        assert_eq!(
            facts(recording.name).certificate.is_some(),
            shown,
            "{}",
            recording.name
        );
    }
    for (name, resumption) in [
        ("tls12-full", false),
        ("tls12-ticket", true),
        ("tls12-session-id", true),
        ("tls13-full", false),
        ("tls13-resumed", true),
        ("tls13-early-data", true),
    ] {
        assert_eq!(
            facts(name).client_hello.unwrap().resumption,
            resumption,
            "{name}"
        );
    }
    let chosen = facts("tls12-full").server_hello.unwrap().alpn;
    assert_eq!(chosen.as_deref(), Some(&b"http/1.1"[..]));
}

#[test]
fn a_retry_is_an_answer_and_no_server_hello() {
    let facts = facts("tls13-retry");
    assert_eq!(number(facts.seldom.hello_retry), Some(2));
    assert_eq!(number(facts.server_handshake), Some(2));
    assert_eq!(number(facts.server_hello.map(|hello| hello.seen)), Some(4));
    assert_eq!(number(facts.server_flight), Some(4));
}

#[test]
fn early_data_is_no_progress() {
    let facts = facts("tls13-early-data");
    assert!(facts.client_hello.unwrap().early_data);
    assert_eq!(number(facts.seldom.early_application), Some(1));
    assert_eq!(number(facts.application.client), Some(3));
    assert_eq!(facts.seldom.client_short_record, None);
}

#[test]
fn data_that_was_on_its_way_before_the_clients_finished_is_no_success() {
    for name in ["tls13-full", "tls13-resumed", "tls13-client-certificate"] {
        let mut segments = recording(name).segments();
        // The ticket of frame 4 acknowledges nothing but the hello: it was sent with the server's flight.
        let (hello, ticket) = (segments[0].bytes.len(), 3);
        segments.truncate(ticket + 1);
        let before = segments[ticket].acknowledges;
        for acknowledged in hello..before {
            segments[ticket].acknowledges = acknowledged;
            let session = replay(&segments, |_, bytes| vec![bytes]);
            assert_eq!(session.facts().finished, None, "{name} {acknowledged}");
            assert!(session.facts().application.server.is_some());
        }
        segments[ticket].acknowledges = before;
        let session = replay(&segments, |_, bytes| vec![bytes]);
        assert_eq!(number(session.facts().finished), Some(4), "{name}");
    }
}

#[test]
fn later_data_that_acknowledges_the_clients_finished_is_success() {
    let mut segments = recording("tls13-full").segments();
    segments[3].acknowledges = segments[0].bytes.len();
    let session = replay(&segments, |_, bytes| vec![bytes]);
    assert_eq!(number(session.facts().finished), Some(5));
}

#[test]
fn no_cut_changes_what_is_seen() {
    for recording in RECORDINGS {
        let segments = recording.segments();
        let whole = uncounted(&replay(&segments, |_, bytes| vec![bytes]));
        let singly = replay(&segments, |_, bytes| bytes.chunks(1).collect());
        assert_eq!(uncounted(&singly), whole, "{} byte by byte", recording.name);
        for (cut, segment) in segments.iter().enumerate() {
            for at in 1..segment.bytes.len() {
                let session = replay(&segments, |number, bytes| {
                    if number != cut {
                        return vec![bytes];
                    }
                    let (first, second) = bytes.split_at(at);
                    vec![first, second]
                });
                assert_eq!(
                    uncounted(&session),
                    whole,
                    "{} cut at {at} of {cut}",
                    recording.name
                );
            }
        }
    }
}

/// Replays as a capture shows it that keeps `kept` bytes of each segment that `is_cut`.
fn replay_cut(segments: &[Segment], kept: usize, is_cut: impl Fn(usize) -> bool) -> TlsFacts {
    let mut session = TlsSession::new();
    let mut sent = 0;
    for (number, segment) in segments.iter().enumerate() {
        match segment.side {
            Side::Client => sent += segment.bytes.len(),
            Side::Server => {
                let outstanding = sent - segment.acknowledges;
                session.server_acknowledges(u64::try_from(outstanding).unwrap());
            }
        }
        let start = segment.bytes.get(..kept).filter(|_| is_cut(number));
        session.feed(
            segment.side,
            frame(number + 1),
            start.unwrap_or(segment.bytes),
        );
        if start.is_some() {
            session.gap(segment.side);
        }
    }
    session.facts().clone()
}

#[test]
fn what_the_capture_lost_never_makes_a_success() {
    let mut failures: Vec<_> = RECORDINGS
        .iter()
        .map(|recording| (recording.name, recording.segments()))
        .filter(|(_, segments)| {
            replay(segments, |_, bytes| vec![bytes])
                .facts()
                .finished
                .is_none()
        })
        .collect();
    // Handshakes that stop before the client's last word.
    for (name, length) in [
        ("tls13-retry", 4),
        ("tls13-full", 2),
        ("tls12-full", 2),
        ("tls12-ticket", 2),
    ] {
        failures.push((name, recording(name).segments()[..length].to_vec()));
    }
    assert_eq!(failures.len(), 9);
    for (name, segments) in &failures {
        for kept in [0, 5, 30, 62, 100, 130, 300] {
            for lost in 0..segments.len() {
                let facts = replay_cut(segments, kept, |number| number == lost);
                assert_eq!(facts.finished, None, "{name}: {kept} bytes of {lost}");
            }
            let facts = replay_cut(segments, kept, |_| true);
            assert_eq!(facts.finished, None, "{name}: {kept} bytes of each");
        }
    }
}

#[test]
fn success_is_seen_in_cut_frames_too() {
    // Snap lengths of 96, 128 and 256 bytes.
    for kept in [30, 62, 190] {
        for name in ["tls12-full", "tls13-full", "tls13-resumed", "tls13-retry"] {
            let facts = replay_cut(&recording(name).segments(), kept, |_| true);
            assert!(
                facts.finished.is_some(),
                "{name}, {kept} bytes of each segment"
            );
            assert!(facts.seldom.hello_cut.is_some());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Bytes are damaged first, so that conversations go where no real one goes.
    #[test]
    fn no_segmentation_changes_what_is_seen(
        which in 0..RECORDINGS.len(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0u8..32), 0..4),
        sizes in prop::collection::vec(1usize..1500, 1..64),
    ) {
        let mut segments: Vec<(Side, Vec<u8>)> = RECORDINGS[which]
            .segments()
            .iter()
            .map(|segment| (segment.side, segment.bytes.to_vec()))
            .collect();
        for (place, value) in damage {
            let chosen = place.index(segments.len());
            let bytes = &mut segments[chosen].1;
            // Damage near the start hits headers more often.
            let at = place.index(bytes.len().min(64));
            bytes[at] = value;
        }
        let (mut whole, mut pieces) = (TlsSession::new(), TlsSession::new());
        let mut sizes = sizes.iter().cycle();
        for (number, (side, bytes)) in segments.iter().enumerate() {
            whole.feed(*side, frame(number), bytes);
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(rest.len().min(*sizes.next().unwrap()));
                pieces.feed(*side, frame(number), piece);
                rest = after;
            }
        }
        prop_assert_eq!(uncounted(&whole), uncounted(&pieces));
    }
}
