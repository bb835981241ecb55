use std::collections::{BTreeMap, BTreeSet};

use super::{culture::Culture, *};

fn small(seed: u64, profile: Profile) -> Partnership {
    generate(&Options {
        people: 600,
        agencies: 5,
        seed,
        profile,
    })
    .unwrap()
}

fn rows(csv: &[u8]) -> Vec<BTreeMap<String, String>> {
    let text = csv.strip_prefix("\u{feff}".as_bytes()).unwrap_or(csv);
    let mut reader = csv::Reader::from_reader(text);
    let header = reader.headers().unwrap().clone();
    let row = |r: csv::Result<csv::StringRecord>| {
        header
            .iter()
            .map(str::to_owned)
            .zip(r.unwrap().iter().map(str::to_owned))
            .collect()
    };
    reader.records().map(row).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let written: Vec<_> = dirs
        .iter()
        .map(|dir| small(7, Profile::Durham).write(dir.path()).unwrap())
        .collect();
    assert_eq!(written[0].len(), 5 * 2 + 2);
    for (a, b) in written[0].iter().zip(&written[1]) {
        assert_eq!(a.file_name(), b.file_name());
        assert_eq!(fs::read(a).unwrap(), fs::read(b).unwrap(), "{a:?}");
    }
    assert_ne!(
        small(8, Profile::Durham).agencies[0].csv,
        small(7, Profile::Durham).agencies[0].csv
    );
}

#[test]
fn the_truth_speaks_of_every_record_once() {
    let made = small(3, Profile::Hard);
    let people: BTreeSet<String> = rows(&made.people_csv)
        .into_iter()
        .map(|mut row| row.remove("person_id").unwrap())
        .collect();
    assert_eq!(people.len(), 600);
    for agency in &made.agencies {
        let column = agency.kind.style().header[0];
        let in_file: BTreeSet<String> = rows(&agency.csv)
            .into_iter()
            .map(|mut row| row.remove(column).unwrap())
            .collect();
        let in_truth: BTreeSet<String> = agency.truth.iter().map(|(id, _)| id.clone()).collect();
        assert_eq!(in_file, in_truth);
        assert_eq!(
            agency.truth.len(),
            in_truth.len(),
            "a reference stands twice"
        );
        assert!(
            agency
                .truth
                .iter()
                .all(|(_, person)| people.contains(person))
        );
    }
}

#[test]
fn everybody_is_known_to_one_to_four_agencies() {
    let made = generate(&Options {
        people: 4_000,
        agencies: 4,
        seed: 1,
        profile: Profile::Durham,
    })
    .unwrap();
    let mut known: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for agency in &made.agencies {
        for (_, person) in &agency.truth {
            known.entry(person).or_default().insert(&agency.name);
        }
    }
    assert_eq!(known.len(), 4_000);
    let mean = known.values().map(BTreeSet::len).sum::<usize>() as f64 / 4_000.0;
    assert!((1.5..1.7).contains(&mean), "{mean}");
}

#[test]
fn every_telephone_number_is_kept_for_drama() {
    let made = small(5, Profile::Hard);
    let mut seen = 0;
    for agency in &made.agencies {
        for row in rows(&agency.csv) {
            for column in [
                "Mobile",
                "Other Tel",
                "MobileTelephone",
                "HomeTelephone",
                "contact_number",
                "Phone numbers",
            ] {
                let cell = row.get(column).map(String::as_str).unwrap_or_default();
                for number in cell.split(';').map(str::trim).filter(|n| !n.is_empty()) {
                    let digits: String = number
                        .replace("+44", "0")
                        .chars()
                        .filter(char::is_ascii_digit)
                        .collect();
                    // A misread digit may stand anywhere after the third.
                    assert!(is_drama(&digits) || off_by_one(&digits), "{digits}");
                    seen += 1;
                }
            }
            for cell in row.values().filter(|cell| cell.contains('@')) {
                assert!(cell.ends_with(".example"), "{cell}");
            }
        }
    }
    assert!(seen > 300, "{seen}");
}

