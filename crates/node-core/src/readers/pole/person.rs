use std::collections::BTreeMap;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::graph::{Entity, Graph, Link};

/// Objects in objects of an entity's values.
const NESTED_MAX: usize = 3;

/// How a person came into an event, and what that makes of them here. Whoever reported something, and
/// somebody whom nobody can name, is none of these.
const ROLES: &[(&str, &str)] = &[
    ("victim", "potential_victim"),
    ("aggrieved", "potential_victim"),
    ("suspect", "suspect"),
    ("knownSuspect", "suspect"),
    ("convicted", "convicted"),
    ("witness", "witness"),
    ("associate", "associate"),
];
/// A person has one place in a row: of these the first that there is, else any other.
const PLACES: &[&str] = &["currentAddress", "homeAddress", "permanentAddress"];
/// Somebody else's place.
const NOT_THEIR_PLACE: &str = "registeredGpAddress";
/// The Standard Data Model's words for gender. Where it does not say which sex is recorded, nothing.
const GENDERS: &[(&str, &str)] = &[
    ("GNDR_0001", "female"),
    ("GNDR_0002", "intersex"),
    ("GNDR_0003", "male"),
    ("GNDR_0004", "non binary"),
];

/// A person's columns.
type Columns = BTreeMap<String, Zeroizing<String>>;

impl Graph {
    /// One set of columns for each person, in the order of the document. Who is there only as another
    /// person's relative, doctor or guardian gives none: nobody has said what they have to do with it.
    pub fn people(&self) -> Vec<Columns> {
        let mut out = Vec::new();
        for (entity, links) in self.entities.iter().zip(&self.links) {
            if entity.kind == "person" && !self.is_bystander(links) {
                out.push(self.columns(entity, links));
            }
        }
        out
    }

    fn is_bystander(&self, links: &[Link]) -> bool {
        let leads_to = |wanted: fn(&Entity) -> bool| {
            let other = |link: &Link| self.entities.get(link.other);
            links.iter().filter_map(other).any(wanted)
        };
        leads_to(|e| e.kind == "person") && !leads_to(is_event)
    }

    fn columns(&self, person: &Entity, links: &[Link]) -> Columns {
        let mut columns = Columns::new();
        add_all(&mut columns, "", &person.attributes, NESTED_MAX);
        if let Some(gender) = columns.get_mut("gender")
            && gender.starts_with("GNDR_")
        {
            let word = GENDERS.iter().find(|(code, _)| *code == gender.as_str());
            *gender = Zeroizing::new(word.map_or_else(String::new, |(_, word)| (*word).to_owned()));
        }
        // The document's own, whatever the person's values are called.
        columns.insert("id".to_owned(), Zeroizing::new(person.id.clone()));
        columns.remove("role");
        for link in links {
            let Some(other) = self.entities.get(link.other) else {
                continue;
            };
            match other.kind.as_str() {
                // About somebody else.
                "person" => {}
                "location" => {
                    add_all(&mut columns, &link.reason, &other.attributes, NESTED_MAX);
                }
                _ if is_event(other) => {
                    if let Some((_, role)) = ROLES.iter().find(|(why, _)| *why == link.reason) {
                        add(&mut columns, "role", role);
                    }
                }
                kind => add_all(&mut columns, kind, &other.attributes, NESTED_MAX),
            }
        }
        if let Some(place) = self.place(links) {
            add_all(&mut columns, "location", &place.attributes, NESTED_MAX);
        }
        columns
    }

    fn place(&self, links: &[Link]) -> Option<&Entity> {
        let rank = |reason: &str| {
            let place = PLACES.iter().position(|wanted| *wanted == reason);
            place.unwrap_or(PLACES.len())
        };
        links
            .iter()
            .filter(|link| link.reason != NOT_THEIR_PLACE)
            .filter_map(|link| Some((rank(&link.reason), self.entities.get(link.other)?)))
            .filter(|(_, entity)| entity.kind == "location")
            .min_by_key(|(rank, _)| *rank)
            .map(|(_, entity)| entity)
    }
}

fn is_event(entity: &Entity) -> bool {
    matches!(
        entity.kind.as_str(),
        "event" | "incident" | "crime" | "case" | "submission" | "intelligence" | "custody"
    )
}

/// Adds values under `prefix.`; what is nested has a longer name.
fn add_all(columns: &mut Columns, prefix: &str, values: &Map<String, Value>, depth: usize) {
    for (key, value) in values {
        let name = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        add_value(columns, &name, value, depth);
    }
}

fn add_value(columns: &mut Columns, name: &str, value: &Value, depth: usize) {
    match value {
        Value::Null => {}
        Value::Bool(yes) => add(columns, name, if *yes { "yes" } else { "no" }),
        Value::Number(number) => add(columns, name, &number.to_string()),
        Value::String(text) => add(columns, name, text),
        Value::Array(list) => {
            for item in list {
                add_value(columns, name, item, depth);
            }
        }
        Value::Object(values) => {
            if let Some(depth) = depth.checked_sub(1) {
                add_all(columns, name, values, depth);
            }
        }
    }
}

/// Several values of one name stand in one cell, as in any other file.
fn add(columns: &mut Columns, name: &str, value: &str) {
    let value = value.trim();
    if value.is_empty() {
        return;
    }
    let cell = columns.entry(name.to_owned()).or_default();
    if cell.split(';').any(|known| known == value) {
        return;
    }
    if !cell.is_empty() {
        cell.push(';');
    }
    cell.push_str(value);
}
