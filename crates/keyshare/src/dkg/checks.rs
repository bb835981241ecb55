//! Which messages of others a holder accepts. Every refusal names the holder it is about.

use sanctuary_toprf::HolderIndex;
use sanctuary_types::PartyId;

use super::{Echo, Round1, Terms, frost::decode};
use crate::KeyshareError;

/// Everybody's first message, in the order of indices: of this ceremony, signed, well-formed, and
/// our own exactly as we sent it.
pub(super) fn first_messages(
    terms: &Terms,
    messages: &[Round1],
    own: HolderIndex,
    mine: &Round1,
    verify: impl Fn(&PartyId, &[u8], &[u8; 64]) -> bool,
) -> Result<Vec<Round1>, KeyshareError> {
    let in_order = one_each(terms, messages, |message| message.index)?;
    for (message, member) in in_order.iter().zip(terms.members()) {
        let holder = message.index;
        if message.ceremony_id != mine.ceremony_id {
            return Err(KeyshareError::OtherCeremony { holder });
        }
        if !verify(&member.holder, &message.signed_bytes(), &message.signature) {
            return Err(KeyshareError::BadSignature { holder });
        }
        if holder == own && message != mine {
            return Err(KeyshareError::NotOurPackage { holder });
        }
        decode(message, terms)?;
    }
    Ok(in_order)
}

/// Everybody's echo: of this ceremony, signed, and of the packages that we were shown.
pub(super) fn echoes(
    terms: &Terms,
    echoes: &[Echo],
    transcript: &[u8; 32],
    verify: impl Fn(&PartyId, &[u8], &[u8; 64]) -> bool,
) -> Result<(), KeyshareError> {
    let id = terms.id();
    let in_order = one_each(terms, echoes, |echo| echo.index)?;
    for (echo, member) in in_order.iter().zip(terms.members()) {
        let holder = echo.index;
        if echo.ceremony_id != id {
            return Err(KeyshareError::OtherCeremony { holder });
        }
        if !verify(&member.holder, &echo.signed_bytes(), &echo.signature) {
            return Err(KeyshareError::BadSignature { holder });
        }
        if echo.transcript_sha256 != *transcript {
            return Err(KeyshareError::EchoDiffers { holder });
        }
    }
    Ok(())
}

/// The one message of a holder.
pub(super) fn only<'a, T>(
    mut of_holder: impl Iterator<Item = &'a T>,
    holder: HolderIndex,
) -> Result<&'a T, KeyshareError> {
    match (of_holder.next(), of_holder.next()) {
        (Some(message), None) => Ok(message),
        _ => Err(KeyshareError::MessageCount { holder }),
    }
}

/// Exactly one message per member, none from anybody else, in the order of indices.
fn one_each<T: Clone>(
    terms: &Terms,
    messages: &[T],
    index: impl Fn(&T) -> HolderIndex,
) -> Result<Vec<T>, KeyshareError> {
    let known = |holder| terms.members().iter().any(|m| m.index == holder);
    if let Some(stranger) = messages.iter().map(&index).find(|holder| !known(*holder)) {
        return Err(KeyshareError::MessageCount { holder: stranger });
    }
    let of = |holder| only(messages.iter().filter(|m| index(m) == holder), holder).cloned();
    terms
        .members()
        .iter()
        .map(|member| of(member.index))
        .collect()
}
