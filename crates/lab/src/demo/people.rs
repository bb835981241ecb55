//! The people of the demo's agencies: each with a staff number, a password of their own choosing and one
//! role, signed in at their own node.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use sanctuary_node::{CaseRequest, Node};
use sanctuary_policy::StaffRole;
use sanctuary_rpc::now;
use sanctuary_staff::{NewMember, Secret, SessionToken, SignIn, StartCode};
use serde_json::Value;

use super::agency::Agency;

/// What everybody in the demo chose. Nobody real is behind it.
pub const PASSWORD: &str = "copper lantern otter ninety";

/// Staff number, name and role; the same desks at each agency.
pub const PEOPLE: [(&str, &str, StaffRole); 7] = [
    ("an1006", "Anna Lindqvist", StaffRole::Analyst),
    ("io1001", "Ines Okoye", StaffRole::IntelligenceOfficer),
    ("au1002", "Alun Underhill", StaffRole::Authoriser),
    ("re1003", "Rosa Eastwood", StaffRole::Releaser),
    ("sa1004", "Sam Achterberg", StaffRole::SecondApprover),
    ("dp1005", "Dipa Parmar", StaffRole::DataProtectionOfficer),
    (ADMINISTRATOR.0, ADMINISTRATOR.1, StaffRole::Administrator),
];
const ADMINISTRATOR: (&str, &str) = ("ad1000", "Ada Dunn");

/// An agency whose people are signed in.
pub(super) struct Office {
    pub(super) name: String,
    node: Node,
    sessions: BTreeMap<StaffRole, SessionToken>,
}

impl Office {
    /// Adds the people, lets them choose their passwords and signs them in.
    pub(super) async fn open(agency: &Agency) -> anyhow::Result<Self> {
        let node = agency.node().clone();
        let at = node.clone();
        let sessions = tokio::task::spawn_blocking(move || sign_in(&at)).await??;
        Ok(Self {
            name: agency.name().to_owned(),
            node,
            sessions,
        })
    }

    pub(super) fn node(&self) -> &Node {
        &self.node
    }

    /// Asks the node as the person who has this role.
    pub(super) async fn ask(&self, role: StaffRole, request: Value) -> anyhow::Result<Value> {
        let node = self.node.clone();
        let session = self.sessions.get(&role).context("signed in")?.clone();
        let request: CaseRequest = serde_json::from_value(request)?;
        let asked = tokio::task::spawn_blocking(move || {
            let by = node.staff().actor_of(&session, now())?;
            anyhow::Ok(node.case_request(&by, &request)?)
        });
        asked
            .await?
            .with_context(|| format!("the {role} at {}", self.name))
    }
}

fn sign_in(node: &Node) -> anyhow::Result<BTreeMap<StaffRole, SessionToken>> {
    let mut rng = rand::rng();
    let (staff, (number, name)) = (node.staff(), ADMINISTRATOR);
    let first = staff.add_first(member(number, name, [])?, now(), &mut rng)?;
    let administrator = enter(node, number, &first)?;
    let by = staff.actor_of(&administrator, now())?;
    let mut sessions = BTreeMap::new();
    let others = PEOPLE
        .iter()
        .filter(|(number, ..)| *number != ADMINISTRATOR.0);
    for (number, name, role) in others.copied() {
        let start = staff.add(&by, member(number, name, [role])?, now(), &mut rng)?;
        sessions.insert(role, enter(node, number, &start)?);
    }
    Ok(sessions)
}

fn member(
    number: &str,
    name: &str,
    roles: impl IntoIterator<Item = StaffRole>,
) -> anyhow::Result<NewMember> {
    Ok(NewMember {
        person: number.parse()?,
        name: name.to_owned(),
        email: None,
        roles: roles.into_iter().collect(),
        functions: BTreeSet::new(),
    })
}

/// With the start code a password is chosen, and with the password one signs in.
fn enter(node: &Node, person: &str, start: &StartCode) -> anyhow::Result<SessionToken> {
    let (staff, mut rng) = (node.staff(), rand::rng());
    let chosen = Secret::new(PASSWORD.to_owned());
    let typed = |password| SignIn {
        person,
        password,
        code: None,
    };
    staff.choose_password(&typed(&start.0), &chosen, now(), &mut rng)?;
    Ok(staff
        .sign_in(&typed(&chosen), "the demo", now(), &mut rng)?
        .token)
}
