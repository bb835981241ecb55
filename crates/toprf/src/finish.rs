use curve25519_dalek::RistrettoPoint;
use sha2::{Digest, Sha512};
use zeroize::Zeroize;

use crate::{
    Blinded, CheckedKeys, ELEMENT_BYTES, HolderIndex, OprfOutput, PROOF_BYTES, ToprfError,
    decode_elements,
    dleq::{self, Elements},
};

/// What one holder answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Who.
    pub holder: HolderIndex,
    /// Evaluated elements, 32 bytes each, in the order of the blinded ones.
    pub elements: Vec<u8>,
    /// Batched proof.
    pub proof: [u8; PROOF_BYTES],
}

impl Blinded {
    /// Checks each holder's proof against `lambda_i * Y_i`, adds the answers, unblinds and hashes.
    /// Gives outputs in the order of the inputs.
    ///
    /// Borrows the batch, so that after a bad answer the same blinded elements can be put to
    /// another quorum. `keys` may be of a later generation of the same key.
    ///
    /// # Errors
    /// [`ToprfError::BadAnswer`] names the holder whose answer does not decode or does not prove;
    /// no output is given then. [`ToprfError::Quorum`], [`ToprfError::UnknownHolder`],
    /// [`ToprfError::AnswerCount`] and [`ToprfError::OtherKey`] are the caller's mistakes.
    pub fn finish(
        &self,
        keys: &CheckedKeys,
        quorum: &[HolderIndex],
        answers: &[Answer],
    ) -> Result<Vec<OprfOutput>, ToprfError> {
        if self.group_key != *keys.group_key() {
            return Err(ToprfError::OtherKey);
        }
        let share_keys = keys.weighted_share_keys(quorum)?;
        refuse_strangers(quorum, answers)?;
        let mut sums: Option<Vec<RistrettoPoint>> = None;
        for (&holder, share_key) in quorum.iter().zip(&share_keys) {
            let points = self.checked_points(share_key, only_answer(holder, answers)?)?;
            match &mut sums {
                None => sums = Some(points),
                Some(sums) => sums.iter_mut().zip(&points).for_each(|(sum, p)| *sum += p),
            }
        }
        Ok(self.unblind(keys, &sums.unwrap_or_default()))
    }

    /// The points of one answer, if it has the right number of well-formed ones and proves them.
    fn checked_points(
        &self,
        share_key: &RistrettoPoint,
        answer: &Answer,
    ) -> Result<Vec<RistrettoPoint>, ToprfError> {
        let bad = ToprfError::BadAnswer {
            holder: answer.holder,
        };
        if answer.elements.len() != self.elements().len() {
            return Err(bad);
        }
        let points = decode_elements(&answer.elements).ok_or(bad)?;
        let blinded = Elements {
            points: &self.points,
            bytes: self.elements(),
        };
        let evaluated = Elements {
            points: &points,
            bytes: &answer.elements,
        };
        if dleq::verify(share_key, blinded, evaluated, &answer.proof) {
            Ok(points)
        } else {
            Err(bad)
        }
    }

    /// `v = 2*(E - 2r*PK)`, which is `4k*H(x)`; then the RFC's final hash.
    fn unblind(&self, keys: &CheckedKeys, sums: &[RistrettoPoint]) -> Vec<OprfOutput> {
        let mut halves: Vec<RistrettoPoint> = self
            .blinds
            .iter()
            .zip(sums)
            .map(|(blind, sum)| sum - keys.group_table.vartime_mul(&(blind + blind)))
            .collect();
        let mut unblinded = RistrettoPoint::double_and_compress_batch(&halves);
        let outputs = self
            .inputs
            .iter()
            .zip(&unblinded)
            .map(|(input, element)| finalize(input, element.as_bytes()))
            .collect();
        halves.zeroize();
        unblinded.zeroize();
        outputs
    }
}

/// RFC 9497 3.3.2 `Finalize`, last step:
/// `SHA-512(I2OSP(len(x), 2) || x || I2OSP(32, 2) || v || "Finalize")`.
///
/// `input` is at most 65,535 bytes: checked when it was blinded.
pub(crate) fn finalize(input: &[u8], unblinded: &[u8; ELEMENT_BYTES]) -> OprfOutput {
    OprfOutput::from_bytes(
        Sha512::new()
            .chain_update((input.len() as u16).to_be_bytes())
            .chain_update(input)
            .chain_update((ELEMENT_BYTES as u16).to_be_bytes())
            .chain_update(unblinded)
            .chain_update(b"Finalize")
            .finalize()
            .into(),
    )
}

fn only_answer(holder: HolderIndex, answers: &[Answer]) -> Result<&Answer, ToprfError> {
    let mut from_holder = answers.iter().filter(|answer| answer.holder == holder);
    match (from_holder.next(), from_holder.next()) {
        (Some(answer), None) => Ok(answer),
        _ => Err(ToprfError::AnswerCount { holder }),
    }
}

fn refuse_strangers(quorum: &[HolderIndex], answers: &[Answer]) -> Result<(), ToprfError> {
    match answers.iter().find(|a| !quorum.contains(&a.holder)) {
        Some(stranger) => Err(ToprfError::AnswerCount {
            holder: stranger.holder,
        }),
        None => Ok(()),
    }
}
