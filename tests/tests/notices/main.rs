//! Telling people with real programs: a node as a process, the example receiver of the documentation.

mod receiver;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use anyhow::{Context as _, ensure};
use receiver::Receiver;
use sanctuary_tests::{Plan, Town, free_ports};
use serde_json::Value;

const AGENCY: &str = "police";
const MAPPING: &str = "version = 1\nrecord_id = \"id\"\n[fields]\nforenames = \"first\"\nsurnames = \"last\"\n\
    [record]\nrole = { column = \"role\" }\nbasis = \"crime_prevention\"\nvisibility = \"open\"\n";

struct Office {
    town: Town,
    receiver: Receiver,
}

impl Office {
    /// One agency with two feeds; nothing listens where its webhook goes.
    fn found() -> anyhow::Result<Self> {
        let town = Town::plan(&Plan {
            agencies: &[AGENCY],
            ..Plan::default()
        })?;
        let receiver = Receiver::plan(&town, free_ports()?)?;
        let mapping = town.path("cases.toml");
        fs::write(&mapping, MAPPING)?;
        let mut config = String::new();
        for feed in ["night", "day"] {
            let folder = town.path(feed);
            fs::create_dir(&folder)?;
            config += &format!(
                "[[feed]]\nname = \"{feed}\"\nkind = \"folder\"\npath = {folder:?}\nmapping = {mapping:?}\n"
            );
        }
        config += &receiver.config();
        town.configure(AGENCY, &format!("feed_poll_ms = 200\n{config}"))?;
        let mut office = Self { town, receiver };
        office.town.start(AGENCY)?;
        office.town.until_up()?;
        Ok(office)
    }

    /// Files that cannot be taken, one after the other in each feed.
    fn spoil(&self, numbers: std::ops::Range<usize>) -> anyhow::Result<()> {
        for n in numbers {
            for feed in ["night", "day"] {
                // The name is somebody's, as names of files are.
                let path = self.town.path(feed).join(format!("haddad-{n:02}.csv"));
                fs::write(path, "no,such,columns\n1,2,3\n")?;
            }
        }
        Ok(())
    }

    fn waiting(&self) -> anyhow::Result<Vec<Value>> {
        let list = self.town.node(AGENCY, "notices", &["list", "--json"])?;
        ensure!(list.code == Some(0), "{list:?}");
        Ok(serde_json::from_str(&list.out)?)
    }

    fn until_waiting(&self, count: usize) -> anyhow::Result<()> {
        self.town.until(&format!("{count} notices to wait"), |_| {
            self.waiting().is_ok_and(|list| list.len() == count)
        })
    }

    fn kill_and_restart(&mut self) -> anyhow::Result<()> {
        let process = self.town.process(AGENCY)?;
        process.kill_9()?;
        process.restart()?;
        self.town.until_up()
    }
}

/// The receiver is away, the node is killed while it is and while notices leave: each arrives, in the order of
/// its subject, and the example receiver has verified every signature.
#[test]
fn a_receiver_that_was_away_and_kill_9_lose_nothing() -> anyhow::Result<()> {
    if Receiver::is_missing() {
        return Ok(());
    }
    let mut office = Office::found()?;
    office.spoil(0..4)?;
    office.until_waiting(8)?;
    office.kill_and_restart()?;
    office.spoil(4..8)?;
    office.until_waiting(16)?;
    let tried = office.waiting()?;
    ensure!(
        tried.iter().any(|n| n["tries"].as_u64() > Some(0)),
        "{tried:?}"
    );

    office.receiver.start()?;
    let said = office.town.node(AGENCY, "notices", &["retry", "--all"])?;
    ensure!(said.code == Some(0), "{said:?}");
    let receiver = &office.receiver;
    office
        .town
        .until("some notices to arrive", |_| receiver.events().len() >= 3)?;
    office.kill_and_restart()?;
    office.spoil(8..10)?;
    let receiver = &office.receiver;
    office
        .town
        .until("every notice to arrive", |_| receiver.events().len() >= 20)?;
    office.until_waiting(0)?;

    let events = office.receiver.events();
    let ids: BTreeSet<&str> = events.iter().filter_map(|e| e["id"].as_str()).collect();
    ensure!(
        ids.len() == 20 && events.len() == 20,
        "{} of {}",
        ids.len(),
        events.len()
    );
    let mut last: BTreeMap<&str, &str> = BTreeMap::new();
    for event in &events {
        let subject = event["subject"].as_str().context("a subject")?;
        let sequence = event["sequence"].as_str().context("a sequence")?;
        let before = last.insert(subject, sequence);
        ensure!(
            before.is_none_or(|b| b < sequence),
            "{subject} is out of order"
        );
        ensure!(event["type"] == "sanctuary.notice.feed", "{event}");
    }
    ensure!(last.len() == 2, "{last:?}");
    ensure!(!events.iter().any(|e| e.to_string().contains("haddad")));
    office.town.stop_all()
}

/// What nobody signed, what is too old, and what was there already.
#[test]
fn the_example_receiver_believes_only_what_was_signed_just_now_and_once() -> anyhow::Result<()> {
    if Receiver::is_missing() {
        return Ok(());
    }
    let town = Town::plan(&Plan {
        agencies: &[AGENCY],
        ..Plan::default()
    })?;
    let mut receiver = Receiver::plan(&town, free_ports()?)?;
    receiver.start()?;
    town.until("the receiver to listen", |_| receiver.is_up())?;
    let body = br#"{"specversion":"1.0","id":"a1","data":{"text":"1 request to us"}}"#;
    let right = receiver.signed("a1", 0, body)?;
    ensure!(receiver.post("a1", 0, &right, body)? == 204);
    ensure!(
        receiver.post("a1", 0, &right, body)? == 204,
        "a repetition is no fault"
    );
    ensure!(receiver.events().len() == 1, "and is not handled again");

    let old = receiver.signed("a2", 301, body)?;
    let other = br#"{"specversion":"1.0","id":"a1","data":{"text":"1 request to them"}}"#;
    let wrong_id = receiver.signed("a3", 0, body)?;
    for (what, status) in [
        ("an old time", receiver.post("a2", 301, &old, body)?),
        ("another body", receiver.post("a1", 0, &right, other)?),
        ("another id", receiver.post("a9", 0, &right, body)?),
        ("another time", receiver.post("a1", 1, &right, body)?),
        (
            "an id that the event has not",
            receiver.post("a3", 0, &wrong_id, body)?,
        ),
        ("no signature", receiver.post("a1", 0, "", body)?),
        ("nonsense", receiver.post("a1", 0, "v1,AAAA v2,x", body)?),
    ] {
        ensure!(status == 400, "{what} is answered with {status}");
    }
    ensure!(receiver.events().len() == 1);
    Ok(())
}
