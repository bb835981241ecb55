use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use sanctuary_node_core::{Mapping, mapping::FieldName};

use crate::leak::{Finding, Identifiers, Searcher};
use crate::partnership::{HOLDERS, LivePartnership, Taps};
use crate::synth::AgencyFile;

/// Every decrypted byte that hub and key holders received, by party.
#[derive(Clone, Default)]
pub struct Capture(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

impl Capture {
    /// What to give to the servers.
    pub(super) fn taps(&self) -> Taps {
        let streams = Arc::clone(&self.0);
        Arc::new(move |party| {
            let (streams, party) = (Arc::clone(&streams), party.to_owned());
            Arc::new(move |bytes: &[u8]| {
                if let Ok(mut streams) = streams.lock() {
                    streams
                        .entry(party.clone())
                        .or_default()
                        .extend_from_slice(bytes);
                }
            })
        })
    }

    /// What one party received.
    #[must_use]
    pub fn of(&self, party: &str) -> Vec<u8> {
        self.0.lock().map_or_else(
            |_| Vec::new(),
            |s| s.get(party).cloned().unwrap_or_default(),
        )
    }
}

/// How often a raw identifier was found where none may be.
pub(super) struct Findings {
    pub(super) hub: usize,
    pub(super) key_holders: usize,
    pub(super) searched: usize,
}

/// Searches what hub and key holders received and every file they wrote.
pub(super) fn search(
    live: &LivePartnership,
    files: &Path,
    agencies: &[AgencyFile],
    capture: &Capture,
) -> anyhow::Result<Findings> {
    let identifiers = identifiers(files, agencies)?;
    let searcher = Searcher::new(&identifiers)?;
    let mut key_holders = 0;
    for holder in HOLDERS {
        key_holders += found_at(holder, live, capture, &searcher)?.len();
    }
    Ok(Findings {
        hub: found_at("hub", live, capture, &searcher)?.len(),
        key_holders,
        searched: identifiers.len(),
    })
}

fn found_at(
    party: &str,
    live: &LivePartnership,
    capture: &Capture,
    searcher: &Searcher,
) -> anyhow::Result<Vec<Finding>> {
    let received = capture.of(party);
    anyhow::ensure!(
        !received.is_empty(),
        "nothing was captured at {party}, so nothing can be said"
    );
    let mut findings = searcher.in_bytes(&format!("received by {party}"), &received);
    findings.extend(searcher.in_folder(&live.folder(party))?);
    Ok(findings)
}

/// Every raw value of every agency's file, as written: names, dates, addresses, numbers, references.
/// Sex, nationality and age are words that many share and identify nobody by themselves.
///
/// # Errors
/// When a mapping or a file cannot be read.
pub fn identifiers(files: &Path, agencies: &[AgencyFile]) -> anyhow::Result<Identifiers> {
    let mut identifiers = Identifiers::default();
    for agency in agencies {
        let mapping = Mapping::parse(agency.mapping)?;
        let words = ["sex", "nationality", "age", "age_at", "year_of_birth"];
        let identifying = |field: &FieldName| !words.contains(&field.word());
        let mut columns: Vec<String> = mapping
            .fields
            .iter()
            .filter(|(field, _)| identifying(field))
            .flat_map(|(_, columns)| columns.clone())
            .collect();
        columns.push(mapping.record_id.clone());
        identifiers.add_csv(&super::paths(files, &agency.name).1, &columns)?;
    }
    let public: Vec<&str> = agencies
        .iter()
        .map(|a| a.name.as_str())
        .chain(HOLDERS)
        .collect();
    identifiers.leave_out_words_of(&public.join(" "));
    Ok(identifiers)
}
