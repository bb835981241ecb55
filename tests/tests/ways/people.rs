//! Made-up people, as a file for each way that takes one.

use std::{fmt::Write as _, fs, path::Path};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;

const SEED: u64 = 60_606;
const COLUMNS: [&str; 7] = [
    "reference",
    "first",
    "last",
    "born",
    "phone",
    "postcode",
    "role",
];
const SYLLABLES: [&str; 16] = [
    "ba", "da", "ki", "lo", "ma", "ne", "o", "pa", "ri", "sa", "ti", "u", "va", "we", "ya", "zo",
];

/// `people.csv`, `people.jsonl` and `people.sql` with the same records.
pub fn write(folder: &Path, records: usize) -> anyhow::Result<()> {
    let mut rng = ChaCha20Rng::seed_from_u64(SEED);
    let mut csv = format!("{}\n", COLUMNS.join(","));
    let (mut jsonl, mut sql) = (
        String::new(),
        format!("INSERT INTO cases ({}) VALUES\n", COLUMNS.join(",")),
    );
    for n in 0..records {
        let person = person(n, &mut rng);
        writeln!(csv, "{}", person.join(","))?;
        let object: serde_json::Map<_, _> = COLUMNS
            .iter()
            .zip(&person)
            .filter(|(_, value)| !value.is_empty())
            .map(|(column, value)| ((*column).to_owned(), value.as_str().into()))
            .collect();
        writeln!(jsonl, "{}", serde_json::to_string(&object)?)?;
        let quoted: Vec<String> = person
            .iter()
            .map(|value| match value.as_str() {
                "" => "NULL".to_owned(),
                value => format!("'{value}'"),
            })
            .collect();
        let comma = if n == 0 { " " } else { "," };
        writeln!(sql, "{comma}({})", quoted.join(","))?;
    }
    // Written again, as by a system that touches its rows.
    sql += "ON CONFLICT (reference) DO UPDATE SET changed_at = now();\n";
    for (name, text) in [
        ("people.csv", csv),
        ("people.jsonl", jsonl),
        ("people.sql", sql),
    ] {
        fs::write(folder.join(name), text)?;
    }
    Ok(())
}

/// Some have no phone, no postcode, or no date of birth.
fn person(n: usize, rng: &mut ChaCha20Rng) -> [String; 7] {
    let mut word = |least: usize, most: usize| {
        let length = rng.random_range(least..=most);
        let mut word = String::new();
        for _ in 0..length {
            word += SYLLABLES[rng.random_range(0..SYLLABLES.len())];
        }
        word[..1].to_uppercase() + &word[1..]
    };
    let (first, last) = (word(2, 3), word(2, 4));
    let (year, month, day) = (
        rng.random_range(1950..2006),
        rng.random_range(1..=12),
        rng.random_range(2..=28),
    );
    let some = |rng: &mut ChaCha20Rng, text: String| {
        if rng.random_range(0..10) < 8 {
            text
        } else {
            String::new()
        }
    };
    let phone = format!("07700 {:06}", rng.random_range(0..1_000_000));
    let postcode = format!("M{} {}AB", rng.random_range(1..40), rng.random_range(1..10));
    let role = ["suspect", "potential_victim", "witness"][rng.random_range(0..3)];
    [
        format!("R-{n}"),
        first,
        last,
        some(rng, format!("{year}-{month:02}-{day:02}")),
        some(rng, phone),
        some(rng, postcode),
        role.to_owned(),
    ]
}
