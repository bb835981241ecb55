//! Between casework and the hub: what waits goes out, what waits there comes in. The hub being away is
//! normal: nothing is lost and nothing is done twice, whenever either of the two stops.

use std::collections::BTreeSet;

use sanctuary_casework::{
    Casework, CaseworkError, OutboxId, Outgoing, ParcelContent, Received, What,
};
use sanctuary_envelope::KeyAnnouncement;
use sanctuary_node_core::NodeError;
use sanctuary_rpc::{ErrorCode, now};
use sanctuary_types::{CaseId, PartyId, limits::MESSAGE_BYTES_MAX};
use sanctuary_wire::disclosure::{
    AcknowledgeRequest, AnnounceKeyRequest, KeysRequest, Parcel as WireParcel, SendRequest,
    TakeRequest, disclosures_client::DisclosuresClient,
};
use tonic::{Code, Status, codegen::Bytes, transport::Channel};

use super::wire;
use crate::{
    Node,
    peers::{Peers, hub_fault, refuses_agency},
};

/// Parcels taken at once; the hub gives no more.
const TAKEN_MAX: u32 = 64;
/// Things of the outbox looked at in one pass.
const OUTBOX_MAX: usize = 1_024;
/// Announcements in one answer: two suites of each party that a roster may have.
const KEYS_MAX: usize = 4_096;

type Client = DisclosuresClient<Channel>;

/// What one pass of the courier did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CourierReport {
    /// Parcels, ticks and keys that the hub holds now.
    pub sent: u64,
    /// Parcels taken in.
    pub taken: u64,
    /// Of these, refused and kept as alarms.
    pub alarms: u64,
    /// Things that happened by themselves: answers that left, cases that expired.
    pub happened: u64,
    /// Left for later because the hub would not carry them now.
    pub held_back: u64,
}

impl CourierReport {
    /// Whether anything happened at all.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.sent + self.taken + self.happened == 0
    }
}

/// What became of one thing of the outbox.
enum Carried {
    Yes,
    /// Never: it is forgotten, with the reason in the log.
    Never(String),
    /// Not now.
    Later(String),
}

impl Node {
    /// One pass: learns agreements and keys, does what is due, sends what waits, takes in what waits at
    /// the hub. What is due is done whether or not the hub answers.
    ///
    /// # Errors
    /// [`NodeError::HubUnavailable`] and what the store gives; what was not done is done by the next pass.
    pub async fn courier(&self) -> Result<CourierReport, NodeError> {
        let _one = self.inner.cases.couriering.lock().await;
        let mut report = CourierReport::default();
        let met = self.exchange().await;
        if met.is_ok() {
            self.heard_hub();
        }
        if self.agreement().is_none() {
            // Before the officers have signed one there are no cases: nothing is due, and that is no problem.
            return met.map(|_| report);
        }
        let due = self.with_casework(|casework| casework.tick(now(), &mut rand::rng()));
        for happening in due.await?? {
            report.happened += 1;
            if let What::Stopped { rule, .. } = happening.what {
                tracing::warn!(rule, "a case cannot go on");
            }
        }
        if !met? {
            return Ok(report);
        }
        self.send_waiting(&mut report).await?;
        self.take_waiting(&mut report).await?;
        // Proofs that came are answered at once.
        self.send_waiting(&mut report).await?;
        Ok(report)
    }

