use sanctuary_trust::Anchors;
use sanctuary_types::{PartyId, Timestamp};

use crate::{Agreement, Denial, PolicyError, SignedAgreement};

/// The versions of the sharing agreement that a party knows, each verified. A version holds from its
/// first day on; from then on no earlier one ever holds again, also when the later one ends sooner.
#[derive(Clone, Debug, Default)]
pub struct Agreements {
    /// Ascending by version.
    known: Vec<Agreement>,
}

/// What came of an agreement that was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learnt {
    /// It is new: store it.
    New,
    /// It was known word for word.
    Known,
}

impl Agreements {
    /// Versions kept; the oldest go.
    pub const VERSIONS_MAX: usize = 16;

    /// Takes a signed agreement in.
    ///
    /// # Errors
    /// [`PolicyError::Trust`] when fewer than k officers signed it, [`PolicyError::DoesNotFollow`] when
    /// it is older than one known, has another text than the known one of its version, or another id.
    pub fn learn(
        &mut self,
        signed: &SignedAgreement,
        anchors: &Anchors,
    ) -> Result<Learnt, PolicyError> {
        let agreement = signed.verify(anchors, 0)?;
        if let Some(known) = self.version(agreement.version) {
            return if known.sha256() == agreement.sha256() {
                Ok(Learnt::Known)
            } else {
                Err(PolicyError::DoesNotFollow(
                    "another text is known under its version; give it the next version and have it signed again",
                ))
            };
        }
        if let Some(newest) = self.known.last() {
            if newest.id != agreement.id {
                return Err(PolicyError::DoesNotFollow(
                    "it has another id than the one in use; a new version keeps the id",
                ));
            }
            if agreement.version < newest.version {
                return Err(PolicyError::DoesNotFollow(
                    "a newer version is known; use the newest one",
                ));
            }
        }
        self.known.push(agreement);
        if self.known.len() > Self::VERSIONS_MAX {
            self.known.remove(0);
        }
        Ok(Learnt::New)
    }

    /// The version that counts: the newest that has begun, whether or not it has ended; before any has
    /// begun, the one that begins first.
    #[must_use]
    pub fn current(&self, now: Timestamp) -> Option<&Agreement> {
        let begun = self.known.iter().rev().find(|a| a.in_force.start() <= now);
        begun.or_else(|| self.known.first())
    }

    /// The agreement in force.
    ///
    /// # Errors
    /// [`Denial::NoAgreement`], [`Denial::Expired`] or [`Denial::NotYetInForce`], with the date.
    pub fn in_force(&self, now: Timestamp) -> Result<&Agreement, Denial> {
        let agreement = self.current(now).ok_or(Denial::NoAgreement)?;
        agreement.check_in_force(now).map(|()| agreement)
    }

    /// As [`Agreement::permits_carriage`], by the agreement in force.
    ///
    /// # Errors
    /// [`Denial`] with the first rule that denies.
    pub fn permits_carriage(
        &self,
        from: &PartyId,
        to: &PartyId,
        now: Timestamp,
    ) -> Result<&Agreement, Denial> {
        let agreement = self.in_force(now)?;
        agreement.permits_carriage(from, to, now)?;
        Ok(agreement)
    }

    /// The known agreement of a version: old cases are explained by the one they were begun under.
    #[must_use]
    pub fn version(&self, version: u32) -> Option<&Agreement> {
        self.known.iter().find(|a| a.version == version)
    }

    /// The newest version known, in force or not; 0 = none.
    #[must_use]
    pub fn newest_version(&self) -> u32 {
        self.known.last().map_or(0, |a| a.version)
    }
}
