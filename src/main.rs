//! The `windfall` program: parse arguments, run, exit status.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main().into()
}
