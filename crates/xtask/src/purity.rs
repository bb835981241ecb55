//! Pure crates and role cores have no clock, no randomness and no sockets of their own: they are
//! what a simulator replays. Read from the source, since the standard library is always linked.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::layers::PURE;

/// (path or its end, what to do instead, folders that may all the same).
const BANNED: &[(&str, &str, &[&str])] = &[
    ("SystemTime::now", "take `now: Timestamp`", &[]),
    ("Instant::now", "take `now: Timestamp`", &[]),
    (
        "thread::sleep",
        "return an effect and let the program wait",
        &[],
    ),
    ("OsRng", "take `rng: &mut impl CryptoRng`", &[]),
    ("SysRng", "take `rng: &mut impl CryptoRng`", &[]),
    ("rand::rng", "take `rng: &mut impl CryptoRng`", &[]),
    ("TcpListener", "ask a port", &[]),
    ("TcpStream", "ask a port", &[]),
    ("UdpSocket", "ask a port", &[]),
    ("process::", "ask a port", &[KEY_FILES]),
    ("env::", "take it as an argument", &[]),
    ("fs::", "ask a port", &[KEY_FILES, IMPORT, READERS]),
    ("File::", "ask a port", &[KEY_FILES, IMPORT, READERS]),
];
/// Writes key files so that a crash or a curious neighbour gets nothing.
const KEY_FILES: &str = "crates/trust/src/files/";
/// An import reads the file it is given and writes the rejects beside it.
const IMPORT: &str = "crates/node-core/src/import/";
const READERS: &str = "crates/node-core/src/readers/";

/// Every line of product code in a pure crate that reaches for the outside.
pub fn problems(root: &Path) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for name in PURE {
        let mut files = Vec::new();
        sources(&root.join("crates").join(name).join("src"), &mut files)?;
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file)?;
            let shown = file
                .strip_prefix(root)
                .unwrap_or(&file)
                .display()
                .to_string();
            problems.extend(judge(&shown, &text));
        }
    }
    Ok(problems)
}

fn judge(file: &str, text: &str) -> Vec<String> {
    if file.ends_with("tests.rs") || file.contains("/tests/") {
        return Vec::new();
    }
    let product = text
        .lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"));
    let code = product
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"));
    let mut problems = Vec::new();
    for (index, line) in code {
        for (banned, instead, excepted) in BANNED {
            let may = excepted.iter().any(|folder| file.starts_with(folder));
            if !may && has_path(line, banned) {
                problems.push(format!("{file}:{} uses {banned}: {instead}", index + 1));
            }
        }
    }
    problems
}

/// Whether `line` has `path` from the start of a word: `fs::` but not `prefs::`.
fn has_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

fn sources(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn a_clock_in_a_pure_crate_is_found_and_one_in_its_tests_is_not() {
        let text =
            "fn f() {\n  Instant::now();\n}\n#[cfg(test)]\nmod tests { use std::env::args; }";
        let found = "crates/toprf/src/a.rs:2 uses Instant::now: take `now: Timestamp`";
        assert_eq!(judge("crates/toprf/src/a.rs", text), [found]);
    }

    #[test]
    fn files_are_touched_only_where_that_is_the_job() {
        let reading = "use std::{fs, io};\nfn f() { fs::read(\"x\") }";
        assert!(judge("crates/node-core/src/readers/mod.rs", reading).is_empty());
        assert_eq!(judge("crates/hub-core/src/a.rs", reading).len(), 1);
        assert!(judge("crates/hub-core/src/a.rs", "let x = prefs::of(y);").is_empty());
    }

    #[test]
    fn the_workspace_as_it_is_is_pure() {
        assert_eq!(
            super::problems(&crate::run::root()).unwrap(),
            Vec::<String>::new()
        );
    }
}
