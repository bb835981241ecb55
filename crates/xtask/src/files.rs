//! Rules about files as text: size, unfinished work, and paths of somebody's machine.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// Lines of one Rust file.
const LINES_MAX: usize = 500;
/// Written so that this file does not name them itself.
const UNFINISHED: [&str; 2] = [concat!("todo", "!("), concat!("unimplemented", "!(")];
const MACHINE_PATHS: [&str; 4] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/tm", "p/"),
    concat!("/ho", "me/"),
];
const SKIPPED: [&str; 5] = [".git", ".venv", "target", "out", "node_modules"];
/// Bytes beyond which a file is data, not text to read.
const TEXT_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Every file under `root` that breaks a rule, with its line.
pub fn problems(root: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    collect(root, &mut files)?;
    files.sort();
    let mut problems = Vec::new();
    for path in files {
        if fs::metadata(&path)?.len() > TEXT_BYTES_MAX {
            continue;
        }
        // Not text: nothing to read.
        let Ok(text) = String::from_utf8(fs::read(&path)?) else {
            continue;
        };
        let name = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string();
        problems.extend(judge(&name, &text));
    }
    Ok(problems)
}

fn judge(name: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let is_rust = name.ends_with(".rs");
    let lines = text.lines().count();
    if is_rust && lines > LINES_MAX {
        problems.push(format!(
            "{name} has {lines} lines: split it, {LINES_MAX} is the most"
        ));
    }
    for (number, line) in text.lines().enumerate().map(|(i, line)| (i + 1, line)) {
        if is_rust && UNFINISHED.iter().any(|word| line.contains(word)) {
            problems.push(format!("{name}:{number} is unfinished"));
        }
        if MACHINE_PATHS.iter().any(|path| names_path(line, path)) {
            problems.push(format!("{name}:{number} names a path of one machine"));
        }
    }
    problems
}

/// Whether `line` has `path` as the start of an absolute path, not inside a longer one or a URL.
fn names_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-/*}>)~".contains(c))
    })
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(dir).with_context(|| format!("could not list {}", dir.display()))?;
    for entry in entries {
        let entry = entry?;
        let kind = entry.file_type()?;
        let skipped = SKIPPED.iter().any(|name| entry.file_name() == *name);
        if kind.is_dir() && !skipped {
            collect(&entry.path(), files)?;
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_unfinished_and_local_files_are_named() {
        let long = "//\n".repeat(LINES_MAX + 1);
        assert_eq!(judge("a.rs", &long).len(), 1);
        assert!(judge("a.md", &long).is_empty());
        assert_eq!(
            judge("a.rs", &format!("fn f() {{ {}) }}", UNFINISHED[0])).len(),
            1
        );
        let local = format!("see {}main", MACHINE_PATHS[0]);
        assert_eq!(
            judge("a.md", &local),
            ["a.md:1 names a path of one machine"]
        );
        assert!(judge("a.md", &format!("see docs{}x", MACHINE_PATHS[0])).is_empty());
    }

    #[test]
    fn the_workspace_as_it_is_keeps_the_rules() {
        assert_eq!(problems(&crate::run::root()).unwrap(), Vec::<String>::new());
    }
}
