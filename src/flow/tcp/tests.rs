use super::*;
use crate::capture::frame::{FrameId, Timestamp};

const SYN: u8 = TcpFlags::SYN;
const ACK: u8 = TcpFlags::ACK;
const PSH: u8 = TcpFlags::PSH;
const FIN: u8 = TcpFlags::FIN;
const RST: u8 = TcpFlags::RST;

/// Maximum segment size 1460.
const MSS_1460: &[u8] = &[2, 4, 0x05, 0xb4];

fn at(millis: u32) -> Seen {
    Seen {
        at: Timestamp::from_nanos(i64::from(millis) * 1_000_000),
        frame: FrameId::new(0, u64::from(millis)),
    }
}

fn segment(flags: u8, seq: u32, ack: u32, bytes: u32) -> TcpView<'static> {
    TcpView {
        src_port: 50_000,
        dst_port: 443,
        seq,
        ack,
        flags: TcpFlags(flags),
        window: 500,
        options: &[],
        payload: &[],
        wire_len: bytes,
    }
}

/// A connection and the time of its last packet.
#[derive(Default)]
struct Trace {
    flow: TcpFlow,
    last: Option<Seen>,
}

impl Trace {
    fn packet(&mut self, side: Side, millis: u32, tcp: &TcpView<'_>) -> Effect {
        let seen = at(millis);
        let silence = self
            .last
            .map_or(Duration::ZERO, |last| seen.at.since(last.at));
        self.last = Some(seen);
        let wire = Wire {
            ttl: 60,
            ip_id: Some(7),
            ip_header_bytes: 20,
        };
        self.flow.segment(side, tcp, wire, seen, silence)
    }

    fn client(&mut self, millis: u32, flags: u8, seq: u32, ack: u32, bytes: u32) -> Effect {
        self.packet(Side::Client, millis, &segment(flags, seq, ack, bytes))
    }

    fn server(&mut self, millis: u32, flags: u8, seq: u32, ack: u32, bytes: u32) -> Effect {
        self.packet(Side::Server, millis, &segment(flags, seq, ack, bytes))
    }

    /// SYN 1000 at 0 ms, SYN-ACK 5000 at 20 ms, ACK at 40 ms.
    fn established() -> Self {
        let mut trace = Self::default();
        trace.client(0, SYN, 1000, 0, 0);
        trace.server(20, SYN | ACK, 5000, 1001, 0);
        trace.client(40, ACK, 1001, 5001, 0);
        trace
    }

    fn only_reset(&self) -> Reset {
        let resets = &self.flow.closing.as_ref().unwrap().resets;
        assert_eq!(resets.len(), 1);
        resets[0]
    }
}

#[test]
fn a_handshake_tells_connect_time_and_round_trip() {
    let trace = Trace::established();
    assert_eq!(trace.flow.opening.established, Some(at(40)));
    assert_eq!(trace.flow.connect_time(), Some(Duration::from_millis(20)));
    assert_eq!(trace.flow.round_trip(), Duration::from_millis(40));
    assert!(!trace.flow.half.client.outstanding() && !trace.flow.half.server.outstanding());
}

#[test]
fn a_handshake_whose_numbers_wrap_is_a_handshake() {
    let mut trace = Trace::default();
    trace.client(0, SYN, u32::MAX, 0, 0);
    trace.server(20, SYN | ACK, u32::MAX, 0, 0);
    trace.client(40, ACK, 0, 0, 0);
    assert_eq!(trace.flow.opening.established, Some(at(40)));
    let effect = trace.client(50, PSH | ACK, 0, 0, 300);
    assert_eq!((effect.arrival, effect.payload_seq), (Arrival::New, Seq(0)));
    let effect = trace.server(70, ACK, 0, 300, 0);
    assert_eq!(effect.acknowledged, Some(Seq(300)));
}

