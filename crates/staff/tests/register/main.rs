//! The register as a command or the console uses it.

mod office;
mod provider;

use std::collections::BTreeSet;

use sanctuary_disclosure::Actor;
use sanctuary_policy::{Action, ContactRole, StaffRole};
use sanctuary_staff::{
    ABSOLUTE_MS, IDLE_MS, SESSIONS_PER_PERSON_MAX, SessionToken, StaffActKind, StaffError,
};
use sanctuary_types::Timestamp;

use crate::office::{MINUTE, NOW, Office, PASSWORD, id, later, member, secret};

#[test]
fn the_first_person_is_an_administrator_and_there_is_one_first() {
    let (mut office, admin) = Office::open();
    assert_eq!(admin.roles, [StaffRole::Administrator]);
    assert_eq!(admin.account, "local/ad");
    let again =
        office
            .register
            .add_first(member("x1", &[StaffRole::Releaser]), NOW, &mut office.rng);
    assert_eq!(again.unwrap_err(), StaffError::NotFirst);
    assert_eq!(
        office.register.role_counts().unwrap()[&StaffRole::Administrator],
        1
    );
}

#[test]
fn a_start_code_only_chooses_a_password_once_and_lapses() {
    let (mut office, admin) = Office::open();
    let code = office.add(&admin, "JD1042", &[StaffRole::Analyst]).unwrap();
    let shown = code.0.expose().to_owned();
    assert_eq!(
        office.sign_in("jd1042", &shown, None, NOW).unwrap_err(),
        StaffError::ChoosePassword
    );
    assert!(matches!(
        office.choose("jd1042", &code.0, "password1234", NOW),
        Err(StaffError::WeakPassword(_))
    ));
    // As read over the telephone: small letters, no dashes.
    let heard = secret(&shown.to_lowercase().replace('-', ""));
    office.choose("jd1042", &heard, PASSWORD, NOW).unwrap();
    assert_eq!(
        office
            .choose("jd1042", &code.0, "another lantern otter", NOW)
            .unwrap_err(),
        StaffError::NotSignedIn
    );
    let signed_in = office.sign_in("Jd1042", PASSWORD, None, NOW).unwrap();
    assert_eq!(signed_in.actor.roles, [StaffRole::Analyst]);

    let late = office.add(&admin, "late", &[]).unwrap();
    let after = later(73 * 60 * MINUTE);
    assert_eq!(
        office.choose("late", &late.0, PASSWORD, after).unwrap_err(),
        StaffError::NotSignedIn
    );
}

#[test]
fn whatever_is_wrong_is_said_in_the_same_words_and_counts_alike() {
    let (mut office, admin) = Office::open();
    office.staff(&admin, "known", &[StaffRole::Analyst]);
    office.staff(&admin, "gone", &[StaffRole::Analyst]);
    office.register.leave(&admin, &id("gone"), NOW).unwrap();
    for person in ["known", "gone", "nobody", "not a staff number", ""] {
        for tries in 0..7 {
            let wrong = office
                .sign_in(person, "copper lantern otters", None, NOW)
                .unwrap_err();
            assert_eq!(wrong, StaffError::NotSignedIn, "{person} {tries}");
        }
    }
    // The known one is paused now: even the right password is not looked at, until the pause is over.
    assert_eq!(
        office.sign_in("known", PASSWORD, None, NOW).unwrap_err(),
        StaffError::NotSignedIn
    );
    assert_eq!(
        office
            .sign_in("known", PASSWORD, None, later(29_000))
            .unwrap_err(),
        StaffError::NotSignedIn
    );
    assert!(
        office
            .sign_in("known", PASSWORD, None, later(31_000))
            .is_ok()
    );
    // Five free tries each were looked at and logged; paused ones are not.
    let refused = office
        .store
        .acts()
        .iter()
        .filter(|a| a.kind == StaffActKind::Refused)
        .count();
    assert_eq!(refused, 5 * 5);
    // A thousand names that are nobody's fill no disk.
    for n in 0..40 {
        let _ = office.sign_in(&format!("guess{n}"), "x", None, NOW);
    }
    assert!(office.store.tries_len() <= 3 + 1_024);
}

