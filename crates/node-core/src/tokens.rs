use sanctuary_normalize::{Canonical, TokenContext, TokenInput, tokens};
use sanctuary_types::{Card, Presence, Timestamp};

use crate::{Counts, Details, StoredRecord};

/// Own records that may hold one identifier value before it counts as a switchboard number, a
/// refuge's address or a placeholder, and is not tokenised.
pub const IDENTIFIER_VALUE_CAP: u32 = 20;
/// Age below which a person is a child.
const ADULT_YEARS: i32 = 18;

/// The token inputs of a record, and what of it can be compared: identifier values that too many
/// own records hold give no token and are not counted as present; what the admission test left out
/// gives no token either.
#[must_use]
pub fn token_inputs(
    record: &Canonical,
    counts: &Counts,
    universe_records: u64,
) -> (Presence, Vec<TokenInput>) {
    let (presence, mut inputs) = candidates(record, counts, universe_records);
    inputs.retain(|input| counts.admission().admits(input));
    (presence, inputs)
}

/// The token inputs of a record before the admission test.
pub(crate) fn all_inputs(
    record: &Canonical,
    counts: &Counts,
    universe_records: u64,
) -> Vec<TokenInput> {
    candidates(record, counts, universe_records).1
}

fn candidates(
    record: &Canonical,
    counts: &Counts,
    universe_records: u64,
) -> (Presence, Vec<TokenInput>) {
    let context = TokenContext {
        frequencies: &counts.names,
        universe_records,
        pair_count: &|pair| counts.pair_count(pair),
    };
    if too_common(record, counts) == 0 {
        return (record.presence(), tokens(record, &context));
    }
    let mut rest = record.clone();
    rest.identifiers
        .retain(|(kind, value)| counts.identifier_count(*kind, value) <= IDENTIFIER_VALUE_CAP);
    (rest.presence(), tokens(&rest, &context))
}

/// How many identifier values of a record are left out because too many own records hold them.
#[must_use]
pub fn too_common(record: &Canonical, counts: &Counts) -> usize {
    record
        .identifiers
        .iter()
        .filter(|(kind, value)| counts.identifier_count(*kind, value) > IDENTIFIER_VALUE_CAP)
        .count()
}

/// What the hub may learn of a record, once a second agency shares a token with it.
#[must_use]
pub fn card_of(
    record: &StoredRecord,
    details: &Details,
    presence: Presence,
    now: Timestamp,
) -> Card {
    Card {
        pseudonym: record.pseudonym,
        roles: details.roles,
        presence,
        visibility: details.visibility,
        basis: details.basis,
        child: is_child(&details.canonical, now),
        rules: details.canonical.rules,
    }
}

/// Under 18 as far as the date of birth says; with only a year known, whoever may still be 17
/// counts as a child.
#[must_use]
pub fn is_child(record: &Canonical, now: Timestamp) -> bool {
    let Some(year) = record.birth.year else {
        return false;
    };
    let (this_year, this_month, this_day) = now.date();
    let years = i32::from(this_year) - i32::from(year);
    let known_day = !record.birth.day_is_default();
    let birthday_passed = match (record.birth.month, record.birth.day) {
        (Some(month), Some(day)) if known_day => (this_month, this_day) >= (month, day),
        _ => false,
    };
    years - i32::from(!birthday_passed) < ADULT_YEARS
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanctuary_normalize::{Birth, Source, canonicalise};

    /// 23 November 2026.
    const NOW: Timestamp = Timestamp(1_795_392_000_000);

    fn born(year: Option<u16>, month: Option<u8>, day: Option<u8>) -> bool {
        let source = Source {
            birth: Birth { year, month, day },
            ..Source::default()
        };
        is_child(&canonicalise(&source, NOW, "GB").0, NOW)
    }

    #[test]
    fn eighteen_begins_on_the_birthday() {
        assert!(born(Some(2008), Some(11), Some(24)));
        assert!(!born(Some(2008), Some(11), Some(23)));
        assert!(born(Some(2008), None, None), "may still be 17");
        assert!(!born(Some(2007), None, None));
        assert!(!born(None, None, None), "nothing is known");
    }
}
