//! A fuzzer that reads the OpenAPI document.

use std::{path::Path, process::Command};

use anyhow::ensure;
use sanctuary_tests::Said;

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
