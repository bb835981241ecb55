//! The words of alerts on the wire.

use sanctuary_hub_core::{AlertEvent, DecisionKind};
use sanctuary_types::{AlertKind, AlertState, Band, Evidence, Outcome, Strength};
use sanctuary_wire::alerts as wire;

pub(super) fn event(event: AlertEvent) -> wire::AlertEvent {
    let view = event.view;
    wire::AlertEvent {
        cursor: event.cursor,
        alert_id: event.alert_id.0.to_vec().into(),
        version: event.version,
        kind: kind(view.kind).to_owned(),
        band: band(view.band).to_owned(),
        state: state(view.state).to_owned(),
        own_pseudonym: view.own_pseudonym.0.to_vec().into(),
        other_agency: view.other_agency.to_string(),
        other_roles: view
            .other_roles
            .iter()
            .map(|role| role.word().to_owned())
            .collect(),
        other_is_child: view.other_is_child,
        evidence: view.evidence.iter().map(evidence).collect(),
        cluster_id: view
            .cluster_id
            .map(|id| id.0.to_vec())
            .unwrap_or_default()
            .into(),
        cluster_agencies: view
            .cluster_agencies
            .iter()
            .map(ToString::to_string)
            .collect(),
        safeguarding_first: view.safeguarding_first,
        raised_ms: event.raised.0,
        may_release: view.may_release,
    }
}

pub(super) fn decision(word: &str) -> Option<DecisionKind> {
    Some(match word {
        "confirmed" => DecisionKind::Confirmed,
        "not_the_same" => DecisionKind::NotTheSame,
        "reopen" => DecisionKind::Reopen,
        "release_to_other" => DecisionKind::ReleaseToOther,
        _ => return None,
    })
}

fn evidence(line: &Evidence) -> wire::EvidenceLine {
    wire::EvidenceLine {
        kind: line.kind.word(),
        outcome: match line.outcome {
            Outcome::Agreed => "agreed",
            Outcome::Partly => "partly",
            Outcome::Differed => "differed",
            Outcome::NotCompared => "not_compared",
        }
        .to_owned(),
        strength: match line.strength {
            Strength::AgainstALot => "against_a_lot",
            Strength::AgainstALittle => "against_a_little",
            Strength::ALittle => "a_little",
            Strength::Strong => "strong",
            Strength::VeryStrong => "very_strong",
        }
        .to_owned(),
    }
}

const fn kind(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::SamePerson => "same_person",
        AlertKind::SharedIdentifier => "shared_identifier",
        AlertKind::VictimIsSuspect => "victim_is_suspect",
    }
}

const fn band(band: Band) -> &'static str {
    match band {
        Band::Possible => "possible",
        Band::Likely => "likely",
        Band::Strong => "strong",
    }
}

const fn state(state: AlertState) -> &'static str {
    match state {
        AlertState::Open => "open",
        AlertState::Confirmed => "confirmed",
        AlertState::NotTheSame => "not_the_same",
        AlertState::Lapsed => "lapsed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanctuary_types::{EvidenceKind, IdentifierKind};

    /// The wire's words are those of the types' serde form, so that JSON and gRPC agree.
    #[test]
    fn words_are_those_of_json() {
        let json = |value: serde_json::Value| value.as_str().unwrap().to_owned();
        for k in [
            AlertKind::SamePerson,
            AlertKind::SharedIdentifier,
            AlertKind::VictimIsSuspect,
        ] {
            assert_eq!(json(serde_json::to_value(k).unwrap()), kind(k));
        }
        for b in [Band::Possible, Band::Likely, Band::Strong] {
            assert_eq!(json(serde_json::to_value(b).unwrap()), band(b));
        }
        let states = [
            AlertState::Open,
            AlertState::Confirmed,
            AlertState::NotTheSame,
            AlertState::Lapsed,
        ];
        for s in states {
            assert_eq!(json(serde_json::to_value(s).unwrap()), state(s));
        }
        let line = Evidence {
            kind: EvidenceKind::Identifier(IdentifierKind::Phone),
            outcome: Outcome::Agreed,
            strength: Strength::VeryStrong,
        };
        let wire = evidence(&line);
        assert_eq!(
            (&*wire.kind, &*wire.outcome),
            ("identifier:phone", "agreed")
        );
        assert_eq!(
            wire.strength,
            json(serde_json::to_value(line.strength).unwrap())
        );
        assert!(decision("confirmed ").is_none());
    }
}
