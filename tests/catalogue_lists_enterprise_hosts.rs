//! Every host that Apple lists for enterprise networks is in the catalogue, with its ports and groups.

use std::collections::{BTreeMap, BTreeSet};

use windfall::catalogue::{Catalogue, Listing, Profile};

/// Group, pattern, ports, transports.
const ROWS: &[(&str, &str, &str, &str)] = &[
    ("device-setup", "albert.apple.com", "443", "tcp"),
    ("device-setup", "captive.apple.com", "80,443", "tcp"),
    ("device-setup", "gs.apple.com", "443", "tcp"),
    ("device-setup", "humb.apple.com", "443", "tcp"),
    ("device-setup", "static.ips.apple.com", "80,443", "tcp"),
    ("device-setup", "sq-device.apple.com", "443", "tcp"),
    ("device-setup", "tbsc.apple.com", "443", "tcp"),
    ("device-setup", "time-ios.apple.com", "123", "udp"),
    ("device-setup", "time.apple.com", "123", "udp"),
    ("device-setup", "time-macos.apple.com", "123", "udp"),
    (
        "device-management",
        "*.push.apple.com",
        "80,443,2197,5223",
        "tcp",
    ),
    (
        "device-management",
        "deviceenrollment.apple.com",
        "443",
        "tcp",
    ),
    (
        "device-management",
        "deviceservices-external.apple.com",
        "443",
        "tcp",
    ),
    ("device-management", "gdmf.apple.com", "443", "tcp"),
    ("device-management", "identity.apple.com", "443", "tcp"),
    ("device-management", "iprofiles.apple.com", "443", "tcp"),
    ("device-management", "mdmenrollment.apple.com", "443", "tcp"),
    ("device-management", "setup.icloud.com", "443", "tcp"),
    ("device-management", "vpp.itunes.apple.com", "443", "tcp"),
    ("device-management", "*.appattest.apple.com", "443", "tcp"),
    (
        "device-management",
        "axm-servicediscovery.apple.com",
        "443",
        "tcp",
    ),
    ("business-school", "*.business.apple.com", "80,443", "tcp"),
    ("business-school", "*.school.apple.com", "80,443", "tcp"),
    ("business-school", "api.ent.apple.com", "443", "tcp"),
    ("business-school", "api.edu.apple.com", "443", "tcp"),
    ("business-school", "statici.icloud.com", "443", "tcp"),
    ("business-school", "*.vertexsmb.com", "443", "tcp"),
    ("software-update", "appldnld.apple.com", "80", "tcp"),
    ("software-update", "configuration.apple.com", "443", "tcp"),
    ("software-update", "gdmf.apple.com", "443", "tcp"),
    ("software-update", "gg.apple.com", "80,443", "tcp"),
    ("software-update", "gs.apple.com", "80,443", "tcp"),
    ("software-update", "ig.apple.com", "443", "tcp"),
    ("software-update", "mesu.apple.com", "80,443", "tcp"),
    ("software-update", "oscdn.apple.com", "80,443", "tcp"),
    ("software-update", "osrecovery.apple.com", "80,443", "tcp"),
    ("software-update", "skl.apple.com", "443", "tcp"),
    ("software-update", "swcdn.apple.com", "80,443", "tcp"),
    ("software-update", "swdist.apple.com", "443", "tcp"),
    ("software-update", "swdownload.apple.com", "80,443", "tcp"),
    ("software-update", "swscan.apple.com", "443", "tcp"),
    ("software-update", "updates-http.cdn-apple.com", "80", "tcp"),
    ("software-update", "updates.cdn-apple.com", "443", "tcp"),
    ("software-update", "xp.apple.com", "443", "tcp"),
    ("software-update", "gdmf-ados.apple.com", "443", "tcp"),
    ("software-update", "gsra.apple.com", "443", "tcp"),
    ("software-update", "wkms-public.apple.com", "443", "tcp"),
    (
        "software-update",
        "fcs-keys-pub-prod.cdn-apple.com",
        "443",
        "tcp",
    ),
    ("apps-content", "itunes.apple.com", "80,443", "tcp"),
    ("apps-content", "*.itunes.apple.com", "80,443", "tcp"),
    ("apps-content", "*.apps.apple.com", "443", "tcp"),
    ("apps-content", "*.mzstatic.com", "443", "tcp"),
    ("apps-content", "ppq.apple.com", "443", "tcp"),
    ("apps-content", "api.apple-cloudkit.com", "443", "tcp"),
    ("apps-content", "*.appattest.apple.com", "443", "tcp"),
    ("apps-content", "*.apps-marketplace.apple.com", "443", "tcp"),
    ("apps-content", "token.safebrowsing.apple", "443", "tcp"),
    (
        "apps-content",
        "audiocontentdownload.apple.com",
        "80,443",
        "tcp",
    ),
    ("apps-content", "devimages-cdn.apple.com", "80,443", "tcp"),
    (
        "apps-content",
        "download.developer.apple.com",
        "80,443",
        "tcp",
    ),
    (
        "apps-content",
        "playgrounds-assets-cdn.apple.com",
        "443",
        "tcp",
    ),
    ("apps-content", "playgrounds-cdn.apple.com", "443", "tcp"),
    ("apps-content", "sylvan.apple.com", "80,443", "tcp"),
    ("apps-content", "gateway.icloud.com", "443", "tcp"),
    ("account", "account.apple.com", "443", "tcp"),
    ("account", "appleid.cdn-apple.com", "443", "tcp"),
    ("account", "idmsa.apple.com", "443", "tcp"),
    ("account", "gsa.apple.com", "443", "tcp"),
    ("icloud", "*.apple-cloudkit.com", "443", "tcp"),
    ("icloud", "*.apple-livephotoskit.com", "443", "tcp"),
    ("icloud", "*.apzones.com", "443", "tcp"),
    ("icloud", "*.cdn-apple.com", "443", "tcp"),
    ("icloud", "*.gc.apple.com", "443", "tcp"),
    ("icloud", "*.icloud.com", "443", "tcp"),
    ("icloud", "*.icloud.com.cn", "443", "tcp"),
    ("icloud", "*.icloud.apple.com", "443", "tcp"),
    ("icloud", "*.icloud-content.com", "443", "tcp,udp"),
    ("icloud", "*.iwork.apple.com", "443", "tcp"),
    ("icloud", "mask.icloud.com", "443", "udp"),
    ("icloud", "mask-h2.icloud.com", "443", "tcp"),
    ("icloud", "mask-api.icloud.com", "443", "tcp"),
    ("icloud", "probe.icloud.com", "443", "tcp,udp"),
    ("icloud", "pong.icloud.com", "443", "tcp,udp"),
    ("icloud", "metrics.icloud.com", "443", "tcp,udp"),
    ("icloud", "apple-native-relay.apple.com", "443", "tcp,udp"),
    ("intelligence", "guzzoni.apple.com", "443", "tcp"),
    ("intelligence", "*.smoot.apple.com", "443", "tcp"),
    (
        "intelligence",
        "apple-relay.cloudflare.com",
        "443",
        "tcp,udp",
    ),
    (
        "intelligence",
        "apple-relay.fastly-edge.com",
        "443",
        "tcp,udp",
    ),
    ("intelligence", "cp4.cloudflare.com", "443", "tcp,udp"),
    ("intelligence", "apple-relay.apple.com", "443", "tcp,udp"),
    (
        "domains",
        "app-site-association.cdn-apple.com",
        "443",
        "tcp,udp",
    ),
    (
        "domains",
        "app-site-association.networking.apple",
        "443",
        "tcp,udp",
    ),
    ("payments", "pos-device.apple.com", "443", "tcp,udp"),
    ("payments", "smp-device-content.apple.com", "443", "tcp"),
    ("payments", "idv.cdn-apple.com", "443", "tcp"),
    ("payments", "idv-prod1.apple.com", "443", "tcp"),
    ("payments", "iphonesubmissions.apple.com", "443", "tcp"),
    ("diagnostics", "bpapi.apple.com", "443", "tcp"),
    ("diagnostics", "cssubmissions.apple.com", "443", "tcp"),
    ("diagnostics", "fba.apple.com", "443", "tcp"),
    ("diagnostics", "diagassets.apple.com", "443", "tcp"),
    ("diagnostics", "doh.dns.apple.com", "443", "tcp"),
    ("certificates", "certs.apple.com", "80,443", "tcp"),
    ("certificates", "crl.apple.com", "80", "tcp"),
    ("certificates", "crl.entrust.net", "80", "tcp"),
    ("certificates", "crl3.digicert.com", "80", "tcp"),
    ("certificates", "crl4.digicert.com", "80", "tcp"),
    ("certificates", "ocsp.apple.com", "80", "tcp"),
    ("certificates", "ocsp2.apple.com", "443", "tcp"),
    ("certificates", "ocsp.digicert.cn", "80", "tcp"),
    ("certificates", "ocsp.digicert.com", "80", "tcp"),
    ("certificates", "ocsp.entrust.net", "80", "tcp"),
    ("certificates", "valid.apple.com", "443", "tcp"),
    (
        "content-caching",
        "lcdn-registration.apple.com",
        "443",
        "tcp",
    ),
    ("content-caching", "lcdn-locator.apple.com", "443", "tcp"),
    ("content-caching", "suconfig.apple.com", "80,443", "tcp"),
];

