use curve25519_dalek::Scalar;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use ring::hkdf::{HKDF_SHA256, KeyType, Prk};
use sanctuary_types::lp;
use zeroize::{Zeroize, Zeroizing};

/// 32 secret bytes from which one side makes one stage: scalars and filling points. Must differ
/// between any two contents; the same seed and content give the same bytes. Wiped on drop.
pub struct Seed(Zeroizing<[u8; 32]>);

impl Seed {
    /// From a keyed hash over everything the stage depends on.
    #[must_use]
    pub fn new(mut bytes: [u8; 32]) -> Self {
        let seed = Self(Zeroizing::new(bytes));
        bytes.zeroize();
        seed
    }

    /// The scalar of one group: HKDF-Expand to 64 bytes, reduced modulo the order. Zero has a
    /// chance of 2^-252, and would be refused by the peer as an identity.
    pub(crate) fn scalar(&self, group: usize) -> Zeroizing<Scalar> {
        let wide = self.expand::<64>("scalar", group);
        Zeroizing::new(Scalar::from_bytes_mod_order_wide(&wide))
    }

    /// Randomness for filling points.
    pub(crate) fn filling(&self) -> ChaCha20Rng {
        ChaCha20Rng::from_seed(*self.expand::<32>("filling", 0))
    }

    /// 24 bytes that name a text under this seed: equal only for equal texts.
    pub(crate) fn salt(&self, text_sha256: &[u8]) -> [u8; 24] {
        let info = lp(&[b"sanctuary/v1/compare/salt", text_sha256]);
        let mut out = [0; 24];
        self.fill(&info, &mut out);
        out
    }

    fn expand<const N: usize>(&self, purpose: &str, number: usize) -> Zeroizing<[u8; N]> {
        let info = lp(&[
            b"sanctuary/v1/compare/seed",
            purpose.as_bytes(),
            &(number as u64).to_be_bytes(),
        ]);
        let mut out = Zeroizing::new([0; N]);
        self.fill(&info, &mut *out);
        out
    }

    fn fill(&self, info: &[u8], out: &mut [u8]) {
        let prk = Prk::new_less_safe(HKDF_SHA256, &*self.0);
        let filled = prk
            .expand(&[info], Length(out.len()))
            .and_then(|okm| okm.fill(out));
        if filled.is_err() {
            unreachable!("at most 64 bytes; HKDF gives up to 8,160");
        }
    }
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(<redacted>)")
    }
}

/// An output length for ring.
pub(crate) struct Length(pub(crate) usize);
impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
