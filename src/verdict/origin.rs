//! Who sent a RST.
//!
//! A RST carries the address of the end it claims to come from, and anything on the path can write that address. Its
//! TTL, its sequence number and what the server does afterwards tell. Every answer names the sign that decided.
//! Weaver, Sommer, Paxson: Detecting Forged TCP Reset Packets, NDSS 2009.

use std::net::IpAddr;
use std::time::Duration;

use super::address::is_public;
use super::conversation::Conversation;
use super::outcome::Origin;
use super::ruling::Note;
use crate::capture::frame::Seen;
use crate::flow::TcpFlow;
use crate::flow::closing::{BEYOND_WINDOW, Reset};
use crate::flow::half::Half;
use crate::side::Side;

/// Routes change and differ by direction a little: a smaller TTL difference proves nothing.
const TTL_DIFFERENCE: u8 = 3;

/// IP-IDs further apart than this do not belong to one count within [`SAME_COUNT`].
const FAR_IP_ID: u16 = 4096;

/// A counter that a server shares among its connections may have moved anywhere after this time.
const SAME_COUNT: Duration = Duration::from_secs(1);

/// What a RST's origin was told by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// Who sent it.
    pub origin: Origin,
    /// The deciding sign, as the end of a sentence.
    pub sign: String,
    /// The frames of the sign.
    pub evidence: Vec<Note>,
}

/// TTLs that a packet from a device on the same network still has: initial values 255, 128 and 64, at most one hop.
#[must_use]
pub const fn is_local_ttl(ttl: u8) -> bool {
    matches!(ttl, 254 | 255 | 127 | 128 | 63 | 64)
}

/// Routers that a packet with this TTL passed, if it started at the nearest usual value.
#[must_use]
pub const fn hops(ttl: u8) -> u8 {
    match ttl {
        0..=64 => 64 - ttl,
        65..=128 => 128 - ttl,
        129..=255 => 255 - ttl,
    }
}

/// Who sent an ICMP error: the addressee itself, a device on the local network (a private address, or a TTL that is
/// not spent), or a router further on.
#[must_use]
pub fn of_error(from: IpAddr, ttl: u8, addressee: IpAddr, itself: Origin) -> Origin {
    if from == addressee {
        itself
    } else if !is_public(from) || is_local_ttl(ttl) {
        Origin::LocalNetwork
    } else {
        Origin::Middlebox
    }
}

/// Whether it is genuine, and the capture lacks bytes that its sender sent before it.
#[must_use]
pub fn shows_gap(conversation: &Conversation, tcp: &TcpFlow, reset: &Reset) -> bool {
    (reset.after_gap() || tcp.half[reset.from].has_holes())
        && matches!(
            of_reset(conversation, tcp, reset).origin,
            Origin::Server | Origin::Client
        )
}

/// Who sent a datagram in a server's name, by the TTL it arrived with.
#[must_use]
pub fn of_answer(server: IpAddr, ttl: u8) -> Origin {
    if is_public(server) && is_local_ttl(ttl) {
        Origin::LocalNetwork
    } else {
        Origin::Server
    }
}

/// Who sent this RST.
#[must_use]
pub fn of_reset(conversation: &Conversation, tcp: &TcpFlow, reset: &Reset) -> Attribution {
    match reset.from {
        Side::Server => from_server(conversation, tcp, reset),
        Side::Client => from_client(tcp, reset),
    }
}

fn from_server(conversation: &Conversation, tcp: &TcpFlow, reset: &Reset) -> Attribution {
    let server_ip = conversation.flow.endpoint(Side::Server).0;
    if let Some(answer) = local_answer(tcp, server_ip) {
        return answer;
    }
    if let Some(found) = data_goes_on(reset) {
        return found;
    }
    let server = &tcp.half.server;
    if server.ttl_max == 0 {
        return unanswered_syn(server_ip, reset);
    }
    ttl_differs(tcp, reset)
        .or_else(|| syn_ack_followed(tcp, reset))
        .or_else(|| strange_sequence(tcp, reset))
        .or_else(|| strange_ip_id(server, reset))
        .unwrap_or_else(|| Attribution {
            origin: Origin::Server,
            sign: format!(
                "its TTL {} is that of the server's other packets",
                reset.ttl
            ),
            evidence: vec![note(reset, format!("RST, TTL {}", reset.ttl))],
        })
}

fn from_client(tcp: &TcpFlow, reset: &Reset) -> Attribution {
    ttl_differs(tcp, reset).unwrap_or_else(|| Attribution {
        origin: Origin::Client,
        sign: "the client sent it".into(),
        evidence: vec![note(
            reset,
            format!("RST from the client, TTL {}", reset.ttl),
        )],
    })
}

