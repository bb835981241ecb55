//! Spellings from public lists, which nobody here chose: what the names of the books look like
//! where other people wrote them (`data/names/public/README.md`).

use std::{
    collections::{BTreeMap, HashMap},
    ops::AddAssign,
    sync::LazyLock,
};

use super::{culture::Culture, dice::Dice, names::Word, noise::Noise};

/// How a name word came to be written otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A public list has this spelling of the name.
    PublicList,
    /// One of the letter changes most seen in a public list, made to a name the lists do not have.
    PublicHabit,
    /// Our own book of names.
    OwnBook,
}

/// Name words written otherwise, by where the spelling came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// A public list has the spelling.
    pub public_list: usize,
    /// Made by a letter change seen in the public lists.
    pub public_habit: usize,
    /// Our own book of names.
    pub own_book: usize,
}

/// Counts by culture code.
pub type SourcesByCulture = BTreeMap<&'static str, Sources>;

impl Sources {
    /// Counts one.
    pub fn count(&mut self, source: Source) {
        match source {
            Source::PublicList => self.public_list += 1,
            Source::PublicHabit => self.public_habit += 1,
            Source::OwnBook => self.own_book += 1,
        }
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> usize {
        self.public_list + self.public_habit + self.own_book
    }
}

impl AddAssign for Sources {
    fn add_assign(&mut self, other: Self) {
        self.public_list += other.public_list;
        self.public_habit += other.public_habit;
        self.own_book += other.own_book;
    }
}

/// Share of the names that no public list has and whose script has habits, to which one is applied.
const HABIT_SHARE: f64 = 0.6;

/// Another spelling of a word, and where it comes from; `None` where nobody knows one.
pub fn respelt(
    word: &Word,
    culture: Culture,
    noise: &Noise,
    dice: &mut Dice,
) -> Option<(String, Source)> {
    // Profiles without public spellings roll no dice for them, so that their bytes stay.
    if noise.public_spelling > 0.0 {
        let known = public(culture, &word.name);
        let others: Vec<&String> = known.iter().filter(|s| **s != word.text).collect();
        if !others.is_empty() && dice.chance(noise.public_spelling) {
            let weights: Vec<f64> = (0..others.len()).map(|n| 1.0 / (n as f64 + 1.0)).collect();
            let chosen = others[dice.weighted(&weights)];
            return Some((chosen.clone(), Source::PublicList));
        }
        if others.is_empty()
            && dice.chance(HABIT_SHARE)
            && let Some(text) = by_habit(&word.text, culture, dice)
        {
            return Some((text, Source::PublicHabit));
        }
    }
    if word.variants.is_empty() {
        return None;
    }
    Some((dice.pick(&word.variants).clone(), Source::OwnBook))
}

/// By culture code, then by name.
type Known = HashMap<&'static str, HashMap<&'static str, Vec<String>>>;

/// Public spellings of a name of the book, most used first.
fn public(culture: Culture, name: &str) -> &'static [String] {
    static KNOWN: LazyLock<Known> = LazyLock::new(|| {
        let rows = include_str!("../../data/names/public/spellings.tsv").lines();
        let mut known = Known::new();
        for row in rows.filter(|row| !row.starts_with('#')) {
            if let [culture, name, list] = row.split('\t').collect::<Vec<_>>()[..] {
                let entries = list.split(';').filter_map(|entry| entry.split_once('='));
                let spellings = entries.map(|(text, _)| text.to_owned()).collect();
                known.entry(culture).or_default().insert(name, spellings);
            }
        }
        known
    });
    let names = KNOWN.get(culture.code());
    names
        .and_then(|names| names.get(name))
        .map_or(&[], Vec::as_slice)
}

struct Habit {
    script: &'static str,
    from: &'static str,
    to: &'static str,
    pairs: f64,
}

/// The word with one letter habit of the script that its culture's names are most carried over
/// from; habits in proportion to how often the list shows them.
fn by_habit(text: &str, culture: Culture, dice: &mut Dice) -> Option<String> {
    static HABITS: LazyLock<Vec<Habit>> = LazyLock::new(|| {
        let rows = include_str!("../../data/names/public/habits.tsv").lines();
        rows.filter_map(|row| {
            let cells: Vec<&str> = row.split('\t').collect();
            let [script, from, to, pairs] = cells.try_into().ok()?;
            let pairs = pairs.parse().ok()?;
            Some(Habit {
                script,
                from,
                to,
                pairs,
            })
        })
        .collect()
    });
    let script = culture.script()?;
    let lower = text.to_lowercase();
    // The first letter stays: the lists are of whole names, but few change it.
    let places = |habit: &Habit| -> Vec<usize> {
        let found = lower.match_indices(habit.from).map(|(at, _)| at);
        found.filter(|at| *at > 0).collect()
    };
    let fitting: Vec<&Habit> = HABITS
        .iter()
        .filter(|h| h.script == script && !places(h).is_empty())
        .collect();
    if fitting.is_empty() || !lower.is_ascii() || !text.is_ascii() {
        return None;
    }
    let habit = fitting[dice.weighted(&fitting.iter().map(|h| h.pairs).collect::<Vec<_>>())];
    let at = *dice.pick(&places(habit));
    Some(format!(
        "{}{}{}",
        &text[..at],
        habit.to,
        &text[at + habit.from.len()..]
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::noise::Profile;

    fn word(name: &str, variants: &[&str]) -> Word {
        Word {
            name: name.into(),
            text: name.into(),
            variants: variants.iter().map(|v| (*v).to_owned()).collect(),
        }
    }

    #[test]
    fn every_culture_has_public_spellings_of_names_in_its_book() {
        let file = include_str!("../../data/names/public/spellings.tsv");
        for culture in Culture::ALL {
            let rows: Vec<&str> = file
                .lines()
                .filter(|row| row.split('\t').next() == Some(culture.code()))
                .collect();
            assert!(rows.len() >= 20, "{culture:?} has {}", rows.len());
            let book = culture.names_file();
            for row in rows {
                let name = row.split('\t').nth(1).unwrap();
                assert!(book.contains(&format!("\t{name}\t")), "{culture:?} {name}");
                assert!(!public(*culture, name).is_empty());
            }
        }
    }

    #[test]
    fn public_spellings_come_first_and_habits_stand_in() {
        let noise = Profile::Hard.noise();
        let mut dice = Dice::new(1, 1);
        let mut tried = |word: &Word, culture| {
            let mut sources = Sources::default();
            for _ in 0..1_000 {
                let (text, source) = respelt(word, culture, &noise, &mut dice).unwrap();
                assert_ne!(text, word.text);
                sources.count(source);
            }
            sources
        };
        let known = tried(&word("Mohammed", &["Mohamad"]), Culture::Ar);
        assert!(
            known.public_list > 600 && known.public_habit == 0,
            "{known:?}"
        );
        let unknown = tried(&word("Gebremedhin", &["Ghebremedhin"]), Culture::Er);
        assert!(
            unknown.public_habit > 500 && unknown.public_list == 0,
            "{unknown:?}"
        );
        assert_eq!(known.total(), 1_000);
    }

    #[test]
    fn other_profiles_know_their_own_books_alone() {
        let mut dice = Dice::new(1, 1);
        let noise = Profile::Durham.noise();
        let known = word("Mohammed", &["Mohamad"]);
        let (text, source) = respelt(&known, Culture::Ar, &noise, &mut dice).unwrap();
        assert_eq!((text.as_str(), source), ("Mohamad", Source::OwnBook));
        assert!(respelt(&word("Tuan", &[]), Culture::Vn, &noise, &mut dice).is_none());
    }
}
