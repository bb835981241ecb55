//! What the hub carries between two nodes, and what it does not.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sanctuary_policy::{Agreement, Denial, SignedAgreement};
use sanctuary_trust::{Partnership, Plan, Roster};
use sanctuary_types::{AlertId, CaseId, Timestamp, Visibility};

use super::kit::*;
use crate::{HubError, Parcel, ParcelContent};

pub(super) const EXAMPLE: &str = include_str!("../../../../deploy/agreement/example.toml");
pub(super) const DAY_MS: u64 = 86_400_000;

pub(super) struct Post {
    pub(super) kit: Kit,
    pub(super) keys: Partnership,
    pub(super) roster: Roster,
    pub(super) alert: AlertId,
}

pub(super) fn signed(keys: &Partnership, change: impl Fn(&mut Agreement)) -> Vec<u8> {
    let unsigned = SignedAgreement::from_toml(EXAMPLE).unwrap();
    let mut agreement = unsigned.proposal().clone();
    change(&mut agreement);
    let mut signed = SignedAgreement::unsigned(agreement).unwrap();
    for officer in &keys.officers {
        signed.sign(&keys.anchors, &officer.signing).unwrap();
    }
    signed.to_toml().unwrap().into_bytes()
}

impl Post {
    fn without_agreement() -> Self {
        let mut kit = Kit::new();
        kit.push("police", &[&Record::new(1, "ann").phone("07")]);
        kit.push("council", &[&Record::new(2, "ann").phone("07")]);
        kit.round();
        let agencies = ["police", "council", "safeguarding", "charity", "refuge"];
        let plan = Plan::new("hub", &["alder"], &agencies).unwrap();
        let mut rng = ChaCha20Rng::from_seed([9; 32]);
        let keys = Partnership::generate(&plan, NOW, &mut rng).unwrap();
        let roster = keys.roster.verify(&keys.anchors, 0).unwrap();
        let alert = kit.only("police").alert_id;
        Self {
            kit,
            keys,
            roster,
            alert,
        }
    }

    pub(super) fn new() -> Self {
        let post = Self::without_agreement();
        post.agree(|_| {}).unwrap();
        post
    }

    pub(super) fn agree(&self, change: impl Fn(&mut Agreement)) -> Result<u32, HubError> {
        let text = signed(&self.keys, change);
        let (hub, keys) = (&self.kit.hub, &self.keys);
        hub.put_agreement(&text, &keys.anchors, &self.roster)
    }

    fn proof(&self, id: u8, to: &str) -> Parcel {
        Parcel {
            id: [id; 16],
            to: to.parse().unwrap(),
            match_id: self.alert,
            content: ParcelContent::Proof,
            body: vec![id; 100],
        }
    }

    pub(super) fn envelope(&self, id: u8, case: u8, to: &str, now: Timestamp) -> Parcel {
        let (encapsulated_bytes, sealed_bytes) = (1_120, 16 * 1024 + 16);
        Parcel {
            content: ParcelContent::Envelope {
                case: CaseId([case; 16]),
                created: now,
                expires: Timestamp(now.0 + 180 * DAY_MS),
                encapsulated_bytes,
                sealed_bytes,
            },
            body: vec![id; encapsulated_bytes + sealed_bytes + 300],
            ..self.proof(id, to)
        }
    }

    pub(super) fn send(&self, from: &str, parcel: &Parcel, now: Timestamp) -> Result<(), HubError> {
        let from = from.parse().unwrap();
        self.kit.hub.send_parcel(&from, parcel, &self.roster, now)
    }

    /// Ids of what waits.
    fn waiting(&self, agency: &str, now: Timestamp) -> Vec<u8> {
        let waiting = self.kit.hub.take_parcels(&self.kit.id(agency), 64, now);
        let mut ids = Vec::new();
        for one in waiting.unwrap() {
            assert!(one.body.iter().all(|byte| *byte == one.id[0]));
            ids.push(one.id[0]);
        }
        ids
    }

    fn acknowledge(&self, agency: &str, id: u8, now: Timestamp) {
        let agency = self.kit.id(agency);
        let hub = &self.kit.hub;
        hub.acknowledge_parcels(&agency, &[[id; 16]], now).unwrap();
    }

    pub(super) fn restart(&mut self, now: Timestamp) {
        self.kit.restart(now);
        self.kit.hub.open_agreements(&self.keys.anchors).unwrap();
    }
}

pub(super) fn later(days: u64) -> Timestamp {
    Timestamp(NOW.0 + days * DAY_MS)
}

