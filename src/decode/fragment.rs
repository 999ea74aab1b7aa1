//! Putting fragmented IP datagrams together.
//!
//! Input: fragments with their capture times. Output: the datagram's payload, once all of it has come, in a buffer of
//! the caller. Overlapping fragments condemn their datagram, as no honest sender makes them (RFC 5722; also for IPv4);
//! exact copies are ignored (RFC 8200 4.5). Fragments that the capture cut shorten what is captured, not what travelled.
//! Everything held is bounded, by number, bytes and age; what is given up is counted. RFC 791 3.2, RFC 8200 4.5.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use super::cursor::Cursor;
use super::error::DecodeError;
use super::network::FragmentField;
use super::view::Vlans;
use crate::capture::frame::{InterfaceId, Timestamp};

/// Datagrams held at once. A busy resolver's fragmented answers are a handful at a time; and each fragment searches them
/// all, which this number keeps below the cost of a few packets.
pub(super) const MAX_DATAGRAMS: usize = 128;

/// Payload bytes held at once: 64 datagrams of the largest size, which is far more than is ever in flight.
pub(super) const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Fragments of one datagram: the largest one over a link of IPv6's smallest MTU (1,280) makes 54, and one over IPv4's
/// customary 576 makes 119.
pub(super) const MAX_PIECES: usize = 128;

/// How long, in capture time, a datagram waits for the rest of it: as long as Linux waits. RFC 8200 4.5 allows 60 s.
pub(super) const MAX_AGE: Duration = Duration::from_secs(30);

/// Length of the largest datagram's payload: both headers' length fields have 16 bits.
const MAX_DATAGRAM_BYTES: usize = 0xffff;

/// Buffers kept for the next datagrams, so that a steady trickle of fragments allocates nothing.
const SPARE_BUFFERS: usize = 4;

/// What became of fragments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FragmentCounts {
    /// Fragments seen.
    pub fragments: u64,
    /// Datagrams put together.
    pub reassembled: u64,
    /// Exact copies of a fragment that was already held.
    pub copies: u64,
    /// Datagrams condemned for overlapping fragments.
    pub overlapping: u64,
    /// Datagrams whose rest did not come within 30 s.
    pub expired: u64,
    /// Datagrams given up because a bound was hit: too many at once, too many bytes, or too many fragments.
    pub evicted: u64,
    /// Datagrams still waiting for the rest.
    pub waiting: u64,
}

/// Which datagram a fragment belongs to. Interface and VLANs belong to it because a packet seen on two of them is two
/// packets here, and because networks kept apart may use the same addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) interface: InterfaceId,
    pub(super) if_index: u32,
    pub(super) vlans: Vlans,
    pub(super) src: IpAddr,
    pub(super) dst: IpAddr,
    pub(super) id: u32,
    /// IPv4 numbers datagrams for each protocol apart; 0 for IPv6, whose later fragments may name another next header.
    pub(super) protocol: u8,
}

/// A datagram put together; its captured bytes are in the caller's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Joined {
    /// Protocol (next header) of its first fragment.
    pub(super) protocol: u8,
    /// Payload length on the wire.
    pub(super) wire_len: usize,
}

/// The datagrams that wait for fragments, oldest first.
#[derive(Debug, Default)]
pub(super) struct FragmentTable {
    datagrams: VecDeque<Datagram>,
    /// Sum of the datagrams' `data` lengths.
    bytes: usize,
    spares: Vec<Datagram>,
    counts: FragmentCounts,
}

#[derive(Debug)]
struct Datagram {
    key: Key,
    first_at: Timestamp,
    /// Of the first fragment, once it came.
    protocol: u8,
    /// Payload length on the wire, once the last fragment came.
    total_len: Option<usize>,
    /// Sum of the pieces' lengths on the wire.
    held_len: usize,
    /// Overlap or too many pieces: further fragments are thrown away.
    condemned: bool,
    /// By start; they do not overlap.
    pieces: Vec<Piece>,
    /// Captured bytes of the pieces, in order of arrival.
    data: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Offset in the datagram, and length on the wire.
    start: usize,
    wire_len: usize,
    /// Where its captured bytes are in `data`.
    data_start: usize,
    data_len: usize,
}

