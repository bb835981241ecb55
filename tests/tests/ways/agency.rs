//! One agency that follows the page: every way in is configured, and each can deliver.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, ensure};
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use sanctuary_tests::{PASSWORD, Postgres, Said, Town, built};
use serde_json::Value;

use crate::page::Page;

/// How records come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Folder,
    Database,
    Http,
    Grpc,
}

pub struct Agency {
    pub name: &'static str,
    /// Where the agency's own files lie.
    pub folder: PathBuf,
    page: Vec<(Way, String)>,
    add_key: String,
    places: Vec<(String, String)>,
}

/// Gives the server a certificate of an authority; gives the authority's.
pub fn certify(server: &mut Postgres) -> anyhow::Result<String> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let own = CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &authority)?;
    server.with_tls(&own.pem(), &key.serialize_pem())?;
    Ok(authority.pem())
}

fn free_address() -> anyhow::Result<String> {
    let free = std::net::TcpListener::bind("127.0.0.1:0")?;
    Ok(free.local_addr()?.to_string())
}

impl Agency {
    /// Writes what the page says into files and configuration; the daemon has to start again.
    pub fn found(
        name: &'static str,
        page: &Page,
        town: &Town,
        server: &Postgres,
        authority: &str,
        python: &Path,
    ) -> anyhow::Result<Self> {
        let folder = town.path(&format!("{name}-files"));
        fs::create_dir_all(folder.join("etc"))?;
        fs::create_dir_all(folder.join("exports"))?;
        let text = |path: &Path| path.display().to_string();
        let example = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../docs/examples/push_records_grpc.py"
        );
        let database = format!("cases_{name}");
        let port = server.on_port("x", "localhost");
        let port = port.split([':', '/']).nth(4).context("a port")?.to_owned();
        // The page's places, and this machine's.
        let places = [
            ("/etc/sanctuary/node.toml", text(&town.config(name))),
            ("/etc/sanctuary", text(&folder.join("etc"))),
            ("/srv/exports/cases/", text(&folder.join("exports")) + "/"),
            ("/srv/exports/cases", text(&folder.join("exports"))),
            ("127.0.0.1:8440", free_address()?),
            ("127.0.0.1:8441", free_address()?),
            (
                "db.example.internal:5432/cases",
                format!("localhost:{port}/{database}"),
            ),
            (
                "python3 push_records_grpc.py",
                format!("{} {example}", text(python)),
            ),
            // Nobody waits a minute here.
            ("poll_s = 60", "poll_s = 2".to_owned()),
        ];
        let places = places
            .map(|(theirs, ours)| (theirs.to_owned(), ours))
            .to_vec();
        let agency = Self {
            name,
            folder,
            add_key: page.block("2", "sh", "keys add liquidlogic")?.to_owned(),
            page: vec![
                (Way::Folder, page.block("1", "sh", "mv ")?.to_owned()),
                (Way::Http, page.block("2", "sh", "curl")?.to_owned()),
                (
                    Way::Grpc,
                    page.block("3", "sh", "push_records_grpc.py")?.to_owned(),
                ),
            ],
            places,
        };
        fs::write(
            agency.etc("cases.toml"),
            page.block("", "toml", "record_id")?,
        )?;
        fs::write(agency.etc("liquidlogic.password"), format!("{PASSWORD}\n"))?;
        fs::write(agency.etc("db-ca.pem"), authority)?;
        for (section, words) in [("2", "[intake]"), ("1", "[[feed]]"), ("5", "[[feed]]")] {
            let block = agency.here(page.block(section, "toml", words)?);
            town.configure(name, &format!("\n{block}"))?;
        }
        server.database(&database)?;
        server.sql_in(&database, "CREATE TABLE cases (reference text PRIMARY KEY, first text, last text, born date, phone text, \
            postcode text, role text, changed_at timestamptz NOT NULL DEFAULT now())")?;
        let password = PASSWORD.replace('\'', "''");
        let sql = page
            .block("5", "sql", "CREATE VIEW")?
            .replace("a long password", &password);
        for statement in sql.split_inclusive(";\n").filter(|s| !s.trim().is_empty()) {
            let is_there = "SELECT count(*) FROM pg_roles WHERE rolname = 'sanctuary_reader'";
            // A user is of the whole server, which agencies of real life do not share.
            if !(statement.contains("ROLE") && server.sql_in(&database, is_there)? == "1") {
                server.sql_in(&database, statement)?;
            }
        }
        Ok(agency)
    }

    fn etc(&self, name: &str) -> PathBuf {
        self.folder.join("etc").join(name)
    }

    /// A text of the page with this machine's places in it.
    fn here(&self, text: &str) -> String {
        let places = self.places.iter();
        places.fold(text.to_owned(), |text, (theirs, ours)| {
            text.replace(theirs, ours)
        })
    }

    /// `keys add`, as the page has it; from now on its commands have the key.
    pub fn make_key(&mut self) -> anyhow::Result<()> {
        let key = self.shell(&self.add_key)?.trim().to_owned();
        ensure!(key.starts_with("snk1_"), "{key}");
        self.places
            .push(("KEY=snk1_...".to_owned(), format!("KEY={key}")));
        self.places.push((
            "SANCTUARY_KEY=$KEY".to_owned(),
            format!("SANCTUARY_KEY={key}"),
        ));
        Ok(())
    }

    /// Runs commands of the page in the agency's folder; gives what they print.
    fn shell(&self, commands: &str) -> anyhow::Result<String> {
        let programs = built("sanctuary-node")?;
        let programs = programs.parent().context("a folder")?.display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        let output = Command::new("bash")
            .args(["-euc", &self.here(commands)])
            .current_dir(&self.folder)
            .env("PATH", format!("{programs}:{path}"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()?;
        let said = Said::from(output);
        ensure!(said.code == Some(0), "{commands}: {}{}", said.out, said.err);
        eprint!("{}", said.err);
        Ok(said.out)
    }

    fn commands(&self, way: Way) -> anyhow::Result<&str> {
        let of_way = self.page.iter().find(|(of, _)| *of == way);
        Ok(&of_way.context("commands")?.1)
    }

    /// Delivers everything; gives how many records were new, and how many as they were. `again` makes the
    /// names of files and requests others.
    pub fn deliver(
        &self,
        way: Way,
        town: &Town,
        server: &Postgres,
        again: &str,
    ) -> anyhow::Result<(u64, u64)> {
        let dated = format!("2026-12-01{again}");
        let told = match way {
            Way::Folder => {
                self.shell(&self.commands(way)?.replace("2026-12-01", &dated))?;
                self.until_processed(town, &format!("cases-{dated}.csv"))?
            }
            Way::Http => {
                let block = self.commands(way)?.replace("2026-12-01", &dated);
                let told = self.shell(&curls(&block, again.is_empty()).join("\n"))?;
                let summary = told.lines().find(|line| line.contains("summary"));
                let told: Value = serde_json::from_str(summary.context(told.clone())?)?;
                told["summary"].clone()
            }
            Way::Grpc => {
                let block = Page::commands(self.commands(way)?);
                let push = block.iter().find(|line| line.contains("SANCTUARY_KEY"));
                let told = self.shell(push.context("a command")?)?;
                serde_json::from_str(told.lines().last().context("counts")?)?
            }
            Way::Database => {
                let sql = fs::read_to_string(self.folder.join("people.sql"))?;
                fs::write(server.path("people.sql"), sql)?;
                let database = format!("cases_{}", self.name);
                let began = now_ms()?;
                server.sql_file(&database, &server.path("people.sql"))?;
                self.until_read(town, began)?
            }
        };
        let count = |name: &str| told[name].as_u64().with_context(|| told.to_string());
        Ok((count("new")?, count("unchanged")?))
    }

    fn until_processed(&self, town: &Town, file: &str) -> anyhow::Result<Value> {
        let processed = self.folder.join("exports/processed");
        let find = || {
            let entries = fs::read_dir(&processed).ok()?;
            let mut names = entries.filter_map(|e| Some(e.ok()?.path()));
            let ending = format!("{file}.summary.json");
            names.find(|path| path.display().to_string().ends_with(&ending))
        };
        town.until("the file to be processed", |_| find().is_some())?;
        Ok(serde_json::from_slice(&fs::read(
            find().context("a summary")?,
        )?)?)
    }

    /// Waits for a reading that began after the rows were there and had them all.
    fn until_read(&self, town: &Town, began: u64) -> anyhow::Result<Value> {
        let config = sanctuary_node::Config::load(&town.config(self.name))?;
        let path = config.data_dir.join("feeds/liquidlogic.summary.json");
        let read = || serde_json::from_slice::<Value>(&fs::read(&path).unwrap_or_default()).ok();
        town.until("the table to be read", |_| {
            read().is_some_and(|told| {
                told["rows"] == crate::RECORDS && told["read_ms"].as_u64() > Some(began)
            })
        })?;
        read().context("a summary")
    }
}

/// One record is put and withdrawn around the many, the first time.
fn curls(block: &str, all: bool) -> Vec<String> {
    let wanted = |line: &String| !line.starts_with("curl") || all || line.contains("people.jsonl");
    Page::commands(block).into_iter().filter(wanted).collect()
}

fn now_ms() -> anyhow::Result<u64> {
    Ok(u64::try_from(
        SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis(),
    )?)
}
