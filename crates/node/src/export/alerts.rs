use sanctuary_disclosure::Actor;
use sanctuary_review::Exported;
use sanctuary_rpc::now;
use sanctuary_types::{Role, Timestamp};
use serde::Serialize;

use super::{MARKING, Rows};
use crate::{CaseFault, Node};

const COLUMNS: [&str; 22] = [
    "alert",
    "kind",
    "strength",
    "state",
    "answer",
    "assigned_to",
    "waiting_since",
    "due",
    "overdue",
    "raised",
    "other_agency",
    "other_record",
    "other_roles",
    "own_reference",
    "own_names",
    "own_roles",
    "child",
    "safeguarding_first",
    "agreed",
    "own_link",
    "meaning",
    "marking",
];

/// What an alert is, in every row.
pub(super) const MEANING: &str = "possible match: to be checked by a person";

impl Node {
    pub(super) fn alert_rows(&self, by: &Actor, form: &str) -> Result<Rows, CaseFault> {
        let exported = self.review().export(form, by, now())?;
        let mut rows = Rows::new(&COLUMNS);
        for each in &exported {
            let line = &each.line;
            let record = each.record.as_ref();
            let reference = record.map_or("", |r| r.reference.as_str());
            rows.rows.push(vec![
                hex::encode(line.alert.0).into(),
                word(&line.kind).into(),
                word(&line.band).into(),
                line.state.word().into(),
                line.answer.map_or("", |a| a.word()).into(),
                line.assignee
                    .as_ref()
                    .map_or("", |w| w.person.as_str())
                    .into(),
                moment(line.since).into(),
                moment(line.due).into(),
                line.overdue.into(),
                moment(each.raised).into(),
                line.other.as_str().into(),
                self.other_number(each).into(),
                roles(&line.other_roles).into(),
                reference.into(),
                record.map_or("", |r| r.names.as_str()).into(),
                roles(&line.own_roles).into(),
                line.child.into(),
                line.safeguarding_first.into(),
                each.agreed.join("; ").into(),
                self.own_link(reference).into(),
                MEANING.into(),
                MARKING.into(),
            ]);
        }
        Ok(rows)
    }

    /// Names the other agency's record in files of this node: the same in each, and nothing to anybody else.
    pub(super) fn other_number(&self, each: &Exported) -> String {
        let number = self
            .inner
            .secret
            .mac("sanctuary/v1/node/export-other", &[&each.line.alert.0]);
        short(&number)
    }

    /// Names the own record of a chart.
    pub(super) fn own_number(&self, each: &Exported) -> String {
        let number = self
            .inner
            .secret
            .mac("sanctuary/v1/node/export-own", &[&each.own.0]);
        short(&number)
    }

    /// Where the agency's own system shows a record; nothing without `case_url`.
    #[must_use]
    pub fn own_link(&self, reference: &str) -> String {
        match &self.inner.case_url {
            Some(url) if !reference.is_empty() => url.of(reference),
            _ => String::new(),
        }
    }
}

fn short(number: &[u8; 32]) -> String {
    hex::encode(number.first_chunk::<6>().copied().unwrap_or_default())
}

pub(super) fn roles(roles: &[Role]) -> String {
    let words: Vec<&str> = roles.iter().map(|r| r.word()).collect();
    words.join("; ")
}

/// The stable word of a closed list.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// `2026-12-01T10:00:00Z`
pub(super) fn moment(at: Timestamp) -> String {
    let ((year, month, day), seconds) = (at.date(), at.0 / 1_000 % 86_400);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}
