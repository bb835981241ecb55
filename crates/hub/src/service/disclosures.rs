use std::sync::Arc;

use prost::Message;
use sanctuary_hub_core::{CaseTick, EnvelopeKey, HubError, Parcel, ParcelContent};
use sanctuary_rpc::{ErrorCode, RosterWatch, caller, now};
use sanctuary_types::{AlertId, CaseId, PartyId, Timestamp};
use sanctuary_wire::disclosure::{
    AcknowledgeRequest, AcknowledgeResponse, AnnounceKeyRequest, AnnounceKeyResponse,
    KeyAnnouncement, KeysRequest, KeysResponse, Parcel as WireParcel, SendRequest, SendResponse,
    SharedRequest, SharedResponse, TakeRequest, TakeResponse, TickRequest, TickResponse,
    disclosures_server::Disclosures, parcel::Content,
};
use tonic::{Request, Response, Status};

use super::refuse::{blocking, refuse};
use crate::SledHub;

/// Agencies asked for at once.
const PARTIES_MAX: usize = 256;

/// `sanctuary.disclosure.v1.Disclosures`.
pub(crate) struct DisclosuresService {
    pub(crate) hub: Arc<SledHub>,
    pub(crate) roster: RosterWatch,
}

#[tonic::async_trait]
impl Disclosures for DisclosuresService {
    async fn send(&self, request: Request<SendRequest>) -> Result<Response<SendResponse>, Status> {
        let agency = caller(&request, &self.roster)?.id;
        let wire = request.into_inner().parcel;
        let wire = wire.ok_or_else(|| malformed("a parcel"))?;
        if wire.from != agency.as_str() {
            return Err(ErrorCode::NotAllowed
                .status("a parcel names another sender than its caller; send only own parcels"));
        }
        let parcel = parcel(&wire).ok_or_else(|| malformed("a parcel"))?;
        let roster = self.roster.current();
        self.work(&agency, "send", move |hub, agency| {
            hub.send_parcel(agency, &parcel, &roster, now())
        })
        .await?;
        Ok(Response::new(SendResponse {}))
    }

    async fn take(&self, request: Request<TakeRequest>) -> Result<Response<TakeResponse>, Status> {
        let agency = caller(&request, &self.roster)?.id;
        let limit = request.into_inner().limit as usize;
        let waiting = self
            .work(&agency, "take parcels", move |hub, agency| {
                hub.take_parcels(agency, limit, now())
            })
            .await?;
        let parcels: Result<_, _> = waiting
            .iter()
            .map(|waiting| WireParcel::decode(&waiting.body[..]))
            .collect();
        let parcels = parcels.map_err(|_| stored_damaged())?;
        Ok(Response::new(TakeResponse { parcels }))
    }

    async fn acknowledge(
        &self,
        request: Request<AcknowledgeRequest>,
    ) -> Result<Response<AcknowledgeResponse>, Status> {
        let agency = caller(&request, &self.roster)?.id;
        let ids = request.into_inner().parcel_ids;
        let ids: Option<Vec<[u8; 16]>> = ids.iter().map(|id| id[..].try_into().ok()).collect();
        let ids = ids.ok_or_else(|| malformed("the id of a parcel"))?;
        self.work(&agency, "acknowledge", move |hub, agency| {
            hub.acknowledge_parcels(agency, &ids, now())
        })
        .await?;
        Ok(Response::new(AcknowledgeResponse {}))
    }

    async fn shared(
        &self,
        request: Request<SharedRequest>,
    ) -> Result<Response<SharedResponse>, Status> {
        let agency = caller(&request, &self.roster)?.id;
        let alert = AlertId::try_from(&request.into_inner().alert_id[..])
            .map_err(|_| malformed("the id of an alert"))?;
        let shared = self
            .work(&agency, "shared", move |hub, agency| {
                hub.shared_tokens(agency, &alert, now())
            })
            .await?;
        let handles = shared.handles.iter();
        Ok(Response::new(SharedResponse {
            own_handles: handles.map(|handle| handle.0.to_vec().into()).collect(),
            epoch: shared.epoch.0,
            other_agency: shared.other.to_string(),
        }))
    }