#[test]
fn parcels_wait_in_order_over_restarts_until_they_are_acknowledged() {
    let mut post = Post::new();
    post.send("police", &post.proof(1, "council"), NOW).unwrap();
    post.send("council", &post.proof(2, "police"), NOW).unwrap();
    let request = post.envelope(3, 1, "council", NOW);
    post.send("police", &request, NOW).unwrap();
    post.restart(NOW);
    assert_eq!(post.waiting("council", NOW), [1, 3]);
    assert_eq!(post.waiting("police", NOW), [2]);
    assert_eq!(post.waiting("refuge", NOW), Vec::<u8>::new());
    // Nobody acknowledges for another, and an acknowledged parcel stays away.
    post.acknowledge("police", 1, NOW);
    assert_eq!(post.waiting("council", NOW), [1, 3]);
    post.acknowledge("council", 3, NOW);
    post.acknowledge("council", 3, NOW);
    post.restart(NOW);
    assert_eq!(post.waiting("council", NOW), [1]);
    // A retry after the delivery is no second parcel, and other content no retry.
    post.send("police", &request, NOW).unwrap();
    assert_eq!(post.waiting("council", NOW), [1]);
    let other = Parcel {
        body: vec![4; request.body.len()],
        ..request
    };
    assert!(matches!(
        post.send("police", &other, NOW),
        Err(HubError::ParcelReused)
    ));
    // Another agency's id is another parcel.
    let reply = Parcel {
        id: [1; 16],
        ..post.proof(1, "police")
    };
    post.send("council", &reply, NOW).unwrap();
    assert_eq!(post.waiting("police", NOW), [2, 1]);
}

#[test]
fn what_was_sent_waits_for_a_node_that_is_off_as_long_as_it_lives() {
    let mut post = Post::new();
    let mut recall = post.envelope(1, 1, "council", NOW);
    post.send("police", &recall, NOW).unwrap();
    post.restart(later(179));
    assert_eq!(post.waiting("council", later(179)), [1]);
    assert_eq!(post.waiting("council", later(180)), Vec::<u8>::new());
    let rows = |post: &Post| {
        use crate::ports::{StateStore, StateTable};
        let scan = |table| post.kit.state.scan(table, &[], None, 99).unwrap().len();
        scan(StateTable::ParcelBodies) + scan(StateTable::Parcels)
    };
    assert_eq!(rows(&post), 0, "an expired parcel leaves nothing behind");
    // As long as anything may live, and no longer.
    for (days, taken) in [(400, true), (401, false)] {
        recall.id = [days as u8; 16];
        if let ParcelContent::Envelope { expires, .. } = &mut recall.content {
            *expires = later(days);
        }
        assert_eq!(post.send("police", &recall, NOW).is_ok(), taken, "{days}");
    }
}

#[test]
fn nothing_begins_without_an_agreement_in_force_and_the_message_names_the_date() {
    let post = Post::without_agreement();
    let refused = |post: &Post, now| {
        let first = post.envelope(9, 9, "council", now);
        let proof = post.send("police", &post.proof(8, "council"), now);
        let case = post.send("police", &first, now);
        let shared = post
            .kit
            .hub
            .shared_tokens(&post.kit.id("police"), &post.alert, now);
        let texts = [proof.unwrap_err(), case.unwrap_err(), shared.unwrap_err()].map(|error| {
            assert!(matches!(error, HubError::Denied(_)), "{error}");
            error.to_string()
        });
        assert!(texts.iter().all(|text| *text == texts[0]));
        texts[0].clone()
    };
    assert!(refused(&post, NOW).contains("no sharing agreement"));
    post.agree(|_| {}).unwrap();
    post.send("police", &post.envelope(1, 1, "council", NOW), NOW)
        .unwrap();
    let after = Timestamp(1_826_236_800_000 + DAY_MS);
    let said = refused(&post, after);
    assert!(said.contains("15 November 2027"), "{said}");
    // The case that began in time can still take information back, in both directions.
    let recall = post.envelope(2, 1, "police", after);
    post.send("council", &recall, after).unwrap();
    assert_eq!(post.waiting("police", after), [2]);
}

