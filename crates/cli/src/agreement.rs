use std::path::{Path, PathBuf};

use clap::Subcommand;
use sanctuary_policy::{Agreement, Agreements, PolicyError, SignedAgreement};
use sanctuary_rpc::{connect, endpoint_of, now};
use sanctuary_trust::files::{Layout, load_anchors, load_signing_key, read_limited, write_public};
use sanctuary_types::PartyId;
use sanctuary_wire::directory::{
    AgreementRequest, PutAgreementRequest, directory_client::DirectoryClient,
};
use serde_json::{Value, json};

use crate::{
    Failure, block_on,
    output::{Output, table},
    whoami::{Whoami, load_trusted},
};

/// Bytes of an agreement file.
const FILE_BYTES_MAX: u64 = 512 * 1024;
/// Versions asked of the hub before we stop believing it.
const VERSIONS_MAX: usize = 256;
const SIGNATURES: &str = "\n[[signature]]";

#[derive(Subcommand)]
pub(crate) enum AgreementCommand {
    /// Check an agreement file: its rules, its parties, and who has signed it
    #[command(
        after_help = "Example:\n  sanctuary agreement check agreement.toml --dir pilot\n\nWithout --dir only the text is checked, not the parties and signatures."
    )]
    Check {
        /// The agreement (TOML)
        file: PathBuf,
        /// Directory of the partnership
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Add officers' signatures to an agreement file
    #[command(
        after_help = "Example:\n  sanctuary agreement sign agreement.toml --dir pilot --as officer-1,officer-2\n\nA change of any word afterwards needs new signatures; spaces and comments may change."
    )]
    Sign {
        /// The agreement (TOML); the signatures are added at its end
        file: PathBuf,
        /// Directory of the partnership
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The officers who sign; their keys must be in DIR
        #[arg(
            long = "as",
            value_name = "OFFICERS",
            value_delimiter = ',',
            required = true
        )]
        officers: Vec<PartyId>,
    },
    /// Hand a signed agreement to the hub, which hands it to every node
    #[command(
        after_help = "Example:\n  sanctuary agreement put agreement.toml --dir pilot --as officer-1"
    )]
    Put {
        /// The signed agreement (TOML)
        file: PathBuf,
        #[command(flatten)]
        whoami: Whoami,
    },
    /// Show the agreement that the hub holds, after checking its signatures
    #[command(after_help = "Example:\n  sanctuary agreement show --dir pilot --as police")]
    Show {
        #[command(flatten)]
        whoami: Whoami,
    },
}

pub(crate) fn run(command: AgreementCommand, output: &Output) -> Result<(), Failure> {
    match command {
        AgreementCommand::Check { file, dir } => check(&file, dir, output),
        AgreementCommand::Sign {
            file,
            dir,
            officers,
        } => sign(&file, &Layout(dir), &officers, output),
        AgreementCommand::Put { file, whoami } => put(&file, &whoami, output),
        AgreementCommand::Show { whoami } => show(&whoami, output),
    }
}

fn check(file: &Path, dir: Option<PathBuf>, output: &Output) -> Result<(), Failure> {
    let signed = parse(&read(file)?)?;
    let agreement = signed.proposal();
    let mut lines = describe(agreement);
    let mut standing = "not looked at";
    if let Some(dir) = dir {
        let (anchors, roster) = load_trusted(&Layout(dir))?;
        agreement.check_roster(&roster)?;
        standing = match signed.verify(&anchors, 0) {
            Ok(_) => "enough officers have signed",
            Err(_) if signed.signatures().is_empty() => "nobody has signed yet",
            Err(error) => return Err(error.into()),
        };
    }
    lines.push(format!("signatures  {standing}"));
    output.result(&lines.join("\n"), &summary(agreement, standing))
}

fn sign(
    file: &Path,
    layout: &Layout,
    officers: &[PartyId],
    output: &Output,
) -> Result<(), Failure> {
    let text = read(file)?;
    let mut signed = parse(&text)?;
    let (anchors, roster) = load_trusted(layout)?;
    signed.proposal().check_roster(&roster)?;
    for officer in officers {
        let key = load_signing_key(&layout.party(officer.as_str()).join("signing.key"))?;
        signed.sign(&anchors, &key)?;
    }
    write_public(file, with_signatures(&text, &signed)?.as_bytes())?;
    let have = signed.signatures().len();
    let need = usize::from(anchors.k).saturating_sub(have);
    let text = if need == 0 {
        signed.verify(&anchors, 0)?;
        format!(
            "{}: signed by {have} officers; now run: sanctuary agreement put",
            file.display()
        )
    } else {
        format!(
            "{}: {need} more officers must sign; each runs: sanctuary agreement sign",
            file.display()
        )
    };
    output.result(
        &text,
        &json!({"version": signed.proposal().version, "signatures": have, "missing": need}),
    )
}