/// Ports of each pattern over all its rows.
fn ports_by_pattern() -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut all: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (_, pattern, ports, transports) in ROWS {
        for port in ports.split(',') {
            for transport in transports.split(',') {
                all.entry(pattern)
                    .or_default()
                    .insert(format!("{port}/{transport}"));
            }
        }
    }
    all
}

#[test]
fn every_row_and_nothing_else() {
    let catalogue = Catalogue::builtin(Profile::Enterprise).unwrap();
    let expected = ports_by_pattern();
    let listed: BTreeMap<&str, BTreeSet<String>> = catalogue
        .hosts()
        .iter()
        .map(|host| {
            (
                host.pattern.as_str(),
                host.ports.to_texts().into_iter().collect(),
            )
        })
        .collect();
    assert_eq!(catalogue.hosts().len(), expected.len());
    assert_eq!(listed, expected);
}

#[test]
fn every_group_of_a_host_is_kept() {
    let catalogue = Catalogue::builtin(Profile::Enterprise).unwrap();
    for (group, pattern, _, _) in ROWS {
        let host = catalogue
            .requirement(catalogue.find(pattern).unwrap())
            .unwrap();
        assert!(
            host.groups.iter().any(|known| known == group),
            "{pattern}: {group}"
        );
        assert_eq!(
            (host.profiles.as_slice(), host.editions[0].as_str()),
            ([Listing::Enterprise].as_slice(), "2026")
        );
    }
}

