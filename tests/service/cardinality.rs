//! Nothing that comes off the wire makes series, but for devices that were asked for, up to their number.

use std::collections::BTreeSet;
use std::net::IpAddr;

use windfall::verdict::summary::{Client, Summary};

use crate::scraped::{Series, series};
use crate::view::{page, summary};

/// The same as the capture shows, of so many devices more.
fn crowd(devices: u32) -> Summary {
    let mut crowd = summary("itunes-failure.pcapng");
    let tried: Vec<_> = crowd
        .requirements
        .iter()
        .filter(|row| row.client.is_some())
        .cloned()
        .collect();
    for device in 0..devices {
        let address = IpAddr::from((0x0a00_0000 + device).to_be_bytes());
        for row in &tried {
            let mut row = row.clone();
            row.client = Some(Client {
                addresses: vec![address],
                mac: None,
            });
            crowd.requirements.push(row);
        }
    }
    // Names that nobody requires, made up for each connection.
    let flow = crowd.flows[0].clone();
    for number in 0..devices {
        let mut flow = flow.clone();
        flow.requirement = None;
        if let Some(name) = &mut flow.name {
            name.host = format!("host-{number}.example");
        }
        crowd.flows.push(flow);
    }
    crowd
}

fn names(series: &Series) -> BTreeSet<&str> {
    series.keys().map(String::as_str).collect()
}

#[test]
fn a_crowd_of_devices_and_names_makes_no_more_series() {
    let few = series(&page(summary("itunes-failure.pcapng"), 0));
    let many = series(&page(crowd(3000), 0));
    assert_eq!(names(&few), names(&many));
    let failing = r#"windfall_requirement_devices{requirement="albert.apple.com",status="failing",cause="syn-unanswered"}"#;
    assert_eq!((few[failing], many[failing]), (1.0, 3001.0));
    assert_eq!(many["windfall_devices"] - few["windfall_devices"], 3000.0);
}

#[test]
fn devices_have_series_up_to_the_number_that_was_allowed() {
    let all = series(&page(crowd(3000), 10));
    let of_clients = all
        .keys()
        .filter_map(|name| name.strip_prefix("windfall_client_requirement{client=\""))
        .filter_map(|rest| rest.split('"').next());
    let clients: BTreeSet<&str> = of_clients.collect();
    assert_eq!(clients.len(), 10, "{clients:?}");
    assert_eq!(
        all["windfall_clients_left_out"],
        all["windfall_devices"] - 10.0
    );
}