fn is_drama(digits: &str) -> bool {
    const RANGES: [&str; 15] = [
        "07700900", "01914980", "01134960", "01144960", "01154960", "01164960", "01174960",
        "01184960", "01214960", "01314960", "01414960", "01514960", "01614960", "02079460",
        "02920180",
    ];
    digits.len() == 11 && RANGES.iter().any(|range| digits.starts_with(range))
}

fn off_by_one(digits: &str) -> bool {
    (3..digits.len()).any(|at| {
        (b'0'..=b'9').any(|digit| {
            let mut bytes = digits.as_bytes().to_vec();
            bytes[at] = digit;
            is_drama(std::str::from_utf8(&bytes).unwrap())
        })
    })
}

#[test]
fn the_files_hold_the_stories_they_promise() {
    let made = generate(&Options {
        people: 2_000,
        agencies: 4,
        seed: 2,
        profile: Profile::Durham,
    })
    .unwrap();
    let police = rows(&made.agencies[0].csv);
    let charity = rows(&made.agencies[3].csv);
    assert!(
        police.iter().any(|r| r["DTN Only"] == "Y"),
        "no Duty to Notify record"
    );
    assert!(
        police
            .iter()
            .filter(|r| r["DOB"].starts_with("01/01/"))
            .count()
            > 20,
        "no estimated dates"
    );
    assert!(
        charity.iter().any(|r| r["Also known as"].contains("; ")),
        "no two aliases in a cell"
    );
    // A victim of the charity and a suspect of the police with one telephone number.
    let numbers: BTreeSet<&str> = police
        .iter()
        .filter(|r| r["Nominal Type"] == "suspect")
        .map(|r| r["Mobile"].as_str())
        .collect();
    let shared = charity.iter().filter(|r| {
        let cell = r["Phone numbers"].replace("+44 ", "0").replace(' ', "");
        cell.split(';')
            .any(|n| !n.is_empty() && numbers.contains(n))
    });
    assert!(shared.count() > 10, "too few shared telephones");
    // The same person: a victim at the charity, a suspect at the police.
    let suspects: BTreeSet<&String> = made.agencies[0]
        .truth
        .iter()
        .zip(&police)
        .filter(|(_, row)| row["Nominal Type"] == "suspect")
        .map(|((_, person), _)| person)
        .collect();
    let both = made.agencies[3]
        .truth
        .iter()
        .zip(&charity)
        .filter(|((_, person), row)| {
            row["How we know them"].contains("victim") && suspects.contains(person)
        });
    assert!(both.count() > 3, "nobody is victim here and suspect there");
}

#[test]
fn numbers_out_of_range_are_refused() {
    let bad = Options {
        people: 0,
        agencies: 4,
        seed: 1,
        profile: Profile::Clean,
    };
    assert!(generate(&bad).is_err());
}

#[test]
fn hard_names_are_spelt_by_public_lists_and_every_culture_is_there() {
    let made = small(4, Profile::Hard);
    let all = made
        .spellings
        .values()
        .fold(Sources::default(), |mut sum, sources| {
            sum += *sources;
            sum
        });
    assert!(all.total() > 200, "{all:?}");
    let public = all.public_list + all.public_habit;
    assert!(
        public * 2 > all.total(),
        "mostly our own spellings: {all:?}"
    );
    let mut people: BTreeMap<String, usize> = BTreeMap::new();
    for mut row in rows(&made.people_csv) {
        *people.entry(row.remove("culture").unwrap()).or_default() += 1;
    }
    for culture in Culture::ALL {
        assert!(people[culture.code()] > 20, "{people:?}");
        assert!(made.spellings.contains_key(culture.code()), "{culture:?}");
    }
    let durham = small(4, Profile::Durham);
    assert!(
        durham
            .spellings
            .values()
            .all(|s| s.public_list + s.public_habit == 0)
    );
}