fn put(file: &Path, whoami: &Whoami, output: &Output) -> Result<(), Failure> {
    let text = read(file)?;
    let anchors = load_anchors(&Layout(whoami.dir.clone()).anchors())?;
    let agreement = parse(&text)?.verify(&anchors, 0)?;
    let version = block_on(async {
        let (mut client, hub) = directory(whoami).await?;
        let reply = client
            .put_agreement(PutAgreementRequest {
                signed: text.into_bytes().into(),
            })
            .await
            .map_err(|status| Failure::refused(&hub, &status))?;
        Ok(reply.into_inner().version)
    })?;
    output.result(
        &format!(
            "version {version} is at the hub; nodes take it up by themselves and hold it from {}",
            agreement.in_force.long()
        ),
        &json!({"version": version, "in_force": agreement.in_force.to_string()}),
    )
}

fn show(whoami: &Whoami, output: &Output) -> Result<(), Failure> {
    let anchors = load_anchors(&Layout(whoami.dir.clone()).anchors())?;
    let texts = block_on(fetch(whoami))?;
    let mut known = Agreements::default();
    for text in &texts {
        known.learn(&parse(text)?, &anchors)?;
    }
    let Some(agreement) = known.current(now()) else {
        return output.result(
            "The hub holds no agreement yet: nothing may be asked or released.",
            &Value::Null,
        );
    };
    let standing = match agreement.check_in_force(now()) {
        Ok(()) if agreement.is_review_overdue(now()) => {
            "in force; its review is overdue".to_owned()
        }
        Ok(()) => "in force".to_owned(),
        Err(denial) => denial.to_string(),
    };
    let mut lines = describe(agreement);
    lines.push(format!("standing    {standing}"));
    output.result(&lines.join("\n"), &summary(agreement, &standing))
}

async fn fetch(whoami: &Whoami) -> Result<Vec<String>, Failure> {
    let (mut client, hub) = directory(whoami).await?;
    let (mut texts, mut after_version) = (Vec::new(), 0);
    while texts.len() < VERSIONS_MAX {
        let reply = client
            .agreement(AgreementRequest { after_version })
            .await
            .map_err(|status| Failure::refused(&hub, &status))?
            .into_inner();
        let Some(last) = reply.signed.last() else {
            break;
        };
        let newest = parse(&String::from_utf8_lossy(last))?.proposal().version;
        if newest <= after_version {
            return Err(Failure::failed(
                "the hub gives agreements out of order; report this to the officers",
            ));
        }
        after_version = newest;
        texts.extend(
            reply
                .signed
                .iter()
                .map(|signed| String::from_utf8_lossy(signed).into_owned()),
        );
    }
    Ok(texts)
}

async fn directory(
    whoami: &Whoami,
) -> Result<(DirectoryClient<tonic::transport::Channel>, PartyId), Failure> {
    let caller = whoami.load()?;
    let hub = caller
        .roster
        .current()
        .parties()
        .iter()
        .find(|p| p.kind == sanctuary_trust::PartyKind::Hub)
        .map(|p| p.id.clone())
        .ok_or_else(|| Failure::failed("the roster names no hub; get the newest roster.json"))?;
    let endpoint = endpoint_of(&caller.roster, &hub)?;
    let channel = connect(&endpoint, &hub, &caller.identity, &caller.roster).await?;
    Ok((DirectoryClient::new(channel), hub))
}

fn read(file: &Path) -> Result<String, Failure> {
    let bytes = read_limited(file, FILE_BYTES_MAX)?;
    String::from_utf8(bytes)
        .map_err(|_| Failure::usage(format!("{} is not a text file in UTF-8", file.display())))
}

fn parse(text: &str) -> Result<SignedAgreement, Failure> {
    Ok(SignedAgreement::from_toml(text)?)
}

/// The text as it was written, comments and all, with the signatures of now at its end.
fn with_signatures(text: &str, signed: &SignedAgreement) -> Result<String, Failure> {
    let before = text.find(SIGNATURES).map_or(text, |at| &text[..at]);
    let whole = signed.to_toml()?;
    let after = whole.find(SIGNATURES).map_or("", |at| &whole[at..]);
    let written = format!("{}\n{after}", before.trim_end());
    if parse(&written)? == *signed {
        Ok(written)
    } else {
        // Signatures stood somewhere else than at the end.
        Ok(whole)
    }
}

