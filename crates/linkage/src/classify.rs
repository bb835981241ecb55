use sanctuary_types::{AlertKind, Band, IdentifierKind, Roles, TokenType};
use serde::{Deserialize, Serialize};

use crate::{Candidate, Scored};

/// What a partnership wants to hear of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Whether to alert from probability 0.2 instead of 0.5.
    pub send_possible: bool,
    /// Kinds of identifier whose sharing by different people raises an alert.
    pub shared_identifiers: Vec<IdentifierKind>,
    /// A shared value with at most this many holders makes a strong alert; with more, a likely one.
    pub exclusive_holders_max: u32,
}

impl Default for Policy {
    fn default() -> Self {
        use IdentifierKind as K;
        Self {
            send_possible: false,
            shared_identifiers: vec![
                K::Phone,
                K::Vehicle,
                K::BankAccount,
                K::Email,
                K::Imei,
                K::OnlineHandle,
                K::CompanyNumber,
                K::Address,
                K::Uprn,
            ],
            exclusive_holders_max: 12,
        }
    }
}

/// The alert a scored candidate raises, if any. A possible match of one person comes before a
/// shared identifier; victim at one agency and suspect at the other comes before both, from
/// [`Band::Likely`].
#[must_use]
pub fn classify(
    scored: &Scored,
    candidate: &Candidate,
    roles_a: Roles,
    roles_b: Roles,
    policy: &Policy,
) -> Option<(AlertKind, Band)> {
    same_person(scored, roles_a, roles_b, policy).or_else(|| shared_identifier(candidate, policy))
}

fn same_person(
    scored: &Scored,
    roles_a: Roles,
    roles_b: Roles,
    policy: &Policy,
) -> Option<(AlertKind, Band)> {
    let band =
        Band::of(scored.probability).filter(|b| *b >= Band::Likely || policy.send_possible)?;
    let crossed = (roles_a.is_victim() && roles_b.is_suspect())
        || (roles_a.is_suspect() && roles_b.is_victim());
    let kind = if crossed && band >= Band::Likely {
        AlertKind::VictimIsSuspect
    } else {
        AlertKind::SamePerson
    };
    Some((kind, band))
}

fn shared_identifier(candidate: &Candidate, policy: &Policy) -> Option<(AlertKind, Band)> {
    // A place with very many holders is a hostel or a refuge: sharing it says nothing of two people.
    let tells = |kind: IdentifierKind, holders: u32| {
        policy.shared_identifiers.contains(&kind)
            && (!kind.is_place() || holders <= policy.exclusive_holders_max)
    };
    let holders = candidate
        .agreements
        .iter()
        .filter(|x| matches!(x.token, TokenType::Id(kind) if tells(kind, x.holders)))
        .map(|agreement| agreement.holders)
        .min()?;
    let band = if holders <= policy.exclusive_holders_max {
        Band::Strong
    } else {
        Band::Likely
    };
    Some((AlertKind::SharedIdentifier, band))
}
