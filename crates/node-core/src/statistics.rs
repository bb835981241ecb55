//! What an agency counts of its own records for the board pack: broad groups, no value.

mod nationality;

use std::collections::BTreeSet;

use sanctuary_figures::{
    Age, Alone, County, Exploitation, OwnCounts, Place, Sex, Told, Traits, Window,
};
use sanctuary_types::{AlertState, Pseudonym, Timestamp};

use crate::{Details, NodeError, is_child, ports::NodeStore};

/// Counts everybody the agency holds, and names the traits of the records that the hub has told it of.
/// Records known only from a Duty to Notify report say nothing that could be counted and are left out.
///
/// # Errors
/// What the store gives.
pub fn own_counts(
    store: &impl NodeStore,
    window: Window,
    now: Timestamp,
) -> Result<OwnCounts, NodeError> {
    let known: BTreeSet<Pseudonym> = store
        .alerts()?
        .into_iter()
        .filter(|alert| alert.state != AlertState::Lapsed)
        .map(|alert| alert.own)
        .collect();
    let mut all = Alone::default();
    let mut told = Vec::new();
    store.for_each_record(&mut |record| {
        let Some(details) = &record.details else {
            return Ok(());
        };
        let traits = traits_of(details, now);
        let (victim, suspect) = (details.roles.is_victim(), details.roles.is_suspect());
        all.add(victim, suspect, &traits);
        if (victim || suspect) && known.contains(&record.pseudonym) {
            told.push(Told {
                pseudonym: record.pseudonym,
                victim,
                suspect,
                traits: traits.code(),
            });
        }
        Ok(())
    })?;
    told.sort_by_key(|t| t.pseudonym);
    Ok(OwnCounts { window, all, told })
}

/// The broad groups of one record. A child of today was a child when the exploitation began; of an adult
/// the record does not say. Where it took place is not kept either.
#[must_use]
pub fn traits_of(details: &Details, now: Timestamp) -> Traits {
    let (exploitation, county) = exploitation_of(details.exploitation.as_deref().unwrap_or(""));
    Traits {
        exploitation,
        county,
        age: if is_child(&details.canonical, now) {
            Age::Child
        } else {
            Age::NotKnown
        },
        sex: match details.canonical.sex {
            Some('F') => Sex::Female,
            Some('M') => Sex::Male,
            _ => Sex::NotKnown,
        },
        nationality: nationality::group(details.canonical.nationality.as_deref()),
        place: Place::NotKnown,
    }
}

/// Reads the word or words of an agency's file: `labour`, `sexual; criminal`, `county lines`.
fn exploitation_of(text: &str) -> (Vec<Exploitation>, County) {
    const WORDS: [(&str, Exploitation); 13] = [
        ("labour", Exploitation::Labour),
        ("labor", Exploitation::Labour),
        ("forced work", Exploitation::Labour),
        ("sexual", Exploitation::Sexual),
        ("criminal", Exploitation::Criminal),
        ("county line", Exploitation::Criminal),
        ("county_line", Exploitation::Criminal),
        ("cuckoo", Exploitation::Criminal),
        ("cannabis", Exploitation::Criminal),
        ("domestic", Exploitation::Domestic),
        ("servitude", Exploitation::Domestic),
        ("organ", Exploitation::Organ),
        ("kidney", Exploitation::Organ),
    ];
    let text = text.to_lowercase();
    let mut types: Vec<Exploitation> = WORDS
        .iter()
        .filter(|(word, _)| text.contains(word))
        .map(|(_, kind)| *kind)
        .collect();
    // "organised crime" is no organ.
    if text.contains("organis") && !text.contains("organ ") && !text.contains("organ_") {
        types.retain(|t| *t != Exploitation::Organ);
    }
    types.sort();
    types.dedup();
    let lines = text.contains("county line") || text.contains("county_line");
    (
        types,
        if lines {
            County::Flagged
        } else {
            County::NotFlagged
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agencies_words_for_exploitation_are_understood() {
        use Exploitation::{Criminal, Domestic, Labour, Organ, Sexual};
        for (text, types, county) in [
            ("labour", vec![Labour], County::NotFlagged),
            (
                "Forced labour; sexual exploitation",
                vec![Labour, Sexual],
                County::NotFlagged,
            ),
            ("County Lines", vec![Criminal], County::Flagged),
            ("domestic_servitude", vec![Domestic], County::NotFlagged),
            ("organ_removal", vec![Organ], County::NotFlagged),
            ("organised criminality", vec![Criminal], County::NotFlagged),
            ("", vec![], County::NotFlagged),
            ("other", vec![], County::NotFlagged),
        ] {
            assert_eq!(exploitation_of(text), (types, county), "{text}");
        }
    }
}
