//! An agency's register with one administrator.

use std::collections::BTreeSet;
use std::sync::Arc;

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use sanctuary_disclosure::{Actor, PersonId};
use sanctuary_policy::StaffRole;
use sanctuary_staff::{
    MemoryStaff, NewMember, Register, Secret, SignIn, SignedIn, StaffError, StartCode,
};
use sanctuary_types::Timestamp;

pub const NOW: Timestamp = Timestamp(1_795_478_400_000);
pub const MINUTE: u64 = 60_000;
pub const PASSWORD: &str = "copper lantern otter";

pub struct Office {
    pub register: Register<Arc<MemoryStaff>>,
    pub store: Arc<MemoryStaff>,
    pub rng: ChaCha20Rng,
}

pub fn later(ms: u64) -> Timestamp {
    Timestamp(NOW.0 + ms)
}
pub fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}
pub fn id(text: &str) -> PersonId {
    text.parse().unwrap()
}

impl Office {
    /// One administrator, `ad`, who has chosen a password and is signed in.
    pub fn open() -> (Self, Actor) {
        let store = Arc::new(MemoryStaff::default());
        let mut office = Self {
            register: Register::new(Arc::clone(&store), "police"),
            store,
            rng: ChaCha20Rng::from_seed([5; 32]),
        };
        let code = office
            .register
            .add_first(member("ad", &[]), NOW, &mut office.rng)
            .unwrap();
        office.choose("ad", &code.0, PASSWORD, NOW).unwrap();
        let actor = office.sign_in("ad", PASSWORD, None, NOW).unwrap().actor;
        (office, actor)
    }

    pub fn sign_in(
        &mut self,
        person: &str,
        password: &str,
        code: Option<&str>,
        now: Timestamp,
    ) -> Result<SignedIn, StaffError> {
        let (password, code) = (secret(password), code.map(secret));
        let typed = SignIn {
            person,
            password: &password,
            code: code.as_ref(),
        };
        self.register
            .sign_in(&typed, "command line", now, &mut self.rng)
    }

    pub fn choose(
        &mut self,
        person: &str,
        old: &Secret,
        new: &str,
        now: Timestamp,
    ) -> Result<(), StaffError> {
        let typed = SignIn {
            person,
            password: old,
            code: None,
        };
        self.register
            .choose_password(&typed, &secret(new), now, &mut self.rng)
    }

    pub fn add(
        &mut self,
        by: &Actor,
        person: &str,
        roles: &[StaffRole],
    ) -> Result<StartCode, StaffError> {
        self.register
            .add(by, member(person, roles), NOW, &mut self.rng)
    }

    /// A person with a password.
    pub fn staff(&mut self, by: &Actor, person: &str, roles: &[StaffRole]) {
        let code = self.add(by, person, roles).unwrap();
        self.choose(person, &code.0, PASSWORD, NOW).unwrap();
    }
}

pub fn member(person: &str, roles: &[StaffRole]) -> NewMember {
    NewMember {
        person: id(person),
        name: format!("Person {person}"),
        email: None,
        roles: roles.iter().copied().collect(),
        functions: BTreeSet::new(),
    }
}
