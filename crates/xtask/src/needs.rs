//! What the tests need beyond Rust, and how it gets there.

use std::process::Command;

use anyhow::{Result, bail};

use crate::run;

/// One thing the tests cannot do without.
struct Need {
    /// In a sentence: "the tests need ...".
    what: &'static str,
    /// Debian package that brings it.
    package: &'static str,
    /// Whether it is there.
    is_met: fn() -> bool,
}

const NEEDS: &[Need] = &[Need {
    what: "a C compiler (ring is partly C and assembler)",
    package: "gcc",
    is_met: || run::exists("cc") || run::exists("gcc") || run::exists("clang"),
}];

/// Installs what is missing when we are root on Debian, and otherwise says what to install.
pub fn meet() -> Result<()> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.is_met)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let list: Vec<&str> = missing.iter().map(|need| need.what).collect();
    if !(is_root() && run::exists("apt-get")) {
        bail!(
            "the tests need {}; install with: apt-get install {}",
            list.join(" and "),
            packages.join(" ")
        );
    }
    println!("installing {} for the tests", packages.join(" "));
    run::finish(Command::new("apt-get").args(["update", "--quiet"]))?;
    let install = ["install", "--yes", "--quiet", "--no-install-recommends"];
    run::finish(Command::new("apt-get").args(install).args(&packages))
}

fn is_root() -> bool {
    run::output(Command::new("id").arg("-u")).is_ok_and(|uid| uid.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::NEEDS;

    #[test]
    fn what_built_this_test_is_met() {
        // This very binary was linked by the C compiler that the list asks for.
        assert!(
            NEEDS
                .iter()
                .filter(|n| n.package == "gcc")
                .all(|n| (n.is_met)())
        );
    }
}
