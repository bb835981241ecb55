//! What a round does for the second step: takes results into the graph, drops what has changed, and
//! begins new comparisons, the most uncertain pairs first.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use sanctuary_types::{Handle, PartyId, Timestamp};

use super::{Comparison, Comparisons, End, HANDLES_MAX, Stage, WAITING_MAX};
use crate::{
    Hub, HubError,
    clusters::{alert_id, name},
    gather,
    graph::{Graph, PairKey},
    hub::locked,
    matching::Matching,
    pairs::Compared,
    ports::{PostingLog, StateStore},
    scoring::cards_of,
};

/// Comparisons begun in one atomic write.
const BEGUN_PER_WRITE: usize = 256;

/// What the rounds remember of planning.
#[derive(Default)]
pub(crate) struct Planned {
    /// The day on which all pairs were last looked at; limits and refusals hold for a day.
    day: Option<u32>,
    /// There was no room for all.
    cut: bool,
}

/// Puts what nodes found since the last round (or ever, for a graph that is new) beside its pairs.
pub(crate) fn attach<L: PostingLog, S: StateStore>(hub: &Hub<L, S>, matching: &mut Matching) {
    let mut comparisons = locked(&hub.comparisons);
    let arrived = std::mem::take(&mut comparisons.arrived);
    let ids: Vec<[u8; 16]> = if matching.all_new {
        comparisons.all().map(|comparison| comparison.id).collect()
    } else {
        arrived
    };
    for comparison in ids.iter().filter_map(|id| comparisons.get(id)) {
        let Some(key) = matching.key_of(comparison) else {
            continue;
        };
        if let Stage::Done(levels) = comparison.stage
            && is_current(&matching.graph, key, comparison)
        {
            // By number, as the graph has it; the levels are the same from both sides.
            let cards = cards_of(&matching.graph, key);
            let compared = cards.map(|cards| Compared { cards, levels });
            matching.graph.pairs.set_compared(key, compared);
        }
    }
}

/// Ends comparisons of records that are gone or changed, and those that nobody answered.
pub(crate) fn review<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    matching: &mut Matching,
    now: Timestamp,
) -> Result<(), HubError> {
    let mut comparisons = locked(&hub.comparisons);
    if comparisons.is_empty() {
        return Ok(());
    }
    let agreed = hub.second_step.load(Ordering::Relaxed);
    let (mut gone, mut ended) = (Vec::new(), Vec::new());
    for comparison in comparisons.all() {
        let key = matching.key_of(comparison);
        let current = key.is_some_and(|key| is_current(&matching.graph, key, comparison));
        let over = matches!(comparison.stage, Stage::Refused(_));
        let old = comparison.created.day() < now.day();
        if old && (over || !current) {
            gone.push((comparison.id, key));
        } else if !over && !current {
            ended.push((comparison.clone(), key, "changed"));
        } else if comparison.turn().is_some() && (comparison.expires() <= now || !agreed) {
            let code = if agreed { "expired" } else { "switched_off" };
            ended.push((comparison.clone(), None, code));
        }
    }
    let keys = gone.iter().map(|(_, key)| key);
    for key in keys.chain(ended.iter().map(|(_, key, _)| key)).flatten() {
        let pairs = &matching.graph.pairs;
        let found = pairs.compared(*key).map(|found| found.cards);
        let today = cards_of(&matching.graph, *key).filter(|_| pairs.get(*key).is_some());
        if found.is_some() && found != today {
            matching.graph.pairs.set_compared(*key, None);
        }
    }
    let gone: Vec<[u8; 16]> = gone.into_iter().map(|(id, _)| id).collect();
    comparisons.forget(&hub.state, &gone)?;
    for part in ended.chunks(BEGUN_PER_WRITE) {
        let ended = part.iter().map(|(comparison, _, code)| {
            let mut comparison = comparison.clone();
            comparison.end(Stage::Refused((*code).to_owned()));
            comparison
        });
        comparisons.write(&hub.state, ended.collect(), Vec::new())?;
    }
    Ok(())
}

