//! Names of mDNS: any UTF-8, spelt as people spell it, the same in any case of ASCII letters.
//!
//! A [`Name`] keeps the wire's bytes, labels with their length bytes, so that a dot in "Jan’s Mac Jr." is no border.
//! RFC 6762 section 16 (only ASCII letters are compared without case), RFC 6763 section 4.1 (an instance is one label,
//! its service two, `_airplay._tcp`) and section 7.1 (subtypes).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use domain::base::name::ParsedName;

use crate::hostname::Hostname;
use crate::protocol::dns::ReadName;
use crate::transport::Transport;

/// A name: labels of 1 to 63 bytes, each behind its length, without the root's; at most 254 bytes.
#[derive(Clone)]
pub struct Name(Box<[u8]>);

/// A service instance's name, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instance<'a> {
    /// What people call it: `Jan’s MacBook Pro`.
    pub instance: &'a [u8],
    /// The application: `_airplay`.
    pub application: &'a [u8],
    /// The transport it runs over.
    pub transport: Transport,
}

impl Name {
    /// The labels, in order, without the root's.
    pub fn labels(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &*self.0;
        std::iter::from_fn(move || {
            let (&length, after) = rest.split_first()?;
            let (label, after) = after.split_at_checked(usize::from(length))?;
            rest = after;
            Some(label)
        })
    }

    /// The name without its first labels.
    fn without_first(&self, labels: usize) -> Self {
        let cut: usize = self
            .labels()
            .take(labels)
            .map(|label| label.len() + 1)
            .sum();
        Self(self.0.get(cut..).unwrap_or_default().into())
    }

    /// The parts of a service instance's name; `None` if it is none.
    #[must_use]
    pub fn instance(&self) -> Option<Instance<'_>> {
        let mut labels = self.labels();
        let (instance, application) = (labels.next()?, labels.next()?);
        let transport = transport(labels.next()?)?;
        // A domain, `local`, must follow.
        labels.next()?;
        let is_taken = |word: &&[u8]| word.eq_ignore_ascii_case(application);
        let is_application = application.starts_with(b"_") && !NO_APPLICATIONS.iter().any(is_taken);
        is_application.then_some(Instance {
            instance,
            application,
            transport,
        })
    }

    /// The service type of an instance's name: `_airplay._tcp.local`.
    #[must_use]
    pub fn service_type(&self) -> Option<Self> {
        self.instance().map(|_| self.without_first(1))
    }

    /// The service type that somebody who asks for this name browses: the name itself, or what is behind a subtype's
    /// `_sub`. `None` if it is no service type.
    #[must_use]
    pub fn browsed(&self) -> Option<Self> {
        let is_subtype = self.labels().nth(1)?.eq_ignore_ascii_case(SUBTYPE);
        let browsed = self.without_first(if is_subtype { 2 } else { 0 });
        browsed.is_service_type().then_some(browsed)
    }

    fn is_service_type(&self) -> bool {
        let mut labels = self.labels();
        let mut is_next = |is: fn(&[u8]) -> bool| labels.next().is_some_and(is);
        is_next(|application| application.starts_with(b"_"))
            && is_next(|label| transport(label).is_some())
            && is_next(|_domain| true)
    }

    /// The name as a host's: lower case.
    #[must_use]
    pub fn to_hostname(&self) -> Hostname {
        Hostname::from_labels(self.labels())
    }

    /// The bytes, in lower case.
    fn folded(&self) -> impl Iterator<Item = u8> {
        // Length bytes are below 64, letters above.
        self.0.iter().map(u8::to_ascii_lowercase)
    }
}

/// RFC 6763 section 7.1.
const SUBTYPE: &[u8] = b"_sub";

/// Subtypes, and the list of all types (RFC 6763 section 9), have the form of an instance's name.
const NO_APPLICATIONS: [&[u8]; 2] = [SUBTYPE, b"_dns-sd"];

/// RFC 6763 section 4.1.2: `_udp` stands for everything that is not TCP.
fn transport(label: &[u8]) -> Option<Transport> {
    if label.eq_ignore_ascii_case(b"_tcp") {
        Some(Transport::Tcp)
    } else if label.eq_ignore_ascii_case(b"_udp") {
        Some(Transport::Udp)
    } else {
        None
    }
}

impl ReadName for Name {
    fn read(name: &ParsedName<&[u8]>) -> Self {
        let mut bytes = Vec::with_capacity(64);
        for label in name.iter().filter(|label| !label.is_root()) {
            // A label has at most 63 bytes.
            bytes.push(u8::try_from(label.len()).unwrap_or(u8::MAX));
            bytes.extend(label.as_slice());
        }
        Self(bytes.into_boxed_slice())
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.folded() {
            state.write_u8(byte);
        }
    }
}

impl Ord for Name {
    /// By label, each by its bytes in lower case.
    fn cmp(&self, other: &Self) -> Ordering {
        let folded = |label: &[u8]| label.to_ascii_lowercase();
        self.labels().map(folded).cmp(other.labels().map(folded))
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_hostname())
    }
}
