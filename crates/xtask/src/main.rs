//! `cargo xtask`: what a contributor and continuous integration run.
//!
//! Owns: the checks that make the architecture a build fact (layers, dependency policy, file
//! sizes) and the test run. Must never: be linked by a program.

mod check;
mod files;
mod layers;
mod metadata;
mod needs;
mod policy;
mod purity;
mod run;
mod screens;
mod spdx;
mod test;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask check [STEP...]   every check, or only: fmt files layers purity dependencies clippy docs
cargo xtask test [ARGS...]    installs what the tests need, or names it, then runs all tests;
                              ARGS go to the test runner
cargo xtask screens           pictures of every page of the console into target/screens

examples
  cargo xtask check
  cargo xtask check layers
  cargo xtask test -E 'package(sanctuary-hub)'";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rest = args.get(1..).unwrap_or_default();
    if args.iter().take(2).any(|a| a == "--help" || a == "-h") {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let done = match args.first().map(String::as_str) {
        Some("check") => match check::Step::chosen(rest) {
            Ok(steps) => check::run(&steps),
            Err(unknown) => return bad_usage(&format!("there is no step \"{unknown}\"")),
        },
        Some("test") => test::run(rest),
        Some("screens") => screens::run(),
        Some(other) => return bad_usage(&format!("there is no task \"{other}\"")),
        None => return bad_usage("say which task to run"),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn bad_usage(what: &str) -> ExitCode {
    eprintln!("error: {what}\n\n{HELP}");
    ExitCode::from(2)
}
