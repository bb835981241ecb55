//! Makes `data/name_codes.tsv` again from the name distributions of the 1990 United States census
//! (see `data/README.md`).
//!
//! ```text
//! cargo run -p sanctuary-normalize --example name_codes -- dist.all.last dist.male.first dist.female.first > name_codes.tsv
//! ```

use std::{collections::BTreeMap, env, fs, io, process::ExitCode};

use sanctuary_normalize::{name_code, name_words, root_name};

/// Codes below this share are left to the floor that the library assumes.
const PER_MILLION_MIN: f64 = 20.0;

fn main() -> ExitCode {
    let paths: Vec<String> = env::args().skip(1).collect();
    let [surnames, men, women] = paths.as_slice() else {
        eprintln!("give three files: surnames, male forenames, female forenames");
        return ExitCode::from(2);
    };
    match table(&[(surnames, 1.0), (men, 0.5), (women, 0.5)]) {
        Ok(table) => {
            for (code, share) in table {
                println!("{code}\t{share:.0}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("a file could not be read: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Share per million of each code, the files weighted and added.
fn table(files: &[(&String, f64)]) -> io::Result<BTreeMap<String, f64>> {
    let mut shares: BTreeMap<String, f64> = BTreeMap::new();
    for (path, weight) in files {
        for line in fs::read_to_string(path)?.lines() {
            let mut columns = line.split_whitespace();
            let (Some(name), Some(Ok(percent))) =
                (columns.next(), columns.next().map(str::parse::<f64>))
            else {
                continue;
            };
            for word in name_words(name) {
                *shares.entry(name_code(root_name(&word))).or_default() += weight * percent * 1e4;
            }
        }
    }
    shares.retain(|_, share| *share >= PER_MILLION_MIN);
    Ok(shares)
}