#[test]
fn only_an_alert_that_the_hub_raised_between_the_two_is_spoken_of() {
    let post = Post::new();
    let invented = Parcel {
        match_id: AlertId([7; 16]),
        ..post.proof(1, "council")
    };
    let refused = |from: &str, parcel: &Parcel| post.send(from, parcel, NOW).unwrap_err();
    assert!(matches!(
        refused("police", &invented),
        HubError::UnknownAlert
    ));
    // A party of the agreement that is not on this alert: neither as sender nor as recipient.
    assert!(matches!(
        refused("charity", &post.proof(1, "council")),
        HubError::UnknownAlert
    ));
    assert!(matches!(
        refused("police", &post.proof(1, "charity")),
        HubError::UnknownAlert
    ));
    assert!(matches!(
        refused("refuge", &post.proof(1, "council")),
        HubError::Denied(Denial::NotAParty { .. })
    ));
    for to in ["police", "hub", "alder", "stranger"] {
        assert!(matches!(
            refused("police", &post.proof(1, to)),
            HubError::NoRecipient { .. }
        ));
    }
    // A case is between two and about one match.
    post.send("police", &post.envelope(1, 1, "council", NOW), NOW)
        .unwrap();
    let stolen = post.envelope(2, 1, "council", NOW);
    assert!(matches!(
        refused("charity", &stolen),
        HubError::Parcel { .. }
    ));
    let other_match = Parcel {
        match_id: AlertId([7; 16]),
        ..post.envelope(3, 1, "council", NOW)
    };
    assert!(matches!(
        refused("police", &other_match),
        HubError::Parcel { .. }
    ));
}

#[test]
fn a_case_outlives_the_alert_it_is_about() {
    let mut post = Post::new();
    post.send("police", &post.envelope(1, 1, "council", NOW), NOW)
        .unwrap();
    post.kit
        .withdraw("council", &Record::new(2, "ann").phone("07"));
    post.kit.round();
    // The owner has erased the record: the recall travels, and a question about people's rights too.
    for (id, case) in [(2, 1), (3, 9)] {
        let parcel = post.envelope(id, case, "police", NOW);
        post.send("council", &parcel, NOW).unwrap();
    }
    // A proof of what no longer stands does not.
    assert!(matches!(
        post.send("police", &post.proof(4, "council"), NOW),
        Err(HubError::UnknownAlert)
    ));
}

#[test]
fn nobody_is_asked_about_a_match_they_may_not_hear_of() {
    let mut post = Post::new();
    let mut kit = Kit::new();
    let silent = Record::new(1, "ann").visible(Visibility::Silent);
    kit.push("police", &[&silent]);
    kit.push("council", &[&Record::new(2, "ann")]);
    kit.round();
    post.alert = kit.only("police").alert_id;
    post.kit = kit;
    post.agree(|_| {}).unwrap();
    assert!(matches!(
        post.send("council", &post.proof(1, "police"), NOW),
        Err(HubError::UnknownAlert)
    ));
    let refused = post.send("police", &post.proof(1, "council"), NOW);
    assert!(matches!(refused, Err(HubError::Parcel { .. })));
    let council = post.kit.id("council");
    assert!(matches!(
        post.kit.hub.shared_tokens(&council, &post.alert, NOW),
        Err(HubError::UnknownAlert)
    ));
}

#[test]
fn sizes_and_times_that_no_node_makes_are_refused() {
    let post = Post::new();
    type Spoil = fn(&mut Parcel);
    fn with(parcel: &mut Parcel, change: impl Fn(&mut Timestamp, &mut Timestamp, &mut usize)) {
        if let ParcelContent::Envelope {
            created,
            expires,
            sealed_bytes,
            ..
        } = &mut parcel.content
        {
            change(created, expires, sealed_bytes);
        }
    }
    let spoils: [Spoil; 6] = [
        |p| with(p, |_, _, sealed| *sealed += 1),
        |p| with(p, |_, expires, _| *expires = NOW),
        |p| with(p, |created, _, _| created.0 += 3_600_000),
        |p| with(p, |created, expires, _| *created = *expires),
        |p| p.body.resize(p.body.len() + 1_024, 0),
        |p| p.body.clear(),
    ];
    for (n, spoil) in spoils.into_iter().enumerate() {
        let mut parcel = post.envelope(1, 1, "council", NOW);
        spoil(&mut parcel);
        let refused = post.send("police", &parcel, NOW);
        assert!(matches!(refused, Err(HubError::Parcel { .. })), "{n}");
    }
    let mut proof = post.proof(1, "council");
    proof.body.resize(2_000, 0);
    assert!(post.send("police", &proof, NOW).is_err());
    assert!(post.waiting("council", NOW).is_empty());
}

#[test]
fn nobody_fills_the_hub_up() {
    let post = Post::new();
    let mut sent = 0u32;
    let refused = loop {
        let mut parcel = post.proof(1, "council");
        parcel.id[..4].copy_from_slice(&sent.to_be_bytes());
        match post.send("police", &parcel, NOW) {
            Ok(()) => sent += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, HubError::MailboxFull { .. }), "{refused}");
    assert_eq!(sent, 4_096);
    // The other direction is another box.
    post.send("council", &post.proof(1, "police"), NOW).unwrap();
}
