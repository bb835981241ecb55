//! What the daemon's loops last failed at, for `status` and for the console.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use sanctuary_node_core::NodeError;

/// What each loop last failed at.
#[derive(Clone, Default)]
pub(crate) struct Problems(Arc<Mutex<BTreeMap<&'static str, String>>>);

impl Problems {
    pub(crate) fn set(&self, of: &'static str, problem: &NodeError) {
        let text = problem.to_string();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(of) != Some(&text) {
            tracing::warn!(part = of, problem = %text, "cannot go on for now");
            all.insert(of, text);
        }
    }

    pub(crate) fn clear(&self, of: &'static str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.remove(of).is_some() {
            tracing::info!(part = of, "goes on again");
        }
    }

    /// Whether a loop cannot go on.
    pub(crate) fn has(&self, of: &str) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.contains_key(of)
    }

    /// The loops that cannot go on.
    pub(crate) fn parts(&self) -> Vec<&'static str> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.keys().copied().collect()
    }

    /// Each loop that cannot go on, with why; two that fail at the same thing say it once.
    pub(crate) fn all(&self) -> Vec<(&'static str, String)> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut told = BTreeSet::new();
        let fresh = all.iter().filter(|(_, text)| told.insert(text.as_str()));
        fresh.map(|(part, text)| (*part, text.clone())).collect()
    }

    pub(crate) fn text(&self) -> String {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Two loops that fail at the same thing say it once.
        let texts: BTreeSet<&str> = all.values().map(String::as_str).collect();
        texts.into_iter().collect::<Vec<_>>().join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_of_two_loops_is_told_once_and_goes_with_the_last() {
        let problems = Problems::default();
        let unreachable = NodeError::HubUnavailable {
            hub: "hub".parse().unwrap(),
            reason: "nothing listens there".to_owned(),
        };
        problems.set("pushing", &unreachable);
        problems.set("alerts", &unreachable);
        assert_eq!(problems.text(), unreachable.to_string());
        assert_eq!(problems.text().matches("hub").count(), 1);
        problems.clear("alerts");
        assert!(!problems.text().is_empty());
        problems.clear("pushing");
        assert_eq!(problems.text(), "");
    }
}
