use std::collections::BTreeMap;

use sanctuary_node_core::readers::Object;
use serde_json::Value;

use super::wire;
use crate::api;

/// Columns as the object that a line of JSON would be.
pub(super) fn object(columns: BTreeMap<String, String>) -> Object {
    let values = columns.into_iter();
    values.map(|(k, v)| (k, Value::String(v))).collect()
}

impl From<api::Became> for wire::Became {
    fn from(became: api::Became) -> Self {
        match became {
            api::Became::New => Self::New,
            api::Became::Changed => Self::Changed,
            api::Became::Unchanged => Self::Unchanged,
            api::Became::Counted => Self::Counted,
        }
    }
}

impl From<api::FieldError> for wire::FieldProblem {
    fn from(error: api::FieldError) -> Self {
        Self {
            field: error.field,
            rule: error.rule,
        }
    }
}

impl From<api::Stored> for wire::PutRecordResponse {
    fn from(stored: api::Stored) -> Self {
        Self {
            outcome: wire::Became::from(stored.outcome).into(),
            problems: stored.problems.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<api::RowAnswer> for wire::PutRecordsResponse {
    fn from(answer: api::RowAnswer) -> Self {
        let outcome = match answer.outcome {
            api::RowOutcome::Imported => wire::RowOutcome::Imported,
            api::RowOutcome::ImportedWithoutValue => wire::RowOutcome::ImportedWithoutValue,
            api::RowOutcome::NotImported => wire::RowOutcome::NotImported,
        };
        let row = wire::RowAnswer {
            row: answer.row,
            outcome: outcome.into(),
            problems: answer.problems.into_iter().map(Into::into).collect(),
        };
        Self {
            told: Some(super::Told::Row(row)),
        }
    }
}

impl From<api::BulkCounts> for wire::PutRecordsResponse {
    fn from(counts: api::BulkCounts) -> Self {
        let summary = wire::Summary {
            rows: counts.rows,
            accepted: counts.accepted,
            new: counts.new,
            changed: counts.changed,
            unchanged: counts.unchanged,
            rejected: counts.rejected,
            not_imported: counts.not_imported,
            notify_only: counts.notify_only,
        };
        Self {
            told: Some(super::Told::Summary(summary)),
        }
    }
}

impl From<api::Counts> for wire::StatusResponse {
    fn from(counts: api::Counts) -> Self {
        Self {
            records: counts.records,
            notify_only: counts.notify_only,
            pending: counts.pending,
            outbox: counts.outbox,
            last_problem: counts.last_problem,
        }
    }
}
