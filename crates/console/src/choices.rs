//! Closed lists of a case as choices of forms: their word in forms and what people read.

use sanctuary_disclosure::{
    NoticeTo, Outcome, Reach, RecallReason, RefusalReason, ShieldGround, WithholdingGround,
};
use serde::{Serialize, de::DeserializeOwned};

/// A value, and what people read.
pub type List<T> = &'static [(T, &'static str)];

/// What came of a release.
pub const OUTCOMES: List<Outcome> = &[
    (Outcome::Safeguarded, "A person was made safer"),
    (Outcome::Investigation, "It moved an investigation on"),
    (Outcome::JointWork, "It led to a joint plan"),
    (
        Outcome::NotTheSamePerson,
        "It is not the same person after all",
    ),
    (Outcome::NoUse, "It was of no use"),
];

/// Why a release is recalled. Erasure is the data protection officer's own act and recalls by itself.
pub const RECALLS: List<RecallReason> = &[
    (
        RecallReason::SafetyOfPerson,
        "Somebody is in danger through it",
    ),
    (RecallReason::ReleasedInError, "It should not have left"),
    (RecallReason::Inaccurate, "It is wrong"),
    (RecallReason::BasisEnded, "The lawful basis has ended"),
];

/// Why a detail is withheld.
pub const REFUSALS: List<RefusalReason> = &[
    (RefusalReason::NotNecessary, "Not needed for the enquiry"),
    (RefusalReason::WiderThanNeeded, "Wider than needed"),
    (
        RefusalReason::NoLawfulBasis,
        "The law named does not carry it",
    ),
    (RefusalReason::SafetyOfPerson, "Safety of the person"),
    (RefusalReason::SafetyOfSource, "Safety of a source"),
    (RefusalReason::LiveCase, "A live case would be harmed"),
    (
        RefusalReason::IdentityNotSure,
        "Not sure that it is the same person",
    ),
    (RefusalReason::LegalPrivilege, "Legal privilege"),
    (
        RefusalReason::CounsellingPresumption,
        "Presumption against counselling records",
    ),
    (RefusalReason::CourtOrder, "A court order"),
    (
        RefusalReason::OtherController,
        "Another agency is the controller",
    ),
    (
        RefusalReason::ShieldedByDefault,
        "Shielded by default: where somebody can be found",
    ),
];

/// Why where somebody can be found is released.
pub const SHIELDS: List<ShieldGround> = &[
    (
        ShieldGround::ReachBeforeHarm,
        "To reach the person before harm comes",
    ),
    (ShieldGround::SafeVisit, "To visit safely"),
    (ShieldGround::ChildInDanger, "To remove a child from danger"),
    (ShieldGround::CourtOrder, "A court ordered it"),
];

/// Who was given notice.
pub const NOTICES: List<NoticeTo> = &[
    (NoticeTo::Victim, "The victim"),
    (NoticeTo::ParentOrGuardian, "A parent or guardian"),
    (NoticeTo::CareBody, "The body that has the person’s care"),
];

/// When notice may be withheld.
pub const WITHHOLDINGS: List<WithholdingGround> = &[
    (
        WithholdingGround::NotPracticable,
        "Not reasonably practicable",
    ),
    (
        WithholdingGround::HarmsInvestigation,
        "It would harm the investigation",
    ),
    (
        WithholdingGround::RiskOfSeriousHarm,
        "Somebody would risk serious harm",
    ),
];

/// What the reach check found.
pub const fn reach_text(reach: Reach) -> &'static str {
    match reach {
        Reach::No => {
            "No link was found between the alleged perpetrator and the people of the agency that asks"
        }
        Reach::Yes => "There is a link between the alleged perpetrator and the agency that asks",
        Reach::Unknown => "It could not be checked in full",
    }
}

/// A choice of a select or of radios.
#[derive(Debug, Serialize)]
pub struct Choice {
    /// Its word in forms.
    pub value: String,
    /// What people read.
    pub text: String,
    /// Chosen.
    pub on: bool,
}

/// The choices of a list.
pub fn of<T: Serialize + Copy>(list: List<T>, chosen: &str) -> Vec<Choice> {
    let choice = |(value, text): &(T, &str)| {
        let value = word(*value);
        Choice {
            on: value == chosen,
            text: (*text).to_owned(),
            value,
        }
    };
    list.iter().map(choice).collect()
}

/// What people read of a value of a list.
pub fn text<T: PartialEq>(list: List<T>, value: &T) -> &'static str {
    list.iter().find(|(v, _)| v == value).map_or("", |(_, t)| t)
}

/// The word of a value, as its type writes it.
pub fn word<T: Serialize>(value: T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The value of a word.
pub fn from<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both_ways<T: Serialize + DeserializeOwned + Copy + PartialEq + std::fmt::Debug>(
        list: List<T>,
    ) {
        for (value, text) in list {
            assert_eq!(from::<T>(&word(*value)), Some(*value), "{text}");
        }
        assert_eq!(from::<T>("nothing of the kind"), None);
    }

    #[test]
    fn words_come_back() {
        both_ways(OUTCOMES);
        both_ways(RECALLS);
        both_ways(REFUSALS);
        both_ways(SHIELDS);
        both_ways(NOTICES);
        both_ways(WITHHOLDINGS);
        assert_eq!(text(OUTCOMES, &Outcome::NoUse), "It was of no use");
    }
}
