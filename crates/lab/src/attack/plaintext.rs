//! What the attacker brings: the plaintext of a population, and the public rules by which tokens
//! are made of it. Here it is the worst case: the complete files of all agencies.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};
use sanctuary_node_core::{
    Admission, OprfInput, StoredRecord, card_of, ports::NodeStore, token_inputs,
};
use sanctuary_types::{
    KeyClass, PartyId, Pseudonym, Timestamp, TokenType, limits::OPRF_ELEMENTS_TARGET,
};

use crate::evaluate::node::Node;

/// Records of one batch, as nodes cut them.
const BATCH_RECORDS_MAX: usize = 256;

/// The population: rows of files, and the distinct values that tokens are made of.
#[derive(Default)]
pub struct Plaintext {
    /// Whose files.
    pub agencies: Vec<PartyId>,
    /// Every row that gives tokens, file by file, in the order of the file.
    pub rows: Vec<Row>,
    /// Every distinct value.
    pub values: Vec<Value>,
}

/// A row of a file.
pub struct Row {
    /// Its file.
    pub agency: u16,
    /// Its batch, if records were sent in the order of the file.
    pub batch: u32,
    /// What its card would say, but for the pseudonym.
    pub card: [u8; 32],
    /// Its tokens.
    pub tokens: Vec<RowToken>,
    /// Its fields as other services hash them.
    pub fields: Fields,
}

/// One token of a row.
#[derive(Clone, Copy)]
pub struct RowToken {
    /// Which value.
    pub value: u32,
    /// Kind and slots: what an opened posting says of itself.
    pub label: Label,
}

/// Kind of token and its slots, as bytes.
pub type Label = [u8; 4];

/// A value that a token is made of.
pub struct Value {
    /// Key that evaluates it.
    pub class: KeyClass,
    /// Input of the OPRF.
    pub input: OprfInput,
}

/// Fields of a row, normalised.
#[derive(Clone, Default)]
pub struct Fields {
    /// First and last part of the name.
    pub names: Vec<String>,
    /// `yyyymmdd`, where full.
    pub birth: Option<String>,
    /// Postcode, else area.
    pub place: Option<String>,
    /// Sex.
    pub sex: Option<String>,
}

impl Plaintext {
    /// Makes tokens of the nodes' records by the public rules, with the admission test as a node
    /// makes it. `order` gives each agency's references in the order of its file.
    pub fn read(
        nodes: &[Node],
        order: &[Vec<String>],
        universe_records: u64,
        now: Timestamp,
    ) -> Result<Self> {
        let mut plain = Self::default();
        let mut numbers: HashMap<Vec<u8>, u32> = HashMap::new();
        for (agency, (node, order)) in nodes.iter().zip(order).enumerate() {
            plain.agencies.push(node.agency.clone());
            let mut counts = node
                .counts
                .lock()
                .map_err(|_| anyhow::anyhow!("an import failed"))?;
            let tested = Admission::test(&node.store, &counts, universe_records, counts.changes())?;
            counts.set_admission(tested);
            let mut file = Cut::default();
            for record in in_order(node, order)? {
                let Some(details) = &record.details else {
                    continue;
                };
                let (presence, inputs) =
                    token_inputs(&details.canonical, &counts, universe_records);
                let tokens: Vec<RowToken> = inputs
                    .iter()
                    .map(|input| {
                        let bytes = input.oprf_input();
                        let value = *numbers.entry(bytes.to_vec()).or_insert_with(|| {
                            let class = input.token.class();
                            plain.values.push(Value {
                                class,
                                input: bytes.clone(),
                            });
                            plain.values.len() as u32 - 1
                        });
                        RowToken {
                            value,
                            label: label(input.token, input.slots.to_bytes()),
                        }
                    })
                    .collect();
                let person = inputs
                    .iter()
                    .zip(&tokens)
                    .filter(|(i, _)| i.token.class() == KeyClass::Person);
                let batch = file.place(person.map(|(_, token)| token.value));
                let card = card_of(&record, details, presence, now);
                plain.rows.push(Row {
                    agency: agency as u16,
                    batch,
                    card: faceless(card),
                    tokens,
                    fields: fields_of(&record),
                });
            }
        }
        Ok(plain)
    }

