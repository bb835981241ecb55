use sanctuary_trust::Anchors;
use sanctuary_types::{PartyId, lp};
use sha2::{Digest, Sha256};

use crate::{Agreement, Clocks, Member, Rule, Urgency};

impl Agreement {
    /// The bytes that officers sign: every word of the document in one fixed order, and the
    /// partnership's anchors, so that no agreement counts in another partnership.
    #[must_use]
    pub fn message(&self, anchors: &Anchors) -> Vec<u8> {
        lp(&[
            b"sanctuary/v1/agreement",
            &anchors.fingerprint().0,
            &self.canonical(),
        ])
    }

    /// SHA-256 of the document: what requests, envelopes and the ledger name the agreement by.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.canonical()).into()
    }

    fn canonical(&self) -> Vec<u8> {
        let r = &self.retention;
        lp(&[
            b"sanctuary/v1/agreement-text",
            self.id.as_bytes(),
            &self.version.to_be_bytes(),
            self.title.as_bytes(),
            self.aim.as_bytes(),
            &numbers(&[self.made.0, self.in_force.0, self.review.0, self.expires.0]),
            &list(self.members.iter().map(member)),
            &list(self.rules.iter().map(rule)),
            &clocks(&self.clocks),
            &numbers(&[
                r.unanswered_request_days,
                r.release_days,
                r.case_file_days,
                r.confirmation_days,
            ]),
            &codes(&self.contacts, |c| c.code()),
            &[u8::from(self.second_step), self.fields_max],
        ])
    }
}

fn member(member: &Member) -> Vec<u8> {
    lp(&[
        member.id.as_bytes(),
        &[member.sector.code()],
        member.name.as_bytes(),
        member.data_protection_contact.as_bytes(),
    ])
}

fn rule(rule: &Rule) -> Vec<u8> {
    lp(&[
        &[rule.purpose.code()],
        rule.title.as_bytes(),
        &codes(&rule.gateways, |g| g.code()),
        &parties(&rule.askers),
        &parties(&rule.owners),
        &codes(&rule.fields, |f| f.code()),
    ])
}

fn clocks(clocks: &Clocks) -> Vec<u8> {
    let mut all: Vec<u32> = Urgency::ALL
        .iter()
        .map(|u| clocks.of(*u))
        .flat_map(|c| [c.acknowledge_minutes, c.answer_minutes, c.tick_minutes])
        .collect();
    all.extend([
        clocks.review_of_refusal_hours,
        clocks.review_of_urgency_hours,
    ]);
    numbers(&all)
}

fn parties(ids: &[PartyId]) -> Vec<u8> {
    list(ids.iter().map(|id| id.as_bytes().to_vec()))
}

fn codes<T: Copy>(values: &[T], code: impl Fn(T) -> u8) -> Vec<u8> {
    values.iter().map(|v| code(*v)).collect()
}

fn numbers(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_be_bytes()).collect()
}

fn list(parts: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let parts: Vec<Vec<u8>> = parts.collect();
    let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    lp(&slices)
}
