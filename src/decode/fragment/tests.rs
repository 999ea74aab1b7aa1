use super::*;

/// A table and the buffer that it fills.
#[derive(Default)]
struct Trace {
    table: FragmentTable,
    joined: Vec<u8>,
}

fn key(id: u32) -> Key {
    Key {
        interface: InterfaceId(0),
        if_index: 0,
        vlans: Vlans::default(),
        src: IpAddr::from([192, 0, 2, 1]),
        dst: IpAddr::from([198, 51, 100, 2]),
        id,
        protocol: 17,
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_nanos(seconds * 1_000_000_000)
}

impl Trace {
    /// Adds whole bytes; the datagram, if that completed it.
    fn add(
        &mut self,
        seconds: i64,
        id: u32,
        start: usize,
        last: bool,
        bytes: &[u8],
    ) -> Option<Vec<u8>> {
        self.add_cut(seconds, id, start, last, bytes, bytes.len())
            .map(|_| self.joined.clone())
    }

    /// Adds a fragment of which only `bytes` were captured.
    fn add_cut(
        &mut self,
        seconds: i64,
        id: u32,
        start: usize,
        last: bool,
        bytes: &[u8],
        wire_len: usize,
    ) -> Option<Joined> {
        let field = FragmentField { id, start, last };
        let payload = Cursor::new(bytes, wire_len);
        self.table
            .add(key(id), field, 17, payload, at(seconds), &mut self.joined)
            .unwrap()
    }
}

#[test]
fn the_last_missing_fragment_completes_the_datagram() {
    let mut trace = Trace::default();
    assert_eq!(trace.add(0, 1, 8, false, b"bbbbbbbb"), None);
    assert_eq!(trace.add(0, 1, 16, true, b"cc"), None);
    assert_eq!(trace.table.counts().waiting, 1);
    let whole = trace.add(1, 1, 0, false, b"aaaaaaaa").unwrap();
    assert_eq!(whole, b"aaaaaaaabbbbbbbbcc");
    let counts = trace.table.counts();
    assert_eq!(
        (counts.fragments, counts.reassembled, counts.waiting),
        (3, 1, 0)
    );
    assert_eq!(trace.table.bytes, 0);
}

#[test]
fn exact_copies_are_ignored() {
    let mut trace = Trace::default();
    for _ in 0..3 {
        assert_eq!(trace.add(0, 1, 0, false, b"aaaaaaaa"), None);
    }
    assert_eq!(trace.table.counts().copies, 2);
    assert!(trace.add(0, 1, 8, true, b"b").is_some());
}

#[test]
fn overlapping_fragments_condemn_their_datagram() {
    // RFC 5722; teardrop's second fragment lies inside the first.
    for (first, second) in [
        ((0, false, 16), (8, true, 16)),
        ((8, false, 16), (0, false, 16)),
        ((0, false, 32), (8, true, 4)),
        ((8, true, 4), (0, false, 32)),
        // The same place, other bytes; and another length.
        ((0, false, 8), (0, false, 8)),
        ((0, false, 8), (0, false, 16)),
        // Two ends.
        ((8, true, 4), (16, true, 4)),
        ((16, true, 4), (24, false, 8)),
    ] {
        let mut trace = Trace::default();
        let fill = |part: (usize, bool, usize), byte| (part.0, part.1, vec![byte; part.2]);
        let (start, last, bytes) = fill(first, 1);
        assert_eq!(trace.add(0, 1, start, last, &bytes), None);
        let (start, last, bytes) = fill(second, 2);
        assert_eq!(
            trace.add(0, 1, start, last, &bytes),
            None,
            "{first:?} {second:?}"
        );
        assert_eq!(trace.table.counts().overlapping, 1, "{first:?} {second:?}");
        assert_eq!(trace.table.bytes, 0);
        // Whatever else comes of it is thrown away.
        assert_eq!(trace.add(1, 1, 0, false, &[3; 8]), None);
        assert_eq!(trace.add(1, 1, 8, true, &[3; 8]), None);
        assert_eq!(trace.table.counts().waiting, 0);
        // Another datagram is not concerned.
        trace.add(1, 2, 0, false, &[4; 8]);
        assert!(trace.add(1, 2, 8, true, &[4; 8]).is_some());
    }
}

#[test]
fn a_datagram_waits_thirty_seconds_of_capture_time() {
    let mut trace = Trace::default();
    trace.add(0, 1, 0, false, &[1; 8]);
    assert!(trace.add(30, 1, 8, true, &[1; 8]).is_some());
    trace.add(100, 2, 0, false, &[1; 8]);
    assert_eq!(trace.add(131, 2, 8, true, &[1; 8]), None);
    let counts = trace.table.counts();
    assert_eq!((counts.expired, counts.waiting), (1, 1));
    // A clock that steps back makes nothing old.
    trace.add(50, 3, 0, false, &[1; 8]);
    assert_eq!(trace.table.counts().expired, 1);
}

#[test]
fn datagrams_are_bounded_and_the_oldest_goes() {
    let mut trace = Trace::default();
    let count = u32::try_from(MAX_DATAGRAMS).unwrap();
    for id in 0..count + 10 {
        trace.add(0, id, 0, false, &[1; 8]);
    }
    let counts = trace.table.counts();
    assert_eq!((counts.waiting, counts.evicted), (128, 10));
    assert_eq!(trace.add(0, 9, 8, true, &[1; 8]), None);
    assert!(trace.add(0, count + 9, 8, true, &[1; 8]).is_some());
}

#[test]
fn bytes_are_bounded_and_the_oldest_goes() {
    let mut trace = Trace::default();
    let large = vec![1; 60_000];
    for id in 0..100 {
        trace.add(0, id, 0, false, &large);
        assert!(trace.table.bytes <= MAX_BYTES);
    }
    let counts = trace.table.counts();
    assert_eq!(counts.waiting, (MAX_BYTES / large.len()) as u64);
    assert_eq!(counts.evicted, 100 - counts.waiting);
}

#[test]
fn fragments_of_one_datagram_are_bounded() {
    let mut trace = Trace::default();
    for piece in 0..MAX_PIECES {
        assert_eq!(trace.add(0, 1, piece * 8, false, &[1; 8]), None);
    }
    assert_eq!(trace.table.counts().evicted, 0);
    assert_eq!(trace.add(0, 1, MAX_PIECES * 8, true, &[1; 8]), None);
    let counts = trace.table.counts();
    assert_eq!(
        (counts.evicted, counts.waiting, trace.table.bytes),
        (1, 0, 0)
    );
}

#[test]
fn what_the_capture_cut_is_missing_from_the_bytes_and_not_from_the_length() {
    let mut trace = Trace::default();
    trace.add_cut(0, 1, 0, false, b"aaaa", 8);
    let whole = trace.add_cut(0, 1, 8, true, b"bbbb", 8).unwrap();
    assert_eq!((whole.wire_len, &trace.joined[..]), (16, &b"aaaa"[..]));
    // Cut in the second piece only: everything up to there.
    trace.add(0, 2, 0, false, b"aaaaaaaa");
    let whole = trace.add_cut(0, 2, 8, true, b"bb", 8).unwrap();
    assert_eq!(
        (whole.wire_len, &trace.joined[..]),
        (16, &b"aaaaaaaabb"[..])
    );
}
