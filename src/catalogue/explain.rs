//! What a cause or an error number means, and what to do about it.
//!
//! Input: `data/causes.toml`. Output: a [`CauseText`] for each code of a cause or a finding and an [`ErrorText`] for each error number
//! that a listed range holds. A remedy is a template; [`CauseText::remedy_with`] puts the facts of a case into it in
//! one pass, so that a name off the wire which looks like a placeholder stays what it is.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::Serialize;

use super::document::{Fields, Source};
use super::entry::RequirementId;
use super::error::CatalogueError;

/// What the code of a cause, or of a finding, means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CauseText {
    /// The code (`syn-unanswered`).
    pub code: String,
    /// A few words.
    pub title: String,
    /// One or two sentences: what was seen, and what that says.
    pub meaning: String,
    /// What to look at first.
    pub check: String,
    /// What to do, with the placeholders of [`RemedyFacts`].
    pub remedy: String,
    /// What to do where the server itself is the origin, if that is something else.
    pub remedy_server: Option<String>,
    /// Of a place where it broke: the causes for which this remedy says more than theirs.
    pub instead_of: Vec<String>,
}

/// The facts of one case, for the placeholders of a remedy. A fact that is not known is told in general words.
#[derive(Clone, Copy, Debug, Default)]
pub struct RemedyFacts<'a> {
    /// `{host}`: the required host.
    pub host: Option<&'a str>,
    /// `{ports}`: ports and transports, as text.
    pub ports: Option<&'a str>,
    /// `{client}`: the device.
    pub client: Option<&'a str>,
    /// `{server}`: the server's address, or the resolver's.
    pub server: Option<&'a str>,
    /// `{from}`: the address of whoever refused or reset.
    pub from: Option<&'a str>,
    /// `{hops}`: where that one is, by the routers in between (`1 hop away`, `on this network segment`).
    pub hops: Option<u8>,
    /// The server itself ended or refused it.
    pub by_server: bool,
}

impl RemedyFacts<'_> {
    /// The text for a placeholder; `None` if there is no such placeholder.
    fn text(&self, placeholder: &str) -> Option<String> {
        let or = |fact: Option<&str>, otherwise: &str| Some(fact.unwrap_or(otherwise).to_owned());
        match placeholder {
            "host" => or(self.host, "the required host"),
            "ports" => or(self.ports, "the required ports"),
            "client" => or(self.client, "the device"),
            "server" => or(self.server, "the server's address"),
            "from" => or(self.from, "an unknown address"),
            "hops" => Some(match self.hops {
                None => "at an unknown distance".to_owned(),
                Some(0) => "on this network segment".to_owned(),
                Some(1) => "1 hop away".to_owned(),
                Some(hops) => format!("{hops} hops away"),
            }),
            _ => None,
        }
    }
}

impl CauseText {
    /// The remedy for one case.
    #[must_use]
    pub fn remedy_with(&self, facts: &RemedyFacts<'_>) -> String {
        let template = match &self.remedy_server {
            Some(template) if facts.by_server => template,
            Some(_) | None => &self.remedy,
        };
        let mut text = String::with_capacity(template.len());
        let mut rest = template.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let known = after
                .split_once('}')
                .and_then(|(name, after)| Some((facts.text(name)?, after)));
            if let Some((fact, after)) = known {
                text.push_str(&fact);
                rest = after;
            } else {
                text.push('{');
                rest = after;
            }
        }
        text.push_str(rest);
        text
    }
}

/// What an error number means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorText {
    /// The number asked about.
    pub number: u32,
    /// First and last number of the range that the source speaks of.
    pub range: (u32, u32),
    /// A few words.
    pub title: String,
    /// One or two sentences.
    pub meaning: String,
    /// What to look at first.
    pub check: String,
    /// What to do.
    pub remedy: String,
    /// Requirements to look at first, most likely first.
    pub requirements: Vec<RequirementId>,
    /// Where the range comes from.
    pub source: String,
}

/// An `[[error]]` table.
#[derive(Clone, Debug)]
struct ErrorEntry {
    range: RangeInclusive<u32>,
    /// The numbers it speaks of; all of the range if empty.
    numbers: Vec<u32>,
    title: String,
    meaning: String,
    check: String,
    remedy: String,
    look_first: Vec<String>,
    source: String,
}

/// Everything `data/causes.toml` says.
#[derive(Clone, Debug, Default)]
pub(super) struct Explanations {
    causes: BTreeMap<String, CauseText>,
    findings: BTreeMap<String, CauseText>,
    places: BTreeMap<String, CauseText>,
    errors: Vec<ErrorEntry>,
}

