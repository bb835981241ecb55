//! The lab's own reading of the files: which records there are and which are one person. The
//! pipeline never sees any of it.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use sanctuary_node_core::readers;
use sanctuary_types::PartyId;

/// Where the truth is.
#[derive(Clone, Debug)]
pub enum Source {
    /// A column of every agency's file: equal values are one person.
    Column(String),
    /// A file `id_l,id_r` of pairs.
    Pairs(PathBuf),
    /// A file `agency,record_id,person_id`, as `cargo lab synth` writes it.
    People(PathBuf),
}

/// What to break results down by.
#[derive(Clone, Debug)]
pub struct Breakdown {
    /// The column.
    pub column: String,
    /// A file with the truth's person ids in its first column and `column`; without it every
    /// agency's own file is read.
    pub file: Option<PathBuf>,
}

/// A pair of record numbers, the smaller first.
pub type Pair = (u32, u32);

/// Every record of every file, and the true pairs.
#[derive(Debug, Default)]
pub struct Truth {
    numbers: HashMap<(usize, String), u32>,
    /// True pairs among records of different agencies, or of one file when it is compared with
    /// itself.
    pub pairs: HashSet<Pair>,
    /// For each record, its value of the column to break down by.
    pub groups: Option<Vec<String>>,
}

/// One agency's file as the lab reads it.
pub struct File<'a> {
    pub agency: &'a PartyId,
    pub path: &'a Path,
    /// The column with the record's reference.
    pub record_id: &'a str,
}

impl Truth {
    /// Reads the files and the truth.
    pub fn read(files: &[File<'_>], source: &Source, by: Option<&Breakdown>) -> Result<Self> {
        let own_column = match source {
            Source::Column(column) => Some(column.as_str()),
            _ => None,
        };
        let own_group = by.filter(|b| b.file.is_none()).map(|b| b.column.as_str());
        let mut truth = Self::default();
        let mut agency_of = Vec::new();
        let mut persons: Vec<String> = Vec::new();
        let mut groups: Vec<String> = Vec::new();
        for (index, file) in files.iter().enumerate() {
            for row in read(file.path, &[Some(file.record_id), own_column, own_group])? {
                let [id, person, group] = row;
                let number = agency_of.len() as u32;
                // As at a node, only the first row of a reference counts.
                if truth.numbers.contains_key(&(index, id.clone())) {
                    continue;
                }
                truth.numbers.insert((index, id), number);
                agency_of.push(index);
                persons.push(person);
                groups.push(group);
            }
        }
        let within = files.len() == 1;
        truth.pairs = match source {
            Source::Column(_) => same_person(&persons, &agency_of, within),
            Source::Pairs(path) => truth.listed(path, files.len(), within)?,
            Source::People(path) => {
                persons = truth.people(path, files, agency_of.len())?;
                same_person(&persons, &agency_of, within)
            }
        };
        ensure!(
            !truth.pairs.is_empty(),
            "the truth names no pair of records of these files: check the column or the pairs file"
        );
        truth.groups = match by {
            None => None,
            Some(Breakdown { file: None, .. }) => Some(groups),
            Some(Breakdown {
                column,
                file: Some(path),
            }) => Some(looked_up(path, column, &persons)?),
        };
        Ok(truth)
    }

    /// The number of an agency's record.
    pub fn number(&self, agency: usize, reference: &str) -> Option<u32> {
        self.numbers.get(&(agency, reference.to_owned())).copied()
    }

    /// Records in all files.
    pub fn records(&self) -> usize {
        self.numbers.len()
    }

    fn listed(&self, path: &Path, files: usize, within: bool) -> Result<HashSet<Pair>> {
        let find = |id: &str| -> Vec<(usize, u32)> {
            (0..files)
                .filter_map(|agency| Some((agency, self.number(agency, id)?)))
                .collect()
        };
        let mut pairs = HashSet::new();
        for [left, right, _] in read(path, &[Some("id_l"), Some("id_r"), None])? {
            // An id may stand in several files; a pair is of two files, or of two rows of one.
            let rights = find(&right);
            let fitting = find(&left).into_iter().find_map(|(a, left)| {
                let other = rights
                    .iter()
                    .find(|(b, right)| (within || *b != a) && *right != left);
                other.map(|(_, right)| (left, *right))
            });
            pairs.extend(fitting.map(|(a, b)| (a.min(b), a.max(b))));
        }
        Ok(pairs)
    }

    fn people(&self, path: &Path, files: &[File<'_>], records: usize) -> Result<Vec<String>> {
        let mut persons = vec![String::new(); records];
        let columns = [Some("agency"), Some("record_id"), Some("person_id")];
        for [agency, id, person] in read(path, &columns)? {
            let agency = files.iter().position(|file| file.agency.as_str() == agency);
            let number = agency.and_then(|agency| self.number(agency, &id));
            if let Some(slot) = number.and_then(|n| persons.get_mut(n as usize)) {
                *slot = person;
            }
        }
        Ok(persons)
    }
}

fn same_person(persons: &[String], agency_of: &[usize], within: bool) -> HashSet<Pair> {
    let mut records: HashMap<&str, Vec<u32>> = HashMap::new();
    for (number, person) in persons.iter().enumerate().filter(|(_, p)| !p.is_empty()) {
        records.entry(person).or_default().push(number as u32);
    }
    let mut pairs = HashSet::new();
    for same in records.values() {
        for (at, a) in same.iter().enumerate() {
            let others = same.iter().skip(at + 1);
            let apart =
                |b: &&u32| within || agency_of.get(*a as usize) != agency_of.get(**b as usize);
            pairs.extend(others.filter(apart).map(|b| (*a, *b)));
        }
    }
    pairs
}

/// The value of `column` for each record's person.
fn looked_up(path: &Path, column: &str, persons: &[String]) -> Result<Vec<String>> {
    let first = readers::open(path)?.header().first().cloned();
    let first = first.with_context(|| format!("{} has no columns", path.display()))?;
    let of_person: HashMap<String, String> = read(path, &[Some(&first), Some(column), None])?
        .into_iter()
        .map(|[id, value, _]| (id, value))
        .collect();
    Ok(persons
        .iter()
        .map(|p| of_person.get(p).cloned().unwrap_or_default())
        .collect())
}

/// The wanted columns of every readable row, trimmed; an unwanted one is empty.
fn read(path: &Path, wanted: &[Option<&str>; 3]) -> Result<Vec<[String; 3]>> {
    let mut rows = readers::open(path).with_context(|| path.display().to_string())?;
    let header: Vec<String> = rows
        .header()
        .iter()
        .map(|name| name.trim().to_owned())
        .collect();
    let mut places = [None; 3];
    for (place, name) in places.iter_mut().zip(wanted) {
        let Some(name) = name else { continue };
        *place = header.iter().position(|column| column == name.trim());
        if place.is_none() {
            let known: BTreeSet<&str> = header.iter().map(String::as_str).collect();
            let known = known.into_iter().collect::<Vec<_>>().join(", ");
            bail!(
                "{} has no column \"{name}\"; its columns are: {known}",
                path.display()
            );
        }
    }
    let mut all = Vec::new();
    while let Some(row) = rows.next_row()? {
        let Ok(cells) = row.cells else { continue };
        all.push(places.map(|place| {
            place
                .and_then(|p| cells.get(p))
                .map(|cell| cell.trim().to_owned())
                .unwrap_or_default()
        }));
    }
    Ok(all)
}
