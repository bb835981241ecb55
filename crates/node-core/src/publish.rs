//! Pending records to one batch in the outbox: tokenise, seal, commit.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
};

use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, SeedableRng};
use sanctuary_normalize::{RULES, TokenInput};
use sanctuary_posting::{TokenSecrets, derive};
use sanctuary_types::{
    Epoch, KeyClass, Month, PartyId, Presence, Timestamp,
    limits::{BATCH_WITHDRAWALS_MAX, OPRF_ELEMENTS_TARGET},
};
use sha2::{Digest, Sha256};

use crate::{
    Counts, NodeError, NodeSecret, OprfInput, PackJob, Padding, Published, RecordToken,
    RecordTokens, StoredRecord, Tokeniser,
    features::population_of_store,
    pack,
    ports::{HolderFaultKind, KeyHolders, NodeStore, PackCommit, PackState, PackedRecord},
    tokens::{card_of, token_inputs, too_common},
};

/// Records of one batch.
const BATCH_RECORDS_MAX: usize = 256;
/// Growth of the own records at which the population is sent again: one tenth.
const POPULATION_GROWTH_DIVISOR: u64 = 10;

/// Records put back in the queue in one step.
const REQUEUE_RECORDS: usize = 256;

/// Queues every record past its expiry that still stands at the hub, so that it is withdrawn; gives
/// how many. To be called once a month: the hub sees only the latest month of each batch, so the
/// node keeps the time of each record itself.
///
/// # Errors
/// What the store gives.
pub fn queue_expired(store: &impl NodeStore, now: Timestamp) -> Result<u64, NodeError> {
    let this_month = Month::at(now);
    let mut expired = Vec::new();
    store.for_each_record(&mut |record| {
        let details = record.details.as_ref();
        if record.published.is_some() && details.is_some_and(|d| d.expires < this_month) {
            expired.push(record.key);
        }
        Ok(())
    })?;
    for keys in expired.chunks(REQUEUE_RECORDS) {
        store.requeue(keys)?;
    }
    Ok(expired.len() as u64)
}

/// Who publishes, and how.
pub struct Publisher<'a, S, H> {
    /// Own records and outbox.
    pub store: &'a S,
    /// The key holders.
    pub tokeniser: &'a Tokeniser<H>,
    /// Counts over own records.
    pub counts: &'a Mutex<Counts>,
    /// The node's secret.
    pub secret: &'a NodeSecret,
    /// This agency.
    pub agency: &'a PartyId,
    /// Signs uploads with the agency's Ed25519 key.
    pub sign: &'a (dyn Fn(&[u8]) -> [u8; 64] + Sync),
    /// How batches are padded.
    pub padding: Padding,
}

/// What one batch did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishReport {
    /// Records in it.
    pub records: u64,
    /// Their postings, without dummies.
    pub tokens: u64,
    /// Postings withdrawn, without dummies.
    pub withdrawn: u64,
    /// OPRF elements that holders were asked for.
    pub elements: u64,
    /// Identifier values left out because too many own records hold them.
    pub too_common: u64,
    /// Holders that failed while others took over.
    pub faults: Vec<(PartyId, HolderFaultKind)>,
}

