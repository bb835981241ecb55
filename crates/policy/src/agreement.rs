use std::collections::BTreeSet;

use sanctuary_trust::{PartyKind, Roster};
use sanctuary_types::{PartyId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Clocks, ContactRole, Day, Field, Gateway, PolicyError, Purpose, Sector, firewall};

const MEMBERS_MAX: usize = 256;
const RULES_MAX: usize = 256;
const TEXT_BYTES_MAX: usize = 400;
/// An agreement that nobody has to look at again for longer than this is refused.
const LIFE_DAYS_MAX: u32 = 3 * 366;

/// The information sharing agreement. What it does not permit is denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Short name, the same for every version: a-z, 0-9 and -.
    pub id: String,
    /// Grows with each change.
    pub version: u32,
    /// For people.
    pub title: String,
    /// What the sharing is to achieve.
    pub aim: String,
    /// When the parties made it.
    pub made: Day,
    /// First day in force.
    pub in_force: Day,
    /// By when the parties look at it again.
    pub review: Day,
    /// Last day in force; afterwards nothing may be asked or released.
    pub expires: Day,
    /// The parties.
    pub members: Vec<Member>,
    /// Who may ask whom for what, why, and under which law.
    pub rules: Vec<Rule>,
    /// Promises by urgency.
    pub clocks: Clocks,
    /// How long things are kept.
    pub retention: Retention,
    /// Whom to phone, in this order.
    pub contacts: Vec<ContactRole>,
    /// Whether nodes compare records with each other under encryption before an alert is raised.
    pub second_step: bool,
    /// Details one request may ask for.
    pub fields_max: u8,
}

/// One party of the agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// As on the roster.
    pub id: PartyId,
    /// What kind of organisation.
    pub sector: Sector,
    /// Name for people.
    pub name: String,
    /// How its data protection officer is reached: a function's mailbox, not a person's.
    pub data_protection_contact: String,
}

/// One permission. Everything in it may be combined; nothing outside it is permitted by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Why.
    pub purpose: Purpose,
    /// For people.
    pub title: String,
    /// Under which laws.
    pub gateways: Vec<Gateway>,
    /// Who may ask.
    pub askers: Vec<PartyId>,
    /// Who may be asked.
    pub owners: Vec<PartyId>,
    /// Which details.
    pub fields: Vec<Field>,
}

/// How long things are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// A request nobody answered lapses.
    pub unanswered_request_days: u32,
    /// What was released expires at the recipient, who destroys every copy.
    pub release_days: u32,
    /// The case file, without what was released, for accountability.
    pub case_file_days: u32,
    /// A confirmed match must be confirmed again before it is used after this time.
    pub confirmation_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            unanswered_request_days: 60,
            release_days: 180,
            case_file_days: 7 * 366,
            confirmation_days: 90,
        }
    }
}

impl Agreement {
    /// The party of that id.
    #[must_use]
    pub fn member(&self, id: &PartyId) -> Option<&Member> {
        self.members.iter().find(|m| m.id == *id)
    }

    /// Whether the parties should have looked at it again by now. Nothing stops; screens say so.
    #[must_use]
    pub fn is_review_overdue(&self, now: Timestamp) -> bool {
        now >= self.review.end()
    }

    /// Every party is an agency on the roster, and the roster switches on no second step that this
    /// agreement does not allow.
    ///
    /// # Errors
    /// [`PolicyError::NotOnRoster`] naming the first that is not, or [`PolicyError::Malformed`].
    pub fn check_roster(&self, roster: &Roster) -> Result<(), PolicyError> {
        if roster.second_step() && !self.second_step {
            return malformed(
                "the roster switches the second step on and the agreement does not allow it; change one of the two"
                    .to_owned(),
            );
        }
        let known = |id: &PartyId| {
            roster
                .party(id)
                .is_some_and(|p| p.kind == PartyKind::Agency)
        };
        match self.members.iter().find(|m| !known(&m.id)) {
            Some(member) => Err(PolicyError::NotOnRoster(member.id.to_string())),
            None => Ok(()),
        }
    }

    /// The document is whole and does not contradict itself, the law's own limits, or the immigration
    /// firewall.
    ///
    /// # Errors
    /// [`PolicyError::ImmigrationEnforcement`] or [`PolicyError::Malformed`].
    pub fn check(&self) -> Result<(), PolicyError> {
        self.check_texts()?;
        self.check_dates()?;
        self.check_members()?;
        self.rules
            .iter()
            .try_for_each(|rule| self.check_rule(rule))?;
        if self.rules.is_empty() || self.rules.len() > RULES_MAX {
            return malformed(format!("it needs 1 to {RULES_MAX} rules"));
        }
        if let Some(fault) = self.clocks.fault() {
            return malformed(fault.to_owned());
        }
        let r = &self.retention;
        let days = [
            r.unanswered_request_days,
            r.release_days,
            r.case_file_days,
            r.confirmation_days,
        ];
        if days.iter().any(|d| !(1..=100 * 366).contains(d)) || r.case_file_days < r.release_days {
            return malformed(
                "each retention must be 1 day or more, and the case file outlives what was released"
                    .to_owned(),
            );
        }
        if self.contacts.is_empty() || has_repeats(&self.contacts) {
            return malformed("its order of contacts must name each contact once".to_owned());
        }
        if !(1..=16).contains(&self.fields_max) {
            return malformed("fields_max must be 1 to 16".to_owned());
        }
        Ok(())
    }

