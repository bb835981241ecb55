use sanctuary_trust::SigningKey;
use sanctuary_types::{BatchId, Epoch, Generation, KeyClass, PartyId, Timestamp, lp};
use sha2::{Digest, Sha256};

/// What a holder says it did, signed: the agency keeps it as proof of the answer, and the
/// partnership reconciles receipts with uploads. A DLEQ proof by itself binds none of this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The holder that signs.
    pub holder: PartyId,
    /// Who asked.
    pub agency: PartyId,
    /// Under which key.
    pub class: KeyClass,
    /// Of which epoch.
    pub epoch: Epoch,
    /// And generation.
    pub generation: Generation,
    /// The quorum that the answer is weighted for.
    pub quorum: Vec<u16>,
    /// The agency's batch.
    pub batch_id: BatchId,
    /// Elements in it.
    pub elements: u32,
    /// SHA-256 of the elements asked.
    pub request_sha256: [u8; 32],
    /// SHA-256 of the elements answered.
    pub answer_sha256: [u8; 32],
    /// The proof that goes with the answer.
    pub proof: [u8; 64],
    /// Elements counted against the quota: all, or none for a retransmission.
    pub charged: u32,
    /// When.
    pub time: Timestamp,
}

impl Receipt {
    /// The bytes under the signature. Numbers are big-endian: class u8, epoch, generation, n and
    /// charged u32, each quorum index u16 (all in one part), time u64.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        let quorum: Vec<u8> = self.quorum.iter().flat_map(|i| i.to_be_bytes()).collect();
        lp(&[
            b"sanctuary/v1/oprf-receipt",
            self.holder.as_bytes(),
            self.agency.as_bytes(),
            &[self.class.code()],
            &self.epoch.0.to_be_bytes(),
            &self.generation.0.to_be_bytes(),
            &quorum,
            &self.batch_id.0,
            &self.elements.to_be_bytes(),
            &self.request_sha256,
            &self.answer_sha256,
            &self.proof,
            &self.charged.to_be_bytes(),
            &self.time.0.to_be_bytes(),
        ])
    }

    /// Ed25519 over [`Receipt::message`].
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> [u8; 64] {
        key.sign(&self.message())
    }
}

/// SHA-256 as receipts and batch records use it.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