fn note(reset: &Reset, text: String) -> Note {
    Note {
        seen: reset.seen,
        text: text.into(),
    }
}

/// The server's SYN-ACK arrives as from the local network: something there answers in a distant server's name.
fn local_answer(tcp: &TcpFlow, server_ip: IpAddr) -> Option<Attribution> {
    let syn_ack = tcp.opening.syn_ack.as_ref()?;
    answers_locally(tcp, server_ip).then(|| Attribution {
        origin: Origin::LocalNetwork,
        sign: format!(
            "already the SYN-ACK arrived with TTL {}: a device on the local network answers in the server's name",
            syn_ack.ttl
        ),
        evidence: vec![Note {
            seen: syn_ack.sightings.first(),
            text: format!("SYN-ACK of a public address with TTL {}", syn_ack.ttl).into(),
        }],
    })
}

/// Whether a public server's own SYN-ACK has the TTL of the local network.
#[must_use]
pub fn answers_locally(tcp: &TcpFlow, server_ip: IpAddr) -> bool {
    is_public(server_ip)
        && tcp
            .opening
            .syn_ack
            .as_ref()
            .is_some_and(|syn_ack| is_local_ttl(syn_ack.ttl))
}

/// The server goes on sending where "its" RST says it stopped.
fn data_goes_on(reset: &Reset) -> Option<Attribution> {
    let data = reset.went_on?;
    #[expect(clippy::cast_precision_loss, reason = "a display of milliseconds")]
    let later = data.at.since(reset.seen.at).as_micros() as f64 / 1000.0;
    Some(Attribution {
        origin: Origin::Middlebox,
        sign: format!(
            "the server's own data went on {later:.1} ms after the RST, which it cannot have sent"
        ),
        evidence: vec![
            note(reset, format!("RST, TTL {}", reset.ttl)),
            Note {
                seen: data,
                text: "server data at or beyond the RST's sequence number".into(),
            },
        ],
    })
}

/// No packet of the server to compare with: a distant one cannot arrive with an unspent TTL.
fn unanswered_syn(server_ip: IpAddr, reset: &Reset) -> Attribution {
    let local = is_public(server_ip) && is_local_ttl(reset.ttl);
    let (origin, sign) = if local {
        (
            Origin::LocalNetwork,
            format!(
                "its TTL {} says that it comes from the local network, not from a distant server",
                reset.ttl
            ),
        )
    } else {
        (
            Origin::Server,
            format!("its TTL {} fits a packet of the server itself", reset.ttl),
        )
    };
    Attribution {
        origin,
        sign,
        evidence: vec![note(reset, format!("RST, TTL {}", reset.ttl))],
    }
}

/// A packet of this end's own, to show beside a RST in its name.
fn own_packet(tcp: &TcpFlow, side: Side) -> Option<Seen> {
    let greeting = match side {
        Side::Client => &tcp.opening.syn,
        Side::Server => &tcp.opening.syn_ack,
    };
    let half = &tcp.half[side];
    greeting
        .as_ref()
        .filter(|greeting| (half.ttl_min..=half.ttl_max).contains(&greeting.ttl))
        .map(|greeting| greeting.sightings.first())
        .or(half.first_payload)
}

fn ttl_differs(tcp: &TcpFlow, reset: &Reset) -> Option<Attribution> {
    let half = &tcp.half[reset.from];
    let whose = match reset.from {
        Side::Client => "the client",
        Side::Server => "the server",
    };
    if half.ttl_max == 0 || !is_foreign_ttl(reset.ttl, (half.ttl_min, half.ttl_max)) {
        return None;
    }
    let own = ttls((half.ttl_min, half.ttl_max));
    Some(Attribution {
        origin: Origin::Middlebox,
        sign: format!(
            "the RST has TTL {}, {whose}'s own packets have {own}: it was sent {}",
            reset.ttl,
            distance(reset.ttl)
        ),
        evidence: own_packet(tcp, reset.from)
            .map(|seen| Note {
                seen,
                text: format!("{whose}'s own packets have TTL {own}").into(),
            })
            .into_iter()
            .chain([note(reset, format!("RST, TTL {}", reset.ttl))])
            .collect(),
    })
}

/// Whether a TTL is too far from the least and the most of an end's own packets to be one of them.
#[must_use]
pub fn is_foreign_ttl(ttl: u8, (least, most): (u8, u8)) -> bool {
    let below = least.saturating_sub(ttl);
    let above = ttl.saturating_sub(most);
    below.max(above) >= TTL_DIFFERENCE
}

/// The least and the most TTL, in words.
#[must_use]
pub fn ttls((least, most): (u8, u8)) -> String {
    if least == most {
        least.to_string()
    } else {
        format!("{least}–{most}")
    }
}