#[test]
fn sessions_end_when_idle_after_eight_hours_and_when_told() {
    let (mut office, admin) = Office::open();
    office.staff(&admin, "io", &[StaffRole::IntelligenceOfficer]);
    let signed_in = office.sign_in("io", PASSWORD, None, NOW).unwrap();
    let token = signed_in.token;
    assert_eq!(signed_in.until.0 - NOW.0, ABSOLUTE_MS);
    // Used every ten minutes it lives for eight hours and no longer.
    let mut at = 0;
    while at + 10 * MINUTE < ABSOLUTE_MS {
        at += 10 * MINUTE;
        assert!(office.register.actor_of(&token, later(at)).is_ok(), "{at}");
    }
    assert_eq!(
        office
            .register
            .actor_of(&token, later(ABSOLUTE_MS))
            .unwrap_err(),
        StaffError::NoSession
    );

    let idle = office.sign_in("io", PASSWORD, None, NOW).unwrap().token;
    assert!(office.register.actor_of(&idle, later(IDLE_MS - 1)).is_ok());
    let idle = office.sign_in("io", PASSWORD, None, NOW).unwrap().token;
    assert_eq!(
        office.register.actor_of(&idle, later(IDLE_MS)).unwrap_err(),
        StaffError::NoSession
    );

    let told = office.sign_in("io", PASSWORD, None, NOW).unwrap().token;
    office.register.sign_out(&told, NOW).unwrap();
    assert_eq!(
        office.register.actor_of(&told, NOW).unwrap_err(),
        StaffError::NoSession
    );
    let guessed: SessionToken = "00".repeat(32).parse().unwrap();
    assert_eq!(
        office.register.actor_of(&guessed, NOW).unwrap_err(),
        StaffError::NoSession
    );
}

#[test]
fn two_sign_ins_are_two_sessions_and_each_is_listed_and_revoked() {
    let (mut office, admin) = Office::open();
    office.staff(&admin, "io", &[StaffRole::IntelligenceOfficer]);
    let one = office.sign_in("io", PASSWORD, None, NOW).unwrap();
    let two = office.sign_in("io", PASSWORD, None, later(1)).unwrap();
    assert_ne!(one.actor.session, two.actor.session);
    assert!(one.actor.is_one_with(&two.actor));
    let own = office
        .register
        .sessions(&one.actor, Some(&one.token), NOW)
        .unwrap();
    assert_eq!(
        own.iter().map(|v| v.is_this).collect::<Vec<_>>(),
        [false, true]
    );
    assert_eq!(
        office.register.sessions(&admin, None, NOW).unwrap().len(),
        3
    );
    // Somebody else's session is nobody's to a person without the administrator's role.
    let admins = office.register.sessions(&admin, None, NOW).unwrap();
    let foreign = &admins.iter().find(|v| v.person == id("ad")).unwrap().id;
    assert_eq!(
        office
            .register
            .revoke(&one.actor, foreign, NOW)
            .unwrap_err(),
        StaffError::NoSession
    );
    let second = &own.iter().find(|v| !v.is_this).unwrap().id;
    office.register.revoke(&one.actor, second, NOW).unwrap();
    assert!(office.register.actor_of(&two.token, NOW).is_err());
    assert!(office.register.actor_of(&one.token, NOW).is_ok());
    for n in 0..20 {
        office.sign_in("io", PASSWORD, None, later(n)).unwrap();
    }
    let own = office.register.sessions(&one.actor, None, NOW).unwrap();
    assert_eq!(own.len(), SESSIONS_PER_PERSON_MAX);
}

#[test]
fn roles_are_those_of_the_moment_and_a_change_ends_sessions() {
    let (mut office, admin) = Office::open();
    office.staff(&admin, "io", &[StaffRole::IntelligenceOfficer]);
    let token = office.sign_in("io", PASSWORD, None, NOW).unwrap().token;
    let roles = BTreeSet::from([StaffRole::Releaser]);
    let lead = BTreeSet::from([ContactRole::SafeguardingLead]);
    office
        .register
        .set_roles(&admin, &id("io"), roles, lead, NOW)
        .unwrap();
    assert!(office.register.actor_of(&token, NOW).is_err());
    let again = office.sign_in("io", PASSWORD, None, NOW).unwrap();
    assert_eq!(again.actor.roles, [StaffRole::Releaser]);
    let leads = office
        .register
        .with_function(ContactRole::SafeguardingLead)
        .unwrap();
    assert_eq!(leads.len(), 1);
    office.register.leave(&admin, &id("io"), NOW).unwrap();
    assert!(office.register.actor_of(&again.token, NOW).is_err());
    assert!(
        office
            .register
            .with_function(ContactRole::SafeguardingLead)
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        office.register.name_of(&id("io")).unwrap().as_deref(),
        Some("Person io")
    );
}

