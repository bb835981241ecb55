//! Made-up people. The names are drawn from two lists, numbers are those that Ofcom keeps for drama.

use std::collections::BTreeMap;

use sanctuary_disclosure::Text;
use sanctuary_policy::Field;
use sanctuary_review::{OwnDetail, OwnLine, OwnRecord};
use sanctuary_types::Role;

const GIVEN: [&str; 12] = [
    "Tamsin", "Mirela", "Kelan", "Duc", "Laszlo", "Joyce", "Petra", "Osman", "Bridget", "Ion",
    "Adaeze", "Rhys",
];
const FAMILY: [&str; 11] = [
    "Abara",
    "Ilieva",
    "Renshaw",
    "Novotny",
    "Brannigan",
    "Okafor",
    "Szabo",
    "Tran",
    "Varga",
    "Marsh",
    "O\u{2019}Hara-Lind",
];

/// One made-up person as one agency's record has them.
pub struct Person {
    pub reference: String,
    given: &'static str,
    family: &'static str,
    pub role: Role,
    pub child: bool,
    number: usize,
}

impl Person {
    pub fn new(number: usize, prefix: &str, role: Role, child: bool) -> Self {
        Self {
            reference: format!("{prefix}-{}", 40_817 + number * 37),
            given: GIVEN[number % GIVEN.len()],
            family: FAMILY[number % FAMILY.len()],
            role,
            child,
            number,
        }
    }

    fn short(&self) -> String {
        let initial: String = self.given.chars().take(1).collect();
        format!("{initial}. {}", self.family)
    }

    fn born(&self) -> String {
        let year = if self.child {
            2011
        } else {
            1986 + self.number % 15
        };
        format!("{} March {year}", 1 + self.number % 28)
    }

    fn phone(&self) -> String {
        format!("07700 900{:03}", 100 + self.number * 7 % 890)
    }

    pub fn line(&self) -> OwnLine {
        OwnLine {
            reference: self.reference.clone(),
            short_name: self.short(),
        }
    }

    pub fn record(&self) -> OwnRecord {
        let detail = |label: &str, value: String| OwnDetail {
            label: label.to_owned(),
            value,
        };
        OwnRecord {
            reference: self.reference.clone(),
            names: format!("{} {}", self.given, self.family),
            short_name: self.short(),
            roles: vec![self.role],
            child: Some(self.child),
            details: vec![
                detail("Born", self.born()),
                detail("Phone", self.phone()),
                detail(
                    "Email",
                    format!("{}{}@mail.example", self.given.to_lowercase(), self.number),
                ),
                detail("Town", "Bishop Auckland".to_owned()),
            ],
            address_held: self.number.is_multiple_of(3),
        }
    }

    pub fn items(&self, fields: &[Field]) -> BTreeMap<Field, Text> {
        let value = |field: Field| match field {
            Field::Name => Some(format!("{} {}", self.given, self.family)),
            Field::DateOfBirth => Some(self.born()),
            Field::Phone => Some(self.phone()),
            Field::Contact => Some("Outreach team, 0191 498 0001, 9am to 5pm".to_owned()),
            Field::Involvement => Some("In support since June; seen weekly".to_owned()),
            Field::Risk => Some("May be met at work by the people she fears".to_owned()),
            Field::Exploitation => Some("Unpaid work at a car wash, says a referral".to_owned()),
            Field::Vehicle => Some("White van, NX19 KXV".to_owned()),
            _ => None,
        };
        let item = |f: &Field| Some((*f, Text::new(&value(*f)?).ok()?));
        fields.iter().filter_map(item).collect()
    }
}
