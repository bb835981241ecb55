//! Tokens of a match, envelope keys, how far cases are, and the agreement.

use sanctuary_types::{CaseId, Timestamp};

use super::{
    kit::*,
    mailbox::{DAY_MS, EXAMPLE, Post, later, signed},
};
use crate::{CaseTick, EnvelopeKey, HubError};

#[test]
fn both_nodes_are_named_the_same_tokens() {
    let post = Post::new();
    let shared = |agency: &str| {
        let agency = post.kit.id(agency);
        post.kit.hub.shared_tokens(&agency, &post.alert, NOW)
    };
    let (police, council) = (shared("police").unwrap(), shared("council").unwrap());
    assert!(police.handles.len() >= 8, "{}", police.handles.len());
    assert_eq!(police.handles.len(), council.handles.len());
    assert_eq!((police.other.as_str(), police.epoch), ("council", EPOCH));
    // Handles of one token end alike in the kit: they carry the token's place.
    let places = |handles: &[sanctuary_types::Handle]| {
        let mut places: Vec<u8> = handles.iter().map(|handle| handle.0[7]).collect();
        places.sort_unstable();
        places
    };
    assert_eq!(places(&police.handles), places(&council.handles));
    assert!(matches!(shared("refuge"), Err(HubError::UnknownAlert)));
}

#[test]
fn the_newest_key_of_each_agency_is_handed_out() {
    let mut post = Post::new();
    let key = |start: u64, byte| EnvelopeKey {
        suite: 2,
        not_before: Timestamp(start),
        body: vec![byte; 1_400],
    };
    let (police, council) = (post.kit.id("police"), post.kit.id("council"));
    let announce = |post: &Post, key| post.kit.hub.announce_key(&police, key, NOW);
    announce(&post, key(100, 1)).unwrap();
    announce(&post, key(100, 1)).unwrap();
    announce(&post, key(200, 2)).unwrap();
    for old in [key(100, 1), key(200, 3)] {
        assert!(matches!(
            announce(&post, old),
            Err(HubError::OldEnvelopeKey)
        ));
    }
    assert!(announce(&post, key(NOW.0 + DAY_MS, 4)).is_err());
    post.kit
        .hub
        .announce_key(&council, key(150, 5), NOW)
        .unwrap();
    post.restart(NOW);
    assert_eq!(
        post.kit.hub.envelope_keys(&[]),
        [key(150, 5), key(200, 2)],
        "in the order of names"
    );
    assert_eq!(post.kit.hub.envelope_keys(&[police]), [key(200, 2)]);
}

#[test]
fn cases_are_counted_by_how_far_they_are() {
    let mut post = Post::new();
    post.send("police", &post.envelope(1, 1, "council", NOW), NOW)
        .unwrap();
    let tick = |case, other: &str, stage| CaseTick {
        case: CaseId([case; 16]),
        other: other.parse().unwrap(),
        stage,
        urgency: 2,
        answer_due: later(1),
    };
    let (police, council) = (post.kit.id("police"), post.kit.id("council"));
    let counts = |post: &Post, now| post.kit.hub.case_counts(Some(&post.kit.id("council")), now);
    post.kit
        .hub
        .tick_case(&police, &tick(1, "council", 1))
        .unwrap();
    assert_eq!(
        (counts(&post, NOW).open, counts(&post, NOW).overdue),
        (1, 0)
    );
    assert_eq!(counts(&post, later(2)).overdue, 1);
    post.kit
        .hub
        .tick_case(&council, &tick(1, "police", 2))
        .unwrap();
    // Late news from the other side takes nothing back.
    post.kit
        .hub
        .tick_case(&police, &tick(1, "council", 1))
        .unwrap();
    post.restart(NOW);
    assert_eq!(
        (counts(&post, NOW).open, counts(&post, NOW).answered),
        (0, 1)
    );
    let refuge = post.kit.id("refuge");
    for (who, tick) in [
        (&refuge, tick(1, "council", 3)),
        (&police, tick(1, "refuge", 3)),
        (&police, tick(2, "council", 1)),
    ] {
        let refused = post.kit.hub.tick_case(who, &tick);
        assert!(matches!(refused, Err(HubError::UnknownCase)));
    }
    assert!(
        post.kit
            .hub
            .tick_case(&police, &tick(1, "council", 4))
            .is_err()
    );
    assert_eq!(post.kit.hub.case_counts(Some(&refuge), NOW).answered, 0);
}

#[test]
fn agreements_are_kept_as_signed_and_never_go_back() {
    let mut post = Post::new();
    assert_eq!(post.agree(|_| {}).unwrap(), 1);
    assert_eq!(post.agree(|a| a.version = 3).unwrap(), 3);
    assert!(matches!(
        post.agree(|a| a.version = 2),
        Err(HubError::Agreement(_))
    ));
    let unsigned = post.kit.hub.put_agreement(
        EXAMPLE.replace("version = 1", "version = 4").as_bytes(),
        &post.keys.anchors,
        &post.roster,
    );
    assert!(matches!(unsigned, Err(HubError::Agreement(_))));
    let without = post
        .roster
        .without(&"charity".parse().unwrap(), NOW)
        .unwrap();
    let text = signed(&post.keys, |a| a.version = 4);
    let refused = post
        .kit
        .hub
        .put_agreement(&text, &post.keys.anchors, &without)
        .unwrap_err();
    assert!(refused.to_string().contains("charity"), "{refused}");
    post.restart(NOW);
    assert_eq!(post.kit.hub.agreement_version(NOW), 3);
    let texts = post.kit.hub.agreements_after(1).unwrap();
    assert_eq!(texts, [signed(&post.keys, |a| a.version = 3)]);
    assert_eq!(post.kit.hub.agreements_after(0).unwrap().len(), 2);
}
