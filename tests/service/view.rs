//! Metrics of a bundled capture, made without capturing.

use std::sync::Arc;
use std::time::Duration;

use windfall::capture::frame::Timestamp;
use windfall::catalogue::{Catalogue, Profile};
use windfall::picture::{Health, Picture};
use windfall::pipeline::replay::{Request, replay};
use windfall::service::counters::Counters;
use windfall::service::metrics::{self, Clients, Format, Reloads, View};
use windfall::verdict::summary::Summary;

/// What a bundled capture comes to, as if an interface had been watched.
pub(crate) fn summary(capture: &str) -> Summary {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let path = format!("{}/captures/{capture}", env!("CARGO_MANIFEST_DIR"));
    let mut summary = replay(&Request::new(&[path.into()], &catalogue), |_, _| {}).summary;
    for capture in &mut summary.captures {
        capture.interface = Some("lan0".to_owned());
    }
    summary
}

/// All that metrics tell of it, with series of so many devices.
pub(crate) fn view(summary: Summary, per_client: usize) -> View {
    let mut counters = Counters::default();
    counters.observe(&summary);
    let mut clients = Clients::up_to(per_client);
    clients.observe(&summary);
    let picture = Picture {
        number: 1,
        summary,
        now: Timestamp::MIN,
        health: Health::default(),
        playback: None,
    };
    View {
        picture: Arc::new(picture),
        age: Duration::from_millis(300),
        counters,
        clients,
        healthy: true,
        reloads: Reloads::default(),
        started: 1_795_000_000.0,
        flows_limit: 250_000,
    }
}

/// Its metrics in the classic format.
pub(crate) fn page(summary: Summary, per_client: usize) -> String {
    metrics::write(view(summary, per_client), Format::Classic).unwrap()
}
