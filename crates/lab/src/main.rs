//! `cargo lab`: the command line of [`sanctuary_lab`].

mod command;

use std::process::ExitCode;

fn main() -> ExitCode {
    command::run()
}
