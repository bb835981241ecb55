use sanctuary_types::{ComparedLevels, Presence, Slots, TokenType};

use crate::Population;

/// One token that two records of different agencies both hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Kind of token.
    pub token: TokenType,
    /// Parts of the first record it speaks of.
    pub a: Slots,
    /// Parts of the second record it speaks of.
    pub b: Slots,
    /// Sum over agencies of (records holding the token - 1): other people with the same value,
    /// since an agency rarely has one person twice.
    pub excess: u32,
    /// Records of all agencies that hold the token.
    pub holders: u32,
}

impl Agreement {
    /// A token that these two records alone hold.
    #[must_use]
    pub const fn new(token: TokenType, a: Slots, b: Slots) -> Self {
        Self {
            token,
            a,
            b,
            excess: 0,
            holders: 2,
        }
    }
}

/// Two records of different agencies that share at least one token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidate {
    /// What the first record could have agreed on.
    pub a: Presence,
    /// What the second record could have agreed on.
    pub b: Presence,
    /// Tokens that both hold.
    pub agreements: Vec<Agreement>,
    /// What the two agencies' nodes found when they compared the records, if they did.
    pub compared: Option<ComparedLevels>,
    /// What analysts of both agencies decided: one person, or not.
    pub decided: Option<bool>,
}

impl Candidate {
    /// The same two records, the other way round.
    #[must_use]
    pub fn swapped(&self) -> Self {
        let turn = |x: &Agreement| Agreement {
            a: x.b,
            b: x.a,
            ..*x
        };
        Self {
            a: self.b,
            b: self.a,
            agreements: self.agreements.iter().map(turn).collect(),
            compared: self.compared,
            decided: self.decided,
        }
    }
}

/// Everything a model needs to know of the partnership besides its candidates.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    /// Records of all agencies together.
    pub records: u64,
    /// Pairs of records of different agencies: what the candidates were drawn from.
    pub cross_pairs: f64,
    /// What each agency says of its own records, validated; they count by their `records`, so a
    /// hub sets those to what it holds. One alone is taken for a file compared with itself;
    /// without any, built-in tables are used.
    pub populations: &'a [Population],
}
