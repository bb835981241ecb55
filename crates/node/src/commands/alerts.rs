use sanctuary_types::{AlertId, AlertKind, AlertState, Band, Explanation};
use serde::Deserialize;
use serde_json::Value;

use super::{
    Failure, JsonTarget,
    output::{print, write_json},
};
use crate::{
    Config,
    jobs::{Access, Answered, Job},
};

/// Shows every alert beside the agency's own record, newest first.
///
/// # Errors
/// [`Failure`].
pub async fn alerts(config: &Config, json: &JsonTarget) -> Result<(), Failure> {
    let mut access = Access::of(config).await?;
    if let Access::Direct(node) = &access
        && let Err(error) = node.fetch_alerts().await
    {
        eprintln!("showing the alerts received before: {error}");
    }
    let rows: Vec<Value> = match access.perform(config, &Job::Alerts, |_| {}).await? {
        Answered::Done(rows) => rows,
        Answered::BadInput(problem) => return Err(Failure::BadInput(problem)),
    };
    if write_json(json, &rows)? {
        return Ok(());
    }
    if rows.is_empty() {
        print("no possible matches so far\n")?;
    }
    let mut text = String::new();
    for row in rows {
        let shown: Shown = serde_json::from_value(row).map_err(anyhow::Error::from)?;
        text.push_str(&shown.line());
        text.push('\n');
    }
    Ok(print(&text)?)
}

/// What a line shows of a [`sanctuary_node_core::AlertView`].
#[derive(Deserialize)]
struct Shown {
    alert_id: AlertId,
    kind: AlertKind,
    band: Band,
    state: AlertState,
    other_agency: String,
    other_roles_words: Vec<String>,
    record: Option<String>,
    names: Option<String>,
    safeguarding_first: bool,
    #[serde(default)]
    cluster_agencies: Vec<String>,
    #[serde(default)]
    explanation: Explanation,
}

impl Shown {
    fn line(&self) -> String {
        let kind = match self.kind {
            AlertKind::SamePerson => "possible match: same person",
            AlertKind::SharedIdentifier => "possible link: shared identifier",
            AlertKind::VictimIsSuspect => {
                "possible match: victim at one agency, suspect at the other"
            }
        };
        let band = match self.band {
            Band::Strong => "strong",
            Band::Likely => "likely",
            Band::Possible => "possible",
        };
        let state = match self.state {
            AlertState::Open => "open",
            AlertState::Confirmed => "confirmed",
            AlertState::NotTheSame => "not the same",
            AlertState::Lapsed => "lapsed",
        };
        let mut text = format!(
            "{kind} ({band}, {state}): {} {} with {} [{}]",
            self.record.as_deref().unwrap_or("a record no longer here"),
            self.names.as_deref().unwrap_or(""),
            self.other_agency,
            self.other_roles_words.join(", ")
        );
        if self.cluster_agencies.len() > 2 {
            text.push_str(&format!("; known to {}", self.cluster_agencies.join(", ")));
        }
        if self.safeguarding_first {
            text.push_str("; safeguarding first");
        }
        text.push_str(&format!("\n  id {}", self.alert_id));
        if !self.explanation.reasons.is_empty() {
            text.push_str(&format!("\n  {}", self.explanation.summary));
        }
        for reason in &self.explanation.reasons {
            text.push_str(&format!("\n    - {reason}"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanctuary_node_core::{AlertView, StoredAlert};
    use sanctuary_types::{
        Evidence, EvidenceKind, Explanation, Outcome, Pseudonym, Role, Roles, Strength, Timestamp,
    };

    #[test]
    fn a_line_is_read_from_what_the_node_writes() {
        let evidence = Evidence {
            kind: EvidenceKind::DateOfBirth,
            outcome: Outcome::Agreed,
            strength: Strength::Strong,
        };
        let view = AlertView {
            alert: StoredAlert {
                alert_id: AlertId([1; 16]),
                version: 1,
                kind: AlertKind::SamePerson,
                band: Band::Strong,
                state: AlertState::Open,
                own: Pseudonym([2; 16]),
                other_agency: "council".parse().unwrap(),
                other_roles: Roles::default().with(Role::Suspect),
                other_is_child: false,
                evidence: vec![evidence],
                cluster: String::new(),
                cluster_agencies: Vec::new(),
                safeguarding_first: true,
                raised: Timestamp(1),
                may_release: false,
            },
            record: Some("r1".to_owned()),
            names: Some("Amal Haddad".to_owned()),
            other_roles_words: vec!["suspect"],
            explanation: Explanation::of(&[evidence]),
        };
        let shown: Shown = serde_json::from_value(serde_json::to_value(view).unwrap()).unwrap();
        assert_eq!(
            shown.line(),
            "possible match: same person (strong, open): r1 Amal Haddad with council [suspect]; safeguarding first
  id 01010101010101010101010101010101
  Date of birth the same.
    - Date of birth the same: adds a lot."
        );
    }
}
