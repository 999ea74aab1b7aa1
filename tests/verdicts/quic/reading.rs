//! What a report says of a QUIC flow: its name, protocols and version, however its hello came.

use windfall::verdict::outcome::App;
use windfall::verdict::summary::Flow;

use super::{answer, finished, flight, hello, works};
use crate::support::quic::{
    DRAFT_29, FULL, PING, Quic, V2, client_hello, crypto, large_client_hello, server_hello,
};
use crate::support::tcp::From;
use crate::support::trace::{Trace, verdict};
use crate::support::{HOST, tls};

fn name(flow: &Flow) -> String {
    flow.name.as_ref().map_or("none".into(), |name| {
        format!("{} ({})", name.host, name.source)
    })
}

const NAMED: &str = "gs.apple.com (quic-sni)";

#[test]
fn name_protocols_version_and_time_are_told() {
    let mut trace = Trace::new();
    works(&mut trace, 0.0, &mut Quic::new(50_000), HOST);
    let flow = trace.flow();
    assert_eq!(flow.app, App::Quic);
    assert_eq!(name(&flow), NAMED);
    let tls = flow.tls.unwrap();
    assert_eq!(tls.version.as_deref(), Some("1.3"));
    assert_eq!(tls.alpn, None, "what was chosen is encrypted");
    assert_eq!(tls.alpn_offered, ["h3"]);
    assert!(!tls.ech);
    assert_eq!(tls.hello_segments, Some(1));
    assert_eq!(flow.rtt_ms.handshake, Some(50.0));
    assert!(!flow.midstream);
}

#[test]
fn version_2_and_the_last_drafts_are_read_as_well() {
    for version in [V2, DRAFT_29] {
        let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
        quic.version = version;
        works(&mut trace, 0.0, &mut quic, HOST);
        let flow = trace.flow();
        assert_eq!(name(&flow), NAMED, "{version:x}");
        assert_eq!(verdict(&flow), "succeeded transfer");
    }
}

#[test]
fn the_fixed_bit_may_be_cleared() {
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    quic.greased = true;
    works(&mut trace, 0.0, &mut quic, HOST);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert_eq!(flow.tls.unwrap().version.as_deref(), Some("1.3"));
}

#[test]
fn a_hello_of_several_initials_is_put_together_in_any_order() {
    let whole = large_client_hello(HOST, 2600);
    let pieces = [(0, 900), (900, 2000), (1900, whole.len())];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
        let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
        for (at, piece) in (0u32..).zip(order) {
            let (from, to) = pieces[piece];
            let packet = quic.initial(From::Client, &crypto(from, &whole[from..to]));
            trace.at(f64::from(at) * 1e-4, quic.datagram(From::Client, &[packet]));
        }
        let flow = trace.flow();
        assert_eq!(name(&flow), NAMED, "{order:?}");
        assert_eq!(flow.tls.unwrap().hello_segments, Some(3));
    }
}

#[test]
fn a_hello_cut_to_pieces_within_one_initial_is_put_together() {
    // As browsers do it: many frames, out of order, with PING and PADDING between them.
    let whole = client_hello(HOST);
    let mut frames = Vec::new();
    for (at, piece) in whole
        .chunks(7)
        .enumerate()
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
    {
        frames.extend(crypto(at * 7, piece));
        frames.extend(PING);
        frames.extend([0; 3]);
    }
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    let packet = quic.initial(From::Client, &frames);
    trace.at(0.0, quic.datagram(From::Client, &[packet]));
    assert_eq!(name(&trace.flow()), NAMED);
}

#[test]
fn a_hello_of_which_the_end_is_missing_still_gives_its_name() {
    let whole = large_client_hello(HOST, 2600);
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    let packet = quic.initial(From::Client, &crypto(0, &whole[..900]));
    trace.at(0.0, quic.datagram(From::Client, &[packet]));
    let flow = trace.flow();
    assert_eq!(name(&flow), NAMED);
    assert_eq!(flow.tls.unwrap().hello_segments, None);
}

#[test]
fn an_encrypted_hello_keeps_its_outer_name_and_is_marked() {
    let outer = &tls::encrypted_client_hello("front.example")[5..];
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    let packet = quic.initial(From::Client, &crypto(0, outer));
    trace.at(0.0, quic.datagram(From::Client, &[packet]));
    let flow = trace.flow();
    assert_eq!(name(&flow), "front.example (quic-sni)");
    assert!(flow.tls.unwrap().ech);
}

#[test]
fn a_retry_changes_id_and_keys_and_nothing_else() {
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    trace.at(0.0, hello(&mut quic, HOST));
    let retry = quic.retry(b"a token of some length");
    trace.at(0.02, quic.datagram(From::Server, &[retry]));
    trace.at(0.03, hello(&mut quic, HOST));
    trace.at(0.05, flight(&mut quic));
    trace.at(0.06, finished(&mut quic));
    trace.at(0.08, answer(&quic));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert_eq!(flow.tls.unwrap().version.as_deref(), Some("1.3"));
}