impl Piece {
    const fn end(self) -> usize {
        self.start + self.wire_len
    }

    fn bytes(self, data: &[u8]) -> &[u8] {
        data.get(self.data_start..)
            .and_then(|rest| rest.get(..self.data_len))
            .unwrap_or_default()
    }
}

/// What adding a piece came to.
enum Added {
    Waiting,
    Complete,
    Copy,
    Overlap,
    TooManyPieces,
}

impl FragmentTable {
    /// Adds a fragment; with the last one that was missing, fills `joined` with the datagram.
    ///
    /// # Errors
    /// A fragment whose length or place no datagram allows.
    pub(super) fn add(
        &mut self,
        key: Key,
        field: FragmentField,
        protocol: u8,
        payload: Cursor<'_>,
        at: Timestamp,
        joined: &mut Vec<u8>,
    ) -> Result<Option<Joined>, DecodeError> {
        self.counts.fragments += 1;
        let wire_len = payload.wire_len();
        if wire_len == 0 || (!field.last && !wire_len.is_multiple_of(8)) {
            return Err(DecodeError::BadFragmentLength);
        }
        if field.start.saturating_add(wire_len) > MAX_DATAGRAM_BYTES {
            return Err(DecodeError::FragmentPastEnd);
        }
        self.expire(at);
        self.make_room(payload.captured().len());
        let index = self.find_or_begin(key, at);
        let Some(datagram) = self.datagrams.get_mut(index) else {
            return Ok(None);
        };
        let before = datagram.data.len();
        let added = datagram.add(field, protocol, payload);
        self.bytes = (self.bytes + datagram.data.len()).saturating_sub(before);
        match added {
            Added::Waiting => {}
            Added::Copy => self.counts.copies += 1,
            Added::Overlap => self.counts.overlapping += 1,
            Added::TooManyPieces => self.counts.evicted += 1,
            Added::Complete => {
                self.counts.reassembled += 1;
                return Ok(self.take(index, joined));
            }
        }
        Ok(None)
    }

    /// What became of the fragments, and how many datagrams still wait.
    pub(super) fn counts(&self) -> FragmentCounts {
        let waiting = self
            .datagrams
            .iter()
            .filter(|datagram| !datagram.condemned)
            .count();
        FragmentCounts {
            waiting: waiting as u64,
            ..self.counts
        }
    }

    /// Drops what has waited too long. Datagrams are in order of arrival, so this ends at the first young one.
    fn expire(&mut self, now: Timestamp) {
        while let Some(oldest) = self.datagrams.front() {
            if now.since(oldest.first_at) <= MAX_AGE {
                break;
            }
            self.counts.expired += u64::from(!oldest.condemned);
            self.drop_oldest();
        }
    }

    /// Drops the oldest until `more` bytes fit.
    fn make_room(&mut self, more: usize) {
        while self.bytes + more > MAX_BYTES && !self.datagrams.is_empty() {
            self.evict_oldest();
        }
    }

    fn evict_oldest(&mut self) {
        if let Some(oldest) = self.datagrams.front() {
            self.counts.evicted += u64::from(!oldest.condemned);
        }
        self.drop_oldest();
    }

    fn drop_oldest(&mut self) {
        if let Some(datagram) = self.datagrams.pop_front() {
            self.recycle(datagram);
        }
    }

    /// Gives the buffers back, unless they have grown large.
    fn recycle(&mut self, mut datagram: Datagram) {
        self.bytes = self.bytes.saturating_sub(datagram.data.len());
        if self.spares.len() < SPARE_BUFFERS && datagram.data.capacity() <= 2 * MAX_DATAGRAM_BYTES {
            datagram.data.clear();
            datagram.pieces.clear();
            self.spares.push(datagram);
        }
    }

