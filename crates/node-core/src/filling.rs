//! How full an agency's records are: for each detail, how many records have it. Counts of whole details, never of a
//! value, and of all records together.

use sanctuary_normalize::Canonical;
use sanctuary_types::{BirthClass, IdentifierKind};

/// What is counted, in the order in which it helps to find a match.
const DETAILS: [&str; 10] = [
    "name",
    "full date of birth",
    "telephone number",
    "e-mail address",
    "passport, National Insurance, NHS or other person number",
    "vehicle",
    "postcode or town",
    "full postcode or street",
    "sex",
    "nationality",
];

/// Counts over own records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filling {
    counts: [u64; DETAILS.len()],
    /// Day and month that stand for "not known": 1 January, or a year alone.
    year_only: u64,
}

impl Filling {
    /// Counts a record, or takes it back.
    pub(crate) fn change(&mut self, canonical: &Canonical, up: bool) {
        for (count, has) in self.counts.iter_mut().zip(has(canonical)) {
            step(count, has, up);
        }
        let year_only = canonical.birth.class() == BirthClass::Year;
        step(&mut self.year_only, year_only, up);
    }

    /// Each detail with how many records have it.
    pub fn details(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        DETAILS.into_iter().zip(self.counts)
    }

    /// Records whose date of birth is a year alone, or 1 January, which stands for that.
    #[must_use]
    pub const fn year_only(&self) -> u64 {
        self.year_only
    }
}

fn has(canonical: &Canonical) -> [bool; DETAILS.len()] {
    use IdentifierKind::{
        Email, NationalId, NationalInsurance, NhsNumber, Passport, Phone, Vehicle,
    };
    let holds = |kinds: &[IdentifierKind]| {
        let mut held = canonical.identifiers.iter();
        held.any(|(kind, _)| kinds.contains(kind))
    };
    [
        !canonical.parts.is_empty(),
        canonical.birth.class() == BirthClass::Full,
        holds(&[Phone]),
        holds(&[Email]),
        holds(&[Passport, NationalInsurance, NhsNumber, NationalId]),
        holds(&[Vehicle]),
        !canonical.areas.is_empty(),
        !canonical.fines.is_empty(),
        canonical.sex.is_some(),
        canonical.nationality.is_some(),
    ]
}

const fn step(count: &mut u64, has: bool, up: bool) {
    if has {
        *count = if up {
            count.saturating_add(1)
        } else {
            count.saturating_sub(1)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanctuary_normalize::Birth;

    fn record(birth: Birth, phone: bool) -> Canonical {
        let names: [String; 1] = ["Mirela".to_owned()];
        let identifiers = if phone {
            vec![(IdentifierKind::Phone, "+447700900123".to_owned())]
        } else {
            Vec::new()
        };
        Canonical::from_fields(
            (&names, &[], &[]),
            birth,
            Vec::new(),
            Vec::new(),
            identifiers,
        )
    }

    #[test]
    fn what_is_counted_is_taken_back_the_same() {
        let full = Birth {
            year: Some(1990),
            month: Some(3),
            day: Some(14),
        };
        let new_year = Birth {
            month: Some(1),
            day: Some(1),
            ..full
        };
        let (one, two) = (record(full, true), record(new_year, false));
        let mut filling = Filling::default();
        filling.change(&one, true);
        filling.change(&two, true);
        let of = |filling: &Filling, what: &str| {
            filling.details().find(|(w, _)| *w == what).map(|(_, n)| n)
        };
        assert_eq!(of(&filling, "name"), Some(2));
        assert_eq!(of(&filling, "full date of birth"), Some(1));
        assert_eq!(of(&filling, "telephone number"), Some(1));
        assert_eq!(of(&filling, "sex"), Some(0));
        assert_eq!(
            filling.year_only(),
            1,
            "1 January says that only the year is known"
        );
        filling.change(&one, false);
        filling.change(&two, false);
        assert_eq!(filling, Filling::default());
    }
}
