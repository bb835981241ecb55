//! The console's port of what is kept for one person, over this node.

use sanctuary_console::{
    Asked, Colleague, DRAFT_BYTES_MAX, DRAFT_DAYS, DRAFTS_MAX, Draft, DraftPlace, Fault, FaultKind,
    Keeping, Pulse,
};
use sanctuary_disclosure::{Actor, PersonId};
use sanctuary_node_core::NodeError;
use sanctuary_policy::Action;
use sanctuary_rpc::now;
use sanctuary_staff::SessionToken;
use sanctuary_types::Timestamp;

use super::NodeOffice;
use crate::store::{DraftLimits, Habits, KeptDraft};

const LIMITS: DraftLimits = DraftLimits {
    keep_ms: DRAFT_DAYS * 86_400_000,
    most: DRAFTS_MAX,
};

fn broken(error: NodeError) -> Fault {
    Fault::new(FaultKind::Broken, "keeping", error.to_string())
}

impl NodeOffice {
    fn keep_for(&self, person: &PersonId, place: &DraftPlace, form: &str) -> Asked<()> {
        if form.len() > DRAFT_BYTES_MAX {
            let text = "this is too long to be kept as a draft; send it or shorten it".to_owned();
            return Err(Fault::new(FaultKind::Refused, "draft_too_long", text));
        }
        let draft = KeptDraft {
            place: place.to_string(),
            at: now(),
            form: form.to_owned(),
        };
        let kept = self.node.inner.keeping.keep_draft(person, &draft, LIMITS);
        kept.map_err(broken)
    }

    fn kept(&self, by: &Actor) -> Asked<Vec<KeptDraft>> {
        let found = self.node.inner.keeping.drafts(&by.person, LIMITS, now());
        found.map_err(broken)
    }
}

impl Keeping for NodeOffice {
    fn colleague(&self, _: &Actor, person: &str) -> Asked<Option<Colleague>> {
        let Ok(person) = person.parse::<PersonId>() else {
            return Ok(None);
        };
        let staff = self.node.staff();
        let (name, roles) = (staff.name_of(&person)?, staff.roles_of(&person)?);
        Ok(name.map(|name| Colleague { name, roles }))
    }

    fn drafts(&self, by: &Actor) -> Asked<Vec<(DraftPlace, Timestamp)>> {
        let drafts = self.kept(by)?.into_iter();
        Ok(drafts
            .filter_map(|draft| Some((draft.place.parse().ok()?, draft.at)))
            .collect())
    }

    fn draft(&self, by: &Actor, place: &DraftPlace) -> Asked<Option<Draft>> {
        let place = place.to_string();
        let found = self.kept(by)?.into_iter().find(|d| d.place == place);
        Ok(found.map(|draft| Draft {
            at: draft.at,
            form: draft.form,
        }))
    }

    fn keep(&self, by: &Actor, place: &DraftPlace, form: &str) -> Asked<()> {
        self.keep_for(&by.person, place, form)
    }

    fn keep_of_lapsed(&self, token: &SessionToken, place: &DraftPlace, form: &str) -> Asked<bool> {
        let Some(person) = self.node.staff().person_of_lapsed(token, now()) else {
            return Ok(false);
        };
        self.keep_for(&person, place, form).map(|()| true)
    }

    fn forget(&self, by: &Actor, place: &DraftPlace) -> Asked<()> {
        let keeping = &self.node.inner.keeping;
        keeping
            .forget_draft(&by.person, &place.to_string())
            .map_err(broken)
    }

    fn shortcuts(&self, by: &Actor) -> Asked<bool> {
        let habits = self.node.inner.keeping.habits(&by.person).map_err(broken)?;
        Ok(!habits.no_shortcuts)
    }

    fn set_shortcuts(&self, by: &Actor, on: bool) -> Asked<()> {
        let habits = Habits { no_shortcuts: !on };
        let set = self.node.inner.keeping.set_habits(&by.person, habits);
        set.map_err(broken)
    }

    fn is_live(&self, token: &SessionToken) -> bool {
        self.node.staff().is_live(token, now())
    }

    fn pulse(&self, by: &Actor, since: Timestamp) -> Asked<Pulse> {
        let matches = if Action::ReadAlerts.permits_any(&by.roles) {
            Some(self.node.review().pulse(since, by, now())?)
        } else {
            None
        };
        let reads = [Action::ReadRelease, Action::ReadRequest];
        let cases = if reads.iter().any(|a| a.permits_any(&by.roles)) {
            let pulse = self
                .node
                .casework(|casework| casework.pulse(since, by, now()));
            Some(pulse?)
        } else {
            None
        };
        Ok(Pulse { matches, cases })
    }
}