    fn find_or_begin(&mut self, key: Key, at: Timestamp) -> usize {
        if let Some(index) = self
            .datagrams
            .iter()
            .position(|datagram| datagram.key == key)
        {
            return index;
        }
        if self.datagrams.len() >= MAX_DATAGRAMS {
            self.evict_oldest();
        }
        let (pieces, data) = self
            .spares
            .pop()
            .map(|spare| (spare.pieces, spare.data))
            .unwrap_or_default();
        self.datagrams.push_back(Datagram {
            key,
            first_at: at,
            protocol: 0,
            total_len: None,
            held_len: 0,
            condemned: false,
            pieces,
            data,
        });
        self.datagrams.len() - 1
    }

    /// Removes a complete datagram and copies its captured bytes, up to the first that is missing, into `joined`.
    fn take(&mut self, index: usize, joined: &mut Vec<u8>) -> Option<Joined> {
        let datagram = self.datagrams.remove(index)?;
        joined.clear();
        for piece in &datagram.pieces {
            joined.extend_from_slice(piece.bytes(&datagram.data));
            if piece.data_len < piece.wire_len {
                break;
            }
        }
        let whole = Joined {
            protocol: datagram.protocol,
            wire_len: datagram.held_len,
        };
        self.recycle(datagram);
        Some(whole)
    }
}

impl Datagram {
    fn add(&mut self, field: FragmentField, protocol: u8, payload: Cursor<'_>) -> Added {
        if self.condemned {
            return Added::Waiting;
        }
        let piece = Piece {
            start: field.start,
            wire_len: payload.wire_len(),
            data_start: self.data.len(),
            data_len: payload.captured().len(),
        };
        let place = self.pieces.partition_point(|held| held.start < piece.start);
        if let Some(held) = self.pieces.get(place)
            && self.is_copy(*held, piece, payload, field.last)
        {
            return Added::Copy;
        }
        if self.overlaps(place, piece, field.last) {
            self.condemn();
            return Added::Overlap;
        }
        if self.pieces.len() >= MAX_PIECES {
            self.condemn();
            return Added::TooManyPieces;
        }
        if piece.start == 0 {
            self.protocol = protocol;
        }
        if field.last {
            self.total_len = Some(piece.end());
        }
        self.held_len += piece.wire_len;
        self.pieces.insert(place, piece);
        self.data.extend_from_slice(payload.captured());
        // Pieces lie within the total and do not overlap: when their lengths add up to it, none is missing.
        if self.total_len == Some(self.held_len) {
            Added::Complete
        } else {
            Added::Waiting
        }
    }

    /// The same place and, as far as both were captured, the same bytes.
    fn is_copy(&self, held: Piece, piece: Piece, payload: Cursor<'_>, last: bool) -> bool {
        let old = held.bytes(&self.data);
        let new = payload.captured();
        let common = old.len().min(new.len());
        held.start == piece.start
            && held.wire_len == piece.wire_len
            && last == (self.total_len == Some(held.end()))
            && old.get(..common) == new.get(..common)
    }

    /// Whether `piece`, to be inserted at `place`, overlaps a neighbour, or contradicts where the datagram ends.
    fn overlaps(&self, place: usize, piece: Piece, last: bool) -> bool {
        let before = place
            .checked_sub(1)
            .and_then(|index| self.pieces.get(index))
            .is_some_and(|held| held.end() > piece.start);
        let after = self
            .pieces
            .get(place)
            .is_some_and(|held| held.start < piece.end());
        let past_end = match self.total_len {
            Some(total_len) => last || piece.end() > total_len,
            None => {
                last && self
                    .pieces
                    .last()
                    .is_some_and(|held| held.end() > piece.end())
            }
        };
        before || after || past_end
    }

    /// Frees the bytes, but keeps the key, so that later fragments are thrown away too.
    fn condemn(&mut self) {
        self.condemned = true;
        self.data = Vec::new();
        self.pieces = Vec::new();
    }
}

#[cfg(test)]
mod tests;
