//! The review of possible matches at this node: the adapters of `review`'s ports, alerts that come into its
//! queue, decisions that leave for casework and the hub, and the one call by which commands and screens
//! reach it.

mod config;
mod hearing;
mod ports;
mod request;
mod telling;

use std::path::Path;

use sanctuary_node_core::{NodeError, NodeSecret};
use sanctuary_policy::Agreement;
use sanctuary_review::{Desk, Ports, Review, ReviewError, Rules};
use sanctuary_store::Sealer;
use tokio::sync::Notify;

use crate::{Node, store::ReviewTables};

pub use config::ReviewConfig;
pub use telling::TellReport;

/// What this node holds of the review.
pub(crate) struct ReviewDesk {
    store: ReviewTables,
    config: ReviewConfig,
    desk: Desk,
    /// One sender at a time.
    telling: tokio::sync::Mutex<()>,
    /// Something was decided.
    wake: Notify,
}

impl ReviewDesk {
    /// The store underneath, to be purged.
    pub(crate) fn underneath(&self) -> sanctuary_store::Store {
        self.store.underneath()
    }

    /// Opens the store in `data_dir/review` and reads it once into the index.
    pub(crate) fn open(
        data_dir: &Path,
        sealer: Sealer,
        secret: &NodeSecret,
        config: ReviewConfig,
    ) -> Result<Self, NodeError> {
        let store = ReviewTables::open(&data_dir.join("review"), sealer)?;
        let sample_key = secret.mac("sanctuary/v1/node/review-sample", &[]);
        let desk = Desk::open(&store, rules(None, config), sample_key);
        Ok(Self {
            desk: desk.map_err(|error| NodeError::Case(error.to_string()))?,
            store,
            config,
            telling: tokio::sync::Mutex::default(),
            wake: Notify::new(),
        })
    }

    /// What waits for a person.
    pub(crate) fn waiting(&self) -> Vec<sanctuary_review::Waiting> {
        self.desk.waiting()
    }
}

/// The clocks of the agreement in force, else those that a new agreement begins with; the rest as configured.
fn rules(agreement: Option<&Agreement>, config: ReviewConfig) -> Rules {
    Rules {
        clocks: agreement.map(|a| a.clocks).unwrap_or_default(),
        two_reviewers_always: config.two_reviewers_always,
        undo_ms: u64::from(config.undo_minutes) * 60_000,
        recheck_per_mille: config.recheck_percent.saturating_mul(10),
    }
}

impl Node {
    /// The use-cases of the review. They block: call them from a thread that may.
    #[must_use]
    pub fn review(&self) -> Review<'_> {
        let review = &self.inner.review;
        let ports = Ports {
            store: &review.store,
            acts: self.ledger(),
            people: self,
            records: self,
        };
        Review::new(&review.desk, ports)
    }

    /// Has decisions sent without waiting for the next pass.
    pub fn review_touched(&self) {
        self.inner.review.wake.notify_one();
    }

    /// Waits until something was decided.
    pub(crate) async fn review_waits(&self) {
        self.inner.review.wake.notified().await;
    }

    /// Goes by the agreement's clocks from now on.
    pub(crate) fn adopt_review_rules(&self) {
        let agreement = self.agreement();
        let review = &self.inner.review;
        review.desk.adopt(rules(agreement.as_ref(), review.config));
    }
}

fn fault(error: ReviewError) -> NodeError {
    NodeError::Case(error.to_string())
}
