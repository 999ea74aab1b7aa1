//! Devices whose names the capture does not tell, and why.
//!
//! Input: judged flows and DNS questions. Output: a finding a device that has connections without a name which a
//! required host may stand behind. A flow names itself by its SNI or Host; one that was never answered has only the
//! DNS question before it, and that may have been asked earlier, elsewhere, or encrypted (RFC 7858, RFC 8484, RFC 9250).

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use foldhash::HashSet;

use super::address::is_public;
use super::assemble::JudgedLookup;
use super::device::DeviceId;
use super::outcome::Stage;
use super::rows;
use super::ruling::MAX_EVIDENCE;
use super::subject::{Standing, Subject};
use super::summary::{Evidence, Finding};
use crate::catalogue::Catalogue;

/// DNS over TLS and over QUIC (RFC 7858 section 3.1, RFC 9250 section 4.1.1).
const ENCRYPTED_DNS_PORT: u16 = 853;

/// HTTPS.
const HTTPS_PORT: u16 = 443;

/// Servers named in a finding's text.
const MAX_LISTED: usize = 8;

/// One finding a device.
#[must_use]
pub fn findings(
    subjects: &[Subject<'_>],
    lookups: &[JudgedLookup<'_>],
    catalogue: &Catalogue,
) -> Vec<Finding> {
    let mut devices: BTreeMap<DeviceId, Vec<&Subject<'_>>> = BTreeMap::new();
    for subject in subjects
        .iter()
        .filter(|subject| is_hidden(subject, catalogue))
    {
        devices.entry(subject.device).or_default().push(subject);
    }
    if devices.is_empty() {
        return Vec::new();
    }
    let asked: HashSet<DeviceId> = lookups.iter().map(|judged| judged.device).collect();
    let mut secrets: BTreeMap<DeviceId, (&Subject<'_>, String)> = BTreeMap::new();
    for subject in subjects {
        if devices.contains_key(&subject.device)
            && !secrets.contains_key(&subject.device)
            && let Some(why) = encrypted(subject, catalogue)
        {
            secrets.insert(subject.device, (subject, why));
        }
    }
    devices
        .into_iter()
        .map(|(device, flows)| {
            let secret = secrets.get(&device);
            let why = match secret {
                Some((_, why)) => why.as_str(),
                None if asked.contains(&device) => {
                    "its questions for them were asked before the capture began, or encrypted"
                }
                None => "no DNS question of this device was captured",
            };
            finding(&flows, secret.map(|(subject, _)| *subject), why)
        })
        .collect()
}

/// Nothing names it, and it may be an attempt at a required host: it goes to Apple, or it failed on a required port.
fn is_hidden(subject: &Subject<'_>, catalogue: &Catalogue) -> bool {
    let (server, port) = subject.server();
    let required_port = || {
        catalogue
            .requirements()
            .iter()
            .any(|requirement| requirement.ports.contains(subject.transport(), port))
    };
    subject.name.is_none()
        && subject.standing == Standing::Own
        && (catalogue.is_apple_address(server)
            || (rows::is_faulty(subject.ruling.outcome) && is_public(server) && required_port()))
}

/// The flow carries DNS questions that cannot be read, or whole connections.
fn encrypted(subject: &Subject<'_>, catalogue: &Catalogue) -> Option<String> {
    let (server, port) = subject.server();
    let works = subject.conversation.flow.both_ways() && subject.ruling.stage != Stage::Connect;
    if !works {
        return None;
    }
    match port {
        ENCRYPTED_DNS_PORT => Some(format!(
            "it asks {server} over encrypted DNS (port {port}/{})",
            subject.transport()
        )),
        HTTPS_PORT => {
            let host = subject.name.as_ref().map(|name| name.host.as_bytes());
            let owner = catalogue.encrypted_resolver(host, server)?;
            Some(format!(
                "it uses {owner} at {server}, where DNS questions go encrypted"
            ))
        }
        _ => None,
    }
}

fn finding(flows: &[&Subject<'_>], secret: Option<&Subject<'_>>, why: &str) -> Finding {
    let clients: BTreeSet<IpAddr> = flows.iter().map(|flow| flow.client().0).collect();
    let servers: BTreeSet<IpAddr> = flows.iter().map(|flow| flow.server().0).collect();
    let listed: Vec<String> = servers
        .iter()
        .take(MAX_LISTED)
        .map(ToString::to_string)
        .collect();
    let what = match flows.len() {
        1 => "The name of 1 connection is".to_owned(),
        count => format!("The names of {count} connections are"),
    };
    let more = if servers.len() > listed.len() {
        ", …"
    } else {
        ""
    };
    let shown = secret
        .map(|subject| (subject, "encrypted DNS"))
        .into_iter()
        .chain(
            flows
                .iter()
                .map(|flow| (*flow, "connection without a name")),
        );
    Finding {
        code: super::findings::NAMES_HIDDEN.into(),
        clients: clients.into_iter().collect(),
        detail: format!(
            "{what} hidden (to {}{more}), so a required host may stand behind it: {why}.",
            listed.join(", ")
        ),
        evidence: shown
            .take(MAX_EVIDENCE)
            .map(|(subject, note)| Evidence {
                capture: subject.conversation.flow.first.frame.capture().into(),
                frame: subject.conversation.flow.first.frame.number(),
                time: subject.first(),
                note: note.to_owned(),
            })
            .collect(),
    }
}
