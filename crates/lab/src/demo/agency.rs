use std::path::Path;

use sanctuary_cli::daemon_configs;
use sanctuary_node::{Config, Node, NodeLedger};
use sanctuary_node_core::{
    AlertView, ImportSummary, Mapping, PublishReport, ports::NodeStore as _,
};

use super::AgencyOutcome;
use crate::partnership::LivePartnership;

/// One agency of the demo: its node in this process, and what its file gave.
pub(super) struct Agency {
    name: String,
    node: Node,
    imported: ImportSummary,
    published: PublishReport,
}

impl Agency {
    /// Writes the node's configuration, opens the node and imports the agency's file.
    pub(super) async fn start(
        live: &LivePartnership,
        name: &str,
        files: &Path,
    ) -> anyhow::Result<Self> {
        let configs = daemon_configs(&live.partnership);
        let own = format!("{name}/node.toml");
        for config in configs.iter().filter(|c| c.file == own) {
            let text = format!("{}push_interval_ms = 1000\n", config.toml);
            std::fs::write(live.layout.0.join(&config.file), text)?;
        }
        let config = Config::load(&live.layout.0.join(own))?;
        let node = Node::open(&config).await?;
        let (mapping, file) = super::paths(files, name);
        let mapping: Mapping = Mapping::parse(&std::fs::read_to_string(mapping)?)?;
        let importing = node.clone();
        let imported = tokio::task::spawn_blocking(move || {
            importing.import_file(&file, &mapping, &mut |_| {})
        })
        .await??;
        Ok(Self {
            name: name.to_owned(),
            node,
            imported,
            published: PublishReport::default(),
        })
    }

    /// Tokenises everything and pushes it.
    pub(super) async fn publish(&mut self) -> anyhow::Result<()> {
        self.published = self.node.publish_all().await?;
        self.node.push().await?;
        Ok(())
    }

    pub(super) fn node(&self) -> &Node {
        &self.node
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Hands in counts for the board pack when the hub wants them.
    pub(super) async fn hand_in_counts(&self) -> anyhow::Result<bool> {
        Ok(self.node.hand_in_counts().await?)
    }

    /// Fetches the released editions of the board pack that are not here yet.
    pub(super) async fn fetch_editions(&self) -> anyhow::Result<u32> {
        Ok(self.node.fetch_editions().await?)
    }

    /// The node's hold on the ledger.
    pub(super) fn ledger(&self) -> &NodeLedger {
        self.node.ledger()
    }

    pub(super) async fn fetch_alerts(&self) -> anyhow::Result<u64> {
        Ok(self.node.fetch_alerts().await?)
    }

    pub(super) fn alerts(&self) -> anyhow::Result<Vec<AlertView>> {
        Ok(self.node.alerts()?)
    }

    pub(super) fn outcome(&self) -> AgencyOutcome {
        let imported = &self.imported;
        AgencyOutcome {
            name: self.name.clone(),
            records: imported.rows,
            accepted: imported.accepted,
            rejected: imported.rejected,
            not_imported: imported.not_imported,
            duty_to_notify_only: imported.notify_only,
            tokens: self.published.tokens,
        }
    }

    /// Every record's own reference and names, as only this node can read them.
    pub(super) fn export(&self) -> anyhow::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.node.store().for_each_record(&mut |record| {
            if let Some(details) = &record.details {
                bytes.extend_from_slice(details.reference.as_bytes());
                bytes.push(b'\n');
                bytes.extend_from_slice(details.names.as_bytes());
                bytes.push(b'\n');
            }
            Ok(())
        })?;
        Ok(bytes)
    }
}
