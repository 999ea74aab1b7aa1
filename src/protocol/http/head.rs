//! Heads: collected line by line, then read.
//!
//! Input: the bytes of one direction where a head is due. Output: the head's fields as facts, and where its body ends.
//! At most [`MAX_HEAD`] bytes and [`MAX_FIELDS`] fields; `httparse` reads them. RFC 9112 sections 2 to 6.

use crate::capture::frame::Seen;
use crate::hostname::Hostname;

use super::authority;
use super::body::{Body, Chunk};
use super::facts::{MAX_VALUE, Request, Response};

/// Longest head kept, in bytes; servers refuse longer ones, at 8 or 16 KiB.
pub const MAX_HEAD: usize = 16 * 1024;

/// Most fields of a head; servers refuse more than 100.
const MAX_FIELDS: usize = 128;

/// Longest method: those registered have at most 17 letters.
const MAX_METHOD: usize = 24;

/// Bytes kept of the Server field.
const MAX_SERVER: usize = 256;

/// A head under way.
#[derive(Clone, Debug, Default)]
pub(super) struct HeadBuffer {
    bytes: Vec<u8>,
    /// Bytes of the current line, line end not counted.
    line: usize,
    started: Seen,
}

/// What became of a head with the latest bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// More is to come.
    More,
    /// The empty line has come.
    Whole,
    /// Longer than any that is kept.
    TooLong,
}

impl HeadBuffer {
    /// Takes bytes up to the empty line. Empty lines before a head are passed over (RFC 9112 section 2.2).
    pub(super) fn take(&mut self, bytes: &mut &[u8], seen: Seen) -> Progress {
        while let Some((&byte, rest)) = bytes.split_first() {
            *bytes = rest;
            if self.bytes.is_empty() {
                if matches!(byte, b'\r' | b'\n') {
                    continue;
                }
                self.started = seen;
            }
            if self.bytes.len() >= MAX_HEAD {
                return Progress::TooLong;
            }
            self.bytes.push(byte);
            match byte {
                b'\n' if self.line == 0 => return Progress::Whole,
                b'\n' => self.line = 0,
                b'\r' => {}
                _ => self.line += 1,
            }
        }
        Progress::More
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn started(&self) -> Seen {
        self.started
    }

    /// Takes the head out, freeing the buffer.
    pub(super) fn release(&mut self) -> Vec<u8> {
        self.line = 0;
        let mut head = std::mem::take(&mut self.bytes);
        unfold(&mut head);
        head
    }

    /// The whole lines of a head that the capture cut, with the empty line that is missing.
    pub(super) fn release_cut(&mut self) -> Option<Vec<u8>> {
        let mut head = self.release();
        let end = head.iter().rposition(|byte| *byte == b'\n')? + 1;
        head.truncate(end);
        head.extend_from_slice(b"\r\n");
        Some(head)
    }
}

/// Joins folded field lines to the lines that they continue (RFC 9112 section 5.2).
fn unfold(head: &mut [u8]) {
    for at in 1..head.len() {
        if let Some([return_or_not, line_end @ b'\n', b' ' | b'\t']) = head.get_mut(at - 1..at + 2)
        {
            *line_end = b' ';
            if *return_or_not == b'\r' {
                *return_or_not = b' ';
            }
        }
    }
}

/// How lenient heads are read: as browsers do, for what an end point understands is no failure of the path.
fn lenient() -> httparse::ParserConfig {
    let mut config = httparse::ParserConfig::default();
    config
        .allow_multiple_spaces_in_request_line_delimiters(true)
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .allow_spaces_after_header_name_in_responses(true)
        .ignore_invalid_headers_in_requests(true)
        .ignore_invalid_headers_in_responses(true);
    config
}

/// Whether `bytes` may be the start of a request: a method, a space.
pub(super) fn may_be_request(bytes: &[u8]) -> bool {
    let method = bytes.iter().take_while(|byte| is_token(**byte)).count();
    method <= MAX_METHOD
        && bytes
            .get(method)
            .is_none_or(|byte| *byte == b' ' && method > 0)
}

/// Whether `bytes` may be the start of a status line of HTTP/1.
pub(super) fn may_be_response(bytes: &[u8]) -> bool {
    const START: &[u8] = b"HTTP/1.";
    bytes.starts_with(START) || START.starts_with(bytes)
}

/// Whether a whole head is that of an RTSP request (RFC 2326 section 6.1, RFC 7826 section 7.1).
pub(super) fn is_rtsp(head: &[u8]) -> bool {
    let line = head
        .split(|byte| *byte == b'\n')
        .find(|line| !line.trim_ascii().is_empty());
    let version = line.and_then(|line| line.trim_ascii_end().rsplit(|byte| *byte == b' ').next());
    version.is_some_and(|version| matches!(version, b"RTSP/1.0" | b"RTSP/2.0"))
}

/// RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Reads a request's head; `None` when it is none. With it, where its body ends (`None`: that cannot be told).
pub(super) fn request(
    head: &[u8],
    started: Seen,
    seen: Seen,
    cut: bool,
) -> Option<(Request, Option<Body>)> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut parsed = httparse::Request::new(&mut fields);
    if !lenient()
        .parse_request(&mut parsed, head)
        .ok()?
        .is_complete()
    {
        return None;
    }
    let (method, target) = (parsed.method?, parsed.path?.as_bytes());
    let fields = Fields(parsed.headers);
    let authority = if method == "CONNECT" {
        authority::split(target)
    } else {
        authority::of_reference(target)
    };
    let (host, host_port) = authority
        .or_else(|| authority::split(fields.value("host")?))
        .map_or((None, None), |(host, port)| (Some(host), port));
    let body = match fields.framing() {
        _ if method == "CONNECT" => Some(Body::Length(0)),
        Framing::Body(body) => Some(body),
        Framing::Absent => Some(Body::Length(0)),
        Framing::Contradictory => None,
    };
    let request = Request {
        method: method.to_owned(),
        target: bounded(target, MAX_VALUE),
        host,
        host_port,
        started,
        seen,
        cut,
    };
    Some((request, body))
}

