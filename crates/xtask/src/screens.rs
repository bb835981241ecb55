//! `cargo xtask screens`: pictures of every page and state of the console, at both widths, light and dark, and one
//! sheet of small ones. They go to `target/screens`; the sheet is copied to `docs/console` by hand when it changes.

use std::{fs, process::Command};

use anyhow::Result;

use crate::{needs, run};

/// Makes them all anew.
pub fn run() -> Result<()> {
    needs::wish();
    let root = run::root();
    let folder = root.join("target/screens");
    if folder.is_dir() {
        fs::remove_dir_all(&folder)?;
    }
    let example = [
        "build",
        "--package",
        "sanctuary-console",
        "--example",
        "fake",
    ];
    run::finish(run::cargo().args(example))?;
    let scripts = root.join("tests/browser");
    for script in ["account.mjs", "disclosure.mjs", "rare.mjs", "states.mjs"] {
        let mut node = Command::new("node");
        node.arg(scripts.join(script))
            .arg(root.join("target/debug/examples/fake"))
            .env("BROWSER_MODULES", root.join("target/browser"))
            .env("SCREENS", &folder);
        if script == "states.mjs" {
            node.env("SHEET", folder.join("sheet.png"));
        }
        run::finish(&mut node)?;
    }
    println!("pictures are in {}", folder.display());
    Ok(())
}
