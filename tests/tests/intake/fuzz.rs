//! Python programs in an environment of their own under target/.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

use anyhow::{Context as _, ensure};
use sanctuary_tests::Said;

/// One test at a time makes the environment.
static MAKING: Mutex<()> = Mutex::new(());

/// The interpreter of an environment that has a package; `None`, said loudly, where none can be made.
pub fn python(package: &str) -> anyhow::Result<Option<PathBuf>> {
    let _one = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(3).context("tests run from target/")?;
    let place = target.join("python-intake");
    let python = place.join("bin/python");
    let has = |package: &str| {
        let import = format!("import {package}");
        let asked = Command::new(&python).args(["-c", &import]).output();
        asked.is_ok_and(|output| output.status.success())
    };
    if has(package) {
        return Ok(Some(python));
    }
    let made = Command::new("python3")
        .args(["-m", "venv"])
        .arg(&place)
        .output();
    let installed = made.is_ok_and(|output| output.status.success())
        && Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "httpx", "schemathesis"])
            .output()
            .is_ok_and(|output| output.status.success());
    if installed && has(package) {
        return Ok(Some(python));
    }
    eprintln!(
        "SKIPPED: no Python environment with {package} can be made here (python3, venv, pip, network)"
    );
    Ok(None)
}

/// Runs every check; fails when one does.
pub fn schemathesis(python: &Path, document: &str, key: &str) -> anyhow::Result<()> {
    let program = python.with_file_name("schemathesis");
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/intake/");
    let output = Command::new(program)
        .args(["--config-file", &format!("{own}schemathesis.toml")])
        .args(["run", document, "--max-examples", "60"])
        .args(["--seed", "6", "--no-color", "--request-timeout", "20"])
        .args(["-H", &format!("Authorization: Bearer {key}")])
        .env("PYTHONPATH", own)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        // What it remembers between runs belongs under target/.
        .current_dir(python.ancestors().nth(2).unwrap_or(Path::new(".")))
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .output()?;
    let said = Said::from(output);
    println!("{}", said.out);
    ensure!(said.code == Some(0), "{}{}", said.out, said.err);
    Ok(())
}
