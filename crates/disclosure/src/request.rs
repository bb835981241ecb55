use std::collections::BTreeSet;

use sanctuary_policy::{
    Agreement, Field, Gateway, Permission, Purpose, Question, Urgency,
    asks_for_immigration_enforcement,
};
use sanctuary_types::{AlertId, AlertKind, CaseId, PartyId, Roles, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Counselling, Fishing, LawRule, Missing, Refused, Text, VictimNotice, fishing};

const DAY_MS: u64 = 86_400_000;

/// What one agency asks another, as it travels (sealed) and as both keep it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The case.
    pub case: CaseId,
    /// Who asks.
    pub asker: PartyId,
    /// Who is asked.
    pub owner: PartyId,
    /// The possible match behind it. A draft may lack it; nothing is sent without.
    pub alert: Option<ConfirmedAlert>,
    /// How the person is regarded at the two agencies.
    pub about: About,
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
    pub line_of_enquiry: Option<Text>,
    /// The details wanted, one by one, each with its reason.
    pub wanted: Vec<Wanted>,
    /// How soon.
    pub urgency: Urgency,
    /// What came of phoning first.
    pub contact_first: ContactFirst,
    /// Notice to the victim (victim information requests).
    pub victim_notice: Option<VictimNotice>,
    /// Why counselling records are needed in spite of the presumption.
    pub counselling: Option<Counselling>,
}

/// The possible match that the asking agency has confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmedAlert {
    /// The alert; the same at both agencies.
    pub id: AlertId,
    /// Its version when confirmed.
    pub version: u32,
    /// What kind.
    pub kind: AlertKind,
    /// When the asking agency confirmed it.
    pub confirmed: Timestamp,
}

/// How the person is regarded. Data Protection Act 2018 s38 keeps the categories apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// At the agency that asks.
    pub asker_roles: Roles,
    /// At the agency that is asked, as the alert said.
    pub owner_roles: Roles,
    /// Under 18 at either.
    pub child: bool,
}

impl About {
    /// Victim at one agency and suspect at either: safeguarding first.
    #[must_use]
    pub const fn is_victim_and_suspect(&self) -> bool {
        (self.asker_roles.is_victim() || self.owner_roles.is_victim())
            && (self.asker_roles.is_suspect() || self.owner_roles.is_suspect())
    }
    /// Victim at either agency.
    #[must_use]
    pub const fn is_victim(&self) -> bool {
        self.asker_roles.is_victim() || self.owner_roles.is_victim()
    }
}

/// One detail and why it is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The detail.
    pub field: Field,
    /// Why this detail.
    pub reason: Text,
}

/// What came of phoning first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactFirst {
    /// This request asks whom to phone.
    ThisIsIt,
    /// Phoned.
    Phoned(Call),
    /// Not possible.
    NotPossible(Text),
}

/// A telephone call about the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// When.
    pub at: Timestamp,
    /// With whom, by function.
    pub with: Text,
    /// What came of it.
    pub result: Text,
}

/// SHA-256 of a reason in small letters without spaces and signs, by which copied ones are found
/// without keeping the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReasonPrint(pub [u8; 32]);

