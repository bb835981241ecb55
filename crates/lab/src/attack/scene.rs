use super::{
    OWN, OWN_COARSE, OWN_HIDDEN, batches,
    claims::{Claims, Truth},
    frequency, graph,
    plaintext::Plaintext,
    report::Alignment,
    view::View,
};
use crate::synth::Dice;

/// A store under attack, what the attacker brings, and what is right.
pub struct Scene<'a> {
    target: &'static str,
    view: &'a View,
    plain: &'a Plaintext,
    truth: &'a Truth,
    /// Occurrences that do not even show in the view: never named.
    pub unseen: usize,
}

impl<'a> Scene<'a> {
    /// All of them show.
    #[must_use]
    pub const fn new(
        target: &'static str,
        view: &'a View,
        plain: &'a Plaintext,
        truth: &'a Truth,
    ) -> Self {
        Self {
            target,
            view,
            plain,
            truth,
            unseen: 0,
        }
    }

    fn line(&self, attack: &'static str, claims: &Claims) -> Alignment {
        let mut score = claims.score(self.view, self.plain, self.truth);
        score.occurrences += self.unseen;
        score.sealed += self.unseen;
        Alignment::new(self.target, attack, score)
    }

    /// Rank against rank, kinds unknown.
    pub fn ranked_hidden(&self, attack: &'static str, dice: &mut Dice) -> Alignment {
        let claims = frequency::kinds_hidden(self.view, self.plain, dice);
        self.line(attack, &claims)
    }

    /// Rank against rank, kind by kind.
    pub fn ranked(&self, attack: &'static str, dice: &mut Dice) -> Alignment {
        let claims = frequency::kinds_open(self.view, self.plain, dice);
        self.line(attack, &claims)
    }

    /// Equal counts from each agency.
    pub fn by_agency(&self, attack: &'static str, dice: &mut Dice) -> Alignment {
        let claims = frequency::by_agency(self.view, self.plain, dice);
        self.line(attack, &claims)
    }

    /// Rank against rank, with the frequencies of a sample of other people in place of these.
    pub fn frequency_of(
        &self,
        attack: &'static str,
        others: &Plaintext,
        dice: &mut Dice,
    ) -> Alignment {
        let claims = frequency::kinds_open(self.view, others, dice);
        self.line(attack, &claims.renamed(&others.numbers_in(self.plain)))
    }

    /// A record's own tokens by frequency.
    pub fn structure_hidden(&self, attack: &'static str, dice: &mut Dice) -> Alignment {
        let claims = graph::align(self.view, self.plain, OWN_HIDDEN, dice);
        self.line(attack, &claims)
    }

    /// A record's own tokens by kind and frequency, slots not looked at.
    pub fn structure_coarse(&self, attack: &'static str, dice: &mut Dice) -> Alignment {
        let claims = graph::align(self.view, self.plain, OWN_COARSE, dice);
        self.line(attack, &claims)
    }

    /// A record's own tokens by kind, slots and frequency.
    pub fn structure(&self, attack: &'static str, dice: &mut Dice) -> Alignment {
        let claims = graph::align(self.view, self.plain, OWN, dice);
        self.line(attack, &claims)
    }

    /// The whole graph, then the batches of what it gave.
    pub fn graph(&self, attack: &'static str, dice: &mut Dice) -> Alignment {
        let claims = batches::of_recognised(self.view, self.plain, dice);
        self.line(attack, &claims)
    }

    /// Batches as if they were in the order of the file.
    pub fn batches(&self, attack: &'static str, dice: &mut Dice) -> Alignment {
        let claims = batches::align(self.view, self.plain, dice);
        self.line(attack, &claims)
    }
}
