use sanctuary_types::{PartyId, Pseudonym, lp};
use serde::{Deserialize, Serialize};

use crate::{Alone, Family, Traits, Window};

/// Bytes of one agency's counts.
pub const OWN_COUNTS_BYTES_MAX: usize = 2 * 1024 * 1024;

/// What an agency hands in for a window: exact counts of everybody it holds, and the broad traits of
/// those records only that the hub has told it others hold too. So the hub learns of the rest a number
/// and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnCounts {
    /// For which time.
    pub window: Window,
    /// Everybody it holds, whether others know them or not.
    pub all: Alone,
    /// Of the records with a possible match.
    pub told: Vec<Told>,
}

/// One record that the hub has opened and told its agency of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// The record, as the hub knows it.
    pub pseudonym: Pseudonym,
    /// Counted among the victims.
    pub victim: bool,
    /// Counted among the suspects.
    pub suspect: bool,
    /// [`Traits::code`].
    pub traits: u16,
}

impl OwnCounts {
    /// The counts as JSON: what is signed and sent.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // A struct of numbers, texts and lists always has a JSON form.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads counts; `None` when they are not of this form, too large, or do not fit together: each
    /// family must add up to the same number, and nobody told of may be missing from all.
    #[must_use]
    pub fn from_json(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > OWN_COUNTS_BYTES_MAX {
            return None;
        }
        let read: Self = serde_json::from_slice(bytes).ok()?;
        let mut rest = read.all.clone();
        let fits = rest.total().is_some() && read.told.iter().all(|t| rest.take(t));
        fits.then_some(read)
    }

    /// What the agency signs.
    #[must_use]
    pub fn message(agency: &PartyId, json: &[u8]) -> Vec<u8> {
        lp(&[b"sanctuary/v1/own-counts", agency.as_bytes(), json])
    }
}

impl Alone {
    /// Counts one record.
    pub fn add(&mut self, victim: bool, suspect: bool, traits: &Traits) {
        if victim {
            self.add_victim(traits);
        }
        self.suspects = self.suspects.saturating_add(u32::from(suspect));
    }

    /// Adds other counts.
    pub fn join(&mut self, other: &Self) {
        self.victims.resize(Family::all_cells(), 0);
        for (own, more) in self.victims.iter_mut().zip(&other.victims) {
            *own = own.saturating_add(*more);
        }
        self.suspects = self.suspects.saturating_add(other.suspects);
    }

    /// Takes one record out again; false, with nothing taken, when it is not in.
    pub fn take(&mut self, told: &Told) -> bool {
        let traits = Traits::from_code(told.traits);
        let cells: Vec<usize> = Family::ALL
            .iter()
            .zip(traits.cells())
            .map(|(family, cell)| family.start() + cell)
            .collect();
        let has = |cell: &usize| self.victims.get(*cell).is_some_and(|n| *n > 0);
        if (told.victim && !cells.iter().all(has)) || (told.suspect && self.suspects == 0) {
            return false;
        }
        if told.victim {
            for cell in cells {
                if let Some(n) = self.victims.get_mut(cell) {
                    *n -= 1;
                }
            }
        }
        self.suspects -= u32::from(told.suspect);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sex;

    #[test]
    fn counts_that_do_not_fit_together_are_not_read() {
        let window = Window {
            from: "2026-01-01".parse().unwrap(),
            to: "2026-10-31".parse().unwrap(),
        };
        let traits = Traits {
            sex: Sex::Female,
            ..Traits::UNKNOWN
        };
        let mut all = Alone::default();
        all.add(true, false, &traits);
        all.add(false, true, &Traits::UNKNOWN);
        let told = Told {
            pseudonym: Pseudonym([1; 16]),
            victim: true,
            suspect: false,
            traits: traits.code(),
        };
        let good = OwnCounts {
            window,
            all,
            told: vec![told.clone()],
        };
        assert_eq!(OwnCounts::from_json(&good.to_json()), Some(good.clone()));
        // Told of twice, or with another trait than counted.
        for wrong in [
            vec![told.clone(), told.clone()],
            vec![Told { traits: 0, ..told }],
        ] {
            let bad = OwnCounts {
                told: wrong,
                ..good.clone()
            };
            assert_eq!(OwnCounts::from_json(&bad.to_json()), None);
        }
        let mut uneven = good;
        uneven.all.victims[0] += 1;
        assert_eq!(OwnCounts::from_json(&uneven.to_json()), None);
    }
}
