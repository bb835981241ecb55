use ring::hmac;
use sanctuary_types::{Pseudonym, lp};
use zeroize::Zeroizing;

use crate::RecordKey;

/// The node's own secret: names its records in the store, derives their pseudonyms, the blinding
/// of OPRF batches and its dummy postings. Never leaves the node; Debug prints `<redacted>`.
#[derive(Clone)]
pub struct NodeSecret {
    key: hmac::Key,
}

impl NodeSecret {
    /// From 32 secret bytes that stay the same for the node's life.
    #[must_use]
    pub fn new(bytes: &Zeroizing<[u8; 32]>) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, bytes.as_slice()),
        }
    }

    /// HMAC-SHA256 over `lp(label, parts..)`.
    #[must_use]
    pub fn mac(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut all = Vec::with_capacity(parts.len() + 1);
        all.push(label.as_bytes());
        all.extend_from_slice(parts);
        let message = Zeroizing::new(lp(&all));
        let mut out = [0; 32];
        out.copy_from_slice(hmac::sign(&self.key, &message).as_ref());
        out
    }

    /// The name of a record in the store: its reference does not stand there in clear.
    #[must_use]
    pub fn record_key(&self, reference: &str) -> RecordKey {
        RecordKey(self.mac("sanctuary/v1/node/record", &[reference.as_bytes()]))
    }

    /// A record's pseudonym at the hub. Derived, so that a node that lost its store and imports
    /// again keeps its pseudonyms; random-looking to everybody else.
    #[must_use]
    pub fn pseudonym(&self, key: &RecordKey) -> Pseudonym {
        let mac = self.mac("sanctuary/v1/node/pseudonym", &[&key.0]);
        let mut out = [0; 16];
        out.copy_from_slice(mac.get(..16).unwrap_or(&[0; 16]));
        Pseudonym(out)
    }
}

impl std::fmt::Debug for NodeSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NodeSecret(<redacted>)")
    }
}
