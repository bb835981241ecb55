use std::collections::BTreeMap;

use sanctuary_ledger::{
    Quorum,
    audit::{Fault, Finding, Report},
};
use serde::Serialize;
use serde_json::Value;

/// What an audit of the log found.
#[derive(Clone, Debug, Serialize)]
pub struct AuditReport {
    /// Nothing is wrong.
    pub verified: bool,
    /// "all" where every entry was read, "own" where every hash and the caller's own entries were.
    pub scope: &'static str,
    /// Entries that the newest checkpoint covers.
    pub entries: u64,
    /// Entries of each kind that were read.
    pub by_kind: BTreeMap<&'static str, u64>,
    /// The root, computed anew, as hexadecimal.
    pub root: String,
    /// When the hub signed it.
    pub checkpoint_ms: u64,
    /// Witnesses' signatures on it.
    pub cosignatures: usize,
    /// How many are needed.
    pub cosignatures_needed: usize,
    /// Earlier checkpoints that the log was found to contain.
    pub checkpoints: usize,
    /// Promises that were found kept.
    pub promises: usize,
    /// Entries whose actor's signature was checked.
    pub actors_checked: u64,
    /// Entries of parties whose keys are not known here.
    pub actors_unknown: u64,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<AuditFinding>,
}

/// The first thing that is wrong.
#[derive(Clone, Debug, Serialize)]
pub struct AuditFinding {
    /// One word, such as `changed` or `forked`.
    pub fault: &'static str,
    /// The first entry that may be bad; everything before it is proven whole.
    pub first: u64,
    /// The last entry that may be the first bad one.
    pub last: u64,
    /// One sentence.
    pub text: String,
    /// What proves it to anybody with the hub's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Value>,
}

impl AuditReport {
    pub(crate) fn good(report: &Report, quorum: &Quorum, scope: &'static str) -> Self {
        let kinds = report.by_kind.iter();
        Self {
            verified: true,
            scope,
            entries: report.size,
            by_kind: kinds.map(|(kind, count)| (kind.word(), *count)).collect(),
            root: hex::encode(report.root),
            checkpoint_ms: report.time.0,
            cosignatures: report.cosignatures,
            cosignatures_needed: quorum.needed(),
            checkpoints: report.checkpoints,
            promises: report.promises,
            actors_checked: report.actors_checked,
            actors_unknown: report.actors_unknown,
            finding: None,
        }
    }

    pub(crate) fn bad(finding: &Finding, quorum: &Quorum, scope: &'static str) -> Self {
        let evidence = match &finding.fault {
            Fault::Forked(evidence) => serde_json::to_value(evidence).ok(),
            Fault::PromiseBroken(evidence) => serde_json::to_value(evidence).ok(),
            _ => None,
        };
        Self {
            verified: false,
            scope,
            entries: 0,
            by_kind: BTreeMap::new(),
            root: String::new(),
            checkpoint_ms: 0,
            cosignatures: 0,
            cosignatures_needed: quorum.needed(),
            checkpoints: 0,
            promises: 0,
            actors_checked: 0,
            actors_unknown: 0,
            finding: Some(AuditFinding {
                fault: finding.word(),
                first: finding.first,
                last: finding.last,
                text: finding.to_string(),
                evidence,
            }),
        }
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        if let Some(finding) = &self.finding {
            return format!(
                "The log is NOT as it was signed ({}): {}.",
                finding.fault, finding.text
            );
        }
        let kinds: Vec<String> = self
            .by_kind
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        format!(
            "The log is whole: {} entries, root {}, {} of {} cosignatures needed, {} earlier checkpoints, \
             {} promises kept.\nRead ({}): {}. Signatures of actors: {} checked, {} of parties not on the rosters given.",
            self.entries,
            self.root,
            self.cosignatures,
            self.cosignatures_needed,
            self.checkpoints,
            self.promises,
            if self.scope == "all" {
                "every entry"
            } else {
                "every hash, and the entries that concern the caller"
            },
            kinds.join(", "),
            self.actors_checked,
            self.actors_unknown
        )
    }
}
