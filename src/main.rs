//! The `windfall` program.
#![allow(clippy::all)]
use windfall::*;
fn main() {
    let catalogue = catalogue::Catalogue::builtin(catalogue::Profile::All).unwrap();
    let paths: Vec<std::path::PathBuf> = std::env::args().skip(1).map(Into::into).collect();
    let out = pipeline::replay::replay(
        &pipeline::replay::Request {
            paths: &paths,
            catalogue: &catalogue,
            timers: Default::default(),
            limits: Default::default(),
            clients: vec![],
            allow_private: vec![],
        },
        |_, _| {},
    );
    let s = out.summary;
    for r in &s.requirements {
        if r.client.is_some() {
            println!(
                "{:9} {:28} {:?} {:?} {:?} {:?}\n     WHY {:?}\n     DO {:?}\n     ev {:?}",
                r.status.to_string(),
                r.pattern,
                r.client.as_ref().unwrap().addresses,
                r.attempts,
                r.cause,
                r.origin,
                r.explanation,
                r.remedy,
                r.evidence
                    .iter()
                    .map(|e| (e.frame, e.note.as_str()))
                    .collect::<Vec<_>>()
            );
        }
    }
    for f in &s.flows {
        println!(
            "F {} {}:{} -> {}:{} {:?} {} {} {:?} {:?} rec={} mid={} {:?}",
            f.transport,
            f.client.ip,
            f.client.port,
            f.server.ip,
            f.server.port,
            f.name.as_ref().map(|n| (&n.host, n.source)),
            f.outcome,
            f.stage,
            f.cause,
            f.origin,
            f.recovered,
            f.midstream,
            f.explanation
        );
    }
    for d in s
        .dns
        .iter()
        .filter(|d| !matches!(d.outcome.as_str(), "succeeded"))
    {
        println!(
            "D {} -> {} {} {} x{} {:?}ms {:?} {} {:?}",
            d.client,
            d.resolver,
            d.name,
            d.kind,
            d.transmissions,
            d.answered_ms,
            d.rcode,
            d.outcome,
            d.cause
        );
    }
    for f in &s.findings {
        println!("! {} {}", f.code, f.detail);
    }
    println!(
        "{:?} {:?} {:?}",
        s.summary.outcome, s.summary.limits_hit, out.failures
    );
}
