use std::fmt;

use curve25519_dalek::{RistrettoPoint, Scalar, traits::IsIdentity};
use rand_core::CryptoRng;
use sanctuary_types::limits::OPRF_ELEMENTS_MAX;
use zeroize::{Zeroize, Zeroizing};

use crate::{CheckedKeys, ELEMENT_BYTES, ToprfError, fixed_base::FixedBase, group::hash_to_group};

/// RFC 9497 prefixes an input's length in two bytes.
const INPUT_BYTES_MAX: usize = u16::MAX as usize;

/// A batch of inputs, blinded: what is sent to the holders, and what is needed to finish.
///
/// Additive blinding: `C = 2*(H(x) + r*G)`, undone by `2*(E - 2r*PK) = 4k*H(x)`. Two
/// multiplications by fixed points (tables) instead of two by variable points. `C` is uniform
/// whatever `x` is, so holders learn nothing. Both doublings are there because doubled points can
/// be encoded a whole batch at a time, at a tenth of the cost; the function computed is the RFC's
/// under the key `4k`, a public and fixed factor, and every message is the RFC's under `k`.
/// It is safe under three conditions, because our inputs can be
/// guessed and a false `PK` would otherwise turn the result into an oracle (Jarecki, Krawczyk and
/// Xu, ePrint 2021/273):
///
/// 1. `PK` and all `Y_i` come from a manifest whose signatures hold: the caller's duty;
/// 2. the `Y_i` interpolate to `PK`: no [`CheckedKeys`] exists otherwise;
/// 3. every holder's proof holds before anything is unblinded: [`Blinded::finish`] gives no result
///    otherwise.
///
/// Then `E = k*C` for the `k` of `PK`, and `E - 2r*PK = 2k*H(x)`. Whoever cannot keep all three must
/// blind multiplicatively (`C = r*H(x)`), as the RFC's test vectors do.
pub struct Blinded {
    pub(crate) group_key: [u8; 32],
    pub(crate) inputs: Vec<Zeroizing<Vec<u8>>>,
    pub(crate) blinds: Zeroizing<Vec<Scalar>>,
    pub(crate) points: Vec<RistrettoPoint>,
    elements: Vec<u8>,
}

impl Blinded {
    /// Blinds `inputs`, each under a fresh scalar. Remove repeats, pad and shuffle before: the
    /// number and order of inputs is visible to the holders.
    ///
    /// # Errors
    /// [`ToprfError::BatchSize`], [`ToprfError::InputTooLong`] (65,535 bytes) or
    /// [`ToprfError::UnusableInput`].
    pub fn new(
        keys: &CheckedKeys,
        inputs: &[impl AsRef<[u8]>],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, ToprfError> {
        if inputs.is_empty() || inputs.len() > OPRF_ELEMENTS_MAX {
            return Err(ToprfError::BatchSize {
                given: inputs.len(),
                limit: OPRF_ELEMENTS_MAX,
            });
        }
        let mut batch = Self {
            group_key: *keys.group_key(),
            inputs: Vec::with_capacity(inputs.len()),
            blinds: Zeroizing::new(Vec::with_capacity(inputs.len())),
            points: Vec::with_capacity(inputs.len()),
            elements: Vec::with_capacity(inputs.len() * ELEMENT_BYTES),
        };
        for (position, input) in inputs.iter().enumerate() {
            batch.push(position, input.as_ref(), rng)?;
        }
        for encoded in RistrettoPoint::double_and_compress_batch(&batch.points) {
            batch.elements.extend_from_slice(encoded.as_bytes());
        }
        batch.points.iter_mut().for_each(|half| *half += *half);
        Ok(batch)
    }

    /// The blinded elements, 32 bytes each, in the order of the inputs.
    #[must_use]
    pub fn elements(&self) -> &[u8] {
        &self.elements
    }

    /// Number of inputs.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a batch is never empty")]
    pub fn len(&self) -> usize {
        self.inputs.len()
    }

    fn push(
        &mut self,
        position: usize,
        input: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<(), ToprfError> {
        if input.len() > INPUT_BYTES_MAX {
            return Err(ToprfError::InputTooLong { position });
        }
        let mut hashed = hash_to_group(input);
        if hashed.is_identity() {
            return Err(ToprfError::UnusableInput { position });
        }
        let blind = Scalar::random(rng);
        let half = hashed + FixedBase::generator().vartime_mul(&blind);
        hashed.zeroize();
        self.points.push(half);
        self.blinds.push(blind);
        self.inputs.push(Zeroizing::new(input.to_vec()));
        Ok(())
    }
}

impl fmt::Debug for Blinded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blinded({} inputs, <redacted>)", self.inputs.len())
    }
}
