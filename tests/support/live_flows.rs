//! TCP connections that are all open at once, any number of them, and never end: what a table of flows costs.
//!
//! Input: how many, and packets of each. Output: frames in order of time, a microsecond apart, in rounds: in each round
//! every flow sends its next packet, in an order that jumps all over them. They open, shake hands (TLS 1.3, small) and
//! exchange small records, alike in all but addresses, ports and sequence numbers; 30 % are IPv6, 40 % to a required
//! host. Memory holds one flow's frames of each kind, whatever their number.

use crate::support::opening::finished_13;
use crate::support::tcp::{From, Tcp};
use crate::support::tls;
use crate::traffic::Timed;

/// 2026-01-01 00:00 UTC, in nanoseconds since the epoch.
const START: u64 = 1_767_225_600_000_000_000;

/// Between two packets.
const EVERY: u64 = 1000;

/// Devices: the last byte of a client's address begins at the first.
const DEVICES: u64 = 200;
const FIRST_DEVICE: u64 = 30;
const FIRST_PORT: u64 = 2000;

/// A prime above any number of flows made here: a step by it visits each of them once a round.
const STEP: u64 = 2_654_435_761;

/// Ethernet and the IP header, by version.
const V4_HEADERS: usize = 34;
const V6_HEADERS: usize = 54;

/// Frames of one flow, each with whether the client sends it.
type Script = Vec<(bool, Vec<u8>)>;

/// All packets of all flows.
pub(crate) struct LiveFlows {
    flows: u64,
    /// By IP version and host.
    scripts: [Script; 4],
    packets: u64,
    next: u64,
}

impl LiveFlows {
    /// So many flows of so many packets each.
    pub(crate) fn new(flows: u64, packets_each: u64) -> Self {
        let script = |client, server, host| script(client, server, host, packets_each);
        Self {
            flows,
            scripts: [
                script("192.168.7.20", "198.18.1.1", "www.example.org"),
                script("192.168.7.20", "17.57.1.1", "itunes.apple.com"),
                script("fd07::20", "2001:db8:aa::1", "www.example.org"),
                script("fd07::20", "2a01:b740:a00::1", "itunes.apple.com"),
            ],
            packets: flows * packets_each,
            next: 0,
        }
    }
}

impl Iterator for LiveFlows {
    type Item = Timed;

    fn next(&mut self) -> Option<Timed> {
        if self.next == self.packets {
            return None;
        }
        let (round, place) = (self.next / self.flows, self.next % self.flows);
        let at = START + self.next * EVERY;
        self.next += 1;
        let flow = place * STEP % self.flows;
        let (v6, required) = (flow % 10 < 3, flow / 10 % 5 < 2);
        let script = &self.scripts[usize::from(v6) * 2 + usize::from(required)];
        let (from_client, frame) = &script[usize::try_from(round).unwrap()];
        Some((at, of_flow(flow, v6, *from_client, frame.clone())))
    }
}

/// Puts a flow's own address, port and sequence numbers into a frame.
fn of_flow(flow: u64, v6: bool, from_client: bool, mut frame: Vec<u8>) -> Vec<u8> {
    let header = if v6 { V6_HEADERS } else { V4_HEADERS };
    let address = if v6 { 16 } else { 4 };
    let (end_of_address, port) = if from_client {
        (header - address, header)
    } else {
        (header, header + 2)
    };
    let device = FIRST_DEVICE + flow % DEVICES;
    frame[end_of_address - 1] = u8::try_from(device).unwrap();
    let number = u16::try_from(FIRST_PORT + flow / DEVICES).unwrap();
    frame[port..port + 2].copy_from_slice(&number.to_be_bytes());
    let shift = u32::try_from(flow).unwrap().wrapping_mul(0x9e37_79b9);
    let acknowledges = frame[header + 13] & crate::support::tcp::ACK != 0;
    for field in [header + 4, header + 8]
        .iter()
        .take(1 + usize::from(acknowledges))
    {
        let bytes = &mut frame[*field..*field + 4];
        let number = u32::from_be_bytes(bytes.try_into().unwrap());
        bytes.copy_from_slice(&number.wrapping_add(shift).to_be_bytes());
    }
    frame
}

/// The frames of one flow.
fn script(client: &str, server: &str, host: &str, packets: u64) -> Script {
    let mut tcp = Tcp::between((client, 2000), (server, 443));
    let mut script = vec![
        (true, tcp.syn()),
        (false, tcp.syn_ack()),
        (true, tcp.ack(From::Client)),
        (true, tcp.data(From::Client, &tls::client_hello(host))),
    ];
    let flight = [
        tls::server_hello_13(),
        tls::change_cipher_spec(),
        tls::application(600),
    ];
    script.push((false, tcp.data(From::Server, &flight.concat())));
    let request = [finished_13(), tls::application(80)];
    script.push((true, tcp.data(From::Client, &request.concat())));
    let packets = usize::try_from(packets).unwrap();
    while script.len() < packets {
        script.push((false, tcp.data(From::Server, &tls::application(40))));
        script.push((true, tcp.ack(From::Client)));
    }
    script.truncate(packets);
    let sent = script.into_iter();
    sent.map(|(from_client, packet)| (from_client, packet.frame()))
        .collect()
}