#[test]
fn only_administrators_manage_and_they_see_no_records() {
    let (mut office, admin) = Office::open();
    for role in StaffRole::ALL
        .iter()
        .filter(|r| **r != StaffRole::Administrator)
    {
        let name = role.word().replace('_', "");
        office.staff(&admin, &name, &[*role]);
        let actor = office.sign_in(&name, PASSWORD, None, NOW).unwrap().actor;
        assert_eq!(
            office.add(&actor, "x2", &[]).unwrap_err(),
            StaffError::NotAdministrator
        );
        assert_eq!(
            office.register.leave(&actor, &id("ad"), NOW).unwrap_err(),
            StaffError::NotAdministrator
        );
        let both = [StaffRole::Administrator, *role];
        assert_eq!(
            office.add(&admin, "x3", &both).unwrap_err(),
            StaffError::AdministratorAlone
        );
    }
    let refused = office.register.set_roles(
        &admin,
        &id("analyst"),
        BTreeSet::from([StaffRole::Administrator, StaffRole::Analyst]),
        BTreeSet::new(),
        NOW,
    );
    assert_eq!(refused.unwrap_err(), StaffError::AdministratorAlone);
    for action in [
        Action::ReadAlerts,
        Action::ReadRecord,
        Action::ReadRequest,
        Action::ReadRelease,
        Action::RevealShielded,
    ] {
        assert!(!action.permits_any(&admin.roles), "{}", action.word());
    }
    assert!(office.register.people(&admin).unwrap().len() > 5);
    let officer = office
        .sign_in("releaser", PASSWORD, None, NOW)
        .unwrap()
        .actor;
    assert_eq!(
        office.register.people(&officer).unwrap_err(),
        StaffError::NotAdministrator
    );
}

#[test]
fn nobody_changes_themselves_and_one_administrator_stays() {
    let (mut office, admin) = Office::open();
    assert_eq!(
        office.register.leave(&admin, &id("ad"), NOW).unwrap_err(),
        StaffError::OwnEntry
    );
    office.staff(&admin, "ad2", &[StaffRole::Administrator]);
    let second = office.sign_in("ad2", PASSWORD, None, NOW).unwrap().actor;
    office.register.leave(&second, &id("ad"), NOW).unwrap();
    // What the one who left still holds in memory is refused as soon as it is looked up again; the
    // register itself goes by the entry.
    office.staff(&second, "io", &[StaffRole::Analyst]);
    let third = Actor {
        person: id("io"),
        ..second.clone()
    };
    assert_eq!(
        office.register.leave(&third, &id("ad2"), NOW).unwrap_err(),
        StaffError::LastAdministrator
    );
    assert_eq!(
        office.add(&second, "io", &[]).unwrap_err(),
        StaffError::AlreadyThere
    );
    assert_eq!(
        office
            .register
            .leave(&second, &id("nobody"), NOW)
            .unwrap_err(),
        StaffError::NoSuchPerson
    );
}

