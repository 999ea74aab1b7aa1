//! What is typed after `/`: `status:failing client:192.168.7.20 host:*.apple.com port:443 cause:reset store`.
//!
//! Input: the line, and the [`Subject`] that a row is. Output: whether the row is shown, or what is wrong with the
//! line. Terms hold together; `-` or `!` before a term turns it round. Case never matters.

use std::net::IpAddr;

use thiserror::Error;

use crate::address_block::AddressBlock;
use crate::verdict::outcome::{Outcome, Status};

/// What a filter sees of a row.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Subject<'a> {
    /// Code of its status or outcome.
    pub(crate) state: &'a str,
    pub(crate) clients: &'a [IpAddr],
    /// Host pattern, name, or instance.
    pub(crate) host: &'a str,
    /// `443/tcp`, `8000-8999/tcp`.
    pub(crate) ports: &'a [String],
    /// The port, or those that were tried; those alone count if there are any.
    pub(crate) tried: &'a [u16],
    pub(crate) cause: &'a str,
    /// On which side of the gateway it broke.
    pub(crate) place: &'a str,
    pub(crate) origin: &'a str,
    pub(crate) service: &'a str,
    /// Other text that free words are looked for in.
    pub(crate) text: &'a str,
}

/// Why a line is no filter.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum FilterError {
    #[error("no field {0}: there are status, client, host, port, cause, origin, service")]
    Field(String),
    #[error("{0}: needs a value")]
    Empty(String),
    #[error("port: {0} is no port")]
    Port(String),
    #[error("client: {0} is no network")]
    Network(String),
    #[error("status: {0} is none of failing, flaky, degraded, ok, reset, stalled, failed, …")]
    Status(String),
}

#[derive(Clone, Debug, PartialEq)]
enum Want {
    /// A status or outcome code begins so.
    State(String),
    /// A client's address begins so.
    Client(String),
    Network(AddressBlock),
    /// With `*`, a pattern for the whole name; without, a part of it.
    Host(String),
    Port(u16),
    Cause(String),
    Origin(String),
    Service(String),
    Word(String),
}

/// A line that was understood. The default shows everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Filter {
    /// What is wanted, and whether it is wanted at all.
    terms: Vec<(bool, Want)>,
}

