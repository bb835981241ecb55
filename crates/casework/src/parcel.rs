//! What leaves and what comes: the hub carries parcels between nodes.

use rand_core::CryptoRng;
use sanctuary_disclosure::HubStage;
use sanctuary_envelope::{Envelope, Finish, Hello, KeyAnnouncement, ProofFor, Reply};
use sanctuary_policy::Urgency;
use sanctuary_types::{AlertId, CaseId, PartyId, Timestamp, lp};

use crate::{
    CaseworkError,
    codec::{Parts, damaged},
};

/// Names a parcel; random, of its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParcelId(pub [u8; 16]);

/// One message between two nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Its name.
    pub id: ParcelId,
    /// The sender.
    pub from: PartyId,
    /// The recipient.
    pub to: PartyId,
    /// What is in it.
    pub content: ParcelContent,
}

/// What is in a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParcelContent {
    /// A sealed message.
    Envelope(Box<Envelope>),
    /// The opening of a proof of match.
    Hello(Hello),
    /// Its answer.
    Reply(Reply),
    /// Its end.
    Finish(Finish),
}

/// What the requester's node tells the hub of a case: no more than how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseTick {
    /// The case.
    pub case: CaseId,
    /// The agency that was asked.
    pub other: PartyId,
    /// Open, answered or closed.
    pub stage: HubStage,
    /// How soon.
    pub urgency: Urgency,
    /// When the answer is due.
    pub answer_due: Timestamp,
}

/// Something for the hub, in order. Nothing of it is secret to the hub's own eyes but what is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// To be carried (`Disclosures.Send`).
    Parcel(Parcel),
    /// How far a case is (`Disclosures.Tick`).
    Tick(CaseTick),
    /// A new envelope key of this agency (`Disclosures.AnnounceKey`).
    Announce(KeyAnnouncement),
}

/// Place in the outbox; grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutboxId(pub u64);

impl ParcelId {
    pub(crate) fn new(rng: &mut impl CryptoRng) -> Self {
        let mut id = [0; 16];
        rng.fill_bytes(&mut id);
        Self(id)
    }
}

impl Parcel {
    /// For the rows that keep one.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let proof =
            |about: &ProofFor, nonce: &[u8], mac: &[u8]| lp(&[&about.match_id.0, nonce, mac]);
        let (kind, content) = match &self.content {
            ParcelContent::Envelope(envelope) => (0u8, envelope.to_bytes()),
            ParcelContent::Hello(m) => (1, proof(&m.about, &m.nonce, &[])),
            ParcelContent::Reply(m) => (2, proof(&m.about, &m.nonce, &m.mac)),
            ParcelContent::Finish(m) => (3, proof(&m.about, &[], &m.mac)),
        };
        let (from, to) = (self.from.as_bytes(), self.to.as_bytes());
        lp(&[&self.id.0, from, to, &[kind], &content])
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, CaseworkError> {
        read_parcel(bytes).ok_or(damaged("parcel"))
    }
}

fn read_parcel(bytes: &[u8]) -> Option<Parcel> {
    let mut parts = Parts(bytes);
    let id = ParcelId(parts.array()?);
    let (from, to) = (parts.party()?, parts.party()?);
    let [kind] = parts.array()?;
    let content = parts.next()?;
    let content = if kind == 0 {
        ParcelContent::Envelope(Box::new(Envelope::from_bytes(content).ok()?))
    } else {
        let mut proof = Parts(content);
        let match_id = AlertId(proof.array()?);
        let (nonce, mac) = (proof.next()?, proof.next()?);
        let (asker, owner) = if kind == 2 {
            (to.clone(), from.clone())
        } else {
            (from.clone(), to.clone())
        };
        let about = ProofFor {
            match_id,
            asker,
            owner,
        };
        let nonce = || nonce.try_into().ok();
        let mac = || mac.try_into().ok();
        match kind {
            1 => ParcelContent::Hello(Hello {
                about,
                nonce: nonce()?,
            }),
            2 => ParcelContent::Reply(Reply {
                about,
                nonce: nonce()?,
                mac: mac()?,
            }),
            3 => ParcelContent::Finish(Finish { about, mac: mac()? }),
            _ => return None,
        }
    };
    Some(Parcel {
        id,
        from,
        to,
        content,
    })
}

impl Outgoing {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Parcel(parcel) => lp(&[&[0], &parcel.to_bytes()]),
            Self::Tick(tick) => {
                let due = tick.answer_due.0.to_be_bytes();
                let codes = [tick.stage.code(), tick.urgency.code()];
                lp(&[&[1], &tick.case.0, tick.other.as_bytes(), &codes, &due])
            }
            Self::Announce(announcement) => lp(&[&[2], &announcement.to_bytes()]),
        }
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, CaseworkError> {
        read_outgoing(bytes).ok_or(damaged("outbox"))
    }
}

fn read_outgoing(bytes: &[u8]) -> Option<Outgoing> {
    let mut parts = Parts(bytes);
    match parts.array::<1>()? {
        [0] => read_parcel(parts.next()?).map(Outgoing::Parcel),
        [1] => {
            let (case, other) = (CaseId(parts.array()?), parts.party()?);
            let [stage, urgency] = parts.array()?;
            Some(Outgoing::Tick(CaseTick {
                case,
                other,
                stage: HubStage::from_code(stage)?,
                urgency: Urgency::from_code(urgency)?,
                answer_due: Timestamp(u64::from_be_bytes(parts.array()?)),
            }))
        }
        [2] => {
            let announcement = KeyAnnouncement::from_bytes(parts.next()?).ok()?;
            Some(Outgoing::Announce(announcement))
        }
        _ => None,
    }
}
