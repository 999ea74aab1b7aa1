//! Which way a frame of the evidence went.
//!
//! Input: its note and who ended the attempt. Output: from whom to whom, and whether it arrived. Evidence carries no
//! direction; its notes are the rules' own words, so they tell, or nothing is claimed.

use crate::verdict::outcome::Origin;

/// Where a frame came from and whether it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the client to the server.
    ToServer,
    /// From the client, and not answered or not acknowledged.
    ToServerLost,
    /// From the server to the client.
    ToClient,
    /// From the server, and not acknowledged.
    ToClientLost,
    /// From someone on the way.
    BetweenToClient,
    /// On the other side of the gateway, away from it.
    GatewayToServer,
    /// On the other side of the gateway, towards it, and no further.
    ServerToGateway,
    /// The note does not say.
    Untold,
}

/// How notes begin that are of the client's frames, and of the server's.
const FROM_CLIENT: &[&str] = &[
    "SYN",
    "ClientHello",
    "QUIC Initial",
    "question",
    "request",
    "CONNECT",
    "sent again",
    "what the client asked",
];
const FROM_SERVER: &[&str] = &[
    "SYN-ACK",
    "server",
    "the server's own",
    "answer",
    "truncated answer",
    "status",
    "reply",
    "certificate of",
    "kiss code",
    "result",
    "granted",
    "CONNECTION_CLOSE:",
];

/// Notes of what whoever ended it sent.
const FROM_ORIGIN: &[&str] = &["RST", "FIN", "fatal alert", "window"];

/// How notes begin that are of the other side of the gateway.
const LEFT_GATEWAY: &str = "the same connection on the other side";
const CAME_TO_GATEWAY: &str = "the server's packet on the other side";

/// What the note says of the frame's way; its words are those of the rules.
#[must_use]
pub fn way(note: &str, origin: Option<Origin>) -> Way {
    let lost = ["not answered", "not acknowledged"]
        .iter()
        .any(|words| note.contains(words));
    let starts = |words: &[&str]| words.iter().any(|word| note.starts_with(word));
    let names = |party: &str| {
        let words = [
            format!("from the {party}"),
            format!("of the {party}"),
            format!("the {party}'s certificate"),
        ];
        words.iter().any(|words| note.contains(words.as_str()))
    };
    let (of_client, of_server) = (names("client"), names("server"));
    if note.starts_with(LEFT_GATEWAY) {
        return Way::GatewayToServer;
    }
    if note.starts_with(CAME_TO_GATEWAY) {
        return Way::ServerToGateway;
    }
    if note.starts_with("ICMP") {
        return Way::BetweenToClient;
    }
    if starts(FROM_ORIGIN) && !of_client && !of_server {
        return match origin {
            Some(Origin::Client) => Way::ToServer,
            Some(Origin::Middlebox | Origin::LocalNetwork) => Way::BetweenToClient,
            Some(Origin::Server) => Way::ToClient,
            // A RST that the client sees came in the server's name at least.
            Some(Origin::Resolver | Origin::Unknown) | None if note.starts_with("RST") => {
                Way::ToClient
            }
            Some(Origin::Resolver | Origin::Unknown) | None => Way::Untold,
        };
    }
    match (
        of_server || starts(FROM_SERVER),
        of_client || starts(FROM_CLIENT),
        lost,
    ) {
        (true, _, false) => Way::ToClient,
        (true, _, true) => Way::ToClientLost,
        (false, true, false) => Way::ToServer,
        (false, true, true) => Way::ToServerLost,
        (false, false, _) => Way::Untold,
    }
}

