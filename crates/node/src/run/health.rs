//! Looks after how the node is: what waits and since when, what the key holders have left for today, and
//! the figures for whoever watches.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use sanctuary_health::{Figures, MetricsConfig, Watched};
use sanctuary_rpc::now;

use super::Problems;
use crate::Node;

/// Between two looks at what waits.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Looks between two questions to the key holders.
const LOOKS_PER_QUESTION: u32 = 120;

pub(super) async fn watch(node: Node) {
    let mut looks = 0_u32;
    loop {
        if let Err(error) = node.look_what_waits() {
            tracing::debug!(%error, "cannot see what waits");
        }
        if looks.is_multiple_of(LOOKS_PER_QUESTION) {
            node.ask_quotas().await;
        }
        looks = looks.wrapping_add(1);
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Opens the listener for figures and readiness.
pub(super) fn listen(config: &MetricsConfig) -> anyhow::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(config.listen)
        .with_context(|| format!("cannot tell figures on {}", config.listen))?;
    tracing::info!(listen = %listener.local_addr()?, "telling figures");
    Ok(listener)
}

/// Tells figures and readiness until it is dropped.
pub(super) async fn tell(listener: std::net::TcpListener, node: Node, problems: Problems) {
    let watched = Arc::new(WatchedNode { node, problems });
    if let Err(error) = sanctuary_health::serve(listener, watched).await {
        tracing::error!(%error, "no longer telling figures; restart the node");
    }
}

struct WatchedNode {
    node: Node,
    problems: Problems,
}

impl Watched for WatchedNode {
    fn figures(&self) -> &Figures {
        let figures = self.node.figures();
        match self.node.status_with(&self.problems.text()) {
            Ok(status) => figures.set(&status, &self.problems.parts()),
            Err(error) => tracing::warn!(%error, "the figures are of an earlier moment"),
        }
        &figures.figures
    }

    fn readiness(&self) -> Result<(), String> {
        let told = |error: &dyn std::fmt::Display| error.to_string();
        self.node.store().check_writable().map_err(|e| told(&e))?;
        let identity = self.node.inner.peers.identity();
        identity.check_in_force(now()).map_err(|e| told(&e))
    }
}