impl Explanations {
    /// Reads the `[[cause]]`, `[[finding]]`, `[[where]]` and `[[error]]` tables.
    pub(super) fn read(source: Source<'_>) -> Result<Self, CatalogueError> {
        let document = source.parse()?;
        let root = Fields::root(source, &document);
        let mut all = Self::default();
        for (name, texts) in [
            ("cause", &mut all.causes),
            ("finding", &mut all.findings),
            ("where", &mut all.places),
        ] {
            for table in root.tables(name)? {
                let code = table.required_text("code")?;
                let mut text = cause(source, &table)?;
                if name == "where" {
                    text.instead_of = instead_of(&table)?;
                }
                table.finish()?;
                if texts.insert(text.code.clone(), text).is_some() {
                    return Err(source.error(
                        code.offset,
                        Some("code"),
                        format!("{:?} stands here already", code.value),
                    ));
                }
            }
        }
        for table in root.tables("error")? {
            all.errors.push(error(source, table)?);
        }
        root.finish()?;
        Ok(all)
    }

    /// The text of a cause.
    pub(super) fn cause(&self, code: &str) -> Option<&CauseText> {
        self.causes.get(code)
    }

    /// The text of a finding.
    pub(super) fn finding(&self, code: &str) -> Option<&CauseText> {
        self.findings.get(code)
    }

    /// The text whose remedy suits this cause at this place.
    pub(super) fn remedy(&self, cause: &str, place: Option<&str>) -> Option<&CauseText> {
        let place = place.and_then(|place| self.places.get(place));
        let says_more = |place: &&CauseText| place.instead_of.iter().any(|code| code == cause);
        place.filter(says_more).or_else(|| self.causes.get(cause))
    }

    /// The text of a place where it broke.
    pub(super) fn place(&self, code: &str) -> Option<&CauseText> {
        self.places.get(code)
    }

    /// All finding texts, by code.
    pub(super) fn findings(&self) -> impl Iterator<Item = &CauseText> {
        self.findings.values()
    }

    /// All cause texts, by code.
    pub(super) fn causes(&self) -> impl Iterator<Item = &CauseText> {
        self.causes.values()
    }

    /// The text of an error number; `find` looks a pattern up in the catalogue. A table that names the number comes
    /// before one that only holds it in its range.
    pub(super) fn error(
        &self,
        number: u32,
        find: impl Fn(&str) -> Option<RequirementId>,
    ) -> Option<ErrorText> {
        let in_range = || {
            self.errors
                .iter()
                .filter(|entry| entry.range.contains(&number))
        };
        let entry = in_range()
            .find(|entry| entry.numbers.contains(&number))
            .or_else(|| in_range().find(|entry| entry.numbers.is_empty()))?;
        Some(ErrorText {
            number,
            range: (*entry.range.start(), *entry.range.end()),
            title: entry.title.clone(),
            meaning: entry.meaning.clone(),
            check: entry.check.clone(),
            remedy: entry.remedy.clone(),
            requirements: entry
                .look_first
                .iter()
                .filter_map(|pattern| find(pattern))
                .collect(),
            source: entry.source.clone(),
        })
    }

    /// Every pattern that an error table points at.
    #[cfg(test)]
    pub(super) fn patterns(&self) -> impl Iterator<Item = &str> {
        self.errors
            .iter()
            .flat_map(|entry| entry.look_first.iter().map(String::as_str))
    }
}

fn cause(source: Source<'_>, table: &Fields<'_>) -> Result<CauseText, CatalogueError> {
    let remedies = [
        Some(table.required_text("remedy")?),
        table.text("remedy_server")?,
    ];
    for (key, remedy) in ["remedy", "remedy_server"].into_iter().zip(&remedies) {
        if let Some(remedy) = remedy
            && let Some(name) = unknown_placeholder(remedy.value)
        {
            let why = format!(
                "{{{name}}} is not a placeholder; there are {{host}} {{ports}} {{client}} {{server}} {{from}} {{hops}}"
            );
            return Err(source.error(remedy.offset, Some(key), why));
        }
    }
    let [remedy, remedy_server] = remedies.map(|remedy| remedy.map(|text| text.value.to_owned()));
    let text = CauseText {
        code: table.required_text("code")?.value.to_owned(),
        title: table.required_text("title")?.value.to_owned(),
        meaning: table.required_text("meaning")?.value.to_owned(),
        check: table.required_text("check")?.value.to_owned(),
        remedy: remedy.unwrap_or_default(),
        remedy_server,
        instead_of: Vec::new(),
    };
    Ok(text)
}

/// The causes whose remedy a place's own takes the place of.
fn instead_of(table: &Fields<'_>) -> Result<Vec<String>, CatalogueError> {
    let codes = table.texts("instead_of")?;
    let codes = codes.map_or_else(Vec::new, |list| list.value);
    Ok(codes
        .into_iter()
        .map(|code| code.value.to_owned())
        .collect())
}

