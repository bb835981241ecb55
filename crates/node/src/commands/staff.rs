use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use sanctuary_disclosure::PersonId;
use sanctuary_policy::{ContactRole, StaffRole};
use sanctuary_staff::{
    CodeSetup, MemberView, NewMember, Secret, SessionToken, SessionView, Standing,
};
use sanctuary_types::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    Failure,
    output::{moment, print, table, write_json},
    session::{SessionFile, ask_code, ask_secret, read_text},
};
use crate::{
    Config,
    jobs::{Access, Answered, Job, StaffActJob, StaffJob},
};

/// 200 identifiers at their longest are a fraction of it.
const DECLARED_BYTES_MAX: u64 = 64 * 1024;

/// Signing in.
#[derive(Args, Clone, Debug)]
pub struct SignInArgs {
    /// Your staff number
    #[arg(long = "as", value_name = "PERSON")]
    person: String,
    #[command(flatten)]
    session: SessionFile,
}

/// Work on the staff register.
#[derive(Subcommand, Clone, Debug)]
pub enum StaffCommand {
    /// Add a person; prints the start code with which they choose their password
    #[command(
        after_help = "Examples:\n  sanctuary-node staff add ad1 --name \"Ada Dunn\" --first --config node.toml\n  sanctuary-node staff add jd1042 --name \"Jane Doe\" --role intelligence_officer --config node.toml\n\nRoles: analyst, intelligence_officer, authoriser, releaser, second_approver, data_protection_officer,\nadministrator. Functions: single_point_of_contact, case_worker, safeguarding_lead, intelligence_manager,\nout_of_hours."
    )]
    Add {
        /// Staff number: one for a person, whatever accounts they have
        person: PersonId,
        /// Name for colleagues
        #[arg(long)]
        name: String,
        /// E-mail address
        #[arg(long)]
        email: Option<String>,
        /// What they may be
        #[arg(long = "role", value_delimiter = ',', value_name = "ROLES")]
        roles: Vec<StaffRole>,
        /// Functions in which partners phone them
        #[arg(long = "function", value_delimiter = ',', value_name = "FUNCTIONS")]
        functions: Vec<ContactRole>,
        /// The first person of an empty register, who becomes administrator; needs no sign-in
        #[arg(long, conflicts_with = "roles")]
        first: bool,
        /// Whose session.
        #[command(flatten)]
        session: SessionFile,
    },
    /// Everybody, with roles
    #[command(after_help = "Example:\n  sanctuary-node staff list --config node.toml")]
    List {
        /// Whose session.
        #[command(flatten)]
        session: SessionFile,
        /// Write JSON to a file, or to standard output when none is named
        #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
        json: Option<std::path::PathBuf>,
    },
    /// Set what a person may be; replaces what they were before and ends their sessions
    #[command(
        after_help = "Example:\n  sanctuary-node staff role jd1042 --role releaser,analyst --config node.toml"
    )]
    Role {
        /// Staff number
        person: PersonId,
        /// What they may be; none = nothing
        #[arg(long = "role", value_delimiter = ',', value_name = "ROLES")]
        roles: Vec<StaffRole>,
        /// Functions in which partners phone them
        #[arg(long = "function", value_delimiter = ',', value_name = "FUNCTIONS")]
        functions: Vec<ContactRole>,
        /// Whose session.
        #[command(flatten)]
        session: SessionFile,
    },
    /// A person has left: their sessions end, they never sign in again
    #[command(after_help = "Example:\n  sanctuary-node staff leave jd1042 --config node.toml")]
    Leave {
        /// Staff number
        person: PersonId,
        /// Whose session.
        #[command(flatten)]
        session: SessionFile,
    },
    /// A person has lost their password or telephone, or comes back: gives a new start code
    #[command(after_help = "Example:\n  sanctuary-node staff reset jd1042 --config node.toml")]
    Reset {
        /// Staff number
        person: PersonId,
        /// Whose session.
        #[command(flatten)]
        session: SessionFile,
    },
    /// Choose your password, with the start code or with the old one
    #[command(
        after_help = "Example:\n  sanctuary-node staff password --as jd1042 --config node.toml\n\nFrom a script the lines of standard input are: start code or old password, code or an empty line, new password."
    )]
    Password {
        /// Your staff number
        #[arg(long = "as", value_name = "PERSON")]
        person: String,
    },
    /// Set up one-time codes with an authenticator on your telephone
    #[command(after_help = "Example:\n  sanctuary-node staff code --config node.toml")]
    Code {
        /// Whose session.
        #[command(flatten)]
        session: SessionFile,
    },
    /// Declare your own identifiers and those of relatives and associates, read from standard input or a
    /// file: only prints are kept. Without it nobody can say that an alleged perpetrator is out of reach
    #[command(
        after_help = "Example:\n  sanctuary-node staff declare --config node.toml\n\nOne a line, the kind first; it replaces what you declared before:\n  phone 0191 498 0000\n  email jane@doe.example\n  vehicle AB12 CDE\n\nKinds: phone, email, vehicle, bank_account, passport, national_insurance, nhs_number, national_id,\nonline_handle, imei."
    )]
    Declare {
        /// The list
        #[arg(long = "text", value_name = "FILE", default_value = "-")]
        list: std::path::PathBuf,
        /// Whose session.
        #[command(flatten)]
        session: SessionFile,
    },
    /// Your live sessions, or everybody's for an administrator; or end one
    #[command(
        after_help = "Examples:\n  sanctuary-node staff sessions --config node.toml\n  sanctuary-node staff sessions --revoke 5f0c9a7d11e20b43 --config node.toml"
    )]
    Sessions {
        /// End this one
        #[arg(long, value_name = "SESSION")]
        revoke: Option<String>,
        /// Whose session.
        #[command(flatten)]
        session: SessionFile,
    },
}

