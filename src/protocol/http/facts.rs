//! What an HTTP/1 conversation showed.
//!
//! Output of [`HttpSession`](super::HttpSession): heads, each with the frames that carry it; no verdicts. Header
//! values are raw bytes, bounded by the constants below. RFC 9110, RFC 9112.

use crate::capture::frame::Seen;
use crate::hostname::Hostname;

/// Longest target or Location kept, in bytes.
pub(super) const MAX_VALUE: usize = 2048;

/// Bytes kept of a text body: enough for the word that captive portal checks look for.
pub const MAX_BODY_PREFIX: usize = 256;

/// Answers to CONNECT kept: logins take two or three.
pub(super) const MAX_ANSWERS: usize = 8;

/// What one conversation showed so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpFacts {
    /// The first byte of the first request.
    pub request_started: Option<Seen>,
    /// The first request, once its head is whole.
    pub request: Option<Request>,
    /// The final response to it (1xx are passed over); where that asks for a login (401, 407), the next one.
    pub response: Option<Response>,
    /// A response that began before the server had any byte of a request: the answer to nothing that was asked.
    pub unasked_response: Option<Seen>,
    /// The tunnel asked for with CONNECT.
    pub connect: Option<Connect>,
    /// Requests read. After a first request that is no CONNECT none are read any more.
    pub requests: u32,
    /// Final responses read, likewise.
    pub responses: u32,
    /// The first request is one of RTSP, which begins like HTTP, up to its version (RFC 2326 section 6.1): read no further.
    pub rtsp: Option<Seen>,
    /// Bytes that are no HTTP/1, or a head longer than any that is kept.
    pub not_http: Option<Seen>,
}

/// A request's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Method, as sent.
    pub method: String,
    /// Target, as sent, at most 2,048 bytes.
    pub target: Vec<u8>,
    /// The host asked: of the target if it names one, else of the Host field; without port.
    pub host: Option<Hostname>,
    /// The port beside it, if there is one.
    pub host_port: Option<u16>,
    /// The first byte.
    pub started: Seen,
    /// The byte that made the head whole.
    pub seen: Seen,
    /// The capture cut the head: fields may be missing.
    pub cut: bool,
}

impl Request {
    /// Whether the request line is one of DAAP, by which iTunes reads shared libraries: its scheme, or paths that no other
    /// service of a home has.
    #[must_use]
    pub fn is_daap(&self) -> bool {
        const PATHS: [&[u8]; 4] = [
            b"/server-info",
            b"/content-codes",
            b"/databases",
            b"/ctrl-int",
        ];
        let target = self.target.as_slice();
        target.starts_with(b"daap://")
            || PATHS.iter().any(|path| {
                let rest = target.strip_prefix(*path);
                rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'/' | b'?')))
            })
    }
}

/// A final response's head, and the start of its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// The Location field, at most 2,048 bytes.
    pub location: Option<Vec<u8>>,
    /// The host in it, unless it is relative.
    pub location_host: Option<Hostname>,
    /// The Server field, at most 256 bytes.
    pub server: Option<Vec<u8>>,
    /// The byte that made the head whole.
    pub seen: Seen,
    /// The start of the body, at most 256 bytes, of a 2xx response whose content is text and not compressed.
    pub body_prefix: Vec<u8>,
    /// The whole body is in `body_prefix`.
    pub body_whole: bool,
    /// The capture cut the head: fields may be missing.
    pub cut: bool,
}

/// A tunnel asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connect {
    /// The host to reach, of the latest CONNECT.
    pub host: Hostname,
    /// The port to reach.
    pub port: u16,
    /// The first CONNECT.
    pub seen: Seen,
    /// The latest CONNECT, while it has no answer.
    pub waiting: Option<Seen>,
    /// Status of each answer, at most eight: 407 and then 200 is a login.
    pub answers: Vec<(u16, Seen)>,
    /// The 2xx that opened the tunnel.
    pub established: Option<Seen>,
}
