//! `cargo xtask test`: needs, programs, examples in the documentation, then every test; the
//! runner's own closing lines come last.

use anyhow::Result;

use crate::{needs, run};

/// Runs all tests; `args` go to the test runner.
pub fn run(args: &[String]) -> Result<()> {
    needs::meet()?;
    needs::wish();
    // Whole-system tests start the real programs.
    run::finish(run::cargo().args(["build", "--workspace", "--bins"]))?;
    if run::exists("cargo-nextest") {
        if args.is_empty() {
            // nextest runs no examples in documentation.
            run::finish(run::cargo().args(["test", "--workspace", "--doc", "--quiet"]))?;
        }
        let nextest = ["nextest", "run", "--workspace", "--no-fail-fast"];
        return run::finish(run::cargo().args(nextest).args(args));
    }
    run::finish(
        run::cargo()
            .args(["test", "--workspace", "--no-fail-fast"])
            .args(args),
    )
}
