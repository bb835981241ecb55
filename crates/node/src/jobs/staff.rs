use std::collections::BTreeSet;

use sanctuary_disclosure::{IdentifierPrint, PersonId};
use sanctuary_policy::{ContactRole, StaffRole};
use sanctuary_rpc::now;
use sanctuary_staff::{NewMember, Secret, SessionToken, SignIn, StaffError};
use sanctuary_types::IdentifierKind;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Node;

/// What a command asks of the staff register. Job files are sealed, so passwords may lie in them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum StaffJob {
    /// Sign a person in.
    SignIn {
        /// Staff number as typed.
        person: String,
        /// Password as typed.
        password: Secret,
        /// Code of the authenticator.
        code: Option<Secret>,
        /// From where, for the list of sessions.
        from: String,
    },
    /// Choose a password with a start code, or with the old one.
    ChoosePassword {
        /// Staff number as typed.
        person: String,
        /// Start code or old password.
        password: Secret,
        /// Code of the authenticator.
        code: Option<Secret>,
        /// The new password.
        new: Secret,
    },
    /// Add the first administrator of an empty register.
    AddFirst {
        /// Who.
        new: NewMember,
    },
    /// An act of a person who is signed in.
    As {
        /// Their session.
        session: SessionToken,
        /// What.
        act: StaffActJob,
    },
}

/// An act on the register by somebody who is signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum StaffActJob {
    /// End this session.
    SignOut,
    /// Who am I?
    Whoami,
    /// Add a person.
    Add {
        /// Who.
        new: NewMember,
    },
    /// Everybody.
    List,
    /// Set what a person may be.
    Roles {
        /// Who.
        person: PersonId,
        /// What they may be.
        roles: BTreeSet<StaffRole>,
        /// Functions in which partners phone them.
        functions: BTreeSet<ContactRole>,
    },
    /// A person has left.
    Leave {
        /// Who.
        person: PersonId,
    },
    /// A person has lost their password or authenticator.
    Reset {
        /// Who.
        person: PersonId,
    },
    /// Begin to set up one-time codes.
    BeginCode,
    /// Confirm them.
    ConfirmCode {
        /// The code shown now.
        code: Secret,
    },
    /// Declare own identifiers and those of associates, for the reach guard.
    Declare {
        /// Kind and value, as typed.
        identifiers: Vec<(String, Secret)>,
    },
    /// Live sessions.
    Sessions,
    /// End one.
    Revoke {
        /// Its name in the list.
        id: String,
    },
}

/// Does the job; the value is what the command prints.
pub(super) fn perform(node: &Node, job: &StaffJob) -> Result<Value, StaffError> {
    let (staff, now, mut rng) = (node.staff(), now(), rand::rng());
    match job {
        StaffJob::SignIn {
            person,
            password,
            code,
            from,
        } => {
            let typed = SignIn {
                person,
                password,
                code: code.as_ref(),
            };
            let signed_in = staff.sign_in(&typed, from, now, &mut rng)?;
            Ok(json!({
                "session": signed_in.token,
                "name": signed_in.name,
                "roles": signed_in.actor.roles,
                "until_ms": signed_in.until.0,
            }))
        }
        StaffJob::ChoosePassword {
            person,
            password,
            code,
            new,
        } => {
            let typed = SignIn {
                person,
                password,
                code: code.as_ref(),
            };
            staff.choose_password(&typed, new, now, &mut rng)?;
            Ok(Value::Null)
        }
        StaffJob::AddFirst { new } => {
            let code = staff.add_first(new.clone(), now, &mut rng)?;
            Ok(json!({ "start_code": code.0 }))
        }
        StaffJob::As { session, act } => perform_as(node, session, act),
    }
}

fn perform_as(node: &Node, session: &SessionToken, act: &StaffActJob) -> Result<Value, StaffError> {
    let (staff, now, mut rng) = (node.staff(), now(), rand::rng());
    let by = staff.actor_of(session, now)?;
    match act {
        StaffActJob::SignOut => staff.sign_out(session, now)?,
        StaffActJob::Whoami => {
            let name = staff.name_of(&by.person)?;
            return Ok(json!({ "person": by.person, "name": name, "roles": by.roles }));
        }
        StaffActJob::Add { new } => {
            let code = staff.add(&by, new.clone(), now, &mut rng)?;
            return Ok(json!({ "start_code": code.0 }));
        }
        StaffActJob::List => return Ok(json!(staff.people(&by)?)),
        StaffActJob::Roles {
            person,
            roles,
            functions,
        } => staff.set_roles(&by, person, roles.clone(), functions.clone(), now)?,
        StaffActJob::Leave { person } => staff.leave(&by, person, now)?,
        StaffActJob::Reset { person } => {
            let code = staff.reset(&by, person, now, &mut rng)?;
            return Ok(json!({ "start_code": code.0 }));
        }
        StaffActJob::BeginCode => return Ok(json!(staff.begin_code(&by, now, &mut rng)?)),
        StaffActJob::ConfirmCode { code } => staff.confirm_code(&by, code, now)?,
        StaffActJob::Declare { identifiers } => {
            staff.declare(&by, prints(node, identifiers)?, now)?;
        }
        StaffActJob::Sessions => return Ok(json!(staff.sessions(&by, Some(session), now)?)),
        StaffActJob::Revoke { id } => staff.revoke(&by, id, now)?,
    }
    Ok(Value::Null)
}

/// Prints of what somebody declares; the values are not kept.
fn prints(
    node: &Node,
    identifiers: &[(String, Secret)],
) -> Result<BTreeSet<IdentifierPrint>, StaffError> {
    let mut prints = BTreeSet::new();
    for (label, value) in identifiers {
        let kind = IdentifierKind::ALL.iter().find(|k| k.label() == label);
        let found = kind.map(|kind| node.identifier_prints(*kind, value.expose()));
        let found = found.filter(|found| !found.is_empty());
        prints.extend(found.ok_or(StaffError::Limit(
            "each line needs a kind and a valid value, such as: phone 0191 498 0000; see --help for the kinds",
        ))?);
    }
    Ok(prints)
}

/// Whether the command was given something it cannot use, rather than refused.
pub(super) fn is_bad_input(error: &StaffError) -> bool {
    matches!(
        error,
        StaffError::WeakPassword(_)
            | StaffError::SamePassword
            | StaffError::Limit(_)
            | StaffError::AdministratorAlone
            | StaffError::NoSuchPerson
            | StaffError::AlreadyThere
    )
}
