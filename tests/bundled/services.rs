//! Bonjour as Avahi and python3-zeroconf speak it.

use windfall::verdict::summary::{BonjourService, Summary};

use crate::replayed;

fn summary(file: &str) -> Summary {
    replayed::run(&[replayed::folder().join(file)]).summary
}

/// A service in one line.
fn told(row: &BonjourService) -> String {
    let place = format!("{}:{}", row.host.as_ref().unwrap(), row.port.unwrap());
    let addresses: Vec<String> = row.addresses.iter().map(ToString::to_string).collect();
    let asked: Vec<String> = row.asked_by.iter().map(ToString::to_string).collect();
    format!(
        "{} {} {place} [{}] {:?}{} asked by {}",
        row.instance,
        row.service,
        addresses.join(" "),
        row.txt,
        if row.goodbye { " gone" } else { "" },
        asked.join(" ")
    )
}

#[test]
fn services_have_their_names_hosts_entries_and_goodbyes() {
    let rows: Vec<String> = summary("bonjour.pcapng").bonjour.iter().map(told).collect();
    let mac = "jans-macbook-pro.local:7000 [192.168.7.20 2001:db8:7::20]";
    let computer = "jans-pc.local:3689 []";
    let from_c1 = "192.168.7.20 2001:db8:7::20";
    assert_eq!(
        rows,
        [
            format!(
                "Jan’s Library _daap._tcp {computer} {{\"Machine Name\": \"Jan’s Library\", \"Password\": \"0\"}} gone \
                 asked by {from_c1}"
            ),
            format!(
                "Jan’s Library _home-sharing._tcp {computer} {{\"hN\": \"Jan’s Library\"}} gone asked by {from_c1}"
            ),
            format!(
                "Jan’s MacBook Pro _airplay._tcp {mac} {{\"features\": \"0x4A7FCFD5,0x174FDE\", \"model\": \
                 \"Mac14,7\", \"srcvers\": \"670.6.2\"}} asked by 192.168.7.21"
            ),
            format!(
                "Jan’s MacBook Pro _raop._tcp {mac} {{\"am\": \"Mac14,7\", \"vs\": \"670.6.2\"}} asked by 192.168.7.21"
            ),
        ]
    );
}

#[test]
fn each_finding_names_its_devices_and_service() {
    let filtered = summary("bonjour-filtered.pcapng").findings.remove(0);
    let clients: Vec<String> = filtered.clients.iter().map(ToString::to_string).collect();
    assert_eq!(clients, ["192.168.7.20", "2001:db8:7::20", "192.168.7.21"]);
    let unreachable = summary("bonjour-unreachable.pcapng").findings.remove(0);
    let begins =
        "“Jan’s MacBook Pro” (_airplay._tcp) is announced at jans-macbook-pro.local:7000, but";
    assert!(
        unreachable.detail.starts_with(begins),
        "{}",
        unreachable.detail
    );
}
