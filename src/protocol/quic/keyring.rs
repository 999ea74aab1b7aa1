//! The connection IDs of one conversation that give keys.
//!
//! Initials are opened with the keys of the connection ID that the client sent to first; a Retry gives another ID, and
//! with it other keys (RFC 9001 section 5.2), as does an attempt in another version. Bounds: [`MAX_KEY_IDS`],
//! [`MAX_OPENINGS`].

use super::bounds::{Bitten, Bound, MAX_KEY_IDS, MAX_OPENINGS};
use super::crypto::{KeyCache, Opened};
use super::packet::{ConnectionId, Packet};
use super::retry;
use crate::side::Side;

/// IDs whose keys opened an Initial of the client, in order of time.
#[derive(Debug, Default)]
pub(super) struct Keyring {
    ids: Vec<ConnectionId>,
    openings: u32,
}

/// By which keys an Initial was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// Keys that were not known before: the client began anew.
    Fresh,
    /// The newest.
    Newest,
    /// Those of an attempt that was given up.
    Older,
}

impl Keyring {
    /// The connection ID that the client first sent to.
    pub(super) fn first(&self) -> Option<ConnectionId> {
        self.ids.first().copied()
    }

    /// Whether this ID gave keys.
    pub(super) fn contains(&self, id: ConnectionId) -> bool {
        self.ids.contains(&id)
    }

    /// Opens an Initial with the keys known, newest first, and one of the client with those of its own destination too.
    /// `expected` is the number after the largest that this side has used so far.
    pub(super) fn open(
        &mut self,
        side: Side,
        packet: &Packet<'_>,
        expected: u64,
        (cache, bitten): (&mut KeyCache, &mut Bitten),
    ) -> Option<(Opened, By)> {
        for at in (0..self.ids.len()).rev() {
            let id = *self.ids.get(at)?;
            self.may_try(bitten)?;
            if let Some(opened) = cache.open(packet, side, id, expected) {
                let newest = at + 1 == self.ids.len();
                return Some((opened, if newest { By::Newest } else { By::Older }));
            }
        }
        let id = packet.destination;
        if side == Side::Server || self.contains(id) {
            return None;
        }
        self.may_try(bitten)?;
        let opened = cache.open(packet, side, id, expected)?;
        if self.ids.len() >= MAX_KEY_IDS {
            bitten.add(Bound::ConnectionIds);
            return None;
        }
        self.ids.push(id);
        Some((opened, By::Fresh))
    }

    /// Whether a Retry bears the tag that one of the IDs gives; `None` when that cannot be told, for no Initial of the
    /// client could be opened.
    pub(super) fn vouches_for(&mut self, retry: &Packet<'_>, bitten: &mut Bitten) -> Option<bool> {
        self.ids.first()?;
        for at in 0..self.ids.len() {
            let id = *self.ids.get(at)?;
            self.may_try(bitten)?;
            if retry::is_intact(retry, id) {
                return Some(true);
            }
        }
        Some(false)
    }

    fn may_try(&mut self, bitten: &mut Bitten) -> Option<()> {
        if self.openings >= MAX_OPENINGS {
            bitten.add(Bound::Openings);
            return None;
        }
        bitten.take_try()?;
        self.openings += 1;
        Some(())
    }
}