    /// Agreements and the others' keys from the hub; the own key again when the hub has lost it. False
    /// for a hub that knows no disclosures.
    async fn exchange(&self) -> Result<bool, NodeError> {
        let (hub, mut client) = client(&self.inner.peers)?;
        let request = KeysRequest {
            parties: Vec::new(),
        };
        let keys = match client.keys(request).await {
            Ok(keys) => keys,
            Err(status) if status.code() == Code::Unimplemented => return Ok(false),
            Err(status) => return Err(hub_fault(&hub, &status)),
        };
        self.fetch_agreements().await?;
        let wire = keys.into_inner().announcements;
        if wire.len() > KEYS_MAX {
            return Err(NodeError::HubRefused {
                hub,
                reason: "it handed out more keys than there are agencies; report this".to_owned(),
            });
        }
        let keys: Vec<KeyAnnouncement> = wire.iter().filter_map(wire::read_announcement).collect();
        let own = self.party().clone();
        let (others, own): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| key.party != own);
        let lost = self.with_casework(move |casework| {
            for key in &others {
                match casework.learn_key(key, now()) {
                    Ok(_) => {}
                    Err(error) if error.is_passing() => return Err(error),
                    Err(error) => {
                        tracing::warn!(party = %key.party, rule = error.rule(), "refused an envelope key");
                    }
                }
            }
            let announced = casework.announce_again()?;
            Ok(announced.filter(|key| own.iter().all(|known| known.key_id != key.key_id)))
        });
        if let Some(key) = lost.await?? {
            match announce(&mut client, &key).await {
                // A newer one is there already: this node was restored from a backup.
                Err(status) if ErrorCode::of(&status) == ErrorCode::Replayed => {}
                announced => announced.map_err(|status| hub_fault(&hub, &status))?,
            }
        }
        Ok(true)
    }

    async fn send_waiting(&self, report: &mut CourierReport) -> Result<(), NodeError> {
        let outbox = self.with_casework(|casework| casework.outbox(OUTBOX_MAX));
        // A case's later messages do not overtake one that is held back.
        let mut held: BTreeSet<CaseId> = BTreeSet::new();
        for (id, outgoing) in outbox.await?? {
            let case = case_of(&outgoing);
            if case.is_some_and(|case| held.contains(&case)) {
                continue;
            }
            match self.carry(&outgoing).await? {
                Carried::Yes => report.sent += 1,
                Carried::Never(reason) => {
                    tracing::warn!(%reason, "the hub will never carry this; it is dropped");
                }
                Carried::Later(reason) => {
                    tracing::info!(%reason, "the hub does not carry this now");
                    report.held_back += 1;
                    held.extend(case);
                    continue;
                }
            }
            self.sent_out(id).await?;
        }
        Ok(())
    }

    async fn sent_out(&self, id: OutboxId) -> Result<(), NodeError> {
        let sent = self.with_casework(move |casework| casework.sent_out(id));
        sent.await?
    }

    async fn carry(&self, outgoing: &Outgoing) -> Result<Carried, NodeError> {
        let (hub, mut client) = client(&self.inner.peers)?;
        let carried = match outgoing {
            Outgoing::Parcel(parcel) => {
                let parcel = Some(wire::parcel(parcel));
                client.send(SendRequest { parcel }).await.map(|_| ())
            }
            Outgoing::Tick(tick) => client.tick(wire::tick(tick)).await.map(|_| ()),
            Outgoing::Announce(key) => announce(&mut client, key).await,
        };
        match carried {
            Ok(()) => Ok(Carried::Yes),
            Err(status) => judge(&hub, outgoing, &status),
        }
    }

    async fn take_waiting(&self, report: &mut CourierReport) -> Result<(), NodeError> {
        loop {
            let (hub, mut client) = client(&self.inner.peers)?;
            let taken = client.take(TakeRequest { limit: TAKEN_MAX }).await;
            let parcels = taken.map_err(|status| hub_fault(&hub, &status))?;
            let parcels = parcels.into_inner().parcels;
            let waiting = parcels.len();
            let mut done: Vec<Bytes> = Vec::new();
            let mut later = None;
            for parcel in parcels {
                let id = parcel.parcel_id.clone();
                match self.take_in(parcel, report).await {
                    Ok(()) => done.push(id),
                    Err(error) => later = Some(error),
                }
            }
            let progress = !done.is_empty();
            if progress {
                let request = AcknowledgeRequest { parcel_ids: done };
                let known = client.acknowledge(request).await;
                known.map_err(|status| hub_fault(&hub, &status))?;
            }
            match later {
                Some(error) => return Err(error),
                None if waiting < TAKEN_MAX as usize || !progress => return Ok(()),
                None => {}
            }
        }
    }

    /// `Ok` means that the hub may forget it.
    async fn take_in(
        &self,
        parcel: WireParcel,
        report: &mut CourierReport,
    ) -> Result<(), NodeError> {
        let Some(parcel) = wire::read_parcel(&parcel) else {
            tracing::warn!("the hub handed out something that is no parcel; report this");
            return Ok(());
        };
        let received =
            self.with_casework(move |casework| casework.receive(&parcel, now(), &mut rand::rng()));
        report.taken += 1;
        if let Received::Refused(alarm) = received.await?? {
            report.alarms += 1;
            tracing::warn!(from = %alarm.from, rule = alarm.rule, "refused what the hub carried");
        }
        Ok(())
    }

    /// Casework on a thread that may block, without waking the courier.
    async fn with_casework<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Casework<'_>) -> Result<R, CaseworkError> + Send + 'static,
    ) -> Result<Result<R, NodeError>, NodeError> {
        let node = self.clone();
        let done = tokio::task::spawn_blocking(move || node.run_casework(work)).await;
        let done = done.map_err(|_| NodeError::Damaged("case"))?;
        Ok(done.map_err(|error| NodeError::Case(error.to_string())))
    }
}

/// The hub's side of it.
pub(super) fn client(peers: &Peers) -> Result<(PartyId, Client), NodeError> {
    let (hub, channel) = peers.hub_channel()?;
    let client = DisclosuresClient::new(channel)
        .max_decoding_message_size(MESSAGE_BYTES_MAX)
        .max_encoding_message_size(MESSAGE_BYTES_MAX);
    Ok((hub, client))
}

async fn announce(client: &mut Client, key: &KeyAnnouncement) -> Result<(), Status> {
    let announcement = Some(wire::announcement(key));
    let request = AnnounceKeyRequest { announcement };
    client.announce_key(request).await.map(|_| ())
}

/// Whether trying again can help. A refusal of one thing does not hold up the others.
fn judge(hub: &PartyId, outgoing: &Outgoing, status: &Status) -> Result<Carried, NodeError> {
    if refuses_agency(status) || status.code() == Code::Unimplemented {
        return Err(hub_fault(hub, status));
    }
    let reason = sanctuary_rpc::explain(status);
    match ErrorCode::of(status) {
        ErrorCode::InvalidArgument | ErrorCode::TooLarge | ErrorCode::Replayed => {
            Ok(Carried::Never(reason))
        }
        // Figures on a case that the hub has never carried or has forgotten.
        ErrorCode::NotFound if matches!(outgoing, Outgoing::Tick(_)) => Ok(Carried::Never(reason)),
        ErrorCode::NotReady | ErrorCode::NotFound | ErrorCode::QuotaExceeded => {
            Ok(Carried::Later(reason))
        }
        _ => Err(hub_fault(hub, status)),
    }
}

fn case_of(outgoing: &Outgoing) -> Option<CaseId> {
    match outgoing {
        Outgoing::Parcel(parcel) => match &parcel.content {
            ParcelContent::Envelope(envelope) => Some(envelope.header.case),
            _ => None,
        },
        Outgoing::Tick(tick) => Some(tick.case),
        Outgoing::Announce(_) => None,
    }
}
