//! The staff register on disk: it survives a restart, and nobody reads it from the files.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use sanctuary_ledger::{ActorRole, MemoryActs};
use sanctuary_node::StaffTables;
use sanctuary_policy::StaffRole;
use sanctuary_staff::{NewMember, Register, Secret, SignIn, StaffError};
use sanctuary_store::Sealer;
use sanctuary_types::Timestamp;

const NOW: Timestamp = Timestamp(1_795_478_400_000);
const PASSWORD: &str = "copper lantern otter";

fn open(dir: &Path, acts: &Arc<MemoryActs>) -> Register<StaffTables> {
    let sealer = Sealer::from_key_file_or_generate(&dir.join("root.key")).unwrap();
    let tables = StaffTables::open(&dir.join("staff"), sealer, Arc::clone(acts) as _).unwrap();
    Register::new(tables, "police")
}

fn new(person: &str, roles: &[StaffRole]) -> NewMember {
    NewMember {
        person: person.parse().unwrap(),
        name: "Wilhelmina Quartermaine".to_owned(),
        email: None,
        roles: roles.iter().copied().collect(),
        functions: BTreeSet::new(),
    }
}

#[test]
fn people_sessions_and_pauses_survive_a_restart_and_stay_sealed() {
    let dir = tempfile::tempdir().unwrap();
    let acts = Arc::new(MemoryActs::default());
    let rng = &mut rand::rng();
    let password = Secret::new(PASSWORD.to_owned());
    let wrong = Secret::new("copper lantern otters".to_owned());
    let token = {
        let staff = open(dir.path(), &acts);
        let code = staff.add_first(new("wq7733", &[]), NOW, rng).unwrap();
        staff
            .choose_password(&typed(&code.0), &password, NOW, rng)
            .unwrap();
        let signed_in = staff
            .sign_in(&typed(&password), "command line", NOW, rng)
            .unwrap();
        staff
            .add(
                &signed_in.actor,
                new("jd1042", &[StaffRole::Analyst]),
                NOW,
                rng,
            )
            .unwrap();
        for _ in 0..5 {
            let refused = staff.sign_in(&typed(&wrong), "command line", NOW, rng);
            assert_eq!(refused.unwrap_err(), StaffError::NotSignedIn);
        }
        signed_in.token
    };
    let staff = open(dir.path(), &acts);
    // Still signed in, still paused, both people there.
    let actor = staff.actor_of(&token, NOW).unwrap();
    assert_eq!(actor.roles, [StaffRole::Administrator]);
    assert_eq!(staff.people(&actor).unwrap().len(), 2);
    let paused = staff.sign_in(&typed(&password), "command line", NOW, rng);
    assert_eq!(paused.unwrap_err(), StaffError::NotSignedIn);
    assert_eq!(staff.role_counts().unwrap()[&StaffRole::Analyst], 1);
    // What was done is in the log, who managed whom as an act of an administrator.
    let roles: Vec<ActorRole> = acts.acts().iter().map(|a| a.role).collect();
    assert_eq!(roles.len(), 4 + 5);
    assert_eq!(
        roles
            .iter()
            .filter(|r| **r == ActorRole::Administrator)
            .count(),
        2
    );
    // Without the log nobody gets in and nothing changes.
    acts.fail(true);
    assert!(matches!(
        staff.leave(&actor, &"jd1042".parse().unwrap(), NOW),
        Err(StaffError::Port(_))
    ));
    drop(staff);

    let secrets = [
        "Quartermaine",
        "wq7733",
        "jd1042",
        "analyst",
        PASSWORD,
        &token.expose(),
    ];
    let mut seen = 0;
    for file in files(dir.path()) {
        let bytes = std::fs::read(&file).unwrap();
        seen += bytes.len();
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "{secret} stands in {}", file.display());
        }
    }
    assert!(seen > 1_000, "nothing was looked at");
}

fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push(path);
        }
    }
    all
}

fn typed(password: &Secret) -> SignIn<'_> {
    SignIn {
        person: "wq7733",
        password,
        code: None,
    }
}
