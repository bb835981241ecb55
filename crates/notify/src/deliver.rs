//! The outbox: which slip is next on a channel, and what becomes of it. A later notice about a subject waits
//! until the earlier ones have arrived or were dropped by a person.

use std::collections::BTreeSet;

use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Change, Desk, EventId, Kind, NoticeStore, PortError, Recipient, Slip, SlipState, Subject,
    backoff,
    desk::{Pause, State},
};

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is there.
    Delivered,
    /// The receiver answered and does not want this one now.
    Refused {
        /// One sentence.
        reason: String,
    },
    /// The receiver is away or overloaded: the whole channel rests for a while.
    Away {
        /// One sentence.
        reason: String,
        /// A pause that it asked for.
        after_ms: Option<u64>,
    },
}

/// A line of the list: nothing of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeLine {
    /// Its number.
    pub number: u64,
    /// Over which channel.
    pub channel: String,
    /// What.
    pub kind: Kind,
    /// About what.
    pub subject: String,
    /// The event's id.
    pub event: EventId,
    /// When it was noticed.
    pub at: Timestamp,
    /// Failed tries.
    pub tries: u32,
    /// Given up: why.
    pub dead: Option<String>,
    /// An earlier one about the same was given up: it waits for a person's word on that.
    pub held: bool,
    /// To be tried again from then on.
    pub next: Option<Timestamp>,
}

impl Desk {
    /// The next slip that may leave over a channel now; none while it rests.
    #[must_use]
    pub fn next(&self, channel: &str, now: Timestamp) -> Option<Slip> {
        let state = self.state();
        let pause = state.pauses.get(channel);
        if pause.is_some_and(|pause| pause.until > now) {
            return None;
        }
        let mut earlier: BTreeSet<(&Subject, Option<&Recipient>)> = BTreeSet::new();
        let mut of_channel = state.stored.slips.values().filter(|s| s.channel == channel);
        let first = of_channel.find(|slip| {
            earlier.insert((&slip.event.subject, slip.to.as_ref())) && slip.is_due(now)
        });
        first.cloned()
    }

    /// Says what came of a try, durably.
    ///
    /// # Errors
    /// What the store gives: the slip is sent again then, under the same id.
    pub fn report(
        &self,
        store: &dyn NoticeStore,
        number: u64,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<(), PortError> {
        let mut state = self.state();
        let Some(slip) = state.stored.slips.get(&number).cloned() else {
            return Ok(());
        };
        state.rest(&slip.channel, &slip.event.id, outcome, now);
        let change = match outcome {
            Outcome::Delivered => Change {
                gone: vec![number],
                ..Change::default()
            },
            Outcome::Refused { .. } | Outcome::Away { .. } => Change {
                slips: vec![slip.failed(now)],
                ..Change::default()
            },
        };
        state.keep(store, &change)
    }

    /// Everything that has not arrived, given up or not, oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<NoticeLine> {
        let state = self.state();
        let mut dead = BTreeSet::new();
        let line = |slip: &Slip| {
            let of = (
                slip.channel.clone(),
                slip.event.subject.clone(),
                slip.to.clone(),
            );
            let held = dead.contains(&of);
            if slip.is_dead() {
                dead.insert(of);
            }
            NoticeLine {
                number: slip.number,
                channel: slip.channel.clone(),
                kind: slip.event.kind,
                subject: slip.event.subject.to_string(),
                event: slip.event.id,
                at: slip.event.at,
                tries: slip.tries,
                dead: match &slip.state {
                    SlipState::Dead { reason, .. } => Some(reason.clone()),
                    SlipState::Waiting { .. } => None,
                },
                held: held && !slip.is_dead(),
                next: match slip.state {
                    SlipState::Waiting { from } => Some(from),
                    SlipState::Dead { .. } => None,
                },
            }
        };
        state.stored.slips.values().map(line).collect()
    }

    /// Tries again from now on: the named ones, or everything that waits or was given up. Gives how many.
    ///
    /// # Errors
    /// What the store gives.
    pub fn retry(
        &self,
        store: &dyn NoticeStore,
        numbers: Option<&BTreeSet<u64>>,
        now: Timestamp,
    ) -> Result<u64, PortError> {
        let mut state = self.state();
        let meant = |slip: &&Slip| numbers.is_none_or(|n| n.contains(&slip.number));
        let again: Vec<Slip> = state.stored.slips.values().filter(meant).cloned().collect();
        state.pauses.clear();
        for part in again.chunks(256) {
            let fresh = part.iter().map(|slip| Slip {
                state: SlipState::Waiting { from: now },
                tries: 0,
                since: now,
                ..slip.clone()
            });
            let change = Change {
                slips: fresh.collect(),
                ..Change::default()
            };
            state.keep(store, &change)?;
        }
        Ok(again.len() as u64)
    }

    /// Drops slips that a person says need not arrive; gives how many there were.
    ///
    /// # Errors
    /// What the store gives.
    pub fn drop_slips(
        &self,
        store: &dyn NoticeStore,
        numbers: &BTreeSet<u64>,
    ) -> Result<u64, PortError> {
        let mut state = self.state();
        let known = numbers
            .iter()
            .filter(|n| state.stored.slips.contains_key(n));
        let gone: Vec<u64> = known.copied().collect();
        let dropped = gone.len() as u64;
        let change = Change {
            gone,
            ..Change::default()
        };
        state.keep(store, &change)?;
        Ok(dropped)
    }
}

impl State {
    /// A channel rests longer with each failure in a row, and not at all after a success.
    pub(crate) fn rest(&mut self, channel: &str, id: &EventId, outcome: &Outcome, now: Timestamp) {
        match outcome {
            Outcome::Delivered => {
                self.pauses.remove(channel);
            }
            Outcome::Refused { .. } => {}
            Outcome::Away { after_ms, .. } => {
                let Pause { failures, .. } = self.pauses.get(channel).copied().unwrap_or_default();
                let failures = failures.saturating_add(1);
                let asked = after_ms.unwrap_or_default().min(backoff::ASKED_MAX_MS);
                let pause_ms = backoff::of_channel(failures, id).max(asked);
                let until = Timestamp(now.0.saturating_add(pause_ms));
                self.pauses
                    .insert(channel.to_owned(), Pause { failures, until });
            }
        }
    }
}

impl Slip {
    /// After a try that failed.
    pub(crate) fn failed(&self, now: Timestamp) -> Self {
        let tries = self.tries.saturating_add(1);
        let pause_ms = backoff::of_notice(tries, &self.event.id);
        Self {
            state: SlipState::Waiting {
                from: Timestamp(now.0.saturating_add(pause_ms)),
            },
            tries,
            ..self.clone()
        }
    }
}
