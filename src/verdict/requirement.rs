//! From attempts to a requirement's status, per device.
//!
//! Input: the attempts of one device at one requirement, in time order. Output: a [`Status`], the dominant fault, and
//! for a fallback which path is broken. No attempt is judged again here.

use std::net::IpAddr;
use std::time::Duration;

use super::outcome::{Cause, Origin, Outcome, Stage, Status, Transport};
use super::ruling::Ruling;
use super::summary::Attempts;
use crate::capture::frame::Timestamp;
use crate::hostname::Hostname;

/// A client falls back within this time of the broken attempt's last packet; later successes are another story.
const FALLBACK: Duration = Duration::from_secs(60);

/// Resolvers asked within this time of each other are asked at once.
const BESIDE: Duration = Duration::from_secs(2);

/// The way an attempt took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// A DNS question at this resolver.
    Lookup(IpAddr),
    /// A connection to this server.
    Connection {
        /// TCP or UDP.
        transport: Transport,
        /// Server address.
        server: IpAddr,
        /// Port of the service.
        port: u16,
    },
}

/// One attempt.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    /// First packet.
    pub first: Timestamp,
    /// Last packet.
    pub last: Timestamp,
    /// The name it was for.
    pub host: &'a Hostname,
    /// The way it took.
    pub path: Path,
    /// The verdict on it.
    pub ruling: &'a Ruling,
    /// A DNS question that was answered well: it proves the resolver, not the host.
    pub only_resolved: bool,
}

impl Attempt<'_> {
    fn succeeded(&self) -> bool {
        self.ruling.outcome == Outcome::Succeeded
    }

    /// It came to an end that says something of the way to the host; that a name resolved is none.
    #[must_use]
    pub fn finished(&self) -> bool {
        !self.only_resolved && (self.succeeded() || self.failed())
    }

    fn failed(&self) -> bool {
        matches!(
            self.ruling.outcome,
            Outcome::Stalled | Outcome::Reset | Outcome::Failed
        )
    }
}

/// What all attempts come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The status.
    pub status: Status,
    /// Attempts by outcome.
    pub attempts: Attempts,
    /// The attempt that stands for the dominant fault: an index into the attempts.
    pub deciding: Option<usize>,
    /// For `degraded`: which path is broken and what works instead.
    pub fallback: Option<String>,
}

/// Counts outcomes.
#[must_use]
pub fn count<'a>(attempts: impl Iterator<Item = &'a Attempt<'a>>) -> Attempts {
    let mut counts = Attempts::default();
    for attempt in attempts {
        let slot = match attempt.ruling.outcome {
            Outcome::Succeeded => &mut counts.succeeded,
            Outcome::Stalled => &mut counts.stalled,
            Outcome::Reset => &mut counts.reset,
            Outcome::Failed => &mut counts.failed,
            Outcome::Abandoned => &mut counts.abandoned,
            Outcome::Pending => &mut counts.pending,
            Outcome::Unjudged => &mut counts.unjudged,
        };
        *slot += 1;
    }
    counts
}

