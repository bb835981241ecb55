use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sanctuary_posting::{Posting, SealedCard};
use sanctuary_types::{CardId, Epoch, Handle, Month, Tag};

use crate::{NodeSecret, ports::DummyRange};

/// Numbered dummies: each is derived from the node's secret and its number, so the node can
/// withdraw it later, as padding of a real withdrawal, without having stored it.
pub struct Dummies<'a> {
    secret: &'a NodeSecret,
    epoch: Epoch,
}

impl<'a> Dummies<'a> {
    /// The dummies of one epoch.
    pub const fn new(secret: &'a NodeSecret, epoch: Epoch) -> Self {
        Self { secret, epoch }
    }

    /// The next dummy posting, with the expiry month of a real one so that it looks like it.
    pub fn posting(&self, range: &mut DummyRange, expiry: Month) -> Posting {
        let posting = Posting::dummy(expiry, &mut self.rng("posting", range.issued));
        range.issued += 1;
        posting
    }

    /// The next dummy card.
    pub fn card(&self, range: &mut DummyRange, expiry: Month) -> SealedCard {
        let card = SealedCard::dummy(expiry, &mut self.rng("card", range.issued));
        range.issued += 1;
        card
    }

    /// Tag and handle of the oldest standing dummy posting (they do not depend on its expiry), to be withdrawn; `None` when all are.
    pub fn withdraw_posting(&self, range: &mut DummyRange) -> Option<(Tag, Handle)> {
        let number = take(range)?;
        let posting = Posting::dummy(Month::default(), &mut self.rng("posting", number));
        Some((posting.tag, posting.handle))
    }

    /// The oldest standing dummy card, to be withdrawn; `None` when all are.
    pub fn withdraw_card(&self, range: &mut DummyRange) -> Option<CardId> {
        let number = take(range)?;
        let card = SealedCard::dummy(Month::default(), &mut self.rng("card", number));
        Some(card.id)
    }

    fn rng(&self, what: &str, number: u64) -> ChaCha20Rng {
        ChaCha20Rng::from_seed(self.secret.mac(
            "sanctuary/v1/node/dummy",
            &[
                what.as_bytes(),
                &self.epoch.0.to_be_bytes(),
                &number.to_be_bytes(),
            ],
        ))
    }
}

fn take(range: &mut DummyRange) -> Option<u64> {
    let number = range.withdrawn;
    (number < range.issued).then(|| {
        range.withdrawn += 1;
        number
    })
}
