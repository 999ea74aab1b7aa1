//! Capture filters, checked before anything is captured.
//!
//! Input: an expression of pcap-filter(7). Output: what is wrong with it, with the word under a caret where it can be
//! found. libpcap names a word it does not know (`unknown port 'frob'`), but of a syntax error it tells no place: the
//! first word after the longest beginning that is a filter stands for it. An expression passes if it is one for any
//! usual link type; whether it is one for the interface is seen when that is opened. Host names in a filter are looked
//! up by libpcap.

use std::fmt;

use pcap::{Capture, Linktype};

use super::error::LiveError;

/// Link types that filters are written for: Ethernet, raw IP, Linux cooked, IEEE 802.11.
const USUAL: [Linktype; 4] = [Linktype(1), Linktype(12), Linktype(113), Linktype(105)];

/// Words that may stand before a mistake without being one.
const CONNECTIVES: [&str; 7] = ["and", "or", "not", "&&", "||", "!", "("];

/// What is wrong with a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterFault {
    /// The filter.
    pub expression: String,
    /// What libpcap says.
    pub reason: String,
    /// Where the mistake stands, as a range of bytes of the expression, if that is known.
    pub place: Option<(usize, usize)>,
}

impl fmt::Display for FilterFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the filter is wrong: {}", self.reason)?;
        write!(f, "  {}", self.expression)?;
        if let Some((start, end)) = self.place {
            let columns = |text: Option<&str>| text.unwrap_or_default().chars().count();
            let before = columns(self.expression.get(..start));
            let under = columns(self.expression.get(start..end)).max(1);
            write!(f, "\n  {}{}", " ".repeat(before), "^".repeat(under))?;
        }
        write!(
            f,
            "\nfilters are written as for tcpdump and quoted as a whole: --filter 'tcp port 443 or udp port 53'"
        )
    }
}

/// Whether it is a filter.
///
/// # Errors
/// When it is none, for any usual link type.
pub(super) fn check(expression: &str) -> Result<(), LiveError> {
    let mut reason = None;
    for link in USUAL {
        match compile(expression, link) {
            Ok(()) => return Ok(()),
            Err(text) => reason = reason.or(Some(text)),
        }
    }
    let reason = reason.unwrap_or_default();
    Err(LiveError::Filter(FilterFault {
        place: place(expression, &reason),
        expression: expression.to_owned(),
        reason,
    }))
}

/// Compiles it; what libpcap says if it cannot.
fn compile(expression: &str, link: Linktype) -> Result<(), String> {
    Capture::dead(link)
        .and_then(|dead| dead.compile(expression, true).map(drop))
        .map_err(said)
}

/// libpcap's own words.
pub(super) fn said(error: pcap::Error) -> String {
    match error {
        pcap::Error::PcapError(text) => text,
        other => other.to_string(),
    }
}

/// Where the mistake stands.
fn place(expression: &str, reason: &str) -> Option<(usize, usize)> {
    let named = reason.split('\'').nth(1).filter(|word| !word.is_empty());
    if let Some(start) = named.and_then(|word| expression.find(word)) {
        return Some((start, start + named?.len()));
    }
    reason.contains("syntax error").then_some(())?;
    let words = words(expression);
    // How many words from the left are a filter: none is one, too.
    let good = (1..words.len()).rev().find(|&count| {
        let end = words.get(count - 1).map_or(0, |&(_, end)| end);
        let beginning = expression.get(..end).unwrap_or_default();
        compile(beginning, USUAL[0]).is_ok()
    });
    let is_connective = |&&(start, end): &&(usize, usize)| {
        CONNECTIVES.contains(&expression.get(start..end).unwrap_or_default())
    };
    let rest = words.get(good.unwrap_or(0)..)?;
    rest.iter()
        .find(|word| !is_connective(word))
        .or(rest.last())
        .copied()
}

/// The words of an expression, as ranges of bytes; parentheses are words of their own.
fn words(expression: &str) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut begun = None;
    for (at, c) in expression.char_indices() {
        let stands_alone = matches!(c, '(' | ')');
        if c.is_whitespace() || stands_alone {
            words.extend(begun.take().map(|start| (start, at)));
            words.extend(stands_alone.then_some((at, at + 1)));
        } else {
            begun = begun.or(Some(at));
        }
    }
    words.extend(begun.map(|start| (start, expression.len())));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The word under the caret.
    fn blamed(expression: &str) -> String {
        let Err(LiveError::Filter(fault)) = check(expression) else {
            panic!("{expression} is a filter");
        };
        let (start, end) = fault.place.unwrap();
        expression[start..end].to_owned()
    }

    #[test]
    fn the_word_at_fault_is_found() {
        assert_eq!(blamed("tcp prot 443"), "prot");
        assert_eq!(blamed("host 10.0.0.1 and prot 443"), "prot");
        assert_eq!(blamed("tcp port 443 adn udp"), "adn");
        assert_eq!(blamed("udp or (port frob)"), "frob");
        assert_eq!(blamed("tcp and"), "and");
    }

    #[test]
    fn the_message_has_a_caret_under_it_and_says_to_quote() {
        let fault = check("tcp prot 443").unwrap_err().to_string();
        let lines: Vec<&str> = fault.lines().collect();
        assert_eq!(lines[1], "  tcp prot 443");
        assert_eq!(lines[2], "      ^^^^");
        assert!(lines[3].contains("quoted"), "{fault}");
    }

    #[test]
    fn filters_for_any_usual_link_pass() {
        for filter in [
            "",
            "tcp port 443 or udp port 53",
            "wlan type mgt",
            "vlan and ip",
        ] {
            assert_eq!(check(filter), Ok(()), "{filter}");
        }
    }
}
