//! Pure crates and role cores have no clock, no randomness and no sockets of their own: they are
//! what a simulator replays. Read from the source, since the standard library is always linked.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::layers::PURE;

/// (text, why, crates that may all the same).
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
    ("rand::rng()", "take `rng: &mut impl CryptoRng`", &[]),
    ("std::net", "ask a port", &[]),
    ("std::process", "ask a port", &[]),
    ("std::env::", "take it as an argument", &[]),
    // An import reads the file it is given.
    ("std::fs", "ask a port", &["node-core"]),
];

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
            problems.extend(judge(name, &shown, &text));
        }
    }
    Ok(problems)
}

fn judge(crate_name: &str, file: &str, text: &str) -> Vec<String> {
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
            if line.contains(banned) && !excepted.contains(&crate_name) {
                problems.push(format!("{file}:{} uses {banned}: {instead}", index + 1));
            }
        }
    }
    problems
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
        assert_eq!(
            judge("toprf", "src/a.rs", text),
            ["src/a.rs:2 uses Instant::now: take `now: Timestamp`"]
        );
        assert!(judge("node-core", "src/a.rs", "use std::fs::File;").is_empty());
        assert_eq!(judge("hub-core", "src/a.rs", "use std::fs::File;").len(), 1);
    }

    #[test]
    fn the_workspace_as_it_is_is_pure() {
        assert_eq!(
            super::problems(&crate::run::root()).unwrap(),
            Vec::<String>::new()
        );
    }
}