#[test]
fn connect_time_runs_from_the_syn_that_was_answered() {
    let mut trace = Trace::default();
    for millis in [0, 1000, 3000] {
        trace.client(millis, SYN, 1000, 0, 0);
    }
    trace.server(3020, SYN | ACK, 5000, 1001, 0);
    assert_eq!(trace.flow.opening.syn.as_ref().unwrap().sightings.count, 3);
    assert_eq!(trace.flow.connect_time(), Some(Duration::from_millis(20)));
    assert_eq!(trace.flow.half.client.retransmissions, 0);
    // Also of many, and when the answer does not arrive and more follow.
    let mut trace = Trace::default();
    for millis in [0, 1000, 3000, 7000, 15_000] {
        trace.client(millis, SYN, 1000, 0, 0);
    }
    trace.server(15_020, SYN | ACK, 5000, 1001, 0);
    trace.client(31_000, SYN, 1000, 0, 0);
    assert_eq!(trace.flow.connect_time(), Some(Duration::from_millis(20)));
}

#[test]
fn an_answer_that_never_arrives_leaves_the_connection_half_open() {
    let mut trace = Trace::default();
    trace.client(0, SYN, 1000, 0, 0);
    trace.server(20, SYN | ACK, 5000, 1001, 0);
    trace.client(1000, SYN, 1000, 0, 0);
    trace.server(1020, SYN | ACK, 5000, 1001, 0);
    let opening = &trace.flow.opening;
    assert_eq!(opening.syn_ack.as_ref().unwrap().sightings.count, 2);
    assert_eq!(opening.established, None);
    assert_eq!(trace.flow.round_trip(), UNKNOWN_ROUND_TRIP);
}

#[test]
fn the_first_byte_is_the_first_new_payload_of_each_end() {
    let mut trace = Trace::established();
    trace.client(50, PSH | ACK, 1001, 5001, 500);
    trace.server(70, ACK, 5001, 1501, 0);
    trace.server(95, PSH | ACK, 5001, 1501, 100);
    trace.server(96, PSH | ACK, 5101, 1501, 100);
    assert_eq!(trace.flow.half.client.first_payload, Some(at(50)));
    assert_eq!(trace.flow.half.server.first_payload, Some(at(95)));
    assert_eq!(trace.flow.half.server.last_payload, at(96));
}

#[test]
fn fast_open_data_counts_once_it_is_acknowledged() {
    let mut trace = Trace::default();
    let syn = trace.client(0, SYN, 1000, 0, 200);
    assert_eq!((syn.arrival, syn.payload_seq), (Arrival::New, Seq(1001)));
    assert_eq!(trace.flow.opening.syn.as_ref().unwrap().data_bytes, 200);
    let answer = trace.server(20, SYN | ACK, 5000, 1201, 0);
    assert_eq!(answer.acknowledged, Some(Seq(1201)));
    assert!(!trace.flow.half.client.outstanding());
}

#[test]
fn fast_open_data_that_was_not_taken_is_sent_again() {
    let mut trace = Trace::default();
    trace.client(0, SYN, 1000, 0, 200);
    // The same attempt without the data, then an answer to the SYN alone.
    trace.client(1000, SYN, 1000, 0, 0);
    assert_eq!(trace.flow.opening.syn.as_ref().unwrap().sightings.count, 2);
    let answer = trace.server(1020, SYN | ACK, 5000, 1001, 0);
    assert_eq!(answer.acknowledged, None);
    let again = trace.client(1040, PSH | ACK, 1001, 5001, 200);
    assert_eq!(again.arrival, Arrival::Retransmission);
    assert_eq!(trace.flow.half.client.new_bytes, 200);
}

#[test]
fn a_refusal_acknowledges_just_the_syn() {
    for (bytes, ack, answers) in [
        (0, 1001, true),
        (0, 1002, false),
        (0, 0, false),
        (200, 1001, true),
        (200, 1201, true),
        (200, 1202, false),
    ] {
        let mut trace = Trace::default();
        trace.client(0, SYN, 1000, 0, bytes);
        trace.server(20, RST | ACK, 0, ack, 0);
        assert_eq!(trace.only_reset().answers_syn, answers, "{bytes} {ack}");
    }
    // Behind a SYN-ACK it is no answer to the SYN any more.
    let mut trace = Trace::established();
    trace.server(60, RST | ACK, 5001, 1001, 0);
    assert!(!trace.only_reset().answers_syn && trace.only_reset().established);
}