#[test]
fn both_profiles_together_unite_ports_host_by_host() {
    let itunes = Catalogue::builtin(Profile::Itunes).unwrap();
    let enterprise = Catalogue::builtin(Profile::Enterprise).unwrap();
    let all = Catalogue::builtin(Profile::All).unwrap();
    let names = |catalogue: &Catalogue| -> BTreeSet<String> {
        catalogue
            .hosts()
            .iter()
            .map(|host| host.id.clone())
            .collect()
    };
    assert_eq!(names(&all), &names(&itunes) | &names(&enterprise));
    for host in all.hosts() {
        let part = |catalogue: &Catalogue| {
            catalogue
                .find(&host.id)
                .and_then(|id| catalogue.requirement(id))
                .cloned()
        };
        let listings: Vec<_> = [part(&itunes), part(&enterprise)]
            .into_iter()
            .flatten()
            .collect();
        let ports = listings
            .iter()
            .skip(1)
            .fold(listings[0].ports.clone(), |ports, part| {
                ports.union(&part.ports)
            });
        assert_eq!(host.ports, ports, "{}", host.id);
        let profiles: Vec<Listing> = listings
            .iter()
            .flat_map(|part| part.profiles.clone())
            .collect();
        assert_eq!(host.profiles, profiles, "{}", host.id);
    }
    let order: Vec<&str> = all.hosts().iter().map(|host| host.id.as_str()).collect();
    let first: Vec<&str> = itunes.hosts().iter().map(|host| host.id.as_str()).collect();
    assert_eq!(order[..first.len()], first);
}

#[test]
fn only_telemetry_and_private_relay_are_optional() {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let optional: BTreeSet<&str> = catalogue
        .hosts()
        .iter()
        .filter(|host| host.optional)
        .map(|host| host.id.as_str())
        .collect();
    assert_eq!(
        optional,
        BTreeSet::from([
            "cssubmissions.apple.com",
            "fba.apple.com",
            "iphonesubmissions.apple.com",
            "mask-api.icloud.com",
            "mask-h2.icloud.com",
            "mask.icloud.com",
            "metrics.icloud.com",
            "xp.apple.com",
        ])
    );
    for relay in [
        "mask.icloud.com",
        "mask-h2.icloud.com",
        "mask-api.icloud.com",
    ] {
        let host = catalogue
            .requirement(catalogue.find(relay).unwrap())
            .unwrap();
        assert!(host.note.as_deref().unwrap().contains("NXDOMAIN"));
    }
}
