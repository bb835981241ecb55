//! The sharing agreement at this node: taken from the hub, believed only when the officers signed it.

use std::sync::PoisonError;

use sanctuary_node_core::NodeError;
use sanctuary_policy::{Agreement, Agreements, Learnt, PolicyError, SignedAgreement};
use sanctuary_rpc::now;
use sanctuary_trust::Anchors;
use sanctuary_wire::directory::{AgreementRequest, directory_client::DirectoryClient};

use crate::{Node, peers::hub_fault, store::CaseTables};

/// Bytes of the hub's answer.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What the store holds, verified again.
pub(super) fn read(store: &CaseTables, anchors: &Anchors) -> Result<Agreements, NodeError> {
    let mut agreements = Agreements::default();
    for text in store.agreements()? {
        let learnt = SignedAgreement::from_toml(&text).and_then(|s| agreements.learn(&s, anchors));
        learnt.map_err(|_| NodeError::Damaged("sharing agreement"))?;
    }
    Ok(agreements)
}

impl Node {
    /// The agreement that counts now, in force or not; `None` while this node knows none.
    #[must_use]
    pub fn agreement(&self) -> Option<Agreement> {
        self.agreements().current(now()).cloned()
    }

    /// Takes a signed agreement in, durably; gives its version. The same one again changes nothing.
    ///
    /// # Errors
    /// [`NodeError::Agreement`] when not enough officers signed it or it does not follow the ones known.
    pub fn learn_agreement(&self, toml: &str) -> Result<u32, NodeError> {
        let refused = |error: PolicyError| NodeError::Agreement(error.to_string());
        let signed = SignedAgreement::from_toml(toml).map_err(refused)?;
        let version = signed.proposal().version;
        let cases = &self.inner.cases;
        let mut known = cases
            .agreements
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let mut next = known.clone();
        let learnt = next.learn(&signed, self.roster().anchors());
        if learnt.map_err(refused)? == Learnt::New {
            cases.store.put_agreement(version, toml)?;
            *known = next;
            tracing::info!(version, "took a sharing agreement in");
        }
        Ok(version)
    }

    /// Fetches newer agreements from the hub.
    pub(super) async fn fetch_agreements(&self) -> Result<(), NodeError> {
        loop {
            let after_version = self.agreements().newest_version();
            let (hub, channel) = self.inner.peers.hub_channel()?;
            let answer = DirectoryClient::new(channel)
                .max_decoding_message_size(ANSWER_BYTES_MAX)
                .agreement(AgreementRequest { after_version })
                .await
                .map_err(|status| hub_fault(&hub, &status))?;
            for signed in answer.into_inner().signed {
                let text = String::from_utf8(signed.to_vec())
                    .map_err(|_| NodeError::Agreement("it is not text".to_owned()))?;
                let node = self.clone();
                tokio::task::spawn_blocking(move || node.learn_agreement(&text))
                    .await
                    .map_err(|_| NodeError::Damaged("sharing agreement"))??;
            }
            // Nothing newer, or a hub that repeats itself.
            if self.agreements().newest_version() <= after_version {
                return Ok(());
            }
        }
    }

    pub(super) fn agreements(&self) -> std::sync::RwLockReadGuard<'_, Agreements> {
        let agreements = &self.inner.cases.agreements;
        agreements.read().unwrap_or_else(PoisonError::into_inner)
    }
}
