//! Every row of the three tables of Apple's article is in the catalogue, read as the article means it.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::collections::BTreeSet;

use windfall::catalogue::{Catalogue, Listing, PortEntry, Profile};
use windfall::transport::Transport::{Tcp, Udp};

fn itunes() -> Catalogue {
    Catalogue::builtin(Profile::Itunes).unwrap()
}

#[test]
fn all_hosts_and_no_others() {
    let expected = [
        ("albert.apple.com", "original"),
        ("deimos3.apple.com", "original"),
        ("gg*.apple.com", "original"),
        ("gs.apple.com", "original"),
        ("itunes.apple.com", "original"),
        ("*.itunes.apple.com", "original"),
        ("mesu.apple.com", "original"),
        ("skl.apple.com", "original"),
        ("*.mzstatic.com", "original"),
        ("*.cdn-apple.com", "original"),
        ("appldnld.apple.com", "original"),
        ("evintl-ocsp.verisign.com", "original"),
        ("evsecure-ocsp.verisign.com", "original"),
        ("*.amazonaws.com", "original"),
        ("*.symcb.com", "original"),
        ("*.symcd.com", "original"),
        ("*.digicert.com", "original"),
        ("configuration.apple.com", "later"),
        ("swscan.apple.com", "later"),
        ("xp.apple.com", "later"),
    ];
    let catalogue = itunes();
    let listed: BTreeSet<(&str, &str)> = catalogue
        .hosts()
        .iter()
        .map(|host| (host.pattern.as_str(), host.editions[0].as_str()))
        .collect();
    assert_eq!(catalogue.hosts().len(), expected.len());
    assert_eq!(listed, BTreeSet::from(expected));
    assert!(
        catalogue
            .hosts()
            .iter()
            .all(|host| host.profiles == [Listing::Itunes])
    );
}

#[test]
fn a_host_takes_the_ports_that_leave_the_local_network_and_carry_no_radio() {
    for host in itunes().hosts() {
        assert_eq!(
            host.ports.to_texts(),
            [
                "80/tcp", "123/tcp", "123/udp", "443/tcp", "443/udp", "554/tcp", "554/udp",
                "5223/tcp", "5224/tcp"
            ],
            "{}",
            host.pattern
        );
    }
}

#[test]
fn all_ports_with_the_footnote_digits_taken_off() {
    let expected = [
        ("80/tcp", "original"),
        ("443/tcp", "original"),
        ("123/tcp, 123/udp", "original"),
        ("554/tcp, 554/udp", "original"),
        ("1900/tcp", "original"),
        ("3689/tcp", "original"),
        ("5223/tcp", "original"),
        ("5350/udp", "original"),
        ("5351/udp", "original"),
        ("5353/udp", "original"),
        ("8000-8999/tcp", "original"),
        ("42000-42999/tcp", "original"),
        ("5224/tcp", "later"),
        ("443/udp", "added"),
        ("1900/udp", "added"),
        ("7000/tcp", "added"),
    ];
    let catalogue = itunes();
    let listed: Vec<(String, &str)> = catalogue
        .ports()
        .iter()
        .map(|port| (port.ports.to_string(), port.edition.as_str()))
        .collect();
    assert_eq!(listed.len(), expected.len());
    for (listed, expected) in listed.iter().zip(expected) {
        assert_eq!((listed.0.as_str(), listed.1), expected);
    }
    for misread in [1231, 52231] {
        for transport in [Tcp, Udp] {
            assert!(
                !catalogue
                    .ports()
                    .iter()
                    .any(|port| port.ports.contains(transport, misread)),
                "{misread}"
            );
        }
    }
}

#[test]
fn flags_of_ports() {
    let catalogue = itunes();
    let ports_with = |flag: fn(&PortEntry) -> bool| -> Vec<String> {
        catalogue
            .ports()
            .iter()
            .filter(|port| flag(port))
            .map(|port| port.ports.to_string())
            .collect()
    };
    assert_eq!(
        ports_with(|port| port.indirect),
        ["123/tcp, 123/udp", "5223/tcp"]
    );
    assert_eq!(
        ports_with(|port| port.radio),
        ["8000-8999/tcp", "42000-42999/tcp"]
    );
    assert_eq!(
        ports_with(|port| port.lan_only),
        [
            "1900/tcp", "3689/tcp", "5350/udp", "5351/udp", "5353/udp", "1900/udp", "7000/tcp"
        ]
    );
}

