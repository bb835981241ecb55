use anyhow::ensure;
use sanctuary_hub::SledTiles;
use sanctuary_ledger::{Checkpoint, ClientView, Leaf, Refused, Watch, Witness, WitnessSigner};
use sanctuary_rpc::now;
use sanctuary_tests::HubStore;
use sanctuary_types::Timestamp;

use crate::scene::{Scene, independent};

/// Longer than a log may stand still.
const STOOD_STILL_MS: u64 = 20 * 60_000;

/// The hub goes on serving what it signed twenty minutes ago, cosigned then: a log that is whole, and
/// old. Whoever looks at the time notices: the audit, a client, a witness.
#[test]
fn a_log_that_stands_still_is_noticed() -> anyhow::Result<()> {
    let scene = Scene::found()?;
    let stopped = Timestamp(now().0 - STOOD_STILL_MS);
    let leaves: Vec<Leaf> = HubStore::open(&scene.copy("read")?)?
        .leaves()?
        .iter()
        .map(|bytes| Leaf::from_bytes(bytes))
        .collect::<Result<_, _>>()?;
    // The town is younger than that: its first entry, received when the log still moved.
    let mut old = leaves[0].clone();
    old.received = stopped;
    old.signed = scene.forger.invented(stopped)?.signed;
    let dir = scene.town.path("still");
    let mut still = scene.forger.build(&dir, &[old], stopped)?;
    scene.forger.cosign(&mut still, stopped)?;
    let note = still.published().map(Checkpoint::note).unwrap_or_default();
    let (note, request) = (note.to_vec(), still.for_witness(0)?);
    drop(still);

    let files = scene.town.path("still-files");
    scene.forger.export(&SledTiles::open(&dir)?, &files)?;
    let (said, report) = scene.verify(&files, false)?;
    println!("{}", report["finding"]["text"]);
    ensure!(
        said.code == Some(1) && report["finding"]["fault"] == "frozen",
        "{said:?}"
    );
    ensure!(
        report["finding"]["first"] == 1,
        "after its last entry: {report}"
    );
    // It is whole: a verifier that does not ask for the time says so.
    independent(&files)?.map_err(anyhow::Error::msg)?;

    let quorum = scene.forger.quorum()?;
    let mut client = ClientView::new(quorum.clone());
    let refused = client.accept(&note, None, now()).err();
    ensure!(
        matches!(refused, Some(Refused::Stale { .. })),
        "{refused:?}"
    );
    let mut watch = Watch::new(ClientView::new(quorum.clone()));
    watch.offer(&note, None, stopped)?;
    ensure!(watch.alive(stopped).is_ok() && watch.alive(now()).is_err());

    let key = sanctuary_trust::SigningKey::generate(&mut rand::rng())?;
    let signer = WitnessSigner::new("police", key)?;
    let mut witness = Witness::new(signer, quorum.log().clone(), Marks::default());
    let refused = witness.add_checkpoint(&request, now()).err();
    ensure!(
        matches!(refused, Some(Refused::Stale { .. })),
        "{refused:?}"
    );
    witness.add_checkpoint(&request, stopped)?;
    ensure!(witness.silent_ms(stopped)?.is_none());
    ensure!(witness.silent_ms(now())? >= Some(STOOD_STILL_MS - 1_000));
    Ok(())
}

#[derive(Default)]
struct Marks(std::sync::Mutex<Option<sanctuary_ledger::LastSeen>>);

impl sanctuary_ledger::WitnessStore for Marks {
    fn last(
        &self,
        _: &str,
    ) -> Result<Option<sanctuary_ledger::LastSeen>, sanctuary_ledger::PortError> {
        Ok(self.0.lock().ok().and_then(|mark| mark.clone()))
    }
    fn raise(
        &self,
        _: &str,
        seen: &sanctuary_ledger::LastSeen,
    ) -> Result<(), sanctuary_ledger::PortError> {
        if let Ok(mut mark) = self.0.lock() {
            *mark = Some(seen.clone());
        }
        Ok(())
    }
}