/// The server accepted the one SYN that "its" RST had refused.
fn syn_ack_followed(tcp: &TcpFlow, reset: &Reset) -> Option<Attribution> {
    let (syn, syn_ack) = (tcp.opening.syn.as_ref()?, tcp.opening.syn_ack.as_ref()?);
    let accepted = syn_ack.sightings.first();
    // A RST that follows the SYN-ACK's number came after it, whatever the order of the capture.
    let after = reset.seq == syn_ack.isn.plus(1);
    let both = reset.answers_syn && !after && syn.sightings.count == 1 && accepted > reset.seen;
    both.then(|| Attribution {
        origin: Origin::Middlebox,
        sign: "the server itself accepted the SYN, so it did not send the RST".into(),
        evidence: vec![
            note(reset, format!("RST, TTL {}", reset.ttl)),
            Note {
                seen: accepted,
                text: "SYN-ACK of the server, after the RST".into(),
            },
        ],
    })
}

/// An IP-ID far off the count that the server's packets follow. A kernel that has no socket (any more) answers with a
/// RST without ACK and an ID outside every count, and some leave 0: neither is a sign.
fn strange_ip_id(server: &Half, reset: &Reset) -> Option<Attribution> {
    let (last, seen) = server.ip_ids.last()?;
    let id = reset.ip_id.filter(|&id| id != 0)?;
    let ahead = id.wrapping_sub(last);
    let far = ahead.min(ahead.wrapping_neg()) > FAR_IP_ID;
    let lately = reset.seen.at.since(seen.at) <= SAME_COUNT;
    let live = reset.ack.is_some() && reset.established;
    (server.ip_ids.counts() && far && lately && live).then(|| Attribution {
        origin: Origin::Middlebox,
        sign: format!("its IP-ID {id} is far off the count that the server's packets follow ({last} just before)"),
        evidence: vec![
            Note {
                seen,
                text: format!("the server's last packet, IP-ID {last}").into(),
            },
            note(reset, format!("RST, IP-ID {id}")),
        ],
    })
}

/// How far away a packet with this TTL began, in words.
#[must_use]
pub fn distance(ttl: u8) -> String {
    match hops(ttl) {
        0 => "on this network segment".into(),
        1 => "1 hop away".into(),
        more => format!("{more} hops away"),
    }
}

/// A sequence number that the server's TCP would not use.
fn strange_sequence(tcp: &TcpFlow, reset: &Reset) -> Option<Attribution> {
    // In answer to a SYN it has no number of its own to compare with.
    if reset.answers_syn {
        return None;
    }
    // Counted in bytes sent, for sequence numbers come round again after 4 GiB.
    let sent = tcp.half.server.new_bytes.saturating_add(1);
    let before_start = tcp.opening.syn_ack.is_some()
        && u64::try_from(reset.expected.beyond(reset.seq)).is_ok_and(|back| back > sent + 1);
    let far_beyond = reset.seq.beyond(reset.expected) > BEYOND_WINDOW;
    let server = &tcp.half.server;
    let whole = tcp.opening.syn_ack.is_some()
        && !server.has_holes()
        && !server.escaped
        && server.uncaptured == 0;
    let volley = tcp
        .closing
        .as_ref()
        .is_some_and(|closing| is_volley(&closing.resets, whole));
    let sign = if before_start || far_beyond {
        "its sequence number lies outside the receive window"
    } else if volley {
        "several RSTs with different sequence numbers came, some beyond everything the server had sent"
    } else {
        return None;
    };
    Some(Attribution {
        origin: Origin::Middlebox,
        sign: sign.into(),
        evidence: vec![note(
            reset,
            format!("RST with sequence number {}", reset.seq.0),
        )],
    })
}

/// Several RSTs in the server's name with different numbers, one of them beyond everything that it had sent. A server
/// that aborts sends one RST with ACK, perhaps ahead of its last data, and then one without to each segment that still
/// comes, with that segment's acknowledgment number (RFC 9293 section 3.10.7.1): those two kinds are not compared.
/// And unless all that the server sent was captured (`whole`), the acknowledgments that were answered may be missing too.
fn is_volley(resets: &[Reset], whole: bool) -> bool {
    let of_server = |reset: &&Reset| reset.from == Side::Server && reset.established;
    resets
        .iter()
        .filter(of_server)
        .filter(|reset| reset.seq.is_after(reset.expected) && (whole || reset.ack.is_some()))
        .any(|beyond| {
            resets
                .iter()
                .filter(of_server)
                .any(|other| other.seq != beyond.seq && other.ack.is_some() == beyond.ack.is_some())
        })
}
