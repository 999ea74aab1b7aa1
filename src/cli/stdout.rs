//! Standard output, written as a whole and with its faults told apart.
//!
//! A reader that goes away (`| head`) ends a command quietly, with the status it would have had; a full disk does not.

use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, Write};

use super::exit::{Exit, Fault};

/// Writes a result and gives back `exit`.
///
/// # Errors
/// When the result cannot be written, unless nobody wants it any more.
#[expect(clippy::disallowed_methods, reason = "results go to standard output")]
pub(super) fn write(
    exit: Exit,
    result: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<Exit, Fault> {
    let mut out = BufWriter::new(io::stdout().lock());
    match result(&mut out).and_then(|()| out.flush()) {
        Ok(()) => Ok(exit),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            // What is still buffered has no reader either.
            let _ = out.into_parts();
            Ok(exit)
        }
        Err(error) => {
            let _ = out.into_parts();
            Err(Fault::unwritten(error))
        }
    }
}

/// Whether a person looks at it.
#[expect(
    clippy::disallowed_methods,
    reason = "asks whether standard output is a terminal"
)]
pub(super) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}
