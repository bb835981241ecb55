//! Where the log stands, for the hub's operator.

use sanctuary_health::LogStatus;

use super::HubLedger;

impl HubLedger {
    /// Entries, the newest checkpoint and who has cosigned it.
    pub(crate) fn standing(&self) -> LogStatus {
        let (entries, latest, witnessed) = {
            let ledger = self.ledger();
            let witnessed = ledger.published().map(|c| c.size());
            (ledger.size(), ledger.latest().cloned(), witnessed)
        };
        let quorum = self.quorum().ok();
        let signed = quorum.as_ref().zip(latest.as_ref());
        let witnesses = signed
            .and_then(|(quorum, checkpoint)| quorum.cosignatures(checkpoint).ok())
            .map(|found| found.iter().map(|(w, _)| w.name().to_owned()).collect());
        LogStatus {
            entries,
            checkpoint: latest.as_ref().map(|c| c.time()),
            witnessed,
            witnesses: witnesses.unwrap_or_default(),
            witnesses_needed: quorum.as_ref().map_or(0, |q| q.needed()),
            alarm: String::new(),
        }
    }
}
