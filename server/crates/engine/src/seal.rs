//! Seals secrets that have to be stored and read back, so that a copy of the database alone opens none.

use rand::Rng;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

/// Bytes of a sealing key.
pub const SEALING_KEY_BYTES: usize = 32;

/// First byte of what is sealed: tells how.
const VERSION: u8 = 1;

/// Encrypts and decrypts with one key (ChaCha20-Poly1305).
pub struct Sealer {
    key: LessSafeKey,
}

impl Sealer {
    /// Seals with this key.
    pub fn new(key: &[u8; SEALING_KEY_BYTES]) -> Option<Self> {
        UnboundKey::new(&CHACHA20_POLY1305, key).ok().map(|key| Self { key: LessSafeKey::new(key) })
    }

    /// The sealed text: version, nonce, ciphertext with its tag. It opens only with the same name, so that two can't be exchanged.
    /// A nonce is random: with the few secrets of an install two never meet.
    pub fn seal(&self, name: &str, text: &str) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        rand::rng().fill_bytes(&mut nonce);
        let mut sealed = text.as_bytes().to_vec();
        self.key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(name), &mut sealed).ok()?;
        Some([[VERSION].as_slice(), &nonce, &sealed].concat())
    }

    /// The text; `None` when it was sealed with another key or under another name, or was changed.
    pub fn open(&self, name: &str, sealed: &[u8]) -> Option<String> {
        let (nonce, ciphertext) = sealed.strip_prefix(&[VERSION])?.split_first_chunk::<NONCE_LEN>()?;
        let mut text = ciphertext.to_vec();
        let length = self.key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(name), &mut text).ok()?.len();
        text.truncate(length);
        String::from_utf8(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(byte: u8) -> Sealer {
        Sealer::new(&[byte; SEALING_KEY_BYTES]).unwrap()
    }

    #[test]
    fn i5_a_secret_opens_with_its_key_and_name_only() {
        let sealed = sealer(1).seal("TY1", "a secret").unwrap();
        assert_eq!(sealer(1).open("TY1", &sealed).as_deref(), Some("a secret"));
        assert_eq!(sealer(2).open("TY1", &sealed), None);
        assert_eq!(sealer(1).open("TY2", &sealed), None);
        assert!(!sealed.windows(8).any(|part| part == b"a secret"));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(sealer(1).open("TY1", &changed), None, "byte {at}");
        }
        assert_eq!(sealer(1).open("TY1", &sealed[..5]), None);
    }

    #[test]
    fn i5_the_same_secret_is_sealed_otherwise_each_time() {
        assert_ne!(sealer(1).seal("TY1", "a secret"), sealer(1).seal("TY1", "a secret"));
    }
}
