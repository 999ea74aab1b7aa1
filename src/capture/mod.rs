//! Where frames come from.

pub mod frame;