/// Sums the attempts up. They are in time order.
#[must_use]
pub fn sum_up(attempts: &[Attempt<'_>]) -> Standing {
    let counts = count(attempts.iter().filter(|attempt| !attempt.only_resolved));
    let failures: Vec<usize> = (0..attempts.len())
        .filter(|&at| attempts.get(at).is_some_and(Attempt::failed))
        .collect();
    let deciding = dominant(attempts, &failures);
    let connected = counts.succeeded > 0;
    // Without any connection, a name that resolved in the end still answers for one that failed to resolve.
    let judged_flow = attempts.iter().any(|attempt| {
        matches!(attempt.path, Path::Connection { .. }) && (attempt.failed() || attempt.succeeded())
    });
    let resolved = !judged_flow && attempts.iter().any(|attempt| attempt.only_resolved);
    let (status, fallback) = if failures.is_empty() {
        (without_failure(&counts), None)
    } else if connected || resolved {
        match fallback(attempts, &failures) {
            Some(text) => (Status::Degraded, Some(text)),
            None => (Status::Flaky, None),
        }
    } else {
        (Status::Failing, None)
    };
    Standing {
        status,
        attempts: counts,
        deciding,
        fallback,
    }
}

const fn without_failure(counts: &Attempts) -> Status {
    if counts.succeeded > 0 {
        Status::Ok
    } else if counts.pending > 0 {
        Status::Pending
    } else {
        Status::Unjudged
    }
}

/// The failure with the commonest cause; of several causes equally common, the one met first.
fn dominant(attempts: &[Attempt<'_>], failures: &[usize]) -> Option<usize> {
    let cause = |at: usize| -> Option<(Cause, Option<Origin>)> {
        let ruling = attempts.get(at)?.ruling;
        Some((ruling.cause?, ruling.origin))
    };
    let mut best: Option<(usize, usize)> = None;
    for &at in failures {
        let same = failures
            .iter()
            .filter(|&&other| cause(other) == cause(at))
            .count();
        if best.is_none_or(|(count, _)| same > count) {
            best = Some((same, at));
        }
    }
    best.map(|(_, at)| at)
}

/// Every failure is followed by a success over another path, and its own path never worked: the text says which.
fn fallback(attempts: &[Attempt<'_>], failures: &[usize]) -> Option<String> {
    let mut told: Vec<String> = Vec::new();
    for &at in failures {
        let failure = attempts.get(at)?;
        let works = |other: &&Attempt<'_>| other.succeeded() && other.host == failure.host;
        let same_path = attempts
            .iter()
            .filter(works)
            .any(|other| other.path == failure.path);
        if same_path {
            return None;
        }
        let instead = attempts.iter().filter(works).find(|other| {
            let after = other.first >= failure.first;
            // Resolvers may be asked at once, in any order.
            let beside = matches!(
                (failure.path, other.path),
                (Path::Lookup(_), Path::Lookup(_))
            ) && failure.first.since(other.first) <= BESIDE;
            (after || beside)
                && other.first.since(failure.last) <= FALLBACK
                && difference(failure, other, attempts).is_some()
        })?;
        let text = difference(failure, instead, attempts)?;
        if !told.contains(&text) {
            told.push(text);
        }
    }
    Some(told.join("; "))
}

/// What the working path has that the broken one has not.
fn difference(
    broken: &Attempt<'_>,
    works: &Attempt<'_>,
    attempts: &[Attempt<'_>],
) -> Option<String> {
    let never = |fits: &dyn Fn(&Path) -> bool| {
        !attempts
            .iter()
            .any(|other| other.succeeded() && other.host == broken.host && fits(&other.path))
    };
    match (broken.path, works.path) {
        (Path::Lookup(bad), Path::Lookup(good)) => {
            (bad != good).then(|| format!("resolver {bad} fails, resolver {good} answers"))
        }
        // A name that one resolver failed on was connected to in the end: another resolver had answered.
        (Path::Lookup(bad), Path::Connection { .. }) => {
            attempts.iter().find_map(|other| match other.path {
                Path::Lookup(good)
                    if good != bad && other.only_resolved && other.host == broken.host =>
                {
                    Some(format!("resolver {bad} fails, resolver {good} answers"))
                }
                Path::Lookup(_) | Path::Connection { .. } => None,
            })
        }
        (Path::Connection { .. }, Path::Lookup(_)) => None,
        (
            Path::Connection {
                transport,
                server,
                port,
            },
            Path::Connection {
                transport: transport_2,
                server: server_2,
                port: port_2,
            },
        ) => {
            if server.is_ipv6() && !server_2.is_ipv6() && never(&is_v6) {
                Some("IPv6 fails, falls back to IPv4".into())
            } else if !server.is_ipv6() && server_2.is_ipv6() && never(&is_v4) {
                Some("IPv4 fails, IPv6 works".into())
            } else if transport != transport_2 || port != port_2 {
                Some(format!(
                    "{port}/{transport} fails, falls back to {port_2}/{transport_2}"
                ))
            } else if server != server_2 {
                Some(format!("address {server} fails, {server_2} works"))
            } else {
                None
            }
        }
    }
}

fn is_v6(path: &Path) -> bool {
    matches!(path, Path::Connection { server, .. } if server.is_ipv6())
}

fn is_v4(path: &Path) -> bool {
    matches!(path, Path::Connection { server, .. } if server.is_ipv4())
}

/// Whether a failed DNS question counts as an attempt; an answered one only shows that the resolver works.
#[must_use]
pub fn lookup_counts(ruling: &Ruling) -> bool {
    debug_assert_eq!(ruling.stage, Stage::Resolve);
    !matches!(ruling.outcome, Outcome::Succeeded | Outcome::Abandoned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> Hostname {
        Hostname::from("gs.apple.com")
    }

    fn path(server: &str, port: u16) -> Path {
        Path::Connection {
            transport: Transport::Tcp,
            server: server.parse().unwrap(),
            port,
        }
    }

    fn stalled() -> Ruling {
        Ruling::fault(Outcome::Stalled, Stage::Connect, Cause::SynUnanswered, "x")
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_nanos(seconds * 1_000_000_000)
    }

    fn status(rows: &[(i64, Path, &Ruling)]) -> (Status, Option<String>) {
        let host = name();
        let attempts: Vec<Attempt<'_>> = rows
            .iter()
            .map(|(first, path, ruling)| Attempt {
                first: at(*first),
                last: at(*first + 1),
                host: &host,
                path: *path,
                ruling,
                only_resolved: false,
            })
            .collect();
        let standing = sum_up(&attempts);
        (standing.status, standing.fallback)
    }

    #[test]
    fn ipv6_that_fails_before_ipv4_works_is_degraded() {
        let (bad, good) = (stalled(), Ruling::succeeded(Stage::Transfer));
        let (status, text) = status(&[
            (0, path("2001:db8::1", 443), &bad),
            (3, path("203.0.113.1", 443), &good),
        ]);
        assert_eq!(status, Status::Degraded);
        assert_eq!(text.unwrap(), "IPv6 fails, falls back to IPv4");
    }

    #[test]
    fn a_blocked_push_port_is_degraded_when_443_works() {
        let (bad, good) = (stalled(), Ruling::succeeded(Stage::Transfer));
        let (status, text) = status(&[
            (0, path("203.0.113.1", 5223), &bad),
            (4, path("203.0.113.1", 443), &good),
        ]);
        assert_eq!(status, Status::Degraded);
        assert!(
            text.unwrap()
                .contains("5223/tcp fails, falls back to 443/tcp")
        );
    }

    #[test]
    fn success_and_failure_on_one_path_is_flaky() {
        let (bad, good) = (stalled(), Ruling::succeeded(Stage::Transfer));
        let same = path("203.0.113.1", 443);
        assert_eq!(
            status(&[(0, same, &bad), (4, same, &good)]).0,
            Status::Flaky
        );
        assert_eq!(
            status(&[(0, same, &good), (4, same, &bad)]).0,
            Status::Flaky
        );
    }

    #[test]
    fn a_fallback_must_come_after_the_failure_and_soon() {
        let (bad, good) = (stalled(), Ruling::succeeded(Stage::Transfer));
        let (v6, v4) = (path("2001:db8::1", 443), path("203.0.113.1", 443));
        assert_eq!(status(&[(0, v4, &good), (9, v6, &bad)]).0, Status::Flaky);
        assert_eq!(status(&[(0, v6, &bad), (1000, v4, &good)]).0, Status::Flaky);
    }

    #[test]
    fn nothing_that_succeeded_is_failing_and_nothing_finished_is_not() {
        let bad = stalled();
        let same = path("203.0.113.1", 443);
        assert_eq!(status(&[(0, same, &bad)]).0, Status::Failing);
        assert_eq!(
            status(&[(0, same, &Ruling::pending(Stage::Connect))]).0,
            Status::Pending
        );
        assert_eq!(
            status(&[(0, same, &Ruling::unjudged(Stage::Connect, ""))]).0,
            Status::Unjudged
        );
        assert_eq!(
            status(&[(0, same, &bad), (1, same, &Ruling::pending(Stage::Connect))]).0,
            Status::Failing
        );
    }
}
