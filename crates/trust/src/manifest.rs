use std::collections::BTreeSet;

use sanctuary_toprf::PublicKeys;
use sanctuary_types::{Epoch, Generation, KeyClass, PartyId, RulesVersion, Timestamp, lp};
use serde::{Deserialize, Serialize};

use crate::{
    Anchors, Attestation, DkgResult, OfficerSignature, PartyKind, Roster, SigningKey, TrustError,
    dkg_result_message,
    encode::{hexed, hexed_list},
    quorum, verify,
};

const WHAT: &str = "manifest";
/// The one suite: RFC 9497 VOPRF(ristretto255, SHA-512), key shared t of n, tokens by HKDF-SHA256.
pub const SUITE: &str = "ristretto255-sha512/threshold-v1";
const HOLDERS_MAX: usize = 32;

/// One (class, epoch, generation) of OPRF keys: what the holders hold shares of, and the terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`SUITE`].
    pub suite: String,
    /// Which tokens it evaluates.
    pub class: KeyClass,
    /// Tokens compare only inside one epoch.
    pub epoch: Epoch,
    /// Grows with each refresh of the shares.
    pub generation: Generation,
    /// Holders needed, t.
    pub threshold: u16,
    /// kG.
    #[serde(with = "hexed")]
    pub group_key: [u8; 32],
    /// s_i G for the share indices 1 to n.
    #[serde(with = "hexed_list")]
    pub share_keys: Vec<[u8; 32]>,
    /// The holder of each share, in the order of `share_keys`.
    pub holders: Vec<PartyId>,
    /// Full evaluations an agency may make per UTC day in this class.
    pub quota_per_day: u64,
    /// Records the partnership expects to hold in all: how rare is rare.
    pub universe_records: u64,
    /// Rules that tokens must be made by.
    pub rules: RulesVersion,
    /// First moment in force.
    pub not_before: Timestamp,
    /// No longer in force; holders destroy their shares.
    pub not_after: Timestamp,
    /// The ceremony that made the keys.
    #[serde(with = "hexed")]
    pub ceremony_id: [u8; 16],
    /// SHA-256 of all round-1 packages of the ceremony.
    #[serde(with = "hexed")]
    pub transcript_sha256: [u8; 32],
}

impl Manifest {
    /// The keys, for `toprf` to check and use.
    #[must_use]
    pub fn public_keys(&self) -> PublicKeys {
        PublicKeys {
            threshold: self.threshold,
            group_key: self.group_key,
            share_keys: self.share_keys.clone(),
        }
    }

    /// The share index (1 to n) of a holder.
    #[must_use]
    pub fn index_of(&self, holder: &PartyId) -> Option<u16> {
        let position = self.holders.iter().position(|h| h == holder)?;
        u16::try_from(position + 1).ok()
    }

    /// The holder of a share index.
    #[must_use]
    pub fn holder(&self, index: u16) -> Option<&PartyId> {
        self.holders.get(usize::from(index).checked_sub(1)?)
    }

    /// What one holder lets one agency evaluate per day: `floor(quota_per_day * t / n)`. With a
    /// full quota at each holder an agency that rotates quorums would get n/t times as much.
    #[must_use]
    pub fn holder_quota_per_day(&self) -> u64 {
        let n = self.holders.len().max(1) as u128;
        let limit = u128::from(self.quota_per_day) * u128::from(self.threshold) / n;
        u64::try_from(limit).unwrap_or(u64::MAX)
    }

    fn message(&self, anchors: &Anchors) -> Vec<u8> {
        let holders: Vec<&[u8]> = self.holders.iter().map(PartyId::as_bytes).collect();
        let share_keys: Vec<&[u8]> = self.share_keys.iter().map(|k| k.as_slice()).collect();
        lp(&[
            b"sanctuary/v1/manifest",
            &anchors.fingerprint().0,
            self.suite.as_bytes(),
            &[self.class.code()],
            &self.epoch.0.to_be_bytes(),
            &self.generation.0.to_be_bytes(),
            &self.threshold.to_be_bytes(),
            &self.group_key,
            &lp(&share_keys),
            &lp(&holders),
            &self.quota_per_day.to_be_bytes(),
            &self.universe_records.to_be_bytes(),
            &self.rules.0.to_be_bytes(),
            &self.not_before.0.to_be_bytes(),
            &self.not_after.0.to_be_bytes(),
            &self.ceremony_id,
            &self.transcript_sha256,
        ])
    }

