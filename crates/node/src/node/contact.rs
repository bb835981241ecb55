//! When this node last met the hub, since when something waits for it, and what the key holders said of
//! the day's quota. Kept sealed, so that a restart does not forget for how long the hub has been away.

use std::sync::{Mutex, MutexGuard, PoisonError};

use sanctuary_node_core::{NodeError, ports::NodeStore};
use sanctuary_rpc::now;
use sanctuary_types::{KeyClass, PartyId, Timestamp};
use serde::{Deserialize, Serialize};

use super::Node;

/// Between two writes of what changes all the time.
const KEEP_EVERY_MS: u64 = 60_000;

/// What a key holder said of this agency's quota.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaLeft {
    /// Who said it.
    pub key_holder: PartyId,
    /// Of which key.
    pub class: KeyClass,
    /// Elements evaluated on that day.
    pub used: u64,
    /// Elements of a day.
    pub limit: u64,
    /// When it was asked.
    pub asked: Timestamp,
}

impl QuotaLeft {
    /// Elements left: a new UTC day begins with all of them.
    #[must_use]
    pub const fn left(&self, now: Timestamp) -> u64 {
        if now.day() > self.asked.day() {
            self.limit
        } else {
            self.limit.saturating_sub(self.used)
        }
    }
}

/// The last meetings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Met {
    /// The hub answered.
    pub(crate) heard: Option<Timestamp>,
    /// The hub held a batch durably.
    pub(crate) pushed: Option<Timestamp>,
    /// Since then something has been waiting without a break: nothing that waits waits for longer.
    pub(crate) waiting_since: Option<Timestamp>,
    /// The newest answer of each key holder.
    pub(crate) quotas: Vec<QuotaLeft>,
}

/// The last meetings, in memory and on the disk.
#[derive(Default)]
pub(crate) struct Contact {
    met: Mutex<Met>,
    /// When it was last written.
    kept: Mutex<Timestamp>,
}

impl Contact {
    pub(crate) fn new(met: Met) -> Self {
        Self {
            met: Mutex::new(met),
            kept: Mutex::default(),
        }
    }

    fn met(&self) -> MutexGuard<'_, Met> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Node {
    /// The last meetings with hub and key holders.
    pub(crate) fn met(&self) -> Met {
        self.inner.contact.met().clone()
    }

    /// The hub has answered.
    pub(crate) fn heard_hub(&self) {
        self.inner.contact.met().heard = Some(now());
        self.keep_contact(false);
    }

    /// The hub holds what was pushed.
    pub(crate) fn pushed_to_hub(&self) {
        {
            let mut met = self.inner.contact.met();
            (met.heard, met.pushed) = (Some(now()), Some(now()));
        }
        self.keep_contact(true);
    }

    /// Looks whether something waits, to be tokenised or to be pushed.
    ///
    /// # Errors
    /// What the store gives.
    pub(crate) fn look_what_waits(&self) -> Result<(), NodeError> {
        let store = self.store();
        let waits = store.pending_len()? + store.outbox_len()? > 0;
        let changed = {
            let since = &mut self.inner.contact.met().waiting_since;
            let changed = since.is_some() != waits;
            if changed {
                *since = waits.then(now);
            }
            changed
        };
        self.keep_contact(changed);
        Ok(())
    }

    /// Takes the answers of key holders; who did not answer is remembered as of the last time.
    pub(crate) fn heard_quotas(&self, answers: Vec<QuotaLeft>) {
        {
            let known = &mut self.inner.contact.met().quotas;
            for answer in answers {
                known.retain(|k| (&k.key_holder, k.class) != (&answer.key_holder, answer.class));
                known.push(answer);
            }
            known.sort_by(|a, b| (a.class, &a.key_holder).cmp(&(b.class, &b.key_holder)));
        }
        self.keep_contact(true);
    }

    /// Writes it down, now or when it is time to.
    fn keep_contact(&self, at_once: bool) {
        let contact = &self.inner.contact;
        let mut kept = contact.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if !at_once && now().0 < kept.0.saturating_add(KEEP_EVERY_MS) {
            return;
        }
        *kept = now();
        let met = self.met();
        if let Err(error) = self.store().keep_met(&met) {
            // Only the memory of when: the work itself fails with its own words.
            tracing::debug!(%error, "could not write down when the hub was heard");
        }
    }
}