fn describe(a: &Agreement) -> Vec<String> {
    let rules: Vec<Vec<String>> = a
        .rules
        .iter()
        .map(|rule| {
            let ids = |list: &[PartyId]| {
                let ids: Vec<&str> = list.iter().map(PartyId::as_str).collect();
                ids.join(", ")
            };
            vec![
                rule.title.clone(),
                rule.purpose.word().to_owned(),
                ids(&rule.askers),
                ids(&rule.owners),
                rule.fields.len().to_string(),
            ]
        })
        .collect();
    let parties: Vec<&str> = a.members.iter().map(|m| m.id.as_str()).collect();
    vec![
        a.title.clone(),
        format!("agreement   {} version {}", a.id, a.version),
        format!("sha-256     {}", hex::encode(a.sha256())),
        format!("in force    {} to {}", a.in_force.long(), a.expires.long()),
        format!("review by   {}", a.review.long()),
        format!("parties     {}", parties.join(", ")),
        table(
            &["rule", "purpose", "who asks", "who is asked", "details"],
            &rules,
        ),
    ]
}

fn summary(a: &Agreement, standing: &str) -> Value {
    json!({
        "id": a.id,
        "version": a.version,
        "sha256": hex::encode(a.sha256()),
        "in_force": a.in_force.to_string(),
        "review": a.review.to_string(),
        "expires": a.expires.to_string(),
        "parties": a.members.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(),
        "rules": a.rules.len(),
        "standing": standing,
    })
}

impl From<PolicyError> for Failure {
    fn from(error: PolicyError) -> Self {
        match error {
            PolicyError::Trust(_) => Self::failed(error.to_string()),
            _ => Self::usage(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanctuary_trust::{Partnership, Plan};

    const EXAMPLE: &str = include_str!("../../../deploy/agreement/example.toml");

    fn pilot() -> (tempfile::TempDir, Layout) {
        let plan = Plan::new(
            "hub",
            &["alder", "birch", "cedar"],
            &["police", "council", "safeguarding", "charity"],
        )
        .unwrap();
        let made = Partnership::generate(&plan, now(), &mut rand::rng()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let layout = made.write_to_dir(dir.path()).unwrap();
        (dir, layout)
    }

    #[test]
    fn signatures_are_added_one_by_one_and_comments_stay() {
        let (dir, layout) = pilot();
        let file = dir.path().join("agreement.toml");
        std::fs::write(&file, EXAMPLE).unwrap();
        let quiet = Output::new(Some(dir.path().join("out.json")));
        let out = || -> Value {
            let text = std::fs::read_to_string(dir.path().join("out.json")).unwrap();
            serde_json::from_str(&text).unwrap()
        };
        let anchors = load_anchors(&layout.anchors()).unwrap();
        for (n, officer) in (1..=anchors.k).map(|n| (n, format!("officer-{n}"))) {
            sign(&file, &layout, &[officer.parse().unwrap()], &quiet).unwrap();
            assert_eq!(out()["signatures"], n);
        }
        assert_eq!(out()["missing"], 0);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("# A sharing agreement as code."));
        check(&file, Some(layout.0.clone()), &quiet).unwrap();
        assert_eq!(out()["standing"], "enough officers have signed");
        // A changed word needs new signatures; a changed comment does not.
        std::fs::write(&file, text.replace("# A sharing", "# Our sharing")).unwrap();
        check(&file, Some(layout.0.clone()), &quiet).unwrap();
        std::fs::write(
            &file,
            text.replace("release_days = 180", "release_days = 181"),
        )
        .unwrap();
        assert_eq!(
            check(&file, Some(layout.0.clone()), &quiet)
                .unwrap_err()
                .exit_code(),
            1
        );
    }

    #[test]
    fn immigration_enforcement_is_bad_input() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("agreement.toml");
        std::fs::write(
            &file,
            EXAMPLE.replace("\"protect_life\"", "\"immigration_enforcement\""),
        )
        .unwrap();
        let refused = check(&file, None, &Output::new(None)).unwrap_err();
        assert_eq!(refused.exit_code(), 2);
        assert!(
            refused.to_string().contains("none can be configured"),
            "{refused}"
        );
    }
}
