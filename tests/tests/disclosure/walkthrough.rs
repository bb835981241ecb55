//! The walkthroughs of docs/disclosure.md, typed at a terminal with the program that is shipped.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail, ensure};
use sanctuary_tests::built;
use serde_json::Value;

use crate::{
    alone,
    scene::{
        APPROVER, AUTHORISER, COUNCIL, DPO, OFFICER, PASSWORD, PHONE, POLICE, RELEASED, RELEASER,
        Scene, agency_of, proposal,
    },
};

const ID: &str = "5f0c9a7d11e20b435f0c9a7d11e20b43";

/// Every command that the page names is one, with all its options.
#[test]
fn every_command_of_the_page_is_one() -> anyhow::Result<()> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/disclosure.md");
    let page = std::fs::read_to_string(page)?;
    let lines = page.lines().filter(|line| line.starts_with("    "));
    let commands: Vec<&str> = lines
        .map(str::trim)
        .filter(|line| line.starts_with("sanctuary-node "))
        .collect();
    ensure!(commands.len() >= 40, "only {} commands", commands.len());
    for line in commands {
        // A remark stands after two spaces, a second command after &&.
        let command = line.split("  ").next().unwrap_or_default();
        let command = command.split(" && ").next().unwrap_or_default();
        let words: Vec<String> = command
            .split(' ')
            .skip(1)
            .map(|word| match word {
                "CASE" | "ALERT" | "MATTER" => ID.to_owned(),
                "node.toml" => "/nowhere/node.toml".to_owned(),
                other => other.to_owned(),
            })
            .collect();
        let said = Command::new(built("sanctuary-node")?)
            .args(words)
            .stdin(Stdio::null())
            .output()?;
        let err = String::from_utf8_lossy(&said.stderr);
        // It was understood, and stopped only at the configuration that is not there.
        let understood = err.starts_with("sanctuary-node: ") && err.contains("/nowhere/node.toml");
        let needs_none = command.contains("template-request");
        ensure!(understood || needs_none, "{command}: {err}");
    }
    Ok(())
}

struct Terminal<'a> {
    scene: &'a Scene,
    folder: &'a Path,
}

impl Terminal<'_> {
    /// What a person types, and what they are told.
    fn says(&self, person: &'static str, args: &[&str], typed: &str) -> anyhow::Result<String> {
        let config = self.scene.town.config(agency_of(person)?);
        let session = self.folder.join(person);
        let mut child = Command::new(built("sanctuary-node")?)
            .args(args)
            .arg("--config")
            .arg(config)
            .arg("--session")
            .arg(session)
            .current_dir(self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        // A program that reads nothing may have ended.
        let _ = child
            .stdin
            .take()
            .context("a pipe")?
            .write_all(typed.as_bytes());
        let said = child.wait_with_output()?;
        if !said.status.success() {
            let code = said.status.code().unwrap_or(-1);
            bail!(
                "{code} {args:?}: {}",
                String::from_utf8_lossy(&said.stderr).trim()
            );
        }
        Ok(String::from_utf8(said.stdout)?)
    }

    fn json(&self, person: &'static str, args: &[&str]) -> anyhow::Result<Value> {
        let said = self.says(person, &[args, &["--json"]].concat(), "")?;
        Ok(serde_json::from_str(&said)?)
    }

    fn file(&self, name: &str) -> anyhow::Result<String> {
        Ok(std::fs::read_to_string(self.folder.join(name))?)
    }
}

/// From the possible match to the destroyed copies, by commands alone.
#[test]
fn a_disclosure_by_commands() -> anyhow::Result<()> {
    let _alone = alone();
    let scene = Scene::set()?;
    let folder = tempfile::tempdir()?;
    let terminal = Terminal {
        scene: &scene,
        folder: folder.path(),
    };
    for person in [OFFICER, AUTHORISER, RELEASER, APPROVER, DPO] {
        let said = terminal.says(
            person,
            &["sign-in", "--as", person],
            &format!("{PASSWORD}\n\n"),
        )?;
        ensure!(said.contains("signed in"), "{said}");
    }
    let declare = ["staff", "declare"];
    terminal.says(OFFICER, &declare, "phone 0191 498 0001\nvehicle AB12 CDE\n")?;
    let wrong = terminal.says(OFFICER, &declare, "telephone 0191 498 0777\n");
    let wrong = format!("{:#}", wrong.unwrap_err());
    ensure!(
        wrong.starts_with("2 ") && !wrong.contains("0777"),
        "{wrong}"
    );
    let case = ask(&terminal)?;
    scene.until_stage(RELEASER, &case, "sent")?;
    answer(&terminal, &case)?;
    scene.until_stage(OFFICER, &case, "received")?;
    keep_and_destroy(&terminal, &case)?;
    oversee(&terminal)
}

