use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, PskBundle, Serializable, aead::ChaCha20Poly1305,
    kdf::HkdfSha256, kem::X25519HkdfSha256, kem::XWing, single_shot_open,
    single_shot_seal_with_rng,
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::EnvelopeError;

/// How envelopes are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suite {
    /// DHKEM(X25519, HKDF-SHA256): suite 1.
    X25519,
    /// X-Wing, X25519 with ML-KEM-768: suite 2, and the one to use. Holds against somebody who records
    /// traffic today and has a quantum computer in twenty years.
    XWing,
}

impl Suite {
    /// Both.
    pub const ALL: [Self; 2] = [Self::X25519, Self::XWing];

    /// Stable code in headers and announcements.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::X25519 => 1,
            Self::XWing => 2,
        }
    }
    /// The suite of a code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
    /// Bytes of a public key.
    #[must_use]
    pub const fn public_bytes(self) -> usize {
        match self {
            Self::X25519 => 32,
            Self::XWing => 1216,
        }
    }
    /// Bytes of an encapsulated key.
    #[must_use]
    pub const fn encapsulated_bytes(self) -> usize {
        match self {
            Self::X25519 => 32,
            Self::XWing => 1120,
        }
    }

    /// A fresh key pair from the caller's randomness.
    pub(crate) fn generate(self, rng: &mut impl CryptoRng) -> (RecipientSecret, Vec<u8>) {
        let mut ikm = Zeroizing::new([0; 32]);
        rng.fill_bytes(ikm.as_mut());
        match self {
            Self::X25519 => pair::<X25519HkdfSha256>(ikm.as_ref()),
            Self::XWing => pair::<XWing>(ikm.as_ref()),
        }
    }

    /// The public key of a secret one, or `None` when it is none.
    pub(crate) fn public_of(self, secret: &RecipientSecret) -> Option<Vec<u8>> {
        match self {
            Self::X25519 => public_of::<X25519HkdfSha256>(secret),
            Self::XWing => public_of::<XWing>(secret),
        }
    }

    pub(crate) fn seal(
        self,
        recipient: &[u8],
        context: &Context<'_>,
        plain: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<(Vec<u8>, Vec<u8>), EnvelopeError> {
        match self {
            Self::X25519 => seal::<X25519HkdfSha256>(recipient, context, plain, rng),
            Self::XWing => seal::<XWing>(recipient, context, plain, rng),
        }
    }

    pub(crate) fn open(
        self,
        secret: &RecipientSecret,
        encapsulated: &[u8],
        context: &Context<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        match self {
            Self::X25519 => open::<X25519HkdfSha256>(secret, encapsulated, context, sealed),
            Self::XWing => open::<XWing>(secret, encapsulated, context, sealed),
        }
    }
}

/// A recipient's private key, 32 bytes in both suites. Wiped on drop, never printed.
#[derive(Clone)]
pub struct RecipientSecret(pub(crate) Zeroizing<[u8; 32]>);

impl std::fmt::Debug for RecipientSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecipientSecret(<redacted>)")
    }
}

/// What an envelope is bound to besides its recipient.
pub(crate) struct Context<'a> {
    pub(crate) info: &'a [u8],
    pub(crate) aad: &'a [u8],
    pub(crate) psk: &'a [u8; 32],
    pub(crate) psk_id: &'a [u8],
}

fn pair<K: Kem>(ikm: &[u8]) -> (RecipientSecret, Vec<u8>) {
    let (secret, public) = K::derive_keypair(ikm);
    let bytes = Zeroizing::new(secret.to_bytes().to_vec());
    let mut out = Zeroizing::new([0; 32]);
    // Both suites' private keys have 32 bytes (RFC 9180 section 7.1; X-Wing keeps its seed).
    out.iter_mut().zip(bytes.iter()).for_each(|(o, b)| *o = *b);
    (RecipientSecret(out), public.to_bytes().to_vec())
}

fn public_of<K: Kem>(secret: &RecipientSecret) -> Option<Vec<u8>> {
    let secret = K::PrivateKey::from_bytes(secret.0.as_ref()).ok()?;
    Some(K::sk_to_pk(&secret).to_bytes().to_vec())
}

fn seal<K: Kem>(
    recipient: &[u8],
    context: &Context<'_>,
    plain: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<(Vec<u8>, Vec<u8>), EnvelopeError> {
    let bad = |_| EnvelopeError::Malformed("recipient key");
    let recipient = K::PublicKey::from_bytes(recipient).map_err(bad)?;
    let psk = PskBundle::new(context.psk, context.psk_id).map_err(bad)?;
    let (encapsulated, sealed) = single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, K>(
        &OpModeS::Psk(psk),
        &recipient,
        context.info,
        plain,
        context.aad,
        rng,
    )
    .map_err(bad)?;
    Ok((encapsulated.to_bytes().to_vec(), sealed))
}

fn open<K: Kem>(
    secret: &RecipientSecret,
    encapsulated: &[u8],
    context: &Context<'_>,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    let bad = |_| EnvelopeError::DoesNotOpen;
    let secret = K::PrivateKey::from_bytes(secret.0.as_ref()).map_err(bad)?;
    let encapsulated = K::EncappedKey::from_bytes(encapsulated).map_err(bad)?;
    let psk = PskBundle::new(context.psk, context.psk_id).map_err(bad)?;
    single_shot_open::<ChaCha20Poly1305, HkdfSha256, K>(
        &OpModeR::Psk(psk),
        &secret,
        &encapsulated,
        context.info,
        sealed,
        context.aad,
    )
    .map(Zeroizing::new)
    .map_err(bad)
}
