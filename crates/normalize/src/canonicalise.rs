use sanctuary_types::{IdentifierKind, Timestamp};
use zeroize::Zeroizing;

use crate::{
    Canonical, Field, RawIdentifier, Rule, Source,
    identifiers::{PhoneRegion, canonical_identifiers},
    name_words::{all_words, name_words},
    naming::{Naming, chinese_name},
    place::{KEYS_MAX, locality_area, postcode, postcode_in},
    street::street,
    text::{VALUE_BYTES_MAX, fold, is_filler_word},
    vietnamese,
};

/// Folded address words kept.
const ADDRESS_WORDS_MAX: usize = 32;

/// One row to its canonical record, and what was wrong with it. A bad field is left out and
/// reported; the row as a whole never fails. `today` bounds years of birth; `phone_region` is the
/// two-letter country (CLDR) whose national numbers come without a country code.
#[must_use]
pub fn canonicalise(
    source: &Source,
    today: Timestamp,
    phone_region: &str,
) -> (Canonical, Vec<(Field, Rule)>) {
    let mut report = Report::default();
    let naming = naming_of(source);
    let mut names = names(source, naming, &mut report);
    if naming == Naming::Chinese {
        join_syllables(&mut names, !source.surnames.is_empty());
    }
    let (birth, problem) = source.birth.checked(today);
    report.add(Field::Birth, problem);
    let place = place(source, &mut report);
    let region = PhoneRegion::new(phone_region);
    let mut identifiers = canonical_identifiers(&source.identifiers, &region, |kind, rule| {
        report.add(Field::Identifier(kind), Some(rule));
    });
    identifiers.extend(place.dwelling.map(|value| (IdentifierKind::Address, value)));

    let mut record = Canonical::from_fields(
        (&names.forenames, &names.surnames, &names.others),
        birth,
        place.areas,
        place.fines,
        identifiers,
    );
    record.sex = report.read(Field::Sex, source.sex.as_ref(), sex).flatten();
    record.nationality = report
        .read(Field::Nationality, source.nationality.as_ref(), |text| {
            Ok(Some(fold(text)))
        })
        .flatten()
        .filter(|word| !word.is_empty());
    record.address_words = place.words;
    (record, report.0)
}

#[derive(Default)]
struct Report(Vec<(Field, Rule)>);

impl Report {
    fn add(&mut self, field: Field, rule: Option<Rule>) {
        if let Some(rule) = rule.filter(|rule| !self.0.contains(&(field, *rule))) {
            self.0.push((field, rule));
        }
    }

    /// A value that is there, short enough and not a filler.
    fn given<'s>(&mut self, field: Field, value: Option<&'s RawIdentifier>) -> Option<&'s str> {
        let text = value?.expose().trim();
        let folded = fold(text.get(..64).unwrap_or(text));
        let rule = match text {
            "" => return None,
            _ if text.len() > VALUE_BYTES_MAX => Rule::TooLong,
            _ if is_filler_word(&folded) => Rule::Placeholder,
            _ => return Some(text),
        };
        self.add(field, Some(rule));
        None
    }

    fn read<T>(
        &mut self,
        field: Field,
        value: Option<&RawIdentifier>,
        read: impl Fn(&str) -> Result<T, Rule>,
    ) -> Option<T> {
        match read(self.given(field, value)?) {
            Ok(read) => Some(read),
            Err(rule) => {
                self.add(field, Some(rule));
                None
            }
        }
    }
}

#[derive(Default)]
struct Names {
    forenames: Vec<String>,
    surnames: Vec<String>,
    others: Vec<String>,
}

