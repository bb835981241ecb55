use serde::Serialize;

use super::{AuditOutcome, DisclosureOutcome};

/// The demo's summary. Keys for parts that are not built yet are absent.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Each agency.
    pub agencies: Vec<AgencyOutcome>,
    /// How many key holders, and how many must answer.
    pub key_holders: KeyHolderCounts,
    /// Alerts by kind, each counted once however many agencies hear of it.
    pub alerts: AlertCounts,
    /// Clusters over more than two agencies.
    pub clusters: usize,
    /// Agencies in the widest cluster.
    pub largest_cluster_agencies: usize,
    /// Of the pairs said to be possibly the same person, how many are.
    pub precision: f64,
    /// Of the pairs of records of one person that agencies may hear of, how many were said.
    pub recall: f64,
    /// Findings in everything the hub received and wrote.
    pub raw_identifiers_seen_by_hub: usize,
    /// Findings in everything the key holders received and wrote.
    pub raw_identifiers_seen_by_key_holders: usize,
    /// Different raw values looked for, each in many encodings.
    pub identifiers_searched: usize,
    /// Postings at the hub, dummies included.
    pub stored_postings: u64,
    /// What the agencies' people asked each other, and what came of it.
    pub disclosure: DisclosureOutcome,
    /// The ledger of it all, audited.
    pub audit: AuditOutcome,
    /// Seconds from nothing to here.
    pub wall_s: f64,
}

/// One agency's file and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct AgencyOutcome {
    /// Name.
    pub name: String,
    /// Rows of its file.
    pub records: u64,
    /// Rows that take part.
    pub accepted: u64,
    /// Rows with an error, whether they take part without the value or not at all.
    pub rejected: u64,
    /// Of these, rows that do not take part.
    pub not_imported: u64,
    /// Rows known from a Duty to Notify report only: counted, never tokenised.
    pub duty_to_notify_only: u64,
    /// Tokens made.
    pub tokens: u64,
}

/// The key holders.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct KeyHolderCounts {
    /// How many.
    pub n: usize,
    /// How many must answer.
    pub t: usize,
}

/// Alerts by kind.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct AlertCounts {
    /// Two agencies may know the same person.
    pub same_person: usize,
    /// Different people, one phone, vehicle, address or account.
    pub shared_identifier: usize,
    /// The same person may be a victim here and a suspect there.
    pub victim_is_suspect: usize,
}