fn ask(terminal: &Terminal<'_>) -> anyhow::Result<String> {
    let alert = terminal.scene.alert()?;
    let listed = terminal.scene.town.node(POLICE, "alerts", &[])?.out;
    ensure!(listed.contains(&alert), "the list shows no ids");
    terminal.says(OFFICER, &["cases", "confirm", &alert], "")?;
    let out = ["cases", "template-request", &alert, "--out", "request.toml"];
    terminal.says(OFFICER, &out, "")?;
    let again = terminal.says(OFFICER, &out, "");
    ensure!(again.is_err(), "a file was overwritten");
    let filled = terminal
        .file("request.toml")?
        .replace("purpose = \"\"", "purpose = \"investigate_exploitation\"")
        .replace("gateway = \"\"", "gateway = \"dpa_2018_sch2_para2\"")
        .replace("enquiry = \"\"", "enquiry = \"Forced labour at a car wash\"")
        .replace(
            "necessity = \"\"",
            "necessity = \"The suspect leaves the country within the fortnight\"",
        )
        .replace(
            "proportionality = \"\"",
            "proportionality = \"Two details of one witness and nothing else\"",
        )
        .replace(
            "contact_first = \"this_is_it\"",
            "contact_first = { phoned = { at = 2026-11-30T09:30:00Z, with = \"Duty worker\", result = \"Write to us\" } }",
        )
        .replace(
            "reason = \"\"",
            "reason = \"Our officer must reach the witness before the hearing\"\n[[wanted]]\nfield = \"incident\"\nreason = \"To know what happened on the bus before we speak with her\"",
        );
    std::fs::write(terminal.folder.join("request.toml"), filled)?;
    let drafted = terminal.json(OFFICER, &["cases", "draft", "request.toml"])?;
    let case = drafted["case"].as_str().context("a case")?.to_owned();
    let card = terminal.says(OFFICER, &["cases", "card", &case], "")?;
    ensure!(card.contains("the hub will not learn"), "{card}");
    let authorise = ["cases", "authorise", case.as_str()];
    let alone = terminal.says(OFFICER, &authorise, "");
    ensure!(alone.is_err(), "one person alone sent a request");
    println!("{:#}", alone.unwrap_err());
    terminal.says(AUTHORISER, &authorise, "")?;
    terminal.says(OFFICER, &["cases", "send", &case], "")?;
    Ok(case)
}

fn answer(terminal: &Terminal<'_>, case: &str) -> anyhow::Result<()> {
    let scene = terminal.scene;
    terminal.says(RELEASER, &["cases", "acknowledge", case], "")?;
    terminal.says(
        RELEASER,
        &["cases", "ask", case],
        "Which car wash is meant?",
    )?;
    scene.until_stage(OFFICER, case, "clarification")?;
    std::fs::write(terminal.folder.join("reply.txt"), "Behind the station.\n")?;
    let clarify = ["cases", "clarify", case, "--text", "reply.txt"];
    terminal.says(OFFICER, &clarify, "")?;
    scene.until_stage(RELEASER, case, "acknowledged")?;

    // The template as it comes is a refusal; the second person gives it back.
    let template = ["cases", "template-answer", case, "--out", "answer.toml"];
    terminal.says(RELEASER, &template, "")?;
    terminal.says(RELEASER, &["cases", "propose", case, "answer.toml"], "")?;
    terminal.says(
        APPROVER,
        &["cases", "give-back", case],
        "She may be phoned at our team",
    )?;
    std::fs::write(terminal.folder.join("answer.json"), proposal().to_string())?;
    terminal.says(RELEASER, &["cases", "propose", case, "answer.json"], "")?;
    let shown = terminal.says(APPROVER, &["cases", "show", case], "")?;
    ensure!(
        shown.contains(RELEASED),
        "the approver cannot read it: {shown}"
    );
    let digest = terminal.json(APPROVER, &["cases", "show", case])?["proposal_digest"].clone();
    let digest = digest.as_str().context("a digest")?;
    ensure!(shown.contains(digest), "{shown}");
    let approve = ["cases", "approve", case, "--digest", digest];
    ensure!(
        terminal.says(RELEASER, &approve, "").is_err(),
        "one person alone released something"
    );
    terminal.says(APPROVER, &approve, "")?;
    Ok(())
}

