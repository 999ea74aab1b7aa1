//! Certificates that are not the host's.

use crate::support::opening::{
    about_to_wrap, answered, answered_on, evidence, flight_12, open, says, send,
};
use crate::support::tcp::{From, Tcp};
use crate::support::trace::verdict;
use crate::support::{CLIENT, SERVER, tls};

#[test]
fn a_certificate_from_no_issuer_of_apples_hosts_was_put_there_by_something_on_the_path() {
    let (trace, _) = answered_on(about_to_wrap(), &flight_12(&tls::INTERCEPTED));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "failed handshake tls-intercepted middlebox");
    assert!(says(&flow, "not a proof") && says(&flow, "issued by"));
    assert!(evidence(&flow)[0].1.contains("issued by"));
    assert!(flow.tls.unwrap().certificate.is_some());
}

#[test]
fn an_intercepted_handshake_stays_so_though_data_flowed() {
    let (mut trace, mut tcp) = answered(&flight_12(&tls::INTERCEPTED));
    let finished = [tls::change_cipher_spec(), tls::encrypted_handshake()].concat();
    let client = [tls::client_key_exchange(), finished.clone()].concat();
    send(&mut trace, 0.07, &mut tcp, From::Client, &client);
    send(&mut trace, 0.09, &mut tcp, From::Server, &finished);
    send(
        &mut trace,
        0.1,
        &mut tcp,
        From::Client,
        &tls::application(300),
    );
    send(
        &mut trace,
        0.12,
        &mut tcp,
        From::Server,
        &tls::application(900),
    );
    assert_eq!(
        verdict(&trace.flow()),
        "failed handshake tls-intercepted middlebox"
    );
}

#[test]
fn a_transparent_proxy_on_the_local_network_intercepts() {
    let mut tcp = Tcp::new(50_000);
    tcp.server_ttl = 64;
    let (trace, _) = answered_on(tcp, &flight_12(&tls::INTERCEPTED));
    assert_eq!(
        verdict(&trace.flow()),
        "failed handshake tls-intercepted local-network"
    );
}

#[test]
fn a_certificate_of_another_name_is_not_the_hosts_whoever_issued_it() {
    let (mut trace, mut tcp) = open(Tcp::new(50_000));
    let hello = tls::client_hello("albert.apple.com");
    send(&mut trace, 0.03, &mut tcp, From::Client, &hello);
    let flight = flight_12(&tls::GENUINE);
    send(&mut trace, 0.05, &mut tcp, From::Server, &flight);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "failed handshake tls-intercepted middlebox");
    assert!(says(&flow, "does not cover albert.apple.com"));
}

#[test]
fn the_hosts_own_certificate_is_no_interception_nor_is_any_certificate_of_a_host_not_required() {
    let (trace, _) = answered(&flight_12(&tls::GENUINE));
    assert_eq!(verdict(&trace.flow()), "pending handshake");
    let (mut trace, mut tcp) = open(Tcp::between((CLIENT, 50_000), (SERVER, 443)));
    let hello = tls::client_hello("www.example.net");
    send(&mut trace, 0.03, &mut tcp, From::Client, &hello);
    let flight = flight_12(&tls::INTERCEPTED);
    send(&mut trace, 0.05, &mut tcp, From::Server, &flight);
    assert_eq!(verdict(&trace.flow()), "pending handshake");
}

#[test]
fn a_certificate_of_which_the_capture_lacks_bytes_proves_nothing() {
    let flight = flight_12(&tls::INTERCEPTED);
    let (mut trace, mut tcp) = answered(&[]);
    trace.at(0.051, tcp.data(From::Server, &flight[..900]).snapped(300));
    trace.at(0.0511, tcp.data(From::Server, &flight[900..]));
    trace.at(0.0512, tcp.ack(From::Client));
    assert_ne!(
        verdict(&trace.flow()),
        "failed handshake tls-intercepted middlebox"
    );
}
