use sanctuary_holder_core::{
    CeremonyResult, CeremonyStart, Echo, HolderError, Round1, SealedPackage, ShortCeremonyId, short,
};
use sanctuary_types::{Epoch, KeyClass};
use sanctuary_wire::keyholder as wire;

/// Members, packages or echoes in one message.
const MEMBERS_MAX: usize = 64;

pub(super) fn class(code: u32) -> Result<KeyClass, HolderError> {
    u8::try_from(code)
        .ok()
        .and_then(KeyClass::from_code)
        .ok_or(HolderError::NoKey {
            class: code.to_string(),
        })
}

pub(super) fn indices(list: &[u32]) -> Result<Vec<u16>, HolderError> {
    if list.len() > MEMBERS_MAX {
        return Err(HolderError::Field("the quorum"));
    }
    list.iter().map(|i| index(*i)).collect()
}

pub(super) fn id(bytes: &[u8]) -> Result<ShortCeremonyId, HolderError> {
    fixed(bytes, "the ceremony id, which has 16 bytes,")
}

/// The members' own `sealing_key` is not used: each holder makes one for the ceremony.
pub(super) fn start(message: &wire::CeremonyStart) -> Result<CeremonyStart, HolderError> {
    let members = &message.members;
    let in_order = (1u32..).zip(members).all(|(i, m)| m.index == i);
    if members.len() > MEMBERS_MAX || !in_order {
        return Err(HolderError::Field(
            "the list of members, in the order of indices from 1,",
        ));
    }
    let holders = members
        .iter()
        .map(|m| {
            m.holder
                .parse()
                .map_err(|_| HolderError::Field("a member's name"))
        })
        .collect::<Result<_, _>>()?;
    Ok(CeremonyStart {
        class: class(message.key_class)?,
        epoch: Epoch(message.epoch),
        threshold: u16::try_from(message.threshold)
            .map_err(|_| HolderError::Field("the threshold"))?,
        holders,
    })
}

pub(super) fn round1_out(message: &Round1) -> wire::CeremonyRound1 {
    wire::CeremonyRound1 {
        ceremony_id: short(&message.ceremony_id).to_vec().into(),
        index: message.index.into(),
        package: message.package.clone().into(),
        sealing_key: message.sealing_key.to_vec().into(),
        signature: message.signature.to_vec().into(),
    }
}

pub(super) fn round1_in(list: &[wire::CeremonyRound1]) -> Result<Vec<Round1>, HolderError> {
    limited(list)?
        .iter()
        .map(|m| {
            Ok(Round1 {
                ceremony_id: padded(&m.ceremony_id)?,
                index: index(m.index)?,
                package: m.package.to_vec(),
                sealing_key: fixed(&m.sealing_key, "a sealing key")?,
                signature: fixed(&m.signature, "a signature")?,
            })
        })
        .collect()
}

pub(super) fn echo_out(message: &Echo) -> wire::CeremonyEcho {
    wire::CeremonyEcho {
        ceremony_id: short(&message.ceremony_id).to_vec().into(),
        index: message.index.into(),
        transcript_sha256: message.transcript_sha256.to_vec().into(),
        signature: message.signature.to_vec().into(),
    }
}

pub(super) fn echo_in(list: &[wire::CeremonyEcho]) -> Result<Vec<Echo>, HolderError> {
    limited(list)?
        .iter()
        .map(|m| {
            Ok(Echo {
                ceremony_id: padded(&m.ceremony_id)?,
                index: index(m.index)?,
                transcript_sha256: fixed(&m.transcript_sha256, "a transcript")?,
                signature: fixed(&m.signature, "a signature")?,
            })
        })
        .collect()
}

pub(super) fn package_out(package: SealedPackage) -> wire::SealedPackage {
    wire::SealedPackage {
        from: package.from.into(),
        to: package.to.into(),
        encapsulated: package.encapsulated.to_vec().into(),
        ciphertext: package.ciphertext.into(),
    }
}

/// Packages for other holders are passed over by the ceremony, so the officer may send all of them.
pub(super) fn package_in(list: &[wire::SealedPackage]) -> Result<Vec<SealedPackage>, HolderError> {
    if list.len() > MEMBERS_MAX * MEMBERS_MAX {
        return Err(HolderError::Field("the list of packages"));
    }
    list.iter()
        .map(|p| {
            Ok(SealedPackage {
                from: index(p.from)?,
                to: index(p.to)?,
                encapsulated: fixed(&p.encapsulated, "an encapsulated key")?,
                ciphertext: p.ciphertext.to_vec(),
            })
        })
        .collect()
}

pub(super) fn result_out(result: CeremonyResult) -> wire::CeremonyResult {
    wire::CeremonyResult {
        ceremony_id: result.ceremony_id.to_vec().into(),
        index: result.index.into(),
        group_key: result.group_key.to_vec().into(),
        share_keys: result
            .share_keys
            .iter()
            .map(|k| k.to_vec().into())
            .collect(),
        transcript_sha256: result.transcript_sha256.to_vec().into(),
        signature: result.signature.to_vec().into(),
    }
}

fn index(value: u32) -> Result<u16, HolderError> {
    u16::try_from(value).map_err(|_| HolderError::Field("a share index"))
}

/// The wire carries the first half of the id; the ceremony at hand knows the rest.
fn padded(bytes: &[u8]) -> Result<[u8; 32], HolderError> {
    let mut whole = [0; 32];
    whole[..16].copy_from_slice(&id(bytes)?);
    Ok(whole)
}

fn fixed<const N: usize>(bytes: &[u8], what: &'static str) -> Result<[u8; N], HolderError> {
    bytes.try_into().map_err(|_| HolderError::Field(what))
}

fn limited<T>(list: &[T]) -> Result<&[T], HolderError> {
    if list.len() > MEMBERS_MAX {
        return Err(HolderError::Field("the list of messages"));
    }
    Ok(list)
}