fn names(source: &Source, naming: Naming, report: &mut Report) -> Names {
    let reader = Reader::of(source, naming);
    let mut names = Names {
        forenames: reader.cells(Field::Forenames, &source.forenames, report),
        surnames: reader.cells(Field::Surnames, &source.surnames, report),
        others: source
            .aliases
            .iter()
            .flat_map(|alias| reader.cells(Field::Aliases, std::slice::from_ref(alias), report))
            .collect(),
    };
    if let Some(full) = report.given(Field::FullName, source.full_name.as_ref()) {
        let whole = reader.full_name(full);
        if whole.forenames.is_empty() && whole.surnames.is_empty() {
            report.add(Field::FullName, Some(Rule::NotAName));
        }
        names.fill(whole);
    }
    if reader.vietnamese {
        vietnamese::without_fillers(&mut [&mut names.forenames, &mut names.surnames]);
        vietnamese::without_fillers(&mut [&mut names.others]);
    }
    names
}

/// What is wrong with a nationality is reported where the record takes it over.
fn naming_of(source: &Source) -> Naming {
    let text = source.nationality.as_ref().map(RawIdentifier::expose);
    let text = text.filter(|text| text.len() <= VALUE_BYTES_MAX);
    Naming::of(text.map(fold).as_deref())
}

/// Puts the syllables of a Chinese given name together, so that `Wang Xiao Ming` and
/// `Xiaoming Wang` have the same two words; the syllables stay as further words.
fn join_syllables(names: &mut Names, in_columns: bool) {
    let words = [names.forenames.as_slice(), &names.surnames].concat();
    if let Some((given, family)) = chinese_name(&words, in_columns) {
        names
            .others
            .extend(words.into_iter().filter(|w| *w != family));
        names.forenames = vec![given];
        names.surnames = vec![family];
    }
}

impl Names {
    /// The whole name fills the sides that are empty, without saying a word twice; otherwise its
    /// words are further candidates.
    fn fill(&mut self, whole: Self) {
        if self.forenames.is_empty() && self.surnames.is_empty() {
            self.forenames = whole.forenames;
            self.surnames = whole.surnames;
            return;
        }
        let known = |words: &[String], word: &String| words.contains(word);
        let fresh: Vec<String> = whole
            .forenames
            .into_iter()
            .chain(whole.surnames)
            .filter(|w| !known(&self.forenames, w) && !known(&self.surnames, w))
            .collect();
        let side = if self.forenames.is_empty() {
            &mut self.forenames
        } else if self.surnames.is_empty() {
            &mut self.surnames
        } else {
            &mut self.others
        };
        side.extend(fresh);
    }
}

/// How the words of a record's name cells are read.
struct Reader {
    vietnamese: bool,
}

impl Reader {
    fn of(source: &Source, naming: Naming) -> Self {
        let cells = source.forenames.iter().chain(&source.surnames);
        let mut cells = cells.chain(&source.full_name).map(RawIdentifier::expose);
        let tells =
            |text: &str| text.len() <= VALUE_BYTES_MAX && vietnamese::tell(&all_words(text));
        Self {
            vietnamese: match naming {
                Naming::Vietnamese => true,
                Naming::FamilyName => cells.any(tells),
                Naming::FatherChain | Naming::Chinese => false,
            },
        }
    }

    /// What are particles elsewhere (`Le`, `Do`, `An`) are names in Vietnam.
    fn words(&self, text: &str) -> Vec<String> {
        if self.vietnamese {
            vietnamese::syllables(&all_words(text))
        } else {
            name_words(text)
        }
    }

    /// The words of several cells of one kind, as if they were one cell.
    fn cells(&self, field: Field, cells: &[RawIdentifier], report: &mut Report) -> Vec<String> {
        let mut text = Zeroizing::new(String::new());
        for cell in cells {
            if let Some(given) = report.given(field, Some(cell)) {
                text.push_str(given);
                text.push(' ');
            }
        }
        let words = self.words(&text);
        if words.is_empty() && !text.is_empty() {
            let filler = fold(&text).bytes().any(|b| b.is_ascii_lowercase());
            report.add(
                field,
                Some(if filler {
                    Rule::Placeholder
                } else {
                    Rule::NotAName
                }),
            );
        }
        words
    }

