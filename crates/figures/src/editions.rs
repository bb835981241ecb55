use sanctuary_trust::{Anchors, OfficerSignature, verify};
use sanctuary_types::{Timestamp, lp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

use crate::{
    AuditReport, Census, Edition, Fault, Figures, Product, Refusal, Rule, Signed, Statistic,
    Window, audit, census::Tally, printing, window,
};

/// People who must have entered or left before there is a new edition.
const GATE: u32 = 10;
/// Editions kept in one chain: decades of quarters.
const EDITIONS_MAX: usize = 400;
/// Officers who must sign.
const SIGNATURES_MIN: usize = 2;
/// How long a preview may be signed.
const PREVIEW_MS: u64 = 14 * 86_400_000;

/// The product and every edition so far: append-only, each edition naming the hash of the one before.
/// Holds exact counts and tokens, so it stays at the hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Editions {
    product: Product,
    editions: Vec<Signed>,
}

/// The next edition, waiting for two officers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preview {
    /// The edition.
    pub edition: Edition,
    /// What the audit did.
    pub audit: AuditReport,
}

impl Editions {
    /// A chain without editions.
    ///
    /// # Errors
    /// As [`Product::check`].
    pub fn begin(product: Product) -> Result<Self, Refusal> {
        product.check()?;
        Ok(Self {
            product,
            editions: Vec::new(),
        })
    }

