//! What a run tells other programs: how each requirement stands, whether the run itself is well, metrics.
//!
//! Input: pictures of a run, or their summaries, and how much time has passed. Output: [`standings::Change`]s of status,
//! reasons why the run is not well, metrics as text, answers to HTTP requests as bytes. Pure: sockets, clocks and
//! systemd are `cli`'s. Bounds: what is kept is of rows that the latest summary shows, labels of metrics come from the
//! catalogue, the command line and the codes of verdicts.

pub mod counters;
pub mod http;
#[cfg(feature = "live")]
pub mod metrics;
pub mod standings;
pub mod vigil;
