//! `windfall catalogue`: what is required.
use super::arguments::Global;
use super::exit::{Exit, Fault};
use clap::Args;
/// Arguments of `catalogue`.
#[derive(Args, Debug)]
pub(super) struct Catalogue {}
pub(super) fn run(_: &Catalogue, _: &Global) -> Result<Exit, Fault> {
    Ok(Exit::Fine)
}
