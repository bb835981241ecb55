//! The link chart: own records with their names, other agencies' records as an agency and a number, and the
//! possible matches between them.

use std::collections::BTreeSet;

use sanctuary_review::Exported;
use serde_json::json;

use super::{
    ExportFile, MARKING, Rows,
    alerts::{MEANING, moment, roles, word},
    rows::lines,
    unwritable,
};
use crate::{CaseFault, Node};

pub(super) const NODE_COLUMNS: [&str; 9] = [
    "id",
    "label",
    "type",
    "agency",
    "reference",
    "roles",
    "child",
    "link",
    "marking",
];
pub(super) const EDGE_COLUMNS: [&str; 11] = [
    "id", "from", "to", "label", "type", "strength", "state", "due", "agreed", "meaning", "marking",
];

/// Nodes and edges.
pub(super) struct Chart {
    pub(super) nodes: Rows,
    pub(super) edges: Rows,
}

impl Node {
    pub(super) fn chart(&self, exported: &[Exported]) -> Chart {
        let mut chart = Chart {
            nodes: Rows::new(&NODE_COLUMNS),
            edges: Rows::new(&EDGE_COLUMNS),
        };
        let mut seen = BTreeSet::new();
        for each in exported {
            let line = &each.line;
            let own = format!("{}:{}", self.party(), self.own_number(each));
            let other = format!("{}:{}", line.other, self.other_number(each));
            if seen.insert(own.clone()) {
                let record = each.record.as_ref();
                let reference = record.map_or("", |r| r.reference.as_str());
                let label = record.map_or("own record that is gone", |r| r.names.as_str());
                chart.nodes.rows.push(vec![
                    own.clone().into(),
                    label.into(),
                    "own record".into(),
                    self.party().as_str().into(),
                    reference.into(),
                    roles(&line.own_roles).into(),
                    record.and_then(|r| r.child).unwrap_or_default().into(),
                    self.own_link(reference).into(),
                    MARKING.into(),
                ]);
            }
            chart.nodes.rows.push(vec![
                other.clone().into(),
                format!("{} record {}", line.other, self.other_number(each)).into(),
                "record of another agency".into(),
                line.other.as_str().into(),
                "".into(),
                roles(&line.other_roles).into(),
                false.into(),
                "".into(),
                MARKING.into(),
            ]);
            let kind = word(&line.kind);
            chart.edges.rows.push(vec![
                hex::encode(line.alert.0).into(),
                own.into(),
                other.into(),
                format!("possible match: {}", kind.replace('_', " ")).into(),
                kind.into(),
                word(&line.band).into(),
                line.state.word().into(),
                moment(line.due).into(),
                each.agreed.join("; ").into(),
                MEANING.into(),
                MARKING.into(),
            ]);
        }
        chart
    }
}

impl Chart {
    /// One document in the node-link form that networkx and d3 read.
    pub(super) fn json(&self) -> Result<ExportFile, CaseFault> {
        let links = self.edges.rows.iter().map(|row| {
            let mut object = self.edges.object(row);
            for (from, to) in [("from", "source"), ("to", "target")] {
                if let Some(value) = object.remove(from) {
                    object.insert(to.to_owned(), value);
                }
            }
            serde_json::Value::Object(object)
        });
        let document = json!({
            "directed": false,
            "multigraph": true,
            "graph": { "marking": MARKING },
            "nodes": self.nodes.objects(),
            "links": links.collect::<Vec<_>>(),
        });
        let text = serde_json::to_string_pretty(&document).map_err(|_| unwritable())?;
        Ok(self.file(text + "\n"))
    }

    /// Nodes first, then edges, each with its `element`.
    pub(super) fn ndjson(&self) -> Result<ExportFile, CaseFault> {
        let named = |rows: &Rows, element: &str| -> Vec<serde_json::Value> {
            let each = rows.rows.iter().map(|row| {
                let mut object = rows.object(row);
                object.insert("element".to_owned(), element.into());
                serde_json::Value::Object(object)
            });
            each.collect()
        };
        let text = lines(&named(&self.nodes, "node")) + &lines(&named(&self.edges, "edge"));
        Ok(self.file(text))
    }

    pub(super) fn file(&self, text: String) -> ExportFile {
        ExportFile {
            name: None,
            text,
            rows: self.nodes.rows.len() + self.edges.rows.len(),
        }
    }
}
