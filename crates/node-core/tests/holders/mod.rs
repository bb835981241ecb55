//! Key holders in this process: real shares, and conduct that a test chooses.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sanctuary_keyshare::{KeyShare, dealer};
use sanctuary_node_core::{
    KeySet,
    ports::{EvaluateBatch, HolderFault, HolderFaultKind, KeyHolders},
};
use sanctuary_toprf::{Answer, PublicKeys};
use sanctuary_types::{Epoch, Generation, KeyClass, PartyId, RulesVersion};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Conduct {
    Honest,
    Dead,
    /// Answers persons and then no more.
    DiesOfIdentifiers,
    /// Answers with a multiple of another scalar and a proof for it.
    Lies,
    QuotaUsedUp,
    Refuses,
}

/// Three holders of whom two are needed, the same keys every time.
#[derive(Clone)]
pub struct Holders(Arc<Inner>);

struct Inner {
    keys: HashMap<(KeyClass, Epoch), (Vec<KeyShare>, PublicKeys)>,
    false_shares: Vec<KeyShare>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    conduct: HashMap<u16, Conduct>,
    batch_sizes: Vec<usize>,
    /// Holder, batch id and elements that were charged.
    seen: HashSet<(u16, [u8; 16], Vec<u8>)>,
    charged: HashMap<u16, usize>,
}

impl Holders {
    pub fn new() -> Self {
        let mut keys = HashMap::new();
        for class in KeyClass::ALL {
            for epoch in [1, 2] {
                let mut secret = [0; 32];
                secret[0] = 10 * class.code() + epoch;
                let mut rng = ChaCha20Rng::from_seed([epoch; 32]);
                let dealt = dealer::split(&secret, 2, 3, &mut rng).unwrap();
                keys.insert((class, Epoch(u32::from(epoch))), dealt);
            }
        }
        let (false_shares, _) = dealer::deal(2, 3, &mut ChaCha20Rng::from_seed([9; 32])).unwrap();
        Self(Arc::new(Inner {
            keys,
            false_shares,
            state: Mutex::default(),
        }))
    }

    pub fn set(&self, holder: u16, conduct: Conduct) {
        self.0.state.lock().unwrap().conduct.insert(holder, conduct);
    }

    pub fn name(&self, holder: u16) -> PartyId {
        format!("holder-{holder}").parse().unwrap()
    }

    /// Elements of each request, in order.
    pub fn batch_sizes(&self) -> Vec<usize> {
        self.0.state.lock().unwrap().batch_sizes.clone()
    }

    /// Elements charged at a holder; retransmissions are not.
    pub fn charged(&self, holder: u16) -> usize {
        self.0
            .state
            .lock()
            .unwrap()
            .charged
            .get(&holder)
            .copied()
            .unwrap_or(0)
    }

    pub fn key_sets(&self, epoch: Epoch) -> [KeySet; 2] {
        KeyClass::ALL.map(|class| KeySet {
            class,
            epoch,
            generation: Generation(0),
            rules: RulesVersion(1),
            universe_records: 10_000,
            keys: self.0.keys[&(class, epoch)].1.check().unwrap(),
            holders: (1..=3).map(|i| self.name(i)).collect(),
        })
    }

    fn answer(&self, holder: u16, request: &EvaluateBatch<'_>) -> Result<Answer, HolderFaultKind> {
        let mut state = self.0.state.lock().unwrap();
        let conduct = state
            .conduct
            .get(&holder)
            .copied()
            .unwrap_or(Conduct::Honest);
        let dies = conduct == Conduct::DiesOfIdentifiers && request.class == KeyClass::Identifier;
        match conduct {
            Conduct::Dead => return Err(HolderFaultKind::Unavailable),
            _ if dies => return Err(HolderFaultKind::Unavailable),
            Conduct::QuotaUsedUp => return Err(HolderFaultKind::QuotaExceeded),
            Conduct::Refuses => {
                return Err(HolderFaultKind::Refused("not in the roster".to_owned()));
            }
            _ => {}
        }
        if state
            .seen
            .insert((holder, request.batch_id.0, request.elements.to_vec()))
        {
            *state.charged.entry(holder).or_default() += request.elements.len() / 32;
        }
        let shares = if conduct == Conduct::Lies {
            &self.0.false_shares
        } else {
            &self.0.keys[&(request.class, request.epoch)].0
        };
        let mut rng = ChaCha20Rng::from_seed([3; 32]);
        let (elements, proof) = shares[usize::from(holder) - 1]
            .evaluate(request.quorum, 2, request.elements, &mut rng)
            .unwrap();
        Ok(Answer {
            holder,
            elements,
            proof,
        })
    }
}

impl KeyHolders for Holders {
    async fn evaluate(&self, request: &EvaluateBatch<'_>) -> Result<Vec<Answer>, HolderFault> {
        self.0
            .state
            .lock()
            .unwrap()
            .batch_sizes
            .push(request.elements.len() / 32);
        let answer = |holder: &u16| {
            self.answer(*holder, request).map_err(|kind| HolderFault {
                holder: *holder,
                kind,
            })
        };
        request.quorum.iter().map(answer).collect()
    }
}