fn keep_and_destroy(terminal: &Terminal<'_>, case: &str) -> anyhow::Result<()> {
    let scene = terminal.scene;
    let shown = terminal.says(OFFICER, &["cases", "show", case], "")?;
    println!("{shown}");
    ensure!(shown.contains(RELEASED) && shown.contains(PHONE), "{shown}");
    for format in ["html", "pdf", "json"] {
        let out = format!("release.{format}");
        let release = ["cases", "release", case, "--format", format, "--out", &out];
        terminal.says(OFFICER, &release, "")?;
    }
    ensure!(std::fs::read(terminal.folder.join("release.pdf"))?.starts_with(b"%PDF"));
    ensure!(
        terminal
            .file("release.html")?
            .contains("OFFICIAL-SENSITIVE")
    );
    let _: Value = serde_json::from_str(&terminal.file("release.json")?)?;
    let code = shown.split("code of this copy: ").nth(1);
    let code = code
        .and_then(|rest| rest.lines().next())
        .context("a code")?;
    let traced = terminal.says(DPO, &["cases", "trace", code], "")?;
    ensure!(traced.contains(POLICE) && traced.contains(case), "{traced}");
    terminal.says(OFFICER, &["cases", "outcome", case, "investigation"], "")?;

    terminal.says(DPO, &["cases", "recall", case, "inaccurate"], "")?;
    scene.until_stage(OFFICER, case, "recalled")?;
    let destroyed = |copies: &str| {
        let confirm = ["cases", "confirm-destruction", case, "--copies", copies];
        terminal.says(OFFICER, &confirm, "")
    };
    ensure!(destroyed("2").is_err(), "three copies were made");
    destroyed("3")?;
    scene.until_shown(APPROVER, case, "as destroyed", |view| {
        view["destroyed"] == 3
    })?;
    terminal.says(OFFICER, &["cases", "close", case], "")?;
    let listed = terminal.says(OFFICER, &["cases", "list"], "")?;
    ensure!(listed.contains("closed"), "{listed}");
    Ok(())
}

fn oversee(terminal: &Terminal<'_>) -> anyhow::Result<()> {
    let scene = terminal.scene;
    let figures = [
        "rights",
        "figures",
        "--from",
        "2020-01-01",
        "--to",
        "2190-01-01",
    ];
    let said = terminal.says(DPO, &figures, "")?;
    println!("{said}");
    ensure!(
        said.contains("received: 1") && said.contains("recalled: 1"),
        "{said}"
    );
    let evidence = ["rights", "evidence", "--out", "evidence.json"];
    let said = terminal.says(DPO, &evidence, "")?;
    println!("{said}");
    ensure!(!said.contains("DOES NOT"), "{said}");
    let pack: Value = serde_json::from_str(&terminal.file("evidence.json")?)?;
    ensure!(pack["controls"].as_array().is_some_and(|c| c.len() >= 9));
    ensure!(pack["log_entries"].as_array().is_some_and(|e| e.len() >= 8));
    ensure!(pack["receipts"].as_array().is_some_and(|r| !r.is_empty()));
    let agreement = pack["agreement"].as_str().context("the agreement")?;
    ensure!(agreement.contains("[[signature]]"));
    ensure!(
        terminal.says(OFFICER, &figures, "").is_err(),
        "not their act"
    );

    let alerts = scene.town.node_json(COUNCIL, "alerts")?;
    let reference = alerts[0]["record"].as_str().context("a reference")?;
    let opened = terminal.says(DPO, &["rights", "access", "-"], reference)?;
    let matter = opened.split_whitespace().nth(1).context("a matter")?;
    let matter = matter.trim_end_matches(':');
    let state = terminal.says(DPO, &["rights", "access-state", matter], "")?;
    ensure!(state.contains(POLICE), "{state}");
    let report = ["rights", "access-report", matter, "--out", "access.json"];
    let said = terminal.says(DPO, &report, "")?;
    ensure!(said.contains("This lists requests about you"), "{said}");
    ensure!(
        terminal
            .says(DPO, &["cases", "alarms"], "")?
            .contains("nothing")
    );
    terminal.says(DPO, &["sign-out"], "")?;
    let out = terminal.says(DPO, &["cases", "list"], "").unwrap_err();
    ensure!(format!("{out:#}").contains("sign-in"), "{out:#}");
    let unknown = terminal.says(OFFICER, &["cases", "show", ID], "");
    let unknown = format!("{:#}", unknown.unwrap_err());
    println!("{unknown}");
    ensure!(
        unknown.starts_with("1 ") && unknown.contains("case"),
        "{unknown}"
    );
    Ok(())
}
