//! QUIC connections that go on from another address or port of the client: migration, or a NAT that forgot.
//!
//! Input: all subjects of a capture in time order. Output: a flow that looks joined midstream is tied to the connection
//! whose ends had asked for the connection IDs that its packets carry; it takes that one's name and is unjudged. A
//! client that migrates on purpose changes to an ID that only encrypted packets told, and cannot be tied. RFC 9000
//! sections 5.1 and 9.

use std::net::IpAddr;

use foldhash::HashMap;

use super::conversation::Talk;
use super::outcome::Stage;
use super::ruling::Ruling;
use super::subject::Subject;
use crate::protocol::quic::{ConnectionId, MAX_ID_BYTES};
use crate::side::Side;

/// Shorter IDs are too likely to be met by chance.
const MIN_ID_BYTES: usize = 4;

/// Ties flows that were joined midstream to the connection that they go on with.
pub fn tie(subjects: &mut [Subject<'_>]) {
    // By the server, and the ID that this side of the connection had asked to be sent to.
    let mut begun: HashMap<((IpAddr, u16), Side, ConnectionId), usize> = HashMap::default();
    for at in 0..subjects.len() {
        let Some(subject) = subjects.get(at) else {
            continue;
        };
        match &subject.conversation.talk {
            Talk::Quic(session) => {
                for side in [Side::Client, Side::Server] {
                    if let Some(id) = session.id_of(side)
                        && id.as_bytes().len() >= MIN_ID_BYTES
                    {
                        begun.entry((subject.server(), side, id)).or_insert(at);
                    }
                }
            }
            Talk::Midway(starts) => {
                let server = subject.server();
                let origin = [Side::Client, Side::Server].into_iter().find_map(|from| {
                    let start = starts[from]?;
                    (MIN_ID_BYTES..=MAX_ID_BYTES)
                        .filter_map(|length| ConnectionId::new(start.as_bytes().get(..length)?))
                        .find_map(|id| begun.get(&(server, from.peer(), id)).copied())
                });
                if let Some(origin) = origin {
                    go_on(subjects, at, origin);
                }
            }
            _ => {}
        }
    }
}

/// The subject at `at` goes on with the connection of the one at `origin`.
fn go_on(subjects: &mut [Subject<'_>], at: usize, origin: usize) {
    let Some(first) = subjects.get(origin) else {
        return;
    };
    let (name, requirement) = (first.name.clone(), first.requirement);
    let (client, began) = (first.client(), first.conversation.flow.first);
    let Some(subject) = subjects.get_mut(at) else {
        return;
    };
    let own = subject.client();
    let why = if own == client {
        "a QUIC connection goes on after a long silence".to_owned()
    } else {
        format!(
            "a QUIC connection that {}:{} began goes on from here: the client changed its address or port, or a NAT did",
            client.0, client.1
        )
    };
    subject.name = name;
    subject.requirement = requirement;
    subject.ruling = Ruling::unjudged(Stage::Transfer, why)
        .with(began, "the connection's first packet")
        .with(
            subject.conversation.flow.first,
            "a packet with a connection ID that one of its ends had asked for",
        );
}
