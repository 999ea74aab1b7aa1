//! The thread that sends what is spooled.
//!
//! It has a runtime of its own, on this one thread. An event leaves the spool when the broker has acknowledged that it is
//! in the stream; one whose acknowledgement does not come is sent again, under the same `Nats-Msg-Id`.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use async_nats::connection::State;
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectOptions, Event, HeaderMap};
use windfall::capture::frame::Timestamp;
use windfall::events::address::Broker;
use windfall::events::event::MessageId;
use windfall::events::spool::{Dropped, Place};

use super::Outlet;
use super::broker::{ANSWER, BrokerFlags, quietly, stream};
use super::store::Store;
use crate::cli::diagnostics;

/// Events that are on their way at once.
const AT_ONCE: usize = 64;

/// How often it looks whether there is something to send.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Wait before a broker that did not answer is asked again.
const AGAIN: Duration = Duration::from_millis(500);

/// What was read before rights were given away.
pub(in crate::cli) struct Prepared {
    broker: Broker,
    options: ConnectOptions,
    folder: Option<PathBuf>,
    most: u64,
}

impl Prepared {
    /// Reads credentials.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) fn new(
        broker: &Broker,
        flags: &BrokerFlags,
        folder: Option<PathBuf>,
        most: u64,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            options: flags.options(broker)?,
            broker: broker.clone(),
            folder,
            most,
        })
    }

    /// Opens the spool, as whom windfall goes on.
    ///
    /// # Errors
    /// When it cannot be used.
    pub(super) fn store(&self, now: Timestamp) -> anyhow::Result<Store> {
        Store::open(self.folder.as_deref(), self.most, now)
    }

    /// Who will send what is in the store.
    pub(super) fn sender(self, store: Arc<Mutex<Store>>) -> Sender {
        Sender {
            prepared: Some(self),
            store,
            closing: Arc::default(),
            thread: None,
        }
    }
}

/// Into the spool.
pub(super) struct Spooled(pub(super) Arc<Mutex<Store>>);

impl Outlet for Spooled {
    fn put(&mut self, place: Place, line: &[u8]) {
        locked(&self.0).put(place, line);
    }

    fn news(&mut self) -> Vec<(String, bool)> {
        locked(&self.0).news()
    }

    fn lost(&mut self) -> Vec<Dropped> {
        locked(&self.0).lost()
    }
}

/// Whoever panicked with it has ended the run; what it holds is still true.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Until when to go on; none for as long as windfall watches.
type Closing = Arc<Mutex<Option<Instant>>>;

/// Sends what is in the store.
pub(super) struct Sender {
    prepared: Option<Prepared>,
    store: Arc<Mutex<Store>>,
    closing: Closing,
    thread: Option<JoinHandle<()>>,
}

impl Sender {
    /// Starts the thread.
    #[expect(clippy::disallowed_methods, reason = "sends beside the capture")]
    pub(super) fn start(&mut self) {
        let Some(prepared) = self.prepared.take() else {
            return;
        };
        let (store, closing) = (Arc::clone(&self.store), Arc::clone(&self.closing));
        self.thread = Some(std::thread::spawn(move || send(prepared, &store, &closing)));
    }

    /// Waits until all is delivered, no longer than this, and tells what is not.
    pub(super) fn finish(self, patience: Duration) {
        *locked(&self.closing) = Some(clock() + patience);
        // If it panicked, that was told, and what it did not send is told below.
        let _ = self.thread.map(JoinHandle::join);
        let store = locked(&self.store);
        match store.waiting() {
            0 => {}
            waiting if store.is_kept() => diagnostics::say(&format!(
                "{waiting} events wait in the spool; the next run sends them"
            )),
            waiting => diagnostics::say(&format!(
                "{waiting} events were not delivered and are lost (--events-spool would keep them)"
            )),
        }
    }
}

fn send(prepared: Prepared, store: &Mutex<Store>, closing: &Closing) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build();
    match runtime {
        Ok(runtime) => {
            quietly(|| runtime.block_on(deliver(prepared, store, closing)));
            // A look-up of a name that hangs must not hold the end up.
            runtime.shutdown_background();
        }
        Err(error) => locked(store).say(format!("events cannot be sent: {error}"), true),
    }
}

