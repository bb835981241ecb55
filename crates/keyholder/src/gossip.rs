//! Checkpoints of the partnership's log that parties hand in, and those of the others back: a path that
//! is not the hub's. A hub that shows two parties two pasts is found out here.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use sanctuary_ledger::{Checkpoint, LedgerError, LogKey, Refused, limits, origin_of};
use sanctuary_rpc::RosterWatch;
use sanctuary_types::PartyId;

/// The newest checkpoint of each party, in memory: whoever takes part hands it in again each minute.
/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct Gossip {
    roster: RosterWatch,
    notes: Arc<Mutex<BTreeMap<PartyId, Checkpoint>>>,
}

impl Gossip {
    pub(crate) fn new(roster: RosterWatch) -> Self {
        Self {
            roster,
            notes: Arc::default(),
        }
    }

    /// Takes what `party` last accepted (nothing = only asks) and gives what others last accepted, each
    /// note once.
    ///
    /// # Errors
    /// [`Refused`] when the hub of the roster did not sign the note.
    pub(crate) fn exchange(&self, party: &PartyId, note: &[u8]) -> Result<Vec<Vec<u8>>, Refused> {
        let roster = self.roster.current();
        let hub = roster.hub().ok_or(LedgerError::Malformed {
            what: "roster",
            reason: "it names no hub",
        })?;
        let log = LogKey::new(&origin_of(&hub.id), hub.signing_key)?;
        if note.len() > limits::CHECKPOINT_BYTES_MAX {
            return Err(LedgerError::Malformed {
                what: "checkpoint",
                reason: "it is too long",
            }
            .into());
        }
        let new = (!note.is_empty())
            .then(|| Checkpoint::verify(note, &log))
            .transpose()?;
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.retain(|known, _| roster.party(known).is_some());
        if let Some(new) = new {
            notes.insert(party.clone(), new);
        }
        let mut others: Vec<Vec<u8>> = notes
            .iter()
            .filter(|(known, _)| *known != party)
            .map(|(_, checkpoint)| checkpoint.note().to_vec())
            .collect();
        others.dedup();
        Ok(others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanctuary_ledger::LogSigner;
    use sanctuary_rpc::now;
    use sanctuary_trust::{Partnership, Plan, SigningKey};

    #[test]
    fn each_hears_what_the_others_were_shown_and_nothing_that_the_hub_did_not_sign() {
        let plan = Plan::new("hub", &["alder"], &["police", "council"]).unwrap();
        let keys = Partnership::generate(&plan, now(), &mut rand::rng()).unwrap();
        let roster = RosterWatch::in_memory(&keys.roster, keys.anchors.clone()).unwrap();
        let gossip = Gossip::new(roster);
        let note = |key: &SigningKey, root: u8| {
            let origin = origin_of(&"hub".parse().unwrap());
            let signer = LogSigner::new(&origin, key.clone()).unwrap();
            let checkpoint = signer.checkpoint(3, &[root; 32], now()).unwrap();
            checkpoint.note().to_vec()
        };
        let (police, council) = ("police".parse().unwrap(), "council".parse().unwrap());
        let shown = note(&keys.hub.signing, 1);
        let nothing: Vec<Vec<u8>> = Vec::new();
        assert_eq!(gossip.exchange(&police, &shown).unwrap(), nothing);
        // Two pasts of one size: the other side gets the proof.
        let other = note(&keys.hub.signing, 2);
        assert_eq!(gossip.exchange(&council, &other).unwrap(), [shown]);
        assert_eq!(gossip.exchange(&police, b"").unwrap(), [other]);
        let own = SigningKey::generate(&mut rand::rng()).unwrap();
        assert!(gossip.exchange(&police, &note(&own, 3)).is_err());
        assert!(gossip.exchange(&police, &vec![b'x'; 9_000]).is_err());
        assert_eq!(gossip.exchange(&council, b"").unwrap().len(), 1);
    }
}
