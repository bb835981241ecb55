//! A hub of our own to attack: synthetic agencies' files through the pipeline into a real store.

use std::path::Path;

use anyhow::{Context, Result};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use sanctuary_hub::Storage;
use sanctuary_hub_core::{Accepts, Hub, Options as HubOptions};
use sanctuary_linkage::Policy;
use sanctuary_node_core::{
    Evaluated, KeySet, LeftOut, NodeError, Oprf, OprfInput, Padding, Publisher, ports::NodeStore,
};
use sanctuary_normalize::RULES;
use sanctuary_types::{KeyClass, PartyId, Timestamp};

use super::{Shares, plaintext::Plaintext, whole_key::WholeKey};
use crate::{
    evaluate::{
        block_on,
        holders::{EPOCH, Partners, THRESHOLD, node_secret},
        in_parallel,
        node::{Node, push_batch},
        oprf::LabOprf,
    },
    progress::Progress,
    synth::{self, Profile},
};

/// Agencies of the partnership.
const AGENCIES: usize = 4;
/// People of the trial run that says how many records a person gives.
const TRIAL_PEOPLE: usize = 2_000;
/// Batches that the hub makes durable together.
const GROUP_BATCHES: usize = 16;
const CACHE_MIB: u64 = 64;

/// Agencies whose files are imported.
pub struct Drawn {
    /// Their nodes.
    pub nodes: Vec<Node>,
    /// Each agency's references in the order of its file.
    pub order: Vec<Vec<String>>,
    /// Records in all files.
    pub records: u64,
}

/// A partnership made for the attack.
pub struct Made {
    /// Its agencies.
    pub drawn: Drawn,
    /// Every key holder's shares.
    pub shares: Shares,
    /// What the nodes' admission tests left out, by agency.
    pub left_out: Vec<(PartyId, LeftOut)>,
}

impl Drawn {
    /// The attacker's plaintext: all of it.
    ///
    /// # Errors
    /// What the stores give.
    pub fn plaintext(&self, now: Timestamp) -> Result<Plaintext> {
        Plaintext::read(&self.nodes, &self.order, self.records, now)
    }
}

/// Makes about `records` records up, in files in `dir`, and imports them.
///
/// # Errors
/// When the files cannot be written or do not fit their mappings.
pub fn draw(dir: &Path, records: usize, seed: u64, now: Timestamp) -> Result<Drawn> {
    let files = files(records, seed)?;
    files.write(dir)?;
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let secrets: Vec<_> = files
        .agencies
        .iter()
        .map(|_| node_secret(&mut rng))
        .collect();
    let nodes = in_parallel(&files.agencies, |index, file| {
        let (agency, secret) = (file.name.parse()?, secrets[index].clone());
        let path = dir.join(format!("{}.csv", file.name));
        let node = Node::import(agency, &path, &file.mapping.parse()?, secret, now)?;
        Ok(node)
    })?;
    let references = |file: &synth::AgencyFile| {
        let rows = file.truth.iter();
        rows.map(|(reference, _)| reference.clone()).collect()
    };
    Ok(Drawn {
        order: files.agencies.iter().map(references).collect(),
        records: nodes.iter().map(|node| node.summary.accepted).sum(),
        nodes,
    })
}

/// Draws a partnership, sends its records, and leaves a hub's data directory and root key in
/// `dir`.
///
/// # Errors
/// When a step of the pipeline fails.
pub fn make(
    dir: &Path,
    records: usize,
    seed: u64,
    padding: Padding,
    now: Timestamp,
) -> Result<Made> {
    let drawn = draw(dir, records, seed, now)?;
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let names: Vec<PartyId> = drawn.nodes.iter().map(|n| n.agency.clone()).collect();
    let partners = Partners::found(&names, drawn.records, false, now, &mut rng)?;
    let shares = partners.shares()?;
    let quorum = shares.iter().take(usize::from(THRESHOLD));
    let stolen: Vec<_> = quorum
        .flatten()
        .map(|(class, share)| Ok((*class, copy(share)?)))
        .collect::<Result<_>>()?;
    let key = WholeKey::rebuild(&stolen, EPOCH)?;
    let progress = Progress::begin("tokenising records", drawn.records);
    let left_out = in_parallel(&drawn.nodes, |index, node| {
        publish(node, &partners, &key, padding, now, index, &progress)
    })?;
    push(dir, &drawn.nodes, &partners, now)?;
    Ok(Made {
        drawn,
        shares,
        left_out: left_out.into_iter().flatten().collect(),
    })
}

