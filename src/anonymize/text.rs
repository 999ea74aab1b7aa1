//! Sentences of a report, with everything that is somebody's replaced.
//!
//! Input: an explanation, a note, a remedy, a comment. They are windfall's own words around names, addresses and quoted
//! text off the wire. What the summary's own fields name is replaced wherever it stands, then every word that looks like
//! an address, a MAC address or a host name, then every quotation that is not windfall's own. In doubt it is replaced.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use super::Anonymizer;
use crate::catalogue::Catalogue;
use crate::decode::MacAddr;

/// Quotations that are windfall's own: how ICMP errors are told.
const OWN_QUOTES: &[&str] = &[
    "administratively prohibited",
    "no route to the network",
    "host unreachable",
    "protocol unreachable",
    "port unreachable",
    "source address failed policy",
    "reject route",
    "time exceeded (a routing loop or too many hops)",
    "destination unreachable",
];

/// What may stand around a word and is not of it.
const BEFORE: &[char] = &['(', '[', '"', '“', '<', '\''];
const AFTER: &[char] = &[')', ']', '"', '”', '>', '\'', ',', ';', ':', '.', '?', '!'];

/// Signs in windfall's own words beyond ASCII.
const OWN_SIGNS: &[char] = &[
    '→', '←', '↔', '–', '—', '’', '“', '”', '…', '×', '✓', '✗', '·', '≤', '≥',
];

/// Names and texts to be replaced, with what takes their place.
#[derive(Default)]
pub(super) struct Known {
    words: HashMap<String, String>,
    /// Of several words, the longest first.
    phrases: Vec<(String, String)>,
    addresses: HashSet<IpAddr>,
}

impl Known {
    pub(super) fn add(&mut self, name: &str, instead: &str) {
        if name.is_empty() || name == instead {
            return;
        }
        let is_word = !name.contains(|char: char| char.is_whitespace() || char == '"')
            && trimmed(name).1 == name;
        if is_word {
            self.words.insert(name.to_owned(), instead.to_owned());
        } else if !self.phrases.iter().any(|(known, _)| known == name) {
            self.phrases.push((name.to_owned(), instead.to_owned()));
        }
    }

    pub(super) fn address(&mut self, address: IpAddr) {
        self.addresses.insert(address);
    }

    /// To be called once all are added.
    pub(super) fn sort(&mut self) {
        self.phrases
            .sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    }
}

/// Host names and patterns in what the catalogue says of causes.
pub(super) fn hosts_told_by(catalogue: &Catalogue) -> HashSet<String> {
    let causes = catalogue.causes().chain(catalogue.findings());
    let texts = causes.flat_map(|text| {
        let server = text.remedy_server.iter();
        [&text.title, &text.meaning, &text.check, &text.remedy]
            .into_iter()
            .chain(server)
    });
    let entries = catalogue.requirements().iter();
    let entries = entries.flat_map(|host| std::iter::once(&host.pattern).chain(&host.note));
    let words = texts
        .chain(entries)
        .flat_map(|text| text.split_whitespace());
    let words = words.map(|word| trimmed(word).1);
    words
        .filter(|word| looks_like_a_name(word))
        .map(ToOwned::to_owned)
        .collect()
}

/// A word and what stands before and after it.
fn trimmed(word: &str) -> (&str, &str, &str) {
    let start = word.trim_start_matches(BEFORE);
    let core = start.trim_end_matches(AFTER);
    let (before, _) = word.split_at(word.len() - start.len());
    let (_, after) = start.split_at(core.len());
    (before, core, after)
}