#[test]
fn a_reset_keeps_the_state_that_it_met() {
    let mut trace = Trace::established();
    trace.client(50, PSH | ACK, 1001, 5001, 500);
    trace.server(70, ACK, 5001, 1501, 0);
    trace.server(270, RST, 5001, 0, 0);
    let reset = trace.only_reset();
    assert_eq!(
        (reset.from, reset.seq, reset.ack),
        (Side::Server, Seq(5001), None)
    );
    assert_eq!((reset.ttl, reset.ip_id), (60, Some(7)));
    assert_eq!((reset.expected, reset.acknowledged), (Seq(5001), Seq(5001)));
    assert!(reset.client_waits && !reset.server_mid_burst);
    assert_eq!(reset.silence, Duration::from_millis(200));
    assert_eq!(reset.fins, Both::default());
}

#[test]
fn a_reset_in_the_middle_of_a_burst_or_after_both_fins_is_told_apart() {
    let mut trace = Trace::established();
    trace.client(50, PSH | ACK, 1001, 5001, 500);
    trace.server(70, ACK, 5001, 1501, 1460);
    trace.server(71, RST, 6461, 0, 0);
    let reset = trace.only_reset();
    assert!(reset.server_mid_burst && !reset.client_waits);

    let mut trace = Trace::established();
    trace.server(50, FIN | ACK, 5001, 1001, 0);
    trace.client(60, FIN | ACK, 1001, 5002, 0);
    trace.client(70, RST, 1002, 0, 0);
    let both = Both {
        client: true,
        server: true,
    };
    assert_eq!(trace.only_reset().fins, both);
    assert_eq!(trace.flow.first_fin(), Some((Side::Server, at(50))));
}

#[test]
fn server_data_later_than_a_round_trip_after_its_reset_is_noticed() {
    for (millis, noticed) in [(120, false), (140, false), (141, true)] {
        let mut trace = Trace::established();
        trace.server(100, RST, 5001, 0, 0);
        trace.server(millis, PSH | ACK, 5001, 1001, 100);
        assert_eq!(trace.only_reset().went_on.is_some(), noticed, "{millis}");
    }
    // Bytes below the number of the RST may be a late retransmission.
    let mut trace = Trace::established();
    trace.server(60, PSH | ACK, 5001, 1001, 100);
    trace.server(100, RST, 5101, 0, 0);
    trace.server(300, PSH | ACK, 5001, 1001, 100);
    assert_eq!(trace.only_reset().went_on, None);
}

#[test]
fn a_receiver_that_goes_on_has_refused_the_reset() {
    let mut trace = Trace::established();
    trace.server(100, RST, 9999, 0, 0);
    trace.server(200, PSH | ACK, 5001, 1001, 100);
    assert_eq!(trace.only_reset().refused, None);
    trace.client(220, ACK, 1001, 5101, 0);
    assert_eq!(trace.only_reset().refused, Some(at(220)));
}

#[test]
fn resets_are_kept_up_to_a_bound_and_all_are_counted() {
    let mut trace = Trace::established();
    for n in 0..20 {
        trace.server(100 + n, RST, 5001 + n, 0, 0);
    }
    let closing = trace.flow.closing.unwrap();
    assert_eq!((closing.resets.len(), closing.total), (8, 20));
    assert_eq!(closing.resets[0].seen, at(100));
}

#[test]
fn a_connection_joined_midstream_is_followed_from_what_is_seen() {
    let mut trace = Trace::default();
    let first = trace.client(0, PSH | ACK, 0xffff_ff00, 700, 0x200);
    assert_eq!((first.arrival, first.acknowledged), (Arrival::New, None));
    let answer = trace.server(30, PSH | ACK, 700, 0x100, 50);
    assert_eq!(answer.arrival, Arrival::New);
    assert_eq!(answer.acknowledged, Some(Seq(0x100)));
    assert_eq!(trace.flow.opening.syn, None);
    assert_eq!(trace.flow.connect_time(), None);
    assert_eq!(trace.flow.round_trip(), UNKNOWN_ROUND_TRIP);
}