impl Request {
    /// The details wanted.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        self.wanted.iter().map(|w| w.field).collect()
    }

    /// Whether it asks only whom to phone or whether the agency is involved.
    #[must_use]
    pub fn is_contact_only(&self) -> bool {
        self.wanted
            .iter()
            .all(|w| matches!(w.field, Field::Contact | Field::Involvement))
    }

    /// Whether it asks where somebody can be found.
    #[must_use]
    pub fn wants_shielded(&self) -> bool {
        self.wanted.iter().any(|w| w.field.is_shielded())
    }

    /// Prints of its own texts, for the node to keep and give to later checks.
    #[must_use]
    pub fn prints(&self) -> Vec<ReasonPrint> {
        self.own_texts().map(print).collect()
    }

    /// Every rule that both agencies put a request to: the requester's node before it is authorised
    /// and sent, the owner's when it arrives. `earlier` are prints of reasons of the asker's earlier
    /// requests.
    ///
    /// # Errors
    /// [`Refused`] with the first rule that the request breaks.
    pub fn check(
        &self,
        agreement: &Agreement,
        earlier: &BTreeSet<ReasonPrint>,
        now: Timestamp,
    ) -> Result<Permission, Refused> {
        let fields = self.fields();
        let permission = agreement.permits(&Question {
            asker: &self.asker,
            owner: &self.owner,
            purpose: self.purpose,
            gateway: self.gateway,
            fields: &fields,
            urgency: self.urgency,
            child: self.about.child,
            now,
        })?;
        let keep_ms = u64::from(agreement.retention.confirmation_days) * DAY_MS;
        self.check_alert(keep_ms, now)?;
        self.check_texts(earlier)?;
        self.check_law()?;
        if !self.is_contact_only() && self.contact_first == ContactFirst::ThisIsIt {
            return Err(Refused::Missing(Missing::ContactFirst));
        }
        Ok(permission)
    }

    fn check_alert(&self, keep_ms: u64, now: Timestamp) -> Result<(), Refused> {
        let alert = self
            .alert
            .as_ref()
            .ok_or(Refused::Fishing(Fishing::NoAlert))?;
        if now.0.saturating_sub(alert.confirmed.0) > keep_ms {
            return Err(Refused::Fishing(Fishing::OldConfirmation));
        }
        Ok(())
    }

    fn check_texts(&self, earlier: &BTreeSet<ReasonPrint>) -> Result<(), Refused> {
        let fishing = |rule| Err(Refused::Fishing(rule));
        if let Some(group) = fishing::whole_group(&self.fields()) {
            return fishing(Fishing::WholeGroup(group));
        }
        let mut seen = BTreeSet::new();
        for text in self.own_texts() {
            if asks_for_immigration_enforcement(text.expose()) {
                return fishing(Fishing::ImmigrationEnforcement);
            }
            fishing::check_reason(text.expose()).map_err(Refused::Fishing)?;
            let print = print(text);
            if !seen.insert(print) {
                return fishing(Fishing::RepeatedReason);
            }
            if earlier.contains(&print) {
                return fishing(Fishing::CopiedReason);
            }
        }
        if asks_for_immigration_enforcement(self.enquiry.expose()) {
            return fishing(Fishing::ImmigrationEnforcement);
        }
        Ok(())
    }

    fn check_law(&self) -> Result<(), Refused> {
        let law = |rule| Err(Refused::Law(rule));
        let is_victim_request = self.gateway == Gateway::VictimInformationRequest;
        if is_victim_request && self.line_of_enquiry.is_none() {
            return law(LawRule::NoLineOfEnquiry);
        }
        if is_victim_request && self.victim_notice.is_none() {
            return law(LawRule::NoVictimNotice);
        }
        if !is_victim_request && self.victim_notice.is_some() {
            return law(LawRule::NoticeWithoutRequest);
        }
        let wants_counselling = self.wanted.iter().any(|w| w.field == Field::Counselling);
        if wants_counselling && (self.counselling.is_none() || !is_victim_request) {
            return law(LawRule::CounsellingPresumption);
        }
        Ok(())
    }

    /// Texts that must be written for this request. The enquiry may rightly be the same in several.
    fn own_texts(&self) -> impl Iterator<Item = &Text> {
        [&self.necessity, &self.proportionality]
            .into_iter()
            .chain(&self.line_of_enquiry)
            .chain(self.counselling.iter().map(|c| &c.probative_value))
            .chain(self.wanted.iter().map(|w| &w.reason))
    }
}

fn print(text: &Text) -> ReasonPrint {
    ReasonPrint(Sha256::digest(fishing::folded(text.expose())).into())
}
