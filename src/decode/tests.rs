//! Whole frames through the decoder: each link layer, each way that IP nests, each fault by its reason.
//!
//! The bytes are made by hand, after the layouts that each test names; `build` holds what they have in common. Every
//! frame that [`build::carries`] takes is also cut at each byte, as a snap length would.

mod build;
mod faults;
mod fragments;
mod link;
mod network;
mod transport;
mod wireless;
