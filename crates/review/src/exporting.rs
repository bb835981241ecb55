//! The whole queue for another program of the agency: named in the log before anything is written.

use sanctuary_disclosure::Actor;
use sanctuary_ledger::{Act, EntryKind};
use sanctuary_policy::Action;
use sanctuary_types::{Pseudonym, Timestamp};
use serde_json::json;

use crate::{Item, Line, OwnRecord, Review, ReviewError, desk::role_of, listing::Names};

/// One possible match with the own record in clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// As in the list.
    pub line: Line,
    /// The own record's pseudonym, which stays at this node.
    pub own: Pseudonym,
    /// The own record; none when it is no longer here.
    pub record: Option<OwnRecord>,
    /// When the hub first raised it.
    pub raised: Timestamp,
    /// The kinds of evidence that agreed, in words.
    pub agreed: Vec<String>,
}

impl Review<'_> {
    /// Every item with its own record, soonest due first. The log has promised the entry before anything is
    /// given: without it nothing leaves. `form` is named in the entry.
    ///
    /// # Errors
    /// [`ReviewError::NeedsRole`], [`ReviewError::NotLogged`], or what a port gives.
    pub fn export(
        &self,
        form: &str,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Vec<Exported>, ReviewError> {
        let action = Action::ExportAlerts;
        Self::need(by, action)?;
        let ids: Vec<_> = {
            let index = self.desk.read();
            index.entries.keys().map(|(_, id)| *id).collect()
        };
        let content = json!({
            "act": action.word(),
            "about": { "count": ids.len(), "form": form },
            "person": by.person,
            "account": by.account,
        });
        self.ports.acts.log(Act {
            kind: EntryKind::Disclose,
            role: role_of(action, by),
            concerned: Vec::new(),
            same: Vec::new(),
            content: content.to_string().into_bytes(),
        })?;
        let mut names = Names::new();
        let mut exported = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(item) = self.ports.store.item(&id)? {
                exported.push(self.exported(&item, by, &mut names, now)?);
            }
        }
        Ok(exported)
    }

    fn exported(
        &self,
        item: &Item,
        by: &Actor,
        names: &mut Names,
        now: Timestamp,
    ) -> Result<Exported, ReviewError> {
        let facts = &item.facts;
        let reads = Action::ReadRecord.permits_any(&by.roles);
        let record = if reads {
            self.ports.records.record(&facts.own, now)?
        } else {
            None
        };
        let agreed = facts.agreed().into_iter();
        Ok(Exported {
            line: self.line(item, by, names, now)?,
            own: facts.own,
            record,
            raised: facts.raised,
            agreed: agreed.filter_map(|kind| word(&kind)).collect(),
        })
    }
}

fn word(value: &impl serde::Serialize) -> Option<String> {
    let value = serde_json::to_value(value).ok()?;
    let word = match &value {
        // Such as an identifier and which: the more exact one.
        serde_json::Value::Object(named) => named.values().next()?.as_str()?,
        other => other.as_str()?,
    };
    Some(word.replace('_', " "))
}
