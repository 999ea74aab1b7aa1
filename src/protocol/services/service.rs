//! What is known of one service instance, and of one host that offers some.
//!
//! A [`Life`] is a time over which a service was announced at one host and port, without a gap: from the first record to
//! the end of the last one's TTL, or to the goodbye. RFC 6762 sections 10 and 11, RFC 6763 section 6.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use crate::capture::frame::{Seen, Timestamp};
use crate::protocol::mdns::Name;

/// Lives kept of a service: enough for hours in which nobody asks and then somebody does.
const MAX_LIVES: usize = 32;

/// Addresses kept of a host, past and present: an IPv4 address and those of several IPv6 prefixes, as they come and go.
const MAX_ADDRESSES: usize = 32;

/// What a flush leaves alone: records of the same announcement, in another packet (RFC 6762 section 10.2).
const SAME_ANNOUNCEMENT: Duration = Duration::from_secs(1);

/// TXT keys that say what a device is and which library it offers; all others are passed over.
const TXT_KEYS: &[&str] = &[
    // The model: AirPlay and device-info, AirPlay audio, HomeKit, companion link.
    "model",
    "am",
    "md",
    "rpMd",
    // Feature and status flags: AirPlay, AirPlay audio, HomeKit.
    "features",
    "flags",
    "ft",
    "ff",
    "sf",
    // Versions: AirPlay sources, AirPlay audio, the system, DAAP, Home Sharing.
    "srcvers",
    "vs",
    "osvers",
    "osxvers",
    "Version",
    "iTSh Version",
    // Whose library or device it is: DAAP and Home Sharing, Home Sharing, touch-able, touch-remote, Apple TV.
    "Machine Name",
    "hN",
    "CtlN",
    "DvNm",
    "Name",
    // What kind of device: touch-able, touch-remote.
    "DvTy",
    // A password is wanted: DAAP, AirPlay.
    "Password",
    "pw",
];

/// A time over which a service was announced at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// Port.
    pub port: u16,
    /// The host that offers it.
    pub host: Name,
    /// The first SRV record of this life.
    pub from: Seen,
    /// When the last one expired, or was withdrawn.
    pub until: Timestamp,
}

/// One service instance.
#[derive(Clone, Debug, Default)]
pub struct Service {
    /// Where it was, and when; the latest is last.
    pub lives: Vec<Life>,
    /// TXT entries of known keys; the values are raw.
    pub txt: BTreeMap<&'static str, Box<[u8]>>,
    /// The latest record about it.
    pub last: Seen,
    /// It was withdrawn, and not announced since.
    pub goodbye: bool,
    /// When the last of its records expires.
    expires: Timestamp,
}

impl Service {
    /// Some record about it with this TTL.
    pub(super) fn announced(&mut self, seen: Seen, expires: Timestamp) {
        self.last = seen;
        self.goodbye = false;
        self.expires = self.expires.max(expires);
    }

    /// An SRV record. Whether an old life had to be forgotten for it.
    pub(super) fn is_at(&mut self, host: &Name, port: u16, seen: Seen, expires: Timestamp) -> bool {
        if let Some(life) = self.lives.last_mut() {
            if life.port == port && life.host == *host && seen.at <= life.until {
                life.until = life.until.max(expires);
                return false;
            }
            // It moved.
            life.until = life.until.min(seen.at);
        }
        let full = self.lives.len() >= MAX_LIVES;
        if full {
            self.lives.remove(0);
        }
        self.lives.push(Life {
            port,
            host: host.clone(),
            from: seen,
            until: expires,
        });
        full
    }

    /// A TXT record: what it says replaces what was known. The first of several entries of a key counts, and a key's
    /// case does not (RFC 6763 section 6.4).
    pub(super) fn describes_itself(&mut self, strings: &[Box<[u8]>]) {
        self.txt.clear();
        for string in strings {
            let mut parts = string.splitn(2, |byte| *byte == b'=');
            let name = parts.next().unwrap_or_default();
            let known = TXT_KEYS
                .iter()
                .find(|key| key.as_bytes().eq_ignore_ascii_case(name));
            if let Some(key) = known {
                let value = parts.next().unwrap_or_default();
                self.txt.entry(key).or_insert_with(|| value.into());
            }
        }
    }

    /// A goodbye.
    pub(super) fn is_withdrawn(&mut self, seen: Seen) {
        self.last = seen;
        self.goodbye = true;
        self.expires = seen.at;
        if let Some(life) = self.lives.last_mut() {
            life.until = life.until.min(seen.at);
        }
    }

    /// What is withdrawn or expired goes first, then what was not heard of for longest.
    pub(super) fn worth(&self, now: Timestamp) -> (bool, Seen) {
        (self.expires > now, self.last)
    }
}

/// An address that a host had for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    address: IpAddr,
    from: Seen,
    last: Seen,
    /// When it was withdrawn or replaced.
    until: Option<Timestamp>,
}

/// A host's addresses.
#[derive(Clone, Debug, Default)]
pub struct Host {
    held: Vec<Held>,
    /// The latest record about it.
    last: Seen,
}

impl Host {
    /// An address record. With `flush` it replaces those of its family that are not of the same announcement. Whether an
    /// old address had to be forgotten for it.
    pub(super) fn has(&mut self, address: IpAddr, flush: bool, seen: Seen) -> bool {
        self.last = seen;
        if flush {
            for held in &mut self.held {
                let is_old = seen.at.since(held.last.at) > SAME_ANNOUNCEMENT;
                if is_old && held.address.is_ipv4() == address.is_ipv4() && held.address != address
                {
                    held.until = held.until.or(Some(seen.at));
                }
            }
        }
        let mut held = self.held.iter_mut();
        if let Some(known) = held.find(|held| held.address == address && held.until.is_none()) {
            known.last = seen;
            return false;
        }
        let full = self.held.len() >= MAX_ADDRESSES;
        if full {
            // The order of arrival is the order of age, near enough.
            self.held.remove(0);
        }
        self.held.push(Held {
            address,
            from: seen,
            last: seen,
            until: None,
        });
        full
    }

    /// A goodbye for one address.
    pub(super) fn lost(&mut self, address: IpAddr, seen: Seen) {
        self.last = seen;
        for held in &mut self.held {
            if held.address == address {
                held.until = held.until.or(Some(seen.at));
            }
        }
    }

    /// The addresses it has.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.held
            .iter()
            .filter(|held| held.until.is_none())
            .map(|held| held.address)
    }

    /// It was known to have this address then.
    #[must_use]
    pub fn had(&self, address: IpAddr, at: Timestamp) -> bool {
        self.held.iter().any(|held| {
            held.address == address
                && held.from.at <= at
                && held.until.is_none_or(|until| at < until)
        })
    }

    pub(super) const fn worth(&self) -> Seen {
        self.last
    }
}
