//! The page can be read aloud, walked through by keyboard, and asks for nothing from anywhere.

use std::collections::BTreeSet;

use crate::captures::captures;
use crate::document::{Document, Element};
use crate::made::{bundled, page, summary};
use windfall::report::listed::Listed;

/// Attributes whose value a browser goes to.
const FETCHED: [&str; 9] = [
    "src",
    "srcset",
    "href",
    "action",
    "formaction",
    "data",
    "poster",
    "background",
    "ping",
];

#[test]
fn nothing_is_fetched_and_nothing_runs_but_the_page_s_own() {
    for path in captures() {
        let text = page(&summary(&path), Some(Listed::All));
        let document = Document::parse(&text);
        for element in &document.elements {
            for (name, value) in &element.attributes {
                assert!(!name.starts_with("on") && name != "style", "{name}");
                let goes = FETCHED.contains(&name.as_str());
                assert!(!goes || value.starts_with('#'), "{name}={value}");
            }
        }
        for absent in ["link", "img", "iframe", "object", "embed", "base", "image"] {
            assert_eq!(document.all(absent).count(), 0, "{absent}");
        }
        assert_eq!(document.all("script").count(), 1);
        assert_eq!(document.all("style").count(), 1);
        for own in document.all("script").chain(document.all("style")) {
            for word in [
                "http:",
                "https:",
                "//cdn",
                "@import",
                "url(",
                "fetch(",
                "XMLHttp",
                "innerHTML",
            ] {
                assert!(!own.text.contains(word), "{word}");
            }
        }
    }
}

#[test]
fn the_policy_stands_before_all_that_it_rules() {
    let document = Document::parse(&page(&bundled("itunes-failure.pcapng"), None));
    let place = |of: &dyn Fn(&Element) -> bool| document.elements.iter().position(of).unwrap();
    let policy = place(&|one| one.get("http-equiv") == Some("Content-Security-Policy"));
    assert!(policy < place(&|one| one.name == "style"));
    let rules = document.elements[policy].get("content").unwrap();
    assert!(rules.starts_with("default-src 'none'; "), "{rules}");
    assert!(!rules.contains("unsafe") && !rules.contains('*'), "{rules}");
    for rule in [
        "style-src 'sha256-",
        "script-src 'sha256-",
        "base-uri 'none'",
        "form-action 'none'",
    ] {
        assert!(rules.contains(rule), "{rule}");
    }
}

#[test]
fn links_lead_somewhere_and_names_are_given_once() {
    for path in captures() {
        let document = Document::parse(&page(&summary(&path), None));
        let mut ids = BTreeSet::new();
        for id in document.elements.iter().filter_map(|one| one.get("id")) {
            assert!(ids.insert(id), "{id} twice in {}", path.display());
        }
        for element in &document.elements {
            let link = element.get("href").and_then(|href| href.strip_prefix('#'));
            let others = ["for", "aria-labelledby"].map(|name| element.get(name));
            let targets = others.iter().flatten().flat_map(|names| names.split(' '));
            for target in link.into_iter().chain(targets) {
                assert!(ids.contains(target), "{target} in {}", path.display());
            }
        }
    }
}

#[test]
fn a_screen_reader_is_told_what_everything_is() {
    for name in [
        "itunes-failure.pcapng",
        "gateway-both-sides.pcapng",
        "bonjour.pcapng",
    ] {
        let document = Document::parse(&page(&bundled(name), Some(Listed::All)));
        let html = document.all("html").next().unwrap();
        assert_eq!(html.get("lang"), Some("en"));
        for landmark in ["header", "nav", "main", "footer", "h1"] {
            assert_eq!(document.all(landmark).count(), 1, "{landmark}");
        }
        let mut level = 1;
        for element in &document.elements {
            let digit = element
                .name
                .strip_prefix('h')
                .and_then(|text| text.parse::<u32>().ok());
            if let Some(next) = digit {
                assert!(
                    next <= level + 1,
                    "h{next} after h{level}: {}",
                    element.text
                );
                level = next;
            }
        }
        for table in document.all("table") {
            assert_eq!(document.inside(table, "caption").count(), 1);
            assert!(
                document
                    .inside(table, "th")
                    .all(|cell| cell.get("scope").is_some())
            );
        }
        for drawing in document.all("svg") {
            let inner = document.around(drawing).any(|one| one.name == "svg");
            let named = drawing.get("role") == Some("img") && drawing.get("aria-label").is_some();
            let hidden = drawing.get("aria-hidden") == Some("true");
            assert!(inner || named || hidden, "{name}");
        }
        for field in document.all("input").chain(document.all("select")) {
            let id = field.get("id").unwrap();
            assert!(
                document
                    .all("label")
                    .any(|label| label.get("for") == Some(id)),
                "{id}"
            );
        }
        for scrolled in document
            .all("div")
            .filter(|one| one.get("class") == Some("wide"))
        {
            assert_eq!(scrolled.get("tabindex"), Some("0"));
            assert!(scrolled.get("aria-label").is_some());
        }
    }
}

/// Without the script nothing is hidden but what only the script could make work.
#[test]
fn all_can_be_read_without_the_script() {
    let document = Document::parse(&page(&bundled("itunes-failure.pcapng"), None));
    let hidden = document
        .elements
        .iter()
        .filter(|one| one.get("hidden").is_some());
    let mut names: Vec<&str> = hidden.map(|one| one.name.as_str()).collect();
    names.dedup();
    assert_eq!(names, ["form", "button"]);
}
