//! The log of the demo's day, checked by an officer from outside.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::agency::Agency;
use crate::partnership::LivePartnership;

/// Longest wait until every act is cosigned and proven.
const PATIENCE: Duration = Duration::from_secs(60);

/// What `sanctuary audit verify` found.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct AuditOutcome {
    /// Entries read.
    pub entries: u64,
    /// Whether they lead to the signed and cosigned root, with every promise kept.
    pub verified: bool,
}

/// Lets the nodes cosign and check the log, as their daemons do every few seconds, until each act of
/// theirs is proven; then audits it as an officer.
pub(super) async fn audit(
    live: &LivePartnership,
    agencies: &[Agency],
) -> anyhow::Result<AuditOutcome> {
    let started = Instant::now();
    while !proven(agencies).await? && started.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let officer = "officer-1".parse()?;
    let report = sanctuary_cli::audit::verify_as(&live.layout.0, &officer).await?;
    anyhow::ensure!(report.verified, "the audit found: {}", report.text());
    Ok(AuditOutcome {
        entries: report.entries,
        verified: report.verified,
    })
}

async fn proven(agencies: &[Agency]) -> anyhow::Result<bool> {
    for agency in agencies {
        agency.ledger().send_pending().await?;
        // A checkpoint may be overtaken while it is signed: the next look takes the newer one.
        let _ = agency.ledger().witness().await;
    }
    let mut open = 0;
    for agency in agencies {
        let _ = agency.ledger().follow().await;
        let status = agency.ledger().status()?;
        open += status.waiting + status.unproven;
    }
    Ok(open == 0)
}
