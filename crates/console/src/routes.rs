//! Every address of the console, in one table: method, path, who may. A test walks it as every role and as nobody.

use sanctuary_policy::{Action, StaffRole};

use crate::{Problem, Reply, Visit, screens};

/// How it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Shows; changes nothing.
    Get,
    /// Does something; needs the form's token.
    Post,
}

/// Who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Anybody,
    /// Anybody, so many times from one address.
    AnybodySlowly,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever may do one of these acts.
    Any(&'static [Action]),
}

impl Access {
    /// Whether somebody with these roles may; `None` = nobody is signed in.
    #[must_use]
    pub fn admits(self, roles: Option<&[StaffRole]>) -> bool {
        match (self, roles) {
            (Self::Anybody | Self::AnybodySlowly, _) | (Self::SignedIn, Some(_)) => true,
            (Self::Any(acts), Some(roles)) => acts.iter().any(|a| a.permits_any(roles)),
            (Self::SignedIn | Self::Any(_), None) => false,
        }
    }
}

/// What answers.
pub type Handler = fn(&Visit<'_>) -> Result<Reply, Problem>;

/// One address.
#[derive(Clone, Copy)]
pub struct Route {
    /// How it is called.
    pub verb: Verb,
    /// Its path; parts in braces are open.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
    /// What answers.
    pub handler: Handler,
    /// It needs a fresh proof of who the person is; what they do by it, in the words of a button.
    pub proof: Option<&'static str>,
    /// A step of signing in: nobody is ever led back to it.
    pub is_step: bool,
}

impl Route {
    /// The same, for those who have shown within the last minutes that it is them.
    const fn proven(mut self, what: &'static str) -> Self {
        self.proof = Some(what);
        self
    }

    /// Somebody comes in by it.
    pub(crate) fn signs_in(&self) -> bool {
        self.access == Access::AnybodySlowly
    }

    /// A password is worked out for it.
    pub(crate) fn hashes(&self) -> bool {
        self.access == Access::AnybodySlowly || self.path == "/prove"
    }

    const fn step(mut self) -> Self {
        self.is_step = true;
        self
    }
}

const fn get(path: &'static str, access: Access, handler: Handler) -> Route {
    Route {
        verb: Verb::Get,
        path,
        access,
        handler,
        proof: None,
        is_step: false,
    }
}

const fn post(path: &'static str, access: Access, handler: Handler) -> Route {
    Route {
        verb: Verb::Post,
        path,
        access,
        handler,
        proof: None,
        is_step: false,
    }
}

use Access::{Any, Anybody, AnybodySlowly, SignedIn};

/// Reads possible matches.
const MATCHES: Access = Any(&[Action::ReadAlerts]);
/// Reads cases, at either side.
const CASES: Access = Any(&[
    Action::ReadRelease,
    Action::ReadRequest,
    Action::AnswerSubjectAccess,
]);
/// Writes requests.
const DRAFT: Access = Any(&[Action::DraftRequest]);
/// Prepares answers.
const PROPOSE: Access = Any(&[Action::ProposeDecision]);
/// Answers people's requests for access.
const SUBJECT_ACCESS: Access = Any(&[Action::AnswerSubjectAccess]);
/// Writes something that takes a while.
const WRITE: Access = Any(&[
    Action::DecideAlert,
    Action::SettleAlert,
    Action::DraftRequest,
    Action::ProposeDecision,
]);
/// Has a page open that is told what is new.
const LISTEN: Access = Any(&[
    Action::ReadAlerts,
    Action::ReadRelease,
    Action::ReadRequest,
    Action::AnswerSubjectAccess,
]);
/// Reads the board pack.
const FIGURES: Access = Any(&[Action::ReadFigures]);
/// Gives and takes roles.
const STAFF: Access = Any(&[Action::ManageStaff]);

/// Every address.
pub const ROUTES: &[Route] = &[
    get("/", SignedIn, screens::home::show),
    // Signing in and out.
    get("/sign-in", Anybody, screens::sign_in::show),
    post("/sign-in", AnybodySlowly, screens::sign_in::post),
    get("/choose-password", Anybody, screens::sign_in::show_choose),
    post(
        "/choose-password",
        AnybodySlowly,
        screens::sign_in::post_choose,
    ),
    get("/sign-in/provider", AnybodySlowly, screens::provider::go),
    get(
        "/sign-in/return",
        AnybodySlowly,
        screens::provider::come_back,
    ),
    post("/sign-out", SignedIn, screens::sign_in::sign_out),
    // Showing once more that it is them.
    get("/prove", SignedIn, screens::prove::show).step(),
    post("/prove", SignedIn, screens::prove::post),
    get("/prove/provider", SignedIn, screens::provider::go_again).step(),
    get("/prove/go-on", SignedIn, screens::prove::go_on),
    // Possible matches.
    get("/matches", MATCHES, screens::queue::show),
    get("/matches/next", MATCHES, screens::item::next),
    post(
        "/matches/assign",
        Any(&[Action::AssignAlert]),
        screens::queue::assign,
    ),
    post("/matches/views", MATCHES, screens::queue::save_view),
    post(
        "/matches/views/delete",
        MATCHES,
        screens::queue::delete_view,
    ),
    get("/matches/{id}", MATCHES, screens::item::show),
    post(
        "/matches/{id}/decision",
        Any(&[Action::DecideAlert, Action::SettleAlert]),
        screens::item::decide,
    ),
    get(
        "/matches/{id}/recheck",
        Any(&[Action::DecideAlert]),
        screens::item::show_to_recheck,
    ),
    post(
        "/matches/{id}/recheck",
        Any(&[Action::DecideAlert]),
        screens::item::recheck,
    ),
    post(
        "/matches/{id}/undo",
        Any(&[Action::DecideAlert, Action::SettleAlert]),
        screens::item::undo,
    ),
    // Requests, ours and those to us.
    get("/requests", CASES, screens::cases::list),
    get("/requests/new/{alert}", DRAFT, screens::request::new),
    post("/requests/new/{alert}", DRAFT, screens::request::create),
    get("/requests/{id}", CASES, screens::cases::show),
    get("/requests/{id}/change", DRAFT, screens::request::edit),
    post("/requests/{id}/change", DRAFT, screens::request::change),
    get("/requests/{id}/answer", PROPOSE, screens::answer::show),
    post("/requests/{id}/answer", PROPOSE, screens::answer::propose)
        .proven("Put the answer forward"),
    get(
        "/requests/{id}/report",
        Any(&[Action::ReadRelease]),
        screens::cases::report,
    ),
    post(
        "/requests/{id}/report",
        Any(&[Action::ExportRelease]),
        screens::cases::export,
    )
    .proven("Make the copy"),
    post(
        "/requests/{id}/record-call",
        Any(&[Action::RecordCall]),
        screens::case_steps::record_call,
    ),
    post(
        "/requests/{id}/consult-safeguarding",
        Any(&[Action::ConsultSafeguarding]),
        screens::case_steps::consult_safeguarding,
    ),
    post(
        "/requests/{id}/authorise",
        Any(&[Action::AuthoriseRequest]),
        screens::case_steps::authorise,
    )
    .proven("Authorise the request"),
    post(
        "/requests/{id}/send",
        Any(&[Action::SendRequest]),
        screens::case_steps::send,
    ),
    post(
        "/requests/{id}/clarify",
        Any(&[Action::AnswerClarification]),
        screens::case_steps::clarify,
    ),
    post(
        "/requests/{id}/answer-reach",
        Any(&[Action::AnswerReach]),
        screens::case_steps::answer_reach,
    ),
    post(
        "/requests/{id}/withdraw",
        Any(&[Action::WithdrawRequest]),
        screens::case_steps::withdraw,
    ),
    post(
        "/requests/{id}/record-outcome",
        Any(&[Action::RecordOutcome]),
        screens::case_steps::record_outcome,
    ),
    post(
        "/requests/{id}/review-urgency",
        Any(&[Action::ReviewUrgency]),
        screens::case_steps::review_urgency,
    ),
    post(
        "/requests/{id}/confirm-destruction",
        Any(&[Action::ConfirmDestruction]),
        screens::case_steps::confirm_destruction,
    ),
    post(
        "/requests/{id}/close",
        Any(&[Action::CloseCase]),
        screens::case_steps::close,
    ),
    post(
        "/requests/{id}/acknowledge",
        Any(&[Action::AcknowledgeRequest]),
        screens::case_steps::acknowledge,
    ),
    post(
        "/requests/{id}/ask",
        Any(&[Action::AskClarification]),
        screens::case_steps::ask,
    ),
    post(
        "/requests/{id}/approve",
        Any(&[Action::ApproveDecision]),
        screens::case_steps::approve,
    )
    .proven("Approve the answer"),
    post(
        "/requests/{id}/give-back",
        Any(&[Action::ApproveDecision]),
        screens::case_steps::give_back,
    ),
    post(
        "/requests/{id}/stop",
        Any(&[Action::VetoDecision]),
        screens::case_steps::stop,
    ),
    post(
        "/requests/{id}/recall",
        Any(&[Action::RecallRelease]),
        screens::case_steps::recall,
    ),
    post(
        "/requests/{id}/review-refusal",
        Any(&[Action::ReviewRefusal]),
        screens::case_steps::review_refusal,
    ),
    // Between two looks.
    post("/drafts", WRITE, screens::drafts::keep),
    post("/drafts/discard", WRITE, screens::drafts::discard),
    get("/live", LISTEN, screens::live::listen).step(),
    // The own account.
    get("/account", SignedIn, screens::account::show),
    post("/account/session", SignedIn, screens::account::end_session),
    post("/account/keys", SignedIn, screens::account::set_keys),
    post("/account/code", SignedIn, screens::account::begin_code).proven("Set up an authenticator"),
    post(
        "/account/code/confirm",
        SignedIn,
        screens::account::confirm_code,
    ),
    // Overseeing.
    get(
        "/supervisor",
        Any(&[Action::ReadReviewFigures]),
        screens::supervisor::show,
    ),
    get(
        "/ledger",
        Any(&[Action::VerifyLedger]),
        screens::ledger::show,
    ),
    get(
        "/ledger/{entry}",
        Any(&[Action::ReadLedger]),
        screens::ledger::entry,
    ),
    get("/data", Any(&[Action::ReadStatus]), screens::health::show),
    get("/alarms", Any(&[Action::ReadStatus]), screens::alarms::show),
    get("/board-pack", FIGURES, screens::editions::list),
    get("/board-pack/{number}", FIGURES, screens::editions::show),
    get(
        "/board-pack/{number}/{format}",
        FIGURES,
        screens::editions::download,
    ),
    get("/tour", SignedIn, screens::tour::show),
    get("/data-protection", SUBJECT_ACCESS, screens::dpo::show),
    post(
        "/data-protection/access",
        SUBJECT_ACCESS,
        screens::dpo::open_access,
    ),
    get(
        "/data-protection/access/{matter}",
        SUBJECT_ACCESS,
        screens::dpo::access,
    ),
    post(
        "/data-protection/access/{matter}",
        SUBJECT_ACCESS,
        screens::dpo::report,
    )
    .proven("Make the report"),
    get(
        "/data-protection/question/{matter}",
        SUBJECT_ACCESS,
        screens::dpo::question,
    ),
    post(
        "/data-protection/question/{matter}",
        SUBJECT_ACCESS,
        screens::dpo::answer,
    )
    .proven("Answer the question"),
    get("/connections", STAFF, screens::connections::show),
    post("/connections/revoke", STAFF, screens::connections::revoke),
    get("/administration", STAFF, screens::administration::show),
    post("/administration", STAFF, screens::administration::add).proven("Add the person"),
    get(
        "/administration/{person}",
        STAFF,
        screens::administration::person,
    ),
    post(
        "/administration/{person}",
        STAFF,
        screens::administration::change,
    )
    .proven("Change the entry"),
];

/// The whole table as Markdown: the reviewed snapshot in docs/console-routes.md.
#[must_use]
pub fn matrix() -> String {
    let mut out = String::from(
        "# Addresses of the console and who may call them\n\nMade from `crates/console/src/routes.rs`; a test compares it and walks every address as every role and as nobody. A fresh proof is a password with code, or a sign-in at the identity provider, within the last five minutes. Review every change of this file. What each role may do is in [authorisation-matrix.md](authorisation-matrix.md).\n\n| call | acts | nobody |",
    );
    for role in StaffRole::ALL {
        out.push_str(&format!(" {} |", role.word().replace('_', " ")));
    }
    out.push_str("\n|---|---|---|");
    out.push_str(&"---|".repeat(StaffRole::ALL.len()));
    for route in ROUTES {
        let verb = match route.verb {
            Verb::Get => "GET",
            Verb::Post => "POST",
        };
        let acts = match route.access {
            Anybody => "-".to_owned(),
            AnybodySlowly => "limited by address".to_owned(),
            SignedIn => "signed in".to_owned(),
            Any(acts) => {
                let words: Vec<&str> = acts.iter().map(|a| a.word()).collect();
                words.join(", ")
            }
        };
        let acts = match route.proof {
            Some(_) => format!("{acts}; fresh proof"),
            None => acts,
        };
        let mark = |may: bool| if may { " yes |" } else { " |" };
        out.push_str(&format!("\n| `{verb} {}` | {acts} |", route.path));
        out.push_str(mark(route.access.admits(None)));
        for role in StaffRole::ALL {
            out.push_str(mark(route.access.admits(Some(&[*role]))));
        }
    }
    out.push('\n');
    out
}
