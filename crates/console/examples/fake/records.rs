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
    /// Every word of the record is an attack on the page that shows it.
    pub hostile: bool,
}

/// Markup, script, a template and ends of attributes, in one value; the number tells which field got through.
#[must_use]
pub fn attack(number: usize) -> String {
    format!(
        "<img src=x onerror=alert({number})>\"'></title></textarea><script>alert({number})</script>{{{{7*7}}}}&lt;{number}"
    )
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
            hostile: false,
        }
    }

    /// A value of the record.
    fn word(&self, field: usize, plain: String) -> String {
        if self.hostile { attack(field) } else { plain }
    }

    /// Everything in the record that could tell who it is.
    #[must_use]
    pub fn identifiers(&self) -> Vec<String> {
        let record = self.record();
        let mut all = vec![record.reference, record.names, record.short_name];
        all.extend(record.details.into_iter().map(|d| d.value));
        all.extend([self.family.to_owned(), self.given.to_owned()]);
        all
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

    fn email(&self) -> String {
        let given = self.given.to_lowercase();
        format!("{given}{}@mail.example", self.number)
    }

    pub fn line(&self) -> OwnLine {
        OwnLine {
            reference: self.reference.clone(),
            short_name: self.word(1, self.short()),
        }
    }

    pub fn record(&self) -> OwnRecord {
        let detail = |label: &str, value: String| OwnDetail {
            label: label.to_owned(),
            value,
        };
        OwnRecord {
            reference: self.reference.clone(),
            names: self.word(2, format!("{} {}", self.given, self.family)),
            short_name: self.word(1, self.short()),
            roles: vec![self.role],
            child: Some(self.child),
            details: vec![
                detail("Born", self.word(3, self.born())),
                detail("Phone", self.word(4, self.phone())),
                detail("Email", self.word(5, self.email())),
                detail("Town", self.word(6, "Bishop Auckland".to_owned())),
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
            Field::Address => Some("Flat 3, 18 Example Terrace, Bishop Auckland".to_owned()),
            Field::Vehicle => Some("White van, NX19 KXV".to_owned()),
            _ => None,
        };
        let item = |f: &Field| {
            let value = self.word(10 + *f as usize, value(*f)?);
            Some((*f, Text::new(&value).ok()?))
        };
        fields.iter().filter_map(item).collect()
    }
}
