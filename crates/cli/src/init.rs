use std::path::PathBuf;

use clap::{Args, Subcommand};
use rand::{rand_core::UnwrapErr, rngs::SysRng};
use sanctuary_rpc::now;
use sanctuary_trust::{Partnership, Plan, PlannedParty, files::write_public};
use sanctuary_types::PartyId;
use serde_json::json;

use crate::{Failure, Terms, daemon_configs, output::Output};

#[derive(Subcommand)]
pub(crate) enum Init {
    /// Make the keys, certificates, roster and configuration files of a whole partnership
    ///
    /// For a pilot on machines you control: all keys are made in one place and must be carried to
    /// their owners. In production each party makes its own keys; see `sanctuary enrol`.
    #[command(
        after_help = "Example:\n  sanctuary init partnership --dir pilot --hub hub --holders alder,birch,cedar --threshold 2 --agencies police,council --officers 3 --sign 2"
    )]
    Partnership(InitPartnership),
}

/// Options of `sanctuary init partnership`.
#[derive(Args, Clone, Debug)]
pub struct InitPartnership {
    /// Directory to write into; must hold no partnership yet
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Name of the hub
    #[arg(long, value_name = "NAME", default_value = "hub")]
    pub hub: PartyId,
    /// Names of the key holders, in the order of their share numbers
    #[arg(long, value_name = "NAMES", value_delimiter = ',', required = true)]
    pub holders: Vec<PartyId>,
    /// Key holders needed to evaluate
    #[arg(long, value_name = "T", default_value_t = 2)]
    pub threshold: u16,
    /// Names of the agencies
    #[arg(long, value_name = "NAMES", value_delimiter = ',', required = true)]
    pub agencies: Vec<PartyId>,
    /// How many officers there are
    #[arg(long, value_name = "M", default_value_t = 3)]
    pub officers: u8,
    /// How many officers must sign
    #[arg(long, value_name = "K", default_value_t = 2)]
    pub sign: u8,
    /// Host under which hub and key holders are reached
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    pub host: String,
    /// Port of the hub; the key holders get the ports from 11 above it
    #[arg(long, value_name = "PORT", default_value_t = 7400)]
    pub port: u16,
    /// Full evaluations per agency, key class and day
    #[arg(long, value_name = "N")]
    pub quota_per_day: Option<u64>,
    /// Records the partnership expects to hold in all
    #[arg(long, value_name = "N")]
    pub universe_records: Option<u64>,
    /// Do not let nodes compare two records, encrypted, where the tokens leave doubt
    #[arg(long)]
    pub no_second_step: bool,
}

pub(crate) fn run(command: Init, output: &Output) -> Result<(), Failure> {
    let Init::Partnership(args) = command;
    let (terms, plan) = args.plan()?;
    let mut rng = UnwrapErr(SysRng);
    let partnership = Partnership::generate(&plan, now(), &mut rng)?;
    let layout = partnership.write_to_dir(&args.dir)?;
    terms.save(&args.dir)?;
    let mut written = Vec::new();
    for config in daemon_configs(&partnership) {
        write_public(&layout.0.join(&config.file), config.toml.as_bytes())?;
        written.push(config.file);
    }
    let fingerprint = partnership.anchors.fingerprint().to_string();
    let text = format!(
        "The partnership is in {}.\nFingerprint of anchors.json, to read aloud to every member: {fingerprint}\n\
         Start the key holders, then: sanctuary keys ceremony --dir {} --class person --epoch 1",
        args.dir.display(),
        args.dir.display()
    );
    output.result(
        &text,
        &json!({
            "dir": args.dir,
            "anchors_fingerprint": fingerprint,
            "hub": args.hub,
            "key_holders": args.holders,
            "agencies": args.agencies,
            "threshold": args.threshold,
            "configs": written,
        }),
    )
}

impl InitPartnership {
    /// What is to be made.
    fn plan(&self) -> Result<(Terms, Plan), Failure> {
        let holders = self.holders.len();
        if self.threshold < 2 || usize::from(self.threshold) > holders {
            return Err(Failure::usage(format!(
                "the threshold must be 2 to {holders}, the number of key holders"
            )));
        }
        if self.sign == 0 || self.sign > self.officers {
            return Err(Failure::usage(format!(
                "the number of officers who must sign must be 1 to {}",
                self.officers
            )));
        }
        let mut terms = Terms::with_threshold(self.threshold);
        terms.quota_per_day = self.quota_per_day.unwrap_or(terms.quota_per_day);
        terms.universe_records = self.universe_records.unwrap_or(terms.universe_records);
        let plan = Plan {
            hub: self.listening(&self.hub, 0)?,
            holders: (11..)
                .zip(&self.holders)
                .map(|(offset, id)| self.listening(id, offset))
                .collect::<Result<_, _>>()?,
            agencies: self
                .agencies
                .iter()
                .map(|id| PlannedParty::new(id.as_str(), None))
                .collect::<Result<_, _>>()?,
            officers: self.officers,
            sign: self.sign,
            certificate_days: 14,
            second_step: !self.no_second_step,
        };
        Ok((terms, plan))
    }

    fn listening(&self, id: &PartyId, offset: u16) -> Result<PlannedParty, Failure> {
        let port = self
            .port
            .checked_add(offset)
            .ok_or_else(|| Failure::usage("the ports would go beyond 65535; choose a lower one"))?;
        let mut party = PlannedParty::new(id.as_str(), Some(format!("{}:{port}", self.host)))?;
        match self.host.parse() {
            Ok(address) => party.names.ip.push(address),
            Err(_) => party.names.dns.push(self.host.clone()),
        }
        Ok(party)
    }
}
