use rand_core::CryptoRng;
use sanctuary_trust::SigningKey;
use sanctuary_types::{AlertId, CaseId, Epoch, PartyId, Timestamp, lp};

use crate::{Envelope, EnvelopeError, Header, KeyBook, SessionKey, size, suite::Context};

pub(crate) const INNER_LABEL: &[u8] = b"sanctuary/v1/envelope-inner";

/// What is to be sealed, for whom, under which match.
#[derive(Clone, Copy, Debug)]
pub struct Sealing<'a> {
    /// The case.
    pub case: CaseId,
    /// This agency.
    pub from: &'a PartyId,
    /// The other agency.
    pub to: &'a PartyId,
    /// The match that was proven.
    pub match_id: AlertId,
    /// The epoch it was found in.
    pub epoch: Epoch,
    /// Version of the sharing agreement.
    pub agreement_version: u32,
    /// How long the recipient accepts it, from now.
    pub valid_ms: u64,
}

/// Seals a message: signed inside (evidence of who said what), padded, HPKE mode_psk to the
/// recipient's current key under the match's session key, signed outside.
///
/// # Errors
/// [`EnvelopeError::NoKey`] without a fresh key of the recipient, [`EnvelopeError::TooLong`].
pub fn seal(
    what: &Sealing<'_>,
    body: &[u8],
    keys: &KeyBook,
    session: &SessionKey,
    signing: &SigningKey,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<Envelope, EnvelopeError> {
    let recipient = keys.current(what.to, now)?;
    let header = Header {
        suite: recipient.suite,
        case: what.case,
        from: what.from.clone(),
        to: what.to.clone(),
        match_id: what.match_id,
        epoch: what.epoch,
        agreement_version: what.agreement_version,
        key_id: recipient.key_id,
        created: now,
        expires: Timestamp(now.0.saturating_add(what.valid_ms)),
    };
    let inner = signing.sign(&inner_message(&header, body));
    let padded = size::pad(body, &inner)?;
    let context = Context {
        info: &header.info(&signing.public()),
        aad: &header.to_bytes(),
        psk: session.expose(),
        psk_id: &what.match_id.0,
    };
    let (encapsulated, sealed) = header
        .suite
        .seal(&recipient.public, &context, &padded, rng)?;
    let signature = signing.sign(&Envelope::message(&header, &encapsulated, &sealed));
    Ok(Envelope {
        header,
        encapsulated,
        sealed,
        signature,
    })
}

/// What the sender signs on the inside: a party that opened the envelope can show it to others.
pub(crate) fn inner_message(header: &Header, body: &[u8]) -> Vec<u8> {
    lp(&[INNER_LABEL, &header.to_bytes(), body])
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};
    use sanctuary_trust::SigningKey;
    use sanctuary_types::{AlertId, CaseId, Epoch, Timestamp};
    use zeroize::Zeroizing;

    use super::*;
    use crate::{Expectation, KeyRing, SeenOnce, Suite, open};

    /// A sender that signs the outside rightly and the inside with another key: what it says could not
    /// be shown to anybody, so it is not taken in.
    #[test]
    fn a_message_without_its_inner_signature_is_refused() {
        let mut rng = StdRng::from_seed([1; 32]);
        let now = Timestamp(1_795_478_400_000);
        let (from, to): (PartyId, PartyId) =
            ("police".parse().unwrap(), "charity".parse().unwrap());
        let sender = SigningKey::generate(&mut rng).unwrap();
        let other = SigningKey::generate(&mut rng).unwrap();
        let session = SessionKey::from_store(Zeroizing::new([3; 32]));
        let mut ring = KeyRing::default();
        let key = ring
            .rotate(&to, Suite::X25519, &other, now, &mut rng)
            .unwrap();
        for (inner_key, good) in [(&sender, true), (&other, false)] {
            let header = Header {
                suite: Suite::X25519,
                case: CaseId([1; 16]),
                from: from.clone(),
                to: to.clone(),
                match_id: AlertId([2; 16]),
                epoch: Epoch(1),
                agreement_version: 1,
                key_id: key.key_id,
                created: now,
                expires: Timestamp(now.0 + 1_000),
            };
            let padded = size::pad(b"x", &inner_key.sign(&inner_message(&header, b"x"))).unwrap();
            let context = Context {
                info: &header.info(&sender.public()),
                aad: &header.to_bytes(),
                psk: session.expose(),
                psk_id: &header.match_id.0,
            };
            let (encapsulated, sealed) = header
                .suite
                .seal(&key.public, &context, &padded, &mut rng)
                .unwrap();
            let signature = sender.sign(&Envelope::message(&header, &encapsulated, &sealed));
            let expected = Expectation {
                case: None,
                from: from.clone(),
                to: to.clone(),
                match_id: header.match_id,
                epoch: Epoch(1),
                agreement_version: 1,
                least_suite: Suite::X25519,
            };
            let envelope = Envelope {
                header,
                encapsulated,
                sealed,
                signature,
            };
            let mut seen = SeenOnce::default();
            let opened = open(
                &envelope,
                &expected,
                &sender.public(),
                &ring,
                &session,
                &mut seen,
                now,
            );
            match opened {
                Ok(message) => assert!(good && message.body.as_slice() == b"x"),
                Err(error) => {
                    assert!(!good);
                    assert_eq!(error, EnvelopeError::InnerSignature { from: from.clone() });
                }
            }
        }
    }
}
