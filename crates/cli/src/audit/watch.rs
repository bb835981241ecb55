use std::time::{Duration, Instant};

use sanctuary_ledger::{
    BrokenPromise, ClientView, Digest, InclusionProof, Promise, Refused, Seen, Watch,
};
use sanctuary_rpc::now;
use sanctuary_trust::files::{read_limited, write_public};
use sanctuary_types::Timestamp;
use serde_json::{Value, json};

use super::{Trusted, WatchArgs, fetch::Remote, read_receipts};
use crate::{
    Failure,
    output::{Output, utc},
};

const NOTE_BYTES_MAX: u64 = 64 * 1024;

/// Follows the log until the time is over, Ctrl-C, or an alarm that proves tampering.
pub(super) async fn run(args: &WatchArgs, output: &Output) -> Result<(), Failure> {
    let trusted = args.place.trusted()?;
    let mut watch = Watch::new(resume(args, &trusted)?);
    let (promises, _) = read_receipts(&args.receipts, &trusted)?;
    promises.into_iter().for_each(|p| watch.expect(p));
    let started = Instant::now();
    let mut still = Stillness::default();
    loop {
        match look(args, &mut watch).await {
            Ok(events) => {
                for event in events {
                    output.result(&event.text, &event.json)?;
                    if event.is_alarm {
                        return Err(Failure::failed(event.text));
                    }
                }
            }
            Err(failure) => output.result(
                &format!("{}: {failure}", utc(now())),
                &json!({ "event": "unanswered", "text": failure.to_string() }),
            )?,
        }
        still.judge(&watch, now(), output)?;
        let over = args
            .seconds
            .is_some_and(|s| started.elapsed().as_secs() >= s);
        if over {
            return still.end();
        }
        tokio::time::sleep(Duration::from_secs(args.every.max(1))).await;
    }
}

fn resume(args: &WatchArgs, trusted: &Trusted) -> Result<ClientView, Failure> {
    let quorum = trusted.quorum.clone();
    match &args.state {
        Some(file) if file.exists() => {
            let note = read_limited(file, NOTE_BYTES_MAX)?;
            ClientView::resume(quorum, &note)
                .map_err(|refused| Failure::usage(format!("{}: {refused}", file.display())))
        }
        _ => Ok(ClientView::new(quorum)),
    }
}

/// Something to tell.
struct Event {
    is_alarm: bool,
    text: String,
    json: Value,
}

impl Event {
    fn news(text: String, json: Value) -> Self {
        Self {
            is_alarm: false,
            text,
            json,
        }
    }

    fn alarm(word: &str, text: &str, evidence: Option<Value>) -> Self {
        Self {
            is_alarm: true,
            text: format!("{} ALARM: {text}", utc(now())),
            json: json!({ "event": "alarm", "alarm": word, "text": text, "evidence": evidence }),
        }
    }
}

async fn look(args: &WatchArgs, watch: &mut Watch) -> Result<Vec<Event>, Failure> {
    let remote = Remote::connect(&args.place).await?;
    let seen = watch.view().last().map_or(0, |c| c.size());
    let (note, proof) = remote.checkpoint(seen).await?;
    let mut events = Vec::new();
    match watch.offer(&note, Some(&proof), now()) {
        Ok(what) => {
            if let Some(file) = &args.state {
                write_public(file, &note)?;
            }
            events.extend(news(what));
        }
        Err(refused) => {
            events.extend(alarm_of(&refused));
            if events.is_empty() {
                return Err(Failure::failed(refused.to_string()));
            }
            return Ok(events);
        }
    }
    events.extend(watch.broken().iter().map(broken));
    let waiting: Vec<Promise> = watch.to_prove().cloned().collect();
    for promise in waiting {
        if let Some(event) = settle(&remote, watch, &promise).await? {
            events.push(event);
        }
    }
    Ok(events)
}

async fn settle(
    remote: &Remote,
    watch: &mut Watch,
    promise: &Promise,
) -> Result<Option<Event>, Failure> {
    let Some(accepted) = watch.view().last().cloned() else {
        return Ok(None);
    };
    let (index, size) = (promise.index, accepted.size());
    let (hashes, leaf, _): (Vec<Digest>, Digest, _) = remote.prove(index, size).await?;
    let proof = InclusionProof {
        index,
        size,
        hashes,
    };
    if let Some(evidence) = promise.replaced_in(&accepted, leaf, proof.clone()) {
        return Ok(Some(broken(&evidence)));
    }
    match promise.clone().keep(proof, &accepted) {
        Ok(_) => {
            watch.kept(promise);
            Ok(None)
        }
        Err(error) => Err(Failure::failed(error.to_string())),
    }
}

fn news(seen: Seen) -> Option<Event> {
    let time = utc(now());
    match seen {
        Seen::First { size } => Some(Event::news(
            format!("{time} the log has {size} entries"),
            json!({ "event": "first", "entries": size }),
        )),
        Seen::Grew { from, to } => Some(Event::news(
            format!("{time} the log grew from {from} to {to} entries, provably"),
            json!({ "event": "grew", "from": from, "to": to }),
        )),
        Seen::Unchanged => None,
    }
}

/// Refusals that show tampering; the others may pass.
fn alarm_of(refused: &Refused) -> Option<Event> {
    let word = match refused {
        Refused::Smaller { .. } => "truncated",
        Refused::Forked { .. } => "forked",
        Refused::Inconsistent { .. } => "inconsistent",
        Refused::ClockBack => "clock-back",
        Refused::WrongSignature(_) | Refused::NotSignedByHub | Refused::OtherLog => "unsigned",
        _ => return None,
    };
    let evidence = match refused {
        Refused::Forked { evidence, .. } => serde_json::to_value(evidence).ok(),
        _ => None,
    };
    Some(Event::alarm(word, &refused.to_string(), evidence))
}

fn broken(evidence: &BrokenPromise) -> Event {
    let text = format!(
        "the hub broke its promise of entry {}",
        evidence.promise().index
    );
    Event::alarm("promise-broken", &text, serde_json::to_value(evidence).ok())
}

/// Whether the log stands still, told once.
#[derive(Default)]
struct Stillness(Option<String>);

impl Stillness {
    fn judge(&mut self, watch: &Watch, now: Timestamp, output: &Output) -> Result<(), Failure> {
        let alive = watch.alive(now);
        match (alive, &self.0) {
            (Ok(()), Some(_)) => {
                self.0 = None;
                let text = format!("{} the log goes on again", utc(now));
                output.result(&text, &json!({ "event": "alive" }))
            }
            (Err(refused), None) => {
                let event = Event::alarm("frozen", &refused.to_string(), None);
                self.0 = Some(event.text.clone());
                output.result(&event.text, &event.json)
            }
            _ => Ok(()),
        }
    }

    fn end(self) -> Result<(), Failure> {
        match self.0 {
            None => Ok(()),
            Some(text) => Err(Failure::failed(text)),
        }
    }
}
