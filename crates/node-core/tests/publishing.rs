//! Pending records to sealed batches, with key holders in this process that may die, lie or refuse.

mod holders;

use std::{collections::HashMap, io::Cursor, sync::Mutex};

use futures::executor::block_on;
use holders::{Conduct, Holders};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sanctuary_node_core::{
    Counts, Importer, Mapping, NodeError, NodeSecret, Padding, PublishReport, Published, Publisher,
    SignedBatch, Tokeniser,
    memory::MemoryStore,
    ports::{HolderFaultKind, NodeStore},
    readers::{Format, read},
};
use sanctuary_posting::{Posting, SealedCard, agency_point, open_card, open_pair, pad::size_class};
use sanctuary_types::{Epoch, IdentifierKind, PartyId, Role, Timestamp, TokenType};
use zeroize::Zeroizing;

const NOW: Timestamp = Timestamp(1_795_392_000_000);

struct Node {
    store: MemoryStore,
    secret: NodeSecret,
    counts: Mutex<Counts>,
    agency: PartyId,
    tokeniser: Tokeniser<Holders>,
    rng: ChaCha20Rng,
}

const MAPPING: &str = "version = 1\nrecord_id = \"id\"\n[fields]\nforenames = \"f\"\nsurnames = \"s\"\n\
    date_of_birth = \"d\"\nphone = \"p\"\n[record]\nrole = { column = \"r\" }\nbasis = \"safeguarding\"\n\
    visibility = \"open\"\nexpires = \"2028-01-31\"\nduty_to_notify_only = { column = \"n\" }\n";

impl Node {
    fn new(agency: &str, holders: &Holders) -> Self {
        Self::in_epoch(agency, holders, Epoch(1))
    }

    fn in_epoch(agency: &str, holders: &Holders, epoch: Epoch) -> Self {
        let mut secret = [0; 32];
        secret[..agency.len()].copy_from_slice(agency.as_bytes());
        let secret = NodeSecret::new(&Zeroizing::new(secret));
        Self {
            store: MemoryStore::default(),
            counts: Mutex::default(),
            agency: agency.parse().unwrap(),
            tokeniser: tokeniser(holders, epoch, &secret),
            rng: ChaCha20Rng::from_seed([agency.len() as u8; 32]),
            secret,
        }
    }

    fn import(&self, rows: &str) {
        let mapping: Mapping = MAPPING.parse().unwrap();
        let text = format!("id,f,s,d,p,r,n\n{rows}");
        let mut rows = read(Cursor::new(text.into_bytes()), Format::Csv).unwrap();
        let importer = Importer {
            store: &self.store,
            secret: &self.secret,
            counts: &self.counts,
            now: NOW,
        };
        let summary = importer
            .import(
                rows.as_mut(),
                &mapping,
                false,
                &mut |r| panic!("{r:?}"),
                &mut |_| {},
            )
            .unwrap();
        assert_eq!(summary.rejected, 0);
    }

    fn publish(&mut self) -> Result<Option<PublishReport>, NodeError> {
        let publisher = Publisher {
            store: &self.store,
            tokeniser: &self.tokeniser,
            counts: &self.counts,
            secret: &self.secret,
            agency: &self.agency,
            sign: &|_| [1; 64],
            padding: Padding::SizeClass,
        };
        block_on(publisher.publish_next(NOW, &mut self.rng))
    }

    fn publish_all(&mut self) -> Vec<PublishReport> {
        std::iter::from_fn(|| self.publish().unwrap()).collect()
    }

    fn batches(&self) -> Vec<SignedBatch> {
        self.store
            .outbox(99)
            .unwrap()
            .into_iter()
            .map(|entry| entry.batch)
            .collect()
    }

    fn published(&self, id: &str) -> Option<Published> {
        self.store
            .record(&self.secret.record_key(id))
            .unwrap()
            .unwrap()
            .published
    }