#[test]
fn a_retry_that_the_capture_misses_is_told_by_its_keys() {
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    // The first flight is unreadable here, and the Retry lost.
    trace.at(0.0, hello(&mut quic, HOST).snapped(200));
    let _lost = quic.retry(b"token");
    trace.at(0.03, hello(&mut quic, HOST));
    trace.at(0.05, flight(&mut quic));
    let flow = trace.flow();
    assert_eq!(name(&flow), NAMED);
    assert_eq!(flow.tls.unwrap().version.as_deref(), Some("1.3"));
}

#[test]
fn a_version_that_the_server_refuses_is_followed_by_one_that_it_speaks() {
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    quic.version = V2;
    trace.at(0.0, hello(&mut quic, HOST));
    trace.at(
        0.02,
        quic.datagram(From::Server, &[quic.version_negotiation(&[1, 0x1a2a_3a4a])]),
    );
    quic.version = 1;
    quic.made_up = vec![0xd1; 12];
    works(&mut trace, 0.03, &mut quic, HOST);
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn a_server_may_answer_in_another_version_at_once() {
    // Compatible version negotiation (RFC 9368): the keys follow from the same ID.
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    trace.at(0.0, hello(&mut quic, HOST));
    quic.version = V2;
    trace.at(0.02, flight(&mut quic));
    assert_eq!(trace.flow().tls.unwrap().version.as_deref(), Some("1.3"));
}

#[test]
fn a_retry_of_the_hello_is_not_the_server_hello() {
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    trace.at(0.0, hello(&mut quic, HOST));
    let retry = &tls::hello_retry_request()[5..];
    let packet = quic.initial(From::Server, &crypto(0, retry));
    trace.at(0.02, quic.datagram(From::Server, &[packet]));
    assert_eq!(trace.flow().tls.unwrap().version, None);
    let packet = quic.initial(From::Server, &crypto(retry.len(), &server_hello()));
    trace.at(0.06, quic.datagram(From::Server, &[packet]));
    assert_eq!(trace.flow().tls.unwrap().version.as_deref(), Some("1.3"));
}

#[test]
fn early_data_beside_the_hello_is_no_obstacle() {
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    let early = quic.early_data(600);
    trace.at(
        0.0,
        quic.datagram(From::Client, std::slice::from_ref(&early)),
    );
    let initial = quic.initial_of(From::Client, &crypto(0, &client_hello(HOST)), 500);
    trace.at(0.0001, quic.datagram(From::Client, &[initial, early]));
    trace.at(0.02, flight(&mut quic));
    let flow = trace.flow();
    assert_eq!(name(&flow), NAMED);
    assert!(!flow.midstream);
}

#[test]
fn older_drafts_and_googles_own_are_quic_without_a_name() {
    let header = |version: [u8; 4]| {
        let mut packet = vec![0xc3];
        packet.extend(version);
        packet.extend([8, 1, 2, 3, 4, 5, 6, 7, 8, 0]);
        packet.resize(FULL, 0xa5);
        packet
    };
    let mut public_header = vec![0x0d, 1, 2, 3, 4, 5, 6, 7, 8];
    public_header.extend(b"Q043");
    public_header.resize(FULL, 0xa5);
    let datagrams = [
        header([0xff, 0, 0, 27]),
        header(*b"Q046"),
        header(*b"Q050"),
        header(*b"T051"),
        header([0xfa, 0xce, 0xb0, 0x02]),
        header([0x1a, 0x2a, 0x3a, 0x4a]),
        public_header,
    ];
    for datagram in datagrams {
        let mut trace = Trace::new();
        let quic = Quic::new(50_000);
        trace.at(
            0.0,
            quic.datagram(From::Client, std::slice::from_ref(&datagram)),
        );
        let flow = trace.flow();
        assert_eq!(flow.app, App::Quic, "{:x?}", &datagram[..13]);
        assert_eq!(name(&flow), "none");
    }
}

#[test]
fn other_protocols_on_the_port_are_not_quic() {
    let mut rtp = vec![0x80, 0x60, 0, 1, 0, 0, 0, 1];
    rtp.resize(FULL, 0xa5);
    let mut silence = vec![0x80, 0, 0, 0, 0, 0, 0, 0];
    silence.resize(172, 0xff);
    let dtls = [&[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40][..], &[1; 40]].concat();
    let stun = [&[0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42][..], &[7; 20]].concat();
    let mut short_id = vec![0xc3, 0, 0, 0, 1, 21];
    short_id.resize(FULL, 1);
    for datagram in [rtp, silence, dtls, stun, short_id, Vec::new(), vec![0xc3]] {
        let mut trace = Trace::new();
        let quic = Quic::new(50_000);
        trace.at(
            0.0,
            quic.datagram(From::Client, std::slice::from_ref(&datagram)),
        );
        assert_eq!(trace.flow().app, App::Unknown, "{datagram:x?}");
    }
}

#[test]
fn the_port_does_not_matter() {
    let mut trace = Trace::new();
    // The server's port is the higher one: who sends the Initial is the client.
    let mut quic = Quic::between((crate::support::CLIENT, 40_000), ("198.51.100.7", 50_443));
    works(&mut trace, 0.0, &mut quic, "www.example.org");
    let flow = trace.flow();
    assert_eq!((flow.client.port, flow.server.port), (40_000, 50_443));
    assert_eq!(verdict(&flow), "succeeded transfer");
}
