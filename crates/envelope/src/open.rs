use sanctuary_trust::verify;
use sanctuary_types::{CaseId, Timestamp, lp};
use zeroize::Zeroizing;

use crate::{
    Envelope, EnvelopeError, Expectation, KeyRing, Once, SessionKey, seal, size, suite::Context,
};

/// Two nodes' clocks may differ by this much.
const CLOCK_SLACK_MS: u64 = 5 * 60_000;
/// No envelope is valid for longer, whatever it says: the once-only record need not be kept longer.
pub(crate) const VALID_MAX_MS: u64 = 60 * 86_400_000;

/// An opened message and the evidence of who sent it.
#[derive(Debug)]
pub struct Opened {
    /// The case.
    pub case: CaseId,
    /// The message.
    pub body: Zeroizing<Vec<u8>>,
    /// The sender's signature over header and message, to be kept with it.
    pub evidence: [u8; 64],
}

/// Opens an envelope, once. `sender_key` is the sender's Ed25519 key from the roster. Nothing is
/// returned before the envelope's id is durably noted as taken in.
///
/// # Errors
/// An [`EnvelopeError`] of its own for each thing that a malicious hub can do.
pub fn open(
    envelope: &Envelope,
    expected: &Expectation,
    sender_key: &[u8; 32],
    keys: &KeyRing,
    session: &SessionKey,
    once: &mut impl Once,
    now: Timestamp,
) -> Result<Opened, EnvelopeError> {
    let header = &envelope.header;
    expected.check(header)?;
    let message = Envelope::message(header, &envelope.encapsulated, &envelope.sealed);
    verify(sender_key, &message, &envelope.signature).map_err(|_| {
        EnvelopeError::OuterSignature {
            from: header.from.clone(),
        }
    })?;
    check_time(header.created, header.expires, now)?;
    envelope.check_sizes()?;
    let secret = keys
        .secret(&header.key_id, header.suite, now)
        .ok_or(EnvelopeError::DestroyedKey)?;
    let context = Context {
        info: &header.info(sender_key),
        aad: &header.to_bytes(),
        psk: session.expose(),
        psk_id: &header.match_id.0,
    };
    let padded = header
        .suite
        .open(secret, &envelope.encapsulated, &context, &envelope.sealed)?;
    let (evidence, body) = size::unpad(&padded)?;
    verify(sender_key, &seal::inner_message(header, body), &evidence).map_err(|_| {
        EnvelopeError::InnerSignature {
            from: header.from.clone(),
        }
    })?;
    // Last, so that an altered copy cannot make the true one count as seen.
    if !once.accept(envelope.id(), header.expires)? {
        return Err(EnvelopeError::Replayed);
    }
    Ok(Opened {
        case: header.case,
        body: Zeroizing::new(body.to_vec()),
        evidence,
    })
}

/// Checks the signature inside an envelope, as whoever opened it kept it: that `sender_key` signed this
/// message under this header.
///
/// # Errors
/// [`EnvelopeError::Malformed`] when it did not.
pub fn check_evidence(
    header: &[u8],
    body: &[u8],
    evidence: &[u8],
    sender_key: &[u8; 32],
) -> Result<(), EnvelopeError> {
    let message = lp(&[seal::INNER_LABEL, header, body]);
    verify(sender_key, &message, evidence).map_err(|_| EnvelopeError::Malformed("signed letter"))
}

fn check_time(created: Timestamp, expires: Timestamp, now: Timestamp) -> Result<(), EnvelopeError> {
    if created.0 > now.0.saturating_add(CLOCK_SLACK_MS) {
        return Err(EnvelopeError::FromTheFuture);
    }
    let latest = created.0.saturating_add(VALID_MAX_MS);
    if now >= expires || now.0 >= latest {
        return Err(EnvelopeError::Expired);
    }
    Ok(())
}