    /// For each value, its rows by agency: (agency, how many), in order of agency.
    #[must_use]
    pub fn frequencies(&self) -> Vec<Vec<(u16, u32)>> {
        let mut all: Vec<Vec<(u16, u32)>> = vec![Vec::new(); self.values.len()];
        for row in &self.rows {
            for token in &row.tokens {
                add(&mut all[token.value as usize], row.agency);
            }
        }
        all
    }

    /// For each value, its number in another plaintext that has it too.
    #[must_use]
    pub fn numbers_in(&self, other: &Self) -> Vec<Option<u32>> {
        let numbers: HashMap<&[u8], u32> = other
            .values
            .iter()
            .zip(0u32..)
            .map(|(value, number)| (value.input.as_slice(), number))
            .collect();
        let number = |value: &Value| numbers.get(value.input.as_slice()).copied();
        self.values.iter().map(number).collect()
    }

    /// For each value, the code of its kind.
    #[must_use]
    pub fn kinds(&self) -> Vec<u8> {
        let mut kinds = vec![0; self.values.len()];
        for token in self.rows.iter().flat_map(|row| &row.tokens) {
            kinds[token.value as usize] = token.label[0];
        }
        kinds
    }

    /// Occurrences of all values.
    #[must_use]
    pub fn occurrences(&self) -> usize {
        self.rows.iter().map(|row| row.tokens.len()).sum()
    }
}

/// One more of `agency`.
pub fn add(frequency: &mut Vec<(u16, u32)>, agency: u16) {
    match frequency.binary_search_by_key(&agency, |(a, _)| *a) {
        Ok(at) => frequency[at].1 += 1,
        Err(at) => frequency.insert(at, (agency, 1)),
    }
}

/// Kind and slots as an opened posting has them.
#[must_use]
pub fn label(token: TokenType, slots: [u8; 3]) -> Label {
    [token.code(), slots[0], slots[1], slots[2]]
}

/// A card's bytes without the pseudonym, which no plaintext has.
#[must_use]
pub fn faceless(mut card: sanctuary_types::Card) -> [u8; 32] {
    card.pseudonym = Pseudonym([0; 16]);
    card.to_bytes()
}

/// How a node that sends records in the order of the file would cut them into batches.
#[derive(Default)]
struct Cut {
    batch: u32,
    records: usize,
    distinct: HashSet<u32>,
}

impl Cut {
    fn place(&mut self, person_values: impl Iterator<Item = u32>) -> u32 {
        let own: Vec<u32> = person_values.collect();
        self.distinct.extend(&own);
        self.records += 1;
        let full = self.distinct.len() > OPRF_ELEMENTS_TARGET || self.records > BATCH_RECORDS_MAX;
        if full && self.records > 1 {
            self.batch += 1;
            self.records = 1;
            self.distinct = own.into_iter().collect();
        }
        self.batch
    }
}

fn in_order(node: &Node, order: &[String]) -> Result<Vec<StoredRecord>> {
    let mut records: HashMap<String, StoredRecord> = HashMap::new();
    node.store.for_each_record(&mut |record| {
        if let Some(details) = &record.details {
            records.insert(details.reference.clone(), record);
        }
        Ok(())
    })?;
    let rows: Vec<StoredRecord> = order
        .iter()
        .filter_map(|reference| records.remove(reference))
        .collect();
    let context = "the mapping's record_id does not fit the file";
    records.is_empty().then_some(rows).context(context)
}

fn fields_of(record: &StoredRecord) -> Fields {
    let Some(details) = &record.details else {
        return Fields::default();
    };
    let canonical = &details.canonical;
    let birth = &canonical.birth;
    let birth = match (birth.year, birth.month, birth.day) {
        (Some(y), Some(m), Some(d)) => Some(format!("{y:04}{m:02}{d:02}")),
        _ => None,
    };
    Fields {
        names: canonical
            .parts
            .iter()
            .take(2)
            .map(|part| part.canon.clone())
            .collect(),
        birth,
        place: canonical
            .fines
            .iter()
            .chain(&canonical.areas)
            .next()
            .cloned(),
        sex: canonical.sex.map(String::from),
    }
}
