//! From token inputs to OPRF outputs, with t of n key holders, any of which may be dead or lie.

mod keys;

use std::{collections::HashMap, sync::Mutex};

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sanctuary_posting::pad::size_class;
use sanctuary_toprf::{Blinded, HolderIndex, OprfOutput, ToprfError};
use sanctuary_types::{BatchId, KeyClass, PartyId, limits::OPRF_ELEMENTS_TARGET, lp};
use zeroize::Zeroizing;

pub use keys::KeySet;

use crate::{
    NodeError, NodeSecret,
    ports::{EvaluateBatch, HolderFault, HolderFaultKind, KeyHolders},
    shuffle::shuffle,
};

/// A holder that failed is passed over for this many batches before it is tried again.
const REST_BATCHES: u32 = 16;

/// One input of the OPRF, wiped when dropped.
pub type OprfInput = Zeroizing<Vec<u8>>;

/// Where outputs of the OPRF come from. In a node that is [`Tokeniser`] and nothing else; the
/// laboratory puts a plain hash in its place, to compare linkage rules in seconds.
pub trait Oprf: Send + Sync {
    /// The key set of a class.
    fn keys(&self, class: KeyClass) -> &KeySet;

    /// One output for each of `inputs`, in their order.
    ///
    /// # Errors
    /// As [`Tokeniser::evaluate`].
    fn evaluate(
        &self,
        class: KeyClass,
        inputs: &[OprfInput],
    ) -> impl Future<Output = Result<Evaluated, NodeError>> + Send;
}

impl<H: KeyHolders> Oprf for Tokeniser<H> {
    fn keys(&self, class: KeyClass) -> &KeySet {
        Tokeniser::keys(self, class)
    }

    fn evaluate(
        &self,
        class: KeyClass,
        inputs: &[OprfInput],
    ) -> impl Future<Output = Result<Evaluated, NodeError>> + Send {
        Tokeniser::evaluate(self, class, inputs)
    }
}

/// Turns inputs into outputs. One for each epoch.
pub struct Tokeniser<H> {
    holders: H,
    person: KeySet,
    identifier: KeySet,
    secret: NodeSecret,
    resting: Mutex<HashMap<PartyId, u32>>,
}

/// Outputs in the order of the inputs, and who failed on the way.
#[derive(Debug)]
pub struct Evaluated {
    /// One for each input.
    pub outputs: Vec<OprfOutput>,
    /// Holders that did not answer, or not rightly; another took over.
    pub faults: Vec<(PartyId, HolderFaultKind)>,
    /// Elements sent, padding included: what the quota is charged for at each holder asked.
    pub elements: u64,
}

impl<H: KeyHolders> Tokeniser<H> {
    /// With the two key sets of one epoch.
    ///
    /// # Errors
    /// [`NodeError::Keys`] when the sets are of other classes or of different epochs.
    pub fn new(
        holders: H,
        person: KeySet,
        identifier: KeySet,
        secret: NodeSecret,
    ) -> Result<Self, NodeError> {
        if person.class != KeyClass::Person || identifier.class != KeyClass::Identifier {
            return Err(NodeError::Keys(
                "one manifest for each of the classes person and identifier is needed".to_owned(),
            ));
        }
        if person.epoch != identifier.epoch || person.rules != identifier.rules {
            return Err(NodeError::Keys(
                "the manifests are of different epochs or rules; install the newest of both"
                    .to_owned(),
            ));
        }
        Ok(Self {
            holders,
            person,
            identifier,
            secret,
            resting: Mutex::new(HashMap::new()),
        })
    }

    /// The key set of a class.
    pub const fn keys(&self, class: KeyClass) -> &KeySet {
        match class {
            KeyClass::Person => &self.person,
            KeyClass::Identifier => &self.identifier,
        }
    }

    /// The holders' port.
    pub const fn holders(&self) -> &H {
        &self.holders
    }

