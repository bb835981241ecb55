//! Parcels and keys between casework's words and the wire's.

use sanctuary_casework::{CaseTick, Parcel, ParcelContent, ParcelId};
use sanctuary_envelope::{
    Envelope, Finish, Header, Hello, KeyAnnouncement, KeyId, ProofFor, Reply, Suite,
};
use sanctuary_types::{AlertId, CaseId, Epoch, PartyId, Timestamp};
use sanctuary_wire::disclosure as wire;

/// Version of the envelope's form.
const ENVELOPE_VERSION: u32 = 1;

pub(super) fn parcel(parcel: &Parcel) -> wire::Parcel {
    use wire::parcel::Content;
    let content = match &parcel.content {
        ParcelContent::Envelope(one) => Content::Envelope(envelope(one)),
        ParcelContent::Hello(hello) => Content::Hello(wire::ProofHello {
            match_id: hello.about.match_id.0.to_vec().into(),
            nonce: hello.nonce.to_vec().into(),
        }),
        ParcelContent::Reply(reply) => Content::Reply(wire::ProofReply {
            match_id: reply.about.match_id.0.to_vec().into(),
            nonce: reply.nonce.to_vec().into(),
            mac: reply.mac.to_vec().into(),
        }),
        ParcelContent::Finish(finish) => Content::Finish(wire::ProofFinish {
            match_id: finish.about.match_id.0.to_vec().into(),
            mac: finish.mac.to_vec().into(),
        }),
    };
    wire::Parcel {
        parcel_id: parcel.id.0.to_vec().into(),
        from: parcel.from.to_string(),
        to: parcel.to.to_string(),
        content: Some(content),
    }
}

/// `None` for what is no parcel.
pub(super) fn read_parcel(wire: &wire::Parcel) -> Option<Parcel> {
    use wire::parcel::Content;
    let from: PartyId = wire.from.parse().ok()?;
    let to: PartyId = wire.to.parse().ok()?;
    let about = |match_id: &[u8], asker: &PartyId, owner: &PartyId| {
        Some(ProofFor {
            match_id: AlertId::try_from(match_id).ok()?,
            asker: asker.clone(),
            owner: owner.clone(),
        })
    };
    let content = match wire.content.as_ref()? {
        Content::Envelope(one) => {
            ParcelContent::Envelope(Box::new(read_envelope(one, &from, &to)?))
        }
        Content::Hello(hello) => ParcelContent::Hello(Hello {
            about: about(&hello.match_id, &from, &to)?,
            nonce: hello.nonce[..].try_into().ok()?,
        }),
        Content::Reply(reply) => ParcelContent::Reply(Reply {
            about: about(&reply.match_id, &to, &from)?,
            nonce: reply.nonce[..].try_into().ok()?,
            mac: reply.mac[..].try_into().ok()?,
        }),
        Content::Finish(finish) => ParcelContent::Finish(Finish {
            about: about(&finish.match_id, &from, &to)?,
            mac: finish.mac[..].try_into().ok()?,
        }),
    };
    Some(Parcel {
        id: ParcelId(wire.parcel_id[..].try_into().ok()?),
        from,
        to,
        content,
    })
}

pub(super) fn announcement(key: &KeyAnnouncement) -> wire::KeyAnnouncement {
    wire::KeyAnnouncement {
        party: key.party.to_string(),
        suite: key.suite.code().into(),
        key_id: key.key_id.0.to_vec().into(),
        public: key.public.clone().into(),
        not_before_ms: key.not_before.0,
        fresh_until_ms: key.fresh_until.0,
        signature: key.signature.to_vec().into(),
    }
}

pub(super) fn read_announcement(wire: &wire::KeyAnnouncement) -> Option<KeyAnnouncement> {
    Some(KeyAnnouncement {
        party: wire.party.parse().ok()?,
        suite: suite(wire.suite)?,
        key_id: KeyId(wire.key_id[..].try_into().ok()?),
        public: wire.public.to_vec(),
        not_before: Timestamp(wire.not_before_ms),
        fresh_until: Timestamp(wire.fresh_until_ms),
        signature: wire.signature[..].try_into().ok()?,
    })
}

pub(super) fn tick(tick: &CaseTick) -> wire::TickRequest {
    wire::TickRequest {
        case_id: tick.case.0.to_vec().into(),
        other_agency: tick.other.to_string(),
        stage: tick.stage.code().into(),
        urgency: tick.urgency.code().into(),
        answer_due_ms: tick.answer_due.0,
    }
}

