//! The proof of match at this node: both sides of it, stored so that a restart takes it up again.

use rand_core::CryptoRng;
use sanctuary_envelope::{
    AskerProof, EnvelopeError, Finish, Hello, MatchSecret, OwnerProof, ProofFor, Reply, SessionKey,
    answer_hello, begin,
};
use sanctuary_ledger::EntryKind;
use sanctuary_policy::Action;
use sanctuary_types::{AlertId, Epoch, PartyId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    AlertFacts, Casework, CaseworkError, Change, Outgoing, Parcel, ParcelContent, ParcelId, Shelf,
    alarm::Alarming,
    batch::Batch,
    codec::{self, Secret, from_json},
    receiving::Taken,
};

/// An opening is sent again after this time without an answer.
const AGAIN_MS: u64 = 3_600_000;
/// After this time without a proof that holds, a new one is begun: the records may have changed.
const ANEW_MS: u64 = 24 * AGAIN_MS;

/// Which side of a proof this node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProofRole {
    Asker,
    Owner,
}

/// A proof of match as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MatchRow {
    pub(crate) other: PartyId,
    /// Of a completed proof.
    pub(crate) session: Option<(Epoch, Secret)>,
    /// Of one under way.
    pub(crate) pending: Option<Pending>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pending {
    epoch: Epoch,
    secret: Secret,
    asker_nonce: Secret,
    owner_nonce: Option<Secret>,
    begun: Timestamp,
    sent: Timestamp,
}

