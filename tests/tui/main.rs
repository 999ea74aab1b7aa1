//! The screen: what it shows of bundled captures, and what keys and mouse do.

mod bundled;
mod columns_hold;
mod draws_seldom;
mod keys;
mod screens;
mod seen;
mod survives;
