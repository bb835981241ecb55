//! Mails: one for each person and hour or day, with counts and a link; at once where something is urgent.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sanctuary_types::Timestamp;

use crate::{
    Change, Desk, Digest, Event, Kind, MAIL, MailRules, NoticeStore, Outcome, PortError, Recipient,
    Slip, desk::State,
};

/// A mail that may leave now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: Recipient,
    /// The slips that it tells.
    pub numbers: Vec<u64>,
    /// Recognises a mail that is sent twice.
    pub id: String,
    /// Its subject line.
    pub subject: String,
    /// Its text, in lines.
    pub text: String,
}

impl Desk {
    /// The mails that may leave now.
    #[must_use]
    pub fn mails(&self, now: Timestamp) -> Vec<Mail> {
        let Some(rules) = &self.settings.mail else {
            return Vec::new();
        };
        let state = self.state();
        if state.pauses.get(MAIL).is_some_and(|p| p.until > now) {
            return Vec::new();
        }
        let mut of: BTreeMap<&Recipient, Vec<&Slip>> = BTreeMap::new();
        for slip in state.stored.slips.values().filter(|s| !s.is_dead()) {
            if let Some(to) = slip.to.as_ref().filter(|_| slip.channel == MAIL) {
                of.entry(to).or_default().push(slip);
            }
        }
        let due = of.into_iter().filter(|(to, slips)| {
            let tried = slips.iter().all(|slip| slip.is_due(now));
            tried && may_leave(rules, &state, to, slips, now)
        });
        due.map(|(to, slips)| self.mail(to, &slips)).collect()
    }

    fn mail(&self, to: &Recipient, slips: &[&Slip]) -> Mail {
        let mut counts: BTreeMap<Kind, Vec<&Event>> = BTreeMap::new();
        for slip in slips {
            let events = counts.entry(slip.event.kind).or_default();
            if events.iter().all(|e| e.subject != slip.event.subject) {
                events.push(&slip.event);
            }
        }
        let said = |(kind, events): (&Kind, &Vec<&Event>)| self.settings.text(*kind, events.len());
        let lines: Vec<String> = counts.iter().map(said).collect();
        let mut text = String::new();
        for line in &lines {
            let _ = writeln!(text, "{line}");
        }
        if let Some(url) = &self.settings.public_url {
            let only = slips.first().filter(|_| slips.len() == 1);
            let link = only.and_then(|slip| self.settings.link(&slip.event));
            let link = link.unwrap_or_else(|| url.clone());
            let _ = write!(text, "\nSign in to see more: {link}\n");
        } else {
            text.push_str("\nSign in at your agency's node to see more.\n");
        }
        text.push_str(
            "\nThis message says nothing about anybody on purpose. Do not reply to it.\n",
        );
        let subject = match lines.as_slice() {
            [one] => one.clone(),
            _ => format!("{} things for you", slips.len()),
        };
        let first = slips
            .first()
            .map_or(String::new(), |s| s.event.id.to_string());
        let last = slips.last().map_or(0, |s| s.number);
        Mail {
            to: to.clone(),
            numbers: slips.iter().map(|s| s.number).collect(),
            id: format!("{first}.{last}"),
            subject,
            text,
        }
    }

    /// Says what came of a mail, durably.
    ///
    /// # Errors
    /// What the store gives.
    pub fn report_mail(
        &self,
        store: &dyn NoticeStore,
        mail: &Mail,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<(), PortError> {
        let mut state = self.state();
        let slips = mail
            .numbers
            .iter()
            .filter_map(|n| state.stored.slips.get(n));
        let slips: Vec<Slip> = slips.cloned().collect();
        if let Some(first) = slips.first() {
            state.rest(MAIL, &first.event.id, outcome, now);
        }
        let change = if *outcome == Outcome::Delivered {
            Change {
                gone: slips.iter().map(|s| s.number).collect(),
                mailed: vec![(mail.to.clone(), now)],
                ..Change::default()
            }
        } else {
            Change {
                slips: slips.iter().map(|s| s.failed(now)).collect(),
                ..Change::default()
            }
        };
        state.keep(store, &change)
    }

    /// Nobody is there any more to read it.
    ///
    /// # Errors
    /// What the store gives.
    pub fn unread(&self, store: &dyn NoticeStore, mail: &Mail) -> Result<(), PortError> {
        let change = Change {
            gone: mail.numbers.clone(),
            ..Change::default()
        };
        self.state().keep(store, &change)
    }
}

fn may_leave(
    rules: &MailRules,
    state: &State,
    to: &Recipient,
    slips: &[&Slip],
    now: Timestamp,
) -> bool {
    if slips.iter().any(|s| s.event.urgency <= rules.at_once) {
        return true;
    }
    let last = state.stored.mailed.get(to).copied();
    let last = match rules.digest {
        Digest::Hourly => last,
        // The first one waits for its hour as well.
        Digest::Daily(_) => last.or(state.stored.begun),
    };
    let is_quiet = rules.quiet.is_some_and(|q| q.holds(&rules.zone, now));
    !is_quiet && rules.digest.allows(&rules.zone, last, now)
}
