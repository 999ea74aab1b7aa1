//! Certificates that are not the host's.
//!
//! Input: a TLS conversation of a required host whose certificate is visible (TLS up to 1.2). Output: a ruling, or none
//! where names and issuer are in order. A check of names, not a proof. RFC 5280, RFC 6125.

use super::Handshake;
use crate::protocol::tls::CertificateFacts;
use crate::side::Side;
use crate::verdict::origin;
use crate::verdict::outcome::{Cause, Origin, Outcome, Stage};
use crate::verdict::ruling::Ruling;

impl Handshake<'_> {
    /// A certificate that is not the host's, or not from an issuer that serves it.
    pub(super) fn intercepted(&self) -> Option<Ruling> {
        // Of a chain that was not seen whole, what is missing may be the very name or issuer looked for.
        let certificate = self.tls.certificate.as_ref().filter(|seen| seen.complete)?;
        let host = self.scene.required_host?;
        let covered = certificate.covers(host);
        let trusted = certificate
            .issuing_organisations
            .iter()
            .any(|organisation| self.scene.catalogue.trusted_issuer(organisation));
        if covered && trusted {
            return None;
        }
        let by =
            if origin::answers_locally(self.tcp, self.conversation.flow.endpoint(Side::Server).0) {
                Origin::LocalNetwork
            } else {
                Origin::Middlebox
            };
        Some(
            Ruling::fault(
                Outcome::Failed,
                Stage::Handshake,
                Cause::TlsIntercepted,
                mistrust(certificate, &host.to_text(), covered),
            )
            .by(by)
            .with(
                certificate.seen,
                format!(
                    "certificate of \"{}\", issued by \"{}\"",
                    certificate.subject, certificate.issuer
                ),
            ),
        )
    }
}

/// What is wrong with a certificate, for the operator.
fn mistrust(certificate: &CertificateFacts, host: &str, covered: bool) -> String {
    let CertificateFacts {
        subject, issuer, ..
    } = certificate;
    let what = if covered {
        format!(
            "the certificate for {host} was issued by \"{issuer}\", which is none of the public authorities that serve Apple's hosts"
        )
    } else {
        format!(
            "the certificate is for \"{subject}\" (issuer \"{issuer}\") and does not cover {host}"
        )
    };
    format!("{what}: something on the path intercepts TLS (a check of names, not a proof)")
}