    fn check(&self) -> Result<(), TrustError> {
        let n = self.holders.len();
        if n > HOLDERS_MAX {
            return Err(TrustError::TooMany {
                what: WHAT,
                items: "key holders",
                max: HOLDERS_MAX,
            });
        }
        if self.suite != SUITE {
            return Err(malformed(
                "it names a suite that this version does not know",
            ));
        }
        if self.share_keys.len() != n {
            return Err(malformed("it does not name one share key per key holder"));
        }
        if self.threshold < 2 || usize::from(self.threshold) > n {
            return Err(malformed(
                "its threshold must be 2 to the number of key holders, so that none can work alone",
            ));
        }
        if self.holders.iter().collect::<BTreeSet<_>>().len() != n {
            return Err(malformed("it names one key holder twice"));
        }
        if self.not_before >= self.not_after {
            return Err(malformed("it ends before it begins"));
        }
        self.public_keys()
            .check()
            .map(|_| ())
            .map_err(|_| TrustError::InconsistentKeys)
    }
}

/// The terms officers set; the rest of a manifest comes from the ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestTerms {
    /// Which tokens.
    pub class: KeyClass,
    /// Which epoch.
    pub epoch: Epoch,
    /// Holders needed, t.
    pub threshold: u16,
    /// The holders in the order of their share indices.
    pub holders: Vec<PartyId>,
    /// Full evaluations per agency and day.
    pub quota_per_day: u64,
    /// Records expected in all.
    pub universe_records: u64,
    /// Rules of the tokens.
    pub rules: RulesVersion,
    /// First moment.
    pub not_before: Timestamp,
    /// Last moment.
    pub not_after: Timestamp,
}

/// The manifest file: manifest, every holder's attestation, k officers' signatures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedManifest {
    format: u8,
    manifest: Manifest,
    attestations: Vec<Attestation>,
    signatures: Vec<OfficerSignature>,
}

impl SignedManifest {
    /// Puts a manifest together from what every holder said; refuses unless they said the same.
    ///
    /// # Errors
    /// [`TrustError`] when a holder is missing, the results differ or the keys do not fit.
    pub fn from_ceremony(terms: ManifestTerms, results: &[DkgResult]) -> Result<Self, TrustError> {
        let first = results
            .first()
            .ok_or(malformed("no key holder answered the ceremony"))?;
        let same = results.iter().all(|r| {
            (
                &r.ceremony_id,
                &r.group_key,
                &r.share_keys,
                &r.transcript_sha256,
            ) == (
                &first.ceremony_id,
                &first.group_key,
                &first.share_keys,
                &first.transcript_sha256,
            )
        });
        if !same {
            return Err(malformed(
                "the key holders did not end with the same keys; hold the ceremony again",
            ));
        }
        let attestations = (1u16..)
            .zip(&terms.holders)
            .map(|(index, holder)| {
                let mut own = results.iter().filter(|r| r.index == index);
                match (own.next(), own.next()) {
                    (Some(result), None) => Ok(Attestation {
                        holder: holder.clone(),
                        signature: result.signature,
                    }),
                    _ => Err(malformed("it lacks the statement of a key holder")),
                }
            })
            .collect::<Result<_, _>>()?;
        let manifest = Manifest {
            suite: SUITE.to_owned(),
            class: terms.class,
            epoch: terms.epoch,
            generation: Generation(0),
            threshold: terms.threshold,
            group_key: first.group_key,
            share_keys: first.share_keys.clone(),
            holders: terms.holders,
            quota_per_day: terms.quota_per_day,
            universe_records: terms.universe_records,
            rules: terms.rules,
            not_before: terms.not_before,
            not_after: terms.not_after,
            ceremony_id: first.ceremony_id,
            transcript_sha256: first.transcript_sha256,
        };
        manifest.check()?;
        Ok(Self {
            format: 1,
            manifest,
            attestations,
            signatures: Vec::new(),
        })
    }

