//! HTTP as far as a scraper needs it: the head of one request, and one answer (RFC 9112).
//!
//! Input: bytes as they come. Output: what is asked for, or why it is refused; an answer as bytes, after which the
//! connection is closed. Bounds: [`MAX_HEAD_BYTES`], 64 header fields; a body is not read.

/// A head that is longer is refused: a scraper's takes some hundred bytes.
pub const MAX_HEAD_BYTES: usize = 8 << 10;

/// Header fields of a head.
const MAX_FIELDS: usize = 64;

/// What somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// `/metrics`; in OpenMetrics if that is said to be understood.
    Metrics {
        /// It is.
        open_metrics: bool,
    },
    /// `/healthz`.
    Health,
    /// `/`: what there is.
    Index,
}

/// Why an answer is not what was asked for, or that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// As asked.
    Ok,
    /// Not HTTP.
    BadRequest,
    /// Nothing is there.
    NotFound,
    /// Neither GET nor HEAD.
    NotAllowed,
    /// The head is too long.
    TooLong,
    /// The fault is windfall's.
    Failed,
    /// The run is not well.
    Unwell,
}

impl Status {
    const fn line(self) -> &'static str {
        match self {
            Self::Ok => "200 OK",
            Self::BadRequest => "400 Bad Request",
            Self::NotFound => "404 Not Found",
            Self::NotAllowed => "405 Method Not Allowed",
            Self::TooLong => "431 Request Header Fields Too Large",
            Self::Failed => "500 Internal Server Error",
            Self::Unwell => "503 Service Unavailable",
        }
    }
}

/// What the bytes so far come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The head is not whole yet.
    More,
    /// A page; without its body for HEAD.
    For {
        /// Which.
        page: Page,
        /// The head of the answer alone.
        head_only: bool,
    },
    /// Nothing that is answered with a page.
    Refused(Status),
}

/// Reads what has come so far.
#[must_use]
pub fn read(bytes: &[u8]) -> Asked {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) if bytes.len() < MAX_HEAD_BYTES => return Asked::More,
        Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
            return Asked::Refused(Status::TooLong);
        }
        Err(_) => return Asked::Refused(Status::BadRequest),
    }
    let head_only = match request.method {
        Some("GET") => false,
        Some("HEAD") => true,
        _ => return Asked::Refused(Status::NotAllowed),
    };
    let path = request.path.unwrap_or_default();
    let page = match path.split_once('?').map_or(path, |(path, _)| path) {
        "/metrics" => Page::Metrics {
            open_metrics: request.headers.iter().any(|field| {
                field.name.eq_ignore_ascii_case("accept")
                    && String::from_utf8_lossy(field.value).contains("application/openmetrics-text")
            }),
        },
        "/healthz" => Page::Health,
        "/" => Page::Index,
        _ => return Asked::Refused(Status::NotFound),
    };
    Asked::For { page, head_only }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: Status,
    /// Media type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

impl Answer {
    /// Plain text.
    #[must_use]
    pub const fn text(status: Status, body: String) -> Self {
        Self {
            status,
            content_type: "text/plain; charset=utf-8",
            body,
        }
    }

    /// A refusal, in its own words.
    #[must_use]
    pub fn refusal(status: Status) -> Self {
        Self::text(status, format!("{}\n", status.line()))
    }

    /// As it goes onto the wire.
    #[must_use]
    pub fn bytes(&self, head_only: bool) -> Vec<u8> {
        let Self {
            status,
            content_type,
            body,
        } = self;
        let allow = if *status == Status::NotAllowed {
            "Allow: GET, HEAD\r\n"
        } else {
            ""
        };
        let head = format!(
            "HTTP/1.1 {}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n{allow}Cache-Control: no-store\r\n\
             X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
            status.line(),
            body.len()
        );
        let mut bytes = head.into_bytes();
        if !head_only {
            bytes.extend_from_slice(body.as_bytes());
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(head: &str) -> Asked {
        read(head.as_bytes())
    }

    #[test]
    fn pages_are_told_by_path_and_form_by_what_is_accepted() {
        let metrics = |open_metrics| Asked::For {
            page: Page::Metrics { open_metrics },
            head_only: false,
        };
        assert_eq!(page("GET /metrics HTTP/1.1\r\n\r\n"), metrics(false));
        assert_eq!(
            page(
                "GET /metrics?x=1 HTTP/1.1\r\nAccept: application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.2\r\n\r\n"
            ),
            metrics(true)
        );
        assert_eq!(
            page("HEAD /healthz HTTP/1.0\r\n\r\n"),
            Asked::For {
                page: Page::Health,
                head_only: true
            }
        );
    }

    #[test]
    fn what_comes_in_pieces_is_waited_for() {
        let whole = "GET / HTTP/1.1\r\nHost: gateway\r\n\r\n";
        for end in 0..whole.len() {
            assert_eq!(page(&whole[..end]), Asked::More, "{end}");
        }
        assert!(matches!(
            page(whole),
            Asked::For {
                page: Page::Index,
                ..
            }
        ));
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        for (head, status) in [
            ("POST /metrics HTTP/1.1\r\n\r\n", Status::NotAllowed),
            ("GET /../etc/passwd HTTP/1.1\r\n\r\n", Status::NotFound),
            ("\u{16}\u{3}\u{1}", Status::BadRequest),
            ("GET /metrics\r\n\r\n", Status::BadRequest),
        ] {
            assert_eq!(page(head), Asked::Refused(status), "{head:?}");
        }
        let long = format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(MAX_HEAD_BYTES));
        assert_eq!(page(&long), Asked::Refused(Status::TooLong));
        let many = format!(
            "GET / HTTP/1.1\r\n{}\r\n",
            "X: y\r\n".repeat(MAX_FIELDS + 1)
        );
        assert_eq!(page(&many), Asked::Refused(Status::TooLong));
    }

    #[test]
    fn an_answer_says_how_long_it_is_also_without_its_body() {
        let answer = Answer::text(Status::Unwell, "far is gone\n".to_owned());
        let whole = String::from_utf8(answer.bytes(false)).unwrap();
        assert!(
            whole.starts_with("HTTP/1.1 503 Service Unavailable\r\n"),
            "{whole}"
        );
        assert!(whole.contains("\r\nContent-Length: 12\r\n"), "{whole}");
        assert!(whole.ends_with("\r\n\r\nfar is gone\n"), "{whole}");
        let head = String::from_utf8(answer.bytes(true)).unwrap();
        assert_eq!(Some(head.as_str()), whole.strip_suffix("far is gone\n"));
        let refusal = Answer::refusal(Status::NotAllowed).bytes(false);
        assert!(
            String::from_utf8(refusal)
                .unwrap()
                .contains("\r\nAllow: GET, HEAD\r\n")
        );
    }
}
