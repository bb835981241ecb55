//! The evidence pack: the live state of each control, found by looking, not by believing a setting.

use sanctuary_disclosure::{Actor, Case, CaseFile, Side, Step};
use sanctuary_policy::Action;
use sanctuary_types::{PartyId, Timestamp};
use serde::Serialize;
use serde_json::json;

use super::Figures;
use crate::{Alarm, Casework, CaseworkError, Shelf, file::Loaded};

/// Whether a control holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// Looked at, nothing against it.
    Yes,
    /// It holds, and somebody should do something.
    Attention,
    /// It does not hold.
    No,
}

/// One control, as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Control {
    /// A stable word.
    pub id: &'static str,
    /// What it is.
    pub title: &'static str,
    /// The law behind it.
    pub law: &'static str,
    /// How it was found.
    pub holds: Holds,
    /// What was looked at, with counts; no value of anybody.
    pub finding: String,
}

/// What a data protection officer exports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvidencePack {
    /// The agency.
    pub agency: PartyId,
    /// When.
    pub at: Timestamp,
    /// Version of the agreement.
    pub agreement_version: u32,
    /// Its SHA-256, hexadecimal.
    pub agreement_sha256: String,
    /// Its last day.
    pub agreement_expires: String,
    /// Each control.
    pub controls: Vec<Control>,
    /// Figures over all cases kept.
    pub figures: Figures,
    /// Ids of this agency's entries of the log about its cases: fetch their receipts beside this.
    pub log_entries: Vec<String>,
    /// What was refused on arrival.
    pub alarms: Vec<Alarm>,
}

impl Casework<'_> {
    /// Looks at every control and puts the pack together.
    ///
    /// # Errors
    /// [`CaseworkError::NeedsRole`], or what a port gives.
    pub fn evidence_pack(&self, by: &Actor, now: Timestamp) -> Result<EvidencePack, CaseworkError> {
        self.reading(
            by,
            Action::ExportEvidence,
            &json!({ "evidence_pack": true }),
        )?;
        let agreement = self.agreement()?;
        let cases = self.load_all()?;
        let figures = self.figures(Timestamp(0), Timestamp(u64::MAX), by, now)?;
        let alarms = self.alarms(by)?;
        let logged = self.ports.store.list(Shelf::Logged, &[])?;
        let log_entries: Vec<String> = logged
            .iter()
            .filter_map(|(key, _)| key.get(16..).map(hex::encode))
            .collect();
        let controls = vec![
            self.agreement_control(now)?,
            two_people(&cases),
            files_whole(&cases),
            every_step_logged(&cases, log_entries.len()),
            destruction(&figures),
            reviews(&figures),
            self.keys_control(now)?,
            refused(&alarms),
            self.matters_control(now)?,
        ];
        Ok(EvidencePack {
            agency: self.own().clone(),
            at: now,
            agreement_version: agreement.version,
            agreement_sha256: hex::encode(agreement.sha256()),
            agreement_expires: agreement.expires.long(),
            controls,
            figures,
            log_entries,
            alarms,
        })
    }

    fn agreement_control(&self, now: Timestamp) -> Result<Control, CaseworkError> {
        let agreement = self.agreement()?;
        let (holds, finding) = match agreement.check_in_force(now) {
            Err(denial) => (Holds::No, denial.to_string()),
            Ok(()) if agreement.is_review_overdue(now) => (
                Holds::Attention,
                format!(
                    "version {} is in force and its review is overdue",
                    agreement.version
                ),
            ),
            Ok(()) => (
                Holds::Yes,
                format!(
                    "version {} is in force, signed by the officers",
                    agreement.version
                ),
            ),
        };
        Ok(Control {
            id: "agreement",
            title: "Nothing is asked or released outside a signed agreement in force",
            law: "UK GDPR Art 26; DPA 2018 s58",
            holds,
            finding,
        })
    }

    fn keys_control(&self, now: Timestamp) -> Result<Control, CaseworkError> {
        let own = self
            .ring()?
            .announcement(self.own(), self.ports.directory.signing());
        let (holds, finding) = match own {
            None => (
                Holds::Attention,
                "no envelope key has been made yet".to_owned(),
            ),
            Some(key) if now >= key.fresh_until => {
                (Holds::No, "the envelope key is past its 30 days".to_owned())
            }
            Some(key) => {
                let days = now.0.saturating_sub(key.not_before.0) / 86_400_000;
                (
                    Holds::Yes,
                    format!("the envelope key is {days} days old; it changes within 30"),
                )
            }
        };
        Ok(Control {
            id: "envelope_keys",
            title: "Releases are sealed end to end under keys that change",
            law: "UK GDPR Art 32; DPA 2018 s66",
            holds,
            finding,
        })
    }

    fn matters_control(&self, now: Timestamp) -> Result<Control, CaseworkError> {
        let matters = self.matters()?;
        let open = matters.iter().filter(|m| m.done.is_none());
        let month_ms = 30 * 86_400_000;
        let late = open
            .clone()
            .filter(|m| now.0 > m.opened.0 + month_ms)
            .count();
        let holds = if late > 0 {
            Holds::Attention
        } else {
            Holds::Yes
        };
        Ok(Control {
            id: "rights",
            title: "Requests for access, correction and erasure are answered within a month",
            law: "UK GDPR Art 12 to 19; DPA 2018 ss45 to 48",
            holds,
            finding: format!("{} under way, {late} older than 30 days", open.count()),
        })
    }
}

