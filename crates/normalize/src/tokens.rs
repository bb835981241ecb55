//! Which token inputs a record gives (docs/linkage-quality.md, section 2). Every value joins at
//! least two attributes or is a strong identifier: a lone name, date or place never is one.

use std::fmt;

use sanctuary_types::{IdentifierKind, Slots, TokenType, limits::RECORD_TOKENS_MAX, lp};
use zeroize::Zeroizing;

use crate::{Canonical, NameFrequencies, RULES, canonical::join_codes, naming::other_pairs};

/// Bits above log2 of the universe at which a name alone is a token.
const RARE_MARGIN_BITS: f64 = 2.0;
/// Bits below log2 of the universe down to which a name that the agency holds once is a token.
const ONCE_MARGIN_BITS: f64 = 2.0;

/// Bits below log2 of the universe down to which a name part joins an initial and a year or area:
/// those two say about as much, so that few people share all three.
const INITIAL_MARGIN_BITS: f64 = 9.0;

/// What tokens of names alone depend on.
pub struct TokenContext<'a> {
    /// How rare codes are.
    pub frequencies: &'a NameFrequencies,
    /// People in the whole partnership, from the key manifest.
    pub universe_records: u64,
    /// How many of the agency's own records have a [`Canonical::pair_key`].
    pub pair_count: &'a dyn Fn(&str) -> u32,
}

/// One input to the OPRF. Personal data until it is blinded: erased on drop, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenInput {
    /// What it is made of.
    pub token: TokenType,
    /// Which parts of the record it speaks of.
    pub slots: Slots,
    value: Zeroizing<String>,
}

impl TokenInput {
    /// The value, for own counts; it must not leave the node.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The bytes that go into the OPRF: label, key class, rules version, token label, value.
    #[must_use]
    pub fn oprf_input(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(lp(&[
            b"sanctuary/v1/input",
            self.token.class().label().as_bytes(),
            &RULES.0.to_be_bytes(),
            self.token.label().as_bytes(),
            self.value.as_bytes(),
        ]))
    }
}

impl fmt::Debug for TokenInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenInput")
            .field("token", &self.token)
            .field("slots", &self.slots)
            .field("value", &"<redacted>")
            .finish()
    }
}

/// The token inputs of a record, strongest kinds first, each once, at most
/// [`RECORD_TOKENS_MAX`].
#[must_use]
pub fn tokens(record: &Canonical, context: &TokenContext<'_>) -> Vec<TokenInput> {
    let mut list = List {
        record,
        pair: record.pair_key(),
        out: Vec::with_capacity(48),
    };
    let full = record.birth.full();
    let day_and_month = record.birth.day_and_month();
    let (full, day_and_month) = (full.as_deref(), day_and_month.as_deref());
    list.names_and_birth(full, day_and_month);
    list.rare_names(context);
    list.names_and_fine_places();
    list.birth_and_areas(full);
    list.names_and_years();
    list.names_and_areas();
    list.identifiers();
    list.names_and_identifiers();
    list.initials_and_birth(full);
    list.names_held_once(context);
    list.names_and_initials(context);
    list.bands(day_and_month);
    list.out.truncate(RECORD_TOKENS_MAX);
    list.out
}

/// Both core parts: the slots of every name pair.
const PAIR: [u8; 2] = [0, 1];

struct List<'r> {
    record: &'r Canonical,
    pair: Option<String>,
    out: Vec<TokenInput>,
}

impl<'r> List<'r> {
    fn names_and_birth(&mut self, full: Option<&str>, day_and_month: Option<&str>) {
        for (i, part) in numbered(&self.record.parts) {
            self.add_joined(TokenType::Nd, Slots::parts(&[i]), Some(&part.code), full);
        }
        let pair = self.pair.clone();
        self.add_joined(
            TokenType::Nm,
            Slots::parts(&PAIR),
            pair.as_deref(),
            day_and_month,
        );
    }

