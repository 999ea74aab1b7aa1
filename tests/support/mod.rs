//! Packets built by hand and driven, with their times, into a `Monitor`: for what no real stack can be made to produce.
//!
//! A test reads like a trace: `trace.at(0.020, tcp.syn_ack())`. Times are seconds since [`START`], addresses are of the
//! documentation ranges (RFC 5737, RFC 3849), checksums are left zero (windfall does not verify them).
pub(crate) mod dns;
pub(crate) mod icmp;
pub(crate) mod mdns;
pub(crate) mod opening;
pub(crate) mod packet;
pub(crate) mod quic;
pub(crate) mod session;
pub(crate) mod tcp;
pub(crate) mod tls;
pub(crate) mod trace;

/// A device on the LAN.
pub(crate) const CLIENT: &str = "192.168.7.20";
/// Its MAC address.
pub(crate) const CLIENT_MAC: [u8; 6] = [2, 0, 0, 0, 7, 0x20];
/// A server of a required host, eight hops away.
pub(crate) const SERVER: &str = "203.0.113.10";
/// The gateway's MAC address: everything from outside carries it.
pub(crate) const GATEWAY_MAC: [u8; 6] = [2, 0, 0, 0, 7, 1];
/// The LAN's resolver.
pub(crate) const RESOLVER: &str = "192.168.7.1";
/// A host that the catalogue requires on 443/tcp.
pub(crate) const HOST: &str = "gs.apple.com";
