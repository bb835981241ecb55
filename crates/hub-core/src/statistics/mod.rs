//! The board pack at the hub: agencies' own counts for a window, put together with the people whom the
//! hub has opened, through disclosure control into a chain of editions.
//!
//! Only groups of open records count as one person: a match that one of its agencies may not hear of
//! must not show in a number either.

mod combine;
mod doubt;
mod estimate;
mod store;

use std::collections::BTreeMap;

use rand_core::CryptoRng;
use sanctuary_figures::{
    Census, Editions, Figures, OwnCounts, Preview, Product, Refusal, Rule, Window,
};
use sanctuary_trust::{Anchors, OfficerSignature, Party, PartyKind, verify};
use sanctuary_types::{PartyId, Pseudonym, Timestamp};

pub use estimate::LinkageQuality;

use crate::{
    Hub, HubError,
    hub::locked,
    matching::Matching,
    ports::{PostingLog, StateStore},
};
use doubt::Possible;
use estimate::Counted;
use store::{CHAIN, PREVIEW, WANTED, read_counts, read_value, write_counts, write_value};

/// What officers ask for.
#[derive(Clone, Debug)]
pub struct PreviewRequest {
    /// For which time.
    pub window: Window,
    /// What is to be published: with the first edition only, fixed from then on.
    pub product: Option<Product>,
    /// How well records are linked, where that was measured; without it there is no estimate.
    pub linkage: Option<LinkageQuality>,
}

impl<L: PostingLog, S: StateStore> Hub<L, S> {
    /// The window for which the officers want counts, if `agency` has not handed in for it.
    ///
    /// # Errors
    /// When storage fails.
    pub fn counts_wanted(&self, agency: &PartyId) -> Result<Option<Window>, HubError> {
        let Some(wanted) = read_value(&self.state, WANTED)? else {
            return Ok(None);
        };
        let window: Window = serde_json::from_slice(&wanted).map_err(|_| HubError::DamagedState)?;
        let has = read_counts(&self.state)?
            .get(agency)
            .is_some_and(|counts| counts.window == window);
        Ok((!has).then_some(window))
    }

    /// Takes an agency's counts, durably; they replace its earlier ones.
    ///
    /// # Errors
    /// [`HubError::NotAnAgency`]; [`HubError::Counts`] when they are not signed by the caller or do not
    /// fit together; storage.
    pub fn put_counts(
        &self,
        caller: &Party,
        counts: &[u8],
        signature: &[u8],
    ) -> Result<(), HubError> {
        if caller.kind != PartyKind::Agency {
            return Err(HubError::NotAnAgency {
                party: caller.id.clone(),
            });
        }
        let bad = |problem| HubError::Counts {
            agency: caller.id.clone(),
            problem,
        };
        verify(
            &caller.signing_key,
            &OwnCounts::message(&caller.id, counts),
            signature,
        )
        .map_err(|_| bad("are not signed by it"))?;
        if OwnCounts::from_json(counts).is_none() {
            return Err(bad("do not fit together"));
        }
        let _one = locked(&self.statistics);
        write_counts(&self.state, &caller.id, counts)
    }

