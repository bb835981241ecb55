//! The API for an agency's own systems, at a real daemon: kept after kill -9, the documented commands and
//! the example clients, client certificates, and a fuzzer that reads the OpenAPI document.

mod certificates;
mod fuzz;
mod office;

use anyhow::{Context as _, ensure};
use office::Office;
use sanctuary_tests::python;

const RECORD_C0: &str = r#"{"first":"Amal","last":"Haddad","born":"1990-03-01","role":"suspect"}"#;
const RECORD: &str = r#"{"first":"Amal","last":"Haddad","born":"1990-03-02","role":"suspect"}"#;

/// What was acknowledged is there, whenever the daemon dies.
#[test]
fn what_was_acknowledged_survives_kill_9() -> anyhow::Result<()> {
    const KILLS: usize = 8;
    const RECORDS: usize = 10;
    let mut office = Office::found()?;
    for kill in 0..KILLS {
        for n in 0..RECORDS {
            let path = format!("/v1/records/r{kill}-{n}");
            let said = office.curl(
                &[
                    "-X",
                    "PUT",
                    "-H",
                    "Content-Type: application/json",
                    "-d",
                    RECORD,
                ],
                &path,
            )?;
            ensure!(said.contains("\"new\""), "{said}");
        }
        let said = office.curl(&["-X", "DELETE"], &format!("/v1/records/r{kill}-0"))?;
        ensure!(said.contains("true"), "{said}");
        office.kill_and_restart()?;
    }
    let records = office.status()?["records"].as_u64();
    ensure!(
        records == Some((KILLS * (RECORDS - 1)) as u64),
        "{records:?}"
    );
    let said = office.curl(&["-X", "DELETE"], "/v1/records/r0-0")?;
    ensure!(said.contains("false"), "it stays withdrawn: {said}");
    office.stop()
}

/// 3,000 people, of whom 30 have a role that there is not.
fn a_file(office: &Office) -> anyhow::Result<String> {
    let file = office.path("people.csv");
    let mut text = "id,first,last,born,role\n".to_owned();
    for n in 0..3_000 {
        let role = if n % 100 == 7 { "zebra" } else { "suspect" };
        text += &format!("c{n},Amal,Haddad,1990-03-{:02},{role}\n", 1 + n % 28);
    }
    std::fs::write(&file, text)?;
    Ok(file.display().to_string())
}

/// What an example client says of its first sending: the counts, and each refused row without its value.
fn all_but_the_wrong_roles_came(first: &str) -> anyhow::Result<()> {
    let summary: serde_json::Value = serde_json::from_str(first.lines().last().context("a line")?)?;
    ensure!(
        summary["rows"] == 3_000 && summary["new"] == 2_970,
        "{summary}"
    );
    let refused = first.lines().filter(|l| l.contains("not_imported: role:"));
    ensure!(refused.count() == 30 && !first.contains("zebra"));
    Ok(())
}

#[test]
fn the_example_client_sends_and_withdraws() -> anyhow::Result<()> {
    let mut office = Office::found()?;
    let Some(python) = python("httpx", &["httpx"])? else {
        return office.stop();
    };
    let file = a_file(&office)?;
    let first = office.example(&python, &[&file])?;
    all_but_the_wrong_roles_came(&first)?;
    let again = office.example(&python, &[&file])?;
    ensure!(again.contains("\"unchanged\": 2970"), "{again}");
    let gone = office.example(&python, &["--withdraw", "c0"])?;
    ensure!(gone.trim() == "withdrawn", "{gone}");
    ensure!(office.status()?["records"] == 2_969);
    office.revoke()?;
    ensure!(office.curl(&[], "/v1/status")?.contains("unauthorised"));
    office.stop()
}

/// schemathesis makes up requests from the document, right ones and wrong ones, and checks each answer.
#[test]
fn a_fuzzer_finds_nothing_that_the_document_does_not_say() -> anyhow::Result<()> {
    let mut office = Office::found()?;
    let Some(python) = python("schemathesis", &["schemathesis"])? else {
        return office.stop();
    };
    fuzz::schemathesis(&python, &office.url("/v1/openapi.json"), office.key())?;
    ensure!(office.status()?["last_problem"].is_string());
    office.stop()
}

#[test]
fn the_grpc_example_sends_and_withdraws() -> anyhow::Result<()> {
    let mut office = Office::found()?;
    let Some(python) = python("grpc_tools", &["grpcio", "grpcio-tools"])? else {
        return office.stop();
    };
    let file = a_file(&office)?;
    let first = office.grpc_example(&python, &[&file])?;
    all_but_the_wrong_roles_came(&first)?;
    // What came over gRPC is what would have come over HTTP.
    let over_http = office.curl(
        &[
            "-X",
            "PUT",
            "-H",
            "Content-Type: application/json",
            "-d",
            RECORD_C0,
        ],
        "/v1/records/c0",
    )?;
    ensure!(over_http.contains("unchanged"), "{over_http}");
    let again = office.grpc_example(&python, &[&file])?;
    ensure!(again.contains("\"unchanged\": 2970"), "{again}");
    let gone = office.grpc_example(&python, &["--withdraw", "c0"])?;
    ensure!(gone.trim() == "withdrawn", "{gone}");
    ensure!(office.status()?["records"] == 2_969);
    office.stop()
}
