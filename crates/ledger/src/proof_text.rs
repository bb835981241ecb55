use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    Checkpoint, Digest, InclusionProof, Leaf, LedgerError, Quorum, Refused, check_inclusion,
    leaf_hash,
    limits::{LEAF_BYTES_MAX, PROOF_HASHES_MAX},
};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// A proof of one entry as a text file that can be checked offline (C2SP `tlog-proof`): the leaf as
/// extra data, its index, the audit path, the cosigned checkpoint. What `audit prove` writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    /// The leaf's bytes.
    pub leaf: Vec<u8>,
    /// Where it stands.
    pub index: u64,
    /// The audit path.
    pub hashes: Vec<Digest>,
    /// The signed note.
    pub checkpoint: Vec<u8>,
}

impl TlogProof {
    /// The text.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!(
            "{FIRST_LINE}\nextra {}\nindex {}\n",
            STANDARD.encode(&self.leaf),
            self.index
        );
        for hash in &self.hashes {
            text.push_str(&STANDARD.encode(hash));
            text.push('\n');
        }
        text.push('\n');
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.checkpoint);
        bytes
    }

    /// Reads [`Self::to_bytes`].
    ///
    /// # Errors
    /// [`LedgerError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LedgerError> {
        let bad = |reason| LedgerError::Malformed {
            what: "proof file",
            reason,
        };
        let text = std::str::from_utf8(bytes).map_err(|_| bad("it is not text"))?;
        let (head, checkpoint) = text
            .split_once("\n\n")
            .ok_or(bad("its checkpoint is missing"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return Err(bad("its first line is not that of a proof"));
        }
        let extra = lines.next().and_then(|l| l.strip_prefix("extra "));
        let leaf = extra
            .and_then(|e| STANDARD.decode(e).ok())
            .filter(|leaf| leaf.len() <= LEAF_BYTES_MAX)
            .ok_or(bad("it does not carry the entry"))?;
        let index = lines
            .next()
            .and_then(|l| l.strip_prefix("index "))
            .and_then(|n| n.parse().ok())
            .ok_or(bad("its index is missing"))?;
        let hashes: Option<Vec<Digest>> = lines
            .take(PROOF_HASHES_MAX + 1)
            .map(|line| STANDARD.decode(line).ok()?.try_into().ok())
            .collect();
        let proof = Self {
            leaf,
            index,
            hashes: hashes.ok_or(bad("a hash in it is not one"))?,
            checkpoint: checkpoint.as_bytes().to_vec(),
        };
        // Nothing but the one spelling: what was checked is what is in the file.
        if proof.to_bytes() == bytes {
            Ok(proof)
        } else {
            Err(bad("it is not in its one spelling"))
        }
    }

    /// Checks signatures and path, whatever the checkpoint's age; gives the entry.
    ///
    /// # Errors
    /// As [`Quorum::verify`]; [`LedgerError::Proof`].
    pub fn verify(&self, quorum: &Quorum) -> Result<(Leaf, Checkpoint), Refused> {
        let checkpoint = quorum.verify(&self.checkpoint)?;
        let proof = InclusionProof {
            index: self.index,
            size: checkpoint.size(),
            hashes: self.hashes.clone(),
        };
        check_inclusion(&proof, checkpoint.root(), &leaf_hash(&self.leaf))?;
        Ok((Leaf::from_bytes(&self.leaf)?, checkpoint))
    }
}