    /// Names alone, where rare enough: any pair of parts, else the triple.
    fn rare_names(&mut self, context: &TokenContext<'_>) {
        let gate = (context.universe_records.max(1) as f64).log2() + RARE_MARGIN_BITS;
        let parts = &self.record.parts;
        let bits: Vec<f64> = parts
            .iter()
            .map(|p| context.frequencies.bits(&p.code))
            .collect();
        let mut found = false;
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            if j < parts.len() && bits[i] + bits[j] >= gate {
                let value = join_codes(&[&parts[i], &parts[j]]);
                self.add(TokenType::Nr, Slots::parts(&[i as u8, j as u8]), value);
                found = true;
            }
        }
        if let ([a, b, c], false) = (parts.as_slice(), found)
            && bits.iter().sum::<f64>() >= gate
        {
            self.add(
                TokenType::Nr,
                Slots::parts(&[0, 1, 2]),
                join_codes(&[a, b, c]),
            );
        }
    }

    fn names_and_fine_places(&mut self) {
        for fine in &self.record.fines {
            for (i, part) in numbered(&self.record.parts).take(PAIR.len()) {
                self.add_joined(
                    TokenType::Nf,
                    Slots::parts(&[i]),
                    Some(&part.code),
                    Some(fine),
                );
            }
        }
    }

    /// Birth and area without a name, which finds aliases.
    fn birth_and_areas(&mut self, full: Option<&str>) {
        for (i, area) in numbered(&self.record.areas) {
            self.add_joined(
                TokenType::Da,
                Slots::default().with_area(i),
                full,
                Some(area),
            );
        }
    }

    /// Two overlapping windows of four years: years up to two apart always share one.
    fn names_and_years(&mut self) {
        let windows = self.record.birth.year.into_iter();
        for window in windows.flat_map(|y| [y / 2, y / 2 + 1]) {
            let window = format!("w{window}");
            for (pair, parts) in self.pairs() {
                let slots = Slots::parts(&parts);
                self.add_joined(TokenType::Nw, slots, Some(&pair), Some(&window));
            }
        }
    }

    fn names_and_areas(&mut self) {
        for (i, area) in numbered(&self.record.areas) {
            for (pair, parts) in self.pairs() {
                let slots = Slots::parts(&parts).with_area(i);
                self.add_joined(TokenType::Na, slots, Some(&pair), Some(area));
            }
        }
    }

    /// The pair of the first two parts and, for names that forms cut in different places, the
    /// others.
    fn pairs(&self) -> Vec<(Zeroizing<String>, [u8; 2])> {
        let first = self.pair.iter().map(|pair| (pair.clone(), PAIR));
        let parts = &self.record.parts;
        let others = other_pairs(self.record).iter().map(|pair| {
            let [i, j] = pair.map(usize::from);
            (join_codes(&[&parts[i], &parts[j]]), *pair)
        });
        first
            .chain(others)
            .map(|(pair, parts)| (Zeroizing::new(pair), parts))
            .collect()
    }

    fn identifiers(&mut self) {
        let (shared, own): (Vec<_>, Vec<_>) = self
            .record
            .identifiers
            .iter()
            .partition(|(kind, _)| kind.is_shareable() || kind.is_place());
        for (kind, value) in own.into_iter().chain(shared) {
            self.add(TokenType::Id(*kind), Slots::default(), value.clone());
        }
    }

    /// Tells the same person from the same trafficker's phone.
    fn names_and_identifiers(&mut self) {
        let shared = |(kind, _): &&'r (IdentifierKind, String)| kind.is_shareable();
        for (kind, value) in self.record.identifiers.iter().filter(shared) {
            for (i, part) in numbered(&self.record.parts).take(PAIR.len()) {
                let slots = Slots::parts(&[i]);
                self.add_joined(TokenType::Ni(*kind), slots, Some(&part.code), Some(value));
            }
        }
    }

    fn initials_and_birth(&mut self, full: Option<&str>) {
        for (i, part) in numbered(&self.record.parts).take(PAIR.len()) {
            let initial = part.code.get(..1);
            self.add_joined(TokenType::Di, Slots::parts(&[i]), initial, full);
        }
    }

    /// A name part with the other's initial and one more thing: finds what a slip in the other name
    /// hides from pairs. A year or an area leaves many people with a common part, so there the part
    /// has to be rare enough. Both are weak evidence, which pays through the second step; a record
    /// with a full date of birth and a fine place has better and needs neither.
    fn names_and_initials(&mut self, context: &TokenContext<'_>) {
        let [first, second, ..] = self.record.parts.as_slice() else {
            return;
        };
        let gate = (context.universe_records.max(1) as f64).log2() - INITIAL_MARGIN_BITS;
        let birth = &self.record.birth;
        let year = birth.year.map(|year| year.to_string());
        let has_better = birth.full().is_some() && !self.record.fines.is_empty();
        for (i, part, other) in [(0, first, second), (1, second, first)] {
            let Some(initial) = other.code.get(..1) else {
                continue;
            };
            let left = Zeroizing::new(format!("{}+{initial}", part.code));
            let (left, slots) = (Some(left.as_str()), Slots::parts(&[i]));
            for fine in &self.record.fines {
                self.add_joined(TokenType::Pf, slots, left, Some(fine));
            }
            if has_better || context.frequencies.bits(&part.code) < gate {
                continue;
            }
            self.add_joined(TokenType::Py, slots, left, year.as_deref());
            for (k, area) in numbered(&self.record.areas) {
                self.add_joined(TokenType::Pa, slots.with_area(k), left, Some(area));
            }
            if birth.year.is_none() {
                self.near_misses(slots, &part.code, initial);
            }
        }
    }

    /// Codes one symbol apart share a value. Only where no year of birth is known and areas have to
    /// carry slips in both names: one token for each symbol is much.
    fn near_misses(&mut self, slots: Slots, code: &str, initial: &str) {
        let Some(area) = self.record.areas.first() else {
            return;
        };
        let without = |at: usize| -> String {
            let kept = code.chars().enumerate().filter(|(i, _)| *i != at);
            kept.map(|(_, symbol)| symbol).collect()
        };
        let symbols = code.chars().count();
        // Of two symbols one says too little.
        let near = (0..symbols).filter(|_| symbols > 2).map(without);
        for near in std::iter::once(code.to_owned()).chain(near) {
            let left = Zeroizing::new(format!("{near}+{initial}"));
            let slots = slots.with_area(0);
            self.add_joined(TokenType::Pn, slots, Some(&left), Some(area));
        }
    }

    /// Fairly rare pairs alone, only while the agency holds one record of the pair.
    fn names_held_once(&mut self, context: &TokenContext<'_>) {
        let (Some(pair), [a, b, ..]) = (self.pair.clone(), self.record.parts.as_slice()) else {
            return;
        };
        let universe = (context.universe_records.max(1) as f64).log2();
        let bits = context.frequencies.bits(&a.code) + context.frequencies.bits(&b.code);
        let fairly_rare = universe - ONCE_MARGIN_BITS <= bits && bits < universe + RARE_MARGIN_BITS;
        if fairly_rare && (context.pair_count)(&pair) <= 1 {
            self.add(TokenType::Nl, Slots::parts(&PAIR), pair);
        }
    }

    /// Similar names with day and month, and with area: both areas only where no year is known.
    fn bands(&mut self, day_and_month: Option<&str>) {
        let areas = if self.record.birth.year.is_some() {
            1
        } else {
            2
        };
        for (b, band) in numbered(&self.record.bands) {
            let band = format!("{b}:{band}");
            let slots = Slots::default().with_band(b);
            self.add_joined(TokenType::Lm, slots, Some(&band), day_and_month);
            for (i, area) in numbered(&self.record.areas).take(areas) {
                self.add_joined(TokenType::La, slots.with_area(i), Some(&band), Some(area));
            }
        }
    }

    /// Adds `left|right` if both are there.
    fn add_joined(
        &mut self,
        token: TokenType,
        slots: Slots,
        left: Option<&str>,
        right: Option<&str>,
    ) {
        if let (Some(left), Some(right)) = (left, right) {
            self.add(token, slots, format!("{left}|{right}"));
        }
    }

    /// Adds a value once. Two parts with one initial give one token that speaks of both.
    fn add(&mut self, token: TokenType, slots: Slots, value: String) {
        let value = Zeroizing::new(value);
        match self
            .out
            .iter_mut()
            .find(|t| t.token == token && t.value == value)
        {
            Some(same) => same.slots.parts |= slots.parts,
            None => self.out.push(TokenInput {
                token,
                slots,
                value,
            }),
        }
    }
}

fn numbered<T>(items: &[T]) -> impl Iterator<Item = (u8, &T)> {
    (0u8..).zip(items)
}
