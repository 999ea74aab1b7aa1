//! What was sent, what the stream has, and what a console makes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use async_nats::jetstream::{self, consumer::pull};
use futures_util::StreamExt as _;
use serde_json::Value;
use windfall::events::Event;

use crate::broker::until;
use crate::namespace::text;

/// Where the broker is, seen from the test's namespace.
pub(crate) const HERE: &str = "nats://127.0.0.1";

/// What is in the stream.
#[derive(Debug, Default)]
pub(crate) struct Streamed {
    /// Messages.
    pub(crate) messages: u64,
    /// Numbers by gateway and session.
    pub(crate) numbers: BTreeMap<(String, String), BTreeSet<u64>>,
    /// Numbers that gateways said were dropped.
    pub(crate) lost: u64,
}

impl Streamed {
    /// Reads all of it, past windfall: with the client alone.
    pub(crate) fn read() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let client = async_nats::connect(HERE).await.unwrap();
            let stream = jetstream::new(client).get_stream("WINDFALL").await.unwrap();
            let total = stream.cached_info().state.messages;
            let consumer = stream.create_consumer(pull::OrderedConfig::default()).await;
            let mut messages = consumer.unwrap().messages().await.unwrap();
            let mut read = Self::default();
            while read.messages < total {
                let next = tokio::time::timeout(Duration::from_secs(10), messages.next());
                let message = next.await.unwrap().unwrap().unwrap();
                read.messages += 1;
                let event: Event = serde_json::from_slice(&message.payload).unwrap();
                if let windfall::events::News::Lost { count, .. } = event.news {
                    read.lost += count;
                }
                let session = (event.id.gateway, event.id.session.to_string());
                read.numbers
                    .entry(session)
                    .or_default()
                    .insert(event.id.sequence);
            }
            read
        })
    }

    /// Puts everything that is in the stream into it again, as if the broker had forgotten that it had it.
    pub(crate) fn twice() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let client = async_nats::connect(HERE).await.unwrap();
            let context = jetstream::new(client);
            let stream = context.get_stream("WINDFALL").await.unwrap();
            let total = stream.cached_info().state.messages;
            let consumer = stream.create_consumer(pull::OrderedConfig::default()).await;
            let messages = consumer.unwrap().messages().await.unwrap();
            let mut messages = messages.take(usize::try_from(total).unwrap());
            while let Some(message) = messages.next().await {
                let message = message.unwrap();
                let sent = context.publish(message.subject.clone(), message.payload.clone());
                sent.await.unwrap().await.unwrap();
            }
        });
    }

    /// Events that gateways told: numbers have no holes, so the highest says how many.
    pub(crate) fn told(&self) -> u64 {
        self.numbers
            .values()
            .filter_map(|numbers| numbers.last())
            .sum()
    }

    /// Events that are there, each once.
    pub(crate) fn distinct(&self) -> u64 {
        self.numbers
            .values()
            .map(|numbers| numbers.len() as u64)
            .sum()
    }
}

/// A console, asked once.
pub(crate) struct Answer {
    pub(crate) status: Option<i32>,
    pub(crate) overview: Value,
}

impl Answer {
    pub(crate) fn of(ran: &Output) -> Self {
        let overview =
            serde_json::from_slice(&ran.stdout).unwrap_or_else(|_| panic!("{}", text(ran)));
        Self {
            status: ran.status.code(),
            overview,
        }
    }

    pub(crate) fn get() -> Self {
        Self::of(&console(&["--format", "json", HERE]).output().unwrap())
    }

    /// A number of each gateway, summed up.
    pub(crate) fn sum(&self, field: &str) -> u64 {
        let sites = self.overview["gateways"].as_array().unwrap();
        sites.iter().map(|site| site[field].as_u64().unwrap()).sum()
    }

    /// How a gateway is.
    pub(crate) fn site(&self, name: &str) -> &Value {
        let mut sites = self.overview["gateways"].as_array().unwrap().iter();
        sites
            .find(|site| site["gateway"] == name)
            .unwrap_or(&Value::Null)
    }

    /// How requirements stand at a gateway.
    pub(crate) fn statuses(&self, name: &str) -> BTreeSet<(String, String)> {
        let rows = self.site(name)["rows"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let each = rows
            .iter()
            .map(|row| (text(&row["pattern"]), text(&row["status"])));
        each.collect()
    }
}

pub(crate) fn console(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_windfall"));
    command.arg("fleet").args(arguments);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// One line of the log.
pub(crate) fn line(fault: &str) {
    // Heartbeats come all the time; what counts is a moment in which none did.
    let (mut streamed, mut answer) = (Streamed::read(), Answer::get());
    until("the console has read what the stream has", || {
        (streamed, answer) = (Streamed::read(), Answer::get());
        answer.sum("received") == streamed.distinct()
    });
    let told = streamed.told();
    let seen = answer.sum("received");
    let twice = streamed.messages - streamed.distinct();
    let losses = told - streamed.distinct();
    log(&format!(
        "{fault:<42} {told:>6} {:>9} {twice:>10} {seen:>8} {losses:>7}",
        streamed.messages
    ));
    assert_eq!(losses, 0, "{fault}: {streamed:?}");
    assert_eq!(answer.overview["duplicates"], twice, "{fault}");
    assert_eq!(streamed.lost, 0, "{fault}: dropped by a gateway");
    assert_eq!(
        (answer.sum("missing"), answer.sum("lost")),
        (0, 0),
        "{fault}"
    );
}

pub(crate) fn heading() {
    log(&format!(
        "{:<42} {:>6} {:>9} {:>10} {:>8} {:>7}",
        "after", "told", "in stream", "duplicates", "console", "losses"
    ));
}

/// Where the log is while it is written: what a test in a namespace prints is shown if it fails alone.
const LOG: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/fleet.log");

fn log(line: &str) {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.create(true).append(true).open(LOG).unwrap();
    writeln!(file, "{line}").unwrap();
}

/// Writes the log anew while `test` runs, and shows it: past the harness, which shows nothing of a test that passes.
pub(crate) fn logged(test: impl FnOnce()) {
    let _ = std::fs::remove_file(LOG);
    test();
    let log = std::fs::read_to_string(LOG).unwrap_or_default();
    let mut stderr = std::io::stderr();
    write!(stderr, "{log}").unwrap();
}