/// Signs a person in and keeps the session in a file of theirs.
///
/// # Errors
/// [`Failure`].
pub async fn sign_in(config: &Config, args: &SignInArgs) -> Result<(), Failure> {
    #[derive(serde::Deserialize)]
    struct SignedIn {
        session: SessionToken,
        name: String,
        roles: Vec<StaffRole>,
        until_ms: u64,
    }
    let job = StaffJob::SignIn {
        person: args.person.clone(),
        password: ask_secret("Password")?,
        code: ask_code()?,
        from: "command line".to_owned(),
    };
    let signed_in: SignedIn = ask(config, job).await?;
    let path = args.session.write(config, &signed_in.session)?;
    let roles: Vec<&str> = signed_in.roles.iter().map(|r| r.text()).collect();
    Ok(print(&format!(
        "signed in: {} ({}); until {}, or 15 minutes without use; session in {}\n",
        signed_in.name,
        roles.join(", "),
        moment(Timestamp(signed_in.until_ms)),
        path.display()
    ))?)
}

/// Ends the session of the file.
///
/// # Errors
/// [`Failure`].
pub async fn sign_out(config: &Config, session: &SessionFile) -> Result<(), Failure> {
    let ended = ask_as::<Value>(config, session, StaffActJob::SignOut).await;
    session.remove(config)?;
    ended?;
    Ok(print("signed out\n")?)
}

/// Does what a `staff` command asks.
///
/// # Errors
/// [`Failure`].
pub async fn staff(config: &Config, command: StaffCommand) -> Result<(), Failure> {
    match command {
        StaffCommand::Add {
            person,
            name,
            email,
            roles,
            functions,
            first,
            session,
        } => {
            let new = NewMember {
                person,
                name,
                email,
                roles: set(roles),
                functions: set(functions),
            };
            let given: Value = if first {
                ask(config, StaffJob::AddFirst { new }).await?
            } else {
                ask_as(config, &session, StaffActJob::Add { new }).await?
            };
            hand_over(&given)
        }
        StaffCommand::List { session, json } => {
            let people: Vec<MemberView> = ask_as(config, &session, StaffActJob::List).await?;
            if write_json(&json, &people)? {
                return Ok(());
            }
            Ok(print(&people_table(&people))?)
        }
        StaffCommand::Role {
            person,
            roles,
            functions,
            session,
        } => {
            let (roles, functions) = (set(roles), set(functions));
            let act = StaffActJob::Roles {
                person,
                roles,
                functions,
            };
            ask_as::<Value>(config, &session, act).await?;
            Ok(print("roles are set; their sessions have ended\n")?)
        }
        StaffCommand::Leave { person, session } => {
            ask_as::<Value>(config, &session, StaffActJob::Leave { person }).await?;
            Ok(print("they have left; their sessions have ended\n")?)
        }
        StaffCommand::Reset { person, session } => {
            let given = ask_as(config, &session, StaffActJob::Reset { person }).await?;
            hand_over(&given)
        }
        StaffCommand::Password { person } => {
            let job = StaffJob::ChoosePassword {
                person,
                password: ask_secret("Start code, or the old password")?,
                code: ask_code()?,
                new: ask_secret("New password (12 characters or more; three or four words)")?,
            };
            ask::<Value>(config, job).await?;
            Ok(print(
                "the new password counts from now on; sign in with it\n",
            )?)
        }
        StaffCommand::Code { session } => set_up_code(config, &session).await,
        StaffCommand::Declare { list, session } => {
            let identifiers = declared(&read_text(&list, DECLARED_BYTES_MAX)?);
            let count = identifiers.len();
            ask_as::<Value>(config, &session, StaffActJob::Declare { identifiers }).await?;
            Ok(print(&format!(
                "{count} identifiers are declared, as prints that nobody can read back\n"
            ))?)
        }
        StaffCommand::Sessions { revoke, session } => match revoke {
            Some(id) => {
                ask_as::<Value>(config, &session, StaffActJob::Revoke { id }).await?;
                Ok(print("the session has ended\n")?)
            }
            None => {
                let live = ask_as(config, &session, StaffActJob::Sessions).await?;
                Ok(print(&sessions_table(live))?)
            }
        },
    }
}

