use sanctuary_cli::ceremony::{Wanted, hold as hold_rounds};
use sanctuary_normalize::RULES;
use sanctuary_rpc::now;
use sanctuary_trust::files::write_public;
use sanctuary_trust::{ManifestTerms, SignedManifest};
use sanctuary_types::{KeyClass, PartyId, Timestamp};

use super::{EPOCH, Founding, HOLDERS, LivePartnership, THRESHOLD};

const YEAR_MS: u64 = 365 * 86_400_000;
/// Clocks on one machine agree; a manifest is still in force a little before it is signed.
const SLACK_MS: u64 = 60_000;

/// Makes one class's key among the running key holders, as `sanctuary keys ceremony` does, and
/// writes the manifest that officers and holders signed.
pub(super) async fn hold(
    live: &LivePartnership,
    founding: &Founding,
    class: KeyClass,
) -> anyhow::Result<()> {
    let holders: Vec<PartyId> = HOLDERS
        .iter()
        .map(|h| h.parse())
        .collect::<Result<_, _>>()?;
    let wanted = Wanted {
        class,
        epoch: EPOCH,
        threshold: THRESHOLD,
        holders: holders.clone(),
    };
    let officer = live.identity("officer-1")?;
    let roster = live.roster()?;
    let results = hold_rounds(&wanted, &officer, &roster, |_| {})
        .await
        .map_err(|failure| anyhow::anyhow!("the key ceremony failed: {failure}"))?;
    let terms = ManifestTerms {
        class,
        epoch: EPOCH,
        threshold: THRESHOLD,
        holders,
        quota_per_day: founding.quota_per_day,
        universe_records: founding.universe_records,
        rules: RULES,
        not_before: Timestamp(now().0.saturating_sub(SLACK_MS)),
        not_after: Timestamp(now().0 + YEAR_MS),
    };
    let mut manifest = SignedManifest::from_ceremony(terms, &results)?;
    let partnership = &live.partnership;
    for officer in partnership
        .officers
        .iter()
        .take(usize::from(partnership.anchors.k))
    {
        manifest.sign(&partnership.anchors, &officer.signing)?;
    }
    write_public(&live.layout.manifest(class), &manifest.to_json())?;
    Ok(())
}
