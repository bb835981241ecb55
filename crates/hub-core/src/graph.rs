//! What has been opened: tags shared by agencies, the records they speak of, and the pairs of
//! records of different agencies that share at least one. In memory only; a restart opens it anew.

use std::collections::{BTreeSet, HashMap};

use sanctuary_types::{Card, CardId, Pseudonym, Slots, TokenType, Visibility};

use crate::{opening::OpenedPosting, pairs::Pairs, pepper::StoredTag};

/// Two records, by number, the smaller first.
pub(crate) type PairKey = (u32, u32);

#[derive(Default)]
pub(crate) struct Graph {
    groups: Vec<Group>,
    group_of: HashMap<StoredTag, u32>,
    holders: Vec<Holder>,
    holder_of: HashMap<(u32, [u8; 16]), u32>,
    holders_of_card: HashMap<CardId, Vec<u32>>,
    records: Vec<Record>,
    record_of: HashMap<(u32, Pseudonym), u32>,
    pub(crate) pairs: Pairs,
}

/// One opened tag.
#[derive(Default)]
pub(crate) struct Group {
    pub(crate) tag: StoredTag,
    pub(crate) members: Vec<Member>,
    /// Sum over agencies of (records - 1).
    pub(crate) excess: u32,
    /// Records.
    pub(crate) records: u32,
    pub(crate) refused: Vec<u32>,
    pub(crate) disputed: bool,
    pub(crate) stopped: bool,
}

/// One opened posting.
#[derive(Clone, Copy)]
pub(crate) struct Member {
    holder: u32,
    /// As when the group was last attached.
    record: Option<u32>,
    /// Of the posting.
    pub(crate) ordinal: u32,
    pub(crate) token: TokenType,
    pub(crate) slots: Slots,
}

/// A card key that opened postings carry: stands for a record once its card is found.
struct Holder {
    agency: u32,
    card_key: [u8; 16],
    card: CardId,
    found: Option<Found>,
    /// The agency has a card of this id that does not open.
    bad: bool,
    groups: Vec<u32>,
}

/// A card that was found and opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) ordinal: u32,
    /// New with each version of a record.
    pub(crate) id: CardId,
    pub(crate) card: Card,
}

/// A record of an agency.
pub(crate) struct Record {
    pub(crate) agency: u32,
    pub(crate) pseudonym: Pseudonym,
    /// The newest of its cards.
    pub(crate) found: Option<Found>,
    holders: Vec<u32>,
}

/// A card to look for: (holder, agency, card id, card key).
pub(crate) type CardQuery = (u32, u32, CardId, [u8; 16]);

impl Graph {
    /// Replaces what is known of a tag. Gives the card keys that were not known before.
    pub(crate) fn set_group(
        &mut self,
        tag: StoredTag,
        postings: &[OpenedPosting],
        mut group: Group,
    ) -> Vec<CardQuery> {
        let index = *self.group_of.entry(tag).or_insert_with(|| {
            self.groups.push(Group::default());
            self.groups.len() as u32 - 1
        });
        self.detach(index);
        for member in std::mem::take(&mut self.groups[index as usize].members) {
            self.holders[member.holder as usize]
                .groups
                .retain(|g| *g != index);
        }
        let mut unknown = Vec::new();
        group.tag = tag;
        for OpenedPosting {
            agency,
            ordinal,
            body,
        } in postings
        {
            let holder = self.holder(*agency, body.card_key, &mut unknown);
            self.holders[holder as usize].groups.push(index);
            group.members.push(Member {
                holder,
                record: None,
                ordinal: *ordinal,
                token: body.token,
                slots: body.slots,
            });
        }
        self.groups[index as usize] = group;
        self.attach(index);
        unknown
    }

    /// The card keys that wait for, or stand on, the cards of these ids.
    pub(crate) fn queries(&self, cards: &[CardId]) -> Vec<CardQuery> {
        let holders: BTreeSet<u32> = cards
            .iter()
            .filter_map(|id| self.holders_of_card.get(id))
            .flatten()
            .copied()
            .collect();
        let query = |holder: u32| {
            let known = &self.holders[holder as usize];
            (holder, known.agency, known.card, known.card_key)
        };
        holders.into_iter().map(query).collect()
    }

    /// Sets what was found for a card key; `bad` when the agency has a card that does not open.
    pub(crate) fn set_card(&mut self, holder: u32, found: Option<Found>, bad: bool) {
        self.holders[holder as usize].bad = bad;
        if self.holders[holder as usize].found == found {
            return;
        }
        let before = self.record_of_holder(holder);
        let after = found.map(|found| self.record(holder, found.card.pseudonym));
        let records: BTreeSet<u32> = before.into_iter().chain(after).collect();
        let mut groups: BTreeSet<u32> = self.holders[holder as usize]
            .groups
            .iter()
            .copied()
            .collect();
        for record in &records {
            let holders = self.records[*record as usize].holders.iter();
            groups.extend(holders.flat_map(|h| self.holders[*h as usize].groups.iter().copied()));
        }
        groups.iter().for_each(|group| self.detach(*group));
        if let Some(record) = before {
            self.records[record as usize]
                .holders
                .retain(|h| *h != holder);
        }
        if let Some(record) = after {
            self.records[record as usize].holders.push(holder);
        }
        self.holders[holder as usize].found = found;
        for record in records {
            let holders = self.records[record as usize].holders.iter();
            let cards = holders.filter_map(|h| self.holders[*h as usize].found);
            self.records[record as usize].found = cards.max_by_key(|found| found.ordinal);
        }
        groups.into_iter().for_each(|group| self.attach(group));
    }

