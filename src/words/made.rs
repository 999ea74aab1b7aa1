//! The attempts that a requirement's row was made of, found again in the lists of flows and DNS questions.
//!
//! Input: a summary. Output: for each row its flows, the one that decided, and a Wireshark display filter for that one.
//! Built once a report, so that a capture with a million flows, of as many devices, is walked once.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::verdict::summary::{DnsQuestion, Flow, Requirement, Summary};

/// Of these, by the pattern of their requirement and by client, each with its place in the summary.
type Of<'a, T> = BTreeMap<(&'a str, IpAddr), Vec<(usize, &'a T)>>;

/// Flows and questions by the pattern of their requirement and by client.
pub struct Made<'a> {
    flows: Of<'a, Flow>,
    questions: Of<'a, DnsQuestion>,
}

impl<'a> Made<'a> {
    /// Finds them all.
    #[must_use]
    pub fn of(summary: &'a Summary) -> Self {
        let mut made = Self {
            flows: BTreeMap::new(),
            questions: BTreeMap::new(),
        };
        for (place, flow) in summary.flows.iter().enumerate() {
            if let Some(pattern) = flow.requirement.as_deref() {
                let of_row = made.flows.entry((pattern, flow.client.ip)).or_default();
                of_row.push((place, flow));
            }
        }
        for (place, question) in summary.dns.iter().enumerate() {
            if let Some(pattern) = question.requirement.as_deref() {
                let of_row = made.questions.entry((pattern, question.client));
                of_row.or_default().push((place, question));
            }
        }
        made
    }

    /// The flows of a row, in time order.
    pub fn flows(&self, row: &Requirement) -> impl Iterator<Item = &'a Flow> {
        of_row(&self.flows, row)
    }

    /// The DNS questions of a row, in time order.
    pub fn questions(&self, row: &Requirement) -> impl Iterator<Item = &'a DnsQuestion> {
        of_row(&self.questions, row)
    }

    /// Ports that the device tried, such as `443,5223/tcp`; empty if it came no further than DNS. A proxy's port says
    /// nothing of the host and is left out.
    #[must_use]
    pub fn ports(&self, row: &Requirement) -> String {
        let mut tried: BTreeMap<&str, BTreeSet<u16>> = BTreeMap::new();
        for flow in self.flows(row) {
            if counts(&row.ports, flow) {
                tried
                    .entry(flow.transport.as_str())
                    .or_default()
                    .insert(flow.server.port);
            }
        }
        let texts: Vec<String> = tried
            .into_iter()
            .map(|(transport, ports)| {
                let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
                format!("{}/{transport}", ports.join(","))
            })
            .collect();
        texts.join(" ")
    }

    /// A Wireshark display filter for the attempt that decided the row.
    #[must_use]
    pub fn filter(&self, row: &Requirement) -> Option<String> {
        let first = row.evidence.first()?;
        let flow = self
            .flows(row)
            .find(|flow| flow.cause == row.cause && flow.evidence.contains(first));
        if let Some(flow) = flow {
            return Some(flow.wireshark_filter.clone());
        }
        self.questions(row)
            .find(|question| question.cause == row.cause && question.evidence.contains(first))
            .map(question_filter)
    }
}

/// Whether the flow's port is one of these (`443/tcp`, `8000-8999/tcp`).
fn counts(ports: &[String], flow: &Flow) -> bool {
    ports.iter().any(|text| {
        let Some((range, transport)) = text.split_once('/') else {
            return false;
        };
        let (low, high) = range.split_once('-').unwrap_or((range, range));
        let within = |low: u16, high: u16| (low..=high).contains(&flow.server.port);
        transport == flow.transport.as_str()
            && matches!((low.parse(), high.parse()), (Ok(low), Ok(high)) if within(low, high))
    })
}

/// What was made by the device of a row, in the summary's order.
fn of_row<'a, T>(all: &Of<'a, T>, row: &Requirement) -> impl Iterator<Item = &'a T> + use<'a, T> {
    let addresses = row.client.iter().flat_map(|client| &client.addresses);
    let mut found: Vec<(usize, &T)> = addresses
        .filter_map(|address| all.get(&(row.pattern.as_str(), *address)))
        .flatten()
        .copied()
        .collect();
    found.sort_unstable_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, made)| made)
}

/// A Wireshark display filter for one DNS question. The name is compared in lower case (devices mix the case), and left
/// out where a filter could not spell it.
#[must_use]
pub fn question_filter(question: &DnsQuestion) -> String {
    let ip = if question.client.is_ipv6() {
        "ipv6"
    } else {
        "ip"
    };
    let parties = format!(
        "dns && {ip}.addr == {} && {ip}.addr == {}",
        question.client, question.resolver
    );
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'*');
    if !question.name.is_empty() && question.name.bytes().all(plain) {
        format!("{parties} && lower(dns.qry.name) == \"{}\"", question.name)
    } else {
        parties
    }
}