/// A response's head, read.
pub(super) struct ResponseHead {
    pub(super) response: Response,
    /// Where its body ends if it has one; `None`: that cannot be told.
    pub(super) body: Option<Body>,
    /// The body is text, not compressed.
    pub(super) is_text: bool,
}

/// Reads a response's head; `None` when it is none.
pub(super) fn response(head: &[u8], seen: Seen, cut: bool) -> Option<ResponseHead> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut parsed = httparse::Response::new(&mut fields);
    if !lenient()
        .parse_response(&mut parsed, head)
        .ok()?
        .is_complete()
    {
        return None;
    }
    let status = parsed.code?;
    let fields = Fields(parsed.headers);
    let location = fields.value("location");
    let body = match fields.framing() {
        Framing::Body(body) => Some(body),
        Framing::Absent => Some(Body::UntilClose),
        Framing::Contradictory => None,
    };
    let host = |location| -> Option<Hostname> { Some(authority::of_reference(location)?.0) };
    Some(ResponseHead {
        is_text: fields.is_text(),
        body,
        response: Response {
            status,
            location: location.map(|location| bounded(location, MAX_VALUE)),
            location_host: location.and_then(host),
            server: fields
                .value("server")
                .map(|server| bounded(server, MAX_SERVER)),
            seen,
            body_prefix: Vec::new(),
            body_whole: false,
            cut,
        },
    })
}

fn bounded(value: &[u8], bound: usize) -> Vec<u8> {
    value.get(..bound).unwrap_or(value).to_vec()
}

/// What the fields say of the body (RFC 9112 section 6.3).
enum Framing {
    Body(Body),
    Absent,
    Contradictory,
}

struct Fields<'a>(&'a [httparse::Header<'a>]);

impl<'a> Fields<'a> {
    /// The first field of this name.
    fn value(&self, name: &str) -> Option<&'a [u8]> {
        let field = self
            .0
            .iter()
            .find(|field| field.name.eq_ignore_ascii_case(name))?;
        Some(field.value.trim_ascii())
    }

    fn framing(&self) -> Framing {
        if let Some(codings) = self.value("transfer-encoding") {
            let last = codings
                .rsplit(|byte| *byte == b',')
                .next()
                .unwrap_or_default();
            return if last.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                Framing::Body(Body::Chunked(Chunk::START))
            } else {
                Framing::Body(Body::UntilClose)
            };
        }
        let Some(length) = self.value("content-length") else {
            return Framing::Absent;
        };
        let number = std::str::from_utf8(length)
            .ok()
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        match number.and_then(|text| text.parse().ok()) {
            Some(length) => Framing::Body(Body::Length(length)),
            None => Framing::Contradictory,
        }
    }

    fn is_text(&self) -> bool {
        let kind = self.value("content-type").unwrap_or(b"text/");
        let coding = self.value("content-encoding").unwrap_or(b"identity");
        kind.get(..5)
            .is_some_and(|start| start.eq_ignore_ascii_case(b"text/"))
            && coding.eq_ignore_ascii_case(b"identity")
    }
}
