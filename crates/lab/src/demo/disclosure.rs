//! An afternoon of disclosure between the demo's agencies, as their people do it: a refusal that tells
//! nothing, a partial release that is recalled and destroyed, and a release that stays.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use sanctuary_policy::{Day, SignedAgreement, StaffRole};
use sanctuary_rpc::{connect, endpoint_of, now};
use sanctuary_trust::files::load_signing_key;
use sanctuary_types::PartyId;
use sanctuary_wire::directory::{PutAgreementRequest, directory_client::DirectoryClient};
use serde::Serialize;
use serde_json::{Value, json};

use super::agency::Agency;
use super::asked::{self, Asked};
use super::people::Office;
use crate::partnership::LivePartnership;

use StaffRole::{Authoriser, DataProtectionOfficer, IntelligenceOfficer, Releaser, SecondApprover};

/// Officers of the demo who sign.
const OFFICERS: [&str; 2] = ["officer-1", "officer-2"];
/// Longest wait for anything: an answer leaves a minute after it was asked.
const PATIENCE: Duration = Duration::from_secs(180);
const PAUSE: Duration = Duration::from_millis(300);

/// What came of it, counted by the agencies' own files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DisclosureOutcome {
    /// Requests that reached the agency asked.
    pub requested: usize,
    /// Answers with something to release on which two people agreed.
    pub approved: usize,
    /// Answers that released nothing.
    pub refused: usize,
    /// Answers that left with something, recalled ones included.
    pub released: usize,
}

/// The afternoon.
pub struct Story {
    /// Its figures.
    pub outcome: DisclosureOutcome,
    /// What happened, a sentence each.
    pub told: Vec<String>,
    /// The released report that is still in force, as a page and on paper.
    pub files: Vec<PathBuf>,
}

/// Signs the agreement, signs the people in, and lets them work.
pub(super) async fn disclosure(
    live: &LivePartnership,
    agencies: &[Agency],
    folder: &Path,
) -> anyhow::Result<Story> {
    agree(live, agencies, Pace::OfTheDemo).await?;
    let mut offices = Vec::new();
    for agency in agencies {
        offices.push(Office::open(agency).await?);
    }
    let town = Town { offices };
    town.courier().await?;
    let asked = asked::all();
    let mut cases = Vec::new();
    for one in &asked {
        cases.push(town.send(one).await?);
    }
    let mut outcome = DisclosureOutcome::default();
    for (one, case) in asked.iter().zip(&cases) {
        let proposed = town.decide(one, case).await?;
        outcome.requested += 1;
        outcome.approved += usize::from(proposed);
    }
    let mut told = Vec::new();
    for (one, case) in asked.iter().zip(&cases) {
        let view = town
            .until(one.asker, IntelligenceOfficer, case, "received")
            .await?;
        outcome.released += usize::from(!view["answer"]["released"].is_null());
        outcome.refused += usize::from(view["answer"]["released"].is_null());
        told.push(sentence(one, &view));
    }
    std::fs::create_dir_all(folder)?;
    let mut files = Vec::new();
    for (one, case) in asked.iter().zip(&cases) {
        if one.recalled {
            told.push(town.recall(one, case, folder).await?);
        } else if one.report {
            for (format, name) in [("html_file", "release.html"), ("pdf", "release.pdf")] {
                files.push(town.print(one, case, format, &folder.join(name)).await?);
            }
        }
    }
    // From now on people are at work, and promise what they would in earnest.
    agree(live, agencies, Pace::Ordinary).await?;
    town.courier().await?;
    Ok(Story {
        outcome,
        told,
        files,
    })
}

/// How soon the demo's agreement promises answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// Within a minute: a refusal leaves when the answer is due, and nobody waits for days.
    OfTheDemo,
    /// As the sample promises; a release leaves within a minute.
    Ordinary,
}

struct Town {
    offices: Vec<Office>,
}

impl Town {
    fn at(&self, agency: &str) -> anyhow::Result<&Office> {
        let found = self.offices.iter().find(|o| o.name == agency);
        found.with_context(|| format!("the demo has no {agency}"))
    }

