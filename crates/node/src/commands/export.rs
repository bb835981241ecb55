//! Files for the agency's other programs.

use std::{
    fs::{DirBuilder, File},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Args;

use super::{Failure, output::print, session::SessionFile};
use crate::{
    Config, ExportFormat, ExportRequest, ExportWhat,
    export::ExportFile,
    jobs::{Access, Answered, Job},
};

/// What is written, in which form, where to.
#[derive(Args, Clone, Debug)]
pub struct ExportArgs {
    /// What
    #[arg(value_enum)]
    what: ExportWhat,
    /// In which form
    #[arg(long, value_enum)]
    format: ExportFormat,
    /// The file, which must not exist yet; a folder for a chart as csv or i2
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Whose session.
    #[command(flatten)]
    session: SessionFile,
}

/// Writes it, after the ledger has the entry. Only this account of the machine can read the files.
///
/// # Errors
/// [`Failure`]; nothing is written over.
pub async fn export(config: &Config, args: &ExportArgs) -> Result<(), Failure> {
    if args.out.exists() {
        let problem = format!("{} exists; name a new one", args.out.display());
        return Err(Failure::BadInput(problem));
    }
    let session = args.session.read(config)?;
    let request = ExportRequest {
        what: args.what,
        format: args.format,
    };
    let mut access = Access::of(config).await?;
    let job = Job::Export { session, request };
    let files: Vec<ExportFile> = match access.perform(config, &job, |_| {}).await? {
        Answered::Done(files) => files,
        Answered::BadInput(problem) => return Err(Failure::BadInput(problem)),
    };
    write(&args.out, &files)
        .with_context(|| format!("cannot write {}", args.out.display()))
        .map_err(Failure::Failed)?;
    let rows: usize = files.iter().map(|f| f.rows).sum();
    print(&format!(
        "wrote {rows} rows to {}; they are OFFICIAL-SENSITIVE: keep them as you keep your own records and delete them after use\n",
        args.out.display()
    ))?;
    Ok(())
}

fn write(out: &Path, files: &[ExportFile]) -> io::Result<()> {
    if files.iter().any(|file| file.name.is_some()) {
        DirBuilder::new().mode(0o700).create(out)?;
    }
    for file in files {
        match &file.name {
            Some(name) => write_one(&out.join(name), &file.text)?,
            None => write_one(out, &file.text)?,
        }
    }
    Ok(())
}

fn write_one(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
