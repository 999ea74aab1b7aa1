//! Evidence files: the packets that prove what a summary says, as pcapng with comments.
//!
//! Input: a [`Summary`] and somewhere to have its packets from again ([`Packets`]). Output: one file a requirement that
//! fails and device ([`save`]; while it goes on, [`early`]), or one of the flows and questions asked for ([`write_selection`]): their packets, the DNS questions that
//! led to them, the ICMP errors that quote them, every frame cited. Comments say what each shows. Replayed, a file
//! gives the requirement the same verdict, as far as that rests on these packets (see [`picker`]).

mod comments;
pub mod early;
mod names;
pub mod picker;
mod save;
mod source;

pub use save::{
    EvidenceError, Missing, Saved, make_folder, save, save_anonymous, save_those, write_selection,
};
pub use source::{Batches, Files, Packets, Take};

#[cfg(doc)]
use crate::verdict::summary::Summary;
