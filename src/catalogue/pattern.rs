//! Host patterns: what one catalogue entry covers, and how specific it is.
//!
//! Input: a pattern's text from a catalogue file. Output: a [`Pattern`], lower case. Three shapes exist, and their
//! limits are the point: `host.x` is that name alone; `*.x` is any name below `x`, however deep, and never `x`
//! itself; `gg*.x` is one label that begins with `gg`, directly below `x`. Names and labels have the sizes of
//! RFC 1035 section 2.3.4. [`Pattern::covers`] is the plain definition; `matcher` is the compiled form of the same.

use std::cmp::Ordering;
use std::fmt;

use super::name;

/// What follows the star, and what may stand in for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    /// This name alone.
    Exact,
    /// Any name below the suffix, at any depth.
    AnyDepth,
    /// One label that begins with these bytes, directly below the suffix.
    OneLabel(Box<str>),
}

/// A host pattern, lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    text: Box<str>,
    shape: Shape,
    suffix: Box<str>,
}

impl Pattern {
    /// Reads a pattern in any case, with or without a trailing dot.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the text and what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        const ALLOWED: &str = "allowed are host.example.com, *.example.com and prefix*.example.com";
        if text.is_empty() {
            return Err(format!("a pattern must not be empty; {ALLOWED}"));
        }
        if !text.is_ascii() {
            return Err(format!(
                "{text:?} holds letters outside ASCII: write the name as DNS carries it (xn--…)"
            ));
        }
        let lower = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let (shape, suffix) = match lower.split_once('*') {
            None => (Shape::Exact, lower.as_str()),
            Some((prefix, rest)) => {
                let suffix = rest
                    .strip_prefix('.')
                    .filter(|suffix| !suffix.contains('*') && !prefix.contains('.'))
                    .ok_or_else(|| {
                        format!("{text:?}: one star may end the first label; {ALLOWED}")
                    })?;
                if prefix.is_empty() {
                    (Shape::AnyDepth, suffix)
                } else {
                    (Shape::OneLabel(prefix.into()), suffix)
                }
            }
        };
        // What is left when the star goes must be a name; a lone star takes its dot along.
        let literal = match shape {
            Shape::Exact => lower.clone(),
            Shape::AnyDepth => suffix.to_owned(),
            Shape::OneLabel(_) => lower.replacen('*', "", 1),
        };
        if !name::is_host(literal.as_bytes()) {
            return Err(format!(
                "{text:?} is not a host pattern: labels of 1–63 letters, digits, - or _, joined by dots; {ALLOWED}"
            ));
        }
        if !lower.contains('.') {
            return Err(format!(
                "{text:?} has no dot: write the whole name; {ALLOWED}"
            ));
        }
        if suffix
            .rsplit('.')
            .next()
            .is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()))
        {
            return Err(format!(
                "{text:?} is an address, not a host pattern; {ALLOWED}"
            ));
        }
        Ok(Self {
            suffix: suffix.into(),
            text: lower.into(),
            shape,
        })
    }

    /// The pattern as it is listed: lower case, no trailing dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The part after the star and its dot; the whole name where there is no star.
    pub(crate) fn suffix(&self) -> &str {
        &self.suffix
    }

    /// What may stand before the suffix.
    pub(crate) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Whether the pattern is one name, not many.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.shape == Shape::Exact
    }

    /// Whether the pattern covers this name (raw bytes, any case, with or without one trailing dot).
    ///
    /// The plain definition, one pattern at a time; a whole catalogue asks its matcher.
    #[must_use]
    pub fn covers(&self, host: &[u8]) -> bool {
        let Some(host) = name::host(host) else {
            return false;
        };
        let Some((above, suffix)) =
            host.split_at_checked(host.len().saturating_sub(self.suffix.len()))
        else {
            return false;
        };
        if !suffix.eq_ignore_ascii_case(self.suffix.as_bytes()) {
            return false;
        }
        match &self.shape {
            Shape::Exact => above.is_empty(),
            Shape::AnyDepth => above.len() > 1 && above.ends_with(b"."),
            Shape::OneLabel(prefix) => above.strip_suffix(b".").is_some_and(|label| {
                !label.contains(&b'.') && name::starts_with_ignore_case(label, prefix.as_bytes())
            }),
        }
    }

    /// Orders by how specific two patterns are: exact before wildcard, longer before shorter, then by text.
    #[must_use]
    pub fn cmp_specific_first(&self, other: &Self) -> Ordering {
        other
            .is_exact()
            .cmp(&self.is_exact())
            .then_with(|| other.text.len().cmp(&self.text.len()))
            .then_with(|| self.text.cmp(&other.text))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(pattern: &str, host: &str) -> bool {
        Pattern::parse(pattern).unwrap().covers(host.as_bytes())
    }

    #[test]
    fn an_exact_name_covers_itself_in_any_spelling() {
        assert!(covers("gs.apple.com", "gs.apple.com"));
        assert!(covers("gs.apple.com", "Gs.ApPlE.com."));
        assert!(covers("GS.Apple.Com.", "gs.apple.com"));
        for other in [
            "a.gs.apple.com",
            "gs.apple.com.evil.example",
            "evilgs.apple.com",
            "gs.apple.com..",
            "gs-apple.com",
            "",
        ] {
            assert!(!covers("gs.apple.com", other), "{other}");
        }
    }

    #[test]
    fn a_star_label_covers_any_depth_and_never_the_apex() {
        assert!(covers("*.itunes.apple.com", "p1.itunes.apple.com"));
        assert!(covers("*.itunes.apple.com", "a.b.c.d.itunes.apple.com"));
        for other in [
            "itunes.apple.com",
            ".itunes.apple.com",
            "evilitunes.apple.com",
            "*.itunes.apple.com",
            "a..itunes.apple.com",
        ] {
            assert!(!covers("*.itunes.apple.com", other), "{other}");
        }
    }

    #[test]
    fn a_star_in_a_label_covers_one_label_only() {
        for host in ["gg.apple.com", "gg2.apple.com", "GG-x.apple.com."] {
            assert!(covers("gg*.apple.com", host), "{host}");
        }
        for other in [
            "a.gg.apple.com",
            "ggs.example.apple.com",
            "gg.evil.com",
            "g.apple.com",
            "xgg.apple.com",
            "gg.apple.com.evil.example",
        ] {
            assert!(!covers("gg*.apple.com", other), "{other}");
        }
    }

    #[test]
    fn names_that_no_resolver_would_call_a_host_match_nothing() {
        let pattern = Pattern::parse("*.apple.com").unwrap();
        let long = [b"a".repeat(64).as_slice(), b".apple.com"].concat();
        let deep = [b"a.".repeat(200).as_slice(), b"apple.com"].concat();
        for host in [
            b"a\0.apple.com".as_slice(),
            b"a .apple.com",
            b"\xd0\xb0.apple.com",
            b"a\\..apple.com",
            b".",
            b"..",
            b"a.apple.com..",
            &long,
            &deep,
        ] {
            assert!(!pattern.covers(host), "{host:?}");
        }
    }

    #[test]
    fn specific_patterns_come_first() {
        let mut patterns: Vec<Pattern> = [
            "*.apple.com",
            "gg*.apple.com",
            "gg.apple.com",
            "*.itunes.apple.com",
            "a.co",
        ]
        .iter()
        .map(|text| Pattern::parse(text).unwrap())
        .collect();
        patterns.sort_by(Pattern::cmp_specific_first);
        let order: Vec<&str> = patterns.iter().map(Pattern::as_str).collect();
        assert_eq!(
            order,
            [
                "gg.apple.com",
                "a.co",
                "*.itunes.apple.com",
                "gg*.apple.com",
                "*.apple.com"
            ]
        );
    }

    #[test]
    fn bad_patterns_are_refused() {
        for (text, why) in [
            ("", "empty"),
            ("*", "one star may end the first label"),
            ("*apple.com", "one star may end the first label"),
            ("a.*.apple.com", "one star may end the first label"),
            ("*.*.apple.com", "one star may end the first label"),
            ("g*g.apple.com", "one star may end the first label"),
            ("*.", "one star may end the first label"),
            ("*..", "is not a host pattern"),
            ("a..b", "is not a host pattern"),
            (".apple.com", "is not a host pattern"),
            ("apple.com:443", "is not a host pattern"),
            ("https://apple.com", "is not a host pattern"),
            ("a b.com", "is not a host pattern"),
            ("applé.com", "xn--"),
            ("apple", "no dot"),
            ("17.1.2.3", "an address"),
            ("*.2.3", "an address"),
        ] {
            let message = Pattern::parse(text).unwrap_err();
            assert!(message.contains(why), "{text}: {message}");
        }
    }
}
