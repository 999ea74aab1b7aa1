//! Everything about the selected row: why, what to do, the frames that prove it, its flows.
//!
//! What helps most stands first, since little of it is in sight on a small screen.

use super::ladder;
use super::lists::times;
use crate::picture::Picture;
use crate::tui::health;
use crate::tui::listing::{Pane, flows_of, questions_of};
use crate::tui::state::{Mode, State};
use crate::tui::text::{Piece, Pieces, columns, cut, labelled};
use crate::verdict::outcome::Status;
use crate::verdict::summary::{BonjourService, DnsQuestion, Flow, Requirement, Summary};
use crate::words::lanes::Drawing;
use crate::words::made::{Made, question_filter};
use crate::words::row::{broke, owner, result, socket, title};
use crate::words::{Paint, counted, outcome, sides, status};

/// Flows that are listed with their row.
const FLOWS: usize = 100;

/// Lines from which on a detail has room for blank ones.
const ROOMY: u16 = 14;

/// The line above the detail.
pub(crate) fn rule(state: &State, width: usize) -> Pieces {
    let (text, paint) = heading(state);
    let more = if state.mode == Mode::Detail {
        " Esc back "
    } else {
        ""
    };
    let room = width.saturating_sub(6 + columns(more));
    let name = Piece::new(paint, &text);
    let name = Piece::new(paint, &cut(name.text(), room));
    let rest = width.saturating_sub(4 + name.width() + columns(more));
    vec![
        Piece::new(Paint::Dim, "── "),
        name,
        Piece::plain(" "),
        Piece::new(Paint::Dim, &"─".repeat(rest)),
        Piece::new(Paint::Dim, more),
    ]
}

fn heading(state: &State) -> (String, Paint) {
    let summary = &state.shown.summary;
    let Some(at) = state.selected() else {
        return ("nothing selected".to_owned(), Paint::Dim);
    };
    let text = match state.pane {
        Pane::Required => summary.requirements.get(at).map(|row| {
            let (glyph, paint) = status(row.status);
            let made = Made::of(summary);
            let client = row
                .client
                .as_ref()
                .and_then(|client| client.addresses.first());
            let client = client.map_or_else(String::new, |client| format!(" · {client}"));
            let text = format!("{glyph} {}{client} · {}", title(row, &made), row.service);
            (text, paint)
        }),
        Pane::Flows => summary.flows.get(at).map(|flow| {
            let (glyph, paint) = outcome(flow.outcome);
            let text = format!(
                "{glyph} {} → {}/{}",
                socket(flow.client),
                socket(flow.server),
                flow.transport
            );
            (text, paint)
        }),
        Pane::Dns => summary.dns.get(at).map(|question| {
            let (glyph, paint) = outcome(question.outcome);
            (
                format!("{glyph} {} {}", question.name, question.kind),
                paint,
            )
        }),
        Pane::Bonjour => summary.bonjour.get(at).map(|service| {
            (
                format!("{} {}", service.instance, service.service),
                Paint::Strong,
            )
        }),
        Pane::Health => {
            let rows = health::rows(&state.shown);
            rows.get(at).map(|row| (row.what.to_owned(), Paint::Strong))
        }
    };
    text.unwrap_or_else(|| ("gone".to_owned(), Paint::Dim))
}

/// The lines, as wide as the screen.
pub(crate) fn lines(state: &State) -> Vec<Pieces> {
    let picture: &Picture = &state.shown;
    let summary = &picture.summary;
    let width = usize::from(state.size.width);
    let Some(at) = state.selected() else {
        return Vec::new();
    };
    let lines = match state.pane {
        Pane::Required => {
            let row = summary.requirements.get(at);
            row.map(|row| required(state, row, width))
        }
        Pane::Flows => summary.flows.get(at).map(|row| flow(summary, row, width)),
        Pane::Dns => summary.dns.get(at).map(|row| question(summary, row, width)),
        Pane::Bonjour => summary.bonjour.get(at).map(|row| service(row, width)),
        Pane::Health => {
            let rows = health::rows(picture);
            rows.get(at).map(|row| told(summary, row, width))
        }
    };
    lines.unwrap_or_default()
}

/// A Wireshark display filter for the selected row.
pub(crate) fn wireshark(state: &State) -> Option<String> {
    let summary = &state.shown.summary;
    let at = state.selected()?;
    match state.pane {
        Pane::Required => {
            let row = summary.requirements.get(at)?;
            let of_flow = || {
                flows_of(summary, row)
                    .next()
                    .map(|flow| flow.wireshark_filter.clone())
            };
            Made::of(summary).filter(row).or_else(of_flow)
        }
        Pane::Flows => Some(summary.flows.get(at)?.wireshark_filter.clone()),
        Pane::Dns => Some(question_filter(summary.dns.get(at)?)),
        Pane::Bonjour | Pane::Health => None,
    }
}

