//! People who work there, people in the records, and possible matches worth exploring.

use std::collections::BTreeSet;

use sanctuary_policy::{ContactRole, StaffRole};
use sanctuary_review::AlertFacts;
use sanctuary_staff::{NewMember, Secret, SignIn};
use sanctuary_types::{
    AlertId, AlertKind, AlertState, Band, Evidence, EvidenceKind as Kind, IdentifierKind as Id,
    Outcome, PartyId, Pseudonym, Role, Roles, Strength, Timestamp,
};

use crate::{partnership::Agency, records::Person};

/// Good for everybody in this made-up partnership.
pub const PASSWORD: &str = "violet harbour lantern 42";
const HOUR_MS: u64 = 3_600_000;

const STAFF: [(&str, &str, StaffRole); 9] = [
    ("a100", "R. Whitfield", StaffRole::Analyst),
    ("a101", "J. Pell", StaffRole::Analyst),
    ("i200", "S. Quayle", StaffRole::IntelligenceOfficer),
    ("s300", "M. Adeyemi", StaffRole::Authoriser),
    ("r400", "L. Forster", StaffRole::Releaser),
    ("p500", "D. Kerr", StaffRole::SecondApprover),
    ("d600", "H. Bell", StaffRole::DataProtectionOfficer),
    ("m700", "C. Lowe", StaffRole::Administrator),
    ("m701", "T. Ames", StaffRole::Administrator),
];

/// Everybody of [`STAFF`], each with [`PASSWORD`].
pub fn staff(agency: &Agency) -> anyhow::Result<()> {
    let now = agency.clock.now();
    let mut codes = Vec::new();
    let by = sanctuary_disclosure::Actor {
        person: "m700".parse()?,
        account: "m700".to_owned(),
        session: "seed".to_owned(),
        roles: vec![StaffRole::Administrator],
    };
    for (person, name, role) in STAFF.iter().rev() {
        let new = NewMember {
            person: person.parse()?,
            name: (*name).to_owned(),
            email: None,
            roles: BTreeSet::from([*role]),
            functions: if *role == StaffRole::SecondApprover {
                BTreeSet::from([ContactRole::SafeguardingLead])
            } else {
                BTreeSet::new()
            },
        };
        let mut rng = agency.rng();
        let code = if codes.is_empty() {
            agency.staff.add_first(new, now, &mut *rng)?
        } else {
            agency.staff.add(&by, new, now, &mut *rng)?
        };
        codes.push((*person, code));
    }
    let password = Secret::new(PASSWORD.to_owned());
    for (person, code) in codes {
        let typed = SignIn {
            person,
            password: &code.0,
            code: None,
        };
        agency
            .staff
            .choose_password(&typed, &password, now, &mut *agency.rng())?;
    }
    Ok(())
}

const fn piece(kind: Kind, outcome: Outcome, strength: Strength) -> Evidence {
    Evidence {
        kind,
        outcome,
        strength,
    }
}

fn evidence(number: usize, band: Band) -> Vec<Evidence> {
    use Outcome::{Agreed, Differed, NotCompared, Partly};
    use Strength::{ALittle, AgainstALittle, Strong as ALot, VeryStrong};
    let mut all = vec![
        piece(Kind::Name, Agreed, ALot),
        piece(Kind::DateOfBirth, Agreed, VeryStrong),
        piece(
            Kind::Place,
            if number.is_multiple_of(2) {
                Agreed
            } else {
                Partly
            },
            ALittle,
        ),
    ];
    if band == Band::Strong {
        all.push(piece(Kind::Identifier(Id::Phone), Agreed, VeryStrong));
    }
    if number % 3 == 1 {
        all.push(piece(Kind::Sex, Differed, AgainstALittle));
    }
    if number % 4 == 2 {
        all.push(piece(Kind::ThirdRecord, Agreed, ALittle));
    }
    all.push(piece(Kind::Identifier(Id::Passport), NotCompared, ALittle));
    all
}

/// Records at the first two agencies and possible matches between them, told at different times.
pub fn matches(agencies: &mut [Agency], count: usize) {
    let names: Vec<PartyId> = agencies.iter().map(|a| a.own.clone()).collect();
    let now = agencies[0].clock.now();
    for (place, agency) in agencies.iter_mut().enumerate() {
        for number in 0..count {
            let (kind, band, child) = case(number);
            let own = Pseudonym([(number + 1) as u8; 16]);
            let role = |place: usize| match (kind, place) {
                (AlertKind::VictimIsSuspect, 0) => Role::Suspect,
                _ => Role::PotentialVictim,
            };
            let prefix = if place == 0 { "CS" } else { "HV" };
            agency
                .people
                .insert(own, Person::new(number, prefix, role(place), child));
            agency.alerts.push(AlertFacts {
                id: AlertId([(number + 1) as u8; 16]),
                version: 1,
                kind,
                band,
                hub: AlertState::Open,
                own,
                other: names[1 - place].clone(),
                own_roles: Roles::default().with(role(place)),
                other_roles: Roles::default().with(role(1 - place)),
                child,
                safeguarding_first: child,
                evidence: evidence(number, band),
                cluster_agencies: if number % 5 == 2 {
                    vec![
                        names[0].clone(),
                        names[1].clone(),
                        "council".parse().expect("an id"),
                    ]
                } else {
                    Vec::new()
                },
                raised: Timestamp(now.0 - (3 + number as u64 * 7) * HOUR_MS),
                may_release: false,
            });
        }
    }
    for agency in agencies {
        for facts in agency.alerts.clone() {
            let at = Timestamp(facts.raised.0 + HOUR_MS / 2);
            agency
                .review()
                .hear(vec![facts], at)
                .expect("the queue takes it");
        }
    }
}

/// Kind, strength and whether a child is concerned, in a mixture.
const fn case(number: usize) -> (AlertKind, Band, bool) {
    let band = if number.is_multiple_of(3) {
        Band::Strong
    } else {
        Band::Likely
    };
    match number % 9 {
        1 => (AlertKind::VictimIsSuspect, Band::Strong, false),
        4 => (AlertKind::SharedIdentifier, band, false),
        7 => (AlertKind::SamePerson, band, true),
        _ => (AlertKind::SamePerson, band, false),
    }
}
