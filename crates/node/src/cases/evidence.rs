//! What makes the evidence pack one export that others can check.

use std::collections::BTreeSet;

use sanctuary_node_core::NodeError;
use sanctuary_policy::SignedAgreement;
use serde_json::{Value, json};

use crate::Node;

impl Node {
    /// Adds the agreement as the officers signed it, and the log's receipts, to the pack.
    pub(super) fn with_proofs(&self, mut pack: Value) -> Result<Value, NodeError> {
        let version = pack.get("agreement_version").and_then(Value::as_u64);
        let texts = self.inner.cases.store.agreements()?;
        let agreement = texts.into_iter().find(|text| {
            let read = SignedAgreement::from_toml(text);
            read.is_ok_and(|signed| Some(u64::from(signed.proposal().version)) == version)
        });
        let entries = pack.get("log_entries").and_then(Value::as_array);
        let entries: BTreeSet<&str> = entries
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut receipts = Vec::new();
        for act in self.receipts(None)? {
            if entries.contains(act.id.to_string().as_str()) {
                receipts.extend(act.receipt);
            }
        }
        if let Some(pack) = pack.as_object_mut() {
            pack.insert("agreement".to_owned(), json!(agreement));
            pack.insert("receipts".to_owned(), json!(receipts));
        }
        Ok(pack)
    }
}
