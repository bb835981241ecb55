//! The agencies, whom each of them comes to know, and as what.

use super::{
    dice::Dice,
    person::{Exploitation, Part, Person},
};

/// A kind of agency: its own column style, its own knowledge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The force.
    Police,
    /// A council's social care.
    Council,
    /// A safeguarding board.
    Board,
    /// Victim care.
    Charity,
}

/// One agency.
#[derive(Clone, Debug)]
pub struct Agency {
    /// A party id and the stem of its file names.
    pub name: String,
    pub kind: Kind,
}

/// What an agency usually holds, as the share of people who have such a thing at all.
pub struct Holds {
    pub phone: f64,
    pub email: f64,
    pub vehicle: f64,
    pub passport: f64,
    pub national_insurance: f64,
    pub nhs_number: f64,
    pub bank_account: f64,
    pub online_handle: f64,
    pub middle_names: f64,
}

/// The `count` agencies of a partnership: police, council, board, charity, and again.
pub fn agencies(count: usize) -> Vec<Agency> {
    const KINDS: [(Kind, &str); 4] = [
        (Kind::Police, "police"),
        (Kind::Council, "council"),
        (Kind::Board, "board"),
        (Kind::Charity, "charity"),
    ];
    let named = |index: usize| {
        let (kind, word) = KINDS[index % KINDS.len()];
        let round = index / KINDS.len() + 1;
        let name = if round == 1 {
            word.to_owned()
        } else {
            format!("{word}-{round}")
        };
        Agency { name, kind }
    };
    (0..count).map(named).collect()
}

/// The indices of the agencies that know `person`: 1 to 4, 1.6 on average.
pub fn knowing(person: &Person, agencies: &[Agency], dice: &mut Dice) -> Vec<usize> {
    let wanted = 1 + dice.weighted(&[0.58, 0.27, 0.11, 0.04]);
    let mut weights: Vec<f64> = agencies.iter().map(|a| a.kind.meets(person.part)).collect();
    let mut chosen = Vec::new();
    while chosen.len() < wanted.min(agencies.len()) {
        let next = dice.weighted(&weights);
        weights[next] = 0.0;
        chosen.push(next);
    }
    chosen.sort_unstable();
    chosen
}

impl Kind {
    const fn meets(self, part: Part) -> f64 {
        match (self, part) {
            (Self::Police, Part::Victim) => 0.7,
            (Self::Council, Part::Victim) => 0.9,
            (Self::Board, Part::Victim) => 0.6,
            (Self::Charity, Part::Victim) | (Self::Police, _) => 1.0,
            (Self::Council, _) => 0.45,
            (Self::Board, _) => 0.25,
            (Self::Charity, Part::Exploiter) => 0.08,
            (Self::Charity, _) => 0.2,
        }
    }

    /// What it usually holds.
    pub const fn holds(self) -> Holds {
        match self {
            Self::Police => Holds {
                phone: 0.75,
                email: 0.15,
                vehicle: 0.75,
                passport: 0.25,
                national_insurance: 0.25,
                nhs_number: 0.0,
                bank_account: 0.2,
                online_handle: 0.35,
                middle_names: 0.75,
            },
            Self::Council => Holds {
                phone: 0.7,
                email: 0.3,
                vehicle: 0.0,
                passport: 0.1,
                national_insurance: 0.45,
                nhs_number: 0.7,
                bank_account: 0.0,
                online_handle: 0.0,
                middle_names: 0.65,
            },
            Self::Board => Holds {
                phone: 0.5,
                email: 0.1,
                vehicle: 0.0,
                passport: 0.0,
                national_insurance: 0.0,
                nhs_number: 0.45,
                bank_account: 0.0,
                online_handle: 0.0,
                middle_names: 0.4,
            },
            Self::Charity => Holds {
                phone: 0.8,
                email: 0.4,
                vehicle: 0.0,
                passport: 0.25,
                national_insurance: 0.0,
                nhs_number: 0.0,
                bank_account: 0.0,
                online_handle: 0.12,
                middle_names: 0.4,
            },
        }
    }

    /// How it regards the person, in the words of mapping files.
    pub fn role(self, person: &Person, dice: &mut Dice) -> &'static str {
        let victim: &[(&'static str, f64)] = match self {
            Self::Police => &[
                ("potential_victim", 0.72),
                ("confirmed_victim", 0.2),
                ("potential_victim;witness", 0.08),
            ],
            _ => &[("potential_victim", 0.65), ("confirmed_victim", 0.35)],
        };
        let exploiter: &[(&'static str, f64)] = match self {
            Self::Police => &[
                ("suspect", 0.75),
                ("convicted", 0.18),
                ("suspect;potential_victim", 0.07),
            ],
            Self::Charity => &[("associate", 1.0)],
            _ => &[("suspect", 0.7), ("associate", 0.3)],
        };
        // Forced crime: one agency sees the victim, the police saw whoever was in the house.
        let forced = person.exploitation == Exploitation::Criminal;
        match person.part {
            Part::Victim if self == Self::Police && forced && dice.chance(0.2) => "suspect",
            Part::Victim => dice.of_table(victim),
            Part::Exploiter => dice.of_table(exploiter),
            Part::Witness => "witness",
            Part::Associate => "associate",
        }
    }

    /// Lawful gateway it shares under.
    pub fn basis(self, person: &Person, dice: &mut Dice) -> &'static str {
        match self {
            Self::Police => "crime_prevention",
            Self::Council if person.is_child() => "children_act",
            Self::Council => "care_act",
            Self::Board => "safeguarding",
            Self::Charity => dice.of_table(&[
                ("safeguarding", 0.6),
                ("consent", 0.35),
                ("vital_interests", 0.05),
            ]),
        }
    }

    /// Who may hear of a match.
    pub fn visibility(self, dice: &mut Dice) -> &'static str {
        let table = match self {
            Self::Police => [("open", 0.9), ("owner_first", 0.08), ("silent", 0.02)],
            Self::Charity => [("open", 0.85), ("owner_first", 0.15), ("silent", 0.0)],
            _ => [("open", 0.97), ("owner_first", 0.03), ("silent", 0.0)],
        };
        dice.of_table(&table)
    }

    /// Whether it knows the person only from a Duty to Notify report of an adult who did not
    /// consent: such a record is counted and never tokenised.
    pub fn duty_to_notify_only(self, person: &Person, dice: &mut Dice) -> bool {
        let first_responder = matches!(self, Self::Police | Self::Council);
        first_responder && person.part == Part::Victim && !person.is_child() && dice.chance(0.02)
    }
}
