//! The integrity tag of Retry packets.
//!
//! Input: a Retry as captured, and the connection ID that the client had sent to. Output: whether its last 16 bytes are
//! the tag that a client demands; it ignores a Retry with any other. The keys are public and the ID is in the clear: the
//! tag shows that its maker saw the client's Initial, not that it is the server. RFC 9001 section 5.8, RFC 9369 section
//! 3.3.3.

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::packet::{ConnectionId, DRAFTS, Packet, VERSION_1, VERSION_2};

/// Bytes of the tag.
const TAG_BYTES: usize = 16;

/// Key and nonce that a version's tags are made with.
struct Secret {
    key: [u8; 16],
    nonce: [u8; 12],
}

const OF_VERSION_1: Secret = Secret {
    key: 0xbe0c_690b_9f66_575a_1d76_6b54_e368_c84e_u128.to_be_bytes(),
    nonce: *b"\x46\x15\x99\xd3\x5d\x63\x2b\xf2\x23\x98\x25\xbb",
};

const OF_VERSION_2: Secret = Secret {
    key: 0x8fb4_b01b_56ac_48e2_60fb_cbce_ad7c_cc92_u128.to_be_bytes(),
    nonce: *b"\xd8\x69\x69\xbc\x2d\x7c\x6d\x99\x90\xef\xb0\x4a",
};

/// Of drafts 29 to 32.
const OF_DRAFTS: Secret = Secret {
    key: 0xccce_187e_d09a_09d0_5728_155a_6cb9_6be1_u128.to_be_bytes(),
    nonce: *b"\xe5\x49\x30\xf9\x7f\x21\x36\xf0\x53\x0a\x8c\x1c",
};

/// Whether a Retry ends with the tag that a client demands which had sent to `original`.
pub(super) fn is_intact(retry: &Packet<'_>, original: ConnectionId) -> bool {
    tag_fits(retry, original).is_some()
}

fn tag_fits(retry: &Packet<'_>, original: ConnectionId) -> Option<()> {
    let secret = match retry.version {
        VERSION_1 => OF_VERSION_1,
        VERSION_2 => OF_VERSION_2,
        draft if DRAFTS.contains(&draft) => OF_DRAFTS,
        _ => return None,
    };
    let (before, tag) = retry.bytes.split_last_chunk::<TAG_BYTES>()?;
    let id = original.as_bytes();
    let length = u8::try_from(id.len()).ok()?;
    // The Retry Pseudo-Packet: the tag covers the ID that the client had sent to as well. Nothing is encrypted.
    let covered = [&[length], id, before].concat();
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &secret.key).ok()?);
    let nonce = Nonce::assume_unique_for_key(secret.nonce);
    key.open_in_place(nonce, Aad::from(covered), &mut tag.to_vec())
        .ok()
        .map(|_| ())
}
