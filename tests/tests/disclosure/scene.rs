//! Two agencies with a possible match, their people, and the sharing agreement between them.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use sanctuary_node::{Access, Answered, Config, Job};
use sanctuary_policy::{Agreement, Day, SignedAgreement, StaffRole};
use sanctuary_rpc::now;
use sanctuary_tests::{Caller, Files, Plan, Said, Town};
use sanctuary_trust::files::{IdentityFiles, Layout, load_anchors};
use sanctuary_wire::directory::PutAgreementRequest;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

pub const POLICE: &str = "police";
pub const COUNCIL: &str = "council";

/// Free texts that nothing else in the system has: what must not be found outside the two nodes.
pub const ENQUIRY: &str = "Operation Quillfeather against forced labour at the Zephyrine car wash";
pub const NECESSITY: &str =
    "The suspect Balthazar Oxenbury leaves the country within the fortnight";
pub const PROPORTION: &str =
    "Two details for one witness after the vexatious telephone call of Monday";
pub const REASON: &str = "Our officer Philippa Drumgoole must reach the witness before the hearing";
pub const RELEASED: &str = "Seen boarding the lavender minibus on Wexcombe Hill every Thursday";
pub const REPORT: &str = "Our outreach worker spoke with the person at the Marigold day centre";
pub const PHONE: &str = "0191 498 0776";

const PEOPLE: [(&str, &str, &[StaffRole]); 5] = [
    (POLICE, "po1001", &[StaffRole::IntelligenceOfficer]),
    (POLICE, "pa1002", &[StaffRole::Authoriser]),
    (COUNCIL, "cr2001", &[StaffRole::Releaser]),
    (COUNCIL, "cs2002", &[StaffRole::SecondApprover]),
    (COUNCIL, "cd2003", &[StaffRole::DataProtectionOfficer]),
];
pub const OFFICER: &str = "po1001";
pub const AUTHORISER: &str = "pa1002";
pub const RELEASER: &str = "cr2001";
pub const APPROVER: &str = "cs2002";
pub const DPO: &str = "cd2003";
pub const PASSWORD: &str = "copper lantern otter ninety";
/// Longest wait for a stage: an answer leaves each minute.
const PATIENCE: Duration = Duration::from_secs(240);
const RECORDS: usize = 160;
const SEED: u64 = 41;

/// A partnership in which the two agencies have possible matches.
pub struct Scene {
    pub town: Town,
    runtime: Runtime,
    /// Person to session.
    sessions: BTreeMap<&'static str, String>,
    made: Files,
    folder: tempfile::TempDir,
}

impl Scene {
    /// Daemons, records, alerts, people and an agreement.
    pub fn set() -> anyhow::Result<Self> {
        Self::set_with(|town| town.start("hub"))
    }

    /// As [`Self::set`], with a hub that `start_hub` runs in its own way.
    pub fn set_with(
        start_hub: impl FnOnce(&mut Town) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let files = Files::make(folder.path(), RECORDS, 2, SEED)?;
        let plan = Plan {
            agencies: &files.names(),
            universe_records: files.rows() as u64,
            ..Plan::default()
        };
        let town = Town::found_with(&plan, start_hub)?;
        ensure!(
            town.agencies() == [POLICE, COUNCIL],
            "the agencies have other names: {:?}",
            town.agencies()
        );
        files.import(&town)?;
        town.until_pushed()?;
        let mut scene = Self {
            town,
            runtime: Runtime::new()?,
            sessions: BTreeMap::new(),
            made: files,
            folder,
        };
        scene.people()?;
        scene.agree(|_| {})?;
        scene.town.until_quiet()?;
        Ok(scene)
    }

    /// Asks an agency's node as a person of it.
    pub fn ask(&self, person: &'static str, request: Value) -> anyhow::Result<Value> {
        self.ask_of(person, "case", request)
    }

    /// As [`Self::ask`], of the cases or of the review.
    pub fn ask_of(&self, person: &'static str, of: &str, request: Value) -> anyhow::Result<Value> {
        let session = self.sessions.get(person).context("signed in")?;
        let job = json!({ of: { "session": session, "request": request } });
        self.perform(agency_of(person)?, &job)
    }

    /// The command `export` as a person of an agency, into a file of the town's folder.
    pub fn export(&self, person: &'static str, what: &[&str], out: &str) -> anyhow::Result<Said> {
        let session = self.sessions.get(person).context("signed in")?;
        let file = self.town.path(&format!("{person}.session"));
        fs::write(&file, session)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        let [file, out] = [file, self.town.path(out)].map(|p| p.display().to_string());
        let args = [what, &["--out", &out, "--session", &file]].concat();
        self.town.node(agency_of(person)?, "export", &args)
    }

    /// The people and their records.
    pub const fn files(&self) -> &Files {
        &self.made
    }

