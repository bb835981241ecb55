//! Slips of hand, ear and keyboard.

use super::{
    dice::Dice,
    noise::Noise,
    person::{BirthKnown, Date, Person},
};

/// A word with one slip: a letter dropped, doubled, swapped with its neighbour or replaced.
pub fn slip(word: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() < 3 {
        return word.to_owned();
    }
    let at = 1 + dice.below(letters.len() - 1);
    match dice.below(4) {
        0 => {
            letters.remove(at);
        }
        1 => letters.insert(at, letters[at]),
        2 => letters.swap(at - 1, at),
        _ => letters[at] = neighbour(letters[at], dice),
    }
    letters.into_iter().collect()
}

/// An identifier with one digit or letter wrong.
pub fn misread(value: &str, dice: &mut Dice) -> String {
    let mut signs: Vec<char> = value.chars().collect();
    let places: Vec<usize> = (0..signs.len())
        .filter(|i| signs[*i].is_ascii_digit() && *i > 2)
        .collect();
    if places.is_empty() {
        return value.to_owned();
    }
    let at = *dice.pick(&places);
    signs[at] = char::from(b'0' + dice.below(10) as u8);
    signs.into_iter().collect()
}

/// A date of birth as one agency has it; `None` when it has none.
pub fn written_birth(person: &Person, noise: &Noise, dice: &mut Dice) -> Option<Date> {
    let born = person.born;
    let january = |year| {
        Some(Date {
            year,
            month: 1,
            day: 1,
        })
    };
    let about =
        |spread: u32, dice: &mut Dice| (born.year + dice.between(0, 2 * spread) - spread).min(2020);
    if dice.chance(noise.birth_missing) {
        return None;
    }
    match person.birth_known {
        // Papers carry one guessed year around; now and then an agency guesses again.
        BirthKnown::Estimated if dice.chance(0.15) => january(about(2, dice)),
        BirthKnown::Estimated => january(born.year),
        BirthKnown::Never if dice.chance(0.5) => None,
        BirthKnown::Never => january(about(3, dice)),
        BirthKnown::Exactly if dice.chance(noise.birth_guessed) => january(about(1, dice)),
        BirthKnown::Exactly => Some(slipped(born, noise, dice)),
    }
}

fn slipped(born: Date, noise: &Noise, dice: &mut Dice) -> Date {
    if born.day <= 12 && dice.chance(noise.birth_swapped) {
        return Date {
            month: born.day,
            day: born.month,
            ..born
        };
    }
    if !dice.chance(noise.birth_slip) {
        return born;
    }
    match dice.below(5) {
        0 => Date {
            day: if born.day > 1 { born.day - 1 } else { 2 },
            ..born
        },
        1 => Date {
            day: dice.between(1, 28),
            ..born
        },
        2 => Date {
            month: dice.between(1, 12),
            day: born.day.min(28),
            ..born
        },
        3 => Date {
            year: born.year - 1,
            day: born.day.min(28),
            ..born
        },
        _ => Date {
            year: born.year - 10,
            day: born.day.min(28),
            ..born
        },
    }
}

fn neighbour(letter: char, dice: &mut Dice) -> char {
    const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
    let lower = letter.to_ascii_lowercase();
    for row in ROWS {
        if let Some(at) = row.find(lower) {
            let signs: Vec<char> = row.chars().collect();
            let right = dice.chance(0.5) && at + 1 < signs.len();
            let to = if right { at + 1 } else { at.saturating_sub(1) };
            return signs[to];
        }
    }
    letter
}
