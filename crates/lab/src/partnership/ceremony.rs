use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use sanctuary_cli::ceremony::{Wanted, hold as hold_rounds};
use sanctuary_normalize::RULES;
use sanctuary_rpc::{connect, endpoint_of, now};
use sanctuary_trust::files::write_public;
use sanctuary_trust::{ManifestTerms, SignedManifest};
use sanctuary_types::{KeyClass, PartyId, Timestamp};
use sanctuary_wire::keyholder::{QuotaRequest, key_holder_client::KeyHolderClient};

use super::{EPOCH, Founding, HOLDERS, LivePartnership, THRESHOLD};

const YEAR_MS: u64 = 365 * 86_400_000;
/// Clocks on one machine agree; a manifest is still in force a little before it is signed.
const SLACK_MS: u64 = 60_000;
/// Key holders look for new manifests twice a second; only a defect takes so long.
const TAKEN_UP_WITHIN: Duration = Duration::from_secs(60);

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

/// Waits until every key holder has taken up the manifests of both classes: before that it refuses
/// to evaluate.
pub(super) async fn taken_up(live: &LivePartnership, founding: &Founding) -> anyhow::Result<()> {
    let agency = founding
        .agencies
        .first()
        .context("a partnership has an agency")?;
    let (identity, roster, started) = (live.identity(agency)?, live.roster()?, Instant::now());
    for holder in HOLDERS {
        let party: PartyId = holder.parse()?;
        let endpoint = endpoint_of(&roster, &party)?;
        let channel = connect(&endpoint, &party, &identity, &roster).await?;
        let mut client = KeyHolderClient::new(channel);
        for class in KeyClass::ALL {
            let key_class = class.code().into();
            while let Err(status) = client.quota(QuotaRequest { key_class }).await {
                if started.elapsed() > TAKEN_UP_WITHIN {
                    bail!(
                        "{holder} does not take up the new key: {}",
                        status.message()
                    );
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    Ok(())
}
