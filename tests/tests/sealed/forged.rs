use std::collections::BTreeMap;

use anyhow::ensure;
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng as _, SeedableRng as _},
};
use sanctuary_hub_core::{
    Accepts, AlertEvent, Hub, Options, Pepper, PushBatch, RoundReport,
    memory::{MemoryLog, MemoryState},
};
use sanctuary_linkage::{Policy, Population};
use sanctuary_node_core::RecordTokens;
use sanctuary_trust::{Party, PartyKind, SigningKey};
use sanctuary_types::{BatchId, Month, PartyId, Slots, Timestamp, TokenType};

use crate::packing::{EPOCH, Packer, RULES, record, token};

const NOW: Timestamp = Timestamp(1_795_392_000_000);
const AGENCIES: [&str; 3] = ["council", "police", "refuge"];
const FORGER: &str = "refuge";
/// People known to all three agencies.
const PEOPLE: usize = 30;
/// Of the forger's postings, those of the first people are forged, one each.
const FORGED: usize = 7;

type MemoryHub = Hub<MemoryLog, MemoryState>;

#[test]
fn a_forged_share_is_named_and_changes_nothing_else() -> anyhow::Result<()> {
    let honest = Scene::play(&AGENCIES, 0)?;
    let forged = Scene::play(&AGENCIES, FORGED)?;
    ensure!(honest.report.refused.is_empty() && honest.report.disputed_tags == 0);
    println!("refused: {:?}", forged.report.refused);
    ensure!(
        forged.report.refused == [(FORGER.parse()?, FORGED as u32)],
        "the forger alone is named, with each forged share"
    );
    ensure!(
        forged.report.disputed_tags == 0,
        "three agencies leave no doubt"
    );
    for agency in AGENCIES {
        let party: PartyId = agency.parse()?;
        let refused = forged.hub.status(&party).refused_postings;
        ensure!(refused == if agency == FORGER { FORGED as u64 } else { 0 });
    }
    // Between the two honest agencies nothing is different, down to the evidence.
    let (before, after) = (
        honest.between("council", "police")?,
        forged.between("council", "police")?,
    );
    println!("{} alerts between the honest agencies", before.len());
    ensure!(before.len() == 2 * PEOPLE && before == after);
    // And the forger's other tokens still count: it hears of the same people.
    let (before, after) = (honest.heard(FORGER)?, forged.heard(FORGER)?);
    ensure!(before == after && before.len() == 2 * PEOPLE);
    ensure!(
        forged.report.tags_opened == honest.report.tags_opened,
        "every shared tag is opened as before"
    );
    Ok(())
}

/// With two agencies it cannot be told who forged: the token is disputed, nobody is named, nothing
/// opens, and their other tokens are as they were.
#[test]
fn between_two_nobody_is_named_and_nothing_opens() -> anyhow::Result<()> {
    let two = ["police", FORGER];
    let honest = Scene::play(&two, 0)?;
    let forged = Scene::play(&two, FORGED)?;
    ensure!(
        forged.report.refused.is_empty(),
        "{:?}",
        forged.report.refused
    );
    ensure!(forged.report.disputed_tags == FORGED);
    ensure!(honest.heard("police")? == forged.heard("police")?);
    println!("{} disputed tokens", forged.report.disputed_tags);
    Ok(())
}

struct Scene {
    hub: MemoryHub,
    report: RoundReport,
}

impl Scene {
    /// Every agency pushes the same people; of the forger's postings `forged` carry a share that
    /// is none.
    fn play(agencies: &[&str], forged: usize) -> anyhow::Result<Self> {
        let options = Options {
            accepts: Accepts {
                rules: RULES,
                epoch: EPOCH,
            },
            policy: Policy::default(),
        };
        let pepper = Pepper::from_bytes(&[5; 32]);
        let (log, state) = (MemoryLog::default(), MemoryState::default());
        let hub = Hub::open(log, state, pepper, options, NOW)?;
        for (number, agency) in (1..).zip(agencies) {
            let forged = if *agency == FORGER { forged } else { 0 };
            push(&hub, agency, number, forged)?;
        }
        let report = hub.run_round(NOW)?;
        Ok(Self { hub, report })
    }

