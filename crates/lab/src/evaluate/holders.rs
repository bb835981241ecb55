//! A partnership's key material and its key holders in this process: real ceremonies, real
//! manifests, real quotas; only the network between is missing.

use std::sync::Arc;

use anyhow::{Context, Result};
use rand_chacha::{ChaCha20Rng, rand_core::Rng};
use sanctuary_holder_core::{
    CeremonyDesk, CeremonyResult, CeremonyStart, EvaluationRequest, Evaluator, HolderError,
    KeyRing, QuotaOverrides, ShareStore,
    memory::{MemoryQuota, MemoryShares},
    short,
};
use sanctuary_keyshare::KeyShare;
use sanctuary_node_core::{
    KeySet, NodeSecret, Tokeniser,
    ports::{EvaluateBatch, HolderFault, HolderFaultKind, KeyHolders},
};
use sanctuary_normalize::RULES;
use sanctuary_toprf::Answer;
use sanctuary_trust::{
    DkgResult, Manifest, ManifestTerms, Member, Partnership, Party, Plan, Roster, SignedManifest,
};
use sanctuary_types::{Epoch, KeyClass, PartyId, Timestamp};

use super::oprf::{HashOprf, LabOprf};

/// The one epoch of an evaluation.
pub const EPOCH: Epoch = Epoch(1);
/// Holders needed for an evaluation of the OPRF.
pub const THRESHOLD: u16 = 2;
const HOLDERS: [&str; 3] = ["holder-1", "holder-2", "holder-3"];
/// Elements a day: quotas are charged as in production, and do not stop an evaluation.
const QUOTA_PER_DAY: u64 = 1 << 48;
const YEAR_MS: u64 = 365 * 86_400_000;
const PURPOSE: &str = "evaluation";

/// Everybody's keys, the manifests and the holders.
pub struct Partners {
    pub partnership: Partnership,
    manifests: Vec<Manifest>,
    holders: Arc<Vec<Holder>>,
    without_holders: bool,
    now: Timestamp,
}

struct Holder {
    id: PartyId,
    evaluator: Evaluator<MemoryQuota>,
    ring: KeyRing,
    shares: MemoryShares,
}

impl Partners {
    /// Makes keys for `agencies`, holds the two key ceremonies and starts three holders, whom
    /// nobody asks `without_holders`.
    pub fn found(
        agencies: &[PartyId],
        universe_records: u64,
        without_holders: bool,
        now: Timestamp,
        rng: &mut ChaCha20Rng,
    ) -> Result<Self> {
        let names: Vec<&str> = agencies.iter().map(PartyId::as_str).collect();
        let plan = Plan::new("hub", &HOLDERS, &names)?;
        let partnership = Partnership::generate(&plan, now, rng)?;
        let desks: Vec<Desk> = partnership.holders.iter().map(Desk::new).collect();
        let mut manifests = Vec::new();
        for class in KeyClass::ALL {
            let results = ceremony(&partnership, &desks, class, now, rng)?;
            manifests.push(manifest(
                &partnership,
                class,
                universe_records,
                &results,
                now,
            )?);
        }
        let holders = partnership.holders.iter().zip(desks).map(|(member, desk)| {
            let mut ring = KeyRing::new(QuotaOverrides::new());
            for manifest in &manifests {
                ring.add(&member.party.id, manifest.clone(), &desk.shares)?;
            }
            let id = member.party.id.clone();
            let evaluator =
                Evaluator::new(id.clone(), member.signing.clone(), MemoryQuota::default());
            Ok(Holder {
                id,
                evaluator,
                ring,
                shares: desk.shares,
            })
        });
        let holders = Arc::new(holders.collect::<Result<Vec<_>, HolderError>>()?);
        Ok(Self {
            partnership,
            manifests,
            holders,
            without_holders,
            now,
        })
    }

    /// An agency's OPRF: its way to the holders, or the hash in their place.
    pub fn oprf(&self, agency: &PartyId, secret: NodeSecret) -> Result<LabOprf> {
        let member = self.member(agency)?;
        let mut sets = self.manifests.iter().map(KeySet::new);
        let mut next = || {
            sets.next()
                .context("a class has no manifest")?
                .map_err(anyhow::Error::from)
        };
        let (person, identifier) = (next()?, next()?);
        if self.without_holders {
            return Ok(LabOprf::Hash(Box::new(HashOprf { person, identifier })));
        }
        let line = Line {
            holders: Arc::clone(&self.holders),
            caller: member.party.clone(),
            now: self.now,
        };
        let tokeniser = Tokeniser::new(line, person, identifier, secret)?;
        Ok(LabOprf::Holders(Box::new(tokeniser)))
    }

    /// What a thief of every holder's shares has: of each holder, its share of each class.
    pub fn shares(&self) -> Result<Vec<Vec<(KeyClass, KeyShare)>>> {
        let of_holder = |holder: &Holder| {
            let mut own = Vec::new();
            for id in holder.shares.ids()? {
                let share = holder.shares.load(id)?;
                own.push((id.class, share.context("a share is missing")?));
            }
            Ok(own)
        };
        self.holders.iter().map(of_holder).collect()
    }

    /// An agency's keys.
    pub fn member(&self, agency: &PartyId) -> Result<&Member> {
        self.partnership
            .member(agency.as_str())
            .context("an agency is not in the partnership")
    }
}

