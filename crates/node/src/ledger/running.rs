//! The loops of the daemon: sending what waits, cosigning, following.

use std::time::{Duration, Instant};

use sanctuary_node_core::NodeError;

use super::NodeLedger;

/// How often a node looks at the log: well within the delay that the log promises.
const EVERY: Duration = Duration::from_secs(5);
/// Acts that come so soon after another go to the hub together.
const GATHER: Duration = Duration::from_millis(250);
/// How often a node tells the key holders what it was shown.
const GOSSIP_EVERY: Duration = Duration::from_secs(60);
/// How often acts that the hub did not take are stated again.
const REVIVE_EVERY: Duration = Duration::from_secs(3_600);

/// What a node does with the log, for telling how each goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerPart {
    /// Sending acts and getting them promised.
    Sending,
    /// Cosigning checkpoints.
    Witnessing,
    /// Checking checkpoints and fetching proofs.
    Following,
    /// Comparing with what others were shown.
    Gossiping,
}

impl LedgerPart {
    /// One phrase, for problems.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sending => "logging",
            Self::Witnessing => "cosigning the ledger",
            Self::Following => "checking the ledger",
            Self::Gossiping => "comparing the ledger with others",
        }
    }
}

impl NodeLedger {
    /// Sends what waits, cosigns and follows the log every five seconds, until it is dropped. `outcome`
    /// hears how each time went.
    pub async fn run(self, outcome: impl Fn(LedgerPart, Result<(), &NodeError>) + Send + Sync) {
        tokio::join!(self.keep_sending(&outcome), self.keep_following(&outcome));
    }

    async fn keep_sending(&self, outcome: &(impl Fn(LedgerPart, Result<(), &NodeError>) + Sync)) {
        let mut revived: Option<Instant> = None;
        loop {
            if revived.is_none_or(|at| at.elapsed() > REVIVE_EVERY) {
                revived = Some(Instant::now());
                if let Err(error) = self.revive().await {
                    outcome(LedgerPart::Sending, Err(&error));
                }
            }
            let sent = self.send_pending().await;
            outcome(LedgerPart::Sending, sent.as_ref().map(|_| ()));
            if tokio::time::timeout(EVERY, self.waiting.notified())
                .await
                .is_ok()
            {
                tokio::time::sleep(GATHER).await;
            }
        }
    }

    async fn keep_following(&self, outcome: &(impl Fn(LedgerPart, Result<(), &NodeError>) + Sync)) {
        let mut gossiped: Option<Instant> = None;
        loop {
            let witnessed = self.witness().await;
            outcome(LedgerPart::Witnessing, witnessed.as_ref().map(|_| ()));
            let followed = self.follow().await;
            outcome(LedgerPart::Following, followed.as_ref().map(|_| ()));
            if gossiped.is_none_or(|at| at.elapsed() > GOSSIP_EVERY) {
                gossiped = Some(Instant::now());
                let heard = self.gossip().await;
                outcome(LedgerPart::Gossiping, heard.as_ref().map(|_| ()));
            }
            tokio::time::sleep(EVERY).await;
        }
    }
}
