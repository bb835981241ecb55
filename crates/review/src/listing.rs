//! A page of the queue, with the counts beside each filter from the same query.

use std::collections::BTreeMap;

use sanctuary_disclosure::{Actor, PersonId};
use sanctuary_ledger::EntryKind;
use sanctuary_policy::Action;
use sanctuary_types::Timestamp;
use serde_json::json;

use crate::{
    Counts, Cursor, ListRequest, PAGE_LINES_MAX, Page, Review, ReviewError, Who,
    index::{Index, Place},
};

/// Names looked up for one page, each once.
pub(crate) type Names = BTreeMap<PersonId, Who>;

impl Review<'_> {
    /// A page of the queue, soonest due first. Logged as a read before it is shown.
    ///
    /// # Errors
    /// [`ReviewError::NeedsRole`], [`ReviewError::NotLogged`], or what a port gives.
    pub fn list(
        &self,
        request: &ListRequest,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Page, ReviewError> {
        Self::need(by, Action::ReadAlerts)?;
        let limit = request.limit.clamp(1, PAGE_LINES_MAX);
        let (places, mut page, people) = {
            let index = self.desk.read();
            let found = index.find(&request.filter, &by.person, now);
            let (from, to) = window(&found.places, request.cursor, limit);
            let places: Vec<Place> = found.places.get(from..to).unwrap_or_default().to_vec();
            let page = Page {
                lines: Vec::with_capacity(places.len()),
                total: found.places.len(),
                first: if places.is_empty() { 0 } else { from + 1 },
                all: index.len(),
                next: cursor(&places, to < found.places.len(), true),
                previous: cursor(&places, from > 0, false),
                filter: request.filter.clone(),
                at: now,
                counts: Counts {
                    agencies: index.agencies.counted(&found.agencies),
                    states: found.states,
                    kinds: found.kinds,
                    bands: found.bands,
                    assignees: Vec::new(),
                    mine: found.mine,
                    unassigned: found.unassigned,
                    child: found.child,
                    overdue: found.overdue,
                    newer_evidence: found.newer,
                    recheck: found.recheck,
                },
            };
            (places, page, assignees(&index, &found.assignees))
        };
        let shown: Vec<_> = places.iter().map(|(_, id)| id).collect();
        let about = json!({ "page": shown, "of": page.total });
        self.note(
            EntryKind::Consult,
            Action::ReadAlerts,
            by,
            about,
            Vec::new(),
        )?;
        let mut names = Names::new();
        for (_, id) in places {
            if let Some(item) = self.ports.store.item(&id)? {
                let mut line = self.line(&item, by, &mut names, now)?;
                if request.filter.recheck {
                    // Who looks again does so without seeing what was decided.
                    (line.answer, line.other_says) = (None, None);
                }
                page.lines.push(line);
            }
        }
        for (person, count) in people {
            let who = self.who(&person, &mut names)?;
            page.counts.assignees.push((who, count));
        }
        Ok(page)
    }

    pub(crate) fn who(&self, person: &PersonId, names: &mut Names) -> Result<Who, ReviewError> {
        if let Some(who) = names.get(person) {
            return Ok(who.clone());
        }
        let name = self.ports.people.name(person)?;
        let who = Who {
            person: person.clone(),
            name: name.unwrap_or_else(|| person.as_str().to_owned()),
        };
        names.insert(person.clone(), who.clone());
        Ok(who)
    }
}

fn assignees(index: &Index, counts: &[usize]) -> Vec<(PersonId, usize)> {
    index.people.counted(counts)
}

/// The places of the page: from, and before which.
fn window(places: &[Place], cursor: Option<Cursor>, limit: usize) -> (usize, usize) {
    let place = |c: Cursor| (c.due, c.alert);
    match cursor {
        None => (0, limit.min(places.len())),
        Some(c) if c.forward => {
            let from = places.partition_point(|p| *p <= place(c));
            (from, (from + limit).min(places.len()))
        }
        Some(c) => {
            let to = places.partition_point(|p| *p < place(c));
            // The first page is whole, also when it is reached from behind.
            let from = to.saturating_sub(limit);
            (from, to.max(limit.min(places.len())))
        }
    }
}

fn cursor(places: &[Place], there_is: bool, forward: bool) -> Option<Cursor> {
    let (due, alert) = if forward {
        places.last()?
    } else {
        places.first()?
    };
    there_is.then_some(Cursor {
        forward,
        due: *due,
        alert: *alert,
    })
}
