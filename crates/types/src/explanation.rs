use serde::{Deserialize, Serialize};

use crate::{Evidence, EvidenceKind, IdentifierKind, Outcome, Strength};

/// Why a possible match was raised, in plain English: what was compared and what came of it, never a
/// value, a number or a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// One sentence: what speaks for it, then what speaks against it.
    pub summary: String,
    /// One sentence for each piece of evidence, in the order given.
    pub reasons: Vec<String>,
}

impl Explanation {
    /// The words of an alert's evidence.
    #[must_use]
    pub fn of(evidence: &[Evidence]) -> Self {
        let compared = || {
            evidence
                .iter()
                .filter(|e| e.outcome != Outcome::NotCompared)
        };
        let phrases = |speaks_for: bool| {
            let fitting = compared().filter(|e| (e.strength >= Strength::ALittle) == speaks_for);
            fitting.map(phrase).collect::<Vec<_>>().join(", ")
        };
        let parts = [(phrases(true), ""), (phrases(false), "against it: ")];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(phrases, _)| !phrases.is_empty())
            .map(|(phrases, lead)| format!("{lead}{phrases}"))
            .collect();
        let summary = if parts.is_empty() {
            "There is nothing to compare any more.".to_owned()
        } else {
            sentence(&parts.join("; "))
        };
        Self {
            summary,
            reasons: evidence.iter().map(reason).collect(),
        }
    }
}

impl EvidenceKind {
    /// The kind as one word, as it travels between hub and nodes.
    #[must_use]
    pub fn word(self) -> String {
        let word = match self {
            Self::Identifier(kind) => return format!("identifier:{}", kind.label()),
            Self::Name => "name",
            Self::DateOfBirth => "date_of_birth",
            Self::Place => "place",
            Self::Rarity => "rarity",
            Self::NameSpelling => "name_spelling",
            Self::BirthDigits => "birth_digits",
            Self::AddressSpelling => "address_spelling",
            Self::MiddleName => "middle_name",
            Self::Sex => "sex",
            Self::ThirdRecord => "third_record",
        };
        word.to_owned()
    }

    /// Back from its word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        if let Some(label) = word.strip_prefix("identifier:") {
            return IdentifierKind::from_label(label).map(Self::Identifier);
        }
        let plain = [
            Self::Name,
            Self::DateOfBirth,
            Self::Place,
            Self::Rarity,
            Self::NameSpelling,
            Self::BirthDigits,
            Self::AddressSpelling,
            Self::MiddleName,
            Self::Sex,
            Self::ThirdRecord,
        ];
        plain.into_iter().find(|kind| kind.word() == word)
    }
}

fn reason(evidence: &Evidence) -> String {
    if evidence.outcome == Outcome::NotCompared {
        return sentence(&phrase(evidence));
    }
    let weight = match evidence.strength {
        Strength::AgainstALot => "counts a lot against it",
        Strength::AgainstALittle => "counts a little against it",
        Strength::ALittle => "adds a little",
        Strength::Strong => "adds a lot",
        Strength::VeryStrong => "adds very much",
    };
    sentence(&format!("{}: {weight}", phrase(evidence)))
}

fn phrase(evidence: &Evidence) -> String {
    use EvidenceKind as Kind;
    let words = match evidence.kind {
        Kind::Identifier(kind) => return of_identifier(kind, evidence.outcome),
        // Its strength says which of the two it is.
        Kind::Rarity if evidence.strength >= Strength::ALittle => "a rare combination here",
        Kind::Rarity => "a common combination here",
        Kind::ThirdRecord => "linked through a third record that may be the same person as both",
        Kind::Name => choose(
            evidence.outcome,
            "names sound alike",
            "names sound alike in part",
            "names do not sound alike",
            "names not compared",
        ),
        Kind::DateOfBirth => choose(
            evidence.outcome,
            "date of birth the same",
            "date of birth the same in part",
            "date of birth differs",
            "date of birth not compared",
        ),
        Kind::Place => choose(
            evidence.outcome,
            "same place",
            "only the area the same",
            "place differs",
            "place not compared",
        ),
        Kind::NameSpelling => choose(
            evidence.outcome,
            "names spelt nearly the same",
            "names spelt alike in part",
            "names spelt unlike",
            "spelling of names not compared",
        ),
        Kind::BirthDigits => choose(
            evidence.outcome,
            "every digit of the date of birth equal",
            "most digits of the date of birth equal",
            "few digits of the date of birth equal",
            "digits of the date of birth not compared",
        ),
        Kind::AddressSpelling => choose(
            evidence.outcome,
            "addresses nearly the same",
            "addresses alike in part",
            "addresses unlike",
            "addresses not compared",
        ),
        Kind::MiddleName => choose(
            evidence.outcome,
            "further names alike",
            "further names alike in part",
            "further names unlike",
            "further names not compared",
        ),
        Kind::Sex => choose(
            evidence.outcome,
            "recorded sex the same",
            "recorded sex unclear",
            "recorded sex differs",
            "recorded sex not compared",
        ),
    };
    words.to_owned()
}

