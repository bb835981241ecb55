//! What the made-up agency keeps for its people, and how its node runs. The states that need a broken machine are
//! switched on by `state` lines; see `main.rs`.

use std::collections::{BTreeMap, BTreeSet};

use sanctuary_console::{
    ApiKeyView, Asked, Colleague, Concern, Connections, DRAFT_DAYS, Draft, DraftPlace, Fault,
    FaultKind, FeedView, Keeping, Office as _, Pulse, Running,
};
use sanctuary_disclosure::{Actor, PersonId};
use sanctuary_figures::Figures;
use sanctuary_policy::Action;
use sanctuary_staff::SessionToken;
use sanctuary_types::Timestamp;

use super::Desk;
use crate::partnership::lock;

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;
const EDITION: &str = include_str!("edition.json");

/// In memory, for one agency.
#[derive(Default)]
pub struct Kept {
    drafts: BTreeMap<(PersonId, String), Draft>,
    no_keys: BTreeSet<PersonId>,
    revoked: BTreeSet<String>,
    /// Words of the states that are on: `quota`, `alarms`, `quiet`, `edition`, `feeds`.
    pub states: BTreeSet<String>,
}

impl Kept {
    /// Every form that is kept, as it is kept. Tests look at it, the program itself does not.
    #[allow(dead_code)]
    pub fn typed(&self) -> String {
        let forms: Vec<&str> = self.drafts.values().map(|d| d.form.as_str()).collect();
        forms.join("\n")
    }
}

impl Desk {
    /// Whether a state is switched on.
    pub fn is(&self, state: &str) -> bool {
        lock(&self.0.kept).states.contains(state)
    }

    fn put(&self, person: &PersonId, place: &DraftPlace, form: &str) {
        let draft = Draft {
            at: self.now(),
            form: form.to_owned(),
        };
        let key = (person.clone(), place.to_string());
        lock(&self.0.kept).drafts.insert(key, draft);
    }

    fn is_kept(&self, draft: &Draft) -> bool {
        self.now().0 < draft.at.0 + DRAFT_DAYS * DAY_MS
    }
}

impl Keeping for Desk {
    fn colleague(&self, _: &Actor, person: &str) -> Asked<Option<Colleague>> {
        let Ok(person) = person.parse::<PersonId>() else {
            return Ok(None);
        };
        let name = self.0.staff.name_of(&person)?;
        let roles = self.0.staff.roles_of(&person)?;
        Ok(name.map(|name| Colleague { name, roles }))
    }

    fn drafts(&self, by: &Actor) -> Asked<Vec<(DraftPlace, Timestamp)>> {
        let kept = lock(&self.0.kept);
        let own = kept
            .drafts
            .iter()
            .filter(|((p, _), d)| *p == by.person && self.is_kept(d));
        Ok(own
            .filter_map(|((_, place), draft)| Some((place.parse().ok()?, draft.at)))
            .collect())
    }

    fn draft(&self, by: &Actor, place: &DraftPlace) -> Asked<Option<Draft>> {
        let kept = lock(&self.0.kept);
        let found = kept.drafts.get(&(by.person.clone(), place.to_string()));
        Ok(found.filter(|d| self.is_kept(d)).cloned())
    }

    fn keep(&self, by: &Actor, place: &DraftPlace, form: &str) -> Asked<()> {
        self.put(&by.person, place, form);
        Ok(())
    }

    fn keep_of_lapsed(&self, token: &SessionToken, place: &DraftPlace, form: &str) -> Asked<bool> {
        let person = self.0.staff.person_of_lapsed(token, self.now());
        if let Some(person) = &person {
            self.put(person, place, form);
        }
        Ok(person.is_some())
    }

    fn forget(&self, by: &Actor, place: &DraftPlace) -> Asked<()> {
        let key = (by.person.clone(), place.to_string());
        lock(&self.0.kept).drafts.remove(&key);
        Ok(())
    }

