//! The row of a DNS question.

use super::{evidence, milliseconds, remedy, sides};
use crate::protocol::dns::rcode_name;
use crate::verdict::assemble::{JudgedLookup, Options};
use crate::verdict::device::Devices;
use crate::verdict::outcome::Transport;
use crate::verdict::summary::DnsQuestion;

/// A DNS question's row.
#[must_use]
pub fn dns(judged: &JudgedLookup<'_>, devices: &Devices, options: &Options<'_>) -> DnsQuestion {
    let (lookup, catalogue) = (judged.lookup, options.catalogue);
    let answer = lookup.answer.as_ref();
    DnsQuestion {
        client: lookup.client,
        device: devices.label(judged.device),
        resolver: lookup.resolver,
        transport: if lookup.over_tcp {
            Transport::Tcp
        } else {
            Transport::Udp
        },
        name: lookup.name.to_text(),
        kind: lookup.kind.to_string(),
        first: lookup.first().at,
        last: lookup.sent.last().at.max(lookup.first().at),
        transmissions: lookup.sent.count,
        answered_ms: answer
            .filter(|_| lookup.sent.count > 0)
            .map(|answer| milliseconds(answer.seen.at.since(lookup.first().at))),
        recovered: judged.ruling.recovered,
        rcode: answer.map(|answer| rcode_name(answer.rcode).into_owned()),
        addresses: answer
            .map(|answer| answer.addresses.to_vec())
            .unwrap_or_default(),
        cname: answer
            .and_then(|answer| answer.cname.as_ref())
            .map(crate::hostname::Hostname::to_text),
        requirement: judged
            .requirement
            .and_then(|id| catalogue.requirement(id))
            .map(|requirement| requirement.pattern.clone()),
        outcome: judged.ruling.outcome,
        cause: judged.ruling.cause,
        origin: judged.ruling.origin,
        whereabouts: judged.broke.map(|broke| broke.at),
        explanation: explanation(judged, options),
        remedy: remedy::of_question(judged, catalogue),
        evidence: evidence(&judged.ruling),
    }
}

/// Why it ended so, and on which side of the gateway.
pub(super) fn explanation(judged: &JudgedLookup<'_>, options: &Options<'_>) -> Option<String> {
    let broke = judged.broke.map(|broke| (broke, judged.place));
    sides::explanation(&judged.ruling, broke, options)
}
