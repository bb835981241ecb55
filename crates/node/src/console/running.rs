//! The console's port of how the node runs, over this node.

use sanctuary_console::{
    ApiKeyView, Asked, Concern, Connections, Fault, FaultKind, FeedView, Running,
};
use sanctuary_disclosure::Actor;
use sanctuary_figures::Figures;
use sanctuary_ledger::{Act, ActorRole, EntryKind};
use sanctuary_policy::Action;
use sanctuary_rpc::now;
use sanctuary_types::DAY_MS;

use super::{
    NodeOffice,
    oversight::{broken, need},
};
use crate::LedgerStatus;

/// Days for which something refused on arrival stays an alarm.
const REFUSED_DAYS: u64 = 7;
/// Officers who sign an edition before it is released.
const SIGNATURES_MIN: u32 = 2;

fn concern(urgent: bool, what: String, next: &str, href: Option<&'static str>) -> Concern {
    Concern {
        what,
        next: next.to_owned(),
        urgent,
        at: None,
        href,
    }
}

/// What is wrong with the log.
fn of_ledger(status: &LedgerStatus) -> Vec<Concern> {
    const AUDITOR: &str = "send the files in the data folder's evidence folder to the auditor, and tell your data protection officer";
    let ledger = Some("/ledger");
    let mut found = Vec::new();
    if status.forks > 0 {
        let what = "the hub signed two different pasts of the ledger".to_owned();
        found.push(concern(true, what, AUDITOR, ledger));
    }
    if status.broken_promises > 0 {
        let what = format!(
            "the hub broke {} promises of the ledger",
            status.broken_promises
        );
        found.push(concern(true, what, AUDITOR, ledger));
    }
    if status.silent_ms > 0 {
        let minutes = status.silent_ms / 60_000;
        let what = format!("the ledger has stood still for {minutes} minutes");
        found.push(concern(
            true,
            what,
            "ask the hub's operator and the auditor",
            ledger,
        ));
    }
    if status.refused > 0 {
        let what = format!(
            "the ledger does not take {} acts of this node",
            status.refused
        );
        let next = "your data protection officer opens them on the ledger's page and tells the hub's operator";
        found.push(concern(false, what, next, ledger));
    }
    found
}

/// What to do when a part of the node cannot go on.
fn next_of(part: &str) -> (&'static str, Option<&'static str>) {
    match part {
        "tokenising" => (
            "see the quota and that the key holders answer; the records wait and go on by themselves",
            Some("/data"),
        ),
        "pushing" | "alerts" | "comparing" | "counting" | "disclosures" | "review" => (
            "see that this machine reaches the hub, then ask the hub's operator; what waits is sent by itself afterwards",
            Some("/data"),
        ),
        "feeds" => (
            "your administrator looks at the feed and, where a snapshot was stopped rightly, has it sent again; where it is right as it is, lets it through once with sanctuary-node feeds allow",
            None,
        ),
        _ => ("ask your administrator", Some("/data")),
    }
}

/// A sentence that says what is the matter and, after a semicolon, what to do.
fn split(sentence: &str) -> Concern {
    let (what, next) = sentence
        .split_once("; ")
        .unwrap_or((sentence, "ask your administrator"));
    concern(false, what.to_owned(), next, Some("/data"))
}

impl Running for NodeOffice {
    fn concerns(&self, by: &Actor) -> Asked<Vec<Concern>> {
        need(by, Action::ReadStatus)?;
        let status = self.node.status().map_err(broken)?;
        let mut found = of_ledger(&status.ledger);
        for (part, problem) in self.problems.all() {
            let (next, href) = next_of(part);
            found.push(concern(part == "feeds", problem, next, href));
        }
        let told = |sentence: &&String| **sentence != status.last_problem;
        found.extend(status.attention.iter().filter(told).map(|s| split(s)));
        let since = now().0.saturating_sub(REFUSED_DAYS * DAY_MS);
        let refused = self.node.casework(|casework| casework.alarms(by))?;
        for alarm in refused.into_iter().filter(|a| a.at.0 >= since) {
            found.push(Concern {
                what: format!("something from {} was refused on arrival: {}", alarm.from, alarm.text),
                next: "your data protection officer asks that agency; if it did not send it, tell the hub's operator and the auditor".to_owned(),
                urgent: true,
                at: Some(alarm.at),
                href: None,
            });
        }
        found.sort_by_key(|one| !one.urgent);
        Ok(found)
    }

    fn connections(&self, by: &Actor) -> Asked<Connections> {
        need(by, Action::ManageStaff)?;
        let ways = &self.node.inner.ways;
        let feeds = ways.feeds().into_iter().map(|(name, state)| FeedView {
            name,
            is_full: state.is_full,
            looked: state.looked,
            settled: state.settled,
            problem: state.problem.unwrap_or_default(),
        });
        let mut keys: Vec<ApiKeyView> = ways
            .keys
            .list()
            .map_err(broken)?
            .into_iter()
            .map(|key| ApiKeyView {
                used: ways.last_use(&key.name).filter(|used| *used >= key.made),
                name: key.name,
                made: key.made,
                revoked: key.revoked,
            })
            .collect();
        keys.sort_by_key(|key| std::cmp::Reverse(key.made));
        Ok(Connections {
            feeds: feeds.collect(),
            keys,
            takes_calls: ways.takes_calls,
            since: ways.since,
        })
    }

    fn revoke_key(&self, by: &Actor, name: &str) -> Asked<()> {
        need(by, Action::ManageStaff)?;
        let content = serde_json::json!({
            "act": "revoke_api_key", "person": by.person.as_str(), "key": name,
        });
        let noted = self.node.ledger().note_blocking(Act {
            kind: EntryKind::Configuration,
            role: ActorRole::Administrator,
            concerned: Vec::new(),
            same: Vec::new(),
            content: content.to_string().into_bytes(),
        });
        noted
            .map_err(|error| Fault::new(FaultKind::Unavailable, "not_logged", error.to_string()))?;
        let revoked = self.node.inner.ways.keys.revoke(name, now());
        revoked.map_err(|error| Fault::new(FaultKind::Refused, "no_such_key", error.to_string()))
    }

    fn editions(&self, by: &Actor) -> Asked<Vec<Figures>> {
        need(by, Action::ReadFigures)?;
        let mut editions = self.node.inner.keeping.editions().map_err(broken)?;
        editions.retain(|figures| figures.signatures >= SIGNATURES_MIN);
        editions.reverse();
        Ok(editions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_the_log_has_a_next_step() {
        let status = LedgerStatus {
            forks: 1,
            broken_promises: 2,
            silent_ms: 720_000,
            refused: 3,
            ..LedgerStatus::default()
        };
        let found = of_ledger(&status);
        assert_eq!(found.len(), 4);
        assert_eq!(found.iter().filter(|c| c.urgent).count(), 3);
        assert!(found[2].what.contains("12 minutes"));
        assert!(found.iter().all(|c| !c.next.is_empty()));
        assert!(of_ledger(&LedgerStatus::default()).is_empty());
        let one = split("the certificate holds 2 more days; ask the registrar to renew it");
        assert_eq!(one.next, "ask the registrar to renew it");
    }
}
