use sanctuary_ledger::{
    Checkpoint, Promise, TlogProof,
    audit::{self, Bodies, Fault, Finding, Known},
};
use sanctuary_rpc::now;
use sanctuary_trust::files::read_limited;
use sanctuary_types::Timestamp;

use super::{AuditReport, Trusted, VerifyArgs, copy::Copy, fetch, proof, read_receipts};
use crate::{Failure, block_on, output::Output};

/// Bytes of a checkpoint or proof file.
const FILE_BYTES_MAX: u64 = 64 * 1024;

pub(super) fn run(args: &VerifyArgs, output: &Output) -> Result<(), Failure> {
    let trusted = args.place.trusted()?;
    if let Some(file) = &args.proof {
        let bytes = read_limited(file, FILE_BYTES_MAX)?;
        let proof = TlogProof::from_bytes(&bytes)
            .map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
        return proof::tell(&proof, &trusted, output);
    }
    let (promises, mut notes) = read_receipts(&args.receipts, &trusted)?;
    for file in &args.checkpoint {
        notes.push(read_limited(file, FILE_BYTES_MAX)?);
    }
    let copy = match &args.offline {
        Some(dir) => Copy::load(dir)?,
        None => block_on(fetch::whole(&args.place))?,
    };
    if let Some(dir) = &args.save {
        copy.save(dir, &trusted.quorum)?;
    }
    let report = check(&copy, &trusted, &promises, &notes, now(), args.past);
    output.result(&report.text(), &report)?;
    match &report.finding {
        None => Ok(()),
        Some(finding) => Err(Failure::failed(format!(
            "the ledger was tampered with or stands still ({}); tell the auditor",
            finding.fault
        ))),
    }
}

/// Checks a copy against everything that is known besides.
pub(super) fn check(
    copy: &Copy,
    trusted: &Trusted,
    promises: &[Promise],
    notes: &[Vec<u8>],
    now: Timestamp,
    past: bool,
) -> AuditReport {
    let quorum = &trusted.quorum;
    let mut checkpoints: Vec<Checkpoint> = notes
        .iter()
        .filter_map(|note| Checkpoint::verify(note, quorum.log()).ok())
        .collect();
    // The hub's own history may be ahead of what has its cosignatures.
    let covered = Checkpoint::verify(&copy.note, quorum.log()).map_or(0, |c| c.size());
    let history = copy.history.iter();
    checkpoints.extend(
        history
            .filter_map(|note| Checkpoint::verify(note, quorum.log()).ok())
            .filter(|checkpoint| checkpoint.size() <= covered),
    );
    let bodies = copy.own.as_ref().map_or(Bodies::All, Bodies::Only);
    let known = Known {
        checkpoints: &checkpoints,
        promises,
        actors: &|party| trusted.keys(party),
        bodies,
    };
    let scope = if copy.own.is_some() { "own" } else { "all" };
    match audit::verify(&copy.tiles(), &copy.note, quorum, &known, now) {
        Ok(report) => AuditReport::good(&report, quorum, scope),
        Err(finding) if past && is_old(&finding) => verify_past(copy, trusted, &known, scope),
        Err(finding) => AuditReport::bad(&finding, quorum, scope),
    }
}

fn is_old(finding: &Finding) -> bool {
    matches!(finding.fault, Fault::Frozen { .. })
}

/// As of the moment when the copy's checkpoint was signed.
fn verify_past(
    copy: &Copy,
    trusted: &Trusted,
    known: &Known<'_>,
    scope: &'static str,
) -> AuditReport {
    let quorum = &trusted.quorum;
    let then = Checkpoint::verify(&copy.note, quorum.log()).map_or(Timestamp(0), |c| c.time());
    match audit::verify(&copy.tiles(), &copy.note, quorum, known, then) {
        Ok(report) => AuditReport::good(&report, quorum, scope),
        Err(finding) => AuditReport::bad(&finding, quorum, scope),
    }
}
