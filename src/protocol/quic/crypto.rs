//! Initial packets without their protection.
//!
//! The keys of Initial packets follow from the connection ID that the client first sent to, so whoever reads the packets
//! can read what is in them. Keys are derived by `rustls`, which takes microseconds, and kept by a [`KeyCache`] for the
//! packets that come next: the few Initials of a handshake, both ways, need one derivation. Bound: so many keys as the cache
//! has places, whatever flood of Initials comes. RFC 9001 sections 5.2 and 5.4, RFC 9369 section 3.3.

use std::fmt;
use std::hash::BuildHasher as _;

use rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
use rustls::quic::{DirectionalKeys, Keys, Suite, Version};

use crate::side::Side;

use super::packet::{ConnectionId, DRAFTS, Packet, VERSION_1, VERSION_2};

/// Bytes of ciphertext that the header's protection is made from (RFC 9001 section 5.4.2).
const SAMPLE_BYTES: usize = 16;

/// Longest packet number, in bytes.
const MAX_NUMBER_BYTES: usize = 4;

/// An Initial packet that could be read.
pub(super) struct Opened {
    /// Packet number.
    pub(super) number: u64,
    /// Frames.
    pub(super) frames: Vec<u8>,
}

/// Keys that were derived lately, for all conversations together.
pub struct KeyCache {
    places: Vec<Option<Derived>>,
    hasher: foldhash::fast::RandomState,
}

/// Keys, and what they were derived from.
struct Derived {
    version: u32,
    id: ConnectionId,
    keys: Keys,
}

/// Connection IDs whose keys are kept. An estimate of the handshakes that are under way at one time on a busy gateway.
const PLACES: usize = 128;

impl Default for KeyCache {
    fn default() -> Self {
        Self::with_places(PLACES)
    }
}

impl fmt::Debug for KeyCache {
    /// Without the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.places.iter().flatten().count();
        f.debug_struct("KeyCache")
            .field("kept", &kept)
            .finish_non_exhaustive()
    }
}

impl KeyCache {
    /// One that keeps so many keys; with one place it serves one conversation.
    pub(super) fn with_places(places: usize) -> Self {
        let mut empty = Vec::new();
        empty.resize_with(places, || None);
        Self {
            places: empty,
            hasher: foldhash::fast::RandomState::default(),
        }
    }

    /// Reads an Initial that `from` sent, with the keys that `id` gives; `None` when they do not fit. `expected` is the
    /// number after the largest that this side has used so far.
    pub(super) fn open(
        &mut self,
        packet: &Packet<'_>,
        from: Side,
        id: ConnectionId,
        expected: u64,
    ) -> Option<Opened> {
        let keys = self.keys(packet.version, id)?;
        // Derived as a client would: `local` protects what clients send.
        let keys = match from {
            Side::Client => &keys.local,
            Side::Server => &keys.remote,
        };
        open_with(keys, packet, expected)
    }

    fn keys(&mut self, version: u32, id: ConnectionId) -> Option<&Keys> {
        let place = self.hasher.hash_one((version, id)) % self.places.len().max(1) as u64;
        let place = self.places.get_mut(usize::try_from(place).unwrap_or(0))?;
        let fits = |kept: &Derived| (kept.version, kept.id) == (version, id);
        if !place.as_ref().is_some_and(fits) {
            let keys = derive(version, id)?;
            *place = Some(Derived { version, id, keys });
        }
        place.as_ref().map(|kept| &kept.keys)
    }
}

fn open_with(keys: &DirectionalKeys, packet: &Packet<'_>, expected: u64) -> Option<Opened> {
    let mut bytes = packet.bytes.to_vec();
    let number_at = packet.number_at;
    let sample_at = number_at.checked_add(MAX_NUMBER_BYTES)?;
    let sample = *bytes.get(sample_at..)?.first_chunk::<SAMPLE_BYTES>()?;
    let (first, rest) = bytes.split_first_mut()?;
    let number = rest.get_mut(number_at.checked_sub(1)?..sample_at.checked_sub(1)?)?;
    keys.header.decrypt_in_place(&sample, first, number).ok()?;
    let length = usize::from(*first & 3) + 1;
    let number = number_of(number.get(..length)?, expected);
    let (header, payload) = bytes.split_at_mut_checked(number_at.checked_add(length)?)?;
    let frames = keys
        .packet
        .decrypt_in_place(number, header, payload)
        .ok()?
        .to_vec();
    Some(Opened { number, frames })
}

/// The keys that a connection ID gives.
fn derive(version: u32, id: ConnectionId) -> Option<Keys> {
    let version = match version {
        VERSION_1 => Version::V1,
        VERSION_2 => Version::V2,
        draft if DRAFTS.contains(&draft) => Version::V1Draft,
        _ => return None,
    };
    Some(suite()?.keys(id.as_bytes(), rustls::Side::Client, version))
}

/// All Initials use this one (RFC 9001 section 5.2).
fn suite() -> Option<Suite> {
    TLS13_AES_128_GCM_SHA256.tls13()?.quic_suite()
}

/// A whole packet number from its last bytes (RFC 9000, appendix A.3).
fn number_of(bytes: &[u8], expected: u64) -> u64 {
    let truncated = bytes
        .iter()
        .fold(0u64, |value, byte| (value << 8) | u64::from(*byte));
    let window = 1u64 << (8 * bytes.len());
    let candidate = (expected & !(window - 1)) | truncated;
    if candidate.saturating_add(window / 2) <= expected {
        candidate.saturating_add(window)
    } else if candidate > expected.saturating_add(window / 2) && candidate >= window {
        candidate.saturating_sub(window)
    } else {
        candidate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packet_numbers_are_completed_from_the_largest() {
        // RFC 9000, appendix A.3.
        assert_eq!(number_of(&[0x9b, 0x32], 0xa82f_30ea + 1), 0xa82f_9b32);
        assert_eq!(number_of(&[0], 0), 0);
        assert_eq!(number_of(&[0xff], 0), 0xff);
        assert_eq!(number_of(&[0x01], 0x00ff), 0x0101);
        assert_eq!(number_of(&[0xfe], 0x0102), 0x00fe);
        assert_eq!(number_of(&[0xff; 4], u64::MAX), u64::MAX);
    }
}
