use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sanctuary_types::Timestamp;

use crate::{
    Change, Event, EventId, MAIL, NoticeStore, Occasion, People, PortError, Recipient, SYSLOG,
    Settings, Slip, SlipState, Stored,
};

/// What was told is known so long after it has gone away.
const KNOWN_MS: u64 = 30 * 86_400_000;
/// A slip that was not delivered in this time is given up.
pub(crate) const LIFE_MS: u64 = 5 * 86_400_000;
/// Slips that were given up and are kept; the oldest go.
const DEAD_MAX: usize = 10_000;
/// Events of one atomic change.
const AT_ONCE: usize = 256;

/// What this node tells, on whose behalf nothing is sent twice knowingly and nothing is lost.
pub struct Desk {
    pub(crate) settings: Settings,
    key: [u8; 32],
    pub(crate) state: Mutex<State>,
}

/// What the desk knows, as the store has it, and what it need not keep.
pub(crate) struct State {
    pub(crate) stored: Stored,
    /// Channels whose receiver is away.
    pub(crate) pauses: BTreeMap<String, Pause>,
}

/// A channel rests.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pause {
    pub(crate) failures: u32,
    pub(crate) until: Timestamp,
}

/// What comparing with what was told before found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// New notices.
    pub events: u64,
    /// Slips that were given up now.
    pub given_up: u64,
}

impl Desk {
    /// Reads what there is. `key` is a secret of the node, under which ids are made. What waited before the
    /// first time is not told: the queue shows it.
    ///
    /// # Errors
    /// What the store gives.
    pub fn open(
        store: &dyn NoticeStore,
        settings: Settings,
        key: [u8; 32],
        now: Timestamp,
    ) -> Result<Self, PortError> {
        let mut stored = store.load()?;
        if stored.begun.is_none() {
            let change = Change {
                begun: Some(now),
                next: Some(1),
                ..Change::default()
            };
            store.commit(&change)?;
            stored.take(&change);
        }
        Ok(Self {
            settings,
            key,
            state: Mutex::new(State {
                stored,
                pauses: BTreeMap::new(),
            }),
        })
    }

    /// Compares everything that waits now with what was told before, and keeps the difference. Seen again it
    /// changes nothing.
    ///
    /// # Errors
    /// What a port gives; what was not kept is found by the next comparison.
    pub fn tell(
        &self,
        store: &dyn NoticeStore,
        people: &dyn People,
        mut occasions: Vec<Occasion>,
        now: Timestamp,
    ) -> Result<Told, PortError> {
        occasions.sort_by(|a, b| (a.since, a.kind, &a.subject).cmp(&(b.since, b.kind, &b.subject)));
        let mut state = self.state();
        let mut found = BTreeMap::new();
        for (place, occasion) in occasions.iter().enumerate() {
            found.entry(occasion.id(&self.key)).or_insert(place);
        }
        let mut new: Vec<(usize, EventId)> = found
            .iter()
            .filter(|(id, _)| !state.stored.told.contains_key(id))
            .map(|(id, place)| (*place, *id))
            .collect();
        new.sort_unstable();
        let mut told = Told::default();
        for part in new.chunks(AT_ONCE) {
            let mut change = Change::default();
            for (place, id) in part {
                if let Some(occasion) = occasions.get(*place) {
                    told.events += u64::from(self.add(
                        &state.stored,
                        &mut change,
                        people,
                        occasion,
                        *id,
                        now,
                    )?);
                }
            }
            state.keep(store, &change)?;
        }
        let change = Change {
            settled: !state.stored.settled,
            ..self.tidied(&state.stored, &found, now)
        };
        told.given_up = change.slips.len() as u64;
        if change != Change::default() {
            state.keep(store, &change)?;
        }
        Ok(told)
    }

