//! The server's certificates, as TLS up to 1.2 shows them.
//!
//! Input: the body of a Certificate message (RFC 5246 section 7.4.2). Output: [`CertificateFacts`]: who the leaf says
//! it is, for which names, and who issued the certificates of the chain. A reading of names, not a check of
//! signatures. Text and lists are bounded by the constants below and by the message's own bound. RFC 5280, RFC 6125
//! section 6.4, RFC 4514.

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;

use crate::capture::frame::Seen;
use crate::hostname::Hostname;

use super::distinguished_name::{text, value_text};

/// Certificates read of a chain; public chains have two to four.
const MAX_CHAIN: usize = 10;

/// Names kept of a certificate; those shared by a CDN's customers have some hundred.
const MAX_NAMES: usize = 1024;

/// Issuing organisations kept of a chain.
const MAX_ORGANISATIONS: usize = 32;

/// What the server's certificates say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The leaf's subject, as RFC 4514 writes it.
    pub subject: String,
    /// The leaf's issuer, as RFC 4514 writes it.
    pub issuer: String,
    /// Organisation and common name of the issuers of every certificate sent, each once, leaf first.
    pub issuing_organisations: Vec<String>,
    /// The names the leaf is for: dNSName entries, or common names where there are none.
    pub names: Vec<Hostname>,
    /// Certificates in the chain that was sent, as far as read.
    pub chain_length: usize,
    /// Everything sent was read. If not, the absence of a name or an issuer proves nothing.
    pub complete: bool,
    /// The byte that made the message whole.
    pub seen: Seen,
}

impl CertificateFacts {
    /// Whether one of the names covers `host`: the same name, or a wildcard in place of its left-most label.
    #[must_use]
    pub fn covers(&self, host: &Hostname) -> bool {
        self.names
            .iter()
            .any(|name| covers(name.as_bytes(), host.as_bytes()))
    }
}

fn covers(name: &[u8], host: &[u8]) -> bool {
    if name == host {
        return !host.is_empty();
    }
    let Some(suffix) = name.strip_prefix(b"*") else {
        return false;
    };
    let first_label = host.iter().take_while(|byte| **byte != b'.').count();
    first_label > 0
        && suffix.len() > 1
        && suffix.starts_with(b".")
        && host.get(first_label..) == Some(suffix)
}

/// Reads a Certificate message; `None` when not even the leaf can be read. `whole` tells that `body` is all of it.
pub(super) fn parse(body: &[u8], whole: bool, seen: Seen) -> Option<CertificateFacts> {
    let mut complete = whole;
    let mut facts: Option<CertificateFacts> = None;
    let mut rest = body.get(3..)?;
    for _ in 0..MAX_CHAIN {
        let Some((der, after)) = split_certificate(rest) else {
            complete &= rest.is_empty();
            break;
        };
        rest = after;
        let Ok((_, certificate)) = X509Certificate::from_der(der) else {
            facts.as_ref()?;
            complete = false;
            continue;
        };
        let facts = facts.get_or_insert_with(|| leaf(&certificate, seen));
        facts.chain_length += 1;
        complete &= add_organisations(&certificate, &mut facts.issuing_organisations);
    }
    let mut facts = facts?;
    facts.complete &= complete && rest.is_empty();
    Some(facts)
}

/// Splits off the first certificate of a list: a 24-bit length and its bytes.
fn split_certificate(list: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[high, middle, low], rest) = list.split_first_chunk::<3>()?;
    let length = usize::try_from(u32::from_be_bytes([0, high, middle, low])).ok()?;
    rest.split_at_checked(length)
}

fn leaf(certificate: &X509Certificate<'_>, seen: Seen) -> CertificateFacts {
    let mut names = Vec::new();
    let mut complete = true;
    for extension in certificate.extensions() {
        if let ParsedExtension::SubjectAlternativeName(alternatives) = extension.parsed_extension()
        {
            for alternative in &alternatives.general_names {
                if let GeneralName::DNSName(name) = alternative {
                    if names.len() < MAX_NAMES {
                        names.push(Hostname::new(name.as_bytes()));
                    } else {
                        complete = false;
                    }
                }
            }
        }
    }
    if names.is_empty() {
        let common_names = certificate.subject().iter_common_name();
        names = common_names
            .take(MAX_NAMES)
            .map(|name| Hostname::new(value_text(name).as_bytes()))
            .collect();
    }
    CertificateFacts {
        subject: text(certificate.subject()),
        issuer: text(certificate.issuer()),
        issuing_organisations: Vec::new(),
        names,
        chain_length: 0,
        complete,
        seen,
    }
}

/// Adds the certificate's issuer; says whether all of it found room.
fn add_organisations(certificate: &X509Certificate<'_>, organisations: &mut Vec<String>) -> bool {
    let issuer = certificate.issuer();
    for attribute in issuer.iter_organization().chain(issuer.iter_common_name()) {
        let organisation = value_text(attribute);
        if organisations.iter().any(|known| *known == organisation) {
            continue;
        }
        if organisations.len() >= MAX_ORGANISATIONS {
            return false;
        }
        organisations.push(organisation.into_owned());
    }
    true
}