    /// Where the agencies' files lie.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// As [`Self::ask`], again while the hub or the node is away.
    pub fn insist(&self, person: &'static str, request: &Value) -> anyhow::Result<Value> {
        let mut last = String::new();
        for _ in 0..300 {
            match self.ask(person, request.clone()) {
                Ok(value) => return Ok(value),
                Err(error) => last = format!("{error:#}"),
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        bail!("{person} cannot {}: {last}", request["do"])
    }

    /// A case as a person sees it.
    pub fn show(&self, person: &'static str, case: &str) -> anyhow::Result<Value> {
        self.ask(person, json!({ "do": "show", "case": case }))
    }

    /// Waits until a case has reached a stage at a person's agency.
    pub fn until_stage(
        &self,
        person: &'static str,
        case: &str,
        stage: &str,
    ) -> anyhow::Result<Value> {
        self.until_shown(person, case, &format!("as {stage}"), |view| {
            view["stage"] == stage
        })
    }

    /// Waits until a case looks so to a person. Each look is logged, so there are not many.
    pub fn until_shown(
        &self,
        person: &'static str,
        case: &str,
        what: &str,
        so: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        let started = Instant::now();
        let mut last = String::new();
        while started.elapsed() < PATIENCE {
            match self.show(person, case) {
                Ok(view) if so(&view) => return Ok(view),
                Ok(view) => last = format!("it is {}", view["stage"]),
                Err(error) => last = format!("{error:#}"),
            }
            std::thread::sleep(Duration::from_millis(300));
        }
        bail!("{person} does not see the case {what}: {last}")
    }

    /// The police officer's first possible match of one adult with the council, of which both were told.
    pub fn alert(&self) -> anyhow::Result<String> {
        let alerts = self.town.node_json(POLICE, "alerts")?;
        let theirs = self.town.node_json(COUNCIL, "alerts")?;
        let theirs = theirs.as_array().context("a list of alerts")?;
        let fits = |alert: &&Value| {
            alert["kind"] == "same_person"
                && alert["other_is_child"] == false
                && alert["safeguarding_first"] == false
                && alert["other_agency"] == COUNCIL
                && theirs.iter().any(|a| a["alert_id"] == alert["alert_id"])
                // Linked through a third record alone, two nodes share nothing that they could prove.
                && !alert["evidence"].to_string().contains("third_record")
        };
        let alerts = alerts.as_array().context("a list of alerts")?;
        let Some(alert) = alerts.iter().find(fits) else {
            bail!("no possible match fits among {}", alerts.len());
        };
        let id = alert["alert_id"].as_str().context("an id")?;
        Ok(id.to_owned())
    }

    /// An agency's own reference of its record behind that possible match.
    pub fn reference(&self, agency: &str) -> anyhow::Result<String> {
        let (id, alerts) = (self.alert()?, self.town.node_json(agency, "alerts")?);
        let alerts = alerts.as_array().context("a list of alerts")?;
        let alert = alerts.iter().find(|a| a["alert_id"] == id.as_str());
        let record = alert.context("the possible match")?["record"].as_str();
        Ok(record.context("a reference")?.to_owned())
    }

    /// An agency's file of records.
    pub fn csv(&self, agency: &str) -> PathBuf {
        self.folder.path().join(format!("{agency}.csv"))
    }

    /// A request, written, authorised and sent; it leaves when both nodes have proven the match.
    pub fn request(&self) -> anyhow::Result<String> {
        let confirm = json!({ "do": "confirm", "alert": self.alert()? });
        self.insist(OFFICER, &confirm)?;
        let drafted = self.insist(OFFICER, &self.draft()?)?;
        let case = drafted["case"].as_str().context("a case")?.to_owned();
        self.insist(AUTHORISER, &json!({ "do": "authorise", "case": case }))?;
        self.insist(OFFICER, &json!({ "do": "send", "case": case }))?;
        Ok(case)
    }

    /// What the police officer writes.
    pub fn draft(&self) -> anyhow::Result<Value> {
        let alert = self.alert()?;
        let call = json!({ "at": now().0, "with": "Duty worker", "result": "Send us a request" });
        let draft = json!({
            "alert": alert,
            "purpose": "investigate_exploitation",
            "gateway": "dpa_2018_sch2_para2",
            "enquiry": ENQUIRY,
            "necessity": NECESSITY,
            "proportionality": PROPORTION,
            "wanted": [
                { "field": "contact", "reason": REASON },
                { "field": "incident", "reason": format!("{REASON}, and know what happened") },
            ],
            "urgency": "routine",
            "contact_first": { "phoned": call },
        });
        Ok(json!({ "do": "draft", "draft": draft }))
    }

    /// The owner's answer, proposed and approved; it leaves at its tick.
    pub fn answer(&self, case: &str) -> anyhow::Result<()> {
        let proposal = proposal();
        let propose = json!({ "do": "propose", "case": case, "proposal": proposal });
        let proposed = self.insist(RELEASER, &propose)?;
        let digest = proposed["digest"].as_str().context("a digest")?;
        let approve = json!({ "do": "approve", "case": case, "digest": digest });
        self.insist(APPROVER, &approve)?;
        Ok(())
    }

    /// The officers sign an agreement between the two and put it at the hub.
    pub fn agree(&self, change: impl Fn(&mut Agreement)) -> anyhow::Result<u32> {
        let layout = Layout(self.town.path("town"));
        let anchors = load_anchors(&layout.anchors())?;
        let mut agreement = between_the_two()?;
        change(&mut agreement);
        let mut signed = SignedAgreement::unsigned(agreement)?;
        for number in 1..=anchors.officers.len() {
            let key = IdentityFiles::load(&layout.party(&format!("officer-{number}")))?.signing;
            signed.sign(&anchors, &key)?;
        }
        let signed = signed.to_toml()?.into_bytes().into();
        self.runtime.block_on(async {
            let officer = Caller::of(&layout, "officer-1")?;
            let mut directory = officer.directory().await?;
            let put = directory
                .put_agreement(PutAgreementRequest { signed })
                .await?;
            Ok(put.into_inner().version)
        })
    }

    /// Everybody is added and signs in.
    fn people(&mut self) -> anyhow::Result<()> {
        for agency in [POLICE, COUNCIL] {
            let admin = json!({
                "person": "ad9000", "name": "Administrator", "email": null,
                "roles": [], "functions": [],
            });
            let first = self.staff(agency, json!({ "ask": "add_first", "new": admin }))?;
            let by = self.sign_up(agency, "ad9000", &first)?;
            for (_, person, roles) in PEOPLE.iter().filter(|(of, ..)| *of == agency) {
                let new = json!({
                    "person": person, "name": format!("Colleague {person}"), "email": null,
                    "roles": roles, "functions": [],
                });
                let act = json!({ "act": "add", "new": new });
                let added = json!({ "ask": "as", "session": by, "act": act });
                let added = self.staff(agency, added)?;
                let session = self.sign_up(agency, person, &added)?;
                self.sessions.insert(person, session);
            }
        }
        Ok(())
    }

    fn sign_up(&self, agency: &str, person: &str, added: &Value) -> anyhow::Result<String> {
        let code = added["start_code"].as_str().context("a start code")?;
        let choose = json!({
            "ask": "choose_password", "person": person, "password": code, "code": null,
            "new": PASSWORD,
        });
        self.staff(agency, choose)?;
        let sign_in = json!({
            "ask": "sign_in", "person": person, "password": PASSWORD, "code": null,
            "from": "a test",
        });
        let signed_in = self.staff(agency, sign_in)?;
        let session = signed_in["session"].as_str().context("a session")?;
        Ok(session.to_owned())
    }

    fn staff(&self, agency: &str, job: Value) -> anyhow::Result<Value> {
        self.perform(agency, &json!({ "staff": job }))
    }

    fn perform<T: DeserializeOwned + Send + 'static>(
        &self,
        agency: &str,
        job: &Value,
    ) -> anyhow::Result<T> {
        let job: Job = serde_json::from_value(job.clone()).context("a job")?;
        let config = Config::load(&self.town.config(agency))?;
        self.runtime.block_on(async {
            let mut access = Access::of(&config).await?;
            ensure!(
                matches!(access, Access::Daemon),
                "{agency}'s daemon is away"
            );
            match access.perform(&config, &job, |_| {}).await? {
                Answered::Done(value) => Ok(value),
                Answered::BadInput(problem) => bail!(problem),
            }
        })
    }
}

/// What the council's releaser proposes: whom to phone, and what happened.
pub fn proposal() -> Value {
    json!({
        "verdicts": [["contact", "release"], ["incident", "release"]],
        "contact": {
            "role": "case_worker", "name": "Outreach team", "phone": PHONE, "hours": "9 to 5",
        },
        "report": {
            "source": "1",
            "information": "A",
            "handling": "permitted",
            "onward": "ask_first",
            "items": [{
                "field": "incident", "value": RELEASED, "opinion": false, "sanitised": false,
            }],
            "text": REPORT,
        },
        "views": { "recorded": "Agrees that the police may phone the outreach team" },
    })
}

pub fn agency_of(person: &str) -> anyhow::Result<&'static str> {
    let found = PEOPLE.iter().find(|(_, name, _)| *name == person);
    Ok(found.context("a person")?.0)
}

/// The example, between police and council only, in force now, with answers leaving each minute.
fn between_the_two() -> anyhow::Result<Agreement> {
    let example = include_str!("../../../deploy/agreement/example.toml");
    let mut agreement = SignedAgreement::from_toml(example)?.proposal().clone();
    let two = [POLICE, COUNCIL];
    agreement.members.retain(|m| two.contains(&m.id.as_str()));
    for rule in &mut agreement.rules {
        rule.askers.retain(|p| two.contains(&p.as_str()));
        rule.owners.retain(|p| two.contains(&p.as_str()));
    }
    let both = |rule: &sanctuary_policy::Rule| !rule.askers.is_empty() && !rule.owners.is_empty();
    agreement.rules.retain(both);
    let today = Day::at(now()).0;
    agreement.made = Day(today - 2);
    agreement.in_force = Day(today - 1);
    agreement.review = Day(today + 100);
    agreement.expires = Day(today + 200);
    agreement.clocks.routine.tick_minutes = 1;
    Ok(agreement)
}