    fn clear_outbox(&self) {
        for batch in self.batches() {
            assert!(self.store.acknowledge(&batch.contents.batch_id).unwrap());
        }
    }
}

fn tokeniser(holders: &Holders, epoch: Epoch, secret: &NodeSecret) -> Tokeniser<Holders> {
    let [person, identifier] = holders.key_sets(epoch);
    Tokeniser::new(holders.clone(), person, identifier, secret.clone()).unwrap()
}

fn postings(batch: &SignedBatch) -> Vec<Posting> {
    let chunks = batch.contents.postings.chunks_exact(Posting::BYTES);
    chunks
        .map(|c| Posting::from_bytes(c.try_into().unwrap()).unwrap())
        .collect()
}

fn people(from: usize, to: usize) -> String {
    (from..to)
        .map(|i| {
            let name = |n: usize| ["ba", "do", "ki", "mu", "re", "sa", "ti", "vo"][n % 8];
            format!(
                "r{i},{}{}n,{}{}l,19{:02}-{:02}-{:02},0770090{:04},potential_victim,no\n",
                name(i),
                name(i / 8),
                name(i / 3),
                name(i / 5),
                50 + i % 50,
                1 + i % 12,
                2 + i % 26,
                i
            )
        })
        .collect()
}

const VICTIM: &str = "a1,Amal,Haddad,1990-03-02,07700900123,potential_victim,no\n";

#[test]
fn what_two_agencies_share_opens_and_nothing_else() {
    let holders = Holders::new();
    let (mut police, mut council) = (
        Node::new("police", &holders),
        Node::new("council", &holders),
    );
    police.import(&(VICTIM.to_owned() + &people(0, 20)));
    council.import("c9,AMAL,HADDAD,1990-03-02,,suspect,no\n");
    police.publish_all();
    council.publish_all();
    let theirs: HashMap<_, _> = postings(&council.batches()[0])
        .into_iter()
        .map(|p| (p.tag, p))
        .collect();
    let epoch = Epoch(1);
    let (a, b) = (&police.agency, &council.agency);
    let (xa, xb) = (agency_point(a, epoch), agency_point(b, epoch));
    let mut opened = Vec::new();
    for posting in postings(&police.batches()[0]) {
        let Some(other) = theirs.get(&posting.tag) else {
            continue;
        };
        let key = open_pair((a, &xa, &posting), (b, &xb, other)).unwrap();
        let (body, other_body) = (key.open(a, &posting).unwrap(), key.open(b, other).unwrap());
        assert_eq!(body.token, other_body.token);
        opened.push((body, other_body));
    }
    assert!(
        opened.len() >= 6,
        "ND twice, NM, NW twice and bands: {}",
        opened.len()
    );
    assert!(opened.iter().any(|(body, _)| body.token == TokenType::Nd));
    assert!(
        opened
            .iter()
            .all(|(body, _)| body.card_key == opened[0].0.card_key),
        "one record"
    );
    let card = card_of(&council.batches()[0], &opened[0].1.card_key);
    assert!(card.roles.has(Role::Suspect));
    assert_eq!(card.presence.name_parts, 2);
    let known = council.store.record_of(&card.pseudonym).unwrap().unwrap();
    assert_eq!(known.details.as_ref().unwrap().reference, "c9");
}

fn card_of(batch: &SignedBatch, card_key: &[u8; 16]) -> sanctuary_types::Card {
    let id = sanctuary_posting::card_id(card_key);
    let mut cards = batch.contents.cards.chunks_exact(SealedCard::BYTES);
    let sealed = cards.find(|c| c[..8] == id.0).unwrap();
    open_card(
        card_key,
        &SealedCard::from_bytes(sealed.try_into().unwrap()),
    )
    .unwrap()
}