    fn shortcuts(&self, by: &Actor) -> Asked<bool> {
        Ok(!lock(&self.0.kept).no_keys.contains(&by.person))
    }

    fn set_shortcuts(&self, by: &Actor, on: bool) -> Asked<()> {
        let mut kept = lock(&self.0.kept);
        if on {
            kept.no_keys.remove(&by.person);
        } else {
            kept.no_keys.insert(by.person.clone());
        }
        Ok(())
    }

    fn is_live(&self, token: &SessionToken) -> bool {
        self.0.staff.is_live(token, self.now())
    }

    fn pulse(&self, by: &Actor, since: Timestamp) -> Asked<Pulse> {
        Ok(Pulse {
            matches: self.0.review().pulse(since, by, self.now()).ok(),
            cases: self.0.cases().pulse(since, by, self.now()).ok(),
        })
    }
}

impl Running for Desk {
    fn concerns(&self, _: &Actor) -> Asked<Vec<Concern>> {
        if !self.is("alarms") {
            return Ok(Vec::new());
        }
        let one = |urgent, what: &str, next: &str, href| Concern {
            what: what.to_owned(),
            next: next.to_owned(),
            urgent,
            at: urgent.then(|| Timestamp(self.now().0 - HOUR_MS)),
            href,
        };
        Ok(vec![
            one(
                true,
                "the hub signed two different pasts of the ledger",
                "send the files in the data folder’s evidence folder to the auditor",
                Some("/ledger"),
            ),
            one(
                true,
                "the full snapshot of feed cases lacks 412 of 1,220 records and was stopped",
                "ask whoever runs that system whether it is right; if it is, let it through once with sanctuary-node feeds allow cases",
                None,
            ),
            one(
                false,
                "the certificate of this node holds 3 more days",
                "ask the registrar to renew it",
                None,
            ),
        ])
    }

    fn connections(&self, _: &Actor) -> Asked<Connections> {
        let now = self.now();
        let since = Timestamp(now.0 - 9 * DAY_MS);
        if !self.is("feeds") {
            return Ok(Connections {
                since,
                ..Connections::default()
            });
        }
        let ago = |ms: u64| Some(Timestamp(now.0 - ms));
        let revoked = &lock(&self.0.kept).revoked;
        let key = |name: &str, used| ApiKeyView {
            name: name.to_owned(),
            made: Timestamp(now.0 - 80 * DAY_MS),
            used,
            revoked: revoked.contains(name).then_some(now),
        };
        Ok(Connections {
            feeds: vec![
                FeedView {
                    name: "cases".to_owned(),
                    is_full: true,
                    looked: ago(4_000),
                    settled: ago(3 * HOUR_MS),
                    problem:
                        "the snapshot lacks 412 of 1,220 records and was stopped; see the alarms"
                            .to_owned(),
                },
                FeedView {
                    name: "custody".to_owned(),
                    is_full: false,
                    looked: ago(4_000),
                    settled: ago(20 * 60_000),
                    problem: String::new(),
                },
            ],
            keys: vec![key("liquidlogic", ago(11 * 60_000)), key("old-crm", None)],
            takes_calls: true,
            since,
        })
    }

    fn revoke_key(&self, by: &Actor, name: &str) -> Asked<()> {
        let keys = self.connections(by)?.keys;
        if !keys.iter().any(|k| k.name == name && k.revoked.is_none()) {
            let text = format!("there is no live key named {name}");
            return Err(Fault::new(FaultKind::Refused, "no_such_key", text));
        }
        lock(&self.0.kept).revoked.insert(name.to_owned());
        Ok(())
    }

    fn editions(&self, by: &Actor) -> Asked<Vec<Figures>> {
        assert!(Action::ReadFigures.permits_any(&by.roles));
        if !self.is("edition") {
            return Ok(Vec::new());
        }
        Ok(vec![serde_json::from_str(EDITION).expect("an edition")])
    }
}
