use sanctuary_ledger::{Checkpoint, TlogProof};
use sanctuary_trust::files::write_public;
use serde_json::json;

use super::{ProveArgs, Trusted, fetch::Remote};
use crate::{
    Failure, block_on,
    output::{Output, utc},
};

/// Fetches the proof of one entry, checks it, and writes it.
pub(super) fn write(args: &ProveArgs, output: &Output) -> Result<(), Failure> {
    if args.out.exists() {
        return Err(Failure::usage(format!(
            "{} exists; choose another name",
            args.out.display()
        )));
    }
    let trusted = args.place.trusted()?;
    let proof = block_on(fetch(args))?;
    check(&proof, &trusted)?;
    write_public(&args.out, &proof.to_bytes())?;
    tell(&proof, &trusted, output)
}

async fn fetch(args: &ProveArgs) -> Result<TlogProof, Failure> {
    let remote = Remote::connect(&args.place).await?;
    let (note, _) = remote.checkpoint(0).await?;
    let checkpoint = Checkpoint::verify(&note, &remote.log)
        .map_err(|refused| Failure::failed(refused.to_string()))?;
    if args.entry >= checkpoint.size() {
        return Err(Failure::usage(format!(
            "the cosigned log has {} entries, so there is no entry {} in it yet; try again in a minute",
            checkpoint.size(),
            args.entry
        )));
    }
    let (hashes, _, leaf) = remote.prove(args.entry, checkpoint.size()).await?;
    if leaf.is_empty() {
        return Err(Failure::failed(format!(
            "entry {} does not concern this party; ask an officer for its proof",
            args.entry
        )));
    }
    Ok(TlogProof {
        leaf,
        index: args.entry,
        hashes,
        checkpoint: note,
    })
}

/// Says what a proof proves.
pub(super) fn tell(proof: &TlogProof, trusted: &Trusted, output: &Output) -> Result<(), Failure> {
    let checkpoint = check(proof, trusted)?;
    let (leaf, _) = proof
        .verify(&trusted.quorum)
        .map_err(|refused| Failure::failed(refused.to_string()))?;
    let entry = leaf.entry();
    let keys = trusted.keys(entry.actor());
    let signed = keys
        .iter()
        .any(|key| leaf.signed.clone().check(key).is_ok());
    if !keys.is_empty() && !signed {
        return Err(Failure::failed(format!(
            "entry {} is in the log, but {} did not sign it",
            proof.index,
            entry.actor()
        )));
    }
    let text = format!(
        "Proven: entry {} of {}: {} by {} as {:?}, {}, received {}; id {}. {}",
        proof.index,
        checkpoint.size(),
        entry.kind().word(),
        entry.actor(),
        entry.role(),
        utc(entry.time()),
        utc(leaf.received),
        entry.id(),
        if signed {
            "Signed by the actor."
        } else {
            "The actor's key is not on the rosters given."
        }
    );
    output.result(
        &text,
        &json!({
            "verified": true,
            "entry": proof.index,
            "entries": checkpoint.size(),
            "kind": entry.kind().word(),
            "actor": entry.actor(),
            "role": entry.role().code(),
            "time_ms": entry.time(),
            "received_ms": leaf.received,
            "id": entry.id(),
            "concerned": entry.concerned(),
            "actor_signed": signed,
        }),
    )
}

fn check(proof: &TlogProof, trusted: &Trusted) -> Result<Checkpoint, Failure> {
    match proof.verify(&trusted.quorum) {
        Ok((_, checkpoint)) => Ok(checkpoint),
        Err(refused) => Err(Failure::failed(format!(
            "the proof of entry {} does not hold: {refused}",
            proof.index
        ))),
    }
}