    /// `Surname, Forenames`, or forenames with the surname last. A particle is a name where the
    /// whole name would be one word without it.
    fn full_name(&self, text: &str) -> Names {
        let mut names = Names::default();
        (names.surnames, names.forenames) = match text.split_once(',') {
            Some((surnames, forenames)) => (self.words(surnames), self.words(forenames)),
            None => (Vec::new(), self.words(text)),
        };
        if names.surnames.is_empty() && names.forenames.len() == 1 {
            names.forenames = all_words(text);
        }
        if names.surnames.is_empty() && names.forenames.len() > 1 {
            names.surnames.extend(names.forenames.pop());
        }
        names
    }
}

#[derive(Default)]
struct Place {
    areas: Vec<String>,
    fines: Vec<String>,
    /// Full postcode and house number together.
    dwelling: Option<String>,
    words: Vec<String>,
}

fn place(source: &Source, report: &mut Report) -> Place {
    let address = report
        .read(Field::Address, source.address.as_ref(), address)
        .unwrap_or_default();
    let town = report
        .read(Field::Locality, source.locality.as_ref(), |text| {
            Ok(fold(text))
        })
        .unwrap_or_default();
    let given = report
        .given(Field::Postcode, source.postcode.as_ref())
        .unwrap_or_default();
    let (mut code, problem) = postcode(given);
    report.add(Field::Postcode, problem);

    let all: Vec<&str> = address.split(' ').filter(|w| !w.is_empty()).collect();
    let mut lines = all.as_slice();
    if let Some((found, before)) = postcode_in(&all) {
        lines = before;
        code = code.filter(|code| code.whole().is_some()).or(Some(found));
    }
    let town_words: Vec<&str> = town.split(' ').filter(|w| !w.is_empty()).collect();
    lines = lines.strip_suffix(town_words.as_slice()).unwrap_or(lines);
    let street = street(lines);

    let keys = |first: Option<String>, second: Option<String>| -> Vec<String> {
        first.into_iter().chain(second).take(KEYS_MAX).collect()
    };
    let whole = code.as_ref().and_then(|code| code.whole());
    let dwelling = whole
        .zip(street.as_ref())
        .map(|(code, s)| format!("{code}|{}", s.number));
    let mut words: Vec<String> = lines
        .iter()
        .chain(&town_words)
        .map(|w| (*w).to_owned())
        .collect();
    words.truncate(ADDRESS_WORDS_MAX - 1);
    words.extend(
        code.as_ref()
            .map(|code| code.area()[1..].to_ascii_lowercase()),
    );
    Place {
        areas: keys(code.as_ref().map(|code| code.area()), locality_area(&town)),
        fines: keys(
            code.as_ref().and_then(|code| code.fine()),
            street.map(|s| s.fine),
        ),
        dwelling,
        words,
    }
}

/// The folded address, unless it says that there is none.
fn address(text: &str) -> Result<String, Rule> {
    const NOWHERE: &[&str] = &[
        "no fixed abode",
        "nfa",
        "homeless",
        "no address",
        "of no fixed abode",
    ];
    let folded = fold(text);
    if NOWHERE.contains(&folded.as_str()) {
        Err(Rule::Placeholder)
    } else {
        Ok(folded)
    }
}

fn sex(text: &str) -> Result<Option<char>, Rule> {
    match fold(text).as_str() {
        "m" | "male" | "man" | "boy" | "1" => Ok(Some('M')),
        "f" | "female" | "woman" | "girl" | "2" => Ok(Some('F')),
        "x" | "other" | "non binary" | "nonbinary" | "intersex" | "indeterminate" => Ok(Some('X')),
        "u" | "0" | "9" | "" => Ok(None),
        _ => Err(Rule::Sex),
    }
}

#[cfg(test)]
#[path = "canonicalise_tests.rs"]
mod tests;