    async fn announce_key(
        &self,
        request: Request<AnnounceKeyRequest>,
    ) -> Result<Response<AnnounceKeyResponse>, Status> {
        let agency = caller(&request, &self.roster)?.id;
        let announcement = request.into_inner().announcement;
        let announcement = announcement.ok_or_else(|| malformed("an envelope key"))?;
        if announcement.party != agency.as_str() {
            return Err(ErrorCode::NotAllowed
                .status("an envelope key names another party than its caller; announce own keys"));
        }
        let key = EnvelopeKey {
            suite: u8::try_from(announcement.suite).map_err(|_| malformed("an envelope key"))?,
            not_before: Timestamp(announcement.not_before_ms),
            body: announcement.encode_to_vec(),
        };
        self.work(&agency, "announce key", move |hub, agency| {
            hub.announce_key(agency, key, now())
        })
        .await?;
        Ok(Response::new(AnnounceKeyResponse {}))
    }

    async fn keys(&self, request: Request<KeysRequest>) -> Result<Response<KeysResponse>, Status> {
        let agency = caller(&request, &self.roster)?.id;
        let parties = request.into_inner().parties;
        if parties.len() > PARTIES_MAX {
            return Err(ErrorCode::TooLarge.status("too many agencies at once; name at most 256"));
        }
        let parties: Result<Vec<PartyId>, _> = parties.iter().map(|p| p.parse()).collect();
        let parties = parties.map_err(|_| malformed("the name of an agency"))?;
        let keys = self
            .work(&agency, "keys", move |hub, _| {
                Ok(hub.envelope_keys(&parties))
            })
            .await?;
        let keys: Result<_, _> = keys
            .iter()
            .map(|key| KeyAnnouncement::decode(&key.body[..]))
            .collect();
        let announcements = keys.map_err(|_| stored_damaged())?;
        Ok(Response::new(KeysResponse { announcements }))
    }

    async fn tick(&self, request: Request<TickRequest>) -> Result<Response<TickResponse>, Status> {
        let agency = caller(&request, &self.roster)?.id;
        let tick = tick(&request.into_inner()).ok_or_else(|| malformed("a tick of a case"))?;
        self.work(&agency, "tick", move |hub, agency| {
            hub.tick_case(agency, &tick)
        })
        .await?;
        Ok(Response::new(TickResponse {}))
    }
}

impl DisclosuresService {
    async fn work<R: Send + 'static>(
        &self,
        agency: &PartyId,
        call: &'static str,
        work: impl FnOnce(&SledHub, &PartyId) -> Result<R, HubError> + Send + 'static,
    ) -> Result<R, Status> {
        let (hub, party) = (Arc::clone(&self.hub), agency.clone());
        blocking(move || work(&hub, &party))
            .await?
            .map_err(|error| refuse(agency, call, &error))
    }
}

fn parcel(wire: &WireParcel) -> Option<Parcel> {
    let (match_id, content) = match wire.content.as_ref()? {
        Content::Envelope(envelope) => (
            &envelope.match_id,
            ParcelContent::Envelope {
                case: CaseId::try_from(&envelope.case_id[..]).ok()?,
                created: Timestamp(envelope.created_ms),
                expires: Timestamp(envelope.expires_ms),
                encapsulated_bytes: envelope.encapsulated.len(),
                sealed_bytes: envelope.sealed.len(),
            },
        ),
        Content::Hello(hello) => (&hello.match_id, ParcelContent::Proof),
        Content::Reply(reply) => (&reply.match_id, ParcelContent::Proof),
        Content::Finish(finish) => (&finish.match_id, ParcelContent::Proof),
    };
    Some(Parcel {
        id: wire.parcel_id[..].try_into().ok()?,
        to: wire.to.parse().ok()?,
        match_id: AlertId::try_from(&match_id[..]).ok()?,
        content,
        body: wire.encode_to_vec(),
    })
}

fn tick(wire: &TickRequest) -> Option<CaseTick> {
    Some(CaseTick {
        case: CaseId::try_from(&wire.case_id[..]).ok()?,
        other: wire.other_agency.parse().ok()?,
        stage: wire.stage.try_into().ok()?,
        urgency: wire.urgency.try_into().ok()?,
        answer_due: Timestamp(wire.answer_due_ms),
    })
}

fn malformed(what: &'static str) -> Status {
    ErrorCode::InvalidArgument.status(format!("{what} is malformed; update the node"))
}

fn stored_damaged() -> Status {
    ErrorCode::DataLoss
        .status("what the hub stored does not read back; its operator must restore it")
}
