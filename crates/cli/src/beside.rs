use std::{ffi::OsString, process::Command};

use clap::Args;

use crate::Failure;

/// Words handed on unchanged.
#[derive(Args, Debug)]
pub(crate) struct Passed {
    /// Options and files for `sanctuary-node`; see `sanctuary-node --help`
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "ARGS"
    )]
    words: Vec<OsString>,
}

/// Starts `sanctuary-node VERB WORDS...` from the directory of this program: only the node may see
/// the agency's records, so only the node reads them.
pub(crate) fn start_node(verb: &str, passed: &Passed) -> Result<(), Failure> {
    let beside = std::env::current_exe()
        .ok()
        .and_then(|own| Some(own.parent()?.join("sanctuary-node")))
        .filter(|path| path.exists())
        .ok_or_else(|| {
            Failure::failed(
                "sanctuary-node is not installed beside this program; run this on the node's machine",
            )
        })?;
    let status = Command::new(beside)
        .arg(verb)
        .args(&passed.words)
        .status()
        .map_err(|_| Failure::failed("sanctuary-node cannot be started; check its file mode"))?;
    match status.code() {
        Some(0) => Ok(()),
        Some(2) => Err(Failure::usage(
            "sanctuary-node refused the input, see above",
        )),
        _ => Err(Failure::failed("sanctuary-node failed, see above")),
    }
}
