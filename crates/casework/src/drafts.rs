//! What people write. Everything that a node knows itself is filled in by the node.

use sanctuary_disclosure::{
    About, Case, ConfirmedAlert, ContactCard, ContactFirst, Counselling, Handling,
    InformationGrade, Item, Marking, Onward, Proposal, RefusalReason, Report, Request,
    ShieldGround, SourceGrade, Text, Verdict, VictimNotice, Views, Wanted,
};
use sanctuary_policy::{Agreement, Field, Gateway, Purpose, Urgency};
use sanctuary_types::{AlertId, CaseId, PartyId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{AlertFacts, CaseworkError};

const DAY_MS: u64 = 86_400_000;

/// A request as an intelligence officer writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestDraft {
    /// The possible match.
    pub alert: AlertId,
    /// Why.
    pub purpose: Purpose,
    /// Under which law.
    pub gateway: Gateway,
    /// The offence, or the enquiry under way.
    pub enquiry: Text,
    /// Why it is needed.
    pub necessity: Text,
    /// Why no less will do.
    pub proportionality: Text,
    /// The reasonable line of enquiry (victim information requests).
    #[serde(default)]
    pub line_of_enquiry: Option<Text>,
    /// The details wanted, each with its reason.
    pub wanted: Vec<Wanted>,
    /// How soon.
    pub urgency: Urgency,
    /// What came of phoning first.
    pub contact_first: ContactFirst,
    /// Notice to the victim (victim information requests).
    #[serde(default)]
    pub victim_notice: Option<VictimNotice>,
    /// Why counselling records are needed.
    #[serde(default)]
    pub counselling: Option<Counselling>,
}

impl RequestDraft {
    pub(crate) fn request(
        &self,
        case: CaseId,
        own: &PartyId,
        facts: &AlertFacts,
        confirmed: Timestamp,
    ) -> Request {
        Request {
            case,
            asker: own.clone(),
            owner: facts.other.clone(),
            alert: Some(ConfirmedAlert {
                id: facts.id,
                version: facts.version,
                kind: facts.kind,
                confirmed,
            }),
            about: About {
                asker_roles: facts.own_roles,
                owner_roles: facts.other_roles,
                child: facts.child,
            },
            purpose: self.purpose,
            gateway: self.gateway,
            enquiry: self.enquiry.clone(),
            necessity: self.necessity.clone(),
            proportionality: self.proportionality.clone(),
            line_of_enquiry: self.line_of_enquiry.clone(),
            wanted: self.wanted.clone(),
            urgency: self.urgency,
            contact_first: self.contact_first.clone(),
            victim_notice: self.victim_notice.clone(),
            counselling: self.counselling.clone(),
        }
    }
}

/// A proposed answer as a releaser writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposalDraft {
    /// One verdict for each detail asked for.
    pub verdicts: Vec<(Field, Verdict)>,
    /// Nothing is said of whether anything is held.
    #[serde(default)]
    pub neither_confirm_nor_deny: bool,
    /// Details for which the requester is told the true reason.
    #[serde(default)]
    pub tell: Vec<Field>,
    /// Whom to phone, when that is released.
    #[serde(default)]
    pub contact: Option<ContactCard>,
    /// The intelligence report, when anything else is.
    #[serde(default)]
    pub report: Option<ReportDraft>,
    /// Why where somebody can be found is released.
    #[serde(default)]
    pub shield: Option<(ShieldGround, Text)>,
    /// Why sharing would be more detrimental to the child than not.
    #[serde(default)]
    pub child_ground: Option<Text>,
    /// The person's views.
    #[serde(default)]
    pub views: Option<Views>,
    /// For the owner's file only.
    #[serde(default)]
    pub note: Option<Text>,
}

/// The part of the report that people write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportDraft {
    /// Source.
    pub source: SourceGrade,
    /// Information.
    pub information: InformationGrade,
    /// Handling code and conditions.
    pub handling: Handling,
    /// Onward sharing.
    pub onward: Onward,
    /// Days until every copy is destroyed; as long as the agreement allows when absent.
    #[serde(default)]
    pub expires_days: Option<u32>,
    /// The details.
    pub items: Vec<Item>,
    /// The sanitised text.
    pub text: Text,
}

impl ProposalDraft {
    /// The default answer to a confirmed match: whom to phone, and nothing else.
    #[must_use]
    pub fn contact_first(wanted: &[Field], contact: ContactCard, views: Option<Views>) -> Self {
        let verdict = |field: Field| match field {
            Field::Contact => Verdict::Release,
            shielded if shielded.is_shielded() => {
                Verdict::Withhold(RefusalReason::ShieldedByDefault)
            }
            _ => Verdict::Withhold(RefusalReason::NotNecessary),
        };
        Self {
            verdicts: wanted.iter().map(|f| (*f, verdict(*f))).collect(),
            contact: wanted.contains(&Field::Contact).then_some(contact),
            views,
            ..Self::nothing()
        }
    }

    /// Everything asked for is withheld, for one true reason that stays here.
    #[must_use]
    pub fn refuse(wanted: &[Field], reason: RefusalReason) -> Self {
        Self {
            verdicts: wanted
                .iter()
                .map(|f| (*f, Verdict::Withhold(reason)))
                .collect(),
            ..Self::nothing()
        }
    }

    const fn nothing() -> Self {
        Self {
            verdicts: Vec::new(),
            neither_confirm_nor_deny: false,
            tell: Vec::new(),
            contact: None,
            report: None,
            shield: None,
            child_ground: None,
            views: None,
            note: None,
        }
    }

    pub(crate) fn proposal(
        &self,
        case: &Case,
        agreement: &Agreement,
        now: Timestamp,
    ) -> Result<Proposal, CaseworkError> {
        let report = self.report.as_ref();
        let report = report.map(|draft| draft.report(case, agreement, now));
        Ok(Proposal {
            verdicts: self.verdicts.clone(),
            neither_confirm_nor_deny: self.neither_confirm_nor_deny,
            tell: self.tell.clone(),
            contact: self.contact.clone(),
            report: report.transpose()?,
            shield: self.shield.clone(),
            child_ground: self.child_ground.clone(),
            views: self.views.clone(),
            note: self.note.clone(),
        })
    }
}

impl ReportDraft {
    fn report(
        &self,
        case: &Case,
        agreement: &Agreement,
        now: Timestamp,
    ) -> Result<Report, CaseworkError> {
        let request = case.request();
        let name = |party: &PartyId| {
            let member = agreement.member(party);
            member
                .map(|m| m.name.clone())
                .ok_or_else(|| CaseworkError::NotAParty(party.clone()))
        };
        let days = u64::from(self.expires_days.unwrap_or(case.terms().release_days));
        Ok(Report {
            case: request.case,
            number: case.releases() + 1,
            corrects: case.live().map(|live| live.number),
            owner: request.owner.clone(),
            owner_name: name(&request.owner)?,
            recipient: request.asker.clone(),
            recipient_name: name(&request.asker)?,
            category: request.about.owner_roles,
            child: request.about.child,
            made: now,
            expires: Timestamp(now.0.saturating_add(days.saturating_mul(DAY_MS))),
            marking: Marking::OfficialSensitive,
            source: self.source,
            information: self.information,
            handling: self.handling.clone(),
            onward: self.onward,
            items: self.items.clone(),
            text: self.text.clone(),
            watermark: None,
        })
    }
}
