//! However much failed, the page stays a page, and says what it leaves out.

use std::net::{IpAddr, Ipv4Addr};

use crate::document::Document;
use crate::made::{bundled, page};
use windfall::report::listed::Listed;
use windfall::verdict::outcome::Status;
use windfall::verdict::summary::{Client, Summary};

/// Devices, each with one failed connection.
const MANY: u32 = 100_000;

/// Larger than any page may become.
const MOST_BYTES: usize = 16 << 20;

fn device(number: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + number))
}

/// The demonstration's failure, on so many devices.
fn flood() -> Summary {
    let mut summary = bundled("itunes-failure.pcapng");
    let failing = |row: &&windfall::verdict::summary::Requirement| row.status == Status::Failing;
    let row = summary.requirements.iter().find(failing).unwrap().clone();
    let flow = summary
        .flows
        .iter()
        .find(|flow| flow.evidence.contains(&row.evidence[0]));
    let flow = flow.unwrap().clone();
    let question = summary.dns[0].clone();
    let service = summary.bonjour.first().cloned();
    for number in 0..MANY {
        let ip = device(number);
        let client = Client {
            addresses: vec![ip],
            mac: None,
        };
        summary
            .requirements
            .push(windfall::verdict::summary::Requirement {
                client: Some(client),
                ..row.clone()
            });
        let mut flow = flow.clone();
        flow.client.ip = ip;
        flow.id = format!("1:{number}");
        summary.flows.push(flow);
        let mut question = question.clone();
        question.client = ip;
        question.outcome = windfall::verdict::outcome::Outcome::Failed;
        summary.dns.push(question);
        if let Some(mut service) = service.clone() {
            service.instance = format!("Printer {number}");
            summary.bonjour.push(service);
        }
    }
    summary
}

#[test]
fn a_flood_of_failures_makes_no_flood_of_a_page() {
    let summary = flood();
    for listed in [None, Some(Listed::All)] {
        let text = page(&summary, listed);
        assert!(text.len() < MOST_BYTES, "{} bytes", text.len());
        let document = Document::parse(&text);
        let rows = document
            .all("tr")
            .filter(|row| row.get("data-status").is_some());
        let shown = rows
            .filter(|row| row.get("data-status") == Some("failing"))
            .count();
        assert!((1_000..=2_000).contains(&shown), "{shown}");
        let body = &document.all("body").next().unwrap().text;
        let rest = MANY as usize + 17 - 2_000;
        let rest = windfall::words::number(rest as u64);
        assert!(
            body.contains(&format!("And {rest} required connections more")),
            "{rest}"
        );
        assert!(body.contains("explanations more") && body.contains("questions more"));
        // The heading counts them all.
        assert!(body.contains("100,003 required connections are failing"));
    }
}

#[test]
fn many_failures_of_one_connection_are_counted() {
    let mut summary = bundled("itunes-failure.pcapng");
    let flow = summary
        .flows
        .iter()
        .find(|flow| flow.requirement.as_deref() == Some("gs.apple.com"));
    let flow = flow.unwrap().clone();
    for number in 0..1_000_u16 {
        let mut flow = flow.clone();
        flow.id = format!("1:{number}");
        summary.flows.push(flow);
    }
    let document = Document::parse(&page(&summary, None));
    let body = &document.all("body").next().unwrap().text;
    assert!(
        body.contains("And 979 failed attempts more"),
        "{}",
        body.len()
    );
    let ladders = document
        .all("details")
        .filter(|one| one.get("data-flow").is_some());
    assert!(ladders.count() < 60);
}
