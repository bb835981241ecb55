//! The node's hold on the partnership's keys: manifests on disk, and the tokeniser made of them.

use std::{
    path::Path,
    sync::{Arc, PoisonError},
    time::SystemTime,
};

use sanctuary_node_core::{KeySet, NodeError, Tokeniser};
use sanctuary_rpc::now;
use sanctuary_trust::files::load_manifest;
use sanctuary_types::KeyClass;

use super::Node;
use crate::holders::GrpcHolders;

/// The tokeniser of the manifests as the files were when it was made.
pub(super) struct LoadedKeys {
    files: Vec<Option<(SystemTime, u64)>>,
    not_after_ms: u64,
    tokeniser: Arc<Tokeniser<GrpcHolders>>,
}

impl Node {
    /// The tokeniser of the manifests on disk, made again when a file changed or has expired.
    pub(super) fn tokeniser(&self) -> Result<Arc<Tokeniser<GrpcHolders>>, NodeError> {
        let files: Vec<_> = self.inner.manifests.iter().map(|p| stamp(p)).collect();
        let mut keys = self
            .inner
            .keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = keys.as_ref()
            && loaded.files == files
            && now().0 < loaded.not_after_ms
        {
            return Ok(Arc::clone(&loaded.tokeniser));
        }
        let (tokeniser, not_after_ms) = self.load_keys()?;
        let tokeniser = Arc::new(tokeniser);
        *keys = Some(LoadedKeys {
            files,
            not_after_ms,
            tokeniser: Arc::clone(&tokeniser),
        });
        Ok(tokeniser)
    }

    fn load_keys(&self) -> Result<(Tokeniser<GrpcHolders>, u64), NodeError> {
        let roster = self.inner.peers.roster();
        let keys = |error: sanctuary_trust::TrustError| NodeError::Keys(error.to_string());
        let mut sets: [Option<KeySet>; 2] = [None, None];
        let mut not_after_ms = u64::MAX;
        for path in &self.inner.manifests {
            let manifest = load_manifest(path)
                .and_then(|signed| signed.verify(roster.anchors(), &roster.current(), now()))
                .map_err(keys)?;
            self.inner
                .store
                .accept_keys(manifest.class, manifest.epoch, manifest.generation)?;
            not_after_ms = not_after_ms.min(manifest.not_after.0);
            let place = usize::from(manifest.class == KeyClass::Identifier);
            sets[place] = Some(KeySet::new(&manifest)?);
        }
        let [Some(person), Some(identifier)] = sets else {
            return Err(NodeError::Keys(
                "the manifests of both the person and the identifier key must be configured"
                    .to_owned(),
            ));
        };
        let holders = GrpcHolders::new(
            self.inner.peers.clone(),
            person.holders.clone(),
            identifier.holders.clone(),
            self.figures().refusals.clone(),
        );
        let secret = self.inner.secret.clone();
        Ok((
            Tokeniser::new(holders, person, identifier, secret)?,
            not_after_ms,
        ))
    }
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
