//! One connection of a scraper: one request, one answer, and it is closed.
//!
//! Bounds: a second for the request and five for the answer, however slowly bytes come or go; the length of a head.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use windfall::service::http::{self, Answer, Asked, Page};

/// A scraper sends its request at once, and it fits into one packet: whoever dawdles must not hold up the next one.
const REQUEST_TIME: Duration = Duration::from_secs(1);

/// An answer may take its time over a slow line.
const ANSWER_TIME: Duration = Duration::from_secs(5);

/// The end of the run is looked for this often.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Reads the request and answers it. A peer that is gone, or too slow, gets none; nor does one when the run is over.
pub(super) fn answer(stream: TcpStream, over: &AtomicBool, page: impl FnOnce(Page) -> Answer) {
    let due = clock() + REQUEST_TIME;
    let mut stream = Timed { stream, due, over };
    let mut head = Vec::new();
    let asked = loop {
        match http::read(&head) {
            Asked::More => {}
            asked => break asked,
        }
        let mut piece = [0; 1024];
        match stream.read(&mut piece) {
            Some(bytes) if !bytes.is_empty() => head.extend_from_slice(bytes),
            _ => return,
        }
    };
    let bytes = match asked {
        Asked::More => return,
        Asked::Refused(status) => Answer::refusal(status).bytes(false),
        Asked::For {
            page: wanted,
            head_only,
        } => page(wanted).bytes(head_only),
    };
    stream.due = clock() + ANSWER_TIME;
    stream.write(&bytes);
}

/// A stream that is given up when its time is over.
struct Timed<'o> {
    stream: TcpStream,
    due: Instant,
    over: &'o AtomicBool,
}

impl Timed<'_> {
    /// How long to wait now.
    fn left(&self) -> Option<Duration> {
        let left = self.due.saturating_duration_since(clock());
        (!left.is_zero() && !self.over.load(SeqCst)).then_some(left.min(LOOK_EVERY))
    }

    /// What came; none if nothing did in time.
    fn read<'b>(&mut self, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        self.stream.set_nonblocking(false).ok()?;
        loop {
            self.stream.set_read_timeout(Some(self.left()?)).ok()?;
            match self.stream.read(buffer) {
                Ok(length) => return buffer.get(..length),
                Err(error) if is_early(&error) => {}
                Err(_) => return None,
            }
        }
    }

    fn write(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty()
            && let Some(left) = self.left()
            && self.stream.set_write_timeout(Some(left)).is_ok()
        {
            match self.stream.write(bytes) {
                Ok(length @ 1..) => bytes = bytes.get(length..).unwrap_or_default(),
                Err(error) if is_early(&error) => {}
                // Whoever is gone does not need to be told.
                Ok(_) | Err(_) => return,
            }
        }
        let _ = self.stream.shutdown(Shutdown::Write);
    }
}

/// There may be more to come.
fn is_early(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), Interrupted | TimedOut | WouldBlock)
}

#[expect(clippy::disallowed_methods, reason = "slow peers are given up")]
fn clock() -> Instant {
    Instant::now()
}