    /// Adds an officer's signature.
    ///
    /// # Errors
    /// [`TrustError::UnknownOfficer`] when the key is not an officer's.
    pub fn sign(&mut self, anchors: &Anchors, key: &SigningKey) -> Result<(), TrustError> {
        let message = self.manifest.message(anchors);
        quorum::add(WHAT, anchors, &message, key, &mut self.signatures)
    }

    /// The manifest, if k officers and every holder signed it, its holders stand on the roster, its
    /// keys lie on one polynomial and it is in force at `now`.
    ///
    /// Callers keep the highest (epoch, generation) they have seen per class and refuse lower ones.
    ///
    /// # Errors
    /// [`TrustError`] naming the first rule that fails.
    pub fn verify(
        &self,
        anchors: &Anchors,
        roster: &Roster,
        now: Timestamp,
    ) -> Result<Manifest, TrustError> {
        let manifest = &self.manifest;
        manifest.check()?;
        quorum::check(WHAT, anchors, &manifest.message(anchors), &self.signatures)?;
        self.check_attestations(roster)?;
        if now < manifest.not_before {
            return Err(not_in_force("not yet valid", "check this machine's clock"));
        }
        if now >= manifest.not_after {
            return Err(not_in_force(
                "no longer valid",
                "ask the officers for the manifest of the new epoch",
            ));
        }
        Ok(manifest.clone())
    }

    /// What the officers are asked to sign; for reading only, nothing here is verified.
    #[must_use]
    pub fn proposal(&self) -> &Manifest {
        &self.manifest
    }

    /// The officers' signatures so far.
    #[must_use]
    pub fn signatures(&self) -> &[OfficerSignature] {
        &self.signatures
    }

    /// Reads the JSON file; verifies nothing but its form.
    ///
    /// # Errors
    /// [`TrustError::Json`] or [`TrustError::Malformed`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, TrustError> {
        let signed: Self = serde_json::from_slice(bytes).map_err(|e| TrustError::json(WHAT, &e))?;
        if signed.format != 1 {
            return Err(malformed(
                "its format is not 1; use a newer version of this program",
            ));
        }
        Ok(signed)
    }

    /// The JSON file.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    fn check_attestations(&self, roster: &Roster) -> Result<(), TrustError> {
        let manifest = &self.manifest;
        if self.attestations.len() != manifest.holders.len() {
            return Err(malformed("it lacks the statement of a key holder"));
        }
        for ((index, holder), attestation) in
            (1u16..).zip(&manifest.holders).zip(&self.attestations)
        {
            if attestation.holder != *holder {
                return Err(malformed(
                    "the key holders' statements are in the wrong order",
                ));
            }
            let party = roster
                .party(holder)
                .filter(|p| p.kind == PartyKind::KeyHolder)
                .ok_or_else(|| TrustError::NotOnRoster {
                    party: holder.clone(),
                    kind: "a key holder",
                })?;
            let message = dkg_result_message(
                &manifest.ceremony_id,
                index,
                &manifest.group_key,
                &manifest.share_keys,
                &manifest.transcript_sha256,
            );
            verify(&party.signing_key, &message, &attestation.signature)
                .map_err(|_| TrustError::Signature(WHAT))?;
        }
        Ok(())
    }
}

fn malformed(reason: &'static str) -> TrustError {
    TrustError::Malformed { what: WHAT, reason }
}

fn not_in_force(state: &'static str, advice: &'static str) -> TrustError {
    TrustError::NotInForce {
        what: WHAT,
        state,
        advice,
    }
}
