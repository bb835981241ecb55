//! Makes `data/names/public/*.tsv` again from public lists of one name in two scripts (see the
//! README there for the lists and for the rules, of which each has a function here).
//!
//! ```text
//! cargo run -p sanctuary-lab --example public_spellings -- FOLDER_OF_LISTS crates/lab/data/names
//! ```

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs, io,
    path::Path,
    process::ExitCode,
};

use sanctuary_normalize::fold;

/// A script, and the lists of it with the places of their columns.
type Lists = (&'static str, &'static [(&'static str, usize, usize, usize)]);

/// Lists by script: file, column of the Latin spelling, column of the other one, count column.
const SCRIPTS: [Lists; 3] = [
    (
        "arabic",
        &[
            ("wd_arabic.aligned.tokens.tsv", 0, 1, 2),
            ("google_ar2en.tsv", 1, 0, 2),
        ],
    ),
    ("russian", &[("wd_russian_16.tsv", 0, 1, 2)]),
    ("chinese", &[("wd_chinese.aligned.tokens.tsv", 0, 1, 2)]),
];
/// Cultures whose given names may be English, so that the list of short forms speaks of them.
const ENGLISH_GIVEN_NAMES: [&str; 2] = ["gb", "ng"];
/// Cultures by the script whose letter habits are lent to names that no list knows.
const HABITS: [&str; 2] = ["arabic", "russian"];

/// The script that writes syllables, so that `r` and `l`, or `b` and `p`, are one to it: for other
/// names than Chinese ones it only confirms what another list says.
const SYLLABLES: &str = "chinese";
const SYLLABLES_FOR: &str = "cn";

/// Least share of two spellings' uses that stand for the same words of the other script.
const TIE_MIN: f64 = 0.25;
/// Greatest edit distance by the longer spelling's length, and that for a spelling seen once.
const APART_MAX: f64 = 0.5;
const APART_ONCE_MAX: f64 = 0.34;
/// Spellings kept of one name, those used most first.
const KEPT: usize = 6;
/// Letter habits kept of one script, and the fewest pairs that show one.
const HABITS_KEPT: usize = 40;
const HABIT_PAIRS_MIN: usize = 25;

fn main() -> ExitCode {
    let paths: Vec<String> = env::args().skip(1).collect();
    let [lists, books] = paths.as_slice() else {
        eprintln!("give two folders: that of the public lists and that of the books of names");
        return ExitCode::from(2);
    };
    match make(Path::new(lists), Path::new(books)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("a file could not be read or written: {error}");
            ExitCode::FAILURE
        }
    }
}

fn make(lists: &Path, books: &Path) -> io::Result<()> {
    let mut scripts = Vec::new();
    for (name, files) in SCRIPTS {
        scripts.push((name, Script::read(lists, files)?));
    }
    let short = short_forms(lists)?;
    let mut spellings = String::from("# culture\tname\tspelling=list, most used first\n");
    for (culture, names) in read_books(books)? {
        for (name, given) in &names.all {
            let mut found: BTreeMap<String, (u64, BTreeSet<&str>)> = BTreeMap::new();
            for (script, list) in &scripts {
                let speaks = *script != SYLLABLES || culture == SYLLABLES_FOR;
                for (spelling, uses) in list.others(&folded(name)) {
                    let known = found.contains_key(&spelling);
                    if (speaks || known) && !names.is_another(&spelling, name) {
                        let entry = found.entry(spelling).or_default();
                        entry.0 += uses;
                        entry.1.insert(script);
                    }
                }
            }
            if *given && ENGLISH_GIVEN_NAMES.contains(&culture.as_str()) {
                for nickname in short.get(&folded(name)).into_iter().flatten() {
                    if !names.is_another(nickname, name) {
                        let entry = found.entry(nickname.clone()).or_default();
                        entry.0 += 1;
                        entry.1.insert("short");
                    }
                }
            }
            spellings.push_str(&line(&culture, name, found));
        }
    }
    fs::write(books.join("public/spellings.tsv"), spellings)?;
    let mut habits = String::from("# script\tfrom\tto\tpairs that show it\n");
    for (script, list) in scripts.iter().filter(|(s, _)| HABITS.contains(s)) {
        for ((from, to), pairs) in list.habits() {
            habits.push_str(&format!("{script}\t{from}\t{to}\t{pairs}\n"));
        }
    }
    fs::write(books.join("public/habits.tsv"), habits)
}

fn line(culture: &str, name: &str, found: BTreeMap<String, (u64, BTreeSet<&str>)>) -> String {
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by(|a, b| b.1.0.cmp(&a.1.0).then_with(|| a.0.cmp(&b.0)));
    found.truncate(KEPT);
    if found.is_empty() {
        return String::new();
    }
    let list = found.into_iter().map(|(spelling, (_, lists))| {
        let lists: Vec<&str> = lists.into_iter().collect();
        format!("{}={}", capital(&spelling), lists.join("+"))
    });
    format!(
        "{culture}\t{name}\t{}\n",
        list.collect::<Vec<_>>().join(";")
    )
}

/// Latin spellings by word of another script and back, with how often each was seen.
#[derive(Default)]
struct Script {
    by_word: BTreeMap<String, BTreeMap<String, u64>>,
    by_spelling: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Script {
    fn read(folder: &Path, files: &[(&str, usize, usize, usize)]) -> io::Result<Self> {
        let mut script = Self::default();
        for (file, latin, other, count) in files {
            for row in fs::read_to_string(folder.join(file))?.lines() {
                let cells: Vec<&str> = row.split('\t').collect();
                let (Some(latin), Some(other)) = (cells.get(*latin), cells.get(*other)) else {
                    continue;
                };
                let uses = cells.get(*count).and_then(|n| n.parse().ok()).unwrap_or(1);
                script.add(latin, &bare(other), uses);
            }
        }
        Ok(script)
    }

    fn add(&mut self, latin: &str, word: &str, uses: u64) {
        let spelling = folded(latin);
        // A cell of several words says nothing of which is which.
        if spelling.len() < 2 || latin.trim().contains(char::is_whitespace) || word.is_empty() {
            return;
        }
        let by_word = self.by_word.entry(word.to_owned()).or_default();
        *by_word.entry(spelling.clone()).or_default() += uses;
        *self
            .by_spelling
            .entry(spelling)
            .or_default()
            .entry(word.to_owned())
            .or_default() += uses;
    }

    /// Other spellings of `name`: mostly the same words of the other script stand for both, and
    /// the two look alike.
    fn others(&self, name: &str) -> Vec<(String, u64)> {
        let Some(words) = self.by_spelling.get(name) else {
            return Vec::new();
        };
        let near: BTreeSet<&String> = words
            .keys()
            .flat_map(|word| self.by_word[word].keys())
            .filter(|spelling| *spelling != name && spelling.len() > 1)
            .collect();
        near.into_iter()
            .filter_map(|spelling| {
                let theirs = &self.by_spelling[spelling];
                let uses: u64 = theirs.values().sum();
                let apart = apart(name, spelling);
                let most = if uses == 1 { APART_ONCE_MAX } else { APART_MAX };
                (tie(words, theirs) >= TIE_MIN && apart <= most).then(|| (spelling.clone(), uses))
            })
            .collect()
    }

    /// How letters change between spellings of one name, all pairs of the list counted.
    fn habits(&self) -> Vec<((String, String), usize)> {
        let mut pairs: BTreeMap<(String, String), usize> = BTreeMap::new();
        for name in self.by_spelling.keys().filter(|name| name.len() > 3) {
            for (spelling, _) in self.others(name) {
                if let Some(change) = one_change(name, &spelling) {
                    *pairs.entry(change).or_default() += 1;
                }
            }
        }
        let mut habits: Vec<_> = pairs
            .into_iter()
            .filter(|(_, n)| *n >= HABIT_PAIRS_MIN)
            .collect();
        habits.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        habits.truncate(HABITS_KEPT);
        habits
    }
}

/// The share of uses that two spellings have in common, 0 to 1.
fn tie(a: &BTreeMap<String, u64>, b: &BTreeMap<String, u64>) -> f64 {
    let (all_a, all_b) = (
        a.values().sum::<u64>() as f64,
        b.values().sum::<u64>() as f64,
    );
    a.iter()
        .filter_map(|(word, uses)| Some((*uses as f64 / all_a).min(*b.get(word)? as f64 / all_b)))
        .sum()
}

/// The one place where two spellings differ, with a letter before it where letters only come in:
/// at most two letters on each side.
fn one_change(a: &str, b: &str) -> Option<(String, String)> {
    let same = |(x, y): &(u8, u8)| x == y;
    let mut front = a.bytes().zip(b.bytes()).take_while(same).count();
    let most = a.len().min(b.len()) - front;
    let back = a
        .bytes()
        .rev()
        .zip(b.bytes().rev())
        .take_while(same)
        .count()
        .min(most);
    if a.len() == front + back || b.len() == front + back {
        front = front.checked_sub(1)?;
    }
    let (from, to) = (&a[front..a.len() - back], &b[front..b.len() - back]);
    (from.len() <= 2 && to.len() <= 2).then(|| (from.to_owned(), to.to_owned()))
}

/// Levenshtein's distance by the length of the longer word.
fn apart(a: &str, b: &str) -> f64 {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let replaced = before + usize::from(x != y);
            before = row[j + 1];
            row[j + 1] = replaced.min(before + 1).min(row[j] + 1);
        }
    }
    row[b.len()] as f64 / a.len().max(b.len()) as f64
}

/// The names of one culture, with whether they are given names.
struct Names {
    all: Vec<(String, bool)>,
    /// Every folded name and variant, with the names it belongs to.
    owners: BTreeMap<String, BTreeSet<String>>,
}

impl Names {
    /// Whether a spelling belongs to other names of the culture and not to this one.
    fn is_another(&self, spelling: &str, name: &str) -> bool {
        self.owners
            .get(spelling)
            .is_some_and(|owners| !owners.contains(name))
    }
}

fn read_books(folder: &Path) -> io::Result<Vec<(String, Names)>> {
    let mut paths: Vec<_> = fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "tsv"))
        .collect();
    paths.sort();
    let mut books = Vec::new();
    for path in paths {
        let mut names = Names {
            all: Vec::new(),
            owners: BTreeMap::new(),
        };
        for row in fs::read_to_string(&path)?.lines() {
            let cells: Vec<&str> = row.split('\t').collect();
            let [kind @ ("male" | "female" | "family"), name, ..] = cells.as_slice() else {
                continue;
            };
            let variants = cells.get(2).into_iter().flat_map(|list| list.split(';'));
            for word in variants.chain([*name]) {
                let owners = names.owners.entry(folded(word)).or_default();
                owners.insert((*name).to_owned());
            }
            let entry = ((*name).to_owned(), *kind != "family");
            match names.all.iter_mut().find(|known| known.0 == *name) {
                Some(known) => known.1 |= entry.1,
                None => names.all.push(entry),
            }
        }
        let culture = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        books.push((culture, names));
    }
    Ok(books)
}

fn short_forms(folder: &Path) -> io::Result<BTreeMap<String, Vec<String>>> {
    let mut short: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in fs::read_to_string(folder.join("nicknames_en.csv"))?
        .lines()
        .skip(1)
    {
        if let [name, _, nickname] = row.split(',').collect::<Vec<_>>().as_slice() {
            short
                .entry(folded(name))
                .or_default()
                .push(folded(nickname));
        }
    }
    Ok(short)
}

fn folded(text: &str) -> String {
    fold(text)
        .bytes()
        .filter(u8::is_ascii_lowercase)
        .map(char::from)
        .collect()
}

/// A word of another script without its spaces and without Arabic vowel marks.
fn bare(word: &str) -> String {
    word.chars()
        .filter(|c| !c.is_whitespace() && !('\u{64b}'..='\u{65f}').contains(c) && *c != '\u{200c}')
        .collect()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