fn unknown_placeholder(template: &str) -> Option<&str> {
    template
        .split('{')
        .skip(1)
        .map(|part| part.split_once('}').map_or(part, |(name, _)| name))
        .find(|name| RemedyFacts::default().text(name).is_none())
}

fn error(source: Source<'_>, table: Fields<'_>) -> Result<ErrorEntry, CatalogueError> {
    let missing = |key: &str| table.error(Some(key), "is missing");
    let from = table.number("from")?.ok_or_else(|| missing("from"))?;
    let to = table.number("to")?.ok_or_else(|| missing("to"))?;
    if from.value > to.value {
        return Err(source.error(to.offset, Some("to"), "must not be less than from"));
    }
    let entry = ErrorEntry {
        range: from.value..=to.value,
        numbers: table.numbers("numbers")?,
        title: table.required_text("title")?.value.to_owned(),
        meaning: table.required_text("meaning")?.value.to_owned(),
        check: table.required_text("check")?.value.to_owned(),
        remedy: table.required_text("remedy")?.value.to_owned(),
        look_first: table
            .texts("look_first")?
            .map(|list| {
                list.value
                    .into_iter()
                    .map(|item| item.value.to_ascii_lowercase())
                    .collect()
            })
            .unwrap_or_default(),
        source: table.required_text("source")?.value.to_owned(),
    };
    table.finish()?;
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(remedy: &str) -> CauseText {
        CauseText {
            code: "x".to_owned(),
            title: String::new(),
            meaning: String::new(),
            check: String::new(),
            remedy: remedy.to_owned(),
            remedy_server: Some(format!("Server: {remedy}")),
            instead_of: Vec::new(),
        }
    }

    #[test]
    fn facts_take_their_places() {
        let text = cause("Allow {ports} to {host} on {from} ({hops}) for {client}.");
        let facts = RemedyFacts {
            host: Some("gs.apple.com"),
            ports: Some("443/tcp"),
            client: Some("192.168.7.20"),
            from: Some("192.168.7.1"),
            hops: Some(1),
            ..RemedyFacts::default()
        };
        assert_eq!(
            text.remedy_with(&facts),
            "Allow 443/tcp to gs.apple.com on 192.168.7.1 (1 hop away) for 192.168.7.20."
        );
        assert_eq!(
            text.remedy_with(&RemedyFacts::default()),
            "Allow the required ports to the required host on an unknown address (at an unknown distance) for the device."
        );
        let by_server = RemedyFacts {
            by_server: true,
            ..facts
        };
        assert!(
            text.remedy_with(&by_server)
                .starts_with("Server: Allow 443/tcp")
        );
    }

    #[test]
    fn a_name_that_looks_like_a_placeholder_stays_a_name() {
        let facts = RemedyFacts {
            host: Some("{from}"),
            from: Some("secret"),
            ..RemedyFacts::default()
        };
        assert_eq!(
            cause("Ask {host}; {x} {").remedy_with(&facts),
            "Ask {from}; {x} {"
        );
    }

    #[test]
    fn a_number_named_comes_before_its_range() {
        let text = r#"
            [[error]]
            from = 3000
            to = 3999
            title = "range"
            meaning = "m"
            check = "c"
            remedy = "r"
            look_first = ["a.example"]
            source = "s"
            [[error]]
            from = 3000
            to = 3999
            numbers = [3194]
            title = "named"
            meaning = "m"
            check = "c"
            remedy = "r"
            look_first = ["b.example", "absent.example"]
            source = "s"
        "#;
        let all = Explanations::read(Source {
            file: "t.toml",
            text,
        })
        .unwrap();
        let find = |pattern: &str| match pattern {
            "a.example" => Some(RequirementId(0)),
            "b.example" => Some(RequirementId(1)),
            _ => None,
        };
        assert_eq!(all.error(3000, find).unwrap().title, "range");
        assert_eq!(
            all.error(3999, find).unwrap().requirements,
            [RequirementId(0)]
        );
        let named = all.error(3194, find).unwrap();
        assert_eq!(
            (named.title.as_str(), named.requirements),
            ("named", vec![RequirementId(1)])
        );
        assert_eq!(all.error(2999, find), None);
        assert_eq!(all.error(4000, find), None);
    }

    #[test]
    fn a_remedy_may_only_use_known_placeholders() {
        let text = "[[cause]]\ncode = \"x\"\ntitle = \"t\"\nmeaning = \"m\"\ncheck = \"c\"\nremedy = \"Allow {hosts}\"\n";
        let error = Explanations::read(Source {
            file: "t.toml",
            text,
        })
        .unwrap_err();
        assert_eq!((error.line, error.column), (6, 10));
        assert!(
            error.to_string().contains("{hosts} is not a placeholder"),
            "{error}"
        );
    }
}
