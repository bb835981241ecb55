use sanctuary_types::Timestamp;

use super::{
    Reason,
    column::Column,
    content::{by_values_alone, names_peoples, suits},
    header::words,
    lexicon::{Phrase, is_about_somebody_else, is_free_text, is_neutral, phrases},
    target::{GovernanceKey, Target},
};
use crate::{mapping::FieldName, readers::Cell};

/// A choice is offered from here.
const CONFIDENCE_MIN: f32 = 0.5;
/// Weight of the name; the values have the rest.
const HEADER_WEIGHT: f32 = 0.65;

/// A target for a column, and how sure.
#[derive(Clone, Debug)]
pub struct Choice {
    pub target: Target,
    pub confidence: f32,
    pub reasons: Vec<Reason>,
}

/// What a column is chosen for, best first; never empty.
pub fn choices(header: &str, column: &Column<'_>, now: Timestamp) -> Vec<Choice> {
    let words = without_description(words(header));
    if words.iter().any(|word| is_free_text(word)) && !explains_free_word(&words) {
        return nothing(Reason::FreeTextName);
    }
    let mut by_name = by_header(&words);
    if by_name.is_empty() && words.iter().any(|word| is_about_somebody_else(word)) {
        return nothing(Reason::SomebodyElse);
    }
    if column.is_running_text() {
        return nothing(Reason::RunningText);
    }
    if by_name
        .first()
        .is_some_and(|(target, _)| *target == Target::Nothing)
    {
        let is_country = words.iter().any(|word| word == "country");
        if is_country && names_peoples(column) {
            by_name = vec![(Target::Field(FieldName::Nationality), 0.75)];
        } else {
            return nothing(Reason::NotWanted);
        }
    }
    let mut found: Vec<Choice> = by_name
        .into_iter()
        .filter_map(|(target, by_name)| weigh(target, by_name, column, now))
        .collect();
    if found.is_empty() {
        found.extend(
            by_values_alone(column, now).map(|(target, confidence)| Choice {
                target,
                confidence,
                reasons: vec![Reason::ValuesAlone],
            }),
        );
    }
    found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    found.extend(nothing(Reason::NotRecognised));
    found
}

/// `Gender description` holds the words behind a code, not free text.
fn without_description(words: Vec<String>) -> Vec<String> {
    const CODED: [FieldName; 2] = [FieldName::Sex, FieldName::Nationality];
    let rest: Vec<String> = words
        .iter()
        .filter(|word| !matches!(word.as_str(), "description" | "desc"))
        .cloned()
        .collect();
    let is_coded = phrases().iter().any(|phrase| {
        CODED
            .iter()
            .any(|field| phrase.target == Target::Field(*field))
            && phrase.words == rest
    });
    if is_coded { rest } else { words }
}

/// The whole name is a phrase, so its free-text word is part of a term ("registration mark").
fn explains_free_word(words: &[String]) -> bool {
    phrases().iter().any(|phrase| {
        phrase.target != Target::Nothing
            && fit(words, phrase)
                .is_some_and(|(_, extras)| !extras.iter().any(|extra| is_free_text(extra)))
    })
}

fn nothing(reason: Reason) -> Vec<Choice> {
    vec![Choice {
        target: Target::Nothing,
        confidence: 0.0,
        reasons: vec![reason],
    }]
}

fn weigh(target: Target, by_name: f32, column: &Column<'_>, now: Timestamp) -> Option<Choice> {
    let Some(share) = suits(target, column, now) else {
        // An empty column: the name decides.
        return (by_name >= 0.7).then(|| Choice {
            target,
            confidence: by_name * HEADER_WEIGHT + 0.1,
            reasons: vec![Reason::Name, Reason::NoValues],
        });
    };
    let confidence = by_name * HEADER_WEIGHT + share * (1.0 - HEADER_WEIGHT);
    (share >= share_min(target) && confidence >= CONFIDENCE_MIN).then(|| Choice {
        target,
        confidence,
        reasons: vec![Reason::Name, Reason::Values(share)],
    })
}

