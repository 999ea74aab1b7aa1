//! The page and the JSON say the same of every requirement.

use crate::captures::captures;
use crate::document::Document;
use crate::made::{bundled, page, summary};
use crate::support::trace::Trace;
use windfall::report::listed::Listed;
use windfall::verdict::outcome::Status;

#[test]
fn every_status_of_the_json_stands_on_the_page_once() {
    for path in captures() {
        let summary = summary(&path);
        let document = Document::parse(&page(&summary, None));
        let mut shown: Vec<(String, String)> = document
            .all("tr")
            .filter_map(|row| {
                Some((
                    row.get("data-id")?.to_owned(),
                    row.get("data-status")?.to_owned(),
                ))
            })
            .collect();
        let json = serde_json::to_value(&summary).unwrap();
        let mut told: Vec<(String, String)> = json["requirements"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                let text = |field: &str| row[field].as_str().unwrap().to_owned();
                (text("id"), text("status"))
            })
            .collect();
        shown.sort();
        told.sort();
        assert_eq!(shown, told, "{}", path.display());
    }
}

#[test]
fn the_worst_stands_first_and_says_why_and_what_to_do() {
    let summary = bundled("itunes-failure.pcapng");
    let document = Document::parse(&page(&summary, None));
    let first = document.all("tr").find_map(|row| row.get("data-status"));
    assert_eq!(first, Some("failing"));
    let articles: Vec<_> = document.all("article").collect();
    for row in &summary.requirements {
        if !matches!(row.status, Status::Failing | Status::Degraded) {
            continue;
        }
        let told = articles
            .iter()
            .filter(|article| article.text.contains(&row.pattern))
            .find(|article| {
                [&row.explanation, &row.remedy]
                    .iter()
                    .all(|text| article.text.contains(text.as_deref().unwrap()))
            });
        let told = told.unwrap_or_else(|| panic!("{} is not explained", row.pattern));
        assert!(told.text.contains(row.cause.unwrap().as_str()));
        let filters = document.inside(told, "code");
        assert!(
            filters
                .into_iter()
                .any(|code| code.text.contains(".addr == ")),
            "{}",
            row.pattern
        );
    }
}

#[test]
fn a_timeline_marks_every_attempt() {
    let summary = bundled("itunes-failure.pcapng");
    let document = Document::parse(&page(&summary, None));
    let mut seen = 0;
    for row in document
        .all("tr")
        .filter(|row| row.get("data-status").is_some())
    {
        let marks: u64 = document
            .inside(row, "g")
            .map(|mark| mark.get("data-count").unwrap().parse::<u64>().unwrap())
            .sum();
        let tried = row.text.split(" tried").next().unwrap();
        let tried: String = tried
            .chars()
            .rev()
            .take_while(char::is_ascii_digit)
            .collect();
        let tried: String = tried.chars().rev().collect();
        if tried.is_empty() {
            assert_eq!(row.get("data-status"), Some("not-seen"), "{}", row.text);
            continue;
        }
        // A mark's own words stand before the count.
        assert!(tried.ends_with(&marks.to_string()), "{marks}: {}", row.text);
        seen += 1;
    }
    assert_eq!(seen, 17);
}

#[test]
fn how_it_was_captured_and_what_was_lost_is_said() {
    let mut summary = bundled("itunes-failure.pcapng");
    summary.captures[0].dropped_kernel = Some(1234);
    summary.captures[0].truncated = 7;
    summary.summary.limits_hit.insert("flows".to_owned(), 3);
    let document = Document::parse(&page(&summary, None));
    let body = document.all("body").next().unwrap();
    for told in [
        "itunes-failure.pcapng",
        "1,166",
        "2026-11-25 10:36:13–10:37:17 UTC",
        "1,234 frames were dropped by the kernel",
        "7 frames are cut by the snap length",
        "the limit on flows was hit 3 times",
        concat!("windfall ", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(body.text.contains(told), "{told}");
    }
}

#[test]
fn bonjour_tells_who_offers_what_and_who_asked() {
    let summary = bundled("bonjour.pcapng");
    assert!(!summary.bonjour.is_empty());
    let document = Document::parse(&page(&summary, None));
    let rows: Vec<_> = document.all("tr").collect();
    for service in &summary.bonjour {
        let host = service.host.as_deref().unwrap_or_default();
        let row = rows.iter().find(|row| {
            row.text.contains(&service.instance) && row.text.contains(&service.service)
        });
        let row = row.unwrap_or_else(|| panic!("{} is missing", service.instance));
        let group = document
            .around(row)
            .find(|one| one.name == "tbody")
            .unwrap();
        assert!(group.text.contains(host), "{host}");
        for asker in &service.asked_by {
            assert!(row.text.contains(&asker.to_string()), "{asker}");
        }
    }
}

#[test]
fn a_capture_of_nothing_makes_a_page_that_says_so() {
    let document = Document::parse(&page(&Trace::new().summary(), None));
    let body = &document.all("body").next().unwrap().text;
    assert!(body.contains("No attempt at a required host was seen."));
    assert!(body.contains("that nobody tried"));
    assert_eq!(document.all("article").count(), 0);
}

#[test]
fn what_is_asked_for_is_listed() {
    let summary = bundled("itunes-failure.pcapng");
    let rows = |listed| {
        let document = Document::parse(&page(&summary, listed));
        let flows = document
            .all("th")
            .filter(|cell| cell.text == "From and to")
            .count();
        let body = document.all("body").next().unwrap().text.clone();
        (flows, body)
    };
    let (tables, body) = rows(None);
    assert_eq!(tables, 0);
    assert!(!body.contains("All flows"));
    for (listed, title) in [
        (Listed::All, "All flows"),
        (Listed::Required, "Flows at required hosts"),
    ] {
        let (tables, body) = rows(Some(listed));
        assert_eq!(tables, 1, "{title}");
        assert!(body.contains(title));
    }
}
