//! A synthetic person as they are, before any agency writes them down.

use super::{
    culture::Culture,
    culture::Pattern,
    dice::Dice,
    names::{Book, Word},
    place::Address,
};

/// Sex, as most of the agencies' systems know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    Male,
    Female,
}

/// The words of the Home Office's statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exploitation {
    Labour,
    Criminal,
    Sexual,
    Domestic,
    Organ,
}

impl Exploitation {
    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Labour => "labour",
            Self::Criminal => "criminal",
            Self::Sexual => "sexual",
            Self::Domestic => "domestic_servitude",
            Self::Organ => "organ_removal",
        }
    }
}

/// What the person is in the events, whatever any agency thinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Victim,
    Exploiter,
    Witness,
    Associate,
}

/// How well the date of birth is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BirthKnown {
    Exactly,
    /// Papers say 1 January of a year somebody guessed.
    Estimated,
    /// Nobody ever wrote one down.
    Never,
}

/// A calendar date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    pub year: u32,
    pub month: u32,
    pub day: u32,
}

/// The words of a name in the order its bearer says them.
#[derive(Clone, Debug)]
pub struct Name {
    /// Words that agencies put under "forenames".
    pub given: Vec<Word>,
    /// Words between, often left out: middle names, the father's name of a three-word name.
    pub middle: Vec<Word>,
    /// Words that agencies put under "surname".
    pub family: Vec<Word>,
    /// How they stand.
    pub pattern: Pattern,
}

/// One person.
#[derive(Clone, Debug)]
pub struct Person {
    pub culture: Culture,
    pub nationality: &'static str,
    pub sex: Sex,
    pub name: Name,
    /// Street names and other names people know them by.
    pub aliases: Vec<String>,
    pub born: Date,
    pub birth_known: BirthKnown,
    pub part: Part,
    pub exploitation: Exploitation,
    /// Where they live, then where they lived before.
    pub homes: Vec<Address>,
    pub phones: Vec<String>,
    pub email: Option<String>,
    pub vehicle: Option<String>,
    pub passport: Option<String>,
    pub national_insurance: Option<String>,
    pub nhs_number: Option<String>,
    pub bank_account: Option<String>,
    pub online_handle: Option<String>,
    /// Index of the exploitation network they are part of.
    pub network: Option<usize>,
}

impl Person {
    /// Whether they are under 18 in the autumn of 2026.
    pub fn is_child(&self) -> bool {
        self.born.year > 2008
    }
}

impl Name {
    /// A name of `culture`; `shared` are the words of relatives, as [`Self::shared_words`]
    /// gives them.
    pub fn draw(culture: Culture, sex: Sex, shared: &[Word], dice: &mut Dice) -> Self {
        let book = Book::of(culture);
        let pattern = culture.pattern();
        let family = shared
            .first()
            .cloned()
            .unwrap_or_else(|| book.family(culture, dice));
        let mut given = vec![book.given(sex, dice)];
        let mut middle = Vec::new();
        let mut family = vec![if sex == Sex::Female {
            family.feminine()
        } else {
            family
        }];
        match pattern {
            Pattern::Patronymic => {
                // Own name, then father's and grandfather's, which brothers and sisters share.
                let father = family.remove(0);
                let grandfather = shared.get(1).cloned();
                let grandfather = grandfather.unwrap_or_else(|| book.family(culture, dice));
                middle.push(father);
                family.push(grandfather);
            }
            Pattern::FamilyMiddleGiven => middle.extend(book.middle(sex, dice)),
            Pattern::FamilyGiven => {}
            Pattern::GivenFamily => {
                let more = if culture == Culture::Gb { 0.55 } else { 0.2 };
                if dice.chance(more) {
                    middle.push(book.given(sex, dice));
                }
                let double = match culture {
                    Culture::Gb => 0.05,
                    Culture::Al | Culture::Ro | Culture::Pl => 0.02,
                    _ => 0.0,
                };
                if dice.chance(double) {
                    family.push(book.family(culture, dice));
                }
            }
        }
        // Two words the same make a name that no culture gives.
        middle.retain(|m| given.iter().chain(&family).all(|w| w.text != m.text));
        if given.len() == 1 && family.len() == 1 && given[0].text == family[0].text {
            given = vec![book.given(sex, dice)];
        }
        Self {
            given,
            middle,
            family,
            pattern,
        }
    }

    /// The words that brothers and sisters share.
    pub fn shared_words(&self) -> Vec<Word> {
        match self.pattern {
            Pattern::Patronymic => [self.middle.as_slice(), &self.family].concat(),
            _ => self.family.iter().take(1).cloned().collect(),
        }
    }
}
