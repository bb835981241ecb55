use sanctuary_ledger::ActorRole;

use super::{
    Failure, JsonTarget,
    output::{print, write_json},
};
use crate::{
    Config, LoggedAct, Progress,
    jobs::{Access, Answered, Job},
};

/// Shows what this node logged, newest first, and how far each act has come; or one act with what it
/// was about and its receipt. JSON has the receipts, for `sanctuary audit verify --receipts`.
///
/// # Errors
/// [`Failure`].
pub async fn receipts(
    config: &Config,
    id: Option<String>,
    json: &JsonTarget,
) -> Result<(), Failure> {
    let mut access = Access::of(config).await?;
    let one = id.is_some();
    let job = Job::Receipts { id };
    let acts: Vec<LoggedAct> = match access.perform(config, &job, |_| {}).await? {
        Answered::Done(acts) => acts,
        Answered::BadInput(problem) => return Err(Failure::BadInput(problem)),
    };
    if one && acts.is_empty() {
        return Err(Failure::BadInput(
            "this node has logged no act of this id; list them with `sanctuary-node receipts`"
                .to_owned(),
        ));
    }
    if write_json(json, &acts)? {
        return Ok(());
    }
    if acts.is_empty() {
        print("nothing logged so far\n")?;
    }
    let mut text = String::new();
    for act in &acts {
        text.push_str(&line(act));
        text.push('\n');
        if one {
            text.push_str(&details(act));
        }
    }
    Ok(print(&text)?)
}

fn line(act: &LoggedAct) -> String {
    let progress = match act.progress {
        Progress::Waiting => "waits for the hub",
        Progress::Promised => "promised",
        Progress::Proven => "proven",
        Progress::Refused => "not taken",
    };
    let (year, month, day) = act.time.date();
    let seconds = act.time.0 / 1_000 % 86_400;
    let place = act.index.map(|index| format!(" entry {index}"));
    let role = ActorRole::of_code(act.role).map_or_else(|_| String::new(), |r| format!("{r:?}"));
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}  {}  {:<13} {:<22} {progress}{}{}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60,
        act.id,
        act.kind,
        role,
        place.unwrap_or_default(),
        act.reason
            .as_ref()
            .map(|reason| format!(": {reason}"))
            .unwrap_or_default()
    )
}

fn details(act: &LoggedAct) -> String {
    let content = act.content.as_deref().unwrap_or("erased");
    let receipt = match &act.receipt {
        Some(receipt) => serde_json::to_string_pretty(receipt).unwrap_or_default(),
        None => "not yet: the log has to be cosigned first; try again in a minute".to_owned(),
    };
    format!("about: {content}\nreceipt: {receipt}\n")
}
