use std::collections::BTreeSet;

use sanctuary_policy::Field;
use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Answer, ContactCard, DecisionFault, LawRule, Missing, NotReleased, REACH_MAX_AGE_MS, Reach,
    ReachAnswer, Refused, Release, Report, Request, SafeguardingTalk, Text, TimeRule, Views,
};

/// Why a detail is not released. Kept by the owner; told only when the owner chooses to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// The law named does not carry it.
    NoLawfulBasis,
    /// Not needed for the enquiry.
    NotNecessary,
    /// Wider than needed.
    WiderThanNeeded,
    /// Not held.
    NotHeld,
    /// Legal privilege.
    LegalPrivilege,
    /// Presumption against counselling records.
    CounsellingPresumption,
    /// Safety of the person.
    SafetyOfPerson,
    /// Safety of a source.
    SafetyOfSource,
    /// A live case would be harmed.
    LiveCase,
    /// A court order.
    CourtOrder,
    /// It is not sure that this is the same person.
    IdentityNotSure,
    /// Another agency is the controller.
    OtherController,
    /// Withheld by default: where somebody can be found.
    ShieldedByDefault,
}

/// What the owner does with one detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Release.
    Release,
    /// Release without the parts that show a source or somebody else.
    Sanitise,
    /// Withhold, with the true reason.
    Withhold(RefusalReason),
    /// Not held.
    NotHeld,
}

impl Verdict {
    /// Whether something is released.
    #[must_use]
    pub const fn releases(self) -> bool {
        matches!(self, Self::Release | Self::Sanitise)
    }
}

/// What a decision amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// Everything asked for.
    Full,
    /// Part of it.
    Partial,
    /// Without parts that show a source or somebody else.
    Sanitised,
    /// Nothing.
    Refused,
    /// Nothing is held.
    NotHeld,
    /// Neither confirmed nor denied.
    NeitherConfirmNorDeny,
}

/// Why where somebody can be found is released in spite of the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShieldGround {
    /// To reach the person before harm comes.
    ReachBeforeHarm,
    /// To visit safely.
    SafeVisit,
    /// Removal of a child from danger.
    ChildInDanger,
    /// A court ordered it.
    CourtOrder,
}

/// The proposed answer, made by the releaser and approved by a second person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// One verdict for each detail asked for.
    pub verdicts: Vec<(Field, Verdict)>,
    /// Nothing is said of whether anything is held.
    pub neither_confirm_nor_deny: bool,
    /// Details for which the requester is told the true reason.
    pub tell: Vec<Field>,
    /// Whom to phone, when that is released.
    pub contact: Option<ContactCard>,
    /// The intelligence report, when anything else is released.
    pub report: Option<Report>,
    /// Why where somebody can be found is released.
    pub shield: Option<(ShieldGround, Text)>,
    /// Why sharing would be more detrimental to the child than not (Children Act 2004 s16LA(3)).
    pub child_ground: Option<Text>,
    /// The person's views.
    pub views: Option<Views>,
    /// For the owner's file only.
    pub note: Option<Text>,
}

/// What a proposal is judged against.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The request.
    pub request: &'a Request,
    /// The statement on reach, verified.
    pub reach: Option<&'a ReachAnswer>,
    /// The talk with the safeguarding lead.
    pub safeguarding: Option<&'a SafeguardingTalk>,
    /// The number this release would have.
    pub number: u32,
    /// The release it corrects.
    pub corrects: Option<u32>,
    /// Details that a second approver struck out.
    pub struck: &'a BTreeSet<Field>,
    /// The latest expiry a report may have.
    pub expires_by: Timestamp,
    /// When.
    pub now: Timestamp,
}

impl Proposal {
    /// The default answer to a confirmed match: whom to phone, and nothing else.
    #[must_use]
    pub fn contact_first(request: &Request, contact: ContactCard, views: Option<Views>) -> Self {
        let verdict = |field: Field| match field {
            Field::Contact => Verdict::Release,
            shielded if shielded.is_shielded() => {
                Verdict::Withhold(RefusalReason::ShieldedByDefault)
            }
            _ => Verdict::Withhold(RefusalReason::NotNecessary),
        };
        Self {
            verdicts: request
                .fields()
                .into_iter()
                .map(|f| (f, verdict(f)))
                .collect(),
            neither_confirm_nor_deny: false,
            tell: Vec::new(),
            contact: Some(contact),
            report: None,
            shield: None,
            child_ground: None,
            views,
            note: None,
        }
    }