/// As many people as give about so many records.
fn files(records: usize, seed: u64) -> Result<synth::Partnership> {
    let options = |people| synth::Options {
        people,
        agencies: AGENCIES,
        seed,
        profile: Profile::default(),
    };
    let trial = synth::generate(&options(TRIAL_PEOPLE))?;
    let of_trial: usize = trial.agencies.iter().map(|file| file.truth.len()).sum();
    synth::generate(&options((records * TRIAL_PEOPLE / of_trial.max(1)).max(1)))
}

/// Tokenises and packs everything of a node, batch by batch. The key holders are asked for nothing:
/// the key rebuilt from t of their shares gives the same outputs in a third of the time.
fn publish(
    node: &Node,
    partners: &Partners,
    key: &WholeKey,
    padding: Padding,
    now: Timestamp,
    index: usize,
    progress: &Progress,
) -> Result<Vec<(PartyId, LeftOut)>> {
    let member = partners.member(&node.agency)?;
    let oprf = Rebuilt {
        holders: partners.oprf(&node.agency, node.secret.clone())?,
        key,
    };
    let mut rng = ChaCha20Rng::seed_from_u64(index as u64);
    let publisher = Publisher {
        store: &node.store,
        tokeniser: &oprf,
        counts: &node.counts,
        secret: &node.secret,
        agency: &node.agency,
        sign: &|message| member.signing.sign(message),
        padding,
        rules: sanctuary_node_core::RulesInUse::default(),
    };
    let mut left_out = Vec::new();
    while let Some(report) = block_on(publisher.publish_next(now, &mut rng))?? {
        left_out.extend(
            report
                .left_out
                .into_iter()
                .map(|left| (node.agency.clone(), left)),
        );
        progress.advance(report.records);
    }
    Ok(left_out)
}

/// The OPRF under the whole key.
struct Rebuilt<'a> {
    /// Knows epoch, rules and universe.
    holders: LabOprf,
    key: &'a WholeKey,
}

impl Oprf for Rebuilt<'_> {
    fn keys(&self, class: KeyClass) -> &KeySet {
        self.holders.keys(class)
    }

    async fn evaluate(
        &self,
        class: KeyClass,
        inputs: &[OprfInput],
    ) -> Result<Evaluated, NodeError> {
        let inputs: Vec<&[u8]> = inputs.iter().map(|input| input.as_slice()).collect();
        Ok(Evaluated {
            outputs: self.key.outputs(class, &inputs),
            faults: Vec::new(),
            elements: inputs.len() as u64,
        })
    }
}

/// Pushes every outbox to a hub on disk, agencies in turn, and lets it match.
fn push(dir: &Path, nodes: &[Node], partners: &Partners, now: Timestamp) -> Result<()> {
    let storage = Storage::open(&dir.join("hub"), &dir.join("root.key"), CACHE_MIB)?;
    let options = HubOptions {
        accepts: Accepts {
            rules: RULES,
            epoch: EPOCH,
        },
        policy: Policy::default(),
    };
    let hub = Hub::open(storage.log, storage.state, storage.pepper, options, now)?;
    for node in nodes {
        let party = &partners.member(&node.agency)?.party;
        let batches: Vec<_> = node
            .store
            .outbox(usize::MAX)?
            .into_iter()
            .map(|entry| push_batch(entry.batch))
            .collect();
        for group in batches.chunks(GROUP_BATCHES) {
            let checked = group
                .iter()
                .map(|batch| hub.check(party, batch))
                .collect::<Result<Vec<_>, _>>()?;
            for outcome in hub.commit(checked, now) {
                outcome?;
            }
        }
    }
    hub.run_round(now)?;
    Ok(())
}

/// A second copy of a share, as a thief has it.
pub fn copy(share: &sanctuary_keyshare::KeyShare) -> Result<sanctuary_keyshare::KeyShare> {
    sanctuary_keyshare::KeyShare::from_bytes(&share.to_bytes()).context("a share is damaged")
}