#[test]
fn what_a_port_alone_tells() {
    let catalogue = itunes();
    let name = |transport, port| {
        catalogue
            .by_port(transport, port)
            .map(|entry| entry.name.as_str())
    };
    for (transport, port, expected) in [
        (Tcp, 8000, "internet-radio"),
        (Tcp, 8999, "internet-radio"),
        (Tcp, 42_000, "internet-radio"),
        (Tcp, 42_999, "internet-radio"),
        (Tcp, 3689, "daap"),
        (Tcp, 1900, "bonjour"),
        (Udp, 1900, "ssdp"),
        (Udp, 5350, "nat-pmp-announcement"),
        (Udp, 5351, "nat-pmp"),
        (Udp, 5353, "mdns"),
        (Tcp, 554, "rtsp"),
        (Tcp, 7000, "airplay"),
    ] {
        assert_eq!(name(transport, port), Some(expected), "{port}/{transport}");
    }
    for (transport, port) in [
        (Tcp, 80),
        (Tcp, 443),
        (Udp, 443),
        (Udp, 123),
        (Tcp, 5223),
        (Tcp, 7999),
        (Tcp, 9000),
        (Udp, 8000),
        (Tcp, 41_999),
        (Tcp, 43_000),
        (Tcp, 5353),
        (Udp, 3689),
        (Tcp, 0),
        (Udp, 65_535),
    ] {
        assert_eq!(name(transport, port), None, "{port}/{transport}");
    }
}

#[test]
fn all_processes_with_the_footnote_digits_taken_off() {
    let expected = [
        ("AppleMobileBackup.exe", "always", "original"),
        ("AppleMobileDeviceHelper.exe", "always", "original"),
        ("AppleMobileDeviceService.exe", "always", "original"),
        ("AppleMobileSync.exe", "always", "original"),
        ("distnoted.exe", "always", "original"),
        ("iPodService.exe", "always", "original"),
        ("iTunesHelper.exe", "always", "original"),
        ("iTunesPhotoProcessor.exe", "always", "original"),
        ("MDCrashReportTool.exe", "always", "original"),
        ("mDNSResponder.exe", "always", "original"),
        ("SyncServer.exe", "always", "original"),
        ("qttask.exe", "always", "original"),
        ("dotmacsyncclient.exe", "by-sync-configuration", "original"),
        (
            "com.google.ContactSync.exe",
            "by-sync-configuration",
            "original",
        ),
        (
            "com.apple.IE.client.exe",
            "by-sync-configuration",
            "original",
        ),
        (
            "com.apple.Outlook.client.exe",
            "by-sync-configuration",
            "original",
        ),
        (
            "com.apple.Safari.client.exe",
            "by-sync-configuration",
            "original",
        ),
        (
            "com.apple.WindowsContacts.client.exe",
            "by-sync-configuration",
            "original",
        ),
        (
            "com.apple.WindowsMail.client.exe",
            "by-sync-configuration",
            "original",
        ),
        (
            "com.yahoo.go.sync.client.exe",
            "by-sync-configuration",
            "original",
        ),
        ("AppleMobileDeviceProcess.exe", "always", "later"),
    ];
    let catalogue = itunes();
    let listed: Vec<(&str, &str, &str)> = catalogue
        .processes()
        .iter()
        .map(|process| {
            (
                process.name.as_str(),
                process.groups[0].as_str(),
                process.edition.as_str(),
            )
        })
        .collect();
    assert_eq!(listed, expected);
    assert_eq!(
        catalogue.process("mdnsresponder.EXE").unwrap().name,
        "mDNSResponder.exe"
    );
    assert_eq!(catalogue.process("dotmacsyncclient.exe2"), None);
}