fn two_people(cases: &[Loaded]) -> Control {
    let mut answers = 0u32;
    let mut alone = 0u32;
    for file in cases.iter().filter(|f| f.head.side == Side::Owner) {
        let (mut releaser, mut approver) = (None, None);
        for event in &file.events {
            match event.step {
                Step::Decide { .. } => (releaser, approver) = (event.by.as_ref(), None),
                Step::Approve { .. } => approver = event.by.as_ref(),
                Step::Leave { .. } => {
                    answers += 1;
                    let two = releaser
                        .zip(approver)
                        .is_some_and(|(a, b)| !a.is_one_with(b));
                    alone += u32::from(!two);
                }
                _ => {}
            }
        }
    }
    Control {
        id: "two_people",
        title: "Every answer was proposed by one person and approved by another",
        law: "UK GDPR Art 5(1)(f), 24",
        holds: if alone == 0 { Holds::Yes } else { Holds::No },
        finding: format!("{answers} answers have left; {alone} without two different people"),
    }
}

fn files_whole(cases: &[Loaded]) -> Control {
    let broken = cases.iter().filter(|file| {
        let stored = CaseFile {
            format: 1,
            side: file.head.side,
            events: file.events.clone(),
        };
        Case::replay(&stored).is_err()
    });
    let broken = broken.count();
    Control {
        id: "files_whole",
        title: "Every case file replays: no step was changed, dropped or moved",
        law: "DPA 2018 s62, s66",
        holds: if broken == 0 { Holds::Yes } else { Holds::No },
        finding: format!("{} files replayed, {broken} do not", cases.len()),
    }
}

fn every_step_logged(cases: &[Loaded], entries: usize) -> Control {
    let steps: usize = cases.iter().map(|file| file.events.len()).sum();
    Control {
        id: "logged",
        title: "Every step stands in the log before it takes effect",
        law: "DPA 2018 s62",
        holds: if entries >= steps {
            Holds::Yes
        } else {
            Holds::No
        },
        finding: format!(
            "{steps} steps in {} cases, {entries} entries of the log",
            cases.len()
        ),
    }
}

fn destruction(figures: &Figures) -> Control {
    Control {
        id: "destruction",
        title: "Recalled and expired releases are destroyed and the destruction is confirmed",
        law: "UK GDPR Art 5(1)(e), 17, 19; DPA 2018 s39, s47, s48",
        holds: if figures.not_destroyed == 0 {
            Holds::Yes
        } else {
            Holds::Attention
        },
        finding: format!(
            "{} recalled; {} recalled or expired releases are not confirmed destroyed",
            figures.recalled, figures.not_destroyed
        ),
    }
}

fn reviews(figures: &Figures) -> Control {
    let (justified, not, open) = figures.urgency_reviews;
    Control {
        id: "reviews",
        title: "Refused urgent requests and uses of urgency 1 are looked at by somebody else",
        law: "UK GDPR Art 24, 25",
        holds: if open == 0 {
            Holds::Yes
        } else {
            Holds::Attention
        },
        finding: format!(
            "refusals upheld {}, overturned {}; urgency 1 justified {justified}, not {not}, open {open}",
            figures.refusal_reviews.0, figures.refusal_reviews.1
        ),
    }
}

fn refused(alarms: &[Alarm]) -> Control {
    let forged = [
        "invented_match",
        "swapped_key",
        "outer_signature",
        "replayed",
        "does_not_open",
    ];
    let grave = alarms
        .iter()
        .filter(|a| forged.contains(&a.rule.as_str()))
        .count();
    Control {
        id: "refused",
        title: "What was forged, replayed or altered on the way is refused and kept",
        law: "UK GDPR Art 32, 33; DPA 2018 s66, s67",
        holds: if grave == 0 {
            Holds::Yes
        } else {
            Holds::Attention
        },
        finding: format!(
            "{} refused on arrival, {grave} of them forged or replayed",
            alarms.len()
        ),
    }
}
