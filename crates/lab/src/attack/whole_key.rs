//! The OPRF key put together from stolen shares: with t of them it is the key, with fewer it is
//! some other number.

use anyhow::{Context, Result, ensure};
use curve25519_dalek::{RistrettoPoint, Scalar};
use sanctuary_keyshare::KeyShare;
use sanctuary_posting::{TokenSecrets, derive};
use sanctuary_toprf::{OprfOutput, coefficient, hash_to_group};
use sanctuary_types::{Epoch, KeyClass, Tag};
use sha2::{Digest, Sha512};

use super::plaintext::Value;
use crate::evaluate::in_parallel;

/// Values evaluated together.
const CHUNK: usize = 1_024;

/// One key of each class.
pub struct WholeKey {
    /// Twice the key: outputs are under four times the key, and points are doubled in batches.
    doubled: [Scalar; 2],
    epoch: Epoch,
}

impl WholeKey {
    /// Interpolates at zero through the shares given of each class, however many they are.
    ///
    /// # Errors
    /// When a class has no share or one twice.
    pub fn rebuild(shares: &[(KeyClass, KeyShare)], epoch: Epoch) -> Result<Self> {
        let of_class = |class: KeyClass| -> Result<Scalar> {
            let own: Vec<&KeyShare> = shares
                .iter()
                .filter(|(c, _)| *c == class)
                .map(|(_, s)| s)
                .collect();
            ensure!(
                !own.is_empty(),
                "no share of the {} key was given",
                class.label()
            );
            let quorum: Vec<u16> = own.iter().map(|share| share.index()).collect();
            let mut key = Scalar::ZERO;
            for share in own {
                let scalar = share.to_bytes()[2..]
                    .try_into()
                    .ok()
                    .and_then(|b| Scalar::from_canonical_bytes(b).into_option());
                key +=
                    coefficient(&quorum, share.index())? * scalar.context("a share is damaged")?;
            }
            Ok(key + key)
        };
        let [person, identifier] = KeyClass::ALL;
        Ok(Self {
            doubled: [of_class(person)?, of_class(identifier)?],
            epoch,
        })
    }

    /// Outputs of inputs of one class.
    #[must_use]
    pub fn outputs(&self, class: KeyClass, inputs: &[&[u8]]) -> Vec<OprfOutput> {
        let key = self.doubled[usize::from(class == KeyClass::Identifier)];
        let halves: Vec<RistrettoPoint> = inputs
            .iter()
            .map(|input| hash_to_group(input) * key)
            .collect();
        let elements = RistrettoPoint::double_and_compress_batch(&halves);
        inputs
            .iter()
            .zip(elements)
            .map(|(input, element)| finalize(input, element.as_bytes()))
            .collect()
    }

    /// The tag of every value, in order.
    ///
    /// # Errors
    /// When a thread fails.
    pub fn tags(&self, values: &[Value]) -> Result<Vec<Tag>> {
        self.each(values, |secrets| secrets.tag)
    }

    /// What is made of every value's secrets, in order.
    ///
    /// # Errors
    /// When a thread fails.
    pub fn each<T: Clone + Send>(
        &self,
        values: &[Value],
        made: impl Fn(&TokenSecrets) -> T + Sync,
    ) -> Result<Vec<T>> {
        let chunks: Vec<&[Value]> = values.chunks(CHUNK).collect();
        let all = in_parallel(&chunks, |_, chunk| {
            let mut all: Vec<Option<T>> = vec![None; chunk.len()];
            for class in KeyClass::ALL {
                let places: Vec<usize> = (0..chunk.len())
                    .filter(|i| chunk[*i].class == class)
                    .collect();
                let inputs: Vec<&[u8]> =
                    places.iter().map(|i| chunk[*i].input.as_slice()).collect();
                for (place, output) in places.iter().zip(self.outputs(class, &inputs)) {
                    all[*place] = Some(made(&derive(&output, class, self.epoch)));
                }
            }
            Ok(all)
        })?;
        Ok(all.into_iter().flatten().flatten().collect())
    }
}

/// RFC 9497 section 3.3.2, the last hash.
fn finalize(input: &[u8], element: &[u8; 32]) -> OprfOutput {
    let hash = Sha512::new()
        .chain_update((input.len() as u16).to_be_bytes())
        .chain_update(input)
        .chain_update(32u16.to_be_bytes())
        .chain_update(element)
        .chain_update(b"Finalize");
    OprfOutput::from_bytes(hash.finalize().into())
}
