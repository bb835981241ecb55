//! What the tests need beyond Rust, and how it gets there.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

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

/// What some tests need and say so when they go without: a machine that cannot have it still runs the rest.
const WANTED: &[Need] = &[
    Need {
        what: "a browser (the board pack is checked for accessibility in it)",
        package: "chromium",
        is_met: || {
            ["chromium", "chromium-browser", "google-chrome"]
                .iter()
                .any(|name| run::exists(name))
        },
    },
    Need {
        what: "fonts for the browser (pictures of pages look the same everywhere)",
        package: "fonts-liberation",
        is_met: || Path::new("/usr/share/fonts/truetype/liberation").is_dir(),
    },
    Need {
        what: "poppler's tools (printed releases are opened with them)",
        package: "poppler-utils",
        is_met: || run::exists("pdftoppm") && run::exists("pdftotext"),
    },
    Need {
        what: "PostgreSQL (agencies' databases are read from a real server)",
        package: "postgresql",
        is_met: || run::exists("initdb") || has_debian_postgresql(),
    },
    Need {
        what: "npm (it brings axe-core and playwright-core)",
        package: "npm",
        is_met: || {
            run::exists("npm") || (axe().is_file() && browser().join("node_modules").is_dir())
        },
    },
];

/// Pinned, so that a new rule of axe is looked at and not met by surprise.
const AXE: &str = "axe-core@4.14.1";

/// Debian keeps a server's programs off the path, by version.
fn has_debian_postgresql() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql");
    versions
        .is_ok_and(|mut all| all.any(|v| v.is_ok_and(|v| v.path().join("bin/initdb").is_file())))
}

/// Where the packages of `tests/browser` are installed: never into the tree.
fn browser() -> PathBuf {
    run::root().join("target/browser")
}

fn axe() -> PathBuf {
    run::root().join("target/axe/node_modules/axe-core/axe.min.js")
}

/// Gets what is wanted where that is easy, and names what is missing where it is not.
pub fn wish() {
    for need in WANTED.iter().filter(|need| !(need.is_met)()) {
        let installed = is_root()
            && run::exists("apt-get")
            && run::finish(Command::new("apt-get").args(["update", "--quiet"])).is_ok()
            && run::finish(
                Command::new("apt-get")
                    .args(["install", "--yes", "--quiet", "--no-install-recommends"])
                    .arg(need.package),
            )
            .is_ok();
        if !installed {
            println!(
                "some tests will be skipped: they need {}; install with: apt-get install {}",
                need.what, need.package
            );
        }
    }
    if !run::exists("npm") {
        return;
    }
    if !has_browser_packages() && !fetch_browser_packages() {
        println!("the browser tests will be skipped: their npm packages could not be fetched");
    }
    if axe().is_file() {
        return;
    }
    let folder = run::root().join("target/axe");
    let fetched = std::fs::create_dir_all(&folder).is_ok()
        && run::finish(
            Command::new("npm")
                .args([
                    "install",
                    "--no-audit",
                    "--no-fund",
                    "--ignore-scripts",
                    "--prefix",
                ])
                .arg(&folder)
                .arg(AXE),
        )
        .is_ok();
    if !fetched {
        println!("the accessibility test will be skipped: {AXE} could not be fetched");
    }
}

/// Whether what is installed is what the lock file names now.
fn has_browser_packages() -> bool {
    let lock = |folder: std::path::PathBuf| std::fs::read(folder.join("package-lock.json")).ok();
    let named = lock(run::root().join("tests/browser"));
    browser().join("node_modules").is_dir() && named.is_some() && lock(browser()) == named
}

/// What the lock file of `tests/browser` names, and nothing else.
fn fetch_browser_packages() -> bool {
    let (from, to) = (run::root().join("tests/browser"), browser());
    let names = ["package.json", "package-lock.json", ".npmrc"];
    std::fs::create_dir_all(&to).is_ok()
        && names
            .iter()
            .all(|name| std::fs::copy(from.join(name), to.join(name)).is_ok())
        && run::finish(
            Command::new("npm")
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                .current_dir(&to),
        )
        .is_ok()
}

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
