//! What a key holder logs: its part in each ceremony, and once a day how much it evaluated for whom. It
//! keeps no ledger store: ids and salts come from its root key, contents from its journal, so that what is
//! stated again is known to the log.

use std::{collections::BTreeMap, collections::BTreeSet, time::Duration};

use sanctuary_holder_core::ShareStore;
use sanctuary_ledger::{ActorRole, EntryId, EntryKind, SealedContent, SignedEntry};
use sanctuary_rpc::{ErrorCode, Identity, RosterWatch, connect, endpoint_of, explain, now};
use sanctuary_types::{PartyId, lp};
use sanctuary_wire::ledger::{AppendRequest, ledger_client::LedgerClient};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{Journal, health::HolderHealth};

/// Between two looks for something new to log.
const EVERY: Duration = Duration::from_secs(600);
/// After a hub that did not answer.
const AGAIN: Duration = Duration::from_secs(15);
/// Until the hub may be up, at the first start of a partnership.
const FIRST: Duration = Duration::from_secs(2);

/// Logs for one key holder.
pub(crate) struct Logger {
    pub(crate) party: PartyId,
    pub(crate) identity: Identity,
    pub(crate) roster: RosterWatch,
    pub(crate) journal: Journal,
    pub(crate) health: HolderHealth,
}

impl Logger {
    /// Logs what is new until `stopped`. A key holder evaluates also while the log does not answer: its
    /// own journal is what a later entry is made from.
    pub(crate) async fn run(self, mut stopped: watch::Receiver<bool>) {
        let mut known = BTreeSet::new();
        let mut wait = FIRST;
        loop {
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = stopped.wait_for(|stop| *stop) => return,
            }
            let outcome = self.log_new(&mut known).await;
            self.health
                .logged(outcome.as_ref().copied().map_err(String::as_str));
            wait = match outcome {
                Ok(()) => EVERY,
                Err(reason) => {
                    tracing::warn!(reason, "what this key holder did is not logged yet");
                    AGAIN
                }
            };
        }
    }

    async fn log_new(&self, known: &mut BTreeSet<EntryId>) -> Result<(), String> {
        let mut entries = self.stated().map_err(|error| error.to_string())?;
        entries.retain(|entry| !known.contains(&entry.entry().id()));
        if entries.is_empty() {
            return Ok(());
        }
        let roster = self.roster.current();
        let hub = roster.hub().map(|hub| hub.id.clone());
        let hub = hub.ok_or("the roster names no hub")?;
        let reached = |error: sanctuary_rpc::RpcError| error.to_string();
        let endpoint = endpoint_of(&self.roster, &hub).map_err(reached)?;
        let channel = connect(&endpoint, &hub, &self.identity, &self.roster)
            .await
            .map_err(reached)?;
        let mut client = LedgerClient::new(channel);
        for entry in entries {
            let request = AppendRequest {
                entries: vec![entry.to_bytes().into()],
            };
            match client.append(request).await {
                Ok(_) => {}
                // Stated before, at another moment: it is there.
                Err(status) if ErrorCode::of(&status) == ErrorCode::Replayed => {}
                Err(status) => return Err(explain(&status)),
            }
            known.insert(entry.entry().id());
        }
        Ok(())
    }

    /// Everything there is to log, signed as of now.
    fn stated(&self) -> anyhow::Result<Vec<SignedEntry>> {
        let mut entries = Vec::new();
        for id in self.journal.ids()? {
            let named = lp(&[
                b"ceremony",
                &[id.class.code()],
                &id.epoch.0.to_be_bytes(),
                &id.generation.0.to_be_bytes(),
            ]);
            let content = json!({
                "act": "took part in a key ceremony",
                "class": id.class.label(),
                "epoch": id.epoch,
                "generation": id.generation,
            });
            entries.push(self.entry(EntryKind::Ceremony, &named, &content, &[])?);
        }
        let mut days: BTreeMap<u32, Vec<(PartyId, Value)>> = BTreeMap::new();
        for used in self.journal.used_before(now().day())? {
            let line = json!([used.agency, used.class.label(), used.elements]);
            days.entry(used.day).or_default().push((used.agency, line));
        }
        for (day, lines) in days {
            let named = lp(&[b"evaluate", &day.to_be_bytes()]);
            let (agencies, lines): (Vec<PartyId>, Vec<Value>) = lines.into_iter().unzip();
            let content = json!({ "act": "evaluated", "day": day, "elements": lines });
            entries.push(self.entry(EntryKind::Evaluate, &named, &content, &agencies)?);
        }
        Ok(entries)
    }

    fn entry(
        &self,
        kind: EntryKind,
        named: &[u8],
        content: &Value,
        concerned: &[PartyId],
    ) -> anyhow::Result<SignedEntry> {
        let mut id = [0; 16];
        id.copy_from_slice(&self.journal.secret("act", named)[..16]);
        let salt = self.journal.secret("act-salt", named);
        let content = content.to_string().into_bytes();
        let sealed = SealedContent::derived(EntryId(id), salt, content);
        // One entry names 16 parties at most; more agencies than that read their counts elsewhere.
        let concerned: BTreeSet<&PartyId> = concerned.iter().collect();
        let concerned: Vec<PartyId> = concerned.into_iter().take(16).cloned().collect();
        let party = self.party.clone();
        let entry = sealed.entry(kind, now(), party, ActorRole::System, &concerned)?;
        Ok(entry.sign(self.identity.signing()))
    }
}
