//! Pending records to one batch in the outbox: tokenise, seal, commit.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
};

use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, SeedableRng};
use sanctuary_normalize::TokenInput;
use sanctuary_posting::{TokenSecrets, derive};
use sanctuary_types::{
    Epoch, KeyClass, Month, PartyId, Presence, RulesVersion, Timestamp,
    limits::{BATCH_WITHDRAWALS_MAX, OPRF_ELEMENTS_TARGET},
};
use sha2::{Digest, Sha256};

use crate::{
    Admission, BatchFacts, Counts, Details, LeftOut, NodeError, NodeSecret, Oprf, OprfInput,
    PackJob, Padding, Published, RecordToken, RecordTokens, RulesInUse, SignedBatch, StoredRecord,
    features::population_of_store,
    pack,
    ports::{HolderFaultKind, NodeStore, PackCommit, PackState, PackedRecord},
    tokens::{all_inputs, card_of, token_inputs, too_common},
};

/// Records of one batch.
const BATCH_RECORDS_MAX: usize = 256;
/// Growth of the own records at which the population is sent again: one tenth.
const POPULATION_GROWTH_DIVISOR: u64 = 10;

/// Records put back in the queue in one step.
pub(crate) const REQUEUE_RECORDS: usize = 256;

/// Who publishes, and how.
pub struct Publisher<'a, S, O> {
    /// Own records and outbox.
    pub store: &'a S,
    /// The OPRF: a [`crate::Tokeniser`].
    pub tokeniser: &'a O,
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
    /// Rules of normalisation that tokens are made by.
    pub rules: RulesInUse,
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
    /// What the admission test left out, where it was made anew before this batch.
    pub left_out: Vec<LeftOut>,
    /// Holders that failed while others took over.
    pub faults: Vec<(PartyId, HolderFaultKind)>,
    /// What the log says of the push; none where nothing is sent.
    pub batch: Option<BatchFacts>,
}

impl<S: NodeStore, O: Oprf> Publisher<'_, S, O> {
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
        self.test_admission(&mut report)?;
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
            .filter(|draft| !draft.stays)
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
                rules: self.rules.version,
                records: &records,
                withdrawn: &withdrawn,
                padding: self.padding,
                population,
                secret: self.secret,
            },
            &mut state,
            rng,
        )?;
        state.published_under = Some((epoch, self.rules.version));
        let mut published = packed.published.into_iter();
        let records = drafts
            .iter()
            .map(|draft| PackedRecord {
                key: draft.record.key,
                content: draft.record.content,
                published: if draft.stays {
                    draft.record.published.clone()
                } else if draft.is_sealed() {
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
        let facts = |batch: &SignedBatch| BatchFacts::of(&batch.contents, self.agency);
        report.batch = batch.as_ref().map(facts);
        self.store.commit_pack(PackCommit {
            records,
            batch,
            state,
        })?;
        Ok(Some(report))
    }

    /// The state of packing; in a new epoch everything begins again, because old tags and new ones
    /// cannot be compared. Under new rules what stands at the hub goes on matching until each record's
    /// new tokens replace it.
    fn enter_epoch(&self, epoch: Epoch) -> Result<PackState, NodeError> {
        let version = self.rules.version;
        if self.tokeniser.keys(KeyClass::Person).rules != version {
            return Err(NodeError::Keys(format!(
                "the partnership's manifests are for rules {}, this program makes tokens by rules {version}; install the matching version",
                self.tokeniser.keys(KeyClass::Person).rules
            )));
        }
        let state = self.store.pack_state()?;
        match state.published_under {
            Some((before, rules)) if before == epoch && rules != version => {
                self.enter_rules(state, epoch)
            }
            Some((before, _)) if before != epoch => {
                let fresh = PackState {
                    published_under: Some((epoch, version)),
                    ..PackState::default()
                };
                self.store.restart_publication(&fresh)?;
                Ok(fresh)
            }
            _ => Ok(state),
        }
    }

    /// Tests the kinds of token anew when enough has changed, and queues the records that have
    /// published what is left out since.
    fn test_admission(&self, report: &mut PublishReport) -> Result<(), NodeError> {
        let mut counts = self.counts()?;
        let (changes, records) = (counts.changes(), counts.records());
        if !counts.admission().is_due(changes, records) || self.store.pending(1)?.is_empty() {
            return Ok(());
        }
        let universe = self.tokeniser.keys(KeyClass::Person).universe_records;
        let admission = Admission::test(self.store, &counts, universe, changes)?;
        report.left_out = admission.left_out().to_vec();
        counts.set_admission(admission);
        if report.left_out.is_empty() {
            return Ok(());
        }
        let mut outdated = Vec::new();
        self.store.for_each_record(&mut |record| {
            if publishes_left_out(&record, &counts, universe) {
                outdated.push(record.key);
            }
            Ok(())
        })?;
        for keys in outdated.chunks(REQUEUE_RECORDS) {
            self.store.requeue(keys)?;
        }
        Ok(())
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
            let draft = Draft::new(record, &counts, universe, self.rules.version, now, report);
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

    pub(crate) fn counts(&self) -> Result<MutexGuard<'_, Counts>, NodeError> {
        self.counts
            .lock()
            .map_err(|_| NodeError::Store("an import failed; restart the node".to_owned()))
    }
}

/// Whether a record stands at the hub with more tokens of some kind than the admission test leaves
/// it. Which ones is not known: a node does not keep the values of what it has published.
fn publishes_left_out(record: &StoredRecord, counts: &Counts, universe: u64) -> bool {
    let (Some(published), Some(details)) = (&record.published, &record.details) else {
        return false;
    };
    let inputs = all_inputs(&details.canonical, counts, universe);
    let refused = inputs.iter().filter(|i| !counts.admission().admits(i));
    refused.into_iter().any(|refused| {
        let of_kind = |token| token == refused.token;
        let stand = published.tokens.iter().filter(|t| of_kind(t.token)).count();
        let admitted = inputs
            .iter()
            .filter(|i| of_kind(i.token) && counts.admission().admits(i));
        stand > admitted.count()
    })
}

/// SHA-256 of an OPRF input: sorts and compares inputs while a batch is made, then is dropped.
type InputName = [u8; 32];
type Secrets = HashMap<InputName, Arc<TokenSecrets>>;

/// A pending record with its token inputs.
struct Draft {
    record: StoredRecord,
    presence: Presence,
    inputs: Vec<(InputName, TokenInput)>,
    /// Normalised by other rules: what stands of it at the hub stays until its next import.
    stays: bool,
}

impl Draft {
    /// A Duty to Notify record has no details, so no input can come of it; a record past its expiry or
    /// taken out of sharing while it is held gives none either: what it had published is withdrawn. One
    /// that was normalised by other rules and not imported since gives none and keeps what it has.
    fn new(
        record: StoredRecord,
        counts: &Counts,
        universe: u64,
        rules: RulesVersion,
        now: Timestamp,
        report: &mut PublishReport,
    ) -> Self {
        let in_force = record.takes_part()
            && record
                .details
                .as_ref()
                .is_some_and(|details| details.expires >= Month::at(now));
        let outdated = |details: &Details| details.canonical.rules != rules;
        let stays =
            in_force && record.published.is_some() && record.details.as_ref().is_some_and(outdated);
        let (presence, inputs) = match &record.details {
            Some(details) if in_force && !outdated(details) => {
                report.too_common += too_common(&details.canonical, counts) as u64;
                token_inputs(&details.canonical, counts, universe)
            }
            _ => Default::default(),
        };
        Self {
            record,
            presence,
            stays,
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
