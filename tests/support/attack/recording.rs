//! Bundled captures again and again, each time of other devices.
//!
//! Devices, gateway and resolver of a recording are in 192.168.7.0/24 and `2001:db8:7::/64`; every time they get a network of
//! their own, and MAC addresses of their own, wherever in a frame their addresses stand. Servers stay.

use std::path::Path;

use windfall::capture::Replay;

use crate::traffic::{SECOND, Timed};

/// Between the end of one round and the beginning of the next, if one follows the other: longer than any rule waits.
const REST: u64 = 40 * SECOND;

const LAN: [u8; 3] = [192, 168, 7];
const LAN_V6: [u8; 8] = [0x20, 0x01, 0x0d, 0xb8, 0, 7, 0, 0];

/// Where an Ethernet frame's payload begins, and its two MAC addresses.
const ETHERNET: usize = 14;
const MACS: [usize; 2] = [0, 6];

/// One capture.
pub(crate) struct Recording {
    frames: Vec<Recorded>,
}

/// One frame, after the first by so many nanoseconds.
struct Recorded {
    after: u64,
    bytes: Vec<u8>,
    /// Where two bytes say of which network an end is, and where an IPv4 address of the LAN begins.
    networks: Vec<usize>,
    addresses: Vec<usize>,
}

impl Recording {
    /// The bundled captures of these names.
    pub(crate) fn bundled(names: &[&str]) -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
        names
            .iter()
            .map(|name| Self::read(&folder.join(name)).unwrap())
            .collect()
    }

    /// A capture of Ethernet frames; none if it is of something else.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        let mut files = Replay::open(&[path]);
        let mut frames = Vec::new();
        let mut first = None;
        while files.advance() {
            let frame = files.frame().unwrap();
            if frame.link.0 != 1 {
                return None;
            }
            let at = u64::try_from(frame.seen.at.as_nanos()).unwrap();
            let after = at.saturating_sub(*first.get_or_insert(at));
            frames.push(Recorded::new(after, frame.bytes));
        }
        Some(Self { frames })
    }

    /// Its frames from this time on, of this network.
    fn again(&self, begins: u64, network: u16) -> impl Iterator<Item = Timed> {
        let frames = self.frames.iter();
        frames.map(move |frame| (begins + frame.after, frame.of(network)))
    }

    fn lasts(&self) -> u64 {
        let all = self.frames.iter().map(|frame| frame.after);
        all.max().unwrap_or(0)
    }
}

impl Recorded {
    fn new(after: u64, bytes: &[u8]) -> Self {
        let places = |prefix: &[u8], inside: usize| -> Vec<usize> {
            (ETHERNET..bytes.len())
                .filter(|at| bytes[*at..].starts_with(prefix))
                .map(|at| at + inside)
                .collect()
        };
        let own = MACS.into_iter().filter(|at| bytes[*at] & 1 == 0);
        let mut networks: Vec<usize> = own.map(|at| at + 3).collect();
        networks.extend(places(&LAN_V6, 6));
        Self {
            after,
            bytes: bytes.to_vec(),
            networks,
            addresses: places(&LAN, 0),
        }
    }

    fn of(&self, network: u16) -> Vec<u8> {
        let [high, low] = network.to_be_bytes();
        let mut frame = self.bytes.clone();
        for &at in &self.networks {
            frame[at..at + 2].copy_from_slice(&[high, low]);
        }
        for &at in &self.addresses {
            frame[at..at + 3].copy_from_slice(&[10, high, low]);
        }
        frame
    }
}

/// All recordings at once, time after time: each item is one round, in order of time.
pub(crate) struct Rounds {
    recordings: Vec<Recording>,
    begins: u64,
    every: u64,
    network: u16,
}

impl Rounds {
    /// A round begins every so many nanoseconds.
    pub(crate) fn new(recordings: Vec<Recording>, begins: u64, every: u64) -> Self {
        Self {
            recordings,
            begins,
            every,
            network: 0,
        }
    }

    /// A round begins when all of the one before is over.
    pub(crate) fn one_by_one(recordings: Vec<Recording>, begins: u64) -> Self {
        let longest = recordings.iter().map(Recording::lasts).max().unwrap_or(0);
        Self::new(recordings, begins, longest + REST)
    }
}

impl Iterator for Rounds {
    type Item = Vec<Timed>;

    fn next(&mut self) -> Option<Vec<Timed>> {
        let mut round = Vec::new();
        for recording in &self.recordings {
            round.extend(recording.again(self.begins, self.network));
            self.network = self.network.wrapping_add(1);
        }
        self.begins += self.every;
        round.sort_by_key(|(at, _)| *at);
        Some(round)
    }
}

/// The IPv4 servers that devices connect to: their port is 443.
pub(crate) fn servers(frames: &[Timed]) -> Vec<u32> {
    let mut servers: Vec<u32> = frames
        .iter()
        .filter(|(_, frame)| frame.get(12..15) == Some(&[8, 0, 0x45]))
        .filter(|(_, frame)| frame.get(36..38) == Some(&443u16.to_be_bytes()))
        .map(|(_, frame)| u32::from_be_bytes(frame[30..34].try_into().unwrap()))
        .collect();
    servers.sort_unstable();
    servers.dedup();
    servers
}
