//! Subflows of Multipath TCP connections: judged, but no attempts of their own.
//!
//! Input: all subjects of a capture in time order. Output: a SYN with `MP_JOIN` makes its flow a subflow, named and owned
//! like the connection it joins. That one is told by its token where the server's key was seen, else by the addresses.
//! RFC 8684 sections 3.1, 3.2; RFC 6824 for version 0.

use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::subject::{Standing, Subject};
use crate::flow::tcp::MultipathKey;

/// Marks the subflows and ties each to its connection.
pub fn mark(subjects: &mut [Subject<'_>]) {
    for at in 0..subjects.len() {
        let Some(token) = subjects.get(at).and_then(joins) else {
            continue;
        };
        let earlier = subjects.get(..at).unwrap_or_default();
        let parent = parent(earlier, token, subjects.get(at))
            .map(|parent| (parent.name.clone(), parent.requirement));
        let Some(subject) = subjects.get_mut(at) else {
            continue;
        };
        if subject.standing != Standing::Twin {
            subject.standing = Standing::Subflow;
        }
        if let Some((name, requirement)) = parent {
            subject.name = name;
            subject.requirement = requirement;
        }
    }
}

/// The token of the connection that this flow joins.
fn joins(subject: &Subject<'_>) -> Option<u32> {
    subject.conversation.tcp()?.opening.syn.as_ref()?.joins()
}

/// The connection with this token; if its keys were not seen, the latest one of the same device to the same server.
fn parent<'s, 'a>(
    earlier: &'s [Subject<'a>],
    token: u32,
    subflow: Option<&Subject<'_>>,
) -> Option<&'s Subject<'a>> {
    let firsts = || earlier.iter().rev().filter(|other| joins(other).is_none());
    firsts()
        .find(|other| own_token(other) == Some(token))
        .or_else(|| {
            let subflow = subflow?;
            firsts().find(|other| {
                own_token(other).is_none()
                    && other.device == subflow.device
                    && other.server() == subflow.server()
            })
        })
}

/// The token that subflows toward the server of this connection carry: made from the server's key.
fn own_token(subject: &Subject<'_>) -> Option<u32> {
    let key = subject
        .conversation
        .tcp()?
        .opening
        .syn_ack
        .as_ref()?
        .multipath_key()?;
    Some(token(key))
}

/// The first 32 bits of the key's hash.
fn token(MultipathKey { version, key }: MultipathKey) -> u32 {
    let key = key.to_be_bytes();
    let [a, b, c, d] = match version {
        0 => first_bytes(&Sha1::digest(key)),
        _ => first_bytes(&Sha256::digest(key)),
    };
    u32::from_be_bytes([a, b, c, d])
}

fn first_bytes(hash: &[u8]) -> [u8; 4] {
    hash.first_chunk().copied().unwrap_or_default()
}
