//! What must not be found again: everything that a summary names and the catalogue does not.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::Path;

use windfall::anonymize::{Anonymizer, Key};
use windfall::catalogue::{Catalogue, Profile};
use windfall::pipeline::replay::{Request, replay};
use windfall::verdict::summary::Summary;

pub(crate) fn catalogue() -> Catalogue {
    Catalogue::builtin(Profile::All).unwrap()
}

pub(crate) fn key(seed: u8) -> Key {
    Key::of_bytes(&[seed; 32]).unwrap()
}

pub(crate) fn judged(path: &Path) -> Summary {
    let catalogue = catalogue();
    let paths = [path.to_owned()];
    replay(&Request::new(&paths, &catalogue), |_, _| ()).summary
}

pub(crate) struct Secrets {
    pub(crate) addresses: BTreeSet<IpAddr>,
    pub(crate) macs: BTreeSet<String>,
    pub(crate) names: BTreeSet<String>,
}

impl Secrets {
    pub(crate) fn of(summary: &Summary, to: &Anonymizer<'_>) -> Self {
        let catalogue = catalogue();
        let mut addresses = BTreeSet::new();
        let mut names = BTreeSet::new();
        for flow in &summary.flows {
            addresses.extend([flow.client.ip, flow.server.ip]);
            addresses.extend(flow.icmp.map(|icmp| icmp.from));
            names.extend(flow.name.iter().map(|name| name.host.clone()));
            names.extend(
                flow.process
                    .iter()
                    .filter_map(|process| process.name.clone()),
            );
            let certificate = flow.tls.iter().filter_map(|tls| tls.certificate.as_ref());
            names.extend(certificate.flat_map(|both| [both.subject.clone(), both.issuer.clone()]));
        }
        for question in &summary.dns {
            addresses.extend([question.client, question.resolver]);
            addresses.extend(&question.addresses);
            names.insert(question.name.clone());
            names.extend(question.cname.clone());
        }
        for service in &summary.bonjour {
            addresses.extend(&service.addresses);
            addresses.extend(&service.asked_by);
            names.insert(service.instance.clone());
            names.extend(service.host.clone());
            names.extend(service.txt.values().cloned());
        }
        for capture in &summary.captures {
            names.extend(capture.path.clone());
            names.extend(capture.interface.clone());
        }
        let devices = summary
            .requirements
            .iter()
            .filter_map(|row| row.client.as_ref());
        let macs = devices
            .clone()
            .filter_map(|client| client.mac.clone())
            .collect();
        addresses.extend(devices.flat_map(|client| client.addresses.clone()));
        addresses.retain(|address| to.address(*address) != *address);
        names.retain(|name| {
            let kept = catalogue.covers(name.as_bytes()) || catalogue.process(name).is_some();
            // Three letters are found anywhere.
            !kept && name.len() > 3
        });
        Self {
            addresses,
            macs,
            names,
        }
    }

    /// What of it stands in a text.
    pub(crate) fn in_text(&self, text: &str) -> Vec<String> {
        let addresses = self.addresses.iter().map(ToString::to_string);
        let all = addresses
            .chain(self.macs.iter().cloned())
            .chain(self.names.iter().cloned());
        all.filter(|secret| stands_alone(text, secret)).collect()
    }
}

/// Whether it is there as a word of its own, not as a part of another address.
fn stands_alone(text: &str, secret: &str) -> bool {
    let inner = |char: Option<char>| {
        char.is_some_and(|char| char.is_ascii_alphanumeric() || matches!(char, '.' | ':' | '-'))
    };
    text.match_indices(secret).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let mut after = text[at + secret.len()..].chars();
        let next = after.next();
        // The end of a sentence, and a port, end a word.
        let goes_on = match next {
            Some('.' | ':') => {
                after
                    .next()
                    .is_some_and(|char| char.is_ascii_alphanumeric())
                    && !(next == Some(':') && secret.contains('.'))
            }
            other => inner(other),
        };
        !inner(before) && !goes_on
    })
}