#[test]
fn batches_are_padded_shuffled_and_of_oprf_size() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(&people(0, 300));
    let reports = node.publish_all();
    assert!(reports.len() > 2 && reports.iter().map(|r| r.records).sum::<u64>() == 300);
    let sizes = holders.batch_sizes();
    assert!(
        sizes.iter().all(|n| *n <= 1024 && *n == size_class(*n)),
        "{sizes:?}"
    );
    assert!(
        sizes.iter().any(|n| *n >= 896),
        "filled near the target: {sizes:?}"
    );
    let mut owner: HashMap<_, usize> = HashMap::new();
    for i in 0..300 {
        for token in node.published(&format!("r{i}")).unwrap().tokens {
            owner.insert(token.handle, i);
        }
    }
    let (mut neighbours, mut expected) = (0, 0.0);
    for (batch, report) in node.batches().iter().zip(&reports) {
        let postings = postings(batch);
        let n = postings.len();
        let tokens = report.tokens as usize;
        assert!(n == size_class(n) && (tokens..=size_class(tokens + 64)).contains(&n));
        let cards = batch.contents.cards.len() / SealedCard::BYTES;
        assert!(cards == size_class(cards) && cards as u64 >= report.records);
        assert!(batch.contents.withdrawals.is_empty());
        let owners: Vec<Option<usize>> = postings
            .iter()
            .map(|p| owner.get(&p.handle).copied())
            .collect();
        assert_eq!(owners.iter().flatten().count() as u64, report.tokens);
        assert!(
            postings.iter().all(|p| p.expiry == postings[0].expiry),
            "dummies expire alike"
        );
        neighbours += owners
            .windows(2)
            .filter(|w| w[0].is_some() && w[0] == w[1])
            .count();
        let mut own: HashMap<usize, f64> = HashMap::new();
        owners
            .iter()
            .flatten()
            .for_each(|o| *own.entry(*o).or_default() += 1.0);
        expected += own.values().map(|k| k * (k - 1.0) / n as f64).sum::<f64>();
    }
    let spread = 5.0 * expected.sqrt();
    assert!(
        (neighbours as f64 - expected).abs() < spread,
        "neighbours of one record: {neighbours}, by chance {expected:.0}"
    );
    let populations = node
        .batches()
        .iter()
        .filter(|b| !b.contents.population.is_empty())
        .count();
    assert_eq!(
        populations, 1,
        "the population goes with the first batch only"
    );
}

#[test]
fn a_lying_holder_is_named_and_the_third_takes_over() {
    let honest = Holders::new();
    let mut reference = Node::new("police", &honest);
    reference.import(VICTIM);
    reference.publish_all();
    for liar in 1..=3 {
        let holders = Holders::new();
        holders.set(liar, Conduct::Lies);
        let mut node = Node::new("police", &holders);
        node.import(&people(0, 400));
        node.import(VICTIM);
        let reports = node.publish_all();
        let faults: Vec<_> = reports.iter().flat_map(|r| r.faults.clone()).collect();
        assert!(!faults.is_empty());
        assert!(
            faults
                .iter()
                .all(|f| *f == (holders.name(liar), HolderFaultKind::WrongAnswer))
        );
        let tags =
            |p: Option<Published>| p.unwrap().tokens.iter().map(|t| t.tag).collect::<Vec<_>>();
        let nd = tags(reference.published("a1"))[0];
        assert!(
            tags(node.published("a1")).contains(&nd),
            "the same tags as with honest holders"
        );
    }
}

#[test]
fn a_dead_holder_rests_and_the_third_takes_over() {
    let holders = Holders::new();
    holders.set(2, Conduct::Dead);
    let mut node = Node::new("police", &holders);
    node.import(&people(0, 400));
    let reports = node.publish_all();
    let faults: Vec<_> = reports.iter().flat_map(|r| r.faults.clone()).collect();
    assert_eq!(
        faults,
        [(holders.name(2), HolderFaultKind::Unavailable)],
        "asked once, then left alone"
    );
}

