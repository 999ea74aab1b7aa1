//! `windfall catalogue`: what is required, whether a name is, and whether a file of one's own is right.

use std::io;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use windfall::catalogue::{self, MatchReport, Requirement};
use windfall::report::page::{Page, Paint, columns};
use windfall::transport::Transport;

use super::arguments::Global;
use super::exit::{Exit, Fault};
use super::{chosen_catalogue, replay::colour, stdout};

/// Arguments of `catalogue`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  windfall catalogue hosts --profile itunes
  windfall catalogue match gs.apple.com:443/tcp
  windfall catalogue check our-hosts.toml

A file of your own adds entries or overrides what the catalogue says of one:
  [[host]]
  pattern = \"mdm.example.com\"
  ports = [\"443/tcp\"]
  use = \"device management\"")]
pub(super) struct Catalogue {
    #[command(subcommand)]
    what: What,
}

/// What to show.
#[derive(Debug, Subcommand)]
enum What {
    /// The required hosts
    Hosts,
    /// The ports, and what uses them
    Ports,
    /// The background processes of iTunes for Windows
    Processes,
    /// Whether a name is required, and by which entry
    #[command(
        after_help = "Examples:\n  windfall catalogue match init.itunes.apple.com\n  windfall catalogue match gs.apple.com:443/tcp"
    )]
    Match {
        /// The name, with a port and a transport if they matter.
        #[arg(value_name = "NAME[:PORT[/tcp|udp]]", value_parser = asked)]
        name: Asked,
    },
    /// Whether a catalogue file of your own is right; a fault is told with its line and column
    #[command(after_help = "Example:\n  windfall catalogue check our-hosts.toml")]
    Check {
        /// The file.
        file: PathBuf,
    },
}

/// A name with a port and a transport.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    host: String,
    port: Option<u16>,
    transport: Option<Transport>,
}

fn asked(text: &str) -> Result<Asked, String> {
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    if host.is_empty() {
        return Err("the name is missing".to_owned());
    }
    let (port, transport) = match port.map(|port| port.split_once('/').unwrap_or((port, ""))) {
        None => (None, None),
        Some((port, transport)) => {
            let number = port
                .parse()
                .ok()
                .filter(|number| *number > 0)
                .ok_or_else(|| format!("{port:?} is not a port (1 to 65535)"))?;
            let transport = match transport {
                "" => None,
                "tcp" => Some(Transport::Tcp),
                "udp" => Some(Transport::Udp),
                other => return Err(format!("{other:?} is neither tcp nor udp")),
            };
            (Some(number), transport)
        }
    };
    Ok(Asked {
        host: host.to_owned(),
        port,
        transport,
    })
}

/// Runs the command.
pub(super) fn run(command: &Catalogue, global: &Global) -> Result<Exit, Fault> {
    if let What::Check { file } = &command.what {
        return check(file, global);
    }
    let catalogue = chosen_catalogue::build(global, &[])?;
    let colour = colour(global.color);
    stdout::write(Exit::Fine, |out| {
        let page = &mut Page::new(out, colour);
        match &command.what {
            What::Hosts => hosts(page, &catalogue),
            What::Ports => ports(page, &catalogue),
            What::Processes => processes(page, &catalogue),
            What::Match { name } => matching(page, &catalogue, name),
            What::Check { .. } => Ok(()),
        }
    })
}

fn check(file: &PathBuf, global: &Global) -> Result<Exit, Fault> {
    let before = chosen_catalogue::build(global, &[])?;
    let after = chosen_catalogue::build(global, std::slice::from_ref(file))?;
    stdout::write(Exit::Fine, |out| {
        let page = &mut Page::new(out, false);
        let line = page.line().plain(&format!("{} is right", file.display()));
        page.end(&line)?;
        for (what, before, after) in [
            ("hosts", before.hosts().len(), after.hosts().len()),
            ("ports", before.ports().len(), after.ports().len()),
            (
                "processes",
                before.processes().len(),
                after.processes().len(),
            ),
        ] {
            let line = page
                .line()
                .plain(&format!("  {what}: {after} with it, {before} without"));
            page.end(&line)?;
        }
        Ok(())
    })
}

/// Rows under a heading, each column as wide as its widest entry; the last one is prose.
pub(super) fn table<const N: usize>(
    page: &mut Page<'_>,
    heading: [&str; N],
    rows: &[[String; N]],
) -> io::Result<()> {
    let mut starts = [0; N];
    let mut next = 0;
    for (at, start) in starts.iter_mut().enumerate() {
        *start = next;
        let entries = rows
            .iter()
            .filter_map(|row| row.get(at))
            .map(|entry| columns(entry));
        let widest = entries
            .chain(heading.get(at).map(|entry| columns(entry)))
            .max();
        next += 2 + widest.unwrap_or(0);
    }
    let mut line = page.line();
    for (start, entry) in starts.iter().zip(heading) {
        line = line.to(*start).put(Paint::Strong, entry);
    }
    page.end(&line)?;
    for row in rows {
        let mut line = page.line();
        for (start, entry) in starts.iter().zip(row) {
            line = line.to(*start).plain(entry);
        }
        page.end(&line)?;
    }
    Ok(())
}

