use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use sanctuary_ledger::{Checkpoint, Digest, Resource};
use sanctuary_rpc::{ErrorCode, connect, endpoint_of};
use sanctuary_trust::PartyKind;
use sanctuary_types::PartyId;
use sanctuary_wire::ledger::{
    CheckpointRequest, EntriesRequest, HistoryRequest, ProveRequest, ResourceRequest,
    ledger_client::LedgerClient,
};
use tonic::{Status, transport::Channel};

use super::{Where, copy::Copy};
use crate::{Failure, whoami::Caller};

/// Resources that are asked for at once.
const AT_ONCE: usize = 16;
/// Earlier checkpoints that are compared.
const HISTORY_MAX: usize = 20_000;
/// Checkpoints in one answer of the hub.
const HISTORY_PAGE: usize = 256;

/// The hub's log in the hands of one party.
pub(crate) struct Remote {
    client: LedgerClient<Channel>,
    hub: PartyId,
    /// Bundles are for officers.
    is_officer: bool,
    pub(crate) log: sanctuary_ledger::LogKey,
}

impl Remote {
    pub(crate) async fn connect(place: &Where) -> Result<Self, Failure> {
        let caller: Caller = place.whoami()?.load()?;
        let roster = caller.roster.current();
        let hub = roster
            .hub()
            .map(|hub| hub.id.clone())
            .ok_or_else(|| Failure::failed("the roster names no hub; ask the officers"))?;
        let own = roster.party(&caller.party).ok_or_else(|| {
            Failure::usage(format!("{} is not on the roster; check --as", caller.party))
        })?;
        let endpoint = endpoint_of(&caller.roster, &hub)?;
        let channel = connect(&endpoint, &hub, &caller.identity, &caller.roster).await?;
        Ok(Self {
            client: LedgerClient::new(channel),
            hub,
            is_officer: own.kind == PartyKind::Officer,
            log: place.trusted()?.quorum.log().clone(),
        })
    }

    /// The newest checkpoint with enough cosignatures, and its proof from `seen_size` entries.
    pub(crate) async fn checkpoint(
        &self,
        seen_size: u64,
    ) -> Result<(Vec<u8>, Vec<Digest>), Failure> {
        let reply = self
            .client
            .clone()
            .checkpoint(CheckpointRequest { seen_size })
            .await
            .map_err(|status| self.refused(&status))?
            .into_inner();
        Ok((reply.note.to_vec(), digests(&reply.proof)?))
    }

    /// Audit path, leaf hash, and the entry where the caller may read it.
    pub(crate) async fn prove(
        &self,
        index: u64,
        size: u64,
    ) -> Result<(Vec<Digest>, Digest, Vec<u8>), Failure> {
        let reply = self
            .client
            .clone()
            .prove(ProveRequest { index, size })
            .await
            .map_err(|status| self.refused(&status))?
            .into_inner();
        let hash = digests(&[reply.leaf_hash])?;
        let hash = hash.first().copied().unwrap_or_default();
        Ok((digests(&reply.proof)?, hash, reply.leaf.to_vec()))
    }

    /// One static resource; none where the hub has none.
    async fn resource(&self, resource: Resource) -> Result<Option<(String, Vec<u8>)>, Failure> {
        let path = resource.path();
        let request = ResourceRequest { path: path.clone() };
        match self.client.clone().resource(request).await {
            Ok(reply) => Ok(Some((path, reply.into_inner().content.to_vec()))),
            // What is missing is for the audit to find.
            Err(status) if ErrorCode::of(&status) == ErrorCode::NotFound => Ok(None),
            Err(status) => Err(self.refused(&status)),
        }
    }

    async fn history(&self) -> Result<Vec<Vec<u8>>, Failure> {
        let mut history: Vec<Vec<u8>> = Vec::new();
        let mut from_size = 0;
        while history.len() < HISTORY_MAX {
            let request = HistoryRequest {
                from_size,
                limit: 0,
            };
            let reply = self.client.clone().history(request).await;
            let notes = reply
                .map_err(|status| self.refused(&status))?
                .into_inner()
                .notes;
            let count = notes.len();
            let size = notes
                .last()
                .and_then(|note| Checkpoint::verify(note, &self.log).ok())
                .map_or(u64::MAX, |c| c.size());
            history.extend(notes.into_iter().map(Into::into));
            if count < HISTORY_PAGE || size == u64::MAX {
                break;
            }
            // Those of this size that are left are of the same tree, or the one here shows it.
            from_size = size + 1;
        }
        Ok(history)
    }

    async fn own_entries(&self, size: u64) -> Result<BTreeMap<u64, Vec<u8>>, Failure> {
        let mut own = BTreeMap::new();
        let mut from = 0;
        while from < size {
            let reply = self
                .client
                .clone()
                .entries(EntriesRequest { from, limit: 0 })
                .await
                .map_err(|status| self.refused(&status))?
                .into_inner();
            let entries = reply.entries.into_iter().filter(|e| e.index < size);
            own.extend(entries.map(|e| (e.index, e.leaf.to_vec())));
            if reply.next <= from {
                break;
            }
            from = reply.next;
        }
        Ok(own)
    }

    fn refused(&self, status: &Status) -> Failure {
        Failure::refused(&self.hub, status)
    }
}

/// Fetches the whole log as far as the caller may have it.
pub(crate) async fn whole(place: &Where) -> Result<Copy, Failure> {
    let remote = Remote::connect(place).await?;
    let (note, _) = remote.checkpoint(0).await?;
    let size = Checkpoint::verify(&note, &remote.log).map_or(0, |c| c.size());
    let wanted = Resource::of_tree(size)
        .filter(|r| remote.is_officer || !matches!(r, Resource::Entries(..)));
    let resources: Vec<_> = stream::iter(wanted)
        .map(|resource| remote.resource(resource))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let own = if remote.is_officer {
        None
    } else {
        Some(remote.own_entries(size).await?)
    };
    Ok(Copy {
        note,
        resources: resources.into_iter().flatten().collect(),
        history: remote.history().await?,
        own,
    })
}

fn digests<B: AsRef<[u8]>>(list: &[B]) -> Result<Vec<Digest>, Failure> {
    list.iter()
        .map(|hash| hash.as_ref().try_into())
        .collect::<Result<_, _>>()
        .map_err(|_| {
            Failure::failed(
                "the hub sent a hash that is none; check that both run the same version",
            )
        })
}
