//! Deduplication of one file (`--within`): every record becomes an agency of its own, so that the
//! hub can open what two of them share.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context, Result};
use rand_chacha::ChaCha20Rng;
use sanctuary_hub_core::PushBatch;
use sanctuary_linkage::{EstimateOptions, Population};
use sanctuary_node_core::{
    Counts, IDENTIFIER_VALUE_CAP, Oprf, OprfInput, PackJob, Padding, RecordKey, RecordToken,
    RecordTokens, StoredRecord, card_of, pack, population_of,
    ports::{NodeStore, PackState},
};
use sanctuary_normalize::{Canonical, RULES, TokenContext, TokenInput, tokens};
use sanctuary_posting::{TokenSecrets, derive};
use sanctuary_trust::{Member, Party};
use sanctuary_types::{KeyClass, PartyId, Presence, Timestamp};

use super::{
    block_on,
    holders::{EPOCH, Partners},
    node::{Node, push_batch},
    oprf::LabOprf,
};
use crate::progress::Progress;

/// Records whose tokens are evaluated together.
const CHUNK_RECORDS: usize = 64;
/// Records a population is estimated from at most, as in a node.
const SAMPLE_RECORDS: usize = 20_000;

/// One record as an agency.
pub struct Alone {
    pub party: Party,
    pub batch: PushBatch,
    pub tokens: u64,
}

/// The parts that stay the same for every record of the file.
pub struct Splitter<'a> {
    node: &'a Node,
    member: &'a Member,
    oprf: LabOprf,
    counts: Counts,
    /// Said once, by the first record for all: 50,000 equal tables would be read one by one.
    speaker: Option<RecordKey>,
    population: Vec<u8>,
    now: Timestamp,
}

impl<'a> Splitter<'a> {
    /// Estimates the one population from the whole file.
    pub fn new(
        node: &'a Node,
        partners: &'a Partners,
        now: Timestamp,
        rng: &mut ChaCha20Rng,
    ) -> Result<Self> {
        let counts = Counts::of_store(&node.store)?;
        let mut sample: Vec<Canonical> = Vec::new();
        let mut speaker = None;
        for record in records(node)? {
            if record.details.is_some() {
                speaker = speaker.or(Some(record.key));
            }
            sample.extend(record.details.map(|d| d.canonical.clone()));
        }
        let total_records = sample.len() as u64;
        sample.truncate(SAMPLE_RECORDS);
        let options = EstimateOptions {
            total_records,
            universe_records: total_records,
            file_has_duplicates: true,
        };
        // Each agency holds one record; together they are the file.
        let population = Population {
            records: 1,
            ..population_of(&sample, &counts, &options, rng)
        };
        Ok(Self {
            member: partners.member(&node.agency)?,
            oprf: partners.oprf(&node.agency, node.secret.clone())?,
            population: population.to_json()?,
            speaker,
            node,
            counts,
            now,
        })
    }

    /// One push for each record that has a token.
    pub fn split(
        &self,
        records: &[StoredRecord],
        rng: &mut ChaCha20Rng,
        progress: &Progress,
    ) -> Result<Vec<Alone>> {
        let mut all = Vec::with_capacity(records.len());
        for chunk in records.chunks(CHUNK_RECORDS) {
            let inputs: Vec<(Presence, Vec<TokenInput>)> =
                chunk.iter().map(|record| self.inputs(record)).collect();
            let secrets = self.evaluate(&inputs)?;
            for (record, (presence, inputs)) in chunk.iter().zip(inputs) {
                all.extend(self.pack(record, presence, &inputs, &secrets, rng)?);
            }
            progress.advance(chunk.len() as u64);
        }
        Ok(all)
    }

    /// As a node makes them, but that an agency of one record holds each name pair once.
    fn inputs(&self, record: &StoredRecord) -> (Presence, Vec<TokenInput>) {
        let Some(details) = &record.details else {
            return Default::default();
        };
        let mut canonical = details.canonical.clone();
        canonical.identifiers.retain(|(kind, value)| {
            self.counts.identifier_count(*kind, value) <= IDENTIFIER_VALUE_CAP
        });
        let context = TokenContext {
            frequencies: &self.counts.names,
            universe_records: self.oprf.keys(KeyClass::Person).universe_records,
            pair_count: &|_| 1,
        };
        (canonical.presence(), tokens(&canonical, &context))
    }

    fn evaluate(&self, inputs: &[(Presence, Vec<TokenInput>)]) -> Result<Secrets> {
        let mut secrets = Secrets::new();
        for class in KeyClass::ALL {
            let of_class = inputs
                .iter()
                .flat_map(|(_, i)| i)
                .filter(|i| i.token.class() == class);
            let distinct: BTreeMap<Vec<u8>, OprfInput> = of_class
                .map(|input| (input.oprf_input().to_vec(), input.oprf_input()))
                .collect();
            let (names, inputs): (Vec<Vec<u8>>, Vec<OprfInput>) = distinct.into_iter().unzip();
            let evaluated = block_on(self.oprf.evaluate(class, &inputs))??;
            for (name, output) in names.into_iter().zip(&evaluated.outputs) {
                secrets.insert(name, Arc::new(derive(output, class, EPOCH)));
            }
        }
        Ok(secrets)
    }

    fn pack(
        &self,
        record: &StoredRecord,
        presence: Presence,
        inputs: &[TokenInput],
        secrets: &Secrets,
        rng: &mut ChaCha20Rng,
    ) -> Result<Option<Alone>> {
        let Some(details) = &record.details else {
            return Ok(None);
        };
        let party = Party {
            id: agency_of(record)?,
            ..self.member.party.clone()
        };
        let tokens = inputs.iter().map(|input| {
            let secrets = secrets
                .get(input.oprf_input().as_slice())
                .context("a token was not evaluated")?;
            Ok(RecordToken {
                token: input.token,
                slots: input.slots,
                secrets: Arc::clone(secrets),
            })
        });
        let sealed = RecordTokens {
            card: card_of(record, details, presence, self.now),
            expires: details.expires,
            tokens: tokens.collect::<Result<_>>()?,
        };
        let job = PackJob {
            agency: &party.id,
            epoch: EPOCH,
            rules: RULES,
            records: std::slice::from_ref(&sealed),
            withdrawn: &[],
            padding: Padding::None,
            population: (self.speaker == Some(record.key)).then(|| self.population.clone()),
            secret: &self.node.secret,
        };
        let packed = pack(&job, &mut PackState::default(), rng)?;
        let signed = packed
            .contents
            .sign(&party.id, |message| self.member.signing.sign(message));
        let count = inputs.len() as u64;
        Ok(Some(Alone {
            batch: push_batch(signed),
            party,
            tokens: count,
        }))
    }
}

type Secrets = BTreeMap<Vec<u8>, Arc<TokenSecrets>>;

/// Every record of a node, in the order of its store.
pub fn records(node: &Node) -> Result<Vec<StoredRecord>> {
    let mut all = Vec::new();
    node.store.for_each_record(&mut |record| {
        all.push(record);
        Ok(())
    })?;
    Ok(all)
}

/// A record's agency: named by its pseudonym, which is unique in the file.
fn agency_of(record: &StoredRecord) -> Result<PartyId> {
    Ok(record.pseudonym.to_string().parse()?)
}
