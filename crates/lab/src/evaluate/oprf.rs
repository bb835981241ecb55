//! Where the lab's nodes get their OPRF outputs from: the key holders in this process, or for quick
//! experiments a plain hash.

use sanctuary_node_core::{Evaluated, KeySet, NodeError, Oprf, OprfInput, Tokeniser};
use sanctuary_toprf::OprfOutput;
use sanctuary_types::KeyClass;
use sha2::{Digest, Sha512};

use super::holders::Line;

/// An agency's OPRF.
pub enum LabOprf {
    /// Two of three holders, blinded and proved as in production.
    Holders(Box<Tokeniser<Line>>),
    /// No secret at all: equal inputs give equal outputs, which is all that linkage needs.
    Hash(Box<HashOprf>),
}

/// SHA-512 in place of the key holders. For the lab's own files only: whoever can guess an input
/// knows its output.
pub struct HashOprf {
    /// Key sets of the two classes; only what they say of epoch, rules and universe is used.
    pub person: KeySet,
    pub identifier: KeySet,
}

impl Oprf for LabOprf {
    fn keys(&self, class: KeyClass) -> &KeySet {
        match (self, class) {
            (Self::Holders(tokeniser), class) => tokeniser.keys(class),
            (Self::Hash(hash), KeyClass::Person) => &hash.person,
            (Self::Hash(hash), KeyClass::Identifier) => &hash.identifier,
        }
    }

    async fn evaluate(
        &self,
        class: KeyClass,
        inputs: &[OprfInput],
    ) -> Result<Evaluated, NodeError> {
        match self {
            Self::Holders(tokeniser) => tokeniser.evaluate(class, inputs).await,
            Self::Hash(_) => Ok(Evaluated {
                outputs: inputs.iter().map(|input| hashed(class, input)).collect(),
                faults: Vec::new(),
                elements: inputs.len() as u64,
            }),
        }
    }
}

fn hashed(class: KeyClass, input: &OprfInput) -> OprfOutput {
    let mut hash = Sha512::new();
    hash.update(b"sanctuary/v1/lab/no-key-holders");
    hash.update([class.code()]);
    hash.update(input.as_slice());
    OprfOutput::from_bytes(hash.finalize().into())
}
