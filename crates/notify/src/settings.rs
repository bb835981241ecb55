use std::collections::{BTreeMap, BTreeSet};

use sanctuary_policy::{StaffRole, Urgency};

use crate::{Digest, Event, Kind, Quiet, Zone};

/// The channel of mails.
pub const MAIL: &str = "mail";
/// The channel of syslog.
pub const SYSLOG: &str = "syslog";

/// What the agency wants told, and how. Addresses and passwords are the adapters' business.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach the console, without a path; none where there is no console.
    pub public_url: Option<String>,
    /// Names the node in events: a URI reference.
    pub source: String,
    /// Webhooks.
    pub webhooks: Vec<WebhookRules>,
    /// Mails, if any are sent.
    pub mail: Option<MailRules>,
    /// Lines to a syslog.
    pub syslog: bool,
    /// The agency's own words for one of a kind.
    pub words: BTreeMap<Kind, String>,
}

/// One webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookRules {
    /// Its name: the channel.
    pub name: String,
    /// Only these kinds; all without.
    pub kinds: BTreeSet<Kind>,
}

/// Who gets mails, and when.
#[derive(Clone, Debug)]
pub struct MailRules {
    /// How often at most.
    pub digest: Digest,
    /// When not.
    pub quiet: Option<Quiet>,
    /// In which time zone.
    pub zone: Zone,
    /// This urgent or more: at once, whatever the hour.
    pub at_once: Urgency,
    /// Roles that have an address of their own, such as a team's.
    pub roles: BTreeSet<StaffRole>,
}

impl Settings {
    /// Every channel.
    pub fn channels(&self) -> impl Iterator<Item = &str> {
        let webhooks = self.webhooks.iter().map(|w| w.name.as_str());
        webhooks
            .chain(self.mail.iter().map(|_| MAIL))
            .chain(self.syslog.then_some(SYSLOG))
    }

    /// `1 possible match for you`, or the agency's own words for it.
    #[must_use]
    pub fn text(&self, kind: Kind, count: usize) -> String {
        match (self.words.get(&kind), count) {
            (Some(own), 1) => own.clone(),
            (Some(own), count) => format!("{own} ({count})"),
            (None, 1) => format!("1 {}", kind.one()),
            (None, count) => format!("{count} {}", kind.many()),
        }
    }

    /// Where the console shows what an event is about.
    #[must_use]
    pub fn link(&self, event: &Event) -> Option<String> {
        let url = self.public_url.as_ref()?;
        Some(format!("{url}{}", event.subject.path()))
    }
}
