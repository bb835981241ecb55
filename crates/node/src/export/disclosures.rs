//! What others released to this agency: one row for each detail, with the marking, the grading, the conditions
//! and the code of the copy on each.

use sanctuary_casework::{CaseworkError, Format};
use sanctuary_disclosure::{Actor, Side};
use sanctuary_node_core::ports::NodeStore;
use sanctuary_policy::Action;
use sanctuary_rpc::now;
use sanctuary_types::{AlertId, CaseId};
use serde_json::Value;

use super::{Cell, Rows, unwritable};
use crate::{CaseFault, Node};

const COLUMNS: [&str; 25] = [
    "case",
    "reference",
    "originator",
    "recipient",
    "entity",
    "role",
    "detail",
    "value",
    "opinion",
    "sanitised",
    "shielded",
    "text",
    "categories",
    "child",
    "source",
    "information",
    "handling",
    "conditions",
    "onward",
    "not_for",
    "destroy_by",
    "code_of_copy",
    "own_reference",
    "own_link",
    "marking",
];

impl Node {
    /// Every release that may still be used. Each is a copy, counted and logged as one.
    pub(super) fn disclosure_rows(&self, by: &Actor) -> Result<Rows, CaseFault> {
        if !Action::ExportRelease.permits_any(&by.roles) {
            return Err(CaseworkError::NeedsRole(Action::ExportRelease).into());
        }
        let now = now();
        let cases = self.look_at_cases(|casework| casework.list(by, now))?;
        let mut rows = Rows::new(&COLUMNS);
        for line in cases.iter().filter(|line| line.side == Side::Requester) {
            let released = self.look_at_cases(|casework| {
                let alert = casework.case(&line.case, by, now)?.alert;
                let document = casework.release(&line.case, Format::Pole, by, now)?;
                Ok::<_, CaseworkError>((alert, document))
            });
            match released {
                Ok((alert, document)) => {
                    let document: Value =
                        serde_json::from_slice(&document.bytes).map_err(|_| unwritable())?;
                    self.rows_of(&line.case, &alert, &document, &mut rows)?;
                }
                Err(CaseworkError::NothingReleased | CaseworkError::TakenBack) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(rows)
    }

    fn rows_of(
        &self,
        case: &CaseId,
        alert: &AlertId,
        document: &Value,
        rows: &mut Rows,
    ) -> Result<(), CaseFault> {
        let own = self.store().alert(alert)?;
        let record = match own {
            Some(alert) => self.store().record_of(&alert.own)?,
            None => None,
        };
        let details = record.and_then(|record| record.details);
        let reference = details.map_or(String::new(), |d| d.reference.clone());
        let link = self.own_link(&reference);
        for entity in list(&document["entities"]) {
            let role = list(&document["links"])
                .find(|l| l["to"] == entity["id"])
                .map_or("", |l| text(&l["role"]));
            for attribute in list(&entity["attributes"]) {
                rows.rows.push(row(
                    case,
                    document,
                    [text(&entity["subKind"]), role],
                    Some(attribute),
                    [&reference, &link],
                ));
            }
        }
        if !text(&document["text"]).is_empty() {
            rows.rows.push(row(
                case,
                document,
                ["Report", ""],
                None,
                [&reference, &link],
            ));
        }
        Ok(())
    }
}

/// Without an attribute, the row of the report's text.
fn row(
    case: &CaseId,
    document: &Value,
    [entity, role]: [&str; 2],
    attribute: Option<&Value>,
    [reference, link]: [&str; 2],
) -> Vec<Cell> {
    let of = |name: &str| attribute.map_or("", |a| text(&a[name]));
    let is = |name: &str| attribute.is_some_and(|a| a[name] == true);
    let grading = &document["grading"];
    let conditions = [
        joined(&grading["conditions"]),
        text(&grading["conditionText"]).to_owned(),
    ];
    let conditions: Vec<String> = conditions.into_iter().filter(|c| !c.is_empty()).collect();
    vec![
        hex::encode(case.0).into(),
        text(&document["reference"]).into(),
        text(&document["originator"]).into(),
        text(&document["recipient"]).into(),
        entity.into(),
        role.into(),
        of("name").into(),
        of("value").into(),
        is("opinion").into(),
        is("sanitised").into(),
        is("shielded").into(),
        (if attribute.is_none() {
            text(&document["text"])
        } else {
            ""
        })
        .into(),
        joined(&document["categories"]).into(),
        (document["child"] == true).into(),
        text(&grading["source"]).into(),
        text(&grading["information"]).into(),
        text(&grading["handling"]).into(),
        conditions.join(": ").into(),
        text(&document["onward"]).into(),
        joined(&document["notFor"]).into(),
        text(&document["destroyBy"]).into(),
        text(&document["watermark"]).into(),
        reference.into(),
        link.into(),
        text(&document["marking"]).into(),
    ]
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn joined(value: &Value) -> String {
    list(value).map(text).collect::<Vec<_>>().join("; ")
}