impl<S: NodeStore, H: KeyHolders> Publisher<'_, S, H> {
    /// Packs the next pending records into one batch; `None` when nothing is pending.
    ///
    /// Nothing changes until the one commit at the end, so a crash before it costs only the work:
    /// the OPRF batch is repeated byte for byte and free of charge.
    ///
    /// # Errors
    /// [`NodeError`]; the records stay pending.
    pub async fn publish_next(
        &self,
        now: Timestamp,
        rng: &mut (impl CryptoRng + Send),
    ) -> Result<Option<PublishReport>, NodeError> {
        let epoch = self.tokeniser.keys(KeyClass::Person).epoch;
        let mut state = self.enter_epoch(epoch)?;
        let mut report = PublishReport::default();
        let Some(drafts) = self.choose(now, &mut report)? else {
            return Ok(None);
        };
        let secrets = self.evaluate(&drafts, epoch, &mut report).await?;
        let records: Vec<RecordTokens> = drafts
            .iter()
            .filter_map(|draft| draft.sealed(&secrets, now))
            .collect();
        let withdrawn: Vec<Published> = drafts
            .iter()
            .filter_map(|draft| draft.record.published.clone())
            .collect();
        report.records = drafts.len() as u64;
        report.tokens = records.iter().map(|r| r.tokens.len() as u64).sum();
        report.withdrawn = withdrawn.iter().map(|p| p.tokens.len() as u64).sum();
        let population = self.population(&mut state)?;
        let packed = pack(
            &PackJob {
                agency: self.agency,
                epoch,
                rules: RULES,
                records: &records,
                withdrawn: &withdrawn,
                padding: self.padding,
                population,
                secret: self.secret,
            },
            &mut state,
            rng,
        )?;
        state.published_under = Some((epoch, RULES));
        let mut published = packed.published.into_iter();
        let records = drafts
            .iter()
            .map(|draft| PackedRecord {
                key: draft.record.key,
                content: draft.record.content,
                published: if draft.is_sealed() {
                    published.next()
                } else {
                    None
                },
            })
            .collect();
        let batch = (!packed.contents.is_empty()).then(|| {
            packed
                .contents
                .sign(self.agency, |message| (self.sign)(message))
        });
        self.store.commit_pack(PackCommit {
            records,
            batch,
            state,
        })?;
        Ok(Some(report))
    }

    /// The state of packing; in a new epoch or under new rules everything begins again, because
    /// old tags and new ones cannot be compared.
    fn enter_epoch(&self, epoch: Epoch) -> Result<PackState, NodeError> {
        if self.tokeniser.keys(KeyClass::Person).rules != RULES {
            return Err(NodeError::Keys(format!(
                "the partnership's manifests are for rules {}, this program makes tokens by rules {RULES}; install the matching version",
                self.tokeniser.keys(KeyClass::Person).rules
            )));
        }
        let state = self.store.pack_state()?;
        match state.published_under {
            Some(under) if under != (epoch, RULES) => {
                let fresh = PackState {
                    published_under: Some((epoch, RULES)),
                    ..PackState::default()
                };
                self.store.restart_publication(&fresh)?;
                Ok(fresh)
            }
            _ => Ok(state),
        }
    }

    /// The next records, as many as make about one OPRF batch of the person class.
    fn choose(
        &self,
        now: Timestamp,
        report: &mut PublishReport,
    ) -> Result<Option<Vec<Draft>>, NodeError> {
        let pending = self.store.pending(BATCH_RECORDS_MAX)?;
        let counts = self.counts()?;
        let universe = self.tokeniser.keys(KeyClass::Person).universe_records;
        let mut drafts: Vec<Draft> = Vec::new();
        let mut distinct: HashSet<InputName> = HashSet::new();
        let mut withdrawals = 0;
        for record in pending {
            let draft = Draft::new(record, &counts, universe, now, report);
            distinct.extend(draft.of_class(KeyClass::Person).map(|(name, _)| *name));
            withdrawals += draft
                .record
                .published
                .as_ref()
                .map_or(0, |p| p.tokens.len());
            let too_many =
                distinct.len() > OPRF_ELEMENTS_TARGET || withdrawals > BATCH_WITHDRAWALS_MAX / 2;
            if too_many && !drafts.is_empty() {
                break;
            }
            drafts.push(draft);
        }
        Ok((!drafts.is_empty()).then_some(drafts))
    }

    /// Tag and secrets of every distinct input of the batch.
    async fn evaluate(
        &self,
        drafts: &[Draft],
        epoch: Epoch,
        report: &mut PublishReport,
    ) -> Result<Secrets, NodeError> {
        let mut all = HashMap::new();
        for class in KeyClass::ALL {
            // Sorted and without repeats: the same records give the same batch again.
            let distinct: BTreeMap<InputName, OprfInput> = drafts
                .iter()
                .flat_map(|draft| draft.of_class(class))
                .map(|(name, input)| (*name, input.oprf_input()))
                .collect();
            if distinct.is_empty() {
                continue;
            }
            let (names, inputs): (Vec<InputName>, Vec<OprfInput>) = distinct.into_iter().unzip();
            let evaluated = self.tokeniser.evaluate(class, &inputs).await?;
            report.elements += evaluated.elements;
            report.faults.extend(evaluated.faults);
            for (name, output) in names.into_iter().zip(&evaluated.outputs) {
                all.insert(name, Arc::new(derive(output, class, epoch)));
            }
        }
        Ok(all)
    }

    /// JSON of the population, when there are a tenth more records than when it was last sent.
    ///
    /// Its draws come from the node's secret, so that a step repeated after a crash says the same
    /// of the same records, and the hub's scores do not depend on how often a node was restarted.
    fn population(&self, state: &mut PackState) -> Result<Option<Vec<u8>>, NodeError> {
        let counts = self.counts()?;
        let records = counts.records();
        let last = state.population_records;
        if records == 0 || (last > 0 && records < last + last.div_ceil(POPULATION_GROWTH_DIVISOR)) {
            return Ok(None);
        }
        let universe = self.tokeniser.keys(KeyClass::Person).universe_records;
        let seed = self
            .secret
            .mac("sanctuary/v1/node/population", &[&records.to_be_bytes()]);
        let mut rng = ChaCha20Rng::from_seed(seed);
        let population = population_of_store(self.store, &counts, universe, &mut rng)?;
        state.population_records = records;
        population
            .to_json()
            .map(Some)
            .map_err(|_| NodeError::Damaged("population"))
    }

    fn counts(&self) -> Result<MutexGuard<'_, Counts>, NodeError> {
        self.counts
            .lock()
            .map_err(|_| NodeError::Store("an import failed; restart the node".to_owned()))
    }
}

