//! One match round.

use sanctuary_posting::open_card;
use sanctuary_types::{Month, PartyId, Timestamp};

use crate::{
    Hub, HubError, TellReport, comparisons, emptying, erase, gather,
    graph::{CardQuery, Found, Graph, Group},
    hub::locked,
    ingest::Pending,
    judging::{Scope, judge_and_tell},
    matching::Matching,
    opening::Opener,
    pepper::StoredTag,
    ports::{PostingLog, StateStore},
};

/// What a round did: counts, and agencies to be spoken with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundReport {
    /// Tags that were opened, anew or again.
    pub tags_opened: usize,
    /// Pairs of records that share at least one tag.
    pub candidates: usize,
    /// Whether the model was fitted anew.
    pub fitted: bool,
    /// What agencies were told.
    pub told: TellReport,
    /// Comparisons between nodes that were begun.
    pub comparisons_begun: usize,
    /// Agencies with more refused postings than before, and how many they have now.
    pub refused: Vec<(PartyId, u32)>,
    /// Tags on which agencies contradict each other and it cannot be told who forged.
    pub disputed_tags: usize,
    /// Tags with too many postings.
    pub stopped_tags: usize,
    /// Withdrawn or expired postings and cards whose bytes were erased.
    pub erased: usize,
    /// Alerts that lapsed long ago and were emptied of what they said.
    pub emptied: usize,
    /// Nothing had come in and nothing was left to settle.
    pub idle: bool,
}

/// See [`Hub::run_round`] and [`Hub::settle`].
pub(crate) fn run<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    now: Timestamp,
    settle: bool,
) -> Result<RoundReport, HubError> {
    let mut matching = hub.matching();
    let month = Month::at(now);
    if month > matching.month {
        erase::sweep(hub, month)?;
        matching.month = month;
    }
    let (pending, populations_version) = {
        let mut ingest = hub.ingest();
        matching.set_names(ingest.agencies.names());
        (
            std::mem::take(&mut ingest.pending),
            ingest.populations.version,
        )
    };
    let taken = pending.clone();
    let outcome = step(
        hub,
        &mut matching,
        pending,
        populations_version,
        now,
        settle,
    );
    match outcome {
        Ok(report) => {
            *locked(&hub.last_round) = now;
            publish(hub, &matching);
            Ok(report)
        }
        Err(error) => {
            hub.ingest().pending.restore(taken);
            matching.all_new = true;
            Err(error)
        }
    }
}

fn step<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    matching: &mut Matching,
    pending: Pending,
    populations_version: u64,
    now: Timestamp,
    settle: bool,
) -> Result<RoundReport, HubError> {
    let quiet = pending.is_empty();
    let month = Month::at(now);
    let mut report = RoundReport {
        erased: erase::erase(hub, &pending)?,
        ..RoundReport::default()
    };
    report.tags_opened = open_tags(
        hub,
        &mut matching.graph,
        &mut matching.opener,
        pending.tags,
        month,
    )?;
    let queries = matching.graph.queries(&pending.cards);
    find_cards(hub, &mut matching.graph, queries, month)?;

    comparisons::attach(hub, matching);
    let decided = matching.read_decisions();
    matching.touched.extend(decided);
    let dirty = matching.graph.pairs.take_dirty();
    let changed = !dirty.is_empty() || matching.all_new;
    let refit = matching.needs_fit(populations_version, settle, quiet, changed);
    let told = settle || matching.all_new;
    let hold = matching
        .loading
        .holds(matching.graph.pairs.count(), told, now);
    let release = matching.loading.held && !hold;
    let mut looked_at = Vec::new();
    let (_, rule, _) = hub.ingest().world(false);
    let ruled = matching.setting.is_some_and(|before| before != rule);
    if changed || refit || ruled || release || !matching.touched.is_empty() {
        report.fitted = refit;
        // Until this round is through, a failure must not forget what it was about.
        let scope = Scope {
            everything: refit || release || matching.all_new,
            refit,
            hold,
        };
        matching.all_new = true;
        (report.told, looked_at) = judge_and_tell(hub, matching, dirty, scope, now)?;
        matching.all_new = false;
        matching.loading.held = hold;
        matching.touched.clear();
    }
    report.emptied = emptying::run(hub, matching, now)?;
    comparisons::review(hub, matching, now)?;
    report.comparisons_begun = comparisons::plan(hub, matching, looked_at, now)?;
    report.idle = quiet && !changed && !refit && report.comparisons_begun == 0;
    report.candidates = matching.graph.pairs.count();
    report.disputed_tags = matching
        .graph
        .groups()
        .filter(|group| group.disputed)
        .count();
    report.stopped_tags = matching
        .graph
        .groups()
        .filter(|group| group.stopped)
        .count();
    report.refused = matching.note_refused();
    Ok(report)
}

/// Opens `tags` anew and looks for the cards of records not met before.
fn open_tags<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    graph: &mut Graph,
    opener: &mut Opener,
    mut tags: Vec<StoredTag>,
    month: Month,
) -> Result<usize, HubError> {
    tags.sort_unstable();
    tags.dedup();
    let mut rest = &tags[..];
    while !rest.is_empty() {
        let mut unknown = Vec::new();
        let step = gather::postings(hub, rest, month)?;
        rest = rest.get(step.len()..).unwrap_or_default();
        for gathered in step {
            let opened = opener.open(&gathered.postings);
            let group = Group {
                refused: opened.refused,
                disputed: opened.disputed,
                stopped: gathered.stopped,
                ..Group::default()
            };
            unknown.extend(graph.set_group(gathered.tag, &opened.postings, group));
        }
        find_cards(hub, graph, unknown, month)?;
    }
    Ok(tags.len())
}

fn find_cards<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    graph: &mut Graph,
    queries: Vec<CardQuery>,
    month: Month,
) -> Result<(), HubError> {
    for (holder, agency, id, key) in queries {
        let cards = gather::cards(hub, agency, id, month)?;
        let found = cards
            .iter()
            .filter_map(|(ordinal, sealed)| {
                let card = open_card(&key, sealed).ok()?;
                Some(Found {
                    ordinal: *ordinal,
                    id,
                    card,
                })
            })
            .max_by_key(|found| found.ordinal);
        graph.set_card(holder, found, found.is_none() && !cards.is_empty());
    }
    Ok(())
}

/// Makes counts of alerts and refusals readable without waiting for a round that is under way.
pub(crate) fn publish<L: PostingLog, S: StateStore>(hub: &Hub<L, S>, matching: &Matching) {
    let open = matching.open_alerts();
    let mut ingest = hub.ingest();
    for agency in ingest.agencies.all_mut() {
        agency.open_alerts = agency
            .id
            .as_ref()
            .and_then(|id| open.get(id))
            .copied()
            .unwrap_or(0);
        agency.refused = 0;
    }
    for (number, refused) in &matching.refused {
        if let Some(agency) = ingest.agencies.get_mut(*number) {
            agency.refused = *refused;
        }
    }
}