#[test]
fn one_direction_alone_tells_what_the_other_must_have_sent() {
    let mut trace = Trace::default();
    trace.client(0, SYN, 1000, 0, 0);
    trace.client(40, ACK, 1001, 5001, 0);
    trace.client(41, PSH | ACK, 1001, 5001, 500);
    let effect = trace.client(90, ACK, 1501, 6001, 0);
    assert_eq!(effect.acknowledged, Some(Seq(6001)));
    assert_eq!(trace.flow.opening.established, None);
    let server = &trace.flow.half.server;
    assert_eq!((server.next, server.first_payload), (Seq(6001), None));
}

#[test]
fn selective_acknowledgment_of_later_bytes_is_told_of_the_episode() {
    let mut trace = Trace::established();
    trace.client(50, ACK, 1001, 5001, 1460);
    trace.client(50, PSH | ACK, 2461, 5001, 100);
    trace.client(300, ACK, 1001, 5001, 1460);
    let episode = |trace: &Trace| trace.flow.half.client.episode().unwrap().clone();
    assert!(!episode(&trace).sacked);
    // No-operation twice, then one block: 2461 to 2561.
    let mut sack = vec![1, 1, 5, 10];
    sack.extend(2461u32.to_be_bytes());
    sack.extend(2561u32.to_be_bytes());
    let answer = TcpView {
        options: &sack,
        ..segment(ACK, 5001, 1001, 0)
    };
    trace.packet(Side::Server, 320, &answer);
    assert!(episode(&trace).sacked);
}

#[test]
fn a_super_frame_is_several_packets_of_the_peers_segment_size() {
    let mut trace = Trace::default();
    let syn = TcpView {
        options: MSS_1460,
        ..segment(SYN, 1000, 0, 0)
    };
    trace.packet(Side::Client, 0, &syn);
    trace.server(20, SYN | ACK, 5000, 1001, 0);
    trace.client(40, ACK, 1001, 5001, 0);
    let effect = trace.server(60, PSH | ACK, 5001, 1001, 64_000);
    assert_eq!(effect.packet_bytes, 20 + 20 + 1460);
    assert_eq!(trace.flow.half.server.new_bytes, 64_000);
    // Without the option, the peer takes 536 bytes (RFC 9293 section 3.7.1).
    assert_eq!(trace.client(70, ACK, 1001, 5001, 2000).packet_bytes, 576);
}

#[test]
fn a_window_is_closed_at_zero_whatever_its_scale() {
    let mut trace = Trace::established();
    let window = |window| TcpView {
        window,
        ..segment(ACK, 1001, 5001, 0)
    };
    trace.packet(Side::Client, 100, &window(1));
    assert!(!trace.flow.half.client.window_closed);
    trace.packet(Side::Client, 200, &window(0));
    let probe = trace.server(5000, ACK, 5001, 1001, 1);
    assert_eq!(probe.arrival, Arrival::WindowProbe);
    trace.packet(Side::Client, 5001, &window(0));
    let closed = trace.flow.half.client.trouble().window.clone().unwrap();
    assert_eq!(closed.span(), Duration::from_millis(4801));
}

#[test]
fn a_multipath_subflow_names_its_connection() {
    let join = [30, 12, 0x10, 3, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 1];
    let capable = [30, 4, 0x01, 0x81];
    for (options, token) in [(&join[..], Some(0xdead_beef)), (&capable[..], None)] {
        let mut trace = Trace::default();
        let syn = TcpView {
            options,
            ..segment(SYN, 1000, 0, 0)
        };
        trace.packet(Side::Client, 0, &syn);
        // Repeated without the option, it is the same attempt.
        trace.client(1000, SYN, 1000, 0, 0);
        let syn = trace.flow.opening.syn.as_ref().unwrap();
        assert_eq!((syn.joins(), syn.sightings.count), (token, 2));
    }
}
