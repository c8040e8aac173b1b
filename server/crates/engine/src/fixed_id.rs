//! Ids that are the same whoever makes them.

use sha2::{Digest, Sha256};

/// A UUID (version 8) made of a text: what is stored under it once is refused the second time.
pub(crate) fn fixed_id(text: &str) -> String {
    let digest = Sha256::digest(text);
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}