/// Kind and value of each line.
fn declared(text: &str) -> Vec<(String, Secret)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (kind, value) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            (kind.to_owned(), Secret::new(value.trim().to_owned()))
        })
        .collect()
}

async fn set_up_code(config: &Config, session: &SessionFile) -> Result<(), Failure> {
    let setup: CodeSetup = ask_as(config, session, StaffActJob::BeginCode).await?;
    print(&format!(
        "In your authenticator add an account with this secret, or make a QR code of the address:\n  {}\n  {}\n",
        setup.secret, setup.address
    ))?;
    let code = ask_secret("The code that it shows now")?;
    ask_as::<Value>(config, session, StaffActJob::ConfirmCode { code }).await?;
    Ok(print("from now on signing in needs a code as well\n")?)
}

/// Asks the register, here or through the daemon.
async fn ask<T: DeserializeOwned + Send + 'static>(
    config: &Config,
    job: StaffJob,
) -> Result<T, Failure> {
    let mut access = Access::of(config).await?;
    match access.perform(config, &Job::Staff(job), |_| {}).await? {
        Answered::Done(value) => Ok(value),
        Answered::BadInput(problem) => Err(Failure::BadInput(problem)),
    }
}

async fn ask_as<T: DeserializeOwned + Send + 'static>(
    config: &Config,
    session: &SessionFile,
    act: StaffActJob,
) -> Result<T, Failure> {
    let session = session.read(config)?;
    ask(config, StaffJob::As { session, act }).await
}

fn hand_over(given: &Value) -> Result<(), Failure> {
    let code = given.get("start_code").and_then(Value::as_str);
    Ok(print(&format!(
        "start code: {}\nHand it over in person or read it out; it holds for three days, once. They choose a password with:\n  sanctuary-node staff password --as PERSON --config node.toml\n",
        code.unwrap_or("")
    ))?)
}

fn people_table(people: &[MemberView]) -> String {
    let rows: Vec<Vec<String>> = people
        .iter()
        .map(|p| {
            let roles: Vec<&str> = p.roles.iter().map(|r| r.word()).collect();
            let functions: Vec<&str> = p.functions.iter().map(|f| f.word()).collect();
            vec![
                p.person.as_str().to_owned(),
                p.name.clone(),
                roles.join(", "),
                functions.join(", "),
                match (p.standing, p.has_password, p.has_code) {
                    (Standing::Left, ..) => "left",
                    (_, false, _) => "has not chosen a password",
                    (_, true, true) => "password and code",
                    (_, true, false) => "password",
                }
                .to_owned(),
            ]
        })
        .collect();
    table(&["person", "name", "roles", "functions", "sign-in"], &rows)
}

fn sessions_table(live: Vec<SessionView>) -> String {
    let rows: Vec<Vec<String>> = live
        .into_iter()
        .map(|s| {
            vec![
                s.id,
                s.person.as_str().to_owned(),
                s.from,
                moment(s.started),
                moment(s.last_used),
                if s.is_this { "this one" } else { "" }.to_owned(),
            ]
        })
        .collect();
    table(
        &["session", "person", "from", "since", "last used", ""],
        &rows,
    )
}

fn set<T: Ord>(list: Vec<T>) -> BTreeSet<T> {
    list.into_iter().collect()
}
