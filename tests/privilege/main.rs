//! What is given away stays given away: each case confines a process of its own and tries what an intruder would.
//!
//! Rights can be given away only before other threads start, and libtest starts some: so this test has its own `main`,
//! which starts itself again for each case. What a machine does not let a case do (become another user, make a network
//! namespace, Landlock) is printed as the reason why it is skipped.
#![cfg_attr(
    target_os = "linux",
    expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::disallowed_methods,
        reason = "tests assert by panicking, and try what is refused"
    )
)]
#![expect(clippy::print_stdout, reason = "tells how the cases went")]

#[cfg(target_os = "linux")]
mod attempts;
#[cfg(target_os = "linux")]
mod cases;
#[cfg(target_os = "linux")]
mod own_process;

#[cfg(target_os = "linux")]
fn main() {
    own_process::run(cases::CASES);
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("skipped: the sandbox is made for Linux");
}
