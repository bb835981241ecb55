use std::fmt::Write as _;

use sanctuary_trust::PartyKind;
use serde::{Deserialize, Serialize};

use crate::StaffRole;

use Operation::{Alter, Collect, Combine, Consult, Disclose, Erase};
use PartyKind::{Agency, Hub, KeyHolder, Officer};
use StaffRole::{
    Administrator as AD, Analyst as AN, Authoriser as AU, DataProtectionOfficer as DP,
    IntelligenceOfficer as IO, Releaser as RE, SecondApprover as SA,
};

/// The six kinds of processing that Data Protection Act 2018 s62 asks to be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Collection.
    Collect,
    /// Alteration.
    Alter,
    /// Consultation.
    Consult,
    /// Disclosure, transfers included.
    Disclose,
    /// Combination.
    Combine,
    /// Erasure.
    Erase,
}

impl Operation {
    /// The word in the log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Collect => "collect",
            Self::Alter => "alter",
            Self::Consult => "consult",
            Self::Disclose => "disclose",
            Self::Combine => "combine",
            Self::Erase => "erase",
        }
    }
}

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $operation:expr, [$($role:ident)*], [$($party:ident)*];)*) => {
        /// Every act in the system. A person's act needs one of the roles, a program's call one of
        /// the party kinds; an act with neither is nobody's.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Action { $($(#[$doc])* $name,)* }

        /// The authorisation matrix: the one place that says who may do what.
        pub const TABLE: &[Row] = &[
            $(Row {
                action: Action::$name,
                word: $word,
                operation: $operation,
                roles: &[$($role),*],
                parties: &[$($party),*],
            },)*
        ];
    };
}

/// One act and who may do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The act.
    pub action: Action,
    /// Its word in logs.
    pub word: &'static str,
    /// What it is under s62; `None` when it touches nothing about a person.
    pub operation: Option<Operation>,
    /// Staff who may do it.
    pub roles: &'static [StaffRole],
    /// Parties whose programs may call for it.
    pub parties: &'static [PartyKind],
}

