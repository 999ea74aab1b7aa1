//! What a run of `watch` tells others while it goes on: `--events`.
//!
//! One thread looks at every picture, a few times a second, and hands what is news to an [`Outlet`]: a file, standard
//! output, or a spool that a second thread sends to a broker. Neither the capture nor the analysis waits for any of it.

#[cfg(feature = "fleet")]
pub(super) mod broker;
mod file;
mod flags;
mod reporter;
#[cfg(feature = "fleet")]
mod sender;
#[cfg(feature = "fleet")]
mod store;

use windfall::events::spool::{Dropped, Place};

#[cfg(feature = "fleet")]
pub(super) use broker::BrokerFlags;
pub(super) use flags::EventsFlags;
pub(super) use reporter::Reporter;

/// Where events go.
trait Outlet {
    /// Takes an event, as a line without its end. It does not wait for anybody.
    fn put(&mut self, place: Place, line: &[u8]);

    /// What there is to tell the operator, each once: text, and whether it is trouble.
    fn news(&mut self) -> Vec<(String, bool)>;

    /// What was lost, to be told to whoever reads the events.
    fn lost(&mut self) -> Vec<Dropped>;
}
