//! `windfall explain`.
use super::arguments::Global;
use super::exit::{Exit, Fault};
use clap::Args;
/// Arguments of `explain`.
#[derive(Args, Debug)]
pub(super) struct Explain {}
pub(super) fn run(_: &Explain, _: &Global) -> Result<Exit, Fault> {
    Ok(Exit::Fine)
}
