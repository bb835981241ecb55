use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use sanctuary_rpc::now;
use sanctuary_trust::{
    Anchors, ManifestTerms, Roster, SignedManifest,
    files::{Layout, load_manifest, load_signing_key, write_public},
};
use sanctuary_types::{Epoch, KeyClass, Month, PartyId, RulesVersion, Timestamp};
use serde_json::json;

use crate::{
    Failure, Terms, block_on,
    ceremony::{self, Wanted},
    output::{Output, utc},
    whoami::{Whoami, load_trusted},
};

#[derive(Subcommand)]
pub(crate) enum Keys {
    /// Let the key holders make a new key among themselves, and sign its manifest
    ///
    /// No machine ever holds the whole key. Needs every key holder to be running.
    #[command(
        after_help = "Example:\n  sanctuary keys ceremony --dir pilot --class person --epoch 1\n  sanctuary keys ceremony --dir pilot --class identifier --epoch 1"
    )]
    Ceremony {
        /// Directory of the partnership
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// Which tokens the key is for
        #[arg(long)]
        class: Class,
        /// Epoch of the key: tokens of different epochs cannot be compared
        #[arg(long)]
        epoch: u32,
        /// The officer who leads the ceremony; signs first
        #[arg(long = "as", value_name = "OFFICER", default_value = "officer-1")]
        officer: PartyId,
        /// Further officers whose keys are in DIR and who sign at once; the default is as many as
        /// are needed and there
        #[arg(long, value_name = "OFFICERS", value_delimiter = ',')]
        signers: Vec<PartyId>,
    },
    /// Add an officer's signature to a manifest, after reading what it says
    #[command(
        after_help = "Example:\n  sanctuary keys sign --dir pilot --class person --as officer-2"
    )]
    Sign {
        /// Directory of the partnership
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// Which manifest
        #[arg(long)]
        class: Class,
        /// The officer who signs
        #[arg(long = "as", value_name = "OFFICER")]
        officer: PartyId,
    },
    /// Check the manifests and show their terms
    #[command(after_help = "Example:\n  sanctuary keys show --dir pilot")]
    Show {
        /// Directory of the partnership
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
    },
}

/// A key class on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Class {
    Person,
    Identifier,
}

impl From<Class> for KeyClass {
    fn from(class: Class) -> Self {
        match class {
            Class::Person => Self::Person,
            Class::Identifier => Self::Identifier,
        }
    }
}

pub(crate) fn run(command: Keys, output: &Output) -> Result<(), Failure> {
    match command {
        Keys::Ceremony {
            dir,
            class,
            epoch,
            officer,
            signers,
        } => hold_ceremony(
            &Layout(dir),
            class.into(),
            Epoch(epoch),
            &officer,
            &signers,
            output,
        ),
        Keys::Sign {
            dir,
            class,
            officer,
        } => sign(&Layout(dir), class.into(), &officer, output),
        Keys::Show { dir } => show(&Layout(dir), output),
    }
}

fn hold_ceremony(
    layout: &Layout,
    class: KeyClass,
    epoch: Epoch,
    officer: &PartyId,
    signers: &[PartyId],
    output: &Output,
) -> Result<(), Failure> {
    let terms = Terms::load(&layout.0)?;
    let (anchors, roster) = load_trusted(layout)?;
    let caller = Whoami {
        dir: layout.0.clone(),
        party: officer.clone(),
        identity: None,
    }
    .load()?;
    refuse_lower_epoch(layout, class, epoch)?;
    let wanted = Wanted {
        class,
        epoch,
        threshold: terms.threshold,
        holders: roster.key_holders().map(|p| p.id.clone()).collect(),
    };
    let results = block_on(ceremony::hold(
        &wanted,
        &caller.identity,
        &caller.roster,
        |step| {
            eprintln!("{step}");
        },
    ))?;
    let mut manifest = SignedManifest::from_ceremony(manifest_terms(&terms, wanted), &results)?;
    manifest.sign(&anchors, caller.identity.signing())?;
    for signer in willing(layout, &anchors, officer, signers) {
        manifest.sign(&anchors, &load_signing_key(&signer)?)?;
    }
    let path = layout.manifest(class);
    write_public(&path, &manifest.to_json())?;
    report(&path, &manifest, &anchors, &roster, output)
}

