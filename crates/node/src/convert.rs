//! The hub's messages to shared words; what does not fit is refused.

use sanctuary_node_core::{NodeError, SignedBatch, StoredAlert};
use sanctuary_types::{
    AlertId, AlertKind, AlertState, Band, Evidence, PartyId, Pseudonym, Role, Roles, Timestamp,
};
use sanctuary_wire::{
    alerts::{AlertEvent, EvidenceLine},
    ingest::{Population, PushBatch},
};
use serde::de::DeserializeOwned;

/// Items of one list in an event.
const LIST_MAX: usize = 4_096;

/// A batch of the outbox as the wire has it.
pub fn push_batch(batch: &SignedBatch) -> PushBatch {
    let contents = &batch.contents;
    PushBatch {
        batch_id: contents.batch_id.0.to_vec().into(),
        rules_version: contents.rules.0.into(),
        epoch: contents.epoch.0,
        postings: contents.postings.clone().into(),
        cards: contents.cards.clone().into(),
        withdrawals: contents.withdrawals.clone().into(),
        withdrawn_cards: contents.withdrawn_cards.clone().into(),
        population: (!contents.population.is_empty()).then(|| Population {
            json: contents.population.clone().into(),
        }),
        signature: batch.signature.to_vec().into(),
    }
}

/// An event of the alert stream: its cursor and the alert.
pub fn alert_event(event: &AlertEvent) -> Result<(u64, StoredAlert), NodeError> {
    let bad = NodeError::BadAlert;
    if event.other_roles.len().max(event.evidence.len()) > LIST_MAX
        || event.cluster_agencies.len() > LIST_MAX
        || event.cluster_id.len() > 32
    {
        return Err(bad("a list that is too long"));
    }
    let mut other_roles = Roles::default();
    for role in &event.other_roles {
        let role: Role = role.parse().map_err(|_| bad("a role"))?;
        other_roles = other_roles.with(role);
    }
    let alert = StoredAlert {
        alert_id: AlertId::try_from(&event.alert_id[..]).map_err(|_| bad("an alert id"))?,
        version: event.version,
        kind: word::<AlertKind>(&event.kind).ok_or(bad("a kind"))?,
        band: word::<Band>(&event.band).ok_or(bad("a band"))?,
        state: word::<AlertState>(&event.state).ok_or(bad("a state"))?,
        own: Pseudonym::try_from(&event.own_pseudonym[..]).map_err(|_| bad("a pseudonym"))?,
        other_agency: party(&event.other_agency)?,
        other_roles,
        other_is_child: event.other_is_child,
        evidence: event
            .evidence
            .iter()
            .map(evidence)
            .collect::<Result<_, _>>()?,
        cluster: hex(&event.cluster_id),
        cluster_agencies: event
            .cluster_agencies
            .iter()
            .map(|name| party(name))
            .collect::<Result<_, _>>()?,
        safeguarding_first: event.safeguarding_first,
        raised: Timestamp(event.raised_ms),
        may_release: event.may_release,
    };
    alert.check()?;
    Ok((event.cursor, alert))
}

fn evidence(line: &EvidenceLine) -> Result<Evidence, NodeError> {
    Evidence::from_words(&line.kind, &line.outcome, &line.strength)
        .ok_or(NodeError::BadAlert("a line of evidence"))
}

fn party(name: &str) -> Result<PartyId, NodeError> {
    name.parse()
        .map_err(|_| NodeError::BadAlert("an agency's name"))
}

/// A value of a word list by its word (snake case).
fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanctuary_types::{EvidenceKind, IdentifierKind, Strength};

    fn event() -> AlertEvent {
        AlertEvent {
            cursor: 9,
            alert_id: vec![1; 16].into(),
            version: 2,
            kind: "victim_is_suspect".to_owned(),
            band: "strong".to_owned(),
            state: "open".to_owned(),
            own_pseudonym: vec![2; 16].into(),
            other_agency: "council".to_owned(),
            other_roles: vec!["suspect".to_owned()],
            other_is_child: true,
            evidence: vec![
                EvidenceLine {
                    kind: "name".to_owned(),
                    outcome: "agreed".to_owned(),
                    strength: "very_strong".to_owned(),
                },
                EvidenceLine {
                    kind: "identifier:phone".to_owned(),
                    outcome: "differed".to_owned(),
                    strength: "against_a_little".to_owned(),
                },
            ],
            cluster_id: vec![0xAB; 2].into(),
            cluster_agencies: vec!["council".to_owned(), "police".to_owned()],
            safeguarding_first: true,
            raised_ms: 7,
            may_release: false,
        }
    }

    #[test]
    fn an_event_becomes_an_alert() {
        let (cursor, alert) = alert_event(&event()).unwrap();
        assert_eq!(cursor, 9);
        assert_eq!(alert.kind, AlertKind::VictimIsSuspect);
        assert_eq!(alert.cluster, "abab");
        let phone = EvidenceKind::Identifier(IdentifierKind::Phone);
        assert_eq!(alert.evidence[1].kind, phone);
        assert_eq!(alert.evidence[0].strength, Strength::VeryStrong);
    }

    #[test]
    fn events_that_do_not_fit_are_refused() {
        type Spoil = fn(&mut AlertEvent);
        let spoils: [Spoil; 8] = [
            |e| e.alert_id = vec![1; 15].into(),
            |e| e.version = 0,
            |e| e.kind = "same".to_owned(),
            |e| e.own_pseudonym = Default::default(),
            |e| e.other_agency = "The Council".to_owned(),
            |e| e.other_roles = vec!["boss".to_owned()],
            |e| e.evidence[0].kind = "face".to_owned(),
            |e| e.cluster_agencies = vec!["a".to_owned(); 5_000],
        ];
        for spoil in spoils {
            let mut spoiled = event();
            spoil(&mut spoiled);
            assert!(matches!(alert_event(&spoiled), Err(NodeError::BadAlert(_))));
        }
    }
}
