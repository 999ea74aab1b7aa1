//! Keyed pseudonyms of names and MAC addresses.
//!
//! Input: bytes. Output: the same pseudonym for the same bytes and key, and no way back without the key: SHA-256, then
//! AES-128 under a key of its own (the deterministic mode of `ipcrypt`), of which 40 bits are shown (a million names
//! are told apart; two alike cost a report clarity, not anybody's privacy).

use std::fmt::{self, Write as _};

use ipcrypt_rs::Ipcrypt;
use sha2::{Digest as _, Sha256};

use crate::decode::MacAddr;

/// Least bytes of a key: 128 bits, if they are random.
pub const MIN_KEY_BYTES: usize = 16;

/// The key is too short to keep anything secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a key needs at least {MIN_KEY_BYTES} bytes, this one has {have}: make one with `head -c 32 /dev/urandom > FILE`"
)]
pub struct KeyError {
    /// Its bytes.
    pub have: usize,
}

/// What pseudonyms depend on. Whoever has it can test a guess, and turn addresses back.
pub struct Key {
    addresses: [u8; 32],
    names: [u8; 16],
}

impl fmt::Debug for Key {
    /// Never its bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// A key out of random bytes, any number of them.
    ///
    /// # Errors
    /// When there are fewer than [`MIN_KEY_BYTES`].
    pub fn of_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        if bytes.len() < MIN_KEY_BYTES {
            return Err(KeyError { have: bytes.len() });
        }
        let derived = |purpose: &[u8]| {
            let mut hash = Sha256::new();
            hash.update(purpose);
            hash.update([0]);
            hash.update(bytes);
            <[u8; 32]>::from(hash.finalize())
        };
        Ok(Self {
            addresses: derived(b"windfall addresses"),
            names: first(derived(b"windfall names")),
        })
    }

    pub(super) const fn addresses(&self) -> [u8; 32] {
        self.addresses
    }
}

fn first<const N: usize>(bytes: [u8; 32]) -> [u8; N] {
    bytes.first_chunk().copied().unwrap_or([0; N])
}

/// What pseudonyms are made for.
const KINDS: &[&str] = &[
    "certificate",
    "file",
    "host",
    "instance",
    "interface",
    "process",
    "protocol",
    "text",
];

/// Hexadecimal digits of a pseudonym.
const DIGITS: usize = 10;

/// The pseudonyms of one key.
pub(super) struct Pseudonyms(Ipcrypt);

impl Pseudonyms {
    pub(super) fn new(key: &Key) -> Self {
        Self(Ipcrypt::new(key.names))
    }

    fn block(&self, kind: &str, bytes: &[u8]) -> [u8; 16] {
        let mut hash = Sha256::new();
        hash.update(kind);
        hash.update([0]);
        hash.update(bytes);
        let mut block = first(hash.finalize().into());
        self.0.encrypt_ip16(&mut block);
        block
    }

    /// Whether this is a pseudonym of any kind already, by its shape.
    #[expect(clippy::unused_self, reason = "reads as a question to them")]
    pub(super) fn made(&self, text: &str) -> bool {
        let word = text.strip_suffix(".invalid").unwrap_or(text);
        let parts = word.split_once('-');
        parts.is_some_and(|(kind, digits)| {
            KINDS.contains(&kind)
                && digits.len() == DIGITS
                && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    }

    /// `host-5c0e21b9aa`.
    pub(super) fn of(&self, kind: &str, text: &str) -> String {
        let mut word = format!("{kind}-");
        for byte in self.block(kind, text.as_bytes()).iter().take(DIGITS / 2) {
            // Writing to a String never fails.
            let _ = write!(word, "{byte:02x}");
        }
        word
    }

    /// An address that nobody's card has (locally administered). Groups stay, but for those that end as an IPv6 address
    /// of the one who is asked for does (RFC 2464 section 7).
    pub(super) fn mac(&self, mac: MacAddr) -> MacAddr {
        let [first, second, third, ..] = mac.0;
        let is_group = first & 1 == 1;
        if mac.0 == [0; 6] || (is_group && (first, second, third) != (0x33, 0x33, 0xff)) {
            return mac;
        }
        let [lead, rest @ .., _, _, _, _, _, _, _, _, _, _] = self.block("mac", &mac.0);
        let [.., u, v, w] = rest;
        if is_group {
            return MacAddr([first, second, third, u, v, w]);
        }
        let [second, third, ..] = rest;
        MacAddr([lead & 0xfc | 0x02, second, third, u, v, w])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonyms(seed: u8) -> Pseudonyms {
        Pseudonyms::new(&Key::of_bytes(&[seed; 16]).unwrap())
    }

    #[test]
    fn a_pseudonym_depends_on_key_kind_and_name_alone() {
        let nas = pseudonyms(1).of("host", "nas.example");
        assert_eq!(nas, pseudonyms(1).of("host", "nas.example"));
        assert!(nas.starts_with("host-") && nas.len() == 15, "{nas}");
        for other in [
            pseudonyms(2).of("host", "nas.example"),
            pseudonyms(1).of("process", "nas.example"),
            pseudonyms(1).of("host", "nas.example2"),
        ] {
            assert_ne!(
                nas.split_once('-').unwrap().1,
                other.split_once('-').unwrap().1
            );
        }
    }

    #[test]
    fn no_card_has_the_mac_address_of_a_pseudonym() {
        let map = pseudonyms(1);
        let card = MacAddr([0x3c, 0x22, 0xfb, 1, 2, 3]);
        let turned = map.mac(card);
        assert_eq!(turned.0[0] & 0x03, 0x02);
        assert_ne!(turned.0[1..3], card.0[1..3]);
        for group in [[0xff; 6], [0, 0, 0, 0, 0, 0], [1, 0, 0x5e, 0, 0, 0xfb]] {
            assert_eq!(map.mac(MacAddr(group)).0, group);
        }
        let asked = map.mac(MacAddr([0x33, 0x33, 0xff, 1, 2, 3])).0;
        assert!(asked[..3] == [0x33, 0x33, 0xff] && asked[3..] != [1, 2, 3]);
    }

    #[test]
    fn a_short_key_is_refused_and_no_key_is_shown() {
        let error = Key::of_bytes(b"secret").unwrap_err();
        assert_eq!(error, KeyError { have: 6 });
        assert!(error.to_string().contains("/dev/urandom"));
        assert_eq!(format!("{:?}", Key::of_bytes(&[7; 16]).unwrap()), "Key");
    }
}
