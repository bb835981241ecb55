//! Taking the released values out of a file that is kept for accountability.

use crate::{Answer, CaseFile, ContactCard, Event, Proposal, Report, Step, Text, Views};

const GONE: &str = "[destroyed]";

impl CaseFile {
    /// The same file without what was released or proposed: who did what, when, which details and under
    /// which grading stay, values and texts about the person go. It replays to the same stage.
    #[must_use]
    pub fn emptied(&self) -> Self {
        // What a second person approved is named by its digest, which changes with the values.
        let mut digests = Vec::new();
        let events = self.events.iter().map(|event| Event {
            at: event.at,
            by: event.by.clone(),
            step: emptied(&event.step, &mut digests),
        });
        Self {
            format: self.format,
            side: self.side,
            events: events.collect(),
        }
    }
}

fn emptied(step: &Step, digests: &mut Vec<(String, String)>) -> Step {
    match step {
        Step::TakeAnswer { answer } => Step::TakeAnswer {
            answer: Box::new(answer.emptied()),
        },
        Step::Decide { proposal } => {
            let empty = proposal.emptied();
            digests.push((hex::encode(proposal.digest()), hex::encode(empty.digest())));
            Step::Decide {
                proposal: Box::new(empty),
            }
        }
        Step::Approve { digest } => {
            let known = digests
                .iter()
                .rev()
                .find(|(old, _)| old.eq_ignore_ascii_case(digest));
            Step::Approve {
                digest: known.map_or_else(|| digest.clone(), |(_, new)| new.clone()),
            }
        }
        other => other.clone(),
    }
}

impl Answer {
    /// Without the released values.
    #[must_use]
    pub fn emptied(&self) -> Self {
        let mut out = self.clone();
        if let Some(release) = &mut out.released {
            release.contact = release.contact.as_ref().map(empty_contact);
            release.report = release.report.as_ref().map(empty_report);
        }
        out
    }
}

impl Proposal {
    /// Without values and without what was written about the person.
    #[must_use]
    pub fn emptied(&self) -> Self {
        let mut out = self.clone();
        out.contact = self.contact.as_ref().map(empty_contact);
        out.report = self.report.as_ref().map(empty_report);
        out.shield = self.shield.as_ref().map(|(ground, _)| (*ground, gone()));
        out.child_ground = self.child_ground.as_ref().map(|_| gone());
        out.views = self.views.as_ref().map(|views| match views {
            Views::Recorded(_) => Views::Recorded(gone()),
            Views::NotSought(_) => Views::NotSought(gone()),
        });
        out.note = self.note.as_ref().map(|_| gone());
        out
    }
}

fn empty_contact(card: &ContactCard) -> ContactCard {
    ContactCard {
        role: card.role,
        name: gone(),
        phone: gone(),
        hours: gone(),
    }
}

fn empty_report(report: &Report) -> Report {
    let mut out = report.clone();
    out.items.iter_mut().for_each(|item| item.value = gone());
    out.text = gone();
    out
}

fn gone() -> Text {
    Text::fixed(GONE)
}