/// What the note says besides the side of the gateway, where a lane shows that.
#[must_use]
pub fn beside_lane(note: &str) -> &str {
    let rest = [LEFT_GATEWAY, CAME_TO_GATEWAY]
        .into_iter()
        .find_map(|side| note.strip_prefix(side))
        .and_then(|rest| {
            rest.strip_prefix(": ")
                .or_else(|| rest.strip_prefix(", which "))
        });
    rest.unwrap_or(note)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The notes of the bundled captures.
    #[test]
    fn notes_say_which_way_their_frames_went() {
        use Origin::{Client, LocalNetwork, Middlebox, Server, Unknown};
        for (note, origin, told) in [
            ("SYN", None, Way::ToServer),
            ("SYN, not answered", Some(Unknown), Way::ToServerLost),
            (
                "SYN-ACK, not acknowledged",
                Some(Unknown),
                Way::ToClientLost,
            ),
            ("ClientHello", Some(Middlebox), Way::ToServer),
            (
                "sent again, not acknowledged",
                Some(Unknown),
                Way::ToServerLost,
            ),
            (
                "first handshake message of the server",
                Some(Unknown),
                Way::ToClient,
            ),
            (
                "end of the server's certificate flight",
                Some(Client),
                Way::ToClient,
            ),
            (
                "one short encrypted record of the client: an alert",
                Some(Client),
                Way::ToServer,
            ),
            ("fatal alert unknown_ca (48)", Some(Client), Way::ToServer),
            (
                "fatal alert handshake_failure (40)",
                Some(Server),
                Way::ToClient,
            ),
            ("FIN from the server", Some(Server), Way::ToClient),
            ("FIN", Some(Client), Way::ToServer),
            ("RST, TTL 64", Some(Middlebox), Way::BetweenToClient),
            ("RST, TTL 64", Some(LocalNetwork), Way::BetweenToClient),
            ("RST, TTL 52", Some(Server), Way::ToClient),
            ("RST, TTL 52", Some(Unknown), Way::ToClient),
            ("RST from the client", Some(Unknown), Way::ToServer),
            (
                "the server's own packets have TTL 52",
                Some(Middlebox),
                Way::ToClient,
            ),
            (
                "server data at or beyond the RST's sequence number",
                Some(Middlebox),
                Way::ToClient,
            ),
            ("status 407", Some(LocalNetwork), Way::ToClient),
            (
                "what the client asked of the proxy",
                Some(LocalNetwork),
                Way::ToServer,
            ),
            ("window 0", Some(Client), Way::ToServer),
            ("window 0", Some(Unknown), Way::Untold),
            (
                "ICMP type 3 code 13 from 192.168.7.1",
                Some(LocalNetwork),
                Way::BetweenToClient,
            ),
            ("question, not answered", None, Way::ToServerLost),
            ("answer: NXDOMAIN", None, Way::ToClient),
            ("reply, stratum 2", None, Way::ToClient),
            (
                "kiss code RATE (too many requests)",
                Some(Server),
                Way::ToClient,
            ),
            ("last progress", Some(Unknown), Way::Untold),
            (
                "the same bytes again, not acknowledged",
                Some(Unknown),
                Way::Untold,
            ),
            (
                "DNS gave 192.0.2.39 for albert.apple.com",
                Some(Unknown),
                Way::Untold,
            ),
        ] {
            assert_eq!(way(note, origin), told, "{note}");
        }
    }

    #[test]
    fn notes_of_the_other_side_tell_the_gateway_apart() {
        let unknown = Some(Origin::Unknown);
        for (note, told) in [
            (
                "the same connection on the other side: it left the gateway",
                Way::GatewayToServer,
            ),
            (
                "the server's packet on the other side, which never came here",
                Way::ServerToGateway,
            ),
            (
                "another connection from this side, leaving on the other: what leaves is captured there",
                Way::Untold,
            ),
        ] {
            assert_eq!(way(note, unknown), told, "{note}");
        }
    }

    #[test]
    fn a_lane_says_the_side_so_that_the_note_need_not() {
        for (note, rest) in [
            (
                "the same connection on the other side: it left the gateway",
                "it left the gateway",
            ),
            (
                "the server's packet on the other side, which never came here",
                "never came here",
            ),
            (
                "another connection from this side, leaving on the other: what leaves is captured there",
                "another connection from this side, leaving on the other: what leaves is captured there",
            ),
            ("SYN, not answered", "SYN, not answered"),
        ] {
            assert_eq!(beside_lane(note), rest);
        }
    }
}
