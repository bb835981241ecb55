//! Liberties that forms and clerks take with names of a shape the form was not made for.

use super::{
    culture::Culture,
    person::{Person, Sex},
    record::Clerk,
};

/// What the words of a name become before they go into columns.
pub struct Words {
    pub given: Vec<String>,
    pub middle: Vec<String>,
    pub family: Vec<String>,
}

impl Clerk<'_> {
    /// Syllables together or apart, `bin` between a name and the father's, half of a double
    /// surname, a woman under the men's form. Profiles without such liberties roll no dice.
    pub(super) fn take_liberties(&mut self, person: &Person, words: &mut Words) {
        let liberty = self.noise.liberty;
        if liberty <= 0.0 {
            return;
        }
        match person.culture {
            Culture::Cn | Culture::Vn if self.dice.chance(liberty) => {
                if person.culture == Culture::Vn {
                    run_together(words);
                } else if let Some(given) = words.given.first_mut() {
                    *given = other_spacing(given);
                }
            }
            Culture::Ar | Culture::Sd | Culture::So if self.dice.chance(liberty / 2.0) => {
                let between = if self.dice.chance(0.5) { "bin" } else { "ibn" };
                let father = words.middle.first_mut().or(words.family.first_mut());
                if let Some(father) = father.filter(|f| !f.starts_with("Al")) {
                    *father = format!("{between} {father}");
                }
            }
            Culture::Pl | Culture::Ua if person.sex == Sex::Female && self.dice.chance(liberty) => {
                words.family.iter_mut().for_each(mens_form);
            }
            _ => {}
        }
        if words.family.len() > 1 && self.dice.chance(liberty * 2.0) {
            if self.dice.chance(0.5) {
                words.family = vec![words.family.join("-")];
            } else {
                let gone = self.dice.below(words.family.len());
                words.family.remove(gone);
            }
        }
    }
}

/// Vietnamese middle word and given name as one.
fn run_together(words: &mut Words) {
    if let (Some(given), false) = (words.given.first_mut(), words.middle.is_empty()) {
        *given = format!("{}{}", words.middle.concat(), given.to_lowercase());
        words.middle.clear();
    }
}

/// `Xiao Ming` from `Xiaoming` and back; a name of one syllable stays.
fn other_spacing(given: &str) -> String {
    if let Some((first, second)) = given.split_once([' ', '-']) {
        return format!("{first}{}", second.to_lowercase());
    }
    match second_syllable(given) {
        Some(at) => {
            let mut second = given[at..].to_owned();
            second[..1].make_ascii_uppercase();
            format!("{} {second}", &given[..at])
        }
        None => given.to_owned(),
    }
}

/// Where the second syllable of a Chinese given name starts: at the consonant between two vowels;
/// `n` and `g` between a vowel and another consonant end the first.
fn second_syllable(given: &str) -> Option<usize> {
    let vowel = |b: u8| b"aeiou".contains(&b);
    let bytes = given.as_bytes();
    if !given.is_ascii() {
        return None;
    }
    let first_vowel = bytes.iter().position(|b| vowel(b.to_ascii_lowercase()))?;
    let after_vowels = (first_vowel..bytes.len()).find(|i| !vowel(bytes[*i]))?;
    let next_vowel = (after_vowels..bytes.len()).find(|i| vowel(bytes[*i]))?;
    let consonants = &given[after_vowels..next_vowel];
    let start = match consonants {
        "zh" | "ch" | "sh" => after_vowels,
        _ if consonants.len() == 1 => after_vowels,
        _ => {
            let ends = consonants.trim_start_matches(['n', 'g', 'r']);
            after_vowels + consonants.len() - ends.len().max(1)
        }
    };
    (start > first_vowel && start < bytes.len()).then_some(start)
}

fn mens_form(family: &mut String) {
    for (women, men) in [("ska", "ski"), ("cka", "cki"), ("dzka", "dzki")] {
        if let Some(stem) = family.strip_suffix(women) {
            *family = format!("{stem}{men}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_syllables_part_and_join() {
        for (one, two) in [
            ("Xiaoming", "Xiao Ming"),
            ("Zhiqiang", "Zhi Qiang"),
            ("Jianguo", "Jian Guo"),
            ("Mingzhe", "Ming Zhe"),
        ] {
            assert_eq!(other_spacing(one), two);
            assert_eq!(other_spacing(two), one);
        }
        assert_eq!(other_spacing("Wei"), "Wei");
    }

    #[test]
    fn the_mens_form_and_words_run_together() {
        let mut family = "Kowalska".to_owned();
        mens_form(&mut family);
        assert_eq!(family, "Kowalski");
        let mut words = Words {
            given: vec!["Huong".into()],
            middle: vec!["Thi".into()],
            family: vec!["Tran".into()],
        };
        run_together(&mut words);
        assert_eq!(
            (words.given, words.middle),
            (vec!["Thihuong".to_owned()], vec![])
        );
    }
}