#[test]
fn without_a_quorum_nothing_is_lost_and_the_retry_is_free() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(&people(0, 60));
    holders.set(2, Conduct::Dead);
    holders.set(3, Conduct::DiesOfIdentifiers);
    let error = node.publish().unwrap_err();
    assert!(matches!(
        error,
        NodeError::HoldersUnavailable { needed: 2, .. }
    ));
    assert!(error.to_string().contains("nothing is lost"), "{error}");
    assert_eq!(node.store.pending_len().unwrap(), 60);
    assert_eq!(node.store.outbox_len().unwrap(), 0);
    let charged = holders.charged(3);
    assert!(charged > 0, "the person class was evaluated");
    // As after a crash: another process, the same secret, all holders well again.
    holders.set(3, Conduct::Honest);
    node.tokeniser = tokeniser(&holders, Epoch(1), &node.secret);
    holders.set(2, Conduct::Dead);
    node.publish().unwrap().unwrap();
    let person = charged;
    let identifier = holders.charged(3) - person;
    assert!(
        identifier > 0 && identifier < person,
        "person batches were not charged again"
    );
    assert_eq!(node.store.pending_len().unwrap(), 0);
}

#[test]
fn a_used_up_quota_and_a_revoked_agency_say_so() {
    for (conduct, text) in [
        (Conduct::QuotaUsedUp, "go on tomorrow, nothing is lost"),
        (Conduct::Refuses, "ask a governance officer"),
    ] {
        let holders = Holders::new();
        (1..=3).for_each(|i| holders.set(i, conduct));
        let mut node = Node::new("police", &holders);
        node.import(VICTIM);
        let error = node.publish().unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
        assert_eq!(node.store.pending_len().unwrap(), 1);
        (1..=3).for_each(|i| holders.set(i, Conduct::Honest));
        assert!(node.publish().unwrap().is_some());
    }
}

#[test]
fn a_duty_to_notify_record_is_never_tokenised() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(&VICTIM.replace(",no\n", ",yes\n"));
    assert!(node.publish().unwrap().is_none());
    assert_eq!(
        holders.batch_sizes(),
        [0; 0],
        "no key holder was asked anything"
    );
    assert_eq!(node.store.outbox_len().unwrap(), 0);
}

#[test]
fn a_record_that_becomes_notify_only_is_withdrawn_and_forgotten() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(VICTIM);
    node.publish_all();
    let before = node.published("a1").unwrap();
    node.clear_outbox();
    node.import(&VICTIM.replace(",no\n", ",yes\n"));
    let asked = holders.batch_sizes().len();
    let report = node.publish().unwrap().unwrap();
    assert_eq!(
        (report.tokens, report.withdrawn),
        (0, before.tokens.len() as u64)
    );
    assert_eq!(
        holders.batch_sizes().len(),
        asked,
        "no key holder was asked anything"
    );
    let batch = &node.batches()[0].contents;
    assert!(batch.postings.is_empty() && batch.cards.is_empty());
    assert_withdrawn(&before, &node.batches()[0]);
    let record = node
        .store
        .record(&node.secret.record_key("a1"))
        .unwrap()
        .unwrap();
    assert!(record.details.is_none() && record.published.is_none());
}

fn assert_withdrawn(before: &Published, batch: &SignedBatch) {
    let withdrawals: Vec<&[u8]> = batch.contents.withdrawals.chunks_exact(24).collect();
    assert_eq!(withdrawals.len(), size_class(before.tokens.len()));
    for token in &before.tokens {
        let wanted = [&token.tag.0[..], &token.handle.0[..]].concat();
        assert_eq!(withdrawals.iter().filter(|w| **w == wanted).count(), 1);
    }
    let cards: Vec<&[u8]> = batch.contents.withdrawn_cards.chunks_exact(8).collect();
    assert!(cards.contains(&&before.card.0[..]));
    assert_eq!(cards.len(), size_class(1));
}