    /// Every node fetches and hands over what waits, as its daemon does every few seconds.
    async fn courier(&self) -> anyhow::Result<()> {
        for office in &self.offices {
            office.node().courier().await?;
        }
        Ok(())
    }

    /// Waits until a case is so far at an agency.
    async fn until(
        &self,
        agency: &str,
        role: StaffRole,
        case: &str,
        stage: &str,
    ) -> anyhow::Result<Value> {
        let (started, office) = (Instant::now(), self.at(agency)?);
        let mut last = String::new();
        while started.elapsed() < PATIENCE {
            // Each look is logged; where nothing has come, nothing is looked at.
            self.courier().await?;
            match office
                .ask(role, json!({ "do": "show", "case": case }))
                .await
            {
                Ok(view) if view["stage"] == stage => return Ok(view),
                Ok(view) => last = format!("it is {}", view["stage"]),
                Err(error) => last = format!("{error:#}"),
            }
            let still = started.elapsed().as_secs() / 4;
            tokio::time::sleep(PAUSE * (1 + u32::try_from(still).unwrap_or(8)).min(8)).await;
        }
        bail!("a case at {agency} does not become {stage}: {last}")
    }

    /// Confirms a possible match, writes the request, has it authorised and sends it.
    async fn send(&self, one: &Asked) -> anyhow::Result<String> {
        let office = self.at(one.asker)?;
        let alert = asked::alert(office.node(), self.at(one.owner)?.node(), one.owner)?;
        let confirm = json!({ "do": "confirm", "alert": alert });
        office.ask(IntelligenceOfficer, confirm).await?;
        let draft = json!({ "do": "draft", "draft": one.draft(&alert) });
        let drafted = office.ask(IntelligenceOfficer, draft).await?;
        let case = drafted["case"].as_str().context("a case")?.to_owned();
        let authorise = json!({ "do": "authorise", "case": case });
        let alone = office.ask(IntelligenceOfficer, authorise.clone()).await;
        ensure!(alone.is_err(), "one person alone sent a request");
        office.ask(Authoriser, authorise).await?;
        let send = json!({ "do": "send", "case": case });
        office.ask(IntelligenceOfficer, send).await?;
        Ok(case)
    }

    /// Acknowledges, proposes an answer and has it approved; says whether it releases anything.
    async fn decide(&self, one: &Asked, case: &str) -> anyhow::Result<bool> {
        let office = self.at(one.owner)?;
        self.until(one.owner, Releaser, case, "sent").await?;
        let acknowledge = json!({ "do": "acknowledge", "case": case });
        office.ask(Releaser, acknowledge).await?;
        let held = json!({ "do": "suggest", "case": case });
        let held = office.ask(Releaser, held).await?;
        let propose = json!({ "do": "propose", "case": case, "proposal": one.proposal(&held) });
        let proposed = office.ask(Releaser, propose).await?;
        let approve = json!({ "do": "approve", "case": case, "digest": proposed["digest"] });
        let alone = office.ask(Releaser, approve.clone()).await;
        ensure!(alone.is_err(), "one person alone released something");
        office.ask(SecondApprover, approve).await?;
        Ok(one.releases())
    }

    /// The officer prints a copy; the owner's data protection officer recalls it; the copy is destroyed.
    async fn recall(&self, one: &Asked, case: &str, folder: &Path) -> anyhow::Result<String> {
        let (asker, owner) = (self.at(one.asker)?, self.at(one.owner)?);
        let paper = folder.join("recalled.pdf");
        self.print(one, case, "pdf", &paper).await?;
        let recall = json!({ "do": "recall", "case": case, "reason": "inaccurate" });
        owner.ask(DataProtectionOfficer, recall).await?;
        self.until(one.asker, IntelligenceOfficer, case, "recalled")
            .await?;
        let read = json!({ "do": "release", "case": case, "format": "html" });
        let read = asker.ask(IntelligenceOfficer, read).await;
        ensure!(read.is_err(), "a recalled release is still read");
        std::fs::remove_file(&paper)?;
        let destroyed = json!({ "do": "confirm_destruction", "case": case, "copies": 1 });
        asker.ask(IntelligenceOfficer, destroyed).await?;
        let view = self.until_destroyed(one, case).await?;
        Ok(format!(
            "{} recalled it as inaccurate; {} confirmed that {} copy is destroyed, and its node shows no word of it any more.",
            one.owner, one.asker, view["destroyed"]
        ))
    }