/// The least share of values that must suit. Governance words decide over whole rows, so a column
/// of them must be nearly clean; identifiers are often mistyped.
fn share_min(target: Target) -> f32 {
    match target {
        Target::RecordId => 0.9,
        Target::Record(GovernanceKey::Exploitation) => 0.8,
        Target::Record(_) => 0.95,
        Target::Field(FieldName::Identifier(_)) => 0.3,
        Target::Field(_) => 0.6,
        Target::Nothing => 0.0,
    }
}

/// Targets by the column's name, best first.
fn by_header(words: &[String]) -> Vec<(Target, f32)> {
    let mut found: Vec<(Target, f32)> = Vec::new();
    for phrase in phrases() {
        let Some((likeness, extras)) = fit(words, phrase) else {
            continue;
        };
        if phrase.target != Target::Nothing
            && extras.iter().any(|word| is_about_somebody_else(word))
        {
            continue;
        }
        let cost: f32 = extras
            .iter()
            .map(|word| if is_neutral(word) { 0.03 } else { 0.3 })
            .sum();
        // Of two phrases the longer one says more, and the last word says what the column is.
        let has_last = words
            .last()
            .is_some_and(|last| !extras.contains(&last.as_str()));
        let score = phrase.sure * likeness - cost
            + 0.01 * phrase.words.len() as f32
            + if has_last { 0.04 } else { 0.0 };
        if score < 0.4 {
            continue;
        }
        match found
            .iter_mut()
            .find(|(target, _)| *target == phrase.target)
        {
            Some((_, best)) => *best = best.max(score),
            None => found.push((phrase.target, score)),
        }
    }
    for (_, score) in &mut found {
        *score = score.min(1.0);
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found
}

/// How alike the phrase and words of the name are, and the words left over.
fn fit<'a>(words: &'a [String], phrase: &Phrase) -> Option<(f32, Vec<&'a str>)> {
    let mut used = vec![false; words.len()];
    let mut likeness = 0.0;
    let mut last = None;
    let mut in_order = true;
    for wanted in &phrase.words {
        let (at, alike) = words
            .iter()
            .enumerate()
            .filter(|(at, _)| !used.get(*at).copied().unwrap_or(true))
            .map(|(at, word)| (at, word_likeness(word, wanted)))
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
            .filter(|(_, alike)| *alike > 0.0)?;
        if let Some(slot) = used.get_mut(at) {
            *slot = true;
        }
        in_order &= last.is_none_or(|last| last < at);
        last = Some(at);
        likeness += alike;
    }
    let mean = likeness / phrase.words.len() as f32 - if in_order { 0.0 } else { 0.03 };
    let extras = words
        .iter()
        .zip(used)
        .filter(|(_, used)| !used)
        .map(|(word, _)| word.as_str())
        .collect();
    Some((mean, extras))
}

/// Equal, one slip of the pen in a long word, or a cut-off word.
fn word_likeness(word: &str, wanted: &str) -> f32 {
    if word == wanted {
        1.0
    } else if wanted.len() >= 6 && crate::mapping::edit_distance(word, wanted) == 1 {
        0.85
    } else if word.len() >= 4 && wanted.len() > word.len() && wanted.starts_with(word) {
        0.8
    } else {
        0.0
    }
}

/// The first column that could be a reference, for files that do not call it one.
pub fn any_reference(rows: &[Vec<Cell>], taken: &[bool]) -> Option<usize> {
    taken.iter().enumerate().position(|(at, taken)| {
        let column = Column::of(rows, at);
        !taken
            && column.cells.len() >= 5
            && column.is_unique()
            && column
                .share(|cell| !cell.contains(char::is_whitespace) && cell.len() <= 40)
                .is_some_and(|share| share >= 0.99)
    })
}
