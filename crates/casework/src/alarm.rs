//! What was refused on arrival: what a hub or an agency tried, kept for the data protection officer.

use sanctuary_disclosure::{Actor, Refused};
use sanctuary_envelope::EnvelopeError;
use sanctuary_policy::Action;
use sanctuary_types::{AlertId, CaseId, PartyId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Casework, CaseworkError, Change, Shelf,
    codec::{from_json, json},
    error::envelope_rule,
};

/// Alarms kept; the oldest goes.
const ALARMS_MAX: usize = 10_000;

/// One refusal of something that came. It holds no value of anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// When.
    pub at: Timestamp,
    /// Whom it came from, as far as the hub says.
    pub from: PartyId,
    /// The rule, as a stable word.
    pub rule: String,
    /// One sentence.
    pub text: String,
    /// The case it claimed.
    pub case: Option<CaseId>,
    /// The possible match it claimed.
    pub alert: Option<AlertId>,
}

/// An alarm in the making.
#[derive(Clone, Debug)]
pub(crate) struct Alarming {
    pub(crate) from: PartyId,
    pub(crate) rule: &'static str,
    pub(crate) text: String,
    pub(crate) case: Option<CaseId>,
    pub(crate) alert: Option<AlertId>,
}

impl Alarming {
    pub(crate) fn new(from: &PartyId, error: &EnvelopeError) -> Self {
        Self::of(from, envelope_rule(error), error.to_string())
    }

    pub(crate) fn refused(from: &PartyId, refused: &Refused) -> Self {
        Self::of(from, refused.rule(), refused.to_string())
    }

    pub(crate) fn of(from: &PartyId, rule: &'static str, text: String) -> Self {
        Self {
            from: from.clone(),
            rule,
            text,
            case: None,
            alert: None,
        }
    }

    pub(crate) fn about(mut self, case: Option<CaseId>, alert: AlertId) -> Self {
        self.case = case;
        self.alert = Some(alert);
        self
    }
}

impl Casework<'_> {
    /// What was refused on arrival, newest first.
    ///
    /// # Errors
    /// [`CaseworkError::NeedsRole`], or what the store gives.
    pub fn alarms(&self, by: &Actor) -> Result<Vec<Alarm>, CaseworkError> {
        Self::need(by, Action::ReadStatus)?;
        let rows = self.ports.store.list(Shelf::Alarm, &[])?;
        let read = |(_, row): &(Vec<u8>, crate::Value)| from_json(row, "alarm");
        rows.iter().rev().map(read).collect()
    }

    /// The changes that keep an alarm.
    pub(crate) fn alarm(
        &self,
        what: &Alarming,
        now: Timestamp,
    ) -> Result<Vec<Change>, CaseworkError> {
        let rows = self.ports.store.list(Shelf::Alarm, &[])?;
        let same_moment = now.0.to_be_bytes();
        let taken = rows.iter().filter(|(key, _)| key.starts_with(&same_moment));
        let number = u32::try_from(taken.count()).unwrap_or(u32::MAX);
        let alarm = Alarm {
            at: now,
            from: what.from.clone(),
            rule: what.rule.to_owned(),
            text: what.text.clone(),
            case: what.case,
            alert: what.alert,
        };
        let key = [same_moment.as_slice(), &number.to_be_bytes()].concat();
        let mut changes = vec![Change::put(Shelf::Alarm, key, json(&alarm))];
        if rows.len() >= ALARMS_MAX
            && let Some((oldest, _)) = rows.first()
        {
            changes.push(Change::remove(Shelf::Alarm, oldest.clone()));
        }
        Ok(changes)
    }
}