    fn check_texts(&self) -> Result<(), PolicyError> {
        let slug = self
            .id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if self.id.is_empty() || self.id.len() > 64 || !slug || self.version == 0 {
            return malformed(
                "its id must be 1 to 64 of a-z, 0-9 and -, and its version 1 or more".to_owned(),
            );
        }
        let names = self.members.iter().flat_map(|m| {
            [
                m.id.as_str(),
                m.name.as_str(),
                m.data_protection_contact.as_str(),
            ]
        });
        let titles = self.rules.iter().map(|r| r.title.as_str());
        let own = [self.id.as_str(), self.title.as_str()];
        for text in own.into_iter().chain(names).chain(titles) {
            if text.trim().is_empty() || text.len() > TEXT_BYTES_MAX {
                return malformed(format!(
                    "a title, name or contact is empty or longer than {TEXT_BYTES_MAX} bytes"
                ));
            }
            if !firewall::is_fit_for_agreement(text) {
                return Err(PolicyError::ImmigrationEnforcement {
                    text: text.chars().take(80).collect(),
                });
            }
        }
        if self.aim.trim().is_empty() || self.aim.len() > 4 * TEXT_BYTES_MAX {
            return malformed("it must say its aim in 1 to 1,600 bytes".to_owned());
        }
        if firewall::asks_for_immigration_enforcement(&self.aim) {
            return Err(PolicyError::ImmigrationEnforcement {
                text: self.aim.chars().take(80).collect(),
            });
        }
        Ok(())
    }

    fn check_dates(&self) -> Result<(), PolicyError> {
        let ordered = self.made <= self.in_force
            && self.in_force < self.review
            && self.review <= self.expires;
        if !ordered || self.expires.0 - self.in_force.0 > LIFE_DAYS_MAX {
            return malformed(
                "its dates must run made, in force, review, expires, over at most three years"
                    .to_owned(),
            );
        }
        Ok(())
    }

    fn check_members(&self) -> Result<(), PolicyError> {
        let ids: Vec<&PartyId> = self.members.iter().map(|m| &m.id).collect();
        if !(2..=MEMBERS_MAX).contains(&ids.len()) || has_repeats(&ids) {
            return malformed(format!("it needs 2 to {MEMBERS_MAX} different parties"));
        }
        Ok(())
    }

    fn check_rule(&self, rule: &Rule) -> Result<(), PolicyError> {
        let name = rule.purpose.word();
        let empty = rule.gateways.is_empty()
            || rule.askers.is_empty()
            || rule.owners.is_empty()
            || rule.fields.is_empty();
        if empty
            || has_repeats(&rule.gateways)
            || has_repeats(&rule.askers)
            || has_repeats(&rule.owners)
            || has_repeats(&rule.fields)
        {
            return malformed(format!(
                "a rule for {name} has an empty list, or one that repeats an entry"
            ));
        }
        for party in rule.askers.iter().chain(&rule.owners) {
            if self.member(party).is_none() {
                return malformed(format!(
                    "a rule for {name} names {party}, which is no party"
                ));
            }
        }
        for gateway in &rule.gateways {
            if !gateway.purposes().contains(&rule.purpose) {
                return malformed(format!(
                    "{} does not serve {name}; move it to another rule",
                    gateway.word()
                ));
            }
            // One asker at least, or the rule is a mistake; each question checks its own asker.
            let asked_by_one = rule
                .askers
                .iter()
                .filter_map(|a| self.member(a))
                .any(|m| gateway.askers().contains(&m.sector));
            if !asked_by_one {
                return malformed(format!(
                    "no asker of a rule for {name} is an organisation that may use {}",
                    gateway.word()
                ));
            }
        }
        if rule.fields.contains(&Field::Counselling)
            && rule.gateways != [Gateway::VictimInformationRequest]
        {
            return malformed(
                "counselling records may stand only in a rule whose one gateway is pcsc_act_2022_s44a"
                    .to_owned(),
            );
        }
        Ok(())
    }
}

fn has_repeats<T: Ord>(list: &[T]) -> bool {
    list.iter().collect::<BTreeSet<_>>().len() != list.len()
}

fn malformed<T>(reason: String) -> Result<T, PolicyError> {
    Err(PolicyError::Malformed(reason))
}
