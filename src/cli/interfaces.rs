//! `windfall interfaces`: what can be captured on here, and whether this user may.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use serde::Serialize;
use windfall::capture::link_type;
use windfall::capture::live::LiveError;
use windfall::capture::live::interfaces::{Offer, chosen, offers};
use windfall::report::page::Page;

use super::arguments::Global;
use super::catalogue::table;
use super::exit::{Exit, Fault};
use super::{replay::colour, stdout};

/// Arguments of `interfaces`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  windfall interfaces
  windfall interfaces --format json | jq -r '.interfaces[] | select(.may_capture) | .name'")]
pub(super) struct Interfaces {
    /// How the list is written.
    #[arg(
        long,
        value_enum,
        default_value_t,
        env = "WINDFALL_FORMAT",
        hide_env_values = true
    )]
    format: Format,
}

/// How the list is written.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON object
    Json,
}

/// The JSON object.
#[derive(Serialize)]
struct List<'a> {
    /// What is captured on when no interface is named.
    chosen: Option<String>,
    interfaces: Vec<Row<'a>>,
}

/// An interface in JSON.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "flags of the interface")]
struct Row<'a> {
    name: &'a str,
    up: bool,
    running: bool,
    loopback: bool,
    default_route: bool,
    addresses: Vec<String>,
    link_type: Option<String>,
    may_capture: bool,
    /// Why not, in words.
    reason: Option<String>,
    /// The right that is missing.
    missing_right: Option<&'static str>,
    /// The command that gives it.
    remedy: Option<String>,
}

/// Runs the command.
pub(super) fn run(command: &Interfaces, global: &Global) -> Result<Exit, Fault> {
    let offers = offers().map_err(|error| Fault {
        exit: Exit::Unreadable,
        error: error.into(),
    })?;
    stdout::write(Exit::Fine, |out| match command.format {
        Format::Text => text(&offers, &mut Page::new(out, colour(global.color))),
        Format::Json => json(&offers, out),
    })
}

fn json(offers: &[Offer], out: &mut dyn Write) -> io::Result<()> {
    let list = List {
        chosen: chosen(offers).map(|(name, _)| name),
        interfaces: offers.iter().map(row).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &list)?;
    out.write_all(b"\n")
}

fn row(offer: &Offer) -> Row<'_> {
    let interface = &offer.interface;
    let right = match &offer.refusal {
        Some(LiveError::Right(right)) => Some(right),
        _ => None,
    };
    Row {
        name: &interface.name,
        up: interface.up,
        running: interface.running,
        loopback: interface.loopback,
        default_route: interface.default_route,
        addresses: addresses(offer),
        link_type: offer.link.map(link_type::label),
        may_capture: offer.refusal.is_none(),
        reason: offer.refusal.as_ref().map(short),
        missing_right: right.map(|right| right.right),
        remedy: right.map(|right| right.remedy.clone()),
    }
}

fn text(offers: &[Offer], page: &mut Page<'_>) -> io::Result<()> {
    let rows: Vec<[String; 5]> = offers
        .iter()
        .map(|offer| {
            [
                offer.interface.name.clone(),
                state(offer),
                offer.link.map_or_else(|| "?".to_owned(), link_type::label),
                match &offer.refusal {
                    None => "yes".to_owned(),
                    Some(refusal) => format!("no: {}", short(refusal)),
                },
                addresses(offer).join(" "),
            ]
        })
        .collect();
    let heading = ["INTERFACE", "STATE", "LINK TYPE", "CAPTURE", "ADDRESSES"];
    table(page, heading, &rows)?;
    if let Some((name, why)) = chosen(offers) {
        page.blank()?;
        let said = format!("Without --interface, {name} is captured on: {why}.");
        let line = page.line();
        page.paragraph(line, windfall::report::page::Paint::Plain, &said)?;
    }
    let missing = offers.iter().find_map(|offer| match &offer.refusal {
        Some(LiveError::Right(right)) => Some(right),
        _ => None,
    });
    if let Some(right) = missing {
        page.blank()?;
        for said in right.to_string().lines() {
            let line = page.line().plain(said);
            page.end(&line)?;
        }
    }
    Ok(())
}

/// Why not, in a few words where the whole story stands below the table.
fn short(refusal: &LiveError) -> String {
    match refusal {
        LiveError::Right(right) => format!("{} is missing", right.right),
        LiveError::Down { .. } => "it is down".to_owned(),
        LiveError::Refused { reason, .. } => reason.clone(),
        other => other.to_string(),
    }
}

fn state(offer: &Offer) -> String {
    let interface = &offer.interface;
    let mut words = vec![if interface.up { "up" } else { "down" }];
    // All interfaces at once have no carrier of their own.
    if interface.up && !interface.running && interface.name != "any" {
        words.push("no carrier");
    }
    if interface.loopback {
        words.push("loopback");
    }
    if interface.default_route {
        words.push("default route");
    }
    words.join(", ")
}

fn addresses(offer: &Offer) -> Vec<String> {
    let all = offer.interface.addresses.iter();
    all.map(ToString::to_string).collect()
}