acts! {
    // Alerts and own records.
    /// See own alerts.
    ReadAlerts = "read_alerts", Some(Consult), [AN IO AU RE SA], [Agency];
    /// Say whether a possible match is one person.
    DecideAlert = "decide_alert", Some(Alter), [AN IO], [Agency];
    /// Decide between two reviewers who disagree, and take back a colleague's answer: the supervisor.
    SettleAlert = "settle_alert", Some(Alter), [AU], [];
    /// See how the review goes: what is overdue, who has how much, how often two reviewers agree.
    ReadReviewFigures = "read_review_figures", None, [AU DP], [];
    /// Let the other agency hear of an alert on an owner-first record.
    ReleaseAlert = "release_alert", Some(Disclose), [RE], [];
    /// Give an alert to a colleague.
    AssignAlert = "assign_alert", None, [AN IO AU], [];
    /// Write possible matches and the link chart to a file for another program of the agency.
    ExportAlerts = "export_alerts", Some(Disclose), [AN IO AU], [];
    /// Open the own record behind an alert or request.
    ReadRecord = "read_record", Some(Consult), [AN IO AU RE SA], [];
    /// Show a shielded address on the own record.
    RevealShielded = "reveal_shielded", Some(Consult), [RE SA], [];
    /// Load a file of own records.
    ImportRecords = "import_records", Some(Collect), [AN], [];
    /// Correct an own record.
    CorrectRecord = "correct_record", Some(Alter), [AN DP], [];
    /// Take an own record out of matching.
    WithdrawRecord = "withdraw_record", Some(Erase), [AN DP], [];
    /// See which own records are due for review, expire soon or are held: references, no people.
    ReviewRecords = "review_records", Some(Consult), [AN AU DP], [];
    /// Put an own record under a legal hold, or change it.
    HoldRecord = "hold_record", Some(Alter), [AU DP], [];
    /// End a legal hold.
    ReleaseHold = "release_hold", Some(Alter), [DP], [];
    /// Print the log's proof that a record was erased.
    ProveErasure = "prove_erasure", Some(Consult), [DP], [];
    // Asking.
    /// Write a request.
    DraftRequest = "draft_request", Some(Alter), [IO], [];
    /// Authorise a colleague's request.
    AuthoriseRequest = "authorise_request", Some(Alter), [AU], [];
    /// Send an authorised request.
    SendRequest = "send_request", Some(Disclose), [IO AU], [];
    /// Record a telephone call.
    RecordCall = "record_call", Some(Alter), [IO AU RE SA], [];
    /// Answer the owner's question about a request.
    AnswerClarification = "answer_clarification", Some(Disclose), [IO], [];
    /// Answer whether the alleged perpetrator could be reached by this agency's people.
    AnswerReach = "answer_reach", Some(Disclose), [AU], [];
    /// Take a request back.
    WithdrawRequest = "withdraw_request", Some(Alter), [IO AU], [];
    /// Read what was released.
    ReadRelease = "read_release", Some(Consult), [IO AU], [];
    /// Print or export what was released.
    ExportRelease = "export_release", Some(Disclose), [IO], [];
    /// Say what came of it.
    RecordOutcome = "record_outcome", Some(Alter), [IO], [];
    /// Review the use of urgency 1.
    ReviewUrgency = "review_urgency", Some(Consult), [AU DP], [];
    /// Confirm that every copy of a recalled or expired release is destroyed.
    ConfirmDestruction = "confirm_destruction", Some(Erase), [IO AU DP], [];
    /// Close a case.
    CloseCase = "close_case", Some(Alter), [IO AU RE], [];
    // Answering.
    /// Read a request that came in.
    ReadRequest = "read_request", Some(Consult), [RE SA AU DP], [];
    /// Acknowledge it.
    AcknowledgeRequest = "acknowledge_request", Some(Alter), [RE], [];
    /// Ask the requester a question.
    AskClarification = "ask_clarification", Some(Disclose), [RE], [];
    /// Speak with the safeguarding lead about a person who is a victim and a suspect.
    ConsultSafeguarding = "consult_safeguarding", Some(Consult), [IO AU RE SA], [];
    /// Propose an answer.
    ProposeDecision = "propose_decision", Some(Alter), [RE], [];
    /// Approve or return a colleague's proposed answer.
    ApproveDecision = "approve_decision", Some(Disclose), [SA], [];
    /// Stop an answer before it leaves.
    VetoDecision = "veto_decision", Some(Alter), [DP], [];
    /// Look again at the refusal of an urgent request.
    ReviewRefusal = "review_refusal", Some(Consult), [AU DP], [];
    /// Recall what was released.
    RecallRelease = "recall_release", Some(Alter), [RE SA DP], [];
    // Governance.
    /// Read entries of the log: the own ones, and all of them for officers.
    ReadLedger = "read_ledger", Some(Consult), [DP], [Hub KeyHolder Agency Officer];
    /// Check the log's proofs.
    VerifyLedger = "verify_ledger", None, [AN IO AU RE SA DP AD], [Hub KeyHolder Agency Officer];
    /// Cosign a checkpoint of the log as a witness: each agency's node does.
    CosignLedger = "cosign_ledger", None, [], [Agency];
    /// Append to the log.
    AppendLedger = "append_ledger", None, [], [Hub KeyHolder Agency Officer];
    /// Answer a person's request for what is held and who asked.
    AnswerSubjectAccess = "answer_subject_access", Some(Consult), [DP], [Agency];
    /// Erase what is held on a person, and recall it from others.
    EraseRecord = "erase_record", Some(Erase), [DP], [Agency];
    /// Export the evidence pack.
    ExportEvidence = "export_evidence", None, [DP], [];
    /// See suppressed figures.
    ReadFigures = "read_figures", None, [AN AU DP], [Agency Officer];
    /// Put a signed agreement at the hub, which hands it to everybody.
    PutAgreement = "put_agreement", None, [], [Officer];
    /// Hand in the agency's counts for the board pack.
    HandInCounts = "hand_in_counts", Some(Combine), [], [Agency];
    /// Make, sign and release an edition of the board pack, and check all editions.
    ReleaseFigures = "release_figures", Some(Disclose), [], [Officer];
    /// Read the agreement.
    ReadAgreement = "read_agreement", None, [AN IO AU RE SA DP AD], [Hub KeyHolder Agency Officer];
    // Running the system.
    /// Give and take roles.
    ManageStaff = "manage_staff", None, [AD], [];
    /// Settings, keys and certificates of the node.
    ConfigureNode = "configure_node", None, [AD], [];
    /// Versions, counts of the caller, time of the last round.
    ReadStatus = "read_status", None, [AN IO AU RE SA DP AD], [Hub KeyHolder Agency Officer];
    // Calls of programs.
    /// Push sealed postings.
    PushPostings = "push_postings", Some(Collect), [], [Agency];
    /// Compare two records under encryption, levels only.
    CompareRecords = "compare_records", Some(Combine), [], [Agency];
    /// Evaluate blinded inputs.
    EvaluateTokens = "evaluate_tokens", Some(Combine), [], [Agency];
    /// See the own quota.
    ReadQuota = "read_quota", None, [], [Agency];
    /// Make keys among the key holders.
    RunCeremony = "run_ceremony", None, [], [Officer];
    /// Hand a sealed envelope to the hub, take one, acknowledge it.
    CarryEnvelope = "carry_envelope", Some(Disclose), [], [Agency];
    /// Prove knowledge of a match to the other agency.
    ProveMatch = "prove_match", Some(Combine), [], [Agency];
    /// Publish and fetch envelope keys.
    ExchangeKeys = "exchange_keys", None, [], [Agency];
    /// Tell the hub how far a case is.
    TickCase = "tick_case", None, [], [Agency];
}

