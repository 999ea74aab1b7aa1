//! What a run tells others, one event at a time, and what the events of many runs come to.
//!
//! ```text
//!  summaries ─► differ ─► journal ─► events ─► … file, broker … ─► fleet ─► lines, json
//!               (news)    (numbers)                                (fold)
//! ```
//!
//! - [`event`]: an event as it is written and sent; its contract is `data/event.schema.json`, version 1.
//! - [`differ`]: the summary before and the summary now to what is news.
//! - [`journal`]: gives news its gateway, session and number, and adds the beat of the heart.
//! - [`spool`]: which of the events that are not delivered yet are kept, and which are dropped.
//! - [`address`]: where a broker is, as an operator writes it; names of gateways.
//! - [`fleet`]: events of all gateways, in any order and however often, to one state.
//! - [`overview`]: that state, for people and programs.
//!
//! All of it is pure: times are arguments, files and sockets are `cli`'s.

pub mod address;
pub mod differ;
pub mod event;
pub mod fleet;
pub mod journal;
pub mod numbers;
pub mod overview;
mod said;
pub mod spool;

pub use event::{Event, News};
