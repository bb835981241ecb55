use rand_core::CryptoRng;
use sanctuary_keyshare::KeyshareError;
use sanctuary_toprf::{ELEMENT_BYTES, check_quorum};
use sanctuary_trust::{Party, PartyKind, SigningKey};
use sanctuary_types::{
    BatchId, Epoch, Generation, KeyClass, PartyId, Timestamp, limits::OPRF_ELEMENTS_MAX,
};

use crate::{
    ActiveKey, Charge, Charged, HolderError, KeyRing, QuotaStore, Receipt, receipt::sha256,
};

const PURPOSE_BYTES_MAX: usize = 64;
const DAY_MS: u64 = 86_400_000;

/// A batch of blinded points to evaluate.
#[derive(Clone, Debug)]
pub struct EvaluationRequest<'a> {
    /// Under which key.
    pub class: KeyClass,
    /// Of which epoch.
    pub epoch: Epoch,
    /// And generation.
    pub generation: Generation,
    /// Share indices that the answers will be combined from: exactly t, ascending.
    pub quorum: &'a [u16],
    /// Random, chosen by the agency; the same for every try of this batch.
    pub batch_id: BatchId,
    /// A word of the sharing agreement: 1 to 64 of `a-z`, `0-9`, `_`, `-`.
    pub purpose: &'a str,
    /// n times 32 bytes.
    pub elements: &'a [u8],
}

/// The answer to an [`EvaluationRequest`].
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// n times 32 bytes, in the order asked.
    pub elements: Vec<u8>,
    /// What was done, with the proof.
    pub receipt: Receipt,
    /// Ed25519 of the receipt.
    pub signature: [u8; 64],
}

/// What an agency has used today in one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaStatus {
    /// Elements allowed per UTC day at this holder.
    pub limit_per_day: u64,
    /// Elements used today.
    pub used_today: u64,
}

/// The evaluation use-case of one holder.
pub struct Evaluator<Q> {
    holder: PartyId,
    signing: SigningKey,
    quota: Q,
}

impl<Q: QuotaStore> Evaluator<Q> {
    /// For the holder of that name and receipt key.
    pub const fn new(holder: PartyId, signing: SigningKey, quota: Q) -> Self {
        Self {
            holder,
            signing,
            quota,
        }
    }

    /// Checks, counts, evaluates, signs, in that order: nothing is computed before the count is
    /// durable, and what is refused before the count costs the caller nothing. Points are decoded
    /// after it, so a batch with a malformed point is counted.
    ///
    /// An exact retransmission is computed again without a charge; its proof may differ.
    ///
    /// # Errors
    /// Any [`HolderError`] but those of ceremonies.
    pub fn evaluate(
        &self,
        keys: &KeyRing,
        caller: &Party,
        request: &EvaluationRequest<'_>,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Evaluation, HolderError> {
        require_agency(caller)?;
        let key = keys.find(request.class, request.epoch, request.generation, now)?;
        check_request_quorum(key, request.quorum)?;
        let count = check_size(request.elements)?;
        check_purpose(request.purpose)?;
        let limit_per_day = keys.limit_per_day(&caller.id, keys.current(request.class, now)?);
        let charge = Charge {
            agency: caller.id.clone(),
            class: request.class,
            epoch: request.epoch,
            day: now.day(),
            batch_id: request.batch_id,
            elements_sha256: sha256(request.elements),
            elements: count,
            limit_per_day,
        };
        let charged = self.charge(&charge)?;
        let threshold = key.manifest().threshold;
        let (elements, proof) = key
            .share()
            .evaluate(request.quorum, threshold, request.elements, rng)
            .map_err(refused_by_share)?;
        let receipt = Receipt {
            holder: self.holder.clone(),
            agency: caller.id.clone(),
            class: request.class,
            epoch: request.epoch,
            generation: request.generation,
            quorum: request.quorum.to_vec(),
            batch_id: request.batch_id,
            elements: count,
            request_sha256: charge.elements_sha256,
            answer_sha256: sha256(&elements),
            proof,
            charged,
            time: now,
        };
        let signature = receipt.sign(&self.signing);
        Ok(Evaluation {
            elements,
            receipt,
            signature,
        })
    }

    /// What the caller has used today of its limit in the class.
    ///
    /// # Errors
    /// [`HolderError::WrongKind`], [`HolderError::NoKey`], or storage failed.
    pub fn quota(
        &self,
        keys: &KeyRing,
        caller: &Party,
        class: KeyClass,
        now: Timestamp,
    ) -> Result<QuotaStatus, HolderError> {
        require_agency(caller)?;
        let limit_per_day = keys.limit_per_day(&caller.id, keys.current(class, now)?);
        Ok(QuotaStatus {
            limit_per_day,
            used_today: self.quota.used(&caller.id, class, now.day())?,
        })
    }

    /// Elements charged: all, or none for a retransmission.
    fn charge(&self, charge: &Charge) -> Result<u32, HolderError> {
        match self.quota.charge(charge)? {
            Charged::New { .. } => Ok(charge.elements),
            Charged::Repeat => Ok(0),
            Charged::Changed => Err(HolderError::ChangedBatch),
            Charged::OtherAgency => Err(HolderError::OtherAgency),
            Charged::Exceeded { used } => Err(HolderError::OverQuota {
                class: charge.class.label(),
                limit: charge.limit_per_day,
                used,
                asked: charge.elements,
                resets_ms: (u64::from(charge.day) + 1) * DAY_MS,
            }),
        }
    }
}

fn require_agency(caller: &Party) -> Result<(), HolderError> {
    if caller.kind == PartyKind::Agency {
        Ok(())
    } else {
        Err(HolderError::WrongKind {
            caller: caller.id.clone(),
            needed: "an agency",
        })
    }
}

fn check_request_quorum(key: &ActiveKey, quorum: &[u16]) -> Result<(), HolderError> {
    let manifest = key.manifest();
    let own = key.share().index();
    let holders = manifest.holders.len();
    let fits = check_quorum(quorum, manifest.threshold).is_ok()
        && quorum.contains(&own)
        && quorum.iter().all(|index| usize::from(*index) <= holders);
    if fits {
        Ok(())
    } else {
        Err(HolderError::Quorum {
            threshold: manifest.threshold,
            holders,
            own,
        })
    }
}

fn check_size(elements: &[u8]) -> Result<u32, HolderError> {
    if !elements.len().is_multiple_of(ELEMENT_BYTES) {
        return Err(HolderError::Elements);
    }
    let count = elements.len() / ELEMENT_BYTES;
    match u32::try_from(count) {
        Ok(fits) if (1..=OPRF_ELEMENTS_MAX).contains(&count) => Ok(fits),
        _ => Err(HolderError::BatchSize {
            elements: count,
            limit: OPRF_ELEMENTS_MAX,
        }),
    }
}

fn check_purpose(purpose: &str) -> Result<(), HolderError> {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    if (1..=PURPOSE_BYTES_MAX).contains(&purpose.len()) && purpose.bytes().all(word) {
        Ok(())
    } else {
        Err(HolderError::Field("the purpose"))
    }
}

fn refused_by_share(error: KeyshareError) -> HolderError {
    match error {
        KeyshareError::MalformedElements => HolderError::Elements,
        // Quorum and size were checked before the charge.
        _ => HolderError::Evaluation,
    }
}
