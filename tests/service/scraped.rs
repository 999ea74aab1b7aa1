//! A page of metrics, read again; and a scraper.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Values by series, as the page spells it: `windfall_flows{outcome="reset"}`.
pub(crate) type Series = BTreeMap<String, f64>;

/// The series of a page.
#[track_caller]
pub(crate) fn series(page: &str) -> Series {
    let lines = page
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let mut series = Series::new();
    for line in lines {
        let (name, value) = line.rsplit_once(' ').unwrap();
        let before = series.insert(name.to_owned(), value.parse().unwrap());
        assert_eq!(before, None, "{name} is there twice");
    }
    series
}

/// The families that a page in the classic format declares.
pub(crate) fn families(page: &str) -> Vec<String> {
    let declared = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    declared
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

/// Status and body of an answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Sends bytes and reads the answer to its end.
#[track_caller]
pub(crate) fn exchange(at: &str, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(at).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let text = String::from_utf8(answer).unwrap();
    let (head, body) = text
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("no answer: {text:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

/// Asks for a page.
#[track_caller]
pub(crate) fn get(at: &str, path: &str) -> Answer {
    exchange(
        at,
        format!("GET {path} HTTP/1.1\r\nHost: gateway\r\n\r\n").as_bytes(),
    )
}