    async fn until_destroyed(&self, one: &Asked, case: &str) -> anyhow::Result<Value> {
        for _ in 0..100 {
            let view = self
                .until(one.owner, SecondApprover, case, "recalled")
                .await?;
            if !view["destroyed"].is_null() {
                return Ok(view);
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!("the confirmation of destruction does not arrive")
    }

    async fn print(
        &self,
        one: &Asked,
        case: &str,
        format: &str,
        file: &Path,
    ) -> anyhow::Result<PathBuf> {
        let release = json!({ "do": "release", "case": case, "format": format });
        let document = self
            .at(one.asker)?
            .ask(IntelligenceOfficer, release)
            .await?;
        let bytes = document["bytes"].as_str().context("a document")?;
        std::fs::write(file, hex::decode(bytes)?)?;
        Ok(file.to_owned())
    }
}

fn sentence(one: &Asked, view: &Value) -> String {
    let withheld = view["answer"]["not_released"].as_array();
    let fields: Vec<&str> = withheld
        .into_iter()
        .flatten()
        .filter_map(|n| n["field"].as_str())
        .collect();
    let held_back = fields.join(", ");
    let (asker, owner) = (one.asker, one.owner);
    match (view["answer"]["released"].is_null(), fields.is_empty()) {
        (true, _) => format!(
            "{asker} asked {owner} for {held_back}: nothing is released. Whether nothing is held or it is withheld reads the same; {owner} alone knows."
        ),
        (false, false) => format!(
            "{asker} asked {owner}: released in part, without {held_back}. Two people at {owner} agreed on every word."
        ),
        (false, true) => format!("{asker} asked {owner}: everything asked for is released."),
    }
}

/// The example agreement between the agencies that are here, in force now, answers leaving each minute.
async fn agree(live: &LivePartnership, agencies: &[Agency], pace: Pace) -> anyhow::Result<()> {
    let example = include_str!("../../../../deploy/agreement/example.toml");
    let mut agreement = SignedAgreement::from_toml(example)?.proposal().clone();
    // Names of no place: the search of everything the hub received looks for towns as well.
    agreement.id = "demo-network".to_owned();
    agreement.title = "Sharing agreement of the demo's agencies".to_owned();
    let here = |id: &PartyId| agencies.iter().any(|a| a.name() == id.as_str());
    agreement.members.retain(|m| here(&m.id));
    for rule in &mut agreement.rules {
        rule.askers.retain(here);
        rule.owners.retain(here);
    }
    agreement
        .rules
        .retain(|r| !r.askers.is_empty() && !r.owners.is_empty());
    let today = Day::at(now()).0;
    agreement.made = Day(today.saturating_sub(2));
    agreement.in_force = Day(today.saturating_sub(1));
    agreement.review = Day(today + 100);
    agreement.expires = Day(today + 200);
    let clocks = &mut agreement.clocks;
    for clock in [
        &mut clocks.threat_to_life,
        &mut clocks.urgent_safeguarding,
        &mut clocks.time_critical,
        &mut clocks.routine,
    ] {
        if pace == Pace::OfTheDemo {
            (clock.acknowledge_minutes, clock.answer_minutes) = (1, 1);
        }
        clock.tick_minutes = 1;
    }
    if pace == Pace::Ordinary {
        agreement.version += 1;
    }
    let mut signed = SignedAgreement::unsigned(agreement)?;
    let roster = live.roster()?;
    for officer in OFFICERS {
        let key = load_signing_key(&live.folder(officer).join("signing.key"))?;
        signed.sign(roster.anchors(), &key)?;
    }
    let hub: PartyId = "hub".parse()?;
    let identity = live.identity(OFFICERS[0])?;
    let channel = connect(&endpoint_of(&roster, &hub)?, &hub, &identity, &roster).await?;
    let signed = signed.to_toml()?.into_bytes().into();
    DirectoryClient::new(channel)
        .put_agreement(PutAgreementRequest { signed })
        .await?;
    Ok(())
}
