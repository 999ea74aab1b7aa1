//! From inputs to a summary: reading, monitors, merging.
//!
//! Input: what to read and how to judge it. Output: a [`Summary`](crate::verdict::summary::Summary) and whether everything could be read. One worker and
//! files: no thread hop at all.
//!
//! ```text
//!  source ─► load (a batch, shared out) ─► crew: N monitors in threads ─► merge ─► one Summary
//!     ▲               │
//!     └───── ring ◄───┘  recycled once every worker has let go
//! ```

mod analyst;
#[cfg(test)]
mod broken;
mod crew;
mod desk;
pub mod evidence;
pub mod follow;
pub mod gather;
pub mod holes;
mod inbox;
pub mod intake;
mod judges;
pub mod keeper;
pub mod live;
pub mod load;
pub mod merge;
pub mod playback;
pub mod replay;
pub mod scribes;
pub mod source;
pub mod stages;
#[cfg(feature = "live")]
pub mod tap;
#[cfg(feature = "live")]
mod watchfulness;
