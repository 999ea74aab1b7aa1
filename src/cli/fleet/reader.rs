//! Reads a broker's stream of events, from its beginning and for as long as it is told to.
//!
//! It pulls: a console that is slow makes nobody wait, and is not cut off. When the connection breaks it goes on behind
//! the last message that it has seen.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_nats::ConnectOptions;
use async_nats::connection::State;
use async_nats::jetstream::consumer::{DeliverPolicy, pull};
use async_nats::jetstream::{self, Context, Message};
use futures_util::StreamExt as _;
use windfall::capture::frame::Timestamp;
use windfall::events::Event;
use windfall::events::address::Broker;
use windfall::events::fleet::{Fleet, Taken};
use windfall::events::overview::Overview;

use crate::cli::events::broker::{ANSWER, quietly};

/// The end is looked for this often.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Wait before a broker that failed is asked again.
const AGAIN: Duration = Duration::from_millis(500);

/// What was read so far.
#[derive(Default)]
pub(super) struct Console {
    fleet: Fleet,
    duplicates: u64,
    unreadable: u64,
    /// All that was in the stream was read.
    pub(super) caught_up: bool,
    /// Why nothing is read now.
    pub(super) trouble: Option<String>,
    /// Counts what could change an overview.
    pub(super) edition: u64,
}

impl Console {
    /// How the fleet stands.
    pub(super) fn overview(&self, at: Timestamp) -> Overview {
        Overview {
            duplicates: self.duplicates,
            unreadable: self.unreadable,
            ..Overview::of(&self.fleet, at)
        }
    }

    fn take(&mut self, payload: &[u8], came: Timestamp) {
        self.edition += 1;
        match serde_json::from_slice::<Event>(payload) {
            Ok(event) => match self.fleet.take(event, came) {
                Taken::Duplicate => self.duplicates += 1,
                Taken::New | Taken::Beyond => {}
            },
            Err(error) => {
                tracing::info!(%error, "a message that is no event");
                self.unreadable += 1;
            }
        }
    }
}

/// Where what is read is put.
pub(super) struct Desk<'d> {
    pub(super) console: &'d Mutex<Console>,
    pub(super) over: &'d AtomicBool,
}

impl Desk<'_> {
    fn with(&self, change: impl FnOnce(&mut Console)) {
        change(&mut self.console.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Reads until it is over. It has a runtime of its own, on this thread.
pub(super) fn read(broker: &Broker, options: ConnectOptions, desk: &Desk<'_>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build();
    match runtime {
        Ok(runtime) => {
            quietly(|| runtime.block_on(follow(broker, options, desk)));
            runtime.shutdown_background();
        }
        Err(error) => desk.with(|console| console.trouble = Some(error.to_string())),
    }
}

async fn follow(broker: &Broker, options: ConnectOptions, desk: &Desk<'_>) {
    let client = match options.connect(broker.url()).await {
        Ok(client) => client,
        Err(error) => return desk.with(|console| console.trouble = Some(error.to_string())),
    };
    let context = jetstream::new(client);
    let mut next = 1;
    while !desk.over.load(SeqCst) {
        if let Err(why) = pull(broker, &context, &mut next, desk).await {
            desk.with(|console| {
                console.trouble = Some(why);
                console.edition += 1;
            });
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// Reads from message `next` on until something fails, or it is over.
async fn pull(
    broker: &Broker,
    context: &Context,
    next: &mut u64,
    desk: &Desk<'_>,
) -> Result<(), String> {
    let name = broker.stream();
    let stream = tokio::time::timeout(ANSWER, context.get_stream(&name)).await;
    let stream = stream
        .map_err(|_| format!("the broker {} does not answer", broker.url()))?
        .map_err(|error| format!("the broker {} has no stream {name}: {error}", broker.url()))?;
    if stream.cached_info().state.last_sequence + 1 < *next {
        // It was made anew.
        *next = 1;
    }
    let config = pull::OrderedConfig {
        filter_subject: broker.subjects(),
        deliver_policy: DeliverPolicy::ByStartSequence {
            start_sequence: *next,
        },
        ..pull::OrderedConfig::default()
    };
    let said = |error: &dyn std::fmt::Display| format!("the stream cannot be read: {error}");
    let consumer = stream.create_consumer(config).await;
    let consumer = consumer.map_err(|error| said(&error))?;
    let is_empty = consumer.cached_info().num_pending == 0;
    desk.with(|console| {
        console.trouble = None;
        console.caught_up |= is_empty;
        console.edition += 1;
    });
    let mut messages = consumer.messages().await.map_err(|error| said(&error))?;
    while !desk.over.load(SeqCst) {
        match tokio::time::timeout(LOOK_EVERY, messages.next()).await {
            Err(_) => {
                let connected = context.client().connection_state() == State::Connected;
                let away = || format!("the broker {} is away", broker.url());
                desk.with(|console| console.trouble = (!connected).then(away));
            }
            Ok(Some(message)) => {
                let message = message.map_err(|error| said(&error))?;
                *next = take(&message, desk).map_err(|error| said(&error))?;
            }
            Ok(None) => return Err("the broker ended the stream".to_owned()),
        }
    }
    Ok(())
}

/// Takes in one message; the number of the one behind it.
fn take(message: &Message, desk: &Desk<'_>) -> Result<u64, async_nats::Error> {
    let info = message.info()?;
    let nanos = i64::try_from(info.published.unix_timestamp_nanos()).unwrap_or(i64::MAX);
    desk.with(|console| {
        console.take(&message.payload, Timestamp::from_nanos(nanos));
        console.caught_up |= info.pending == 0;
    });
    Ok(info.stream_sequence + 1)
}