fn hosts(page: &mut Page<'_>, catalogue: &catalogue::Catalogue) -> io::Result<()> {
    let rows: Vec<[String; 4]> = catalogue
        .hosts()
        .iter()
        .map(|host| {
            let lists: Vec<&str> = host.profiles.iter().map(|list| list.as_str()).collect();
            let optional = if host.optional { " (optional)" } else { "" };
            [
                host.pattern.clone(),
                lists.join(" "),
                format!("{}{optional}", host.service),
                host.ports.to_texts().join(" "),
            ]
        })
        .collect();
    table(page, ["HOST", "LISTS", "FOR", "PORTS"], &rows)
}

fn ports(page: &mut Page<'_>, catalogue: &catalogue::Catalogue) -> io::Result<()> {
    let rows: Vec<[String; 4]> = catalogue
        .ports()
        .iter()
        .map(|port| {
            let marks = [
                (port.lan_only, "local network"),
                (port.radio, "radio"),
                (port.indirect, "indirect"),
                (port.optional, "optional"),
            ];
            let marks: Vec<&str> = marks
                .iter()
                .filter(|(holds, _)| *holds)
                .map(|(_, word)| *word)
                .collect();
            [
                port.ports.to_texts().join(" "),
                port.name.clone(),
                marks.join(", "),
                port.service.clone(),
            ]
        })
        .collect();
    table(page, ["PORT", "NAME", "MARKS", "FOR"], &rows)
}

fn processes(page: &mut Page<'_>, catalogue: &catalogue::Catalogue) -> io::Result<()> {
    let rows: Vec<[String; 4]> = catalogue
        .processes()
        .iter()
        .map(|process| {
            [
                process.name.clone(),
                process.groups.join(" "),
                process.service.clone(),
                process.failure.clone(),
            ]
        })
        .collect();
    table(page, ["PROCESS", "RUNS", "FOR", "WITHOUT IT"], &rows)
}

fn matching(
    page: &mut Page<'_>,
    catalogue: &catalogue::Catalogue,
    asked: &Asked,
) -> io::Result<()> {
    let report = catalogue.match_name(asked.host.as_bytes(), asked.port, asked.transport);
    let owner = report.owner.and_then(|id| catalogue.requirement(id));
    let (glyph, paint, verdict) = match (&report.problem, owner) {
        (Some(problem), _) => ("✗", Paint::Bad, (*problem).to_owned()),
        (None, Some(owner)) => (
            "✓",
            Paint::Good,
            format!("required, by the entry {}", owner.pattern),
        ),
        (None, None) if report.candidates.is_empty() => (
            "·",
            Paint::Dim,
            "not required: no entry covers the name".to_owned(),
        ),
        (None, None) => (
            "·",
            Paint::Dim,
            "not required: the name is covered, but not this port".to_owned(),
        ),
    };
    let line = page
        .line()
        .put(paint, glyph)
        .plain(" ")
        .put(Paint::Strong, &spelt(&report))
        .plain(": ")
        .plain(&verdict);
    page.end(&line)?;
    if let Some(owner) = owner {
        described(page, owner)?;
    }
    if let Some(entry) = &report.by_port {
        fact(
            page,
            "by port",
            &format!(
                "{} ({}); never counted as failing",
                entry.name, entry.service
            ),
        )?;
    }
    for candidate in &report.candidates {
        if Some(candidate.requirement) != report.owner {
            let ports = candidate.ports.to_texts().join(" ");
            let why = if candidate.port_counts {
                "covers it too, less specifically"
            } else {
                "covers the name, not the port"
            };
            fact(
                page,
                "also",
                &format!("{} {why}: {ports}", candidate.pattern),
            )?;
        }
    }
    Ok(())
}

fn spelt(report: &MatchReport) -> String {
    let port = report
        .port
        .map_or_else(String::new, |port| format!(":{port}"));
    let transport = report
        .transport
        .map_or_else(String::new, |transport| format!("/{transport}"));
    format!("{}{port}{transport}", report.host)
}

fn described(page: &mut Page<'_>, entry: &Requirement) -> io::Result<()> {
    fact(page, "for", &entry.service)?;
    fact(page, "without it", &entry.failure)?;
    fact(page, "ports", &entry.ports.to_texts().join(" "))?;
    if entry.optional {
        fact(
            page,
            "optional",
            "its failure never makes the exit status 1",
        )?;
    }
    if let Some(operator) = &entry.operator {
        fact(page, "run by", operator)?;
    }
    for (source, edition) in entry.sources.iter().zip(&entry.editions) {
        fact(page, "source", &format!("{source} ({edition})"))?;
    }
    entry
        .note
        .as_ref()
        .map_or(Ok(()), |note| fact(page, "note", note))
}

fn fact(page: &mut Page<'_>, name: &str, text: &str) -> io::Result<()> {
    let line = page.line().to(2).put(Paint::Dim, name).to(14);
    page.paragraph(line, Paint::Plain, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_have_a_port_and_a_transport() {
        let spelt = |host: &str, port, transport| Asked {
            host: host.to_owned(),
            port,
            transport,
        };
        assert_eq!(asked("a.b").unwrap(), spelt("a.b", None, None));
        assert_eq!(asked("a.b:443").unwrap(), spelt("a.b", Some(443), None));
        assert_eq!(
            asked("a.b:443/udp").unwrap(),
            spelt("a.b", Some(443), Some(Transport::Udp))
        );
        for wrong in ["", ":443", "a:0", "a:65536", "a:x", "a:443/quic", "a:"] {
            assert!(asked(wrong).is_err(), "{wrong}");
        }
    }
}
