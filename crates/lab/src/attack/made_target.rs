use anyhow::Result;
use sanctuary_node_core::Padding;
use sanctuary_types::Timestamp;

use super::{
    Means, Report, attack,
    disk::Disk,
    made::{draw, make},
    view::loot,
};
use crate::evaluate::holders::{EPOCH, THRESHOLD};

/// Makes up a partnership of about `records` records, sends it through the pipeline into a hub's
/// store in a temporary folder, and attacks that store with all the plaintext in hand.
///
/// # Errors
/// When a step of the pipeline fails or the folder cannot be written.
pub fn attack_made(records: usize, seed: u64, now: Timestamp) -> Result<Report> {
    let dir = tempfile::tempdir()?;
    let made = make(dir.path(), records, seed, Padding::SizeClass, now)?;
    let plain = made.drawn.plaintext(now)?;
    let (data_dir, root_key) = (dir.path().join("hub"), dir.path().join("root.key"));
    let disk = Disk::read(&data_dir, EPOCH, &plain.agencies)?;
    let loot = loot(&data_dir, &root_key, EPOCH, &plain.agencies)?;
    let others = tempfile::tempdir()?;
    let sample = draw(others.path(), records, seed + 1, now)?;
    let sample = sample.plaintext(now)?;
    let means = Means {
        plain: &plain,
        others: Some(&sample),
        shares: &made.shares,
        threshold: usize::from(THRESHOLD),
        epoch: EPOCH,
        seed,
    };
    let mut report = attack(&disk, &loot, &means)?;
    report.left_out = made
        .left_out
        .iter()
        .map(|(agency, left)| format!("{agency}: {left}"))
        .collect();
    Ok(report)
}