fn of_identifier(kind: IdentifierKind, outcome: Outcome) -> String {
    use IdentifierKind as Kind;
    let what = match kind {
        Kind::Phone => "phone number",
        Kind::Email => "email address",
        Kind::Vehicle => "vehicle",
        Kind::BankAccount => "bank account",
        Kind::Passport => "passport number",
        Kind::NationalInsurance => "National Insurance number",
        Kind::NhsNumber => "NHS number",
        Kind::NationalId => "national identity number",
        Kind::OnlineHandle => "online account",
        Kind::Imei => "handset",
        Kind::CompanyNumber => "company",
        Kind::Uprn | Kind::Address => "dwelling",
    };
    match outcome {
        Outcome::Agreed => format!("same {what}"),
        Outcome::Partly => format!("nearly the same {what}"),
        Outcome::Differed => format!("another {what}"),
        Outcome::NotCompared => format!("{what} not compared"),
    }
}

const fn choose(
    outcome: Outcome,
    agreed: &'static str,
    partly: &'static str,
    differed: &'static str,
    not_compared: &'static str,
) -> &'static str {
    match outcome {
        Outcome::Agreed => agreed,
        Outcome::Partly => partly,
        Outcome::Differed => differed,
        Outcome::NotCompared => not_compared,
    }
}

fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOMES: [Outcome; 4] = [
        Outcome::Agreed,
        Outcome::Partly,
        Outcome::Differed,
        Outcome::NotCompared,
    ];

    fn line(kind: EvidenceKind, outcome: Outcome, strength: Strength) -> Evidence {
        Evidence {
            kind,
            outcome,
            strength,
        }
    }

    #[test]
    fn an_analyst_reads_what_agreed_what_did_not_and_what_was_not_compared() {
        use EvidenceKind as Kind;
        let explanation = Explanation::of(&[
            line(Kind::Name, Outcome::Agreed, Strength::VeryStrong),
            line(Kind::DateOfBirth, Outcome::Agreed, Strength::Strong),
            line(Kind::Place, Outcome::Differed, Strength::AgainstALittle),
            line(
                Kind::Identifier(IdentifierKind::Phone),
                Outcome::Agreed,
                Strength::Strong,
            ),
            line(Kind::Rarity, Outcome::Agreed, Strength::ALittle),
            line(Kind::MiddleName, Outcome::NotCompared, Strength::ALittle),
        ]);
        assert_eq!(
            explanation.summary,
            "Names sound alike, date of birth the same, same phone number, a rare combination here; against it: place differs."
        );
        assert_eq!(
            explanation.reasons,
            [
                "Names sound alike: adds very much.",
                "Date of birth the same: adds a lot.",
                "Place differs: counts a little against it.",
                "Same phone number: adds a lot.",
                "A rare combination here: adds a little.",
                "Further names not compared.",
            ]
        );
    }

    #[test]
    fn without_evidence_there_is_a_sentence_too() {
        let nothing = Explanation::of(&[]);
        assert_eq!(nothing.summary, "There is nothing to compare any more.");
        assert!(nothing.reasons.is_empty());
    }

    /// Every word that a person can be shown.
    #[test]
    fn the_words() {
        let kinds = [
            "name",
            "date_of_birth",
            "place",
            "name_spelling",
            "birth_digits",
            "address_spelling",
            "middle_name",
            "sex",
        ];
        let mut words = String::new();
        for word in kinds {
            let kind = EvidenceKind::from_word(word).unwrap();
            assert_eq!(kind.word(), word);
            let of = OUTCOMES.map(|outcome| phrase(&line(kind, outcome, Strength::Strong)));
            words.push_str(&format!("{}\n", of.join(" | ")));
        }
        assert_eq!(
            words,
            "names sound alike | names sound alike in part | names do not sound alike | names not compared
date of birth the same | date of birth the same in part | date of birth differs | date of birth not compared
same place | only the area the same | place differs | place not compared
names spelt nearly the same | names spelt alike in part | names spelt unlike | spelling of names not compared
every digit of the date of birth equal | most digits of the date of birth equal | few digits of the date of birth equal | digits of the date of birth not compared
addresses nearly the same | addresses alike in part | addresses unlike | addresses not compared
further names alike | further names alike in part | further names unlike | further names not compared
recorded sex the same | recorded sex unclear | recorded sex differs | recorded sex not compared
"
        );
        let mut identifiers = Vec::new();
        for kind in IdentifierKind::ALL {
            let kind = EvidenceKind::Identifier(*kind);
            assert_eq!(EvidenceKind::from_word(&kind.word()), Some(kind));
            identifiers.push(phrase(&line(kind, Outcome::Agreed, Strength::Strong)));
        }
        identifiers.sort();
        assert_eq!(
            identifiers.join(", "),
            "same NHS number, same National Insurance number, same bank account, same company, \
             same dwelling, same dwelling, same email address, same handset, same national identity number, \
             same online account, same passport number, same phone number, same vehicle"
        );
        let rarity = |strength| phrase(&line(EvidenceKind::Rarity, Outcome::Agreed, strength));
        assert_eq!(rarity(Strength::ALittle), "a rare combination here");
        assert_eq!(rarity(Strength::AgainstALot), "a common combination here");
        let third = EvidenceKind::from_word("third_record").unwrap();
        assert_eq!(
            phrase(&line(third, Outcome::Agreed, Strength::Strong)),
            "linked through a third record that may be the same person as both"
        );
        assert_eq!(EvidenceKind::from_word("face"), None);
        assert_eq!(EvidenceKind::from_word("identifier:face"), None);
    }
}
