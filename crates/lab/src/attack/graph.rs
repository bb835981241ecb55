//! Structural alignment: records and the tags that opened form a graph, and so do the rows of the
//! plaintext and the values that two agencies share. Nodes are told apart by what is known of them
//! and, in further rounds, of their neighbours (colour refinement of Weisfeiler and Leman); what
//! looks the same on both sides is taken for the same. With the complete plaintext the two graphs
//! are the same graph, so this finds all that structure can find but for guesses among equals.

use std::{
    collections::{HashMap, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
};

use super::{
    claims::{Claims, join},
    plaintext::{Label, Plaintext},
    view::View,
};
use crate::synth::Dice;

/// What the attack makes use of.
#[derive(Clone, Copy, Debug)]
pub struct Knowledge {
    /// Roles, presence of fields, visibility and agency of a record.
    pub card: bool,
    /// Kind of a token.
    pub kinds: bool,
    /// And its slots: which part of the name, which band, which place.
    pub slots: bool,
    /// That records were sent in the order of the file.
    pub batches: bool,
    /// How far neighbours are looked at; 1 = a record's own tokens.
    pub rounds: usize,
}

impl Knowledge {
    /// As much of a token's label as is looked at.
    fn label(self, edge: &Edge) -> Option<Label> {
        let [kind, ..] = edge.label;
        let label = if self.slots {
            edge.label
        } else {
            [kind, 0, 0, 0]
        };
        self.kinds.then_some(label)
    }
}

/// A record with its tokens, on either side.
struct Graph {
    records: Vec<Node>,
    /// Colour of each tag or value.
    tags: Vec<u64>,
}

struct Node {
    /// Number of the record or row.
    name: u32,
    colour: u64,
    edges: Vec<Edge>,
}

#[derive(Clone, Copy)]
struct Edge {
    tag: u32,
    label: Label,
    /// Posting, on the hub's side.
    posting: u32,
}

/// Aligns the records that opened with rows, and names their opened postings.
#[must_use]
pub fn align(view: &View, plain: &Plaintext, knowledge: Knowledge, dice: &mut Dice) -> Claims {
    recognise(view, plain, knowledge, dice).0
}

/// As [`align`], with the pairs of record and row that were taken for the same.
#[must_use]
pub fn recognise(
    view: &View,
    plain: &Plaintext,
    knowledge: Knowledge,
    dice: &mut Dice,
) -> (Claims, Vec<(u32, u32)>) {
    let mut seen = Graph::of_view(view, knowledge);
    let mut known = Graph::of_plaintext(view, plain, knowledge);
    for _ in 0..knowledge.rounds {
        seen.refine(knowledge);
        known.refine(knowledge);
    }
    let numbered = |graph: &Graph| -> Vec<(u64, u32)> {
        graph
            .records
            .iter()
            .zip(0u32..)
            .map(|(node, at)| (node.colour, at))
            .collect()
    };
    let mut claims = Claims::none(view);
    let mut recognised = Vec::new();
    for (record, row) in join(numbered(&seen), numbered(&known), dice) {
        let (record, row) = (&seen.records[record as usize], &known.records[row as usize]);
        recognised.push((record.name, row.name));
        let key =
            |graph: &Graph, edge: &Edge| (knowledge.label(edge), graph.tags[edge.tag as usize]);
        let left = record
            .edges
            .iter()
            .map(|edge| (key(&seen, edge), edge.posting));
        let right = row.edges.iter().map(|edge| (key(&known, edge), edge.tag));
        for (posting, value) in join(left, right, dice) {
            claims.0[posting as usize] = Some(value);
        }
    }
    (claims, recognised)
}

impl Graph {
    fn of_view(view: &View, knowledge: Knowledge) -> Self {
        let mut records: Vec<Node> = (0u32..)
            .zip(&view.records)
            .map(|(name, record)| Node {
                name,
                colour: known_of(knowledge, record.agency, &record.card, record.batch),
                edges: Vec::new(),
            })
            .collect();
        for (posting, seen) in (0u32..).zip(&view.postings) {
            let Some((opened, record)) = seen.opened.and_then(|o| Some((o, o.record?))) else {
                continue;
            };
            let edge = Edge {
                tag: seen.tag,
                label: opened.label,
                posting,
            };
            records[record as usize].edges.push(edge);
        }
        let tags = view.tags.iter().map(|tag| hash(&tag.frequency)).collect();
        Self { records, tags }
    }

    fn of_plaintext(view: &View, plain: &Plaintext, knowledge: Knowledge) -> Self {
        let frequencies = plain.frequencies();
        let opens = |value: u32| view.all_open || frequencies[value as usize].len() > 1;
        let mut records = Vec::new();
        for (name, row) in (0u32..).zip(&plain.rows) {
            let edges: Vec<Edge> = row
                .tokens
                .iter()
                .filter(|token| opens(token.value))
                .map(|token| Edge {
                    tag: token.value,
                    label: token.label,
                    posting: 0,
                })
                .collect();
            // A record without a shared token never opens.
            if !edges.is_empty() {
                records.push(Node {
                    name,
                    colour: known_of(knowledge, row.agency, &row.card, row.batch),
                    edges,
                });
            }
        }
        let tags = frequencies.iter().map(hash).collect();
        Self { records, tags }
    }

    /// One round: each record takes up the colours of its tags, then each tag those of its records.
    fn refine(&mut self, knowledge: Knowledge) {
        let label = |edge: &Edge| knowledge.label(edge);
        for node in &mut self.records {
            let mut around: Vec<_> = node
                .edges
                .iter()
                .map(|edge| (label(edge), self.tags[edge.tag as usize]))
                .collect();
            around.sort_unstable();
            node.colour = hash(&(node.colour, around));
        }
        let mut of_tag: HashMap<u32, Vec<(Option<Label>, u64)>> = HashMap::new();
        for node in &self.records {
            for edge in &node.edges {
                of_tag
                    .entry(edge.tag)
                    .or_default()
                    .push((label(edge), node.colour));
            }
        }
        for (tag, mut around) in of_tag {
            around.sort_unstable();
            let colour = &mut self.tags[tag as usize];
            *colour = hash(&(*colour, around));
        }
    }
}

fn known_of(knowledge: Knowledge, agency: u16, card: &[u8; 32], batch: u32) -> u64 {
    hash(&(
        knowledge.card.then_some((agency, card)),
        knowledge.batches.then_some((agency, batch)),
    ))
}

/// Equal values have equal hashes on both sides: the hasher's key is fixed.
fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
