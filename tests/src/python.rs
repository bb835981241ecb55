use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;

/// The interpreter of an environment of its own under target/ that can import `module`, made from `packages`
/// where it is not there yet; `None`, said loudly, where it cannot be made.
///
/// # Errors
/// When the tests do not run from target/.
pub fn python(module: &str, packages: &[&str]) -> anyhow::Result<Option<PathBuf>> {
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(3).context("tests run from target/")?;
    // One test at a time makes it, and each is a process of its own.
    let lock = File::create(target.join("python-tests.lock"))?;
    lock.lock()?;
    let place = target.join("python-tests");
    let python = place.join("bin/python");
    if imports(&python, module) {
        return Ok(Some(python));
    }
    let mut make = Command::new("python3");
    make.args(["-m", "venv"]).arg(&place);
    let mut install = Command::new(&python);
    install
        .args(["-m", "pip", "install", "--quiet"])
        .args(packages);
    let done = |mut command: Command| command.output().is_ok_and(|o| o.status.success());
    if (python.is_file() || done(make)) && done(install) && imports(&python, module) {
        return Ok(Some(python));
    }
    eprintln!(
        "SKIPPED: no Python environment with {module} can be made here (python3, venv, pip, network)"
    );
    Ok(None)
}

fn imports(python: &Path, module: &str) -> bool {
    let asked = Command::new(python)
        .args(["-c", &format!("import {module}")])
        .output();
    asked.is_ok_and(|output| output.status.success())
}
