use std::sync::Arc;

use rand::SeedableRng as _;
use sanctuary_figures::{Product, Window};
use sanctuary_hub_core::{LinkageQuality, PreviewRequest as Asked};
use sanctuary_rpc::{ErrorCode, RosterWatch, caller, now};
use sanctuary_trust::OfficerSignature;
use sanctuary_types::PartyId;
use sanctuary_wire::statistics::{
    HandInRequest, HandInResponse, PreviewRequest, PreviewResponse, PublishedRequest,
    PublishedResponse, ReleaseRequest, ReleaseResponse, VerifyRequest, VerifyResponse,
    WantedRequest, WantedResponse, statistics_server::Statistics,
};
use tonic::{Request, Response, Status};

use super::refuse::{blocking, refuse};
use crate::SledHub;

/// `sanctuary.statistics.v1.Statistics`.
pub(crate) struct StatisticsService {
    pub(crate) hub: Arc<SledHub>,
    pub(crate) roster: RosterWatch,
}

/// Bytes of a product.
const PRODUCT_BYTES_MAX: usize = 64 * 1024;
/// Officers who may sign one edition.
const OFFICERS_MAX: usize = 32;

#[tonic::async_trait]
impl Statistics for StatisticsService {
    async fn wanted(
        &self,
        request: Request<WantedRequest>,
    ) -> Result<Response<WantedResponse>, Status> {
        let agency = caller(&request, &self.roster)?.id;
        let (hub, asked) = (Arc::clone(&self.hub), agency.clone());
        let wanted = blocking(move || hub.counts_wanted(&asked)).await?;
        let wanted = wanted.map_err(|error| refuse(&agency, "counts wanted", &error))?;
        Ok(Response::new(wanted.map_or_else(
            WantedResponse::default,
            |w| WantedResponse {
                from: w.from.to_string(),
                to: w.to.to_string(),
            },
        )))
    }

    async fn hand_in(
        &self,
        request: Request<HandInRequest>,
    ) -> Result<Response<HandInResponse>, Status> {
        let agency = caller(&request, &self.roster)?;
        let id = agency.id.clone();
        let sent = request.into_inner();
        let hub = Arc::clone(&self.hub);
        let put = blocking(move || hub.put_counts(&agency, &sent.counts, &sent.signature)).await?;
        put.map_err(|error| refuse(&id, "hand in counts", &error))?;
        tracing::info!(agency = %id, "holds counts for the board pack");
        Ok(Response::new(HandInResponse {}))
    }

    async fn preview(
        &self,
        request: Request<PreviewRequest>,
    ) -> Result<Response<PreviewResponse>, Status> {
        let officer = caller(&request, &self.roster)?.id;
        let asked = asked(&request.into_inner())?;
        let hub = Arc::clone(&self.hub);
        let made = blocking(move || {
            // The interval is drawn; its seed has to be new and is kept nowhere.
            let mut rng = rand_chacha::ChaCha20Rng::from_rng(&mut rand::rng());
            hub.preview_figures(&asked, now(), &mut rng)
        })
        .await?;
        let (preview, figures) =
            made.map_err(|error| refuse(&officer, "preview figures", &error))?;
        tracing::info!(%officer, edition = preview.edition.number, "made a preview of the board pack");
        Ok(Response::new(PreviewResponse {
            figures: json(&officer, &figures)?.into(),
            hash: preview.edition.hash().to_vec().into(),
            message: preview.edition.message().into(),
            protected: preview.audit.protected,
            attackers: preview.audit.attackers,
            hidden: preview.audit.hidden,
        }))
    }

    async fn release(
        &self,
        request: Request<ReleaseRequest>,
    ) -> Result<Response<ReleaseResponse>, Status> {
        let officer = caller(&request, &self.roster)?.id;
        let sent = request.into_inner();
        let bad =
            || invalid("a signature is the officer's 32 bytes of key and 64 bytes of signature");
        if sent.officers.len() > OFFICERS_MAX {
            return Err(bad());
        }
        let mut officers = Vec::with_capacity(sent.officers.len());
        for entry in &sent.officers {
            officers.push(OfficerSignature {
                officer: entry.officer[..].try_into().map_err(|_| bad())?,
                signature: entry.signature[..].try_into().map_err(|_| bad())?,
            });
        }
        let (hub, roster) = (Arc::clone(&self.hub), self.roster.clone());
        let released =
            blocking(move || hub.release_figures(&sent.hash, &officers, roster.anchors(), now()))
                .await?;
        let figures = released.map_err(|error| refuse(&officer, "release figures", &error))?;
        tracing::info!(%officer, edition = figures.number, "released an edition of the board pack");
        Ok(Response::new(ReleaseResponse {
            figures: json(&officer, &figures)?.into(),
        }))
    }

    async fn published(
        &self,
        request: Request<PublishedRequest>,
    ) -> Result<Response<PublishedResponse>, Status> {
        let party = caller(&request, &self.roster)?.id;
        let number = request.into_inner().number;
        let hub = Arc::clone(&self.hub);
        let found = blocking(move || hub.figures(number)).await?;
        let found = found.map_err(|error| refuse(&party, "published figures", &error))?;
        let figures = match found {
            Some(figures) => json(&party, &figures)?,
            None => Vec::new(),
        };
        Ok(Response::new(PublishedResponse {
            figures: figures.into(),
        }))
    }

    async fn verify(
        &self,
        request: Request<VerifyRequest>,
    ) -> Result<Response<VerifyResponse>, Status> {
        let officer = caller(&request, &self.roster)?.id;
        let (hub, roster) = (Arc::clone(&self.hub), self.roster.clone());
        let verified = blocking(move || hub.verify_figures(roster.anchors())).await?;
        let editions = verified.map_err(|error| refuse(&officer, "verify figures", &error))?;
        Ok(Response::new(VerifyResponse { editions }))
    }
}

fn asked(sent: &PreviewRequest) -> Result<Asked, Status> {
    let day = |text: &str| {
        text.parse()
            .map_err(|_| invalid("a day is written 2026-04-01"))
    };
    let product: Option<Product> =
        match &sent.product[..] {
            [] => None,
            bytes if bytes.len() > PRODUCT_BYTES_MAX => {
                return Err(invalid("the product is too large"));
            }
            bytes => Some(serde_json::from_slice(bytes).map_err(|_| {
                invalid("the product is a JSON object of area, year_begins and lists")
            })?),
        };
    let linkage = match (sent.recall, sent.precision) {
        (Some(recall), Some(precision)) => {
            let share = |value: f64| value > 0.0 && value <= 1.0;
            if !share(recall) || !share(precision) {
                return Err(invalid(
                    "recall and precision are numbers above 0 and up to 1",
                ));
            }
            Some(LinkageQuality { recall, precision })
        }
        (None, None) => None,
        _ => return Err(invalid("recall and precision are given together")),
    };
    Ok(Asked {
        window: Window {
            from: day(&sent.from)?,
            to: day(&sent.to)?,
        },
        product,
        linkage,
    })
}

fn invalid(text: &str) -> Status {
    ErrorCode::InvalidArgument.status(text.to_owned())
}

fn json(party: &PartyId, figures: &sanctuary_figures::Figures) -> Result<Vec<u8>, Status> {
    serde_json::to_vec(figures).map_err(|error| {
        tracing::error!(%party, %error, "figures cannot be written as JSON");
        ErrorCode::Internal.status("the figures could not be written; tell the hub's operator")
    })
}