    pub(crate) fn group(&self, index: u32) -> &Group {
        &self.groups[index as usize]
    }
    pub(crate) fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter()
    }
    pub(crate) fn record_at(&self, record: u32) -> &Record {
        &self.records[record as usize]
    }
    pub(crate) fn record_number(&self, agency: u32, pseudonym: Pseudonym) -> Option<u32> {
        self.record_of.get(&(agency, pseudonym)).copied()
    }
    /// How many records there are or were.
    pub(crate) fn record_count(&self) -> u32 {
        self.records.len() as u32
    }

    /// Whether anybody may hear of a record.
    pub(crate) fn is_open(&self, record: u32) -> bool {
        let found = self.record_at(record).found;
        found.is_some_and(|found| found.card.visibility == Visibility::Open)
    }

    /// Whether two records are of one agency.
    pub(crate) fn is_own(&self, (a, b): PairKey) -> bool {
        self.records[a as usize].agency == self.records[b as usize].agency
    }

    /// Postings and cards refused, by agency.
    pub(crate) fn refused(&self) -> HashMap<u32, u32> {
        let mut counts = HashMap::new();
        let bad_cards = self
            .holders
            .iter()
            .filter(|h| h.bad && !h.groups.is_empty());
        let named = self
            .groups
            .iter()
            .flat_map(|group| group.refused.iter().copied());
        for agency in named.chain(bad_cards.map(|holder| holder.agency)) {
            *counts.entry(agency).or_default() += 1;
        }
        counts
    }

    /// The shared tags of a pair; none when it shares none.
    pub(crate) fn groups_of(&self, key: PairKey) -> impl Iterator<Item = &Group> {
        let pair = self.pairs.get(key);
        let groups = pair.map_or(&[][..], |pair| &pair.groups);
        groups.iter().map(|index| self.group(*index))
    }

    fn holder(&mut self, agency: u32, card_key: [u8; 16], unknown: &mut Vec<CardQuery>) -> u32 {
        if let Some(holder) = self.holder_of.get(&(agency, card_key)) {
            return *holder;
        }
        let card = sanctuary_posting::card_id(&card_key);
        let number = self.holders.len() as u32;
        self.holders.push(Holder {
            agency,
            card_key,
            card,
            found: None,
            bad: false,
            groups: Vec::new(),
        });
        self.holder_of.insert((agency, card_key), number);
        self.holders_of_card.entry(card).or_default().push(number);
        unknown.push((number, agency, card, card_key));
        number
    }

    fn record(&mut self, holder: u32, pseudonym: Pseudonym) -> u32 {
        let agency = self.holders[holder as usize].agency;
        let records = &mut self.records;
        *self
            .record_of
            .entry((agency, pseudonym))
            .or_insert_with(|| {
                records.push(Record {
                    agency,
                    pseudonym,
                    found: None,
                    holders: Vec::new(),
                });
                records.len() as u32 - 1
            })
    }

    fn record_of_holder(&self, holder: u32) -> Option<u32> {
        let known = &self.holders[holder as usize];
        let pseudonym = known.found?.card.pseudonym;
        self.record_of.get(&(known.agency, pseudonym)).copied()
    }

    /// Takes a group's evidence out of its pairs.
    fn detach(&mut self, index: u32) {
        for key in self.pairs_in(index) {
            self.pairs.detach(key, index);
        }
    }

    /// Finds a group's records anew and puts its evidence into their pairs.
    fn attach(&mut self, index: u32) {
        let mut members = std::mem::take(&mut self.groups[index as usize].members);
        for member in &mut members {
            member.record = self.record_of_holder(member.holder);
        }
        let records: BTreeSet<u32> = members.iter().filter_map(|member| member.record).collect();
        let agencies: BTreeSet<u32> = records
            .iter()
            .map(|record| self.records[*record as usize].agency)
            .collect();
        let group = &mut self.groups[index as usize];
        group.members = members;
        group.records = records.len() as u32;
        group.excess = (records.len() - agencies.len()) as u32;
        for key in self.pairs_in(index) {
            let own = self.is_own(key);
            self.pairs.attach(key, index, own);
        }
    }

    /// Pairs of records that the group joins: those that share a kind of token in it (all, unless
    /// somebody mislabelled).
    fn pairs_in(&self, index: u32) -> Vec<PairKey> {
        let members = &self.group(index).members;
        let mut keys = Vec::new();
        for (at, a) in members.iter().enumerate() {
            for b in &members[at + 1..] {
                let (Some(x), Some(y)) = (a.record, b.record) else {
                    continue;
                };
                if x != y && a.token == b.token {
                    keys.push((x.min(y), x.max(y)));
                }
            }
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

impl Group {
    /// What the group's members of a record say: kind of token and slots.
    pub(crate) fn of_record(&self, record: u32) -> impl Iterator<Item = (TokenType, Slots)> {
        self.members
            .iter()
            .filter(move |member| member.record == Some(record))
            .map(|member| (member.token, member.slots))
    }

    /// Ordinals of the postings by which a record holds the tag.
    pub(crate) fn ordinals_of(&self, record: u32) -> impl Iterator<Item = u32> {
        self.members
            .iter()
            .filter(move |member| member.record == Some(record))
            .map(|member| member.ordinal)
    }

    /// Whether it is a shared identifier.
    pub(crate) fn is_identifier(&self) -> bool {
        let first = self.members.first();
        first.is_some_and(|member| matches!(member.token, TokenType::Id(_)))
    }
}