fn envelope(envelope: &Envelope) -> wire::Envelope {
    let header = &envelope.header;
    wire::Envelope {
        version: ENVELOPE_VERSION,
        suite: header.suite.code().into(),
        case_id: header.case.0.to_vec().into(),
        match_id: header.match_id.0.to_vec().into(),
        epoch: header.epoch.0,
        agreement_version: header.agreement_version,
        key_id: header.key_id.0.to_vec().into(),
        created_ms: header.created.0,
        expires_ms: header.expires.0,
        encapsulated: envelope.encapsulated.clone().into(),
        sealed: envelope.sealed.clone().into(),
        signature: envelope.signature.to_vec().into(),
    }
}

fn read_envelope(wire: &wire::Envelope, from: &PartyId, to: &PartyId) -> Option<Envelope> {
    if wire.version != ENVELOPE_VERSION {
        return None;
    }
    Some(Envelope {
        header: Header {
            suite: suite(wire.suite)?,
            case: CaseId::try_from(&wire.case_id[..]).ok()?,
            from: from.clone(),
            to: to.clone(),
            match_id: AlertId::try_from(&wire.match_id[..]).ok()?,
            epoch: Epoch(wire.epoch),
            agreement_version: wire.agreement_version,
            key_id: KeyId(wire.key_id[..].try_into().ok()?),
            created: Timestamp(wire.created_ms),
            expires: Timestamp(wire.expires_ms),
        },
        encapsulated: wire.encapsulated.to_vec(),
        sealed: wire.sealed.to_vec(),
        signature: wire.signature[..].try_into().ok()?,
    })
}

fn suite(code: u32) -> Option<Suite> {
    Suite::from_code(u8::try_from(code).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about() -> ProofFor {
        ProofFor {
            match_id: AlertId([1; 16]),
            asker: "police".parse().unwrap(),
            owner: "charity".parse().unwrap(),
        }
    }

    fn all() -> Vec<Parcel> {
        let (police, charity) = (about().asker, about().owner);
        let header = Header {
            suite: Suite::XWing,
            case: CaseId([2; 16]),
            from: police.clone(),
            to: charity.clone(),
            match_id: AlertId([1; 16]),
            epoch: Epoch(3),
            agreement_version: 4,
            key_id: KeyId([5; 16]),
            created: Timestamp(6),
            expires: Timestamp(7),
        };
        let envelope = Envelope {
            header,
            encapsulated: vec![8; 1_120],
            sealed: vec![9; 16_400],
            signature: [10; 64],
        };
        let (nonce, mac) = ([11; 32], [12; 32]);
        let contents = [
            ParcelContent::Envelope(Box::new(envelope)),
            ParcelContent::Hello(Hello {
                about: about(),
                nonce,
            }),
            ParcelContent::Reply(Reply {
                about: about(),
                nonce,
                mac,
            }),
            ParcelContent::Finish(Finish {
                about: about(),
                mac,
            }),
        ];
        let to_parcel = |content| {
            let back = matches!(content, ParcelContent::Reply(_));
            let (from, to) = if back {
                (charity.clone(), police.clone())
            } else {
                (police.clone(), charity.clone())
            };
            Parcel {
                id: ParcelId([13; 16]),
                from,
                to,
                content,
            }
        };
        contents.into_iter().map(to_parcel).collect()
    }

    #[test]
    fn every_parcel_survives_the_wire() {
        for sent in all() {
            assert_eq!(read_parcel(&parcel(&sent)), Some(sent));
        }
    }

    #[test]
    fn what_is_no_parcel_is_none() {
        type Spoil = fn(&mut wire::Parcel);
        fn envelope_of(parcel: &mut wire::Parcel) -> &mut wire::Envelope {
            match &mut parcel.content {
                Some(wire::parcel::Content::Envelope(envelope)) => envelope,
                _ => unreachable!(),
            }
        }
        let spoils: [Spoil; 7] = [
            |p| p.content = None,
            |p| p.parcel_id = vec![1; 15].into(),
            |p| p.to = "The Charity".to_owned(),
            |p| envelope_of(p).version = 2,
            |p| envelope_of(p).suite = 3,
            |p| envelope_of(p).signature = vec![1; 63].into(),
            |p| envelope_of(p).case_id = vec![1; 17].into(),
        ];
        for spoil in spoils {
            let mut spoiled = parcel(&all()[0]);
            spoil(&mut spoiled);
            assert_eq!(read_parcel(&spoiled), None);
        }
    }
}
