//! Wireshark reads the same names, accepts the filters that windfall gives, and computes the same Community IDs.
//!
//! Runs where tshark is installed (`make test` installs it where it can); elsewhere it says that it was skipped.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use windfall::verdict::outcome::NameSource;
use windfall::verdict::summary::Summary;

use crate::replayed;

/// Server address and name.
type Pairs = BTreeSet<(String, String)>;

fn tshark_is_here() -> bool {
    let here = Command::new("tshark").arg("--version").output().is_ok();
    if !here {
        eprintln!("skipped: tshark is not installed");
    }
    here
}

fn tshark(path: &Path, args: &[&str]) -> String {
    let output = Command::new("tshark")
        .arg("-r")
        .arg(path)
        // Wireshark tells HTTP and SOCKS by their ports, and does not know AirPlay's nor that of the second proxy.
        .args(["-d", "tcp.port==7000,http", "-d", "tcp.port==1081,socks"])
        .args(args)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "tshark {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Rows of fields of the packets that a filter selects.
fn fields(path: &Path, filter: &str, names: &[&str]) -> Vec<Vec<String>> {
    let mut args = vec!["-Y", filter, "-T", "fields"];
    for name in names {
        args.extend(["-e", name]);
    }
    tshark(path, &args)
        .lines()
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect()
}

/// Pairs of destination address and a name field.
fn pairs(path: &Path, filter: &str, name: &str) -> Pairs {
    fields(path, filter, &["ip.dst", "ipv6.dst", name])
        .into_iter()
        .filter_map(|row| {
            let address = row.iter().take(2).find(|address| !address.is_empty())?;
            let name = row.get(2).filter(|name| !name.is_empty())?;
            Some((address.clone(), name.to_ascii_lowercase()))
        })
        .collect()
}

fn named(summary: &Summary, source: NameSource) -> Pairs {
    summary
        .flows
        .iter()
        .filter_map(|flow| {
            let name = flow.name.as_ref().filter(|name| name.source == source)?;
            Some((flow.server.ip.to_string(), name.host.clone()))
        })
        .collect()
}

/// The host of a Host field: an IPv6 address stands in brackets (RFC 3986 section 3.2.2).
fn without_port(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap(),
        None => host.split(':').next().unwrap(),
    }
}

#[test]
fn server_names_hosts_and_questions_are_the_ones_that_wireshark_sees() {
    if !tshark_is_here() {
        return;
    }
    // Pairs of TLS, of QUIC, of HTTP, and questions: agreement on nothing would prove nothing.
    let mut compared = [0; 4];
    for path in replayed::all() {
        let summary = replayed::run(std::slice::from_ref(&path)).summary;
        let over = [("tcp", NameSource::Sni), ("quic", NameSource::QuicSni)];
        for (compared, (over, source)) in compared.iter_mut().zip(over) {
            let sni = pairs(
                &path,
                &format!("tls.handshake.type == 1 && {over}"),
                "tls.handshake.extensions_server_name",
            );
            assert_eq!(
                named(&summary, source),
                sni,
                "SNI over {over} in {}",
                path.display()
            );
            *compared += sni.len();
        }

        let hosts: Pairs = pairs(
            &path,
            "http.request && !(http.request.method == CONNECT)",
            "http.host",
        )
        .into_iter()
        .map(|(server, host)| (server, without_port(&host).to_owned()))
        .collect();
        assert_eq!(
            named(&summary, NameSource::HttpHost),
            hosts,
            "hosts in {}",
            path.display()
        );
        compared[2] += hosts.len();

        let asked = pairs(&path, "dns.flags.response == 0 && !mdns", "dns.qry.name");
        let questions: Pairs = summary
            .dns
            .iter()
            .map(|row| (row.resolver.to_string(), row.name.clone()))
            .collect();
        assert_eq!(questions, asked, "questions in {}", path.display());
        compared[3] += asked.len();
    }
    let enough = compared
        .iter()
        .zip([60, 5, 20, 80])
        .all(|(pairs, least)| *pairs >= least);
    assert!(enough, "{compared:?}");
}

