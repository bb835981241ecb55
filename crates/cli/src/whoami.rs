use std::path::PathBuf;

use clap::Args;
use sanctuary_rpc::{Identity, RosterWatch};
use sanctuary_trust::{
    Anchors, Roster,
    files::{Layout, load_anchors, load_roster},
};
use sanctuary_types::PartyId;

use crate::Failure;

/// Whose keys a command uses, and where the partnership's files are.
#[derive(Args, Clone, Debug)]
pub(crate) struct Whoami {
    /// Directory with anchors.json and roster.json
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) dir: PathBuf,
    /// The party that calls; its keys are in DIR/PARTY
    #[arg(long = "as", value_name = "PARTY")]
    pub(crate) party: PartyId,
    /// The party's identity directory, if it is not DIR/PARTY
    #[arg(long, value_name = "DIR")]
    pub(crate) identity: Option<PathBuf>,
}

/// A party ready to call others.
pub(crate) struct Caller {
    pub(crate) party: PartyId,
    pub(crate) identity: Identity,
    pub(crate) roster: RosterWatch,
}

impl Whoami {
    pub(crate) fn load(&self) -> Result<Caller, Failure> {
        let layout = Layout(self.dir.clone());
        let anchors = load_anchors(&layout.anchors())?;
        let identity_dir = self
            .identity
            .clone()
            .unwrap_or_else(|| layout.party(self.party.as_str()));
        Ok(Caller {
            party: self.party.clone(),
            identity: Identity::load(&identity_dir, &anchors)?,
            roster: RosterWatch::open(&layout.roster(), anchors, None)?,
        })
    }
}

/// The anchors and the verified roster of a partnership directory.
pub(crate) fn load_trusted(layout: &Layout) -> Result<(Anchors, Roster), Failure> {
    let anchors = load_anchors(&layout.anchors())?;
    let roster = load_roster(&layout.roster())?.verify(&anchors, 0)?;
    Ok((anchors, roster))
}
