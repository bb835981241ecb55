//! The phonetic code on public lists of names in two scripts, which had no part in making it: how
//! often two Latin spellings of one name get one code, and how often two random names do.
//!
//! Pairs are two spellings that mostly stand for the same word of the other script. The lists are
//! machine-made: some pairs are different names, so absolute recall is a lower bound, and what the
//! floors catch is a change for the worse.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use sanctuary_normalize::{fold, name_code, root_name};

struct List {
    name: &'static str,
    file: &'static str,
    latin: usize,
    other: usize,
    /// Least share of pairs with one code.
    recall_min: f64,
    /// Most random pairs of a thousand with one code.
    collisions_max: f64,
}

const LISTS: [List; 3] = [
    List {
        name: "Arabic (Wikidata)",
        file: "wd_arabic.aligned.tokens.tsv",
        latin: 0,
        other: 1,
        recall_min: 0.56,
        collisions_max: 0.27,
    },
    List {
        name: "Chinese (Wikidata)",
        file: "wd_chinese.aligned.tokens.tsv",
        latin: 0,
        other: 1,
        recall_min: 0.355,
        collisions_max: 0.19,
    },
    List {
        name: "Russian (Wikidata)",
        file: "wd_russian_16.tsv",
        latin: 0,
        other: 1,
        recall_min: 0.35,
        collisions_max: 0.17,
    },
];
/// Most of both spellings' uses stand for the same words.
const TIE_MIN: f64 = 0.5;
/// Spellings of one word looked at; the few words with more are misaligned.
const SPELLINGS_MAX: usize = 40;
/// Random pairs drawn.
const RANDOM_PAIRS: usize = 400_000;

#[test]
fn spellings_of_one_name_share_a_code_and_random_names_seldom_do() {
    let Some(folder) = folder() else { return };
    println!("list                   pairs   recall  exact fold  collisions per 1000");
    for list in &LISTS {
        let uses = read(&folder.join(list.file), list.latin, list.other);
        let pairs = pairs(&uses);
        let share = |same: &dyn Fn(&str, &str) -> bool| {
            pairs.iter().filter(|(a, b)| same(a, b)).count() as f64 / pairs.len() as f64
        };
        let recall = share(&same_code);
        let rooted = share(&|a, b| root_name(a) == root_name(b));
        let collisions = 1e3 * collisions(uses.keys().map(String::as_str).collect());
        println!(
            "{:<20} {:>7}   {recall:.4}      {rooted:.4}               {collisions:.3}",
            list.name,
            pairs.len()
        );
        assert!(
            pairs.len() > 1_000,
            "{}: the list is not what it was",
            list.name
        );
        assert!(
            recall >= list.recall_min,
            "{}: recall {recall:.4}",
            list.name
        );
        assert!(
            collisions <= list.collisions_max,
            "{}: {collisions:.3}",
            list.name
        );
    }
}

/// English short forms: the table of nicknames against a list that is not its source.
#[test]
fn short_forms_lead_to_their_name() {
    let Some(folder) = folder() else { return };
    let text = fs::read_to_string(folder.join("nicknames_en.csv")).unwrap();
    let rows = text.lines().skip(1).filter_map(|row| {
        let cells: Vec<&str> = row.split(',').collect();
        Some((*cells.first()?, *cells.get(2)?))
    });
    let rows: Vec<_> = rows.collect();
    let met = rows
        .iter()
        .filter(|(name, short)| same_code(name, short))
        .count();
    let recall = met as f64 / rows.len() as f64;
    println!(
        "English short forms: {} pairs, recall {recall:.4}",
        rows.len()
    );
    assert!(rows.len() > 2_000 && recall >= 0.19, "{recall:.4}");
}

fn same_code(a: &str, b: &str) -> bool {
    name_code(root_name(a)) == name_code(root_name(b))
}

type Uses = BTreeMap<String, BTreeMap<String, f64>>;

/// Uses of each word of the other script by Latin spelling.
fn read(path: &Path, latin: usize, other: usize) -> Uses {
    let mut uses = Uses::new();
    for row in fs::read_to_string(path).unwrap().lines() {
        let cells: Vec<&str> = row.split('\t').collect();
        let spelling = fold(cells[latin]);
        let whole = spelling.len() > 2 && spelling.bytes().all(|b| b.is_ascii_lowercase());
        if whole {
            let count = cells.get(2).and_then(|n| n.parse().ok()).unwrap_or(1.0);
            let word = cells[other].replace(' ', "");
            *uses.entry(spelling).or_default().entry(word).or_default() += count;
        }
    }
    uses
}

fn pairs(uses: &Uses) -> Vec<(&str, &str)> {
    let mut by_word: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (spelling, words) in uses {
        for word in words.keys() {
            by_word.entry(word).or_default().push(spelling);
        }
    }
    let mut pairs = BTreeSet::new();
    for spellings in by_word.values().filter(|s| s.len() <= SPELLINGS_MAX) {
        for (i, a) in spellings.iter().enumerate() {
            for b in &spellings[i + 1..] {
                if tie(&uses[*a], &uses[*b]) >= TIE_MIN {
                    pairs.insert((*a, *b));
                }
            }
        }
    }
    pairs.into_iter().collect()
}

fn tie(a: &BTreeMap<String, f64>, b: &BTreeMap<String, f64>) -> f64 {
    let (all_a, all_b) = (a.values().sum::<f64>(), b.values().sum::<f64>());
    a.iter()
        .filter_map(|(word, uses)| Some((uses / all_a).min(b.get(word)? / all_b)))
        .sum()
}

/// Share of random pairs of different spellings with one code: a fixed walk over all pairs.
fn collisions(spellings: Vec<&str>) -> f64 {
    let codes: Vec<String> = spellings.iter().map(|s| name_code(root_name(s))).collect();
    let mut state = 1_u64;
    let mut draw = || {
        // Knuth's MMIX generator: any fixed sequence will do.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % codes.len()
    };
    let drawn = (0..RANDOM_PAIRS).map(|_| (draw(), draw()));
    let (mut same, mut all) = (0, 0);
    for (a, b) in drawn.filter(|(a, b)| a != b) {
        same += usize::from(codes[a] == codes[b]);
        all += 1;
    }
    f64::from(same as u32) / f64::from(all)
}

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/names");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: the public lists of names are not on this machine");
    None
}
