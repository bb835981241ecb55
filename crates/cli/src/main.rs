//! `sanctuary`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    sanctuary_cli::main()
}
