//! A hub's store that somebody has: data directory, root key, files, key holders' folders.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use sanctuary_holder_core::ShareStore as _;
use sanctuary_keyholder::Journal;
use sanctuary_keyshare::KeyShare;
use sanctuary_node_core::{Mapping, readers};
use sanctuary_types::{Epoch, KeyClass, Timestamp};

use super::{Means, Report, attack, disk::Disk, plaintext::Plaintext, view::loot};
use crate::evaluate::{AgencyInput, holders::node_secret, in_parallel, node::Node};

/// What is attacked, and with what.
#[derive(Clone, Debug)]
pub struct Given {
    /// Data directory of a hub that does not run.
    pub hub: PathBuf,
    /// Its root key: for the attacks on the hub taken over, and to tell what of the attacks on the
    /// disk alone is right.
    pub root_key: PathBuf,
    /// The epoch attacked.
    pub epoch: Epoch,
    /// The attacker's plaintext: files, each under the name of the agency whose it is.
    pub population: Vec<AgencyInput>,
    /// Folders of exactly as many key holders as an evaluation needs. They serve the dictionary
    /// attack with t shares, and tell what of the other attacks is right.
    pub key_shares: Vec<PathBuf>,
    /// Records in the partnership as the key manifest states them; the files' if not given.
    pub universe_records: Option<u64>,
    /// Of the attacker's guesses among equals.
    pub seed: u64,
    /// Today.
    pub now: Timestamp,
}

/// Attacks a hub's store.
///
/// # Errors
/// When a file or folder cannot be read, or the key shares do not belong to the store.
pub fn attack_given(given: &Given) -> Result<Report> {
    let mut shares = Vec::new();
    for folder in &given.key_shares {
        shares.push(shares_in(folder, given.epoch)?);
    }
    ensure!(
        !shares.is_empty(),
        "give the folders of as many key holders as an evaluation needs (--key-shares)"
    );
    let mut nodes = Vec::new();
    let mut order = Vec::new();
    let secret = node_secret(&mut ChaCha20Rng::seed_from_u64(given.seed));
    let read = in_parallel(&given.population, |_, file| {
        let mapping: Mapping = file
            .mapping
            .parse()
            .with_context(|| format!("the mapping of {}", file.name))?;
        let node = Node::import(
            file.name.clone(),
            &file.path,
            &mapping,
            secret.clone(),
            given.now,
        )
        .with_context(|| format!("the file {}", file.path.display()))?;
        Ok((node, references(&file.path, &mapping.record_id)?))
    })?;
    for (node, references) in read {
        nodes.push(node);
        order.push(references);
    }
    let records = nodes.iter().map(|node| node.summary.accepted).sum();
    let universe = given.universe_records.unwrap_or(records);
    let plain = Plaintext::read(&nodes, &order, universe, given.now)?;
    let disk = Disk::read(&given.hub, given.epoch, &plain.agencies)?;
    let loot = loot(&given.hub, &given.root_key, given.epoch, &plain.agencies)?;
    let means = Means {
        plain: &plain,
        others: None,
        shares: &shares,
        threshold: shares.len(),
        epoch: given.epoch,
        seed: given.seed,
    };
    let report = attack(&disk, &loot, &means)?;
    if report
        .taken_over
        .dictionary
        .iter()
        .all(|line| line.found == 0)
    {
        bail!(
            "with these key shares no stored tag is found, so nothing can be scored: give the folders of exactly as many key holders as an evaluation needs, and files of the hub's agencies"
        );
    }
    Ok(report)
}

/// The newest share of each class in a key holder's folder.
fn shares_in(folder: &Path, epoch: Epoch) -> Result<Vec<(KeyClass, KeyShare)>> {
    let (data, key) = (folder.join("data"), folder.join("root.key"));
    ensure!(
        data.is_dir() && key.is_file(),
        "{} is no key holder's folder: it needs data and root.key",
        folder.display()
    );
    let journal = Journal::open(&data, &key)?;
    let ids = journal.ids()?;
    let newest = |class: KeyClass| {
        let own = ids
            .iter()
            .filter(|id| id.class == class && id.epoch == epoch);
        own.max_by_key(|id| id.generation)
    };
    let mut shares = Vec::new();
    for class in KeyClass::ALL {
        let id = newest(class).with_context(|| {
            format!(
                "{} has no {} share of that epoch",
                folder.display(),
                class.label()
            )
        })?;
        shares.push((class, journal.load(*id)?.context("a share is missing")?));
    }
    Ok(shares)
}

/// The references of a file's rows, in order.
fn references(path: &Path, column: &str) -> Result<Vec<String>> {
    let mut rows = readers::open(path)?;
    let place = rows
        .header()
        .iter()
        .position(|name| name.trim() == column.trim());
    let place = place.with_context(|| format!("{} has no column \"{column}\"", path.display()))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next_row()? {
        let reference = row
            .cells
            .ok()
            .and_then(|cells| cells.get(place).map(|cell| cell.trim().to_owned()));
        all.extend(reference.filter(|reference| !reference.is_empty()));
    }
    Ok(all)
}
