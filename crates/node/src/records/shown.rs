use sanctuary_node_core::{Consent, Details, Gone, Hold, StoredRecord, Views, is_child};
use sanctuary_types::{DAY_MS, Month, Timestamp};
use serde::{Deserialize, Serialize};

/// How far ahead a review, an expiry or the end of a hold is shown as due.
const AHEAD_DAYS: u64 = 30;

/// One own record for its own people: what it is shared as, never its address or identifiers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordShown {
    /// The agency's own reference.
    pub reference: String,
    /// `shared`, `waiting`, `not_shared`, `withdrawn_and_held`, `duty_to_notify_only` or `gone`.
    pub state: String,
    /// Names as the agency wrote them.
    pub names: String,
    /// Words.
    pub roles: Vec<String>,
    /// Word.
    pub basis: String,
    /// Word.
    pub visibility: String,
    /// The last month in which it is shared.
    pub expires: String,
    /// When somebody should look at it.
    pub review: Option<String>,
    /// What the person agreed to and thinks of sharing.
    pub consent: Consent,
    /// A child needs none for the referral to the National Referral Mechanism.
    pub nrm_consent_needed: bool,
    /// The person objects to sharing: the owner decides about each possible match.
    pub objects: bool,
    /// A legal hold.
    pub hold: Option<Hold>,
    /// How it ended.
    pub gone: Option<Gone>,
    /// Tokens of it at the hub or on their way.
    pub tokens: u64,
}

/// A record that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DueLine {
    /// When.
    pub on: String,
    /// `review`, `expires` or `hold_ends`.
    pub what: String,
    /// The agency's own reference.
    pub reference: String,
    /// Whether it is held.
    pub held: bool,
}

impl RecordShown {
    pub(super) fn of(record: &StoredRecord, reference: &str, now: Timestamp) -> Self {
        let mut shown = Self {
            reference: reference.to_owned(),
            state: state(record).to_owned(),
            names: String::new(),
            roles: Vec::new(),
            basis: String::new(),
            visibility: String::new(),
            expires: String::new(),
            review: None,
            consent: Consent::default(),
            nrm_consent_needed: true,
            objects: false,
            hold: record.kept.hold.filter(|_| record.kept.is_held(now)),
            gone: record.kept.gone,
            tokens: record.published.as_ref().map_or(0, |p| p.tokens.len()) as u64,
        };
        if let Some(details) = &record.details {
            shown.names.clone_from(&details.names);
            shown.roles = details.roles.iter().map(|r| r.word().to_owned()).collect();
            shown.basis = details.basis.word().to_owned();
            shown.visibility = details.visibility.word().to_owned();
            shown.expires = month(details.expires);
            shown.review = details.review.map(day);
            shown.consent = details.consent;
            shown.nrm_consent_needed = !is_child(&details.canonical, now);
            shown.objects = details.consent.views == Some(Views::Objects);
        }
        shown
    }
}

fn state(record: &StoredRecord) -> &'static str {
    match (&record.details, &record.published) {
        _ if record.is_erased() => "gone",
        (None, _) => "duty_to_notify_only",
        _ if record.kept.withdrawn.is_some() => "withdrawn_and_held",
        (Some(_), Some(_)) => "shared",
        (Some(_), None) => "waiting",
    }
}

/// What is due of a record within the days ahead. Nothing happens to it by a review date.
pub(super) fn due(record: &StoredRecord, now: Timestamp) -> Vec<DueLine> {
    let Some(details) = &record.details else {
        return Vec::new();
    };
    let ahead = Timestamp(now.0 + AHEAD_DAYS * DAY_MS);
    let held = record.kept.is_held(now);
    let line = |details: &Details, what: &str, on: String| DueLine {
        on,
        what: what.to_owned(),
        reference: details.reference.clone(),
        held,
    };
    let mut lines = Vec::new();
    if let Some(review) = details.review.filter(|review| *review <= ahead.date()) {
        lines.push(line(details, "review", day(review)));
    }
    if details.expires <= Month::at(ahead) {
        lines.push(line(details, "expires", month(details.expires)));
    }
    if let Some(hold) = record.kept.hold.filter(|hold| hold.until <= ahead) {
        lines.push(line(details, "hold_ends", day(hold.until.date())));
    }
    lines
}

fn month(month: Month) -> String {
    format!("{:04}-{:02}", 2000 + month.0 / 12, month.0 % 12 + 1)
}

pub(super) fn day((year, month, day): (u16, u8, u8)) -> String {
    format!("{year:04}-{month:02}-{day:02}")
}
