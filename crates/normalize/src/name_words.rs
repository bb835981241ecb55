use crate::text::fold;

/// Name words taken from one field; more are ignored.
const WORDS_MAX: usize = 32;
/// Longest name word that is used, in letters.
const WORD_BYTES_MAX: usize = 64;

const TITLES: &[&str] = &[
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "rev", "mister", "madam", "master",
    "lady", "lord", "aka", "alias", "nee", "unknown", "unk", "nfn", "fnu", "lnu", "nk", "na",
    "none", "null", "test", "baby",
];
/// Titles that are surnames too: kept when the field says nothing else.
const TITLES_AND_NAMES: &[&str] = &["lord", "master"];
const PARTICLES: &[&str] = &[
    "al", "el", "ul", "ur", "ar", "as", "ad", "an", "bin", "ibn", "bint", "ben", "van", "von",
    "der", "den", "de", "la", "le", "da", "di", "do", "dos", "das", "del", "thi", "y", "e", "abu",
    "haj", "hadj",
];
const SERVANT: &[&str] = &["abd", "abdul", "abdel", "abdal", "abdi", "abdur", "abdol"];
const ARTICLES: &[&str] = &["al", "el", "ul", "ur", "ar"];

/// The words of a name field: folded, without numbers, titles and fillers; `Abdul` and its kin
/// joined to the word that follows; particles such as `van` and `al` dropped unless nothing else
/// is left.
#[must_use]
pub fn name_words(text: &str) -> Vec<String> {
    without_particles(all_words(text))
}

/// The same with particles.
pub(crate) fn all_words(text: &str) -> Vec<String> {
    let folded = fold(text);
    if TITLES_AND_NAMES.contains(&folded.as_str()) {
        return vec![folded];
    }
    let words: Vec<&str> = folded
        .split(' ')
        .filter(|word| is_name_word(word))
        .take(WORDS_MAX)
        .collect();
    join_servant(&words)
}

fn without_particles(words: Vec<String>) -> Vec<String> {
    let is_name = |word: &&String| !PARTICLES.contains(&word.as_str());
    let without: Vec<String> = words.iter().filter(is_name).cloned().collect();
    if without.is_empty() { words } else { without }
}

fn is_name_word(word: &str) -> bool {
    !word.is_empty()
        && word.len() <= WORD_BYTES_MAX
        && !word.bytes().all(|b| b.is_ascii_digit())
        && !TITLES.contains(&word)
}

/// `abdul al rahman` and `abdulrahman` are one name written two ways.
fn join_servant(words: &[&str]) -> Vec<String> {
    let mut out = Vec::with_capacity(words.len());
    let mut i = 0;
    while i < words.len() {
        let next = (i + 1..words.len()).find(|j| !ARTICLES.contains(&words[*j]));
        match next {
            Some(j) if SERVANT.contains(&words[i]) => {
                out.push(format!("abd{}", words[j]));
                i = j + 1;
            }
            _ => {
                out.push(words[i].to_owned());
                i += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_numbers_and_particles_go() {
        assert_eq!(
            name_words("Dr. Ludwig van der Berg 2nd 33"),
            ["ludwig", "berg", "2nd"]
        );
        assert_eq!(name_words("Le"), ["le"]);
        assert_eq!(name_words("Lord"), ["lord"]);
        assert_eq!(name_words("Lord Byron"), ["byron"]);
        assert_eq!(name_words("Mr Unknown"), [""; 0]);
    }

    #[test]
    fn servant_of_is_joined() {
        assert_eq!(name_words("Abdul Rahman Ali"), ["abdrahman", "ali"]);
        assert_eq!(name_words("abd el-Karim"), ["abdkarim"]);
        assert_eq!(name_words("Abdi"), ["abdi"]);
        assert_eq!(name_words("Abdul al"), ["abdul"]);
    }
}