/// SHA-256 of an OPRF input: sorts and compares inputs while a batch is made, then is dropped.
type InputName = [u8; 32];
type Secrets = HashMap<InputName, Arc<TokenSecrets>>;

/// A pending record with its token inputs.
struct Draft {
    record: StoredRecord,
    presence: Presence,
    inputs: Vec<(InputName, TokenInput)>,
}

impl Draft {
    /// A Duty to Notify record has no details, so no input can come of it; a record past its expiry,
    /// or normalised by other rules and not imported since, gives none either. What such a record
    /// had published is withdrawn.
    fn new(
        record: StoredRecord,
        counts: &Counts,
        universe: u64,
        now: Timestamp,
        report: &mut PublishReport,
    ) -> Self {
        let (presence, inputs) = match &record.details {
            Some(details)
                if details.expires >= Month::at(now) && details.canonical.rules == RULES =>
            {
                report.too_common += too_common(&details.canonical, counts) as u64;
                token_inputs(&details.canonical, counts, universe)
            }
            _ => Default::default(),
        };
        Self {
            record,
            presence,
            inputs: inputs
                .into_iter()
                .map(|input| (Sha256::digest(input.oprf_input()).into(), input))
                .collect(),
        }
    }

    fn of_class(&self, class: KeyClass) -> impl Iterator<Item = &(InputName, TokenInput)> {
        self.inputs
            .iter()
            .filter(move |(_, input)| input.token.class() == class)
    }

    fn is_sealed(&self) -> bool {
        !self.inputs.is_empty()
    }

    fn sealed(&self, secrets: &Secrets, now: Timestamp) -> Option<RecordTokens> {
        let details = self.record.details.as_ref()?;
        if !self.is_sealed() {
            return None;
        }
        let tokens = self
            .inputs
            .iter()
            .filter_map(|(name, input)| {
                Some(RecordToken {
                    token: input.token,
                    slots: input.slots,
                    secrets: Arc::clone(secrets.get(name)?),
                })
            })
            .collect();
        Some(RecordTokens {
            card: card_of(&self.record, details, self.presence, now),
            expires: details.expires,
            tokens,
        })
    }
}