    /// Reads the chain; verify it with [`Editions::verify`].
    ///
    /// # Errors
    /// [`Fault::Format`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, Fault> {
        let read: Self = serde_json::from_slice(bytes).map_err(|e| Fault::Format(e.to_string()))?;
        read.product
            .check()
            .map_err(|refusal| Fault::Format(refusal.reason))?;
        Ok(read)
    }

    /// The chain as JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // A struct of numbers, texts and lists always has a JSON form.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// What is published.
    #[must_use]
    pub fn product(&self) -> &Product {
        &self.product
    }

    /// Every edition, oldest first.
    #[must_use]
    pub fn editions(&self) -> &[Signed] {
        &self.editions
    }

    /// Hash of the last edition, or of the product.
    #[must_use]
    pub fn head(&self) -> [u8; 32] {
        self.editions
            .last()
            .map_or_else(|| self.product_hash(), |last| last.edition.hash())
    }

    pub(crate) fn product_hash(&self) -> [u8; 32] {
        let json = serde_json::to_vec(&self.product).unwrap_or_default();
        Sha256::digest(lp(&[b"sanctuary/v1/figures-product", &json])).into()
    }

    /// What is published of an edition; `None` when there is none of that number.
    #[must_use]
    pub fn figures(&self, number: u32) -> Option<Figures> {
        let signed = self.editions.iter().find(|s| s.edition.number == number)?;
        Some(Figures::of(
            &self.product,
            &signed.edition,
            signed.officers.len(),
        ))
    }

    /// What is published of a preview, for the officers who are to sign it.
    #[must_use]
    pub fn figures_of(&self, preview: &Preview) -> Figures {
        Figures::of(&self.product, &preview.edition, 0)
    }

    /// Whether the window may be asked for now, before anybody counts for it.
    ///
    /// # Errors
    /// [`Rule::OneWindow`] or [`Rule::Quarter`].
    pub fn check_window(&self, window: Window, now: Timestamp) -> Result<(), Refusal> {
        let last = self.editions.last().map(|s| &s.edition);
        window.check(self.product.year_begins, last.map(|e| e.window), now)?;
        last.map_or(Ok(()), |last| window::check_quarter(last.made, now))
    }

    /// Makes the next edition. Changes nothing.
    ///
    /// # Errors
    /// The [`Rule`] that forbids it, and why.
    pub fn preview(&self, census: &Census, now: Timestamp) -> Result<Preview, Refusal> {
        if self.editions.len() >= EDITIONS_MAX {
            return Err(Refusal::new(
                Rule::FixedList,
                "This chain of editions is full: agree the product anew.",
            ));
        }
        self.check_window(census.window, now)?;
        let earlier = self.before(census.window.from, self.editions.len());
        self.next(census, &earlier, now)
    }

    /// Appends the edition that two officers signed.
    ///
    /// # Errors
    /// [`Rule::TwoPersons`] when it is signed by fewer than two officers of `anchors`, too old, or not the
    /// next edition of this chain; [`Rule::Quarter`].
    pub fn release(
        &mut self,
        preview: &Preview,
        officers: &[OfficerSignature],
        anchors: &Anchors,
        now: Timestamp,
    ) -> Result<Figures, Refusal> {
        let refused = |reason: &str| Err(Refusal::new(Rule::TwoPersons, reason));
        let edition = &preview.edition;
        if edition.previous != self.head() {
            return refused("This preview does not follow the last edition: make a new one.");
        }
        if now < edition.made || now.0 - edition.made.0 > PREVIEW_MS {
            return refused("A preview must be signed within 14 days: make a new one.");
        }
        if !is_signed(edition, officers, anchors) {
            return refused("Two officers of the partnership must sign, each with their own key.");
        }
        self.editions.push(Signed {
            edition: edition.clone(),
            officers: officers.to_vec(),
        });
        Ok(Figures::of(&self.product, edition, officers.len()))
    }

    /// Editions before the one at `place` whose window began on the same day: the ones that could be
    /// taken from it.
    pub(crate) fn before(&self, from: sanctuary_policy::Day, place: usize) -> Vec<&Edition> {
        self.editions
            .iter()
            .take(place)
            .map(|s| &s.edition)
            .filter(|e| e.window.from == from)
            .collect()
    }

    fn next(
        &self,
        census: &Census,
        earlier: &[&Edition],
        now: Timestamp,
    ) -> Result<Preview, Refusal> {
        let tally = Tally::of(census, &self.product)?;
        let number = u32::try_from(self.editions.len()).unwrap_or(u32::MAX) + 1;
        let population = tally
            .counts
            .get(&Statistic::Victims)
            .cloned()
            .unwrap_or_default();
        gate(earlier.last().copied(), &population)?;
        let statistics = self.product.statistics();
        let mut page = printing::print(&statistics, &tally, earlier, number);
        let report = audit::audit(&mut page, &tally, earlier, number, self.product.lists.len())?;
        let estimate = census
            .estimate
            .published(self.product.lists.len(), &page.printed)?;
        Ok(Preview {
            edition: Edition {
                number,
                previous: self.head(),
                window: census.window,
                made: now,
                program: env!("CARGO_PKG_VERSION").to_owned(),
                printed: page.printed,
                estimate,
                counts: page.counts.into_iter().collect(),
                population,
                cells: tally.cells,
            },
            audit: report,
        })
    }
}

/// Rule 1.
pub(crate) fn gate(last: Option<&Edition>, population: &crate::Count) -> Result<(), Refusal> {
    let before = last.map(|e| e.population.clone()).unwrap_or_default();
    if before.moved(population) >= GATE {
        return Ok(());
    }
    Err(Refusal::new(
        Rule::Gate,
        if last.is_some() {
            "Fewer than ten people entered or left since the last edition, so a new one would show who: use the last one, with its date."
        } else {
            "Fewer than ten people are known, so figures would show who: there is no edition yet."
        },
    ))
}

pub(crate) fn is_signed(
    edition: &Edition,
    officers: &[OfficerSignature],
    anchors: &Anchors,
) -> bool {
    let message = edition.message();
    let distinct: BTreeSet<_> = officers.iter().map(|o| o.officer).collect();
    distinct.len() == officers.len()
        && officers.len() >= SIGNATURES_MIN
        && officers.iter().all(|o| {
            anchors.officers.contains(&o.officer)
                && verify(&o.officer, &message, &o.signature).is_ok()
        })
}
