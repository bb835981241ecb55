//! A key ceremony with three real key holders, over TLS.

mod common;

use std::{net::TcpListener, path::Path, time::Duration};

use common::{found, sanctuary};
use sanctuary_keyholder::Config;
use sanctuary_trust::files::{Layout, load_anchors, load_manifest, load_roster};
use sanctuary_types::KeyClass;
use tokio::{runtime::Runtime, sync::oneshot};

struct Holders {
    runtime: Runtime,
    stops: Vec<oneshot::Sender<()>>,
}

impl Holders {
    fn start(dir: &Path, names: &[&str]) -> Self {
        let runtime = Runtime::new().unwrap();
        let stops = names
            .iter()
            .map(|name| {
                let config =
                    Config::load(&dir.join("pilot").join(name).join("keyholder.toml")).unwrap();
                let listener = TcpListener::bind(config.listen).unwrap();
                let (stop, stopped) = oneshot::channel::<()>();
                runtime.spawn(async move {
                    sanctuary_keyholder::run(config, listener, async {
                        let _ = stopped.await;
                    })
                    .await
                    .unwrap();
                });
                stop
            })
            .collect();
        Self { runtime, stops }
    }

    fn stop(self) {
        for stop in self.stops {
            let _ = stop.send(());
        }
        self.runtime.shutdown_timeout(Duration::from_secs(10));
    }
}

const PERSON: [&str; 8] = [
    "keys", "ceremony", "--dir", "pilot", "--class", "person", "--epoch", "1",
];

#[test]
fn holders_make_a_key_that_officers_sign() {
    let dir = tempfile::tempdir().unwrap();
    found(dir.path());
    // One holder is down: nothing is made, and it is named.
    let two = Holders::start(dir.path(), &["alder", "birch"]);
    sanctuary(dir.path(), &PERSON).assert_failed(1, "cedar");
    assert!(!dir.path().join("pilot/manifest-person.json").exists());
    two.stop();

    let holders = Holders::start(dir.path(), &["alder", "birch", "cedar"]);
    let made = sanctuary(dir.path(), &[&PERSON[..], &["--json", "-"]].concat());
    assert_eq!(made.assert_done().json()["in_force"], true);
    let layout = Layout(dir.path().join("pilot"));
    let anchors = load_anchors(&layout.anchors()).unwrap();
    let roster = load_roster(&layout.roster())
        .unwrap()
        .verify(&anchors, 0)
        .unwrap();
    let manifest = load_manifest(&layout.manifest(KeyClass::Person))
        .unwrap()
        .verify(&anchors, &roster, sanctuary_rpc::now())
        .unwrap();
    assert_eq!((manifest.threshold, manifest.holders.len()), (2, 3));
    manifest.public_keys().check().unwrap();

    // The same epoch is not made twice; with fewer officers it waits for the others.
    sanctuary(dir.path(), &PERSON).assert_failed(2, "this epoch or a later one");
    let identifier = [
        "keys",
        "ceremony",
        "--dir",
        "pilot",
        "--class",
        "identifier",
        "--epoch",
        "1",
        "--as",
        "officer-2",
        "--signers",
        "officer-2",
        "--json",
        "-",
    ];
    let waiting = sanctuary(dir.path(), &identifier);
    assert_eq!(waiting.assert_done().json()["in_force"], false);
    let sign = [
        "keys",
        "sign",
        "--dir",
        "pilot",
        "--class",
        "identifier",
        "--as",
    ];
    sanctuary(dir.path(), &[&sign[..], &["police"]].concat()).assert_failed(1, "not an officer's");
    let signed = sanctuary(
        dir.path(),
        &[&sign[..], &["officer-3", "--json", "-"]].concat(),
    );
    assert_eq!(signed.assert_done().json()["in_force"], true);
    let shown = sanctuary(
        dir.path(),
        &["keys", "show", "--dir", "pilot", "--json", "-"],
    );
    let shown = shown.assert_done().json();
    assert!(
        shown
            .as_array()
            .unwrap()
            .iter()
            .all(|m| m["state"] == "in force"),
        "{shown}"
    );

    // An agency may not lead a ceremony.
    let agency = [
        "keys", "ceremony", "--dir", "pilot", "--class", "person", "--epoch", "2", "--as", "police",
    ];
    let refused = sanctuary(dir.path(), &agency);
    assert_eq!(refused.code, 1, "{}", refused.err);

    // The holders take the manifests up by themselves; the hub is down, which is said.
    let status = sanctuary(
        dir.path(),
        &["status", "--dir", "pilot", "--as", "police", "--json", "-"],
    );
    status.assert_failed(1, "did not answer");
    let status = status.json();
    assert!(status["hub"].is_null());
    assert_eq!(status["key_holders"].as_array().unwrap().len(), 6);
    holders.stop();
}
