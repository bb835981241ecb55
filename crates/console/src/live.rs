//! What an open page is told while it is open: numbers, by server-sent events. The page asks again for anything
//! more. It ends with the session, and listening is no use of the session.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::Response,
};
use sanctuary_disclosure::Actor;
use sanctuary_staff::SessionToken;
use sanctuary_types::Timestamp;
use serde_json::json;
use tokio::{sync::mpsc, time::sleep};
use tokio_stream::{StreamExt as _, wrappers::ReceiverStream};

use crate::{Console, Problem, Pulse, Visit, headers};

/// Between two looks.
const LOOK: Duration = Duration::from_secs(3);
/// Looks without news after which a line says that the console is still there.
const HEARTBEAT_LOOKS: u32 = 6;
/// Looks after which the stream ends by itself, before the connection is cut; browsers come again.
const LOOKS_MAX: u32 = 160;
/// Open pages of one session that are told; browsers hold at most six connections to one place.
const PER_SESSION_MAX: usize = 4;
/// Open pages in all that are told.
const ALL_MAX: usize = 256;

/// How many pages listen, by session.
#[derive(Default)]
pub(crate) struct Listening(Mutex<BTreeMap<String, usize>>);

/// One page that listens, until it is dropped.
struct Place {
    console: Arc<Console>,
    session: String,
}

impl Listening {
    fn take(&self, session: &str) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.get(session).copied().unwrap_or_default();
        if own >= PER_SESSION_MAX || all.values().sum::<usize>() >= ALL_MAX {
            return false;
        }
        all.insert(session.to_owned(), own + 1);
        true
    }

    fn give_back(&self, session: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(session) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                all.remove(session);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.console.listening.give_back(&self.session);
    }
}

/// Tells the page of this visit what is new after `since`, until the browser leaves or the session ends.
pub(crate) fn tell(
    console: &Arc<Console>,
    visit: &Visit<'_>,
    since: Timestamp,
) -> Result<Response, Problem> {
    let (by, session) = (visit.actor()?.clone(), visit.session()?.clone());
    if !console.listening.take(&by.session) {
        return Err(Problem::TooMany);
    }
    let place = Place {
        console: Arc::clone(console),
        session: by.session.clone(),
    };
    let (sender, receiver) = mpsc::channel(2);
    tokio::spawn(watch(place, by, session, since, sender));
    let lines = ReceiverStream::new(receiver).map(Ok::<_, Infallible>);
    let mut response = Response::new(Body::from_stream(lines));
    let to = response.headers_mut();
    let media = HeaderValue::from_static("text/event-stream; charset=utf-8");
    to.insert(header::CONTENT_TYPE, media);
    // A proxy in front must not wait for the end.
    to.insert("x-accel-buffering", HeaderValue::from_static("no"));
    headers::secure(to);
    Ok(response)
}

async fn watch(
    place: Place,
    by: Actor,
    session: SessionToken,
    since: Timestamp,
    to: mpsc::Sender<Bytes>,
) {
    let (mut last, mut quiet) = (None, 0);
    for _ in 0..LOOKS_MAX {
        let (console, by, session) = (Arc::clone(&place.console), by.clone(), session.clone());
        let look = tokio::task::spawn_blocking(move || {
            let keeping = console.office.keeping();
            keeping.is_live(&session).then(|| keeping.pulse(&by, since))
        });
        let line = match look.await {
            Ok(Some(Ok(pulse))) if last != Some(pulse) => {
                last = Some(pulse);
                Some(format!("data: {}\n\n", written(&pulse)))
            }
            Ok(Some(_)) => (quiet >= HEARTBEAT_LOOKS).then(|| ": still here\n\n".to_owned()),
            // The session has ended.
            _ => {
                let _ = to
                    .send(Bytes::from_static(b"event: ended\ndata: -\n\n"))
                    .await;
                return;
            }
        };
        quiet = if line.is_some() { 0 } else { quiet + 1 };
        if let Some(line) = line
            && to.send(Bytes::from(line)).await.is_err()
        {
            return;
        }
        tokio::select! {
            () = sleep(LOOK) => {}
            () = to.closed() => return,
        }
    }
}

/// Counts only.
fn written(pulse: &Pulse) -> String {
    json!({ "matches": pulse.matches, "cases": pulse.cases }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_session_has_so_many_places_and_gives_them_back() {
        let all = Listening::default();
        for _ in 0..PER_SESSION_MAX {
            assert!(all.take("one"));
        }
        assert!(!all.take("one"));
        assert!(all.take("two"));
        all.give_back("one");
        assert!(all.take("one"));
        all.give_back("two");
        assert!(!all.0.lock().unwrap().contains_key("two"));
    }
}