impl Action {
    /// The act's row.
    #[must_use]
    pub fn row(self) -> &'static Row {
        // The macro writes enum and table in one order, so the discriminant is the place.
        &TABLE[self as usize]
    }
    /// Whether staff of `role` may do it.
    #[must_use]
    pub fn permits_role(self, role: StaffRole) -> bool {
        self.row().roles.contains(&role)
    }
    /// Whether somebody with `roles` may do it.
    #[must_use]
    pub fn permits_any(self, roles: &[StaffRole]) -> bool {
        roles.iter().any(|role| self.permits_role(*role))
    }
    /// Whether a program of a party of `kind` may call for it.
    #[must_use]
    pub fn permits_party(self, kind: PartyKind) -> bool {
        self.row().parties.contains(&kind)
    }
    /// Its word in logs.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.row().word
    }
}

/// The whole matrix as Markdown: the reviewed snapshot in docs/authorisation-matrix.md.
#[must_use]
pub fn matrix() -> String {
    let parties = [Hub, KeyHolder, Agency, Officer];
    let mut out = String::from(
        "# Who may do what\n\nMade from `crates/policy/src/action.rs` and `rpc.rs`; a test compares it. Review every change of this file.\n\n## People\n\n| act | log (s62) |",
    );
    for role in StaffRole::ALL {
        let _ = write!(out, " {} |", role.word().replace('_', " "));
    }
    out.push_str("\n|---|---|");
    out.push_str(&"---|".repeat(StaffRole::ALL.len()));
    for row in TABLE.iter().filter(|r| !r.roles.is_empty()) {
        begin(&mut out, row);
        for role in StaffRole::ALL {
            out.push_str(mark(row.roles.contains(role)));
        }
    }
    out.push_str("\n\n## Programs\n\n| act | log (s62) |");
    for kind in parties {
        let _ = write!(out, " {} |", kind.label().replace('_', " "));
    }
    out.push_str("\n|---|---|");
    out.push_str(&"---|".repeat(parties.len()));
    for row in TABLE.iter().filter(|r| !r.parties.is_empty()) {
        begin(&mut out, row);
        for kind in parties {
            out.push_str(mark(row.parties.contains(&kind)));
        }
    }
    out.push_str("\n\n## Calls\n\n| call | act |\n|---|---|\n");
    for rpc in crate::Rpc::ALL {
        let _ = writeln!(out, "| `{}` | {} |", rpc.path(), rpc.action().word());
    }
    out
}

fn begin(out: &mut String, row: &Row) {
    let operation = row.operation.map_or("-", Operation::word);
    let _ = write!(out, "\n| {} | {operation} |", row.word);
}

fn mark(may: bool) -> &'static str {
    if may { " yes |" } else { " |" }
}