    /// Evaluates `inputs` (distinct; in any order, but the same order on a retry), in batches of
    /// about [`OPRF_ELEMENTS_TARGET`].
    ///
    /// # Errors
    /// [`NodeError::HoldersUnavailable`], [`NodeError::QuotaExceeded`], [`NodeError::Refused`] when
    /// no quorum is left; [`NodeError::Keys`] when an input cannot be evaluated.
    pub async fn evaluate(
        &self,
        class: KeyClass,
        inputs: &[OprfInput],
    ) -> Result<Evaluated, NodeError> {
        let mut all = Evaluated {
            outputs: Vec::with_capacity(inputs.len()),
            faults: Vec::new(),
            elements: 0,
        };
        for chunk in inputs.chunks(OPRF_ELEMENTS_TARGET) {
            self.evaluate_chunk(class, chunk, &mut all).await?;
        }
        Ok(all)
    }

    /// One batch. Its blinding, padding and order come from a generator seeded with
    /// HMAC(node secret, batch content), so that a retry after a crash sends the very same
    /// elements and is free of charge at the holders.
    ///
    /// Why that is safe: the seed is pseudorandom to everybody without the node's secret, so one
    /// batch is blinded as well as by fresh randomness; two batches that differ anywhere have
    /// unrelated seeds, so no scalar is ever used for two different lists of inputs; and the same
    /// list again gives the same elements, from which the holder learns only that it is the same
    /// batch: what a retransmission says anyway.
    async fn evaluate_chunk(
        &self,
        class: KeyClass,
        inputs: &[OprfInput],
        all: &mut Evaluated,
    ) -> Result<(), NodeError> {
        let keys = self.keys(class);
        let seed = self.seed(keys, inputs);
        let mut rng = ChaCha20Rng::from_seed(seed);
        let mut padded: Vec<OprfInput> = inputs.to_vec();
        while padded.len() < size_class(inputs.len()) {
            let mut random = Zeroizing::new([0; 32]);
            rng.fill_bytes(random.as_mut_slice());
            // Another label than real inputs have: padding never equals one.
            padded.push(Zeroizing::new(lp(&[
                b"sanctuary/v1/padding",
                random.as_slice(),
            ])));
        }
        let mut order: Vec<usize> = (0..padded.len()).collect();
        shuffle(&mut order, &mut rng);
        let shuffled: Vec<&[u8]> = order
            .iter()
            .filter_map(|i| padded.get(*i).map(|input| input.as_slice()))
            .collect();
        let blinded = Blinded::new(&keys.keys, &shuffled, &mut rng)
            .map_err(|error| NodeError::Keys(error.to_string()))?;
        all.elements += padded.len() as u64;
        let outputs = self.ask_quorums(keys, &blinded, &seed, all).await?;
        let mut placed: Vec<Option<OprfOutput>> = (0..padded.len()).map(|_| None).collect();
        for (position, output) in order.into_iter().zip(outputs) {
            if let Some(slot) = placed.get_mut(position) {
                *slot = Some(output);
            }
        }
        placed.truncate(inputs.len());
        all.outputs.extend(placed.into_iter().flatten());
        Ok(())
    }

    /// Tries quorums until one answers rightly; a holder that fails is left out of the next.
    async fn ask_quorums(
        &self,
        keys: &KeySet,
        blinded: &Blinded,
        seed: &[u8; 32],
        all: &mut Evaluated,
    ) -> Result<Vec<OprfOutput>, NodeError> {
        let mut failed: Vec<HolderFault> = Vec::new();
        loop {
            let Some(quorum) = self.choose(keys, seed, &failed) else {
                return Err(give_up(keys, &failed));
            };
            let request = EvaluateBatch {
                class: keys.class,
                epoch: keys.epoch,
                generation: keys.generation,
                quorum: &quorum,
                batch_id: self.batch_id(seed, keys, &quorum),
                elements: blinded.elements(),
            };
            let fault =
                match self.holders.evaluate(&request).await {
                    Ok(answers) => match blinded.finish(&keys.keys, &quorum, &answers) {
                        Ok(outputs) => return Ok(outputs),
                        Err(
                            ToprfError::BadAnswer { holder } | ToprfError::AnswerCount { holder },
                        ) if quorum.contains(&holder) => HolderFault {
                            holder,
                            kind: HolderFaultKind::WrongAnswer,
                        },
                        Err(error) => return Err(NodeError::Keys(error.to_string())),
                    },
                    Err(fault) if quorum.contains(&fault.holder) => fault,
                    Err(fault) => return Err(NodeError::Keys(fault.to_string())),
                };
            let name = keys.holder(fault.holder);
            self.rest(&name);
            all.faults.push((name, fault.kind.clone()));
            failed.push(fault);
        }
    }

