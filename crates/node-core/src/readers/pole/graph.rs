use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::NodeError;

/// One person, object, location or event.
pub struct Entity {
    /// Unique in its document.
    pub id: String,
    /// `person`, `telephone`, `incident` and so on.
    pub kind: String,
    /// Its values.
    pub attributes: Map<String, Value>,
}

/// What a document says of how two entities belong together.
pub struct Link {
    /// Place of the other entity.
    pub other: usize,
    /// `victim`, `currentAddress` and so on.
    pub reason: String,
}

/// The entities of a document and their links, each seen from both ends.
#[derive(Default)]
pub struct Graph {
    pub entities: Vec<Entity>,
    pub links: Vec<Vec<Link>>,
}

impl Graph {
    /// A document, or a list of them; ids of one document do not mean anything in another.
    ///
    /// # Errors
    /// [`NodeError::BadDocument`].
    pub fn of_text(text: &str) -> Result<Self, NodeError> {
        // Deeper nesting than 128 is an error of the parser.
        let document: Value = serde_json::from_str(text).map_err(|_| NodeError::BadDocument)?;
        let documents = match document {
            Value::Array(list) => list,
            one => vec![one],
        };
        let mut graph = Self::default();
        for document in documents {
            let Value::Object(document) = document else {
                return Err(NodeError::BadDocument);
            };
            graph.take(document)?;
        }
        Ok(graph)
    }

    fn take(&mut self, mut document: Map<String, Value>) -> Result<(), NodeError> {
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut named: Vec<(usize, String, String)> = Vec::new();
        let mut known = false;
        for (key, kind) in LISTS {
            let Some(list) = document.remove(*key) else {
                continue;
            };
            known = true;
            let list = match list {
                Value::Array(list) => list,
                one => vec![one],
            };
            for value in list {
                let Value::Object(entity) = value else {
                    return Err(NodeError::BadDocument);
                };
                let (entity, links) = entity_of(entity, kind);
                let place = self.entities.len();
                places.entry(entity.id.clone()).or_insert(place);
                named.extend(links.into_iter().map(|(other, why)| (place, other, why)));
                self.entities.push(entity);
                self.links.push(Vec::new());
            }
        }
        if !known {
            return Err(NodeError::BadDocument);
        }
        for (place, other, reason) in named {
            if let Some(other) = places.get(&other) {
                self.link(place, *other, &reason);
            }
        }
        if let Some(Value::Array(links)) = document.remove("links") {
            for link in links {
                let text = |keys: &[&str]| keys.iter().find_map(|key| link.get(key)?.as_str());
                let ends = (text(&["from", "source"]), text(&["to", "target"]));
                let reason = text(&["linkReason", "reason", "role"]).unwrap_or("linked");
                let (Some(from), Some(to)) = ends else {
                    return Err(NodeError::BadDocument);
                };
                if let (Some(from), Some(to)) = (places.get(from), places.get(to)) {
                    self.link(*from, *to, reason);
                }
            }
        }
        Ok(())
    }

    fn link(&mut self, one: usize, other: usize, reason: &str) {
        for (from, to) in [(one, other), (other, one)] {
            if let Some(links) = self.links.get_mut(from) {
                links.push(Link {
                    other: to,
                    reason: reason.to_owned(),
                });
            }
        }
    }
}

/// Lists of a document, and what is in them where an entity does not say.
const LISTS: &[(&str, &str)] = &[
    ("data", ""),
    ("included", ""),
    ("people", "person"),
    ("persons", "person"),
    ("objects", "object"),
    ("locations", "location"),
    ("events", "event"),
];

/// An entity and, by the other's id, what it is linked to. Values stand in `attributes`, or beside the
/// id where there is no such key.
fn entity_of(mut entity: Map<String, Value>, kind: &str) -> (Entity, Vec<(String, String)>) {
    let mut text = |key: &str| match entity.remove(key) {
        Some(Value::String(text)) => text,
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let (id, own_kind) = (text("id"), text("type"));
    let mut links = Vec::new();
    if let Some(Value::Object(relationships)) = entity.remove("relationships") {
        for (reason, target) in relationships {
            let targets = match target.get("data") {
                Some(Value::Array(list)) => list.iter().collect(),
                Some(one) => vec![one],
                None => Vec::new(),
            };
            let ids = targets.iter().filter_map(|t| t.get("id")?.as_str());
            links.extend(ids.map(|id| (id.to_owned(), reason.clone())));
        }
    }
    let attributes = match entity.remove("attributes") {
        Some(Value::Object(attributes)) => attributes,
        _ => entity,
    };
    let entity = Entity {
        id,
        kind: if own_kind.is_empty() {
            kind.to_owned()
        } else {
            own_kind
        },
        attributes,
    };
    (entity, links)
}