    fn add(
        &self,
        stored: &Stored,
        change: &mut Change,
        people: &dyn People,
        occasion: &Occasion,
        id: EventId,
        now: Timestamp,
    ) -> Result<bool, PortError> {
        change.told.push((id, now));
        if !stored.settled && stored.begun.is_some_and(|begun| occasion.since < begun) {
            return Ok(false);
        }
        let mut next = change.next.unwrap_or(stored.next);
        let event = Event {
            id,
            kind: occasion.kind,
            subject: occasion.subject.clone(),
            urgency: occasion.urgency,
            at: now,
            sequence: next,
            roles: occasion.roles.clone(),
        };
        next += 1;
        let mut slip = |channel: &str, to: Option<Recipient>| {
            change.slips.push(Slip {
                number: next,
                channel: channel.to_owned(),
                to,
                event: event.clone(),
                state: SlipState::Waiting { from: now },
                tries: 0,
                since: now,
            });
            next += 1;
        };
        for webhook in &self.settings.webhooks {
            if webhook.kinds.is_empty() || webhook.kinds.contains(&occasion.kind) {
                slip(&webhook.name, None);
            }
        }
        if self.settings.syslog {
            slip(SYSLOG, None);
        }
        for recipient in self.recipients(occasion, people)? {
            slip(MAIL, Some(recipient));
        }
        change.next = Some(next);
        Ok(true)
    }

    /// Whose it is, if it is somebody's who can be written to; else the addresses of the roles, and without
    /// these everybody in them.
    fn recipients(
        &self,
        occasion: &Occasion,
        people: &dyn People,
    ) -> Result<Vec<Recipient>, PortError> {
        let Some(rules) = &self.settings.mail else {
            return Ok(Vec::new());
        };
        if let Some(person) = &occasion.person
            && people.is_reachable(person)?
        {
            return Ok(vec![Recipient::Person(person.clone())]);
        }
        let of_roles = occasion.roles.iter().filter(|r| rules.roles.contains(r));
        let of_roles: Vec<Recipient> = of_roles.map(|r| Recipient::Role(*r)).collect();
        if !of_roles.is_empty() {
            return Ok(of_roles);
        }
        let mut everybody = people.in_roles(&occasion.roles)?;
        everybody.retain(|person| !occasion.but_not.contains(person));
        Ok(everybody.into_iter().map(Recipient::Person).collect())
    }

    /// What need not be known any more goes, and what has been tried for days is given up.
    fn tidied(&self, stored: &Stored, found: &BTreeMap<EventId, usize>, now: Timestamp) -> Change {
        let gone = |(id, at): &(&EventId, &Timestamp)| {
            !found.contains_key(id) && now.0 >= at.0.saturating_add(KNOWN_MS)
        };
        let forgotten = stored.told.iter().filter(gone).map(|(id, _)| *id);
        let too_old =
            |slip: &&Slip| !slip.is_dead() && now.0 >= slip.since.0.saturating_add(LIFE_MS);
        let given_up = stored.slips.values().filter(too_old).map(|slip| Slip {
            state: SlipState::Dead {
                at: now,
                reason: self.why_given_up(slip).to_owned(),
            },
            ..slip.clone()
        });
        let dead = stored.slips.values().filter(|s| s.is_dead());
        let dead: Vec<u64> = dead.map(|s| s.number).collect();
        let surplus = dead.len().saturating_sub(DEAD_MAX);
        Change {
            forgotten: forgotten.collect(),
            slips: given_up.take(AT_ONCE).collect(),
            gone: dead.into_iter().take(surplus).collect(),
            ..Change::default()
        }
    }

    fn why_given_up(&self, slip: &Slip) -> &'static str {
        if self.settings.channels().any(|c| c == slip.channel) {
            "it could not be delivered for five days; see that the receiver works, then retry"
        } else {
            "the configuration has no such channel any more; drop it"
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // Memory follows the store, which changes in one atomic step: a panic left nothing half-done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// On disk first, then here.
    pub(crate) fn keep(
        &mut self,
        store: &dyn NoticeStore,
        change: &Change,
    ) -> Result<(), PortError> {
        store.commit(change)?;
        self.stored.take(change);
        Ok(())
    }
}