impl Anonymizer<'_> {
    /// The sentence with pseudonyms.
    pub(super) fn sentence(&self, text: &str, known: &Known) -> String {
        let mut text = text.to_owned();
        for (name, instead) in &known.phrases {
            if text.contains(name.as_str()) {
                text = text.replace(name.as_str(), instead);
            }
        }
        let words = self.quotations(&text, known);
        let words = words.split_inclusive(char::is_whitespace).map(|word| {
            let (space, core) = (word.trim_start(), word.trim());
            let (_, space) = space.split_at(core.len());
            self.word(core, known) + space
        });
        words.collect()
    }

    /// Replaces what is quoted, from a mark to the next, unless those are windfall's own words or a pseudonym.
    fn quotations(&self, text: &str, known: &Known) -> String {
        let mut parts = text.split('"');
        let mut out = parts.next().unwrap_or_default().to_owned();
        // A mark inside a quotation would make its rest look unquoted: then all of it is one.
        let odd = text.matches('"').count() % 2 == 1;
        if odd {
            let (_, quoted) = text.split_once('"').unwrap_or_default();
            return format!("{out}\"{}\"", self.pseudonyms.of("text", quoted));
        }
        while let (Some(quoted), Some(plain)) = (parts.next(), parts.next()) {
            let is_own = OWN_QUOTES.contains(&quoted)
                || self.pseudonyms.made(quoted)
                || known.words.contains_key(quoted);
            let shown = if is_own {
                quoted.to_owned()
            } else {
                self.pseudonyms.of("text", quoted)
            };
            out.extend(["\"", &shown, "\"", plain]);
        }
        out
    }

    fn word(&self, word: &str, known: &Known) -> String {
        // An IPv6 address may end in a colon.
        if let Ok(ip) = word.parse() {
            return self.address(ip).to_string();
        }
        let (before, core, after) = trimmed(word);
        let shown = self
            .known_word(core, known)
            .unwrap_or_else(|| core.to_owned());
        format!("{before}{shown}{after}")
    }

    /// What stands for the word; none if it may stay.
    fn known_word(&self, word: &str, known: &Known) -> Option<String> {
        if let Some(instead) = known.words.get(word) {
            return Some(instead.clone());
        }
        if let Some((host, port)) = word.rsplit_once(':')
            && !port.is_empty()
            && port.bytes().all(|byte| byte.is_ascii_digit())
        {
            let bare = host.trim_start_matches('[').trim_end_matches(']');
            match bare.parse() {
                Ok(ip) if bare != host || ip_is_plain(ip) || known.addresses.contains(&ip) => {
                    let turned = self.address(ip).to_string();
                    return Some(format!("{}:{port}", host.replace(bare, &turned)));
                }
                _ => {}
            }
            if !host.contains(':') {
                return self
                    .known_word(host, known)
                    .map(|host| format!("{host}:{port}"));
            }
        }
        if let Ok(ip) = word.parse() {
            return Some(self.address(ip).to_string());
        }
        if let Some((network, bits)) = word.split_once('/')
            && let Ok(ip) = network.parse()
        {
            return Some(format!("{}/{bits}", self.address(ip)));
        }
        if let Some(mac) = mac(word) {
            return Some(self.mac(mac).to_string());
        }
        (looks_like_a_name(word) && !self.pseudonyms.made(word)).then(|| self.host(word))
    }
}

const fn ip_is_plain(ip: IpAddr) -> bool {
    ip.is_ipv4()
}

fn mac(word: &str) -> Option<MacAddr> {
    let mut bytes = [0; 6];
    let mut parts = word.split([':', '-']);
    for byte in &mut bytes {
        let part = parts.next().filter(|part| part.len() == 2)?;
        *byte = u8::from_str_radix(part, 16).ok()?;
    }
    parts.next().is_none().then_some(MacAddr(bytes))
}

/// A type of Bonjour services (`_airplay._tcp`, RFC 6763 section 7).
pub(super) fn is_service(word: &str) -> bool {
    let name = word
        .strip_suffix("._tcp")
        .or_else(|| word.strip_suffix("._udp"));
    let name = name.and_then(|name| name.strip_prefix('_'));
    name.is_some_and(|name| {
        name.len() <= 15
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

/// Dots between letters, or anything that windfall's own words have not: better one word too many than one name too few.
fn looks_like_a_name(word: &str) -> bool {
    if is_service(word) {
        return false;
    }
    let has_letter = word.chars().any(char::is_alphabetic);
    let foreign = |char: char| {
        !(char.is_ascii() || OWN_SIGNS.contains(&char)) || matches!(char, '\\' | '@' | '_' | '*')
    };
    let inner_dot = word.trim_matches('.').contains('.');
    (has_letter && inner_dot) || word.contains(foreign)
}
