//! The partnership's log as this agency sees it: where it stands, who vouches for it, and for those who may, what
//! this node logged and the proof of each entry.

use minijinja::{Value, context, value::Serde};
use sanctuary_policy::Action;

use super::people::People;
use crate::{LogAct, LogProof, Page, Problem, Progress, Reply, Visit, words::thousands};

/// Acts shown at a time: the newest.
const ACTS: usize = 100;
/// A checkpoint is signed every few minutes; one older than this is told.
const STALE_MS: u64 = 30 * 60_000;

/// Where the log stands.
///
/// # Errors
/// [`Problem`].
pub fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let by = visit.actor()?;
    let state = visit.oversight()?.log(by)?;
    let acts = if visit.may(Action::ReadLedger) {
        let acts = visit.oversight()?.log_acts(by, ACTS)?;
        Some(acts.iter().map(|a| line(a, visit)).collect::<Vec<_>>())
    } else {
        None
    };
    let stale = state
        .checkpoint
        .is_some_and(|at| visit.now.0.saturating_sub(at.0) > STALE_MS);
    Ok(Page::new(
        "ledger.html",
        context! {
            entries => thousands(state.entries),
            checkpoint => state.checkpoint.map(|at| at.0),
            stale => stale,
            witnesses => Serde(names(&state.witnesses, visit)),
            witnesses_needed => state.witnesses_needed,
            waiting => state.waiting,
            unproven => state.unproven,
            refused => state.refused,
            alarm => state.alarm,
            acts => acts.map(Value::from_iter),
        },
    )
    .into())
}

/// One entry with its proof.
///
/// # Errors
/// [`Problem`].
pub fn entry(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let by = visit.actor()?;
    let id: String = visit.part("entry")?;
    if id.len() > 128 || !id.chars().all(|c| c.is_ascii_hexdigit()) {
        return Err(Problem::NotFound);
    }
    let proof = visit.oversight()?.log_act(by, &id)?;
    let LogProof {
        act,
        size,
        root,
        path,
        witnesses,
        receipt,
    } = proof;
    Ok(Page::new(
        "ledger-entry.html",
        context! {
            act => line(&act, visit),
            size => size.map(thousands),
            root => root,
            path => Serde(path),
            witnesses => Serde(names(&witnesses, visit)),
            receipt => receipt,
        },
    )
    .into())
}

fn names(parties: &[sanctuary_types::PartyId], visit: &Visit<'_>) -> Vec<String> {
    let name = |party| visit.house.name_of(party).to_owned();
    parties.iter().map(name).collect()
}

fn line(act: &LogAct, visit: &Visit<'_>) -> Value {
    let (progress, colour) = match act.progress {
        Progress::Waiting => ("Waiting to be sent", "yellow"),
        Progress::Promised => ("Promised by the hub", "blue"),
        Progress::Proven => ("Proven", "green"),
        Progress::Refused => ("Not taken by the hub", "red"),
    };
    let people = People::new(visit);
    context! {
        id => &act.id,
        what => words(&act.kind),
        by => act.by.as_ref().map(|by| people.name_and_role(by)),
        at => act.at.0,
        concerned => names(&act.concerned, visit).join(", "),
        progress => progress,
        colour => colour,
        index => act.index.map(thousands),
    }
}

/// What a kind of entry is, for people.
fn words(kind: &str) -> String {
    let text = match kind {
        "collect" => "Records taken in",
        "alter" => "Something changed",
        "consult" => "Something read",
        "disclose" => "Something told to another agency",
        "combine" => "Records compared",
        "erase" => "Something erased",
        "roster" => "Members of the partnership",
        "manifest" => "Keys of the key holders",
        "agreement" => "Sharing agreement",
        "ceremony" => "Key ceremony",
        "evaluate" => "Tokens made",
        "match-raised" => "Possible match raised",
        "decision" => "Possible match decided",
        "request" => "Request",
        "approval" => "Approval",
        "refusal" => "Refusal",
        "release" => "Release",
        "recall" => "Recall",
        "log-query" => "Log read",
        "configuration" => "People, roles and settings",
        other => return crate::pages::capital(&other.replace('-', " ")),
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_in_words() {
        assert_eq!(words("match-raised"), "Possible match raised");
        assert_eq!(words("some-later-kind"), "Some later kind");
    }
}