    /// SHA-256 of the proposal: what the second approver approves.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        // A struct of strings, numbers and enums always serialises.
        Sha256::digest(serde_json::to_vec(self).unwrap_or_default()).into()
    }

    /// What it amounts to.
    #[must_use]
    pub fn kind(&self) -> DecisionKind {
        let verdicts = || self.verdicts.iter().map(|(_, v)| *v);
        if self.neither_confirm_nor_deny {
            DecisionKind::NeitherConfirmNorDeny
        } else if verdicts().all(|v| v == Verdict::NotHeld) {
            DecisionKind::NotHeld
        } else if !verdicts().any(Verdict::releases) {
            DecisionKind::Refused
        } else if !verdicts().all(Verdict::releases) {
            DecisionKind::Partial
        } else if verdicts().any(|v| v == Verdict::Sanitise) {
            DecisionKind::Sanitised
        } else {
            DecisionKind::Full
        }
    }

    /// Whether anything is released.
    #[must_use]
    pub fn releases(&self) -> bool {
        self.verdicts.iter().any(|(_, v)| v.releases())
    }

    /// Whether the requester is told nothing but that nothing is released: then the answer, its size
    /// and its moment are the same for every true reason.
    #[must_use]
    pub fn tells_nothing(&self) -> bool {
        !self.releases() && self.tell.is_empty()
    }

    /// Every rule an answer must keep.
    ///
    /// # Errors
    /// [`Refused`] with the first rule that it breaks.
    pub fn check(&self, about: &Circumstances<'_>) -> Result<DecisionKind, Refused> {
        self.check_verdicts(about)?;
        self.check_shield(about)?;
        self.check_law(about)?;
        self.check_report(about)?;
        Ok(self.kind())
    }

    /// What the requester is told.
    #[must_use]
    pub fn answer(&self, request: &Request) -> Answer {
        let reason = |field: &Field, verdict: &Verdict| {
            self.tell.contains(field).then_some(match verdict {
                Verdict::Withhold(reason) => *reason,
                _ => RefusalReason::NotHeld,
            })
        };
        let mut not_released: Vec<NotReleased> = self
            .verdicts
            .iter()
            .filter(|(_, v)| !v.releases())
            .map(|(field, verdict)| NotReleased {
                field: *field,
                reason: reason(field, verdict),
            })
            .collect();
        not_released.sort_by_key(|n| n.field);
        Answer {
            case: request.case,
            released: self.releases().then(|| Release {
                contact: self.contact.clone(),
                report: self.report.clone(),
            }),
            not_released,
        }
    }

    fn released(&self) -> impl Iterator<Item = Field> + '_ {
        self.verdicts
            .iter()
            .filter(|(_, v)| v.releases())
            .map(|(f, _)| *f)
    }

    fn check_verdicts(&self, about: &Circumstances<'_>) -> Result<(), Refused> {
        let fault = |f| Err(Refused::Decision(f));
        let wanted: BTreeSet<Field> = about.request.fields().into_iter().collect();
        let decided: BTreeSet<Field> = self.verdicts.iter().map(|(f, _)| *f).collect();
        if wanted != decided || self.verdicts.len() != decided.len() {
            return fault(DecisionFault::Verdicts);
        }
        if self.neither_confirm_nor_deny && !self.tells_nothing() {
            return fault(DecisionFault::NeitherConfirmNorDeny);
        }
        let refused = |f: &Field| {
            self.verdicts
                .iter()
                .any(|(field, v)| field == f && !v.releases())
        };
        if !self.tell.iter().all(refused) {
            return fault(DecisionFault::ToldReason);
        }
        if self.released().any(|f| about.struck.contains(&f)) {
            return fault(DecisionFault::Struck);
        }
        Ok(())
    }

    /// The reach guard: where somebody can be found leaves only with a named reason and a fresh no.
    fn check_shield(&self, about: &Circumstances<'_>) -> Result<(), Refused> {
        let Some(field) = self.released().find(|f| f.is_shielded()) else {
            return Ok(());
        };
        if self.shield.is_none() {
            return Err(Refused::Decision(DecisionFault::ShieldedNeedsReason(field)));
        }
        let Some(answer) = about.reach.filter(|a| a.reach == Reach::No) else {
            return Err(Refused::Decision(DecisionFault::ShieldedReach(field)));
        };
        if about.now.0.saturating_sub(answer.at.0) > REACH_MAX_AGE_MS {
            return Err(Refused::Time(TimeRule::OldReach));
        }
        Ok(())
    }

    fn check_law(&self, about: &Circumstances<'_>) -> Result<(), Refused> {
        let person = &about.request.about;
        if person.is_victim_and_suspect() && about.safeguarding.is_none() {
            return Err(Refused::Law(LawRule::SafeguardingFirst));
        }
        let withholds = self.neither_confirm_nor_deny
            || self
                .verdicts
                .iter()
                .any(|(f, v)| matches!(v, Verdict::Withhold(_)) && !f.is_shielded());
        if person.child && withholds && self.child_ground.is_none() {
            return Err(Refused::Law(LawRule::ChildShareByDefault));
        }
        if person.is_victim() && self.releases() && self.views.is_none() {
            return Err(Refused::Missing(Missing::Views));
        }
        Ok(())
    }

    fn check_report(&self, about: &Circumstances<'_>) -> Result<(), Refused> {
        let fault = |f| Err(Refused::Decision(f));
        let contact = self.released().any(|f| f == Field::Contact);
        if contact != self.contact.is_some() {
            return fault(DecisionFault::Contact);
        }
        let mut wanted: Vec<Field> = self.released().filter(|f| *f != Field::Contact).collect();
        let Some(report) = &self.report else {
            return if wanted.is_empty() {
                Ok(())
            } else {
                fault(DecisionFault::Report)
            };
        };
        if wanted.is_empty() {
            return fault(DecisionFault::Report);
        }
        let mut given: Vec<Field> = report.items.iter().map(|i| i.field).collect();
        wanted.sort_unstable();
        given.sort_unstable();
        let sanitised = |f: Field| {
            self.verdicts
                .iter()
                .any(|(field, v)| *field == f && *v == Verdict::Sanitise)
        };
        if wanted != given
            || report
                .items
                .iter()
                .any(|i| i.sanitised != sanitised(i.field))
        {
            return fault(DecisionFault::ReportDiffers);
        }
        let request = about.request;
        let fits = report.case == request.case
            && report.number == about.number
            && report.corrects == about.corrects
            && report.owner == request.owner
            && report.recipient == request.asker
            && report.child == request.about.child
            && report.made <= about.now
            && report.expires > about.now
            && report.expires <= about.expires_by;
        if !fits {
            return fault(DecisionFault::Misfiled);
        }
        if report.watermark.is_some() {
            return fault(DecisionFault::Watermark);
        }
        report.fault().map_or(Ok(()), fault)
    }
}