/// Sends until it is told to close, and all is sent or its time is over.
async fn deliver(prepared: Prepared, store: &Mutex<Store>, closing: &Closing) {
    let (tell, told) = channel();
    let url = prepared.broker.url();
    let options = prepared.options.event_callback(move |event| {
        // Nobody listens once it is over.
        let _ = tell.send(event);
        std::future::ready(())
    });
    let client = match options.connect(&url).await {
        Ok(client) => client,
        Err(error) => {
            locked(store).say(format!("events cannot be sent to {url}: {error}"), true);
            return;
        }
    };
    let mut courier = Courier {
        broker: prepared.broker,
        context: jetstream::new(client.clone()),
        client,
        told,
        has_stream: false,
        complaint: None,
    };
    loop {
        let due = *locked(closing);
        let waiting = locked(store).waiting();
        if due.is_some_and(|due| waiting == 0 || clock() >= due) {
            return;
        }
        courier.hear(store);
        let wait = if waiting == 0 || courier.client.connection_state() != State::Connected {
            LOOK_EVERY
        } else {
            match courier.round(store).await {
                Ok(()) => {
                    courier.complaint = None;
                    continue;
                }
                Err(why) => {
                    courier.complain(store, why);
                    AGAIN
                }
            }
        };
        tokio::time::sleep(wait).await;
    }
}

/// A connection to the broker.
struct Courier {
    broker: Broker,
    context: Context,
    client: Client,
    told: Receiver<Event>,
    has_stream: bool,
    /// What was told last: it is not told again while it goes on.
    complaint: Option<String>,
}

impl Courier {
    /// Tells what became of the connection.
    fn hear(&mut self, store: &Mutex<Store>) {
        let url = self.broker.url();
        for event in self.told.try_iter() {
            let (text, trouble) = match event {
                Event::Connected => {
                    self.has_stream = false;
                    (format!("events go to {url}"), false)
                }
                Event::Disconnected => (
                    format!("the broker {url} is away; events wait for it"),
                    true,
                ),
                Event::ServerError(error) => (format!("the broker {url}: {error}"), true),
                Event::ClientError(error) => {
                    tracing::info!(%error, "the connection to the broker");
                    continue;
                }
                Event::LameDuckMode | Event::Draining | Event::Closed | Event::SlowConsumer(_) => {
                    continue;
                }
            };
            if self.complaint.as_ref() != Some(&text) {
                locked(store).say(text.clone(), trouble);
            }
            self.complaint = trouble.then_some(text);
        }
    }

    fn complain(&mut self, store: &Mutex<Store>, why: String) {
        if self.complaint.as_ref() != Some(&why) {
            locked(store).say(format!("events wait: {why}"), true);
            self.complaint = Some(why);
        }
    }

    /// Sends the next events and waits for their acknowledgements.
    async fn round(&mut self, store: &Mutex<Store>) -> Result<(), String> {
        if !self.has_stream {
            let config = stream(&self.broker);
            let name = config.name.clone();
            let made = self.context.get_or_create_stream(config).await;
            made.map_err(|error| format!("the broker has no stream {name}: {error}"))?;
            self.has_stream = true;
        }
        let next = locked(store).next(None, AT_ONCE);
        let mut acks = Vec::new();
        for (place, line) in next {
            let Ok(id) = serde_json::from_slice::<MessageId>(&line) else {
                // Damaged on disk: it can be sent nowhere.
                locked(store).spoiled(place);
                continue;
            };
            let mut headers = HeaderMap::new();
            headers.insert("Nats-Msg-Id", id.to_string().as_str());
            let subject = self.broker.subject(&id.gateway);
            let sent = self
                .context
                .publish_with_headers(subject, headers, line.into());
            let ack = within(sent).await?;
            acks.push((place, ack));
        }
        for (place, ack) in acks {
            let ack = within(ack.into_future()).await;
            // If there is none, the stream may be gone.
            self.has_stream = ack.is_ok();
            if ack?.duplicate {
                tracing::info!(session = %place.0, sequence = place.1, "the broker had this event already");
            }
            locked(store).delivered(place);
        }
        Ok(())
    }
}

/// The answer, if it comes in time.
async fn within<T, E: std::fmt::Display>(
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, String> {
    match tokio::time::timeout(ANSWER, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the broker does not answer".to_owned()),
    }
}

#[expect(clippy::disallowed_methods, reason = "the end does not wait for ever")]
fn clock() -> Instant {
    Instant::now()
}