/// Begins comparisons among `keys`, the pairs that this round looked at; once a day, and when there
/// was no room before, among all.
pub(crate) fn plan<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    matching: &mut Matching,
    keys: Vec<PairKey>,
    now: Timestamp,
) -> Result<usize, HubError> {
    if !hub.second_step.load(Ordering::Relaxed) {
        matching.planned = Planned::default();
        return Ok(0);
    }
    let mut comparisons = locked(&hub.comparisons);
    let room = WAITING_MAX.saturating_sub(comparisons.waiting());
    let again = matching.planned.cut && room > WAITING_MAX / 2;
    let all = again || matching.planned.day != Some(now.day());
    let keys = if all { matching.all_pairs() } else { keys };
    if keys.is_empty() {
        matching.planned.day = Some(now.day());
        return Ok(0);
    }
    // One a day for two records, whatever their versions: nobody learns more by changing a record.
    let taken: HashSet<PairKey> = comparisons
        .all()
        .filter(|c| c.created.day() == now.day() || c.turn().is_some())
        .filter_map(|comparison| matching.key_of(comparison))
        .collect();
    let mut wanted = matching.wanted(keys);
    wanted.retain(|((a, b), _)| !taken.contains(&(*a.min(b), *a.max(b))));
    wanted.sort_by(|(_, x), (_, y)| x.bits.abs().total_cmp(&y.bits.abs()));
    matching.planned.cut = wanted.len() > room || (matching.planned.cut && !all);
    let (mut begun, mut count) = (Vec::new(), 0);
    for (key, _) in wanted.into_iter().take(room) {
        let Some(comparison) = begin(hub, matching, key, now)? else {
            continue;
        };
        if comparisons.may_begin(&comparison) {
            begun.push(comparison);
            count += 1;
        }
        if begun.len() >= BEGUN_PER_WRITE {
            comparisons.write(&hub.state, std::mem::take(&mut begun), Vec::new())?;
        }
    }
    comparisons.write(&hub.state, begun, Vec::new())?;
    if all {
        matching.planned.day = Some(now.day());
    }
    Ok(count)
}

/// The comparison of a pair in its own orientation; none without a token to make a key from.
fn begin<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    matching: &Matching,
    (a, b): PairKey,
    now: Timestamp,
) -> Result<Option<Comparison>, HubError> {
    let graph = &matching.graph;
    let [handles_a, handles_b] = handles(hub, graph, (a, b), HANDLES_MAX)?;
    let (Some(alert), Some(end_a), Some(end_b)) = (
        alert_id(graph, &hub.pepper, &matching.names, (a, b)),
        end(graph, &matching.names, a, handles_a),
        end(graph, &matching.names, b, handles_b),
    ) else {
        return Ok(None);
    };
    if end_a.handles.is_empty() {
        return Ok(None);
    }
    let cards = [end_a.card, end_b.card];
    let id = hub.pepper.comparison_id(alert, cards, now.day());
    Ok(Some(Comparison::new(id, [end_a, end_b], now)))
}

/// Handles of both records' postings of up to `max` tags that they share, by stored tag.
pub(crate) fn handles<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    graph: &Graph,
    (a, b): PairKey,
    max: usize,
) -> Result<[Vec<Handle>; 2], HubError> {
    let mut groups: Vec<_> = graph.groups_of((a.min(b), a.max(b))).collect();
    groups.sort_by_key(|group| group.tag);
    let mut both = [Vec::new(), Vec::new()];
    for group in groups {
        let of = |record: u32| group.ordinals_of(record).min();
        let (Some(x), Some(y)) = (of(a), of(b)) else {
            continue;
        };
        let (x, y) = (gather::handle(hub, x)?, gather::handle(hub, y)?);
        if let (Some(x), Some(y)) = (x, y) {
            both[0].push(x);
            both[1].push(y);
        }
        if both[0].len() >= max {
            break;
        }
    }
    Ok(both)
}

fn end(graph: &Graph, names: &[Option<PartyId>], record: u32, handles: Vec<Handle>) -> Option<End> {
    let known = graph.record_at(record);
    Some(End {
        agency: name(names, known.agency)?.clone(),
        pseudonym: known.pseudonym,
        card: known.found?.id,
        handles,
    })
}

/// Whether the two records are still those versions and still share a tag.
fn is_current(graph: &Graph, key: PairKey, comparison: &Comparison) -> bool {
    let [a, b] = comparison.cards();
    let today = cards_of(graph, key);
    graph.pairs.get(key).is_some() && (today == Some([a, b]) || today == Some([b, a]))
}

impl Matching {
    fn key_of(&self, comparison: &Comparison) -> Option<PairKey> {
        let record = |end: &End| {
            let agency = self.numbers.get(&end.agency)?;
            self.graph.record_number(*agency, end.pseudonym)
        };
        let (a, b) = (record(&comparison.ends[0])?, record(&comparison.ends[1])?);
        Some((a.min(b), a.max(b)))
    }
}

impl Comparisons {
    fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }
}