impl Casework<'_> {
    /// The session of a match that was proven with this agency as the asker.
    pub(crate) fn proven_as_asker(
        &self,
        alert: &AlertId,
    ) -> Result<Option<(Epoch, Secret)>, CaseworkError> {
        Ok(self
            .match_row(alert, ProofRole::Asker)?
            .and_then(|row| row.session))
    }

    pub(crate) fn match_row(
        &self,
        alert: &AlertId,
        role: ProofRole,
    ) -> Result<Option<MatchRow>, CaseworkError> {
        match self
            .ports
            .store
            .get(Shelf::Match, &match_key(alert, role))?
        {
            Some(row) => Ok(Some(from_json(&row, "proof of match")?)),
            None => Ok(None),
        }
    }

    /// Opens a proof as the asker, or asks again when one is under way.
    pub(crate) fn begin_proof(
        &self,
        facts: &AlertFacts,
        batch: &mut Batch<'_>,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<(), CaseworkError> {
        let agreement = self.agreement()?;
        agreement.permits_carriage(self.own(), &facts.other, now)?;
        let about = self.as_asker(facts);
        let mut known = self.match_row(&facts.id, ProofRole::Asker)?;
        if let Some(row) = &mut known
            && let Some(pending) = &mut row.pending
            && now.0 < pending.begun.0.saturating_add(ANEW_MS)
        {
            if now.0 < pending.sent.0.saturating_add(AGAIN_MS) {
                return Ok(());
            }
            pending.sent = now;
            let secret = MatchSecret::from_store(pending.secret.0.clone());
            let hello = AskerProof::resume(about, secret, *pending.asker_nonce.0).hello();
            batch.push(put(&facts.id, ProofRole::Asker, row));
            return batch.out(&self.parcel(&facts.other, ParcelContent::Hello(hello), rng));
        }
        let (epoch, secret) = self.shared_secret(facts)?;
        let stored = Secret(Zeroizing::new(*secret.expose()));
        let (_, hello) = begin(about, secret, rng);
        let row = MatchRow {
            other: facts.other.clone(),
            session: known.and_then(|row| row.session),
            pending: Some(Pending {
                epoch,
                secret: stored,
                asker_nonce: Secret(Zeroizing::new(hello.nonce)),
                owner_nonce: None,
                begun: now,
                sent: now,
            }),
        };
        batch.push(put(&facts.id, ProofRole::Asker, &row));
        batch.out(&self.parcel(&facts.other, ParcelContent::Hello(hello), rng))
    }

    /// Answers an opening as the owner.
    pub(crate) fn take_hello(
        &self,
        parcel: &Parcel,
        hello: &Hello,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Taken, CaseworkError> {
        let alert = hello.about.match_id;
        let Some(facts) = self.ports.alerts.alert(&alert)? else {
            // The alert itself may still be under way.
            return Ok(Taken::NotYet);
        };
        let about = ProofFor {
            match_id: alert,
            asker: facts.other.clone(),
            owner: self.own().clone(),
        };
        if parcel.from != facts.other || hello.about != about {
            return Ok(refuse(parcel, &alert, &EnvelopeError::ProofMismatch));
        }
        self.agreement()?
            .permits_carriage(&facts.other, self.own(), now)?;
        let known = self.match_row(&alert, ProofRole::Owner)?;
        let nonce = Secret(Zeroizing::new(hello.nonce));
        let again = known.as_ref().and_then(|row| row.pending.as_ref());
        if let Some(pending) = again.filter(|p| p.asker_nonce == nonce)
            && let Some(own_nonce) = &pending.owner_nonce
        {
            let secret = MatchSecret::from_store(pending.secret.0.clone());
            let reply = OwnerProof::resume(about, secret, hello.nonce, *own_nonce.0).reply();
            let mut batch = Batch::new(*self, Vec::new());
            batch.out(&self.parcel(&facts.other, ParcelContent::Reply(reply), rng))?;
            self.ports.store.commit(batch.done())?;
            return Ok(Taken::Again);
        }
        let (epoch, secret) = match self.shared_secret(&facts) {
            Ok(shared) => shared,
            Err(CaseworkError::Envelope(error)) => return Ok(refuse(parcel, &alert, &error)),
            Err(error) => return Err(error),
        };
        let stored = Secret(Zeroizing::new(*secret.expose()));
        let (_, reply) = answer_hello(&about, secret, hello, rng)?;
        let row = MatchRow {
            other: facts.other.clone(),
            session: known.and_then(|row| row.session),
            pending: Some(Pending {
                epoch,
                secret: stored,
                asker_nonce: nonce,
                owner_nonce: Some(Secret(Zeroizing::new(reply.nonce))),
                begun: now,
                sent: now,
            }),
        };
        let mut batch = Batch::new(*self, vec![put(&alert, ProofRole::Owner, &row)]);
        batch.out(&self.parcel(&facts.other, ParcelContent::Reply(reply), rng))?;
        self.log_proof(&alert, &facts.other)?;
        self.ports.store.commit(batch.done())?;
        Ok(Taken::Now)
    }

    /// Checks the owner's proof as the asker, and gives the asker's.
    pub(crate) fn take_reply(
        &self,
        parcel: &Parcel,
        reply: &Reply,
        rng: &mut impl CryptoRng,
    ) -> Result<Taken, CaseworkError> {
        let alert = reply.about.match_id;
        let row = self.match_row(&alert, ProofRole::Asker)?;
        let Some(mut row) = row else {
            return Ok(refuse(parcel, &alert, &EnvelopeError::ProofMismatch));
        };
        let Some(pending) = row.pending.take() else {
            return Ok(Taken::Again);
        };
        if parcel.from != row.other {
            return Ok(refuse(parcel, &alert, &EnvelopeError::ProofMismatch));
        }
        let about = ProofFor {
            match_id: alert,
            asker: self.own().clone(),
            owner: row.other.clone(),
        };
        let secret = MatchSecret::from_store(pending.secret.0);
        let proof = AskerProof::resume(about, secret, *pending.asker_nonce.0);
        match proof.finish(reply) {
            Ok((session, finish)) => {
                row.session = Some((pending.epoch, stored(&session)));
                let mut batch = Batch::new(*self, vec![put(&alert, ProofRole::Asker, &row)]);
                batch.out(&self.parcel(&row.other, ParcelContent::Finish(finish), rng))?;
                self.log_proof(&alert, &row.other)?;
                self.ports.store.commit(batch.done())?;
                Ok(Taken::Now)
            }
            // What the hub says counts for nothing: the proof stays open for the true answer.
            Err(error) => Ok(refuse(parcel, &alert, &error)),
        }
    }

    /// Checks the asker's proof as the owner.
    pub(crate) fn take_finish(
        &self,
        parcel: &Parcel,
        finish: &Finish,
    ) -> Result<Taken, CaseworkError> {
        let alert = finish.about.match_id;
        let row = self.match_row(&alert, ProofRole::Owner)?;
        let Some(mut row) = row else {
            return Ok(Taken::NotYet);
        };
        let Some(pending) = row.pending.take() else {
            return Ok(Taken::Again);
        };
        let Some(own_nonce) = pending.owner_nonce else {
            return Ok(refuse(parcel, &alert, &EnvelopeError::ProofMismatch));
        };
        if parcel.from != row.other {
            return Ok(refuse(parcel, &alert, &EnvelopeError::ProofMismatch));
        }
        let about = ProofFor {
            match_id: alert,
            asker: row.other.clone(),
            owner: self.own().clone(),
        };
        let secret = MatchSecret::from_store(pending.secret.0);
        let proof = OwnerProof::resume(about, secret, *pending.asker_nonce.0, *own_nonce.0);
        match proof.confirm(finish) {
            Ok(session) => {
                row.session = Some((pending.epoch, stored(&session)));
                self.ports
                    .store
                    .commit(vec![put(&alert, ProofRole::Owner, &row)])?;
                Ok(Taken::Now)
            }
            Err(error) => Ok(refuse(parcel, &alert, &error)),
        }
    }

    /// The secret of the tokens that the two records share. The hub names them; what it names wrongly is
    /// found out by the proof.
    fn shared_secret(&self, facts: &AlertFacts) -> Result<(Epoch, MatchSecret), CaseworkError> {
        let shared = self.ports.alerts.shared(&facts.id)?;
        if shared.other != facts.other {
            return Err(EnvelopeError::ProofMismatch.into());
        }
        let tokens = shared.secrets.iter().map(|s| &**s);
        Ok((shared.epoch, MatchSecret::combine(facts.id, tokens)?))
    }

    fn log_proof(&self, alert: &AlertId, other: &PartyId) -> Result<(), CaseworkError> {
        let about = json!({ "alert": alert, "proof_of_match": true });
        let action = Some(Action::ProveMatch);
        self.log(
            EntryKind::Combine,
            action,
            None,
            std::slice::from_ref(other),
            &about,
        )?;
        Ok(())
    }

    fn as_asker(&self, facts: &AlertFacts) -> ProofFor {
        ProofFor {
            match_id: facts.id,
            asker: self.own().clone(),
            owner: facts.other.clone(),
        }
    }

    fn parcel(&self, to: &PartyId, content: ParcelContent, rng: &mut impl CryptoRng) -> Outgoing {
        Outgoing::Parcel(Parcel {
            id: ParcelId::new(rng),
            from: self.own().clone(),
            to: to.clone(),
            content,
        })
    }
}

fn refuse(parcel: &Parcel, alert: &AlertId, error: &EnvelopeError) -> Taken {
    Taken::Refused(Alarming::new(&parcel.from, error).about(None, *alert))
}

fn stored(session: &SessionKey) -> Secret {
    Secret(Zeroizing::new(*session.expose()))
}

fn put(alert: &AlertId, role: ProofRole, row: &MatchRow) -> Change {
    Change::put(Shelf::Match, match_key(alert, role), codec::json(row))
}

pub(crate) fn match_key(alert: &AlertId, role: ProofRole) -> Vec<u8> {
    let code = match role {
        ProofRole::Asker => 1,
        ProofRole::Owner => 2,
    };
    [alert.0.as_slice(), &[code]].concat()
}