    fn events(&self, agency: &str) -> anyhow::Result<Vec<AlertEvent>> {
        Ok(self.hub.alerts_after(&agency.parse()?, 0, usize::MAX)?)
    }

    /// What two agencies heard of each other.
    fn between(&self, a: &str, b: &str) -> anyhow::Result<BTreeMap<String, AlertEvent>> {
        let mut found = BTreeMap::new();
        for (own, other) in [(a, b), (b, a)] {
            for mut event in self.events(own)? {
                if event.view.other_agency.as_str() == other {
                    // The order in which events were told does not matter.
                    event.cursor = 0;
                    found.insert(format!("{own} {}", event.alert_id), event);
                }
            }
        }
        Ok(found)
    }

    /// What an agency heard of, but for the evidence, which a missing token may weaken.
    fn heard(&self, agency: &str) -> anyhow::Result<BTreeMap<String, String>> {
        let events = self.events(agency)?.into_iter();
        let facts = events.map(|event| {
            let view = &event.view;
            let facts = format!("{:?} {} {:?}", view.kind, view.other_agency, view.state);
            (event.alert_id.to_string(), facts)
        });
        Ok(facts.collect())
    }
}

fn push(hub: &MemoryHub, agency: &str, number: u8, forged: usize) -> anyhow::Result<()> {
    let mut rng = ChaCha20Rng::seed_from_u64(number.into());
    let key = SigningKey::generate(&mut rng)?;
    let party = Party {
        id: agency.parse()?,
        kind: PartyKind::Agency,
        name: agency.to_owned(),
        spki_sha256: [number; 32],
        signing_key: key.public(),
        sealing_key: None,
        endpoint: None,
    };
    let records: Vec<RecordTokens> = (0..PEOPLE)
        .map(|person| of_person(person, number))
        .collect();
    let population = Population::built_in(1_000, 4_000).to_json()?;
    let packed = Packer::new(&party.id, number.into()).pack(&records, Some(population));
    let mut batch = PushBatch::new(BatchId([number; 16]), RULES, EPOCH);
    batch.postings = packed.contents.postings;
    batch.cards = packed.contents.cards;
    batch.population = packed.contents.population;
    for published in &packed.published[..forged] {
        let handle = published.tokens[0].handle.0;
        let posting = batch
            .postings
            .chunks_exact_mut(94)
            .find(|posting| posting[48..56] == handle);
        let Some(posting) = posting else { continue };
        // Any number below 2^252 is a share in form.
        rng.fill_bytes(&mut posting[16..47]);
        posting[47] = 0;
    }
    batch.signature = key.sign(&batch.message(&party.id));
    for outcome in hub.push(&party, &[batch], NOW) {
        outcome?;
    }
    Ok(())
}

/// What an agency's record of a person gives: the same tokens at each agency.
fn of_person(person: usize, agency: u8) -> RecordTokens {
    use TokenType as T;
    let (part, both) = (|i: u8| Slots::parts(&[i]), Slots::parts(&[0, 1]));
    let tokens = [
        (T::Nd, part(0)),
        (T::Nd, part(1)),
        (T::Nm, both),
        (T::Nw, both.with_area(0)),
        (T::Nw, both.with_area(1)),
        (T::Nf, part(0)),
        (T::Da, Slots::default().with_area(0)),
    ];
    let tokens = tokens
        .into_iter()
        .map(|(kind, slots)| token(kind, slots, &format!("{person}/{slots:?}")))
        .collect();
    let mut pseudonym = [agency; 16];
    pseudonym[0] = person as u8;
    record(
        pseudonym,
        Month::at(NOW).plus(12 + person as u16 % 5),
        tokens,
    )
}