    /// The next quorum: rested holders first, starting at a place that the batch decides, so that
    /// all holders carry the same load and a retry asks the same ones.
    fn choose(
        &self,
        keys: &KeySet,
        seed: &[u8; 32],
        failed: &[HolderFault],
    ) -> Option<Vec<HolderIndex>> {
        let n = keys.keys.holders();
        let start = u16::from(seed.first().copied().unwrap_or(0)) % n.max(1);
        let mut able: Vec<(bool, HolderIndex)> = (0..n)
            .map(|step| 1 + (start + step) % n)
            .filter(|index| failed.iter().all(|fault| fault.holder != *index))
            .map(|index| {
                (
                    self.is_resting(&keys.holder(index), failed.is_empty()),
                    index,
                )
            })
            .collect();
        able.sort_by_key(|(resting, _)| *resting);
        let mut quorum: Vec<HolderIndex> = able
            .into_iter()
            .map(|(_, index)| index)
            .take(usize::from(keys.keys.threshold()))
            .collect();
        quorum.sort_unstable();
        (quorum.len() == usize::from(keys.keys.threshold())).then_some(quorum)
    }

    fn rest(&self, holder: &PartyId) {
        if let Ok(mut resting) = self.resting.lock() {
            resting.insert(holder.clone(), REST_BATCHES);
        }
    }

    /// Whether a holder rests; a new batch brings it one step nearer to being asked again.
    fn is_resting(&self, holder: &PartyId, new_batch: bool) -> bool {
        let Ok(mut resting) = self.resting.lock() else {
            return false;
        };
        let Some(left) = resting.get_mut(holder) else {
            return false;
        };
        if new_batch {
            *left = left.saturating_sub(1);
        }
        if *left == 0 {
            resting.remove(holder);
            return false;
        }
        true
    }

    fn seed(&self, keys: &KeySet, inputs: &[OprfInput]) -> [u8; 32] {
        let parts: Vec<&[u8]> = inputs.iter().map(|input| input.as_slice()).collect();
        let content = Zeroizing::new(lp(&parts));
        self.secret.mac(
            "sanctuary/v1/node/oprf-batch",
            &[
                &[keys.class.code()],
                &keys.epoch.0.to_be_bytes(),
                keys.keys.group_key(),
                &content,
            ],
        )
    }

    /// The quorum is part of the id: a holder answers another quorum with another multiple of its
    /// share, so the same elements under another quorum are not a retransmission.
    fn batch_id(&self, seed: &[u8; 32], keys: &KeySet, quorum: &[HolderIndex]) -> BatchId {
        let quorum: Vec<u8> = quorum.iter().flat_map(|i| i.to_be_bytes()).collect();
        let mac = self.secret.mac(
            "sanctuary/v1/node/oprf-batch-id",
            &[seed, &keys.generation.0.to_be_bytes(), &quorum],
        );
        let mut id = BatchId([0; 16]);
        id.0.copy_from_slice(mac.get(..16).unwrap_or(&[0; 16]));
        id
    }
}

/// The one error that says most: quota before refusal before everything else.
fn give_up(keys: &KeySet, failed: &[HolderFault]) -> NodeError {
    let quota = failed
        .iter()
        .find(|fault| fault.kind == HolderFaultKind::QuotaExceeded);
    if let Some(fault) = quota {
        return NodeError::QuotaExceeded {
            holder: keys.holder(fault.holder),
        };
    }
    let refused = failed.iter().find_map(|fault| match &fault.kind {
        HolderFaultKind::Refused(reason) => Some((fault.holder, reason.clone())),
        _ => None,
    });
    if let Some((holder, reason)) = refused {
        return NodeError::Refused {
            party: keys.holder(holder),
            reason,
        };
    }
    let names: Vec<String> = failed
        .iter()
        .map(|fault| format!("{} {}", keys.holder(fault.holder), fault.kind))
        .collect();
    NodeError::HoldersUnavailable {
        class: keys.class,
        answered: usize::from(keys.keys.holders()) - failed.len(),
        needed: usize::from(keys.keys.threshold()),
        faults: names.join(", "),
    }
}
