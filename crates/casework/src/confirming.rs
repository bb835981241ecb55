//! A person looks at a possible match and says that it may be one person. Without it nothing is asked.

use sanctuary_disclosure::{Actor, PersonId};
use sanctuary_ledger::EntryKind;
use sanctuary_policy::Action;
use sanctuary_types::{AlertId, AlertKind, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    AlertFacts, Casework, CaseworkError, Change, Shelf,
    codec::{self, from_json},
};

/// That somebody at this agency has confirmed a possible match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The version they saw.
    pub version: u32,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: PersonId,
}

/// Said again within this time it is the same confirmation; later it is a new look at the match.
const SAME_MS: u64 = 3_600_000;

impl Casework<'_> {
    /// Confirms a possible match. It counts for as long as the agreement says.
    ///
    /// # Errors
    /// [`CaseworkError::NeedsRole`], [`CaseworkError::NoSuchAlert`], [`CaseworkError::AlertGone`].
    pub fn confirm(
        &self,
        alert: &AlertId,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Confirmation, CaseworkError> {
        if !Action::SettleAlert.permits_any(&by.roles) {
            Self::need(by, Action::DecideAlert)?;
        }
        let facts = self.standing(alert)?;
        if let Ok(known) = self.confirmation(alert)
            && (known.version, &known.by) == (facts.version, &by.person)
            && now.0.saturating_sub(known.at.0) < SAME_MS
        {
            // Said again after a crash, or by a second way: it is the same confirmation.
            return Ok(known);
        }
        let confirmation = Confirmation {
            version: facts.version,
            at: now,
            by: by.person.clone(),
        };
        let about = json!({ "alert": alert, "version": facts.version, "confirmed": true });
        let action = if Action::DecideAlert.permits_any(&by.roles) {
            Action::DecideAlert
        } else {
            Action::SettleAlert
        };
        self.log(EntryKind::Decision, Some(action), Some(by), &[], &about)?;
        let row = codec::json(&confirmation);
        let change = Change::put(Shelf::Confirmed, alert.0, row);
        self.ports.store.commit(vec![change])?;
        Ok(confirmation)
    }

    /// Nobody confirms it any more: nothing new is asked on it. Nothing when nobody did.
    ///
    /// # Errors
    /// [`CaseworkError::NeedsRole`], or what log and store give.
    pub fn unconfirm(&self, alert: &AlertId, by: &Actor) -> Result<(), CaseworkError> {
        if self.ports.store.get(Shelf::Confirmed, &alert.0)?.is_none() {
            return Ok(());
        }
        let roles = [Action::DecideAlert, Action::SettleAlert];
        let action = roles.into_iter().find(|a| a.permits_any(&by.roles));
        let action = action.ok_or(CaseworkError::NeedsRole(Action::DecideAlert))?;
        let about = json!({ "alert": alert, "confirmed": false });
        self.log(EntryKind::Decision, Some(action), Some(by), &[], &about)?;
        let change = Change::remove(Shelf::Confirmed, alert.0);
        Ok(self.ports.store.commit(vec![change])?)
    }

    pub(crate) fn confirmation(&self, alert: &AlertId) -> Result<Confirmation, CaseworkError> {
        let row = self.ports.store.get(Shelf::Confirmed, &alert.0)?;
        let row = row.ok_or(CaseworkError::NotConfirmed)?;
        from_json(&row, "confirmation")
    }

    pub(crate) fn standing(&self, alert: &AlertId) -> Result<AlertFacts, CaseworkError> {
        let facts = self.ports.alerts.alert(alert)?;
        let facts = facts.ok_or(CaseworkError::NoSuchAlert)?;
        if !facts.stands {
            return Err(CaseworkError::AlertGone);
        }
        if facts.kind == AlertKind::SharedIdentifier {
            return Err(CaseworkError::NotOnePerson);
        }
        Ok(facts)
    }
}