fn required(state: &State, row: &Requirement, width: usize) -> Vec<Pieces> {
    let summary = &state.shown.summary;
    let height = state.layout().map_or(0, |layout| layout.detail.height);
    // Where there is room, blank lines part what belongs apart.
    let part = |lines: &mut Vec<Pieces>| {
        if height >= ROOMY && lines.last().is_some_and(|line| !line.is_empty()) {
            lines.push(Pieces::new());
        }
    };
    let mut lines = Vec::new();
    if let Some(explanation) = &row.explanation {
        lines.extend(labelled("WHY  ", Paint::Plain, explanation, width));
    }
    if let Some(remedy) = &row.remedy {
        lines.extend(labelled("DO   ", Paint::Strong, remedy, width));
    }
    if row.status == Status::NotSeen {
        let text = format!(
            "Nobody tried {} ({}). It is needed for: {}.",
            row.pattern,
            row.ports.join(", "),
            row.service
        );
        lines.extend(labelled("", Paint::Dim, &text, width));
    }
    part(&mut lines);
    lines.extend(ladder_of_row(summary, row, width));
    part(&mut lines);
    if let Some(filter) = Made::of(summary).filter(row) {
        lines.extend(labelled("wireshark  ", Paint::Plain, &filter, width));
    }
    part(&mut lines);
    lines.extend(attempts(summary, row));
    lines
}

fn ladder_of_row(summary: &Summary, row: &Requirement, width: usize) -> Vec<Pieces> {
    let Some(first) = row.evidence.first() else {
        return Vec::new();
    };
    let flow = flows_of(summary, row).find(|flow| flow.evidence.contains(first));
    if let Some(flow) = flow {
        return ladder_of_flow(summary, flow, width);
    }
    let question = questions_of(summary, row).find(|question| question.evidence.contains(first));
    question.map_or_else(Vec::new, |question| asked(summary, question, width))
}

/// Of both sides of the gateway, also where the copy beyond it is selected.
fn ladder_of_flow(summary: &Summary, flow: &Flow, width: usize) -> Vec<Pieces> {
    let flow = sides::before(summary, flow).unwrap_or(flow);
    let drawing = Drawing::of_flow(flow, sides::beyond(summary, flow));
    ladder::lines(&drawing, times(summary), width)
}

fn asked(summary: &Summary, question: &DnsQuestion, width: usize) -> Vec<Pieces> {
    ladder::lines(&Drawing::of_question(question), times(summary), width)
}

/// One line an attempt, the failed ones first.
fn attempts(summary: &Summary, row: &Requirement) -> Vec<Pieces> {
    let times = times(summary);
    let mut flows: Vec<&Flow> = flows_of(summary, row).collect();
    flows.sort_by_key(|flow| !crate::words::is_faulty(flow.outcome));
    let mut lines: Vec<Pieces> = flows
        .iter()
        .take(FLOWS)
        .map(|flow| {
            let (glyph, paint) = outcome(flow.outcome);
            let host = flow.name.as_ref().map_or("", |name| &name.host);
            let why = broke(flow.cause, flow.whereabouts);
            let why = why.map_or_else(String::new, |why| format!("  {why}"));
            let connect = flow.rtt_ms.connect;
            let connect = connect.map_or_else(String::new, |time| format!("  {time:.1} ms"));
            let text = format!(
                "{} → {}/{}  {host}{why}{connect}",
                socket(flow.client),
                socket(flow.server),
                flow.transport
            );
            vec![
                Piece::new(paint, &format!("{glyph} {:<11}", flow.outcome)),
                Piece::new(Paint::Dim, &format!("{}  ", times.exact(flow.first))),
                Piece::plain(&text),
            ]
        })
        .collect();
    let asked = questions_of(summary, row).filter(|row| crate::words::is_faulty(row.outcome));
    lines.extend(asked.take(FLOWS).map(|question| {
        let (glyph, paint) = outcome(question.outcome);
        let text = format!("{} {}{}", question.name, question.kind, result(question));
        vec![
            Piece::new(paint, &format!("{glyph} {:<11}", question.outcome)),
            Piece::new(Paint::Dim, &format!("{}  ", times.exact(question.first))),
            Piece::plain(&text),
        ]
    }));
    lines
}

fn flow(summary: &Summary, flow: &Flow, width: usize) -> Vec<Pieces> {
    let mut lines = Vec::new();
    if let Some(explanation) = &flow.explanation {
        lines.extend(labelled("WHY  ", Paint::Plain, explanation, width));
    }
    lines.extend(ladder_of_flow(summary, flow, width));
    lines.extend(labelled("     ", Paint::Plain, &facts(flow), width));
    lines.extend(labelled(
        "wireshark  ",
        Paint::Plain,
        &flow.wireshark_filter,
        width,
    ));
    lines
}