impl Filter {
    pub(crate) fn parse(line: &str) -> Result<Self, FilterError> {
        let terms = line.split_whitespace().map(term);
        Ok(Self {
            terms: terms.collect::<Result<_, _>>()?,
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    pub(crate) fn shows(&self, row: &Subject<'_>) -> bool {
        self.terms
            .iter()
            .all(|(wanted, want)| want.holds(row) == *wanted)
    }
}

fn term(text: &str) -> Result<(bool, Want), FilterError> {
    let (wanted, text) = match text.strip_prefix(['-', '!']) {
        Some(rest) if !rest.is_empty() => (false, rest),
        _ => (true, text),
    };
    let text = text.to_lowercase();
    // An IPv6 address has colons too, and no field is spelled with hexadecimal digits alone.
    let field = text
        .split_once(':')
        .filter(|(name, _)| name.chars().any(|char| !char.is_ascii_hexdigit()));
    let Some((name, value)) = field else {
        return Ok((wanted, Want::Word(text)));
    };
    if value.is_empty() {
        return Err(FilterError::Empty(name.to_owned()));
    }
    let owned = value.to_owned();
    let want = match name {
        "status" => state(owned)?,
        "client" if value.contains('/') => value
            .parse()
            .map(Want::Network)
            .map_err(|_| FilterError::Network(owned))?,
        "client" => Want::Client(owned),
        "host" => Want::Host(owned),
        "port" => value
            .parse()
            .map(Want::Port)
            .map_err(|_| FilterError::Port(owned))?,
        "cause" => Want::Cause(owned),
        "origin" => Want::Origin(owned),
        "service" => Want::Service(owned),
        _ => return Err(FilterError::Field(name.to_owned())),
    };
    Ok((wanted, want))
}

fn state(value: String) -> Result<Want, FilterError> {
    let statuses = Status::ALL.iter().map(|status| status.as_str());
    let outcomes = Outcome::ALL.iter().map(|outcome| outcome.as_str());
    if statuses
        .chain(outcomes)
        .any(|code| code.starts_with(&value))
    {
        Ok(Want::State(value))
    } else {
        Err(FilterError::Status(value))
    }
}

impl Want {
    fn holds(&self, row: &Subject<'_>) -> bool {
        let has = |text: &str, part: &str| text.to_lowercase().contains(part);
        match self {
            Self::State(code) => row.state.starts_with(code.as_str()),
            Self::Client(start) => row
                .clients
                .iter()
                .any(|address| address.to_string().starts_with(start.as_str())),
            Self::Network(block) => row.clients.iter().any(|address| block.contains(*address)),
            Self::Host(pattern) if pattern.contains('*') => glob(pattern, &row.host.to_lowercase()),
            Self::Host(part) => has(row.host, part),
            Self::Port(port) if row.tried.is_empty() => holds_port(row.ports, *port),
            Self::Port(port) => row.tried.contains(port),
            Self::Cause(part) => has(row.cause, part) || has(row.place, part),
            Self::Origin(part) => has(row.origin, part),
            Self::Service(part) => has(row.service, part),
            Self::Word(part) => {
                [
                    row.state,
                    row.host,
                    row.cause,
                    row.place,
                    row.origin,
                    row.service,
                    row.text,
                ]
                .iter()
                .any(|text| has(text, part))
                    || row
                        .clients
                        .iter()
                        .any(|address| has(&address.to_string(), part))
            }
        }
    }
}

fn holds_port(ports: &[String], port: u16) -> bool {
    ports.iter().any(|text| {
        let range = text.split('/').next().unwrap_or(text);
        let (low, high) = range.split_once('-').unwrap_or((range, range));
        matches!((low.parse::<u16>(), high.parse::<u16>()), (Ok(low), Ok(high)) if (low..=high).contains(&port))
    })
}

/// Whether a name is like a pattern in which `*` stands for any text, dots as well.
fn glob(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|start| name.strip_prefix(start)) else {
        return false;
    };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shows(line: &str) -> bool {
        Filter::parse(line).unwrap().shows(&Subject {
            state: "failing",
            clients: &[
                "192.168.7.20".parse().unwrap(),
                "2001:db8:7::20".parse().unwrap(),
            ],
            host: "*.Push.apple.com",
            ports: &["443/tcp".into(), "2195-2197/tcp".into()],
            tried: &[],
            cause: "reset-after-client-hello",
            place: "rejected-by-gateway",
            origin: "middlebox",
            service: "push notifications",
            text: "iTunes.exe",
        })
    }

    #[test]
    fn terms_hold_together() {
        for line in [
            "",
            "status:failing",
            "status:fail",
            "client:192.168.7.20",
            "client:192.168.7.",
            "client:192.168.0.0/16",
            "client:2001:db8:7::20",
            "2001:db8:7",
            "host:*.apple.com",
            "host:push",
            "host:*push*com",
            "port:443",
            "port:2196",
            "cause:reset",
            "cause:rejected",
            "by-gateway",
            "origin:middle",
            "service:push",
            "ITUNES notifications",
            "status:failing port:443 -cause:dns !orange",
        ] {
            assert!(shows(line), "{line}");
        }
        for line in [
            "status:ok",
            "client:10.0.0.0/8",
            "client:192.168.7.21",
            "host:*.icloud.com",
            "host:apple.com*x",
            "port:80",
            "cause:dns",
            "cause:dropped",
            "status:failing port:80",
            "-status:failing",
            "!push",
            "absent",
        ] {
            assert!(!shows(line), "{line}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said() {
        for (line, error) in [
            (
                "stat:ok",
                "no field stat: there are status, client, host, port, cause, origin, service",
            ),
            ("port:", "port: needs a value"),
            ("port:https", "port: https is no port"),
            ("port:70000", "port: 70000 is no port"),
            ("client:10.0.0.0/99", "client: 10.0.0.0/99 is no network"),
            (
                "status:broken",
                "status: broken is none of failing, flaky, degraded, ok, reset, stalled, failed, …",
            ),
        ] {
            assert_eq!(Filter::parse(line).unwrap_err().to_string(), error);
        }
    }

    #[test]
    fn any_line_is_answered() {
        for line in [
            "-",
            "!",
            ":",
            "::",
            "host:*",
            "host:**",
            "host:é*",
            "\u{202e}:x",
            "a:b:c",
        ] {
            if let Ok(filter) = Filter::parse(line) {
                filter.shows(&Subject::default());
            }
        }
    }
}
