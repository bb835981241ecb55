//! Sample and generated configurations are read by the daemons they are for.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use sanctuary_tests::Said;
use tempfile::TempDir;

/// One of the daemons' own readers of configurations.
struct Daemon {
    name: &'static str,
    parse: fn(&str) -> Result<(), String>,
    load: fn(&Path) -> Result<(), String>,
}

macro_rules! daemon {
    ($name:literal, $config:ty) => {
        Daemon {
            name: $name,
            parse: |text| match <$config>::parse(text) {
                Ok(_) => Ok(()),
                Err(error) => Err(error.to_string()),
            },
            load: |path| match <$config>::load(path) {
                Ok(_) => Ok(()),
                Err(error) => Err(error.to_string()),
            },
        }
    };
}

const DAEMONS: [Daemon; 4] = [
    daemon!("hub", sanctuary_hub::Config),
    daemon!("keyholder", sanctuary_keyholder::Config),
    daemon!("node", sanctuary_node::Config),
    daemon!("operator", sanctuary_operator::Config),
];

fn repository() -> anyhow::Result<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(own
        .parent()
        .context("tests/ lies in the repository")?
        .to_owned())
}

#[test]
fn every_sample_is_read_by_its_daemon_and_every_daemon_has_one() -> anyhow::Result<()> {
    let folder = repository()?.join("deploy/config");
    let mut read = [0; DAEMONS.len()];
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let place = DAEMONS.iter().position(|d| stem.starts_with(d.name));
        let Some(place) = place else {
            // Not a daemon's: a sample mapping file, which a node reads.
            let text = std::fs::read_to_string(&path)?;
            sanctuary_node_core::Mapping::parse(&text)
                .with_context(|| format!("{} is nobody's", path.display()))?;
            continue;
        };
        let daemon = &DAEMONS[place];
        let text = std::fs::read_to_string(&path)?;
        let named = |error| anyhow::anyhow!("{}: {error}", path.display());
        (daemon.parse)(&text).map_err(named)?;
        (daemon.load)(&path).map_err(named)?;
        // A sample that is read whatever it says would prove nothing.
        ensure!(
            (daemon.parse)(&format!("no_such_key = 1\n{text}")).is_err(),
            "an unknown key must be refused"
        );
        read[place] += 1;
    }
    println!("samples read for {:?}: {read:?}", DAEMONS.map(|d| d.name));
    ensure!(
        read.iter().all(|count| *count > 0),
        "{} lacks a sample for a daemon: {read:?} for hub, keyholder, node",
        folder.display()
    );
    Ok(())
}

#[test]
fn a_founded_partnership_has_a_configuration_that_each_daemon_reads() -> anyhow::Result<()> {
    let dir = TempDir::new()?;
    let place = dir.path().join("pilot").display().to_string();
    let founded = Said::by(
        "sanctuary",
        &[
            "init",
            "partnership",
            "--dir",
            &place,
            "--hub",
            "centre",
            "--holders",
            "alder,birch,cedar",
            "--agencies",
            "police,council",
            "--host",
            "127.0.0.1",
        ],
    )?;
    ensure!(founded.code == Some(0), "{}", founded.err);
    let expected = [
        ("centre", "hub"),
        ("alder", "keyholder"),
        ("birch", "keyholder"),
        ("cedar", "keyholder"),
        ("police", "node"),
        ("council", "node"),
    ];
    for (party, daemon) in expected {
        let path = Path::new(&place).join(party).join(format!("{daemon}.toml"));
        let reader = DAEMONS
            .iter()
            .find(|d| d.name == daemon)
            .context("a daemon")?;
        (reader.load)(&path).map_err(|e| anyhow::anyhow!("{}: {e}", path.display()))?;
        println!("{party}/{daemon}.toml is read");
    }
    Ok(())
}

#[test]
fn systemd_starts_the_programs_there_are_with_the_samples_names() -> anyhow::Result<()> {
    for daemon in DAEMONS {
        let unit = repository()?
            .join("deploy/systemd")
            .join(format!("sanctuary-{}.service", daemon.name));
        let text = std::fs::read_to_string(&unit)?;
        let start = format!(
            "ExecStart=/usr/bin/sanctuary-{0} --config /etc/sanctuary/{0}.toml",
            daemon.name
        );
        ensure!(
            text.contains(&start),
            "{} does not say {start}",
            unit.display()
        );
        // The program knows the option that the unit gives it.
        let program = format!("sanctuary-{}", daemon.name);
        let said = Said::by(&program, &["--config", "/nowhere/none.toml"])?;
        ensure!(
            said.code == Some(2) && said.err.contains("none.toml"),
            "{program}: {said:?}"
        );
    }
    Ok(())
}
