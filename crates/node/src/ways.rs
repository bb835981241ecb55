//! How the agency's own systems reach the node, as people see it: the state of each feed, when a key was last used.
//! In memory; what counts is in the folders and in the sealed file of keys.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use sanctuary_rpc::now;
use sanctuary_types::Timestamp;

use crate::{ApiKeys, Config, FeedMode};

/// A watched folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct FeedState {
    /// A file is all of its records.
    pub(crate) is_full: bool,
    /// When it was last looked at.
    pub(crate) looked: Option<Timestamp>,
    /// When a file was last taken or refused.
    pub(crate) settled: Option<Timestamp>,
    /// What is wrong with it.
    pub(crate) problem: Option<String>,
}

/// All of it.
pub(crate) struct WaysIn {
    feeds: Mutex<BTreeMap<String, FeedState>>,
    uses: Mutex<BTreeMap<String, Timestamp>>,
    /// The keys of own systems.
    pub(crate) keys: ApiKeys,
    /// The node is configured to take calls.
    pub(crate) takes_calls: bool,
    /// Since when it is remembered.
    pub(crate) since: Timestamp,
}

impl WaysIn {
    pub(crate) fn of(config: &Config, keys: ApiKeys) -> Self {
        let feeds = config.feeds.iter().map(|feed| {
            let state = FeedState {
                is_full: feed.mode == FeedMode::Full,
                ..FeedState::default()
            };
            (feed.name.to_string(), state)
        });
        Self {
            feeds: Mutex::new(feeds.collect()),
            uses: Mutex::default(),
            keys,
            takes_calls: config.intake.is_some(),
            since: now(),
        }
    }

    fn feeds_now(&self) -> MutexGuard<'_, BTreeMap<String, FeedState>> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Each feed by name.
    pub(crate) fn feeds(&self) -> BTreeMap<String, FeedState> {
        self.feeds_now().clone()
    }

    /// A feed was looked at.
    pub(crate) fn looked(&self, feed: &str, outcome: Result<u64, &str>) {
        let mut feeds = self.feeds_now();
        let state = feeds.entry(feed.to_owned()).or_default();
        state.looked = Some(now());
        match outcome {
            Ok(files) => {
                state.problem = None;
                if files > 0 {
                    state.settled = state.looked;
                }
            }
            Err(problem) => state.problem = Some(problem.to_owned()),
        }
    }

    /// A key was used.
    pub(crate) fn used(&self, key: &str) {
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        uses.insert(key.to_owned(), now());
    }

    /// When a key was last used.
    pub(crate) fn last_use(&self, key: &str) -> Option<Timestamp> {
        let uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        uses.get(key).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanctuary_store::Sealer;

    #[test]
    fn a_feed_that_works_again_has_no_problem() {
        let dir = tempfile::tempdir().unwrap();
        let keys = ApiKeys::of(dir.path(), Sealer::from_root_key(&[1; 32]).unwrap());
        let config = Config::parse(
            "party = 'police'\ndata_dir = 'd'\nidentity_dir = 'i'\nanchors = 'a'\nroster = 'r'\n[[feed]]\nname = 'cases'\nkind = 'folder'\npath = 'in'\nmode = 'full'",
        );
        let ways = WaysIn::of(&config.unwrap(), keys);
        assert!(ways.feeds()["cases"].is_full && ways.feeds()["cases"].looked.is_none());
        ways.looked("cases", Err("it was stopped"));
        assert_eq!(
            ways.feeds()["cases"].problem.as_deref(),
            Some("it was stopped")
        );
        ways.looked("cases", Ok(0));
        let state = ways.feeds()["cases"].clone();
        assert!(state.problem.is_none() && state.settled.is_none() && state.looked.is_some());
        ways.looked("cases", Ok(2));
        assert!(ways.feeds()["cases"].settled.is_some());
        assert_eq!(ways.last_use("crm"), None);
        ways.used("crm");
        assert!(ways.last_use("crm").is_some());
    }
}