    /// Makes the next edition from what has been handed in, and keeps it for the officers to sign. Where
    /// counts are missing the nodes are asked for them and the request is refused until they are there.
    ///
    /// # Errors
    /// [`HubError::Figures`] with the rule; storage.
    pub fn preview_figures(
        &self,
        request: &PreviewRequest,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<(Preview, Figures), HubError> {
        let _one = locked(&self.statistics);
        let editions = self.chain(request.product.as_ref())?;
        editions.check_window(request.window, now)?;
        let wanted = serde_json::to_vec(&request.window).map_err(|_| HubError::DamagedState)?;
        write_value(&self.state, WANTED, &wanted)?;
        let counts: BTreeMap<PartyId, OwnCounts> = read_counts(&self.state)?
            .into_iter()
            .filter(|(_, counts)| counts.window == request.window)
            .collect();
        let product = editions.product();
        let (groups, possible) = {
            let matching = self.matching();
            (people(&matching), Possible::of(&matching))
        };
        let token = |agency: &PartyId, pseudonym| self.pepper.cluster_id(agency, pseudonym);
        let (shared, alone) = combine::combine(product, &counts, &groups, token)?;
        let counted = Counted {
            product,
            people: &shared,
            alone: &alone,
            linked: &possible.linked(product, &counts, &groups),
        };
        let estimate = estimate::estimate(&counted, request, rng);
        let census = Census {
            window: request.window,
            shared,
            alone,
            requests: self.requests_of(request.window, now),
            estimate,
        };
        let preview = editions.preview(&census, now)?;
        let figures = editions.figures_of(&preview);
        let kept = serde_json::to_vec(&(editions.product(), &preview))
            .map_err(|_| HubError::DamagedState)?;
        write_value(&self.state, PREVIEW, &kept)?;
        Ok((preview, figures))
    }

    /// Appends the preview with this hash, signed by two officers, to the chain.
    ///
    /// # Errors
    /// [`HubError::Figures`] when there is no such preview or too few officers signed; storage.
    pub fn release_figures(
        &self,
        hash: &[u8],
        officers: &[OfficerSignature],
        anchors: &Anchors,
        now: Timestamp,
    ) -> Result<Figures, HubError> {
        let _one = locked(&self.statistics);
        let none = || Refusal {
            rule: Rule::TwoPersons,
            reason: "There is no preview with this fingerprint: make one, and have it signed."
                .to_owned(),
        };
        let kept = read_value(&self.state, PREVIEW)?.ok_or_else(none)?;
        let (product, preview): (Product, Preview) =
            serde_json::from_slice(&kept).map_err(|_| HubError::DamagedState)?;
        if preview.edition.hash() != hash {
            return Err(none().into());
        }
        let mut editions = self.chain(Some(&product))?;
        let figures = editions.release(&preview, officers, anchors, now)?;
        write_value(&self.state, CHAIN, &editions.to_json())?;
        Ok(figures)
    }

    /// What is published: the edition of a number, or the newest for 0.
    ///
    /// # Errors
    /// When storage fails.
    pub fn figures(&self, number: u32) -> Result<Option<Figures>, HubError> {
        let Some(editions) = self.stored_chain()? else {
            return Ok(None);
        };
        let newest = u32::try_from(editions.editions().len()).unwrap_or(u32::MAX);
        Ok(editions.figures(if number == 0 { newest } else { number }))
    }

    /// How many editions are published.
    ///
    /// # Errors
    /// When storage fails.
    pub fn editions(&self) -> Result<u32, HubError> {
        let chain = self.stored_chain()?;
        let count = chain.map_or(0, |editions| editions.editions().len());
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Checks the whole chain again; gives the number of editions.
    ///
    /// # Errors
    /// [`HubError::Editions`] naming the first edition that fails.
    pub fn verify_figures(&self, anchors: &Anchors) -> Result<u32, HubError> {
        let Some(editions) = self.stored_chain()? else {
            return Ok(0);
        };
        editions.verify(anchors)?;
        Ok(u32::try_from(editions.editions().len()).unwrap_or(u32::MAX))
    }

    /// The chain as stored, or a new one for `product`. A product that differs from the stored one is
    /// refused: the list is fixed.
    fn chain(&self, product: Option<&Product>) -> Result<Editions, HubError> {
        match (self.stored_chain()?, product) {
            (Some(editions), None) => Ok(editions),
            (Some(editions), Some(product)) if editions.product() == product => Ok(editions),
            (None, Some(product)) => Ok(Editions::begin(product.clone())?),
            (Some(_), Some(_)) => Err(Refusal {
                rule: Rule::FixedList,
                reason: "What is published is fixed with the first edition and cannot be changed."
                    .to_owned(),
            }
            .into()),
            (None, None) => Err(Refusal {
                rule: Rule::FixedList,
                reason: "The first edition needs the agreed product: area, year and lists."
                    .to_owned(),
            }
            .into()),
        }
    }

    fn stored_chain(&self) -> Result<Option<Editions>, HubError> {
        let Some(bytes) = read_value(&self.state, CHAIN)? else {
            return Ok(None);
        };
        Ok(Some(Editions::from_json(&bytes)?))
    }
}

/// Records that concern one person, group by group.
fn people(matching: &Matching) -> Vec<Vec<(PartyId, Pseudonym)>> {
    let member = |record: &u32| {
        let known = matching.graph.record_at(*record);
        let agency = crate::clusters::name(&matching.names, known.agency)?;
        Some((agency.clone(), known.pseudonym))
    };
    let groups = matching.clusters.open_groups();
    let groups = groups.iter();
    groups
        .map(|group| group.iter().filter_map(member).collect())
        .collect()
}
