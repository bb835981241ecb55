//! Two nodes that compare records through a hub, over mutual TLS.

mod town;

use sanctuary_node::{CompareReport, Node, Switch};
use sanctuary_node_core::{Mapping, StoredRecord, ports::NodeStore};
use sanctuary_types::{BirthLevel, ComparedLevels, Likeness, NameLevel};
use sanctuary_wire::compare::{Task, step::Outcome};
use town::{MAPPING, Town};

const POLICE: &str = "id,f,s,d,p\np1,Amal,Haddad,1990-03-02,07700900123\n";
const COUNCIL: &str = "id,f,s,d,p\nc1,Amal,Hadad,1990-02-03,07700900123\n";

/// A node with one published record.
async fn agency(town: &Town, name: &str, rows: &str, switch: Switch) -> (Node, StoredRecord) {
    let mut config = town.config_of(name, name);
    config.second_step = switch;
    let node = Node::open(&config).await.unwrap();
    let file = town.dir.path().join(format!("{name}.csv"));
    std::fs::write(&file, rows).unwrap();
    let mapping = Mapping::parse(MAPPING).unwrap();
    let importing = node.clone();
    let import = move || importing.import_file(&file, &mapping, &mut |_| {}).unwrap();
    tokio::task::spawn_blocking(import).await.unwrap();
    node.publish_all().await.unwrap();
    let mut record = None;
    node.store()
        .for_each_record(&mut |stored| {
            record = Some(stored);
            Ok(())
        })
        .unwrap();
    (node, record.unwrap())
}

fn offer(town: &Town, comparison: u16, police: &StoredRecord, council: &StoredRecord) {
    let (a, b) = (
        police.published.as_ref().unwrap(),
        council.published.as_ref().unwrap(),
    );
    let shared = a.tokens.iter().filter_map(|one| {
        let other = b.tokens.iter().find(|two| two.tag == one.tag)?;
        Some((one.handle.0.to_vec().into(), other.handle.0.to_vec().into()))
    });
    let (own, theirs): (Vec<_>, Vec<_>) = shared.unzip();
    assert!(!own.is_empty());
    let mut id = vec![0; 14];
    id.extend(comparison.to_be_bytes());
    let task = |record: &StoredRecord, stage, handles, other: &str| Task {
        comparison_id: id.clone().into(),
        stage,
        own_pseudonym: record.pseudonym.0.to_vec().into(),
        own_handles: handles,
        other_agency: other.to_owned(),
        sealed: Default::default(),
        expires_ms: u64::MAX,
    };
    let courier = &town.hub.courier;
    courier.offer("police", task(police, 1, own.clone(), "council"));
    courier.then_offer("council", task(council, 2, theirs, "police"));
    courier.then_offer("police", task(police, 3, own, "council"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_is_worked_through_and_levels_come_out() {
    let town = Town::start(&[1, 2, 3]).await;
    let (police, p1) = agency(&town, "police", POLICE, Switch::On).await;
    let (council, c1) = agency(&town, "council", COUNCIL, Switch::On).await;
    assert_eq!(police.compare().await.unwrap(), CompareReport::default());
    // More than are taken at once, and more than one record may be in on a day.
    for comparison in 0..40 {
        offer(&town, comparison, &p1, &c1);
    }
    let opened = police.compare().await.unwrap();
    assert_eq!((opened.opened, opened.refused), (16, 24));
    let answered = council.compare().await.unwrap();
    assert_eq!((answered.answered, answered.refused), (16, 0));
    let finished = police.compare().await.unwrap();
    assert_eq!((finished.finished, finished.steps()), (16, 16));
    let levels = ComparedLevels {
        name: Some(NameLevel::Two(Likeness::Same, Likeness::Close)),
        birth: Some(BirthLevel::Seven),
        ..ComparedLevels::default()
    };
    let ended = town.hub.courier.ended.lock().unwrap();
    let same = Outcome::Levels(levels.to_bytes().to_vec().into());
    let limit = Outcome::Refusal("limit".to_owned());
    assert_eq!(ended.iter().filter(|outcome| **outcome == same).count(), 16);
    assert_eq!(
        ended.iter().filter(|outcome| **outcome == limit).count(),
        24
    );
    let view = police.comparisons().unwrap();
    assert_eq!(view.newest.len(), 32);
    assert_eq!(view.newest[0].record.as_deref(), Some("p1"));
    let with_council = view.today[council.party()];
    assert_eq!((with_council.opened, with_council.finished), (16, 16));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agency_that_has_switched_it_off_says_so() {
    let town = Town::start(&[1, 2, 3]).await;
    let (police, p1) = agency(&town, "police", POLICE, Switch::On).await;
    let (council, c1) = agency(&town, "council", COUNCIL, Switch::Off).await;
    offer(&town, 1, &p1, &c1);
    assert_eq!(police.compare().await.unwrap().opened, 1);
    assert_eq!(council.compare().await.unwrap().refused, 1);
    let off = Outcome::Refusal("switched_off".to_owned());
    assert_eq!(*town.hub.courier.ended.lock().unwrap(), [off]);
    let view = council.comparisons().unwrap();
    assert!(view.agreed && !view.switched_on && view.newest.is_empty());
}