#[test]
fn a_changed_row_withdraws_and_pushes_in_one_batch() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(&(VICTIM.to_owned() + &people(0, 100)));
    node.publish_all();
    let before = node.published("a1").unwrap();
    let sent: Vec<Posting> = node.batches().iter().flat_map(postings).collect();
    node.clear_outbox();
    node.import(&VICTIM.replace("Haddad", "Haddadi"));
    let report = node.publish().unwrap().unwrap();
    assert_eq!(
        (report.records, report.withdrawn),
        (1, before.tokens.len() as u64)
    );
    assert!(report.tokens > 0);
    let batches = node.batches();
    assert_eq!(batches.len(), 1);
    assert_withdrawn(&before, &batches[0]);
    // The padding names dummies that do stand at the hub, so it cannot be told from the rest.
    let standing: Vec<Vec<u8>> = sent
        .iter()
        .map(|p| [&p.tag.0[..], &p.handle.0[..]].concat())
        .collect();
    for withdrawal in batches[0].contents.withdrawals.chunks_exact(24) {
        assert!(standing.iter().any(|s| s == withdrawal));
    }
    let after = node.published("a1").unwrap();
    assert_ne!(
        after.card, before.card,
        "a new card key, so that old and new are not linked"
    );
    assert!(node.publish().unwrap().is_none());
}

#[test]
fn importing_the_same_file_again_sends_nothing() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(&people(0, 30));
    node.publish_all();
    node.clear_outbox();
    node.import(&people(0, 30));
    assert!(node.publish().unwrap().is_none());
    assert_eq!(node.store.outbox_len().unwrap(), 0);
}

#[test]
fn a_value_that_too_many_records_hold_is_not_tokenised() {
    let holders = Holders::new();
    let mut node = Node::new("refuge", &holders);
    let switchboard = |n: usize| -> String {
        people(0, n)
            .lines()
            .map(|line| {
                let (head, _) = line.split_once(",0770090").unwrap();
                format!("{head},01913880000,potential_victim,no\n")
            })
            .collect()
    };
    node.import(&switchboard(21));
    let report = node.publish().unwrap().unwrap();
    assert_eq!(report.too_common, 21);
    let phone = |node: &Node| {
        let kinds = node
            .published("r0")
            .unwrap()
            .tokens
            .into_iter()
            .map(|t| t.token);
        kinds
            .filter(|t| matches!(t, TokenType::Id(IdentifierKind::Phone) | TokenType::Ni(_)))
            .count()
    };
    assert_eq!(phone(&node), 0);
    let mut small = Node::new("small", &holders);
    small.import(&switchboard(20));
    assert_eq!(small.publish().unwrap().unwrap().too_common, 0);
    assert_eq!(phone(&small), 3);
}

#[test]
fn a_new_epoch_publishes_everything_anew() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(&people(0, 10));
    node.publish_all();
    let before = node.published("r0").unwrap();
    node.tokeniser = tokeniser(&holders, Epoch(2), &node.secret);
    node.import("a1,Amal,Haddad,1990-03-02,,suspect,no\n");
    let reports = node.publish_all();
    assert_eq!(reports.iter().map(|r| r.records).sum::<u64>(), 11);
    assert_eq!(
        reports.iter().map(|r| r.withdrawn).sum::<u64>(),
        0,
        "old tags go with their epoch"
    );
    let after = node.published("r0").unwrap();
    assert_eq!(after.epoch, Epoch(2));
    assert!(
        after
            .tokens
            .iter()
            .zip(&before.tokens)
            .all(|(a, b)| a.tag != b.tag)
    );
    assert!(node.batches().iter().all(|b| b.contents.epoch == Epoch(2)));
}

#[test]
fn match_secrets_do_not_print() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(VICTIM);
    node.publish_all();
    let published = node.published("a1").unwrap();
    let secret = published.tokens[0].match_secret.clone();
    assert!(!format!("{published:?}").contains(&format!("{:?}", &secret[..4])));
    assert!(format!("{published:?}").contains("<redacted>"));
}