#[test]
fn targets_of_proxies_are_the_ones_that_wireshark_sees() {
    if !tshark_is_here() {
        return;
    }
    let mut seen = 0;
    for path in replayed::all() {
        let connects = pairs(&path, "http.request.method == CONNECT", "http.request.uri");
        let socks = pairs(&path, "socks.remote_name", "socks.remote_name");
        let theirs: Pairs = connects
            .into_iter()
            .map(|(proxy, target)| (proxy, without_port(&target).to_owned()))
            .chain(socks)
            .collect();
        let proxies: BTreeSet<&String> = theirs.iter().map(|(proxy, _)| proxy).collect();
        let summary = replayed::run(std::slice::from_ref(&path)).summary;
        // A target that is an address is named by the hello inside the tunnel alone.
        let mut by_address = pairs(&path, "socks.dst && socks.command", "socks.dst");
        by_address.retain(|(proxy, _)| proxies.contains(proxy));
        let ours: Pairs = [NameSource::Connect, NameSource::Sni]
            .into_iter()
            .flat_map(|source| named(&summary, source))
            .filter(|(server, _)| proxies.contains(server))
            .collect();
        assert!(
            ours.is_superset(&theirs),
            "{}: {ours:?} {theirs:?}",
            path.display()
        );
        assert_eq!(
            ours.len(),
            theirs.len() + by_address.len(),
            "{}: {ours:?} {theirs:?}",
            path.display()
        );
        seen += theirs.len();
    }
    assert!(seen >= 5, "only {seen} targets in all captures");
}

#[test]
fn bonjour_services_are_the_ones_that_wireshark_sees() {
    if !tshark_is_here() {
        return;
    }
    let mut seen = 0;
    for path in replayed::all() {
        let summary = replayed::run(std::slice::from_ref(&path)).summary;
        let ours: BTreeSet<String> = summary
            .bonjour
            .iter()
            .map(|row| format!("{}.{}.local", row.instance, row.service))
            .collect();
        let filter = "mdns && dns.flags.response == 1 && dns.ptr.domain_name";
        let fields = [
            "-T",
            "fields",
            "-E",
            "aggregator=;",
            "-e",
            "dns.ptr.domain_name",
        ];
        let pointed = tshark(&path, &[&["-Y", filter][..], &fields].concat());
        // Pointers to hosts, and to types from the list of types, are no services.
        let theirs: BTreeSet<String> = pointed
            .lines()
            .flat_map(|line| line.split(';'))
            .filter(|name| name.contains("._tcp.local") && !name.starts_with('_'))
            .map(str::to_owned)
            .collect();
        assert_eq!(ours, theirs, "services in {}", path.display());
        seen += ours.len();
    }
    assert!(seen >= 7, "only {seen} services in all captures");
}

#[test]
fn each_flow_has_the_community_id_that_wireshark_computes() {
    if !tshark_is_here() {
        return;
    }
    for path in replayed::all() {
        let summary = replayed::run(std::slice::from_ref(&path)).summary;
        let output = tshark(
            &path,
            &[
                "--enable-protocol",
                "communityid",
                "-Y",
                "tcp && !icmp && !icmpv6",
                "-T",
                "fields",
                "-e",
                "communityid",
            ],
        );
        let theirs: BTreeSet<&str> = output.lines().filter(|line| !line.is_empty()).collect();
        let ours: BTreeSet<&str> = summary
            .flows
            .iter()
            .filter(|flow| flow.transport.as_str() == "tcp")
            .map(|flow| flow.id.as_str())
            .collect();
        assert!(!theirs.is_empty() || ours.is_empty());
        assert!(
            ours.is_subset(&theirs),
            "{}: {ours:?} is not all in {theirs:?}",
            path.display()
        );
    }
}

/// Frames that each filter selects, by `-z io,stat`: one pass for all filters of a capture.
fn selected(path: &Path, filters: &[String]) -> Vec<u64> {
    let stat = format!("io,stat,0,{}", filters.join(","));
    let table = tshark(path, &["-q", "-z", &stat]);
    let row = table.lines().find(|line| line.contains("<>")).unwrap();
    let numbers: Vec<u64> = row
        .split('|')
        .skip(2)
        .filter_map(|cell| cell.trim().parse().ok())
        .collect();
    numbers.chunks(2).map(|pair| pair[0]).collect()
}

#[test]
fn the_filter_of_a_flow_pastes_into_wireshark_and_shows_its_frames() {
    if !tshark_is_here() {
        return;
    }
    for path in replayed::all() {
        let summary = replayed::run(std::slice::from_ref(&path)).summary;
        let filters: Vec<String> = summary
            .flows
            .iter()
            .map(|flow| flow.wireshark_filter.clone())
            .collect();
        if filters.is_empty() {
            continue;
        }
        let counts = selected(&path, &filters);
        assert_eq!(counts.len(), filters.len());
        for (flow, count) in summary.flows.iter().zip(counts) {
            // Copies of a frame, twins elsewhere and ICMP errors that quote the flow are shown too.
            let own = flow.frames.client + flow.frames.server;
            assert!(
                count >= own && own > 0,
                "{}: {} shows {count} of {own}",
                path.display(),
                flow.wireshark_filter
            );
        }
    }
}
