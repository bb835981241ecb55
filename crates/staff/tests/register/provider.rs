//! Signing in by the identity provider, and showing once more that it is them.

use sanctuary_policy::StaffRole::{
    self, Administrator, Analyst, DataProtectionOfficer, IntelligenceOfficer,
};
use sanctuary_staff::{
    FRESH_MS, ProviderProof, ProviderRoles, ProviderSubject, SessionToken, SignIn, SignInWay,
    SignedIn, StaffActKind, StaffError,
};
use sanctuary_types::Timestamp;

use crate::office::{MINUTE, NOW, Office, PASSWORD, id, later, secret};

fn proof(person: &str) -> ProviderProof {
    ProviderProof {
        person: id(person),
        subject: ProviderSubject::new("https://idp.example", person),
        roles: None,
        proven: Some(NOW),
    }
}

fn giving(person: &str, given: &[StaffRole]) -> ProviderProof {
    ProviderProof {
        roles: Some(ProviderRoles {
            named: [Analyst, IntelligenceOfficer].into(),
            given: given.iter().copied().collect(),
        }),
        ..proof(person)
    }
}

impl Office {
    fn by_provider(&mut self, proof: &ProviderProof) -> Result<SignedIn, StaffError> {
        let rng = &mut self.rng;
        self.register
            .sign_in_by_provider(proof, "Firefox", NOW, rng)
    }

    fn count(&self, kind: StaffActKind) -> usize {
        self.store.acts().iter().filter(|a| a.kind == kind).count()
    }

    fn again(
        &mut self,
        token: &SessionToken,
        password: &str,
        now: Timestamp,
    ) -> Result<SignedIn, StaffError> {
        let password = secret(password);
        let typed = SignIn {
            person: "",
            password: &password,
            code: None,
        };
        self.register.prove_again(token, &typed, now, &mut self.rng)
    }
}

#[test]
fn whoever_is_in_the_register_comes_in_and_nobody_else() {
    let (mut office, admin) = Office::open();
    office.add(&admin, "io1", &[IntelligenceOfficer]).unwrap();
    office.staff(&admin, "gone", &[Analyst]);
    office.register.leave(&admin, &id("gone"), NOW).unwrap();
    for stranger in ["stranger", "gone"] {
        let refused = office.by_provider(&proof(stranger)).unwrap_err();
        assert_eq!(refused, StaffError::UnknownHere);
    }
    assert_eq!(office.count(StaffActKind::Refused), 2);
    let signed_in = office.by_provider(&proof("IO1")).unwrap();
    assert_eq!(signed_in.actor.account, "oidc/io1");
    assert_eq!(office.count(StaffActKind::SignedInByProvider), 1);
    let who = office.register.who(&signed_in.token, NOW).unwrap();
    assert_eq!(who.session.way, SignInWay::Provider);
    assert!(who.session.is_fresh(later(FRESH_MS - 1)));
    assert!(!who.session.is_fresh(later(FRESH_MS)));
    // The session is listed and ended as any other.
    let views = office
        .register
        .sessions(&signed_in.actor, None, NOW)
        .unwrap();
    assert_eq!(views[0].way, SignInWay::Provider);
    office
        .register
        .revoke(&signed_in.actor, &views[0].id, NOW)
        .unwrap();
    assert!(office.register.who(&signed_in.token, NOW).is_err());
}

#[test]
fn a_staff_number_belongs_to_the_account_that_used_it_first() {
    let (mut office, admin) = Office::open();
    office.add(&admin, "io1", &[IntelligenceOfficer]).unwrap();
    office.by_provider(&proof("io1")).unwrap();
    let mut other = proof("io1");
    other.subject = ProviderSubject::new("https://idp.example", "somebody else");
    assert_eq!(
        office.by_provider(&other).unwrap_err(),
        StaffError::OtherAccount
    );
    let rng = &mut office.rng;
    office.register.reset(&admin, &id("io1"), NOW, rng).unwrap();
    assert!(office.by_provider(&other).is_ok());
}

#[test]
fn claims_set_the_roles_that_the_mapping_names_and_no_others() {
    let (mut office, admin) = Office::open();
    let both = [Analyst, DataProtectionOfficer];
    office.add(&admin, "x", &both).unwrap();
    let before = office.by_provider(&giving("x", &[Analyst])).unwrap();
    assert_eq!(office.count(StaffActKind::RolesByProvider), 0);
    let signed_in = office
        .by_provider(&giving("x", &[IntelligenceOfficer]))
        .unwrap();
    let mut roles = signed_in.actor.roles.clone();
    roles.sort();
    let mut wanted = vec![IntelligenceOfficer, DataProtectionOfficer];
    wanted.sort();
    assert_eq!(roles, wanted);
    assert_eq!(office.count(StaffActKind::RolesByProvider), 1);
    assert!(
        office.register.who(&before.token, NOW).is_err(),
        "a session of before lives on"
    );
    // What a claim gives without being named counts for nothing.
    let mut sly = giving("x", &[IntelligenceOfficer]);
    sly.roles
        .as_mut()
        .unwrap()
        .given
        .insert(StaffRole::Releaser);
    let roles = office.by_provider(&sly).unwrap().actor.roles;
    assert!(!roles.contains(&StaffRole::Releaser));
    office.add(&admin, "y", &[Analyst]).unwrap();
    assert_eq!(
        office.by_provider(&giving("y", &[])).unwrap_err(),
        StaffError::NoRole
    );
}

