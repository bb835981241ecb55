//! From changed evidence to what agencies are told: score, judge in the light of all others, tell.

use sanctuary_linkage::ClusterRule;
use sanctuary_types::Timestamp;

use crate::{
    Hub, HubError, TellReport,
    announce::tell_all,
    graph::PairKey,
    matching::{Fitted, Matching},
    ports::{PostingLog, StateStore},
    scoring,
};

/// What a round does besides following what changed.
#[derive(Clone, Copy)]
pub(crate) struct Scope {
    /// All pairs are looked at.
    pub(crate) everything: bool,
    /// The model is fitted anew.
    pub(crate) refit: bool,
    /// New possible matches of one person wait for a later round.
    pub(crate) hold: bool,
}

/// Scores what changed (or everything), judges it in the light of all others, and tells whoever may
/// hear.
pub(crate) fn judge_and_tell<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    matching: &mut Matching,
    dirty: Vec<PairKey>,
    scope: Scope,
    now: Timestamp,
) -> Result<(TellReport, Vec<PairKey>), HubError> {
    let touched = dirty.iter().flat_map(|(a, b)| [*a, *b]);
    let touched = touched.chain(matching.touched.iter().copied()).collect();
    let (own, across): (Vec<_>, Vec<_>) = dirty
        .into_iter()
        .partition(|key| matching.graph.is_own(*key));
    let setting = score(hub, matching, &across, own, scope);
    let moved = matching.refine(scope.everything, touched, setting);
    let keys = if scope.everything {
        let sharing = matching.graph.pairs.cross().map(|(key, _)| key);
        let linked = matching.graph.pairs.linked().map(|(key, _)| key);
        sharing.chain(linked).collect()
    } else {
        let mut keys: Vec<PairKey> = across.into_iter().chain(moved.pairs).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    };
    let keys = matching.in_order(keys);
    let findings = matching.judge(&hub.options.policy, &keys);
    let mut regrouped = moved.regrouped;
    regrouped.extend(&matching.touched);
    regrouped.extend(matching.clusters.companions(&regrouped));
    let told = tell_all(hub, matching, &keys, findings, &regrouped, scope, now)?;
    Ok((told, keys))
}

/// Gives every pair that changed the bits of its own evidence, by a new model when `refit`.
fn score<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    matching: &mut Matching,
    across: &[PairKey],
    own: Vec<PairKey>,
    scope: Scope,
) -> ClusterRule {
    let (world, setting, populations_version) = hub.ingest().world(scope.refit);
    let keys = if scope.everything {
        matching.all_pairs()
    } else {
        matching.in_order(across.to_vec())
    };
    let candidates = matching.candidates(&keys);
    if let Some(world) = world {
        matching.fitted = Some(Fitted {
            model: scoring::fit(&candidates, world),
            candidates: candidates.len(),
            populations_version,
            decisions: matching.graph.pairs.decisions(),
            comparisons: matching.graph.pairs.comparisons(),
            rounds_since: 0,
            settled: true,
        });
    }
    matching.score(&keys, &candidates);
    let own = if scope.everything {
        matching.graph.pairs.own().collect()
    } else {
        own
    };
    let own = matching.in_order(own);
    let candidates = matching.candidates(&own);
    matching.score(&own, &candidates);
    setting
}
