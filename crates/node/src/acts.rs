//! What a node's acts are, as the log has them: kinds, and contents that stay sealed here. Bulk work is
//! one entry for each run or push, never one for each row.

use std::path::Path;

use sanctuary_ledger::{Act, ActorRole, EntryKind, limits::CONTENT_BYTES_MAX};
use sanctuary_node_core::{AlertView, BatchFacts, Ended, ImportSummary, ports::OutboxEntry};
use sanctuary_types::{PartyId, Timestamp, lp};
use serde_json::{Value, json};

/// An import: rows taken in, and records that it changed.
pub(crate) fn of_import(file: &Path, summary: &ImportSummary) -> Vec<Act> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let collect = json!({
        "act": "import",
        "file": name,
        "rows": summary.rows,
        "accepted": summary.accepted,
        "new": summary.new,
        "unchanged": summary.unchanged,
        "not_imported": summary.not_imported,
        "notify_only": summary.notify_only,
    });
    let alter = json!({ "act": "import", "file": name, "changed": summary.changed });
    let mut acts = vec![system(EntryKind::Collect, Vec::new(), &collect)];
    if summary.changed > 0 {
        acts.push(system(EntryKind::Alter, Vec::new(), &alter));
    }
    if summary.withdrawn > 0 {
        let erase = json!({ "act": "import", "file": name, "withdrawn": summary.withdrawn });
        acts.push(system(EntryKind::Erase, Vec::new(), &erase));
    }
    acts
}

/// Records that ended in one run: what a proof of erasure begins with.
pub(crate) fn of_gone(why: Ended, at: Timestamp, records: u64) -> Act {
    let content = json!({ "act": "records ended", "how": why, "records": records });
    system(EntryKind::Erase, same_gone(why, at), &content)
}

/// Names the run: its records carry the same time.
pub(crate) fn same_gone(why: Ended, at: Timestamp) -> Vec<u8> {
    lp(&[b"gone", why.word().as_bytes(), &at.0.to_be_bytes()])
}

/// What was erased before `begun` is in no file of the node's records.
pub(crate) fn of_purge(begun: Timestamp, finished: Timestamp) -> Act {
    let content = json!({
        "act": "erased records taken out of the files",
        "erased_before_ms": begun.0,
        "finished_ms": finished.0,
    });
    system(EntryKind::Erase, same_purge(begun), &content)
}

/// Names a purge.
pub(crate) fn same_purge(begun: Timestamp) -> Vec<u8> {
    lp(&[b"purge", &begun.0.to_be_bytes()])
}

/// What possible matches said that lapsed long ago was taken out.
pub(crate) fn of_emptied(alerts: u64) -> Act {
    let content = json!({ "act": "lapsed possible matches emptied", "count": alerts });
    system(EntryKind::Erase, Vec::new(), &content)
}

/// Records withdrawn by an own system.
pub(crate) fn of_withdrawal(by: &str, records: u64) -> Act {
    let content = json!({ "act": "withdraw", "by": by, "records": records });
    system(EntryKind::Erase, Vec::new(), &content)
}

/// A push: what is combined with other agencies' postings, and what is withdrawn.
pub(crate) fn of_push(facts: &BatchFacts) -> Vec<Act> {
    let content = json!({ "act": "push", "batch": facts });
    let same = |word: &[u8]| lp(&[b"push", word, &facts.batch_id.0]);
    let mut acts = Vec::new();
    if facts.withdrawals + facts.withdrawn_cards > 0 {
        acts.push(system(EntryKind::Erase, same(b"withdraw"), &content));
    }
    if facts.postings + facts.cards > 0 || acts.is_empty() {
        acts.push(system(EntryKind::Combine, same(b"publish"), &content));
    }
    acts
}

/// The pushes of a window of the outbox.
pub(crate) fn of_window(window: &[OutboxEntry], agency: &PartyId) -> Vec<Act> {
    let facts = |entry: &OutboxEntry| BatchFacts::of(&entry.batch.contents, agency);
    window.iter().flat_map(|e| of_push(&facts(e))).collect()
}

/// Possible matches beside own records were shown. Each time counts.
pub(crate) fn of_reading(alerts: &[AlertView]) -> Act {
    /// Bytes of an id and its version in JSON, at most.
    const EACH_BYTES: usize = 64;
    let named = alerts.iter().take(CONTENT_BYTES_MAX / EACH_BYTES - 16);
    let shown: Vec<Value> = named
        .map(|view| json!([view.alert.alert_id, view.alert.version]))
        .collect();
    let content = json!({ "act": "alerts shown", "count": alerts.len(), "newest": shown });
    Act {
        role: ActorRole::Analyst,
        ..system(EntryKind::Consult, Vec::new(), &content)
    }
}

/// The report on data quality was read, which names own references.
pub(crate) fn of_quality(records: u64, references: usize) -> Act {
    let content = json!({ "act": "quality shown", "records": records, "references": references });
    Act {
        role: ActorRole::Analyst,
        ..system(EntryKind::Consult, Vec::new(), &content)
    }
}

/// The own part of the log was read.
pub(crate) fn of_log_query(id: Option<&str>) -> Act {
    let content = json!({ "act": "receipts shown", "entry": id });
    Act {
        role: ActorRole::Auditor,
        ..system(EntryKind::LogQuery, Vec::new(), &content)
    }
}

fn system(kind: EntryKind, same: Vec<u8>, content: &Value) -> Act {
    Act {
        kind,
        role: ActorRole::System,
        concerned: Vec::new(),
        same,
        content: content.to_string().into_bytes(),
    }
}
