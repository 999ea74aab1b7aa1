use std::collections::BTreeSet;

use super::*;

const HEADERS: [Header; 21] = [
    Header::Ethernet,
    Header::Vlan,
    Header::Llc,
    Header::Pppoe,
    Header::Ppp,
    Header::Mpls,
    Header::Cooked,
    Header::Nflog,
    Header::Loopback,
    Header::Pktap,
    Header::Radio,
    Header::Wireless,
    Header::Ip,
    Header::Ipv4,
    Header::Ipv6,
    Header::Extension,
    Header::Gre,
    Header::Tcp,
    Header::Udp,
    Header::Icmp,
    Header::Icmpv6,
];

const OTHERS: [DecodeError; 20] = [
    DecodeError::NotIp,
    DecodeError::NotData80211,
    DecodeError::Encrypted80211,
    DecodeError::Aggregate80211,
    DecodeError::Fragment80211,
    DecodeError::UnsupportedLinkType(LinkType(147)),
    DecodeError::BadIpv4HeaderLength,
    DecodeError::BadIpv4TotalLength,
    DecodeError::BadTcpDataOffset,
    DecodeError::BadUdpLength,
    DecodeError::BadNflogLength,
    DecodeError::BadPktapHeader,
    DecodeError::BadRadioHeader,
    DecodeError::BadIpVersion,
    DecodeError::BadFragmentLength,
    DecodeError::FragmentPastEnd,
    DecodeError::BadChecksum80211,
    DecodeError::TooManyLinkHeaders,
    DecodeError::TooManyExtensions,
    DecodeError::TooManyTunnels,
];

#[test]
fn every_cause_has_its_own_kebab_case_reason() {
    let all: Vec<DecodeError> = HEADERS
        .iter()
        .map(|&header| DecodeError::Truncated(header))
        .chain(OTHERS)
        .collect();
    let reasons: BTreeSet<&str> = all.iter().map(|error| error.reason()).collect();
    assert_eq!(reasons.len(), all.len());
    for reason in reasons {
        assert!(
            reason.bytes().all(|byte| byte.is_ascii_lowercase()
                || byte.is_ascii_digit()
                || b"-.".contains(&byte)),
            "{reason}"
        );
    }
}

#[test]
fn an_unsupported_link_type_is_named_by_number() {
    let error = DecodeError::UnsupportedLinkType(LinkType(147));
    assert_eq!(error.to_string(), "unsupported-link-type 147");
    assert_eq!(error.class(), ErrorClass::Unsupported);
}

#[test]
fn healthy_frames_are_not_malformed() {
    for error in [
        DecodeError::NotIp,
        DecodeError::NotData80211,
        DecodeError::Encrypted80211,
        DecodeError::Aggregate80211,
        DecodeError::Fragment80211,
    ] {
        assert_eq!(error.class(), ErrorClass::Benign);
    }
    assert_eq!(
        DecodeError::Truncated(Header::Tcp).class(),
        ErrorClass::Malformed
    );
}

#[test]
fn an_error_fits_in_a_register() {
    assert!(size_of::<DecodeError>() <= 4);
}