fn sign(
    layout: &Layout,
    class: KeyClass,
    officer: &PartyId,
    output: &Output,
) -> Result<(), Failure> {
    let (anchors, roster) = load_trusted(layout)?;
    let path = layout.manifest(class);
    let mut manifest = load_manifest(&path)?;
    let key = load_signing_key(&layout.party(officer.as_str()).join("signing.key"))?;
    manifest.sign(&anchors, &key)?;
    write_public(&path, &manifest.to_json())?;
    report(&path, &manifest, &anchors, &roster, output)
}

fn show(layout: &Layout, output: &Output) -> Result<(), Failure> {
    let (anchors, roster) = load_trusted(layout)?;
    let mut texts = Vec::new();
    let mut values = Vec::new();
    for class in KeyClass::ALL {
        let path = layout.manifest(class);
        if !path.exists() {
            texts.push(format!("{}: no manifest yet", class.label()));
            continue;
        }
        let manifest = load_manifest(&path)?;
        let state = match manifest.verify(&anchors, &roster, now()) {
            Ok(_) => "in force".to_owned(),
            Err(error) => error.to_string(),
        };
        let m = manifest.proposal();
        texts.push(format!(
            "{}: epoch {}, generation {}, {} of {} key holders, until {}: {state}",
            class.label(),
            m.epoch,
            m.generation,
            m.threshold,
            m.holders.len(),
            utc(m.not_after)
        ));
        values.push(json!({"manifest": m, "state": state}));
    }
    output.result(&texts.join("\n"), &values)
}

fn report(
    path: &Path,
    manifest: &SignedManifest,
    anchors: &Anchors,
    roster: &Roster,
    output: &Output,
) -> Result<(), Failure> {
    let have = manifest.signatures().len();
    let missing = usize::from(anchors.k).saturating_sub(have);
    let text = if missing > 0 {
        format!(
            "{}: {missing} more officers must sign; each runs: sanctuary keys sign",
            path.display()
        )
    } else {
        manifest.verify(anchors, roster, now())?;
        format!("{}: in force", path.display())
    };
    output.result(
        &text,
        &json!({
            "file": path,
            "epoch": manifest.proposal().epoch,
            "class": manifest.proposal().class,
            "signatures": have,
            "signatures_needed": anchors.k,
            "in_force": missing == 0,
        }),
    )
}

/// A lower epoch than the one in force would bring old tags back.
fn refuse_lower_epoch(layout: &Layout, class: KeyClass, epoch: Epoch) -> Result<(), Failure> {
    let path = layout.manifest(class);
    if path.exists() && load_manifest(&path)?.proposal().epoch >= epoch {
        return Err(Failure::usage(format!(
            "{} has this epoch or a later one already; choose a higher epoch",
            path.display()
        )));
    }
    Ok(())
}

fn manifest_terms(terms: &Terms, wanted: Wanted) -> ManifestTerms {
    let start = now();
    // Machines whose clocks are a little behind must not refuse a fresh manifest.
    let not_before = Timestamp(start.0.saturating_sub(3_600_000));
    ManifestTerms {
        class: wanted.class,
        epoch: wanted.epoch,
        threshold: wanted.threshold,
        holders: wanted.holders,
        quota_per_day: terms.quota_per_day,
        universe_records: terms.universe_records,
        rules: RulesVersion(terms.rules),
        not_before,
        not_after: end_of(Month::at(start).plus(terms.months)),
    }
}

/// The end of a month, as the end of an epoch.
fn end_of(month: Month) -> Timestamp {
    let mut day = u64::from(month.0) * 30 + 10_957;
    while Month::at(Timestamp(day * 86_400_000)) <= month {
        day += 1;
    }
    Timestamp(day * 86_400_000)
}

/// The key files of the officers who sign beside the leading one.
fn willing(
    layout: &Layout,
    anchors: &Anchors,
    leading: &PartyId,
    signers: &[PartyId],
) -> Vec<PathBuf> {
    let key_of = |id: &str| layout.party(id).join("signing.key");
    if !signers.is_empty() {
        return signers.iter().map(|id| key_of(id.as_str())).collect();
    }
    (1..=anchors.officers.len())
        .map(|n| format!("officer-{n}"))
        .filter(|id| id != leading.as_str())
        .map(|id| key_of(&id))
        .filter(|path| path.exists())
        .take(usize::from(anchors.k).saturating_sub(1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_ends_with_a_month() {
        let end = end_of(Month::of(2027, 2));
        assert_eq!(end.date(), (2027, 3, 1));
        assert_eq!(end.0 % 86_400_000, 0);
        assert_eq!(end_of(Month::of(2099, 12)).date(), (2100, 1, 1));
    }
}
