use crate::{
    Checkpoint, LedgerError, TileId, Tiles, TlogProof, bundle_entries, check_inclusion, leaf_hash,
    prove_inclusion, tile::FULL, width_of,
};

/// The offline proof of entry `index` under `checkpoint`, checked before it is given out.
///
/// # Errors
/// [`LedgerError::OutOfRange`], [`LedgerError::Damaged`], [`LedgerError::Store`],
/// [`LedgerError::Proof`] when the stored entry is not the one signed.
pub fn prove(
    log: &impl Tiles,
    checkpoint: &Checkpoint,
    index: u64,
) -> Result<TlogProof, LedgerError> {
    let (size, root) = (checkpoint.size(), checkpoint.root());
    let proof = prove_inclusion(log, index, size, root)?;
    let bundle = index / u64::from(FULL);
    let id = TileId {
        level: 0,
        index: bundle,
    };
    let width = width_of(id, size);
    let bytes = log.bundle(bundle, width)?;
    let place = usize::try_from(index % u64::from(FULL)).unwrap_or_default();
    let leaves = bundle_entries(&bytes, width)?;
    let leaf = leaves.get(place).copied().unwrap_or_default().to_vec();
    check_inclusion(&proof, root, &leaf_hash(&leaf))?;
    Ok(TlogProof {
        leaf,
        index,
        hashes: proof.hashes,
        checkpoint: checkpoint.note().to_vec(),
    })
}