/// `gs.apple.com (sni), firmware signing, tls 1.3, 12 frames out, 9 in, …`.
fn facts(flow: &Flow) -> String {
    let mut facts = Vec::new();
    if let Some(name) = &flow.name {
        facts.push(format!("{} ({})", name.host, name.source));
    }
    match (&flow.requirement, &flow.by_port) {
        (Some(pattern), _) => facts.push(format!("required as {pattern}")),
        (None, Some(name)) => facts.push(format!("{name} by port")),
        (None, None) => facts.push("not required".to_owned()),
    }
    facts.push(format!("came as far as {}", flow.stage));
    let version = flow.tls.as_ref().and_then(|tls| tls.version.as_deref());
    facts.extend(version.map(|version| format!("TLS {version}")));
    if let Some(certificate) = flow.tls.as_ref().and_then(|tls| tls.certificate.as_ref()) {
        facts.push(format!(
            "certificate {} from {}",
            certificate.subject, certificate.issuer
        ));
    }
    facts.push(format!(
        "{} and {} bytes from the client, {} and {} bytes from the server",
        counted(flow.frames.client, "frame", "frames"),
        crate::words::number(flow.bytes.client),
        counted(flow.frames.server, "frame", "frames"),
        crate::words::number(flow.bytes.server),
    ));
    let round_trips = [
        ("connects in", flow.rtt_ms.connect),
        ("handshake in", flow.rtt_ms.handshake),
        ("first byte after", flow.rtt_ms.first_byte),
    ];
    for (word, time) in round_trips {
        facts.extend(time.map(|time| format!("{word} {time:.1} ms")));
    }
    let repeated = flow.retransmissions.client + flow.retransmissions.server;
    if repeated > 0 {
        facts.push(counted(repeated, "retransmission", "retransmissions"));
    }
    if let Some(icmp) = &flow.icmp {
        facts.push(format!(
            "ICMP type {} code {} from {}",
            icmp.kind, icmp.code, icmp.from
        ));
    }
    facts.extend(
        flow.process
            .as_ref()
            .map(|process| format!("by {}", owner(process))),
    );
    facts.extend(flow.interface.as_ref().map(|name| format!("on {name}")));
    if let Some(vlan) = &flow.vlan {
        let vlan: Vec<String> = vlan.iter().map(ToString::to_string).collect();
        facts.push(format!("VLAN {}", vlan.join(" in ")));
    }
    facts.push(flow.id.clone());
    facts.join(", ")
}

fn question(summary: &Summary, question: &DnsQuestion, width: usize) -> Vec<Pieces> {
    let text = format!(
        "{} asked {} for {} {}{}",
        question.client,
        question.resolver,
        question.name,
        question.kind,
        result(question)
    );
    let mut lines = labelled("", Paint::Plain, &text, width);
    if let Some(cname) = &question.cname {
        lines.extend(labelled("its true name: ", Paint::Plain, cname, width));
    }
    if let Some(pattern) = &question.requirement {
        lines.extend(labelled("required as ", Paint::Plain, pattern, width));
    }
    lines.extend(asked(summary, question, width));
    lines.extend(labelled(
        "wireshark  ",
        Paint::Plain,
        &question_filter(question),
        width,
    ));
    lines
}

fn service(service: &BonjourService, width: usize) -> Vec<Pieces> {
    let mut lines = Vec::new();
    let list = |addresses: &[std::net::IpAddr]| {
        let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        texts.join(", ")
    };
    let place = match (&service.host, service.port) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.clone().unwrap_or_default(),
    };
    let asked_by = list(&service.asked_by);
    for (label, text) in [
        ("at         ", place),
        ("addresses  ", list(&service.addresses)),
        ("asked by   ", asked_by),
    ] {
        if !text.is_empty() {
            lines.extend(labelled(label, Paint::Plain, &text, width));
        }
    }
    for (name, value) in &service.txt {
        lines.extend(labelled(
            "txt        ",
            Paint::Dim,
            &format!("{name}={value}"),
            width,
        ));
    }
    lines
}

fn told(summary: &Summary, row: &health::Row<'_>, width: usize) -> Vec<Pieces> {
    let mut lines = labelled("", Paint::Plain, &row.text, width);
    let times = times(summary);
    for one in row.evidence {
        let text = format!(
            "{}  {}  {}",
            times.frame(one),
            times.exact(one.time),
            one.note
        );
        lines.extend(labelled("", Paint::Dim, &text, width));
    }
    lines
}
