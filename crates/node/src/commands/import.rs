use std::path::{Path, PathBuf};

use sanctuary_node_core::{ImportSummary, readers::Format};
use serde::Serialize;

use super::{
    Failure, JsonTarget,
    output::{FileProgress, print, write_json},
};
use crate::{
    Config, Node,
    jobs::{Access, Answered, Job},
};

/// What to import.
pub struct ImportCommand {
    /// The mapping; without it the one of the configuration.
    pub mapping: Option<PathBuf>,
    /// The files.
    pub files: Vec<PathBuf>,
    /// Where the summaries go as JSON.
    pub json: JsonTarget,
}

#[derive(Serialize)]
struct Imported {
    file: PathBuf,
    #[serde(flatten)]
    summary: ImportSummary,
}

/// Imports files: directly when no daemon runs, else by the daemon. Records and their rejects are
/// settled when it returns; tokenising is tried at once without a daemon, and done by the daemon
/// otherwise.
///
/// # Errors
/// [`Failure`]; files before the one that failed stay imported.
pub async fn import(config: &Config, command: ImportCommand) -> Result<(), Failure> {
    let mapping = command
        .mapping
        .as_ref()
        .or(config.mapping.as_ref())
        .ok_or_else(|| {
            Failure::BadInput(
                "name a mapping file with --mapping, or in the configuration".to_owned(),
            )
        })?;
    let mapping = absolute(mapping)?;
    let files: Vec<PathBuf> = command
        .files
        .iter()
        .map(|file| absolute(file))
        .collect::<Result<_, _>>()?;
    let mut access = Access::of(config).await?;
    let mut all = Vec::new();
    for file in files {
        let summary = import_one(config, &mut access, &file, &mapping).await?;
        if command.json.is_none() {
            print(&format!("{}\n", sentence(&file, &summary)))?;
        }
        all.push(Imported { file, summary });
    }
    write_json(&command.json, &all)?;
    match access {
        Access::Direct(node) => tokenise(&node).await,
        Access::Daemon => eprintln!("the node daemon tokenises and sends the records"),
    }
    Ok(())
}

async fn import_one(
    config: &Config,
    access: &mut Access,
    file: &Path,
    mapping: &Path,
) -> Result<ImportSummary, Failure> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let is_workbook = Format::of_path(file).is_ok_and(|format| format == Format::Xlsx);
    let bytes = std::fs::metadata(file).map(|m| m.len()).ok();
    let shown = FileProgress::new(&name, bytes.filter(|_| !is_workbook));
    let job = Job::Import {
        file: file.to_owned(),
        mapping: mapping.to_owned(),
    };
    let progress = shown.clone();
    let answered = access
        .perform(config, &job, move |p| progress.show(p))
        .await;
    shown.finish();
    match answered {
        Ok(Answered::Done(summary)) => Ok(summary),
        Ok(Answered::BadInput(problem)) => Err(Failure::BadInput(format!("{name}: {problem}"))),
        Err(error) => Err(Failure::Failed(
            error.context(format!("{name} is not imported")),
        )),
    }
}

/// The records are safe whatever happens here, so a failure is told and not an error.
async fn tokenise(node: &Node) {
    match node.publish_all().await {
        Ok(report) if report.records > 0 => eprintln!(
            "tokenised {} records, {} tokens; the node daemon sends them in its next slot",
            report.records, report.tokens
        ),
        Ok(_) => {}
        Err(error) => eprintln!(
            "the records are imported but not yet tokenised: {error}; start the node daemon, which goes on with it"
        ),
    }
}

fn sentence(file: &Path, summary: &ImportSummary) -> String {
    let mut text = format!(
        "{}: {} rows, {} records take part ({} new, {} changed, {} unchanged)",
        file.display(),
        summary.rows,
        summary.accepted,
        summary.new,
        summary.changed,
        summary.unchanged
    );
    if summary.notify_only > 0 {
        text.push_str(&format!(
            ", {} known only from Duty to Notify reports (counted, never tokenised)",
            summary.notify_only
        ));
    }
    if let Some(rejects) = &summary.rejects_file {
        text.push_str(&format!(
            ", {} rows with errors of which {} were not imported: see {}",
            summary.rejected,
            summary.not_imported,
            rejects.display()
        ));
    }
    text
}

/// The daemon may run in another folder.
fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::fs::canonicalize(path)
        .map_err(|error| Failure::BadInput(format!("cannot read {}: {error}", path.display())))
}
