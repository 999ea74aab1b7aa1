//! A conversation as TCP segments of a chosen size, and what is said of it.

use windfall::capture::frame::{LinkType, Timestamp};
use windfall::monitor::Limits;
use windfall::side::Side;
use windfall::verdict::assemble::Options;

use crate::frames::frame;
use crate::report::{CATALOGUE, monitor};
use crate::support::packet::Packet;
use crate::support::tcp::{ACK, From, PSH, Tcp};
use crate::support::trace::START;

const ETHERNET: LinkType = LinkType(1);

/// Where a server listens decides what may be spoken: TLS, HTTP, a proxy's ports, DNS.
pub const PORTS: [u16; 5] = [443, 80, 3128, 1080, 53];

const MILLISECOND: i64 = 1_000_000;

/// The verdicts on a conversation whose pieces travel in segments of at most so many bytes. Each piece comes 20 ms
/// after the one before and is acknowledged as a whole; after the last, a minute of silence.
pub fn verdicts(port: u16, pieces: &[(Side, &[u8])], most: usize) -> Vec<String> {
    let mut tcp = Tcp::between(("192.168.7.20", 50_000), ("203.0.113.10", port));
    let mut packets: Vec<(i64, Packet)> = vec![
        (0, tcp.syn()),
        (20, tcp.syn_ack()),
        (21, tcp.ack(From::Client)),
    ];
    let mut at = 21;
    for (side, bytes) in pieces {
        at += 20;
        let (from, peer) = match side {
            Side::Client => (From::Client, From::Server),
            Side::Server => (From::Server, From::Client),
        };
        for segment in bytes.chunks(most) {
            packets.push((at, tcp.data(from, segment)));
        }
        if let Some((_, last)) = packets.last_mut() {
            last.transport[13] = ACK | PSH;
        }
        packets.push((at + 1, tcp.ack(peer)));
    }
    let mut monitor = monitor(Limits::default());
    let time = |at: i64| START + at * MILLISECOND;
    for (number, (at, packet)) in (1..).zip(&packets) {
        monitor.packet(&frame(number, time(*at), ETHERNET, &packet.frame()));
    }
    monitor.tick(Timestamp::from_nanos(time(at + 60_000)));
    let summary = monitor.summary(Vec::new(), &Options::new(&CATALOGUE));
    let flows = summary.flows.iter().map(|flow| {
        let name = flow.name.as_ref().map(|name| &name.host);
        format!(
            "{name:?} {} {} {} {:?} {:?} recovered {}",
            flow.app, flow.outcome, flow.stage, flow.cause, flow.origin, flow.recovered
        )
    });
    let questions = summary.dns.iter().map(|row| {
        format!(
            "{} {} {} {:?}",
            row.name, row.kind, row.outcome, row.addresses
        )
    });
    // Questions of one frame are listed by name, those of several by frame: no order of theirs is promised here.
    let mut verdicts: Vec<String> = flows.chain(questions).collect();
    verdicts.sort();
    verdicts
}