/// One agency's line to the holders.
pub struct Line {
    holders: Arc<Vec<Holder>>,
    caller: Party,
    now: Timestamp,
}

impl KeyHolders for Line {
    fn evaluate(
        &self,
        request: &EvaluateBatch<'_>,
    ) -> impl Future<Output = Result<Vec<Answer>, HolderFault>> + Send {
        let answers = request
            .quorum
            .iter()
            .map(|index| self.ask(*index, request))
            .collect();
        std::future::ready(answers)
    }
}

impl Line {
    fn ask(&self, index: u16, batch: &EvaluateBatch<'_>) -> Result<Answer, HolderFault> {
        let fault = |kind| HolderFault {
            holder: index,
            kind,
        };
        let holder = usize::from(index)
            .checked_sub(1)
            .and_then(|i| self.holders.get(i));
        let holder = holder.ok_or_else(|| fault(HolderFaultKind::Unavailable))?;
        let request = EvaluationRequest {
            class: batch.class,
            epoch: batch.epoch,
            generation: batch.generation,
            quorum: batch.quorum,
            batch_id: batch.batch_id,
            purpose: PURPOSE,
            elements: batch.elements,
        };
        let evaluation = holder
            .evaluator
            .evaluate(
                &holder.ring,
                &self.caller,
                &request,
                self.now,
                &mut rand::rng(),
            )
            .map_err(|error| fault(HolderFaultKind::Refused(format!("{}: {error}", holder.id))))?;
        Ok(Answer {
            holder: index,
            elements: evaluation.elements,
            proof: evaluation.receipt.proof,
        })
    }
}

/// One holder's side of the ceremonies.
struct Desk {
    desk: CeremonyDesk,
    shares: MemoryShares,
}

impl Desk {
    fn new(member: &Member) -> Self {
        Self {
            desk: CeremonyDesk::new(member.party.id.clone(), member.signing.clone()),
            shares: MemoryShares::default(),
        }
    }
}

/// An officer passes every holder's messages to the others.
fn ceremony(
    partnership: &Partnership,
    desks: &[Desk],
    class: KeyClass,
    now: Timestamp,
    rng: &mut ChaCha20Rng,
) -> Result<Vec<CeremonyResult>> {
    let officer = &partnership
        .officers
        .first()
        .context("a partnership has officers")?
        .party;
    let roster = verified(partnership)?;
    let start = CeremonyStart {
        class,
        epoch: EPOCH,
        threshold: THRESHOLD,
        holders: partnership
            .holders
            .iter()
            .map(|h| h.party.id.clone())
            .collect(),
    };
    let begun = desks.iter().map(|d| {
        d.desk
            .start(officer, &roster, &d.shares, start.clone(), now, rng)
    });
    let begun = begun.collect::<Result<Vec<_>, _>>()?;
    let id = short(&begun.first().context("a ceremony has holders")?.ceremony_id);
    let echoes = desks
        .iter()
        .map(|d| d.desk.echo(officer, &roster, id, &begun));
    let echoes = echoes.collect::<Result<Vec<_>, _>>()?;
    let mut packages = Vec::new();
    for desk in desks {
        packages.extend(desk.desk.deal(officer, &roster, id, &echoes, rng)?);
    }
    let results = desks
        .iter()
        .map(|d| d.desk.finish(officer, &roster, &d.shares, id, &packages));
    Ok(results.collect::<Result<Vec<_>, _>>()?)
}

/// The manifest as production has it: attested by every holder, signed by k officers, verified.
fn manifest(
    partnership: &Partnership,
    class: KeyClass,
    universe_records: u64,
    results: &[CeremonyResult],
    now: Timestamp,
) -> Result<Manifest> {
    let results: Vec<DkgResult> = results
        .iter()
        .map(|r| DkgResult {
            ceremony_id: r.ceremony_id,
            index: r.index,
            group_key: r.group_key,
            share_keys: r.share_keys.clone(),
            transcript_sha256: r.transcript_sha256,
            signature: r.signature,
        })
        .collect();
    let terms = ManifestTerms {
        class,
        epoch: EPOCH,
        threshold: THRESHOLD,
        holders: partnership
            .holders
            .iter()
            .map(|h| h.party.id.clone())
            .collect(),
        quota_per_day: QUOTA_PER_DAY,
        universe_records,
        rules: RULES,
        not_before: now,
        not_after: Timestamp(now.0 + YEAR_MS),
    };
    let mut signed = SignedManifest::from_ceremony(terms, &results)?;
    for officer in partnership
        .officers
        .iter()
        .take(usize::from(partnership.anchors.k))
    {
        signed.sign(&partnership.anchors, &officer.signing)?;
    }
    Ok(signed.verify(&partnership.anchors, &verified(partnership)?, now)?)
}

fn verified(partnership: &Partnership) -> Result<Roster> {
    Ok(partnership.roster.verify(&partnership.anchors, 0)?)
}

/// A node's secret from the evaluation's own randomness.
pub fn node_secret(rng: &mut ChaCha20Rng) -> NodeSecret {
    let mut bytes = zeroize::Zeroizing::new([0; 32]);
    rng.fill_bytes(bytes.as_mut_slice());
    NodeSecret::new(&bytes)
}