#[test]
fn codes_are_needed_once_set_up_and_each_is_good_once() {
    let (mut office, admin) = Office::open();
    office.staff(&admin, "io", &[StaffRole::IntelligenceOfficer]);
    let actor = office.sign_in("io", PASSWORD, None, NOW).unwrap().actor;
    let setup = office
        .register
        .begin_code(&actor, NOW, &mut office.rng)
        .unwrap();
    // Not confirmed: not needed yet.
    assert!(office.sign_in("io", PASSWORD, None, NOW).is_ok());
    assert_eq!(
        office
            .register
            .confirm_code(&actor, &secret("000000"), NOW)
            .unwrap_err(),
        StaffError::CodeDoesNotFit
    );
    let totp = totp_rs::Builder::new()
        .with_algorithm(totp_rs::Algorithm::SHA1)
        .with_secret(totp_rs::Secret::try_from_base32(&setup.secret).unwrap())
        .build_noncompliant();
    let code = |at: Timestamp| totp.generate(at.0 / 1_000).to_string();
    office
        .register
        .confirm_code(&actor, &secret(&code(NOW)), NOW)
        .unwrap();
    assert_eq!(
        office.sign_in("io", PASSWORD, None, NOW).unwrap_err(),
        StaffError::NotSignedIn
    );
    // The code that confirmed is spent.
    assert_eq!(
        office
            .sign_in("io", PASSWORD, Some(&code(NOW)), NOW)
            .unwrap_err(),
        StaffError::NotSignedIn
    );
    let next = later(30_000);
    assert!(
        office
            .sign_in("io", PASSWORD, Some(&code(next)), next)
            .is_ok()
    );
    assert_eq!(
        office
            .sign_in("io", PASSWORD, Some(&code(next)), next)
            .unwrap_err(),
        StaffError::NotSignedIn
    );
    assert_eq!(
        office
            .sign_in(
                "io",
                "copper lantern otters",
                Some(&code(later(60_000))),
                later(60_000)
            )
            .unwrap_err(),
        StaffError::NotSignedIn
    );
    // A lost telephone: the administrator resets, and sees neither password nor secret.
    let start = office
        .register
        .reset(&admin, &id("io"), NOW, &mut office.rng)
        .unwrap();
    assert_eq!(
        office
            .sign_in("io", PASSWORD, None, later(90_000))
            .unwrap_err(),
        StaffError::NotSignedIn
    );
    office
        .choose("io", &start.0, PASSWORD, later(90_000))
        .unwrap();
    assert!(office.sign_in("io", PASSWORD, None, later(90_000)).is_ok());
}

#[test]
fn without_the_log_nothing_happens() {
    let (mut office, admin) = Office::open();
    office.staff(&admin, "io", &[StaffRole::IntelligenceOfficer]);
    let token = office.sign_in("io", PASSWORD, None, NOW).unwrap().token;
    office.store.fail_log(true);
    assert!(matches!(
        office.sign_in("io", PASSWORD, None, NOW),
        Err(StaffError::Port(_))
    ));
    assert!(matches!(
        office.add(&admin, "x4", &[]),
        Err(StaffError::Port(_))
    ));
    assert!(matches!(
        office.register.leave(&admin, &id("io"), NOW),
        Err(StaffError::Port(_))
    ));
    office.store.fail_log(false);
    assert!(office.register.actor_of(&token, NOW).is_ok());
    assert_eq!(office.register.name_of(&id("x4")).unwrap(), None);
    let kinds: Vec<&str> = office.store.acts().iter().map(|a| a.kind.word()).collect();
    assert_eq!(
        kinds[..5],
        [
            "staff_added",
            "password_chosen",
            "signed_in",
            "staff_added",
            "password_chosen"
        ]
    );
}

#[test]
fn declared_identifiers_are_those_of_people_who_read_releases() {
    let (mut office, admin) = Office::open();
    office.staff(&admin, "io", &[StaffRole::IntelligenceOfficer]);
    office.staff(&admin, "an", &[StaffRole::Analyst]);
    let io = office.sign_in("io", PASSWORD, None, NOW).unwrap().actor;
    assert_eq!(office.register.declared().unwrap(), [None]);
    assert!(office.register.declare(&io, BTreeSet::new(), NOW).is_err());
    let prints = BTreeSet::from([[7; 32]]);
    office.register.declare(&io, prints.clone(), NOW).unwrap();
    assert_eq!(office.register.declared().unwrap(), [Some(prints)]);
}

#[test]
fn nothing_secret_is_printed() {
    let (mut office, admin) = Office::open();
    let code = office.add(&admin, "io", &[]).unwrap();
    let signed_in = office.sign_in("ad", PASSWORD, None, NOW).unwrap();
    let printed = format!("{code:?} {signed_in:?} {:?}", signed_in.token);
    assert!(!printed.contains(code.0.expose()));
    assert!(!printed.contains(signed_in.token.expose().as_str()));
}