#[test]
fn administrators_stay_apart_whatever_claims_say() {
    let (mut office, _) = Office::open();
    let reads = office.by_provider(&giving("ad", &[Analyst])).unwrap_err();
    assert_eq!(reads, StaffError::AdministratorAlone);
    let mut demoted = giving("ad", &[Analyst]);
    demoted.roles.as_mut().unwrap().named.insert(Administrator);
    assert_eq!(
        office.by_provider(&demoted).unwrap_err(),
        StaffError::AdministratorAlone
    );
    let signed_in = office.by_provider(&giving("ad", &[])).unwrap();
    assert_eq!(signed_in.actor.roles, [Administrator]);
    let admin = signed_in.actor;
    office.add(&admin, "made", &[Analyst]).unwrap();
    let mut made = giving("made", &[]);
    let roles = made.roles.as_mut().unwrap();
    roles.named.insert(Administrator);
    roles.given.insert(Administrator);
    assert_eq!(
        office.by_provider(&made).unwrap_err(),
        StaffError::AdministratorAlone
    );
}

#[test]
fn a_fresh_proof_gives_the_session_a_new_token() {
    let (mut office, admin) = Office::open();
    office.staff(&admin, "io1", &[IntelligenceOfficer]);
    let old = office.sign_in("io1", PASSWORD, None, NOW).unwrap();
    let at = later(6 * MINUTE);
    assert!(
        !office
            .register
            .who(&old.token, at)
            .unwrap()
            .session
            .is_fresh(at)
    );
    assert_eq!(
        office.again(&old.token, "wrong", at).unwrap_err(),
        StaffError::NotSignedIn
    );
    let new = office.again(&old.token, PASSWORD, at).unwrap();
    assert!(
        office.register.who(&old.token, at).is_err(),
        "the old token opens something"
    );
    let who = office.register.who(&new.token, at).unwrap();
    assert!(who.session.is_fresh(at));
    // The eight hours go on.
    assert_eq!((who.session.started, new.until), (NOW, old.until));
    assert_ne!(old.actor.session, new.actor.session);
    assert_eq!(office.count(StaffActKind::Proven), 1);

    let mut stale = proof("io1");
    let provider = office.by_provider(&stale).unwrap().token;
    let rng = &mut office.rng;
    let again = |proof: &ProviderProof, rng: &mut _| {
        office
            .register
            .prove_again_by_provider(&provider, proof, at, rng)
    };
    assert_eq!(again(&stale, rng).unwrap_err(), StaffError::NotFresh);
    stale.proven = None;
    assert_eq!(again(&stale, rng).unwrap_err(), StaffError::NotFresh);
    let mut other = proof("ad");
    other.proven = Some(at);
    assert_eq!(again(&other, rng).unwrap_err(), StaffError::OtherPerson);
    let mut fresh = proof("io1");
    fresh.proven = Some(at);
    let renewed = again(&fresh, rng).unwrap();
    assert!(
        office
            .register
            .who(&renewed.token, at)
            .unwrap()
            .session
            .is_fresh(at)
    );
}

#[test]
fn supervisors_see_whose_sign_in_is_paused() {
    let (mut office, admin) = Office::open();
    office.staff(&admin, "io1", &[IntelligenceOfficer]);
    office.staff(&admin, "su", &[StaffRole::Authoriser]);
    for _ in 0..9 {
        let _ = office.sign_in("io1", "wrong", None, NOW);
    }
    let supervisor = office.sign_in("su", PASSWORD, None, NOW).unwrap().actor;
    let paused = office.register.paused(&supervisor, NOW).unwrap();
    assert_eq!(paused.len(), 1);
    assert_eq!(
        (paused[0].person.clone(), paused[0].failures),
        (id("io1"), 5)
    );
    assert!(
        office
            .register
            .paused(&supervisor, later(MINUTE))
            .unwrap()
            .is_empty()
    );
    let officer = office
        .sign_in("io1", PASSWORD, None, later(MINUTE))
        .unwrap()
        .actor;
    assert!(office.register.paused(&officer, NOW).is_err());
}
