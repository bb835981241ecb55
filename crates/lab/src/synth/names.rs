//! Names of twelve cultures, each with the spellings that other people give it.

use std::sync::LazyLock;

use super::{culture::Culture, dice::Dice, person::Sex};

/// One name word and how else it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As the book lists it.
    pub name: String,
    /// As its bearer writes it.
    pub text: String,
    /// Other transliterations, diacritics and short forms.
    pub variants: Vec<String>,
}

/// The names of one culture, most used first.
pub struct Book {
    male: Vec<Word>,
    female: Vec<Word>,
    middle: Vec<Word>,
    family: Vec<Word>,
    stems: Vec<Word>,
    endings: Vec<Word>,
}

impl Book {
    /// The names of a culture.
    pub fn of(culture: Culture) -> &'static Self {
        static BOOKS: LazyLock<Vec<Book>> = LazyLock::new(|| {
            Culture::ALL
                .iter()
                .map(|c| Book::read(c.names_file()))
                .collect()
        });
        &BOOKS[culture as usize]
    }

    /// A given name of that sex.
    pub fn given(&self, sex: Sex, dice: &mut Dice) -> Word {
        let list = match sex {
            Sex::Male => &self.male,
            Sex::Female => &self.female,
        };
        spelt(&list[by_rank(list.len(), 0.75, 3.0, dice)], 0.15, dice)
    }

    /// A middle word (Vietnamese "Van", "Thi"); `None` where the culture has none.
    pub fn middle(&self, sex: Sex, dice: &mut Dice) -> Option<Word> {
        if self.middle.is_empty() {
            return None;
        }
        // The first two of the list are the men's and the women's word.
        let usual = match sex {
            Sex::Male => 0,
            Sex::Female => 1,
        };
        let index = if dice.chance(0.6) {
            usual
        } else {
            dice.below(self.middle.len())
        };
        Some(self.middle[index].clone())
    }

    /// A family name (a father's name where people carry that), in the form for that sex.
    pub fn family(&self, culture: Culture, dice: &mut Dice) -> Word {
        if !self.stems.is_empty() && dice.chance(culture.tail_share()) {
            return self.compound(dice);
        }
        let (exponent, offset) = culture.family_name_curve();
        spelt(
            &self.family[by_rank(self.family.len(), exponent, offset, dice)],
            0.15,
            dice,
        )
    }

    /// Of a stem and an ending: the long tail that no list of this size holds.
    fn compound(&self, dice: &mut Dice) -> Word {
        let stem = &dice.pick(&self.stems).text;
        let ending = &dice.pick(&self.endings).text;
        let text = format!("{stem}{ending}");
        Word {
            name: text.clone(),
            text,
            variants: Vec::new(),
        }
    }

    fn read(text: &str) -> Self {
        let words = |kind: &str| -> Vec<Word> {
            let rows = text.lines().filter(|line| !line.starts_with('#'));
            let cells = rows.map(|row| row.split('\t').collect::<Vec<_>>());
            cells
                .filter(|cells| cells.first() == Some(&kind))
                .map(|cells| Word {
                    name: cells.get(1).copied().unwrap_or_default().to_owned(),
                    text: cells.get(1).copied().unwrap_or_default().to_owned(),
                    variants: cells
                        .get(2)
                        .into_iter()
                        .flat_map(|list| list.split(';'))
                        .filter(|word| !word.is_empty())
                        .map(str::to_owned)
                        .collect(),
                })
                .collect()
        };
        Self {
            male: words("male"),
            female: words("female"),
            middle: words("middle"),
            family: words("family"),
            stems: words("stem"),
            endings: words("ending"),
        }
    }
}

impl Word {
    /// The form for a woman, where the culture has one (Kowalska, Boiko-style names unchanged).
    pub fn feminine(mut self) -> Self {
        for (male, female) in [
            ("ski", "ska"),
            ("cki", "cka"),
            ("dzki", "dzka"),
            ("skyi", "ska"),
        ] {
            for text in std::iter::once(&mut self.text).chain(&mut self.variants) {
                if let Some(stem) = text.strip_suffix(male) {
                    *text = format!("{stem}{female}");
                }
            }
        }
        self
    }
}

/// A rank from 0, weight 1 / (rank + offset)^exponent.
fn by_rank(n: usize, exponent: f64, offset: f64, dice: &mut Dice) -> usize {
    let weights: Vec<f64> = (0..n)
        .map(|rank| (rank as f64 + offset).powf(-exponent))
        .collect();
    dice.weighted(&weights)
}

/// With probability `p` the bearer's own spelling is one of the variants.
fn spelt(word: &Word, p: f64, dice: &mut Dice) -> Word {
    if word.variants.is_empty() || !dice.chance(p) {
        return word.clone();
    }
    let own = dice.pick(&word.variants).clone();
    let mut variants = word.variants.clone();
    variants.retain(|v| *v != own);
    variants.push(word.text.clone());
    Word {
        name: word.name.clone(),
        text: own,
        variants,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_culture_has_a_book_of_names() {
        for culture in Culture::ALL {
            let book = Book::of(*culture);
            for list in [&book.male, &book.female, &book.family] {
                assert!(list.len() >= 50, "{culture:?} has {}", list.len());
                assert!(
                    list.iter()
                        .all(|w| !w.text.is_empty() && !w.text.contains('\t'))
                );
            }
        }
    }

    #[test]
    fn polish_women_have_their_form() {
        let word = Word {
            name: "Kowalski".into(),
            text: "Kowalski".into(),
            variants: vec![],
        };
        assert_eq!(word.feminine().text, "Kowalska");
    }
}
