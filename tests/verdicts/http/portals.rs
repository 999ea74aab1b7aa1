//! Networks that answer in the host's place and want a login.

use super::{OCSP, asked, exchange, response};
use crate::support::tcp::From;
use crate::support::trace::{requirement, verdict};

const PROBE: &str = "captive.apple.com";
const SUCCESS: &str = "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>";
const LOGIN: &str = "<html><head><title>Welcome</title></head><body>Please sign in to use this network.</body></html>";

fn redirect(to: &str) -> Vec<u8> {
    response(302, &format!("Location: {to}\r\n"), "")
}

#[test]
fn a_redirect_to_a_foreign_host_is_a_captive_portal() {
    for target in [
        "http://login.hotel.example/?from=x",
        "https://10.0.0.1/login",
        "//portal.example/",
    ] {
        let trace = exchange(OCSP, &redirect(target));
        assert_eq!(
            verdict(&trace.flow()),
            "failed transfer captive-portal middlebox",
            "{target}"
        );
    }
}

#[test]
fn a_redirect_that_stays_with_the_owner_is_none() {
    for target in [
        "https://other.apple.com/",    // the last two labels are the same
        "https://ocsp.digicert.com/",  // another required host
        "/elsewhere",                  // the same host
        "HTTPS://OCSP.APPLE.COM:443/", // the same host, encrypted
    ] {
        let trace = exchange(OCSP, &redirect(target));
        assert_eq!(verdict(&trace.flow()), "succeeded transfer", "{target}");
    }
}

#[test]
fn a_redirect_of_a_host_that_nobody_requires_is_its_own_affair() {
    let trace = exchange("www.example.org", &redirect("http://www.example.net/"));
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn status_511_says_that_the_network_wants_a_login() {
    let trace = exchange(OCSP, &response(511, "", LOGIN));
    assert_eq!(
        verdict(&trace.flow()),
        "failed transfer captive-portal middlebox"
    );
    let requirement = requirement(&trace.summary(), OCSP);
    assert_eq!(requirement.status.to_string(), "failing");
}

#[test]
fn a_probe_page_without_the_word_is_a_captive_portal() {
    let trace = exchange(PROBE, &response(200, "", LOGIN));
    assert_eq!(
        verdict(&trace.flow()),
        "failed transfer captive-portal middlebox"
    );
}

#[test]
fn a_healthy_probe_page_is_none() {
    let trace = exchange(PROBE, &response(200, "", SUCCESS));
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn a_probe_page_of_which_the_capture_shows_too_little_is_none() {
    let whole = response(200, "", SUCCESS);
    let start = whole.len() - SUCCESS.len();
    // The capture ends before the word, or its snap length cut the frame there.
    for shown in [start + 1, start + 6, start + 18] {
        let (mut trace, mut tcp) = asked(PROBE);
        trace.at(0.08, tcp.data(From::Server, &whole[..shown]));
        assert_eq!(verdict(&trace.flow()), "succeeded transfer", "{shown}");
        let (mut trace, mut tcp) = asked(PROBE);
        trace.at(
            0.08,
            tcp.data(From::Server, &whole).snapped(14 + 40 + shown),
        );
        trace.at(0.081, tcp.ack(From::Client));
        assert_eq!(
            verdict(&trace.flow()),
            "succeeded transfer",
            "{shown} snapped"
        );
    }
}

#[test]
fn another_hosts_page_need_not_say_the_word() {
    let trace = exchange(OCSP, &response(200, "", LOGIN));
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}
