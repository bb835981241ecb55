use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, Instant, SystemTime},
};

use sanctuary_trust::{
    Anchors, Party, Roster, SignedRoster,
    files::{load_roster, read_limited, write_public},
};
use sanctuary_types::PartyId;
use tonic::Status;

use crate::{ErrorCode, RpcError};

const POLL_EVERY: Duration = Duration::from_secs(1);

/// The newest roster this party knows. Cheap to clone.
///
/// The file is looked at when the roster is used, at most once a second. A version below the
/// highest one seen is never taken, not even after a restart when a state file is given; a broken
/// file leaves the old roster in force and is logged.
#[derive(Clone)]
pub struct RosterWatch(Arc<Inner>);

struct Inner {
    anchors: Anchors,
    path: Option<PathBuf>,
    state: Option<PathBuf>,
    current: RwLock<Arc<Roster>>,
    poll: FilePoll,
}

impl RosterWatch {
    /// Reads and verifies the roster file. `state` is a small file in the party's data directory
    /// that keeps the highest version seen.
    ///
    /// # Errors
    /// [`RpcError::Trust`] when the roster is not there, not signed by enough officers, or older
    /// than one already seen.
    pub fn open(path: &Path, anchors: Anchors, state: Option<&Path>) -> Result<Self, RpcError> {
        let poll = FilePoll::default();
        poll.changed(path);
        let least = state.map_or(Ok(0), read_high_water)?;
        let roster = load_roster(path)?.verify(&anchors, least)?;
        if let Some(state) = state {
            write_high_water(state, roster.version())?;
        }
        Ok(Self(Arc::new(Inner {
            anchors,
            path: Some(path.to_owned()),
            state: state.map(Path::to_owned),
            current: RwLock::new(Arc::new(roster)),
            poll,
        })))
    }

    /// A roster in memory, for the lab and tests; [`RosterWatch::offer`] changes it.
    ///
    /// # Errors
    /// [`RpcError::Trust`] when it is not signed by enough officers.
    pub fn in_memory(signed: &SignedRoster, anchors: Anchors) -> Result<Self, RpcError> {
        let roster = signed.verify(&anchors, 0)?;
        Ok(Self(Arc::new(Inner {
            anchors,
            path: None,
            state: None,
            current: RwLock::new(Arc::new(roster)),
            poll: FilePoll::default(),
        })))
    }

    /// The roster in force.
    #[must_use]
    pub fn current(&self) -> Arc<Roster> {
        if let Some(path) = &self.0.path
            && self.0.poll.changed(path)
        {
            self.reread(path);
        }
        self.0
            .current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Looks at the file now, however recently it was looked at.
    ///
    /// # Errors
    /// [`RpcError::Trust`] when the file is unusable; the old roster stays in force.
    pub fn refresh(&self) -> Result<Arc<Roster>, RpcError> {
        if let Some(path) = &self.0.path {
            self.offer(&load_roster(path)?)?;
        }
        Ok(self.current())
    }

    /// Takes a newer roster, if enough officers signed it. The version in force is no change.
    ///
    /// # Errors
    /// [`RpcError::Trust`] when it is not signed by enough officers or older than the one in force.
    pub fn offer(&self, signed: &SignedRoster) -> Result<(), RpcError> {
        let mut current = self
            .0
            .current
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let offered = signed.verify(&self.0.anchors, current.version())?;
        if offered.version() == current.version() {
            if offered != **current {
                tracing::error!(
                    version = offered.version(),
                    "two different rosters of one version are in circulation; keeping the first, tell the officers"
                );
            }
            return Ok(());
        }
        if let Some(state) = &self.0.state {
            write_high_water(state, offered.version())?;
        }
        tracing::info!(version = offered.version(), "took up a new roster");
        *current = Arc::new(offered);
        Ok(())
    }

    /// The anchors that rosters and manifests are checked against.
    #[must_use]
    pub fn anchors(&self) -> &Anchors {
        &self.0.anchors
    }

    /// The party of a TLS key, if it is on the roster.
    #[must_use]
    pub fn by_spki(&self, spki_sha256: &[u8; 32]) -> Option<Party> {
        self.current().by_spki(spki_sha256).cloned()
    }

    /// The party of an id.
    ///
    /// # Errors
    /// [`RpcError::UnknownParty`].
    pub fn party(&self, id: &PartyId) -> Result<Party, RpcError> {
        self.current()
            .party(id)
            .cloned()
            .ok_or_else(|| RpcError::UnknownParty(id.clone()))
    }

    /// For the next message of an open stream: whether its peer is still on the roster.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` with [`ErrorCode::NotEnrolled`].
    pub fn still_enrolled(&self, spki_sha256: &[u8; 32]) -> Result<(), Status> {
        if self.current().by_spki(spki_sha256).is_some() {
            return Ok(());
        }
        tracing::warn!(
            spki = %crate::caller::prefix(spki_sha256),
            "cut a stream: its peer is no longer on the roster"
        );
        Err(ErrorCode::NotEnrolled
            .status("this party is no longer on the partnership's roster; ask the officers"))
    }

    fn reread(&self, path: &Path) {
        let taken = load_roster(path)
            .map_err(RpcError::from)
            .and_then(|signed| self.offer(&signed));
        if let Err(error) = taken {
            tracing::error!(%error, "the roster on disk is unusable; keeping the one in force");
        }
    }
}

impl fmt::Debug for RosterWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RosterWatch(version {})", self.current().version())
    }
}

/// Notices that a file was replaced, at the cost of one `stat` a second while it is in use.
#[derive(Default)]
pub(crate) struct FilePoll(Mutex<PollState>);

#[derive(Default)]
struct PollState {
    looked: Option<Instant>,
    seen: Option<(SystemTime, u64)>,
}

impl FilePoll {
    /// Whether the file differs from what the last call saw.
    pub(crate) fn changed(&self, path: &Path) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.looked.is_some_and(|at| at.elapsed() < POLL_EVERY) {
            return false;
        }
        state.looked = Some(Instant::now());
        let found = std::fs::metadata(path)
            .ok()
            .and_then(|m| Some((m.modified().ok()?, m.len())));
        let changed = found.is_some() && found != state.seen;
        if changed {
            state.seen = found;
        }
        changed
    }
}

fn read_high_water(path: &Path) -> Result<u32, RpcError> {
    if !path.exists() {
        return Ok(0);
    }
    let text = read_limited(path, 32)?;
    std::str::from_utf8(&text)
        .ok()
        .and_then(|t| t.trim().parse().ok())
        .ok_or_else(|| {
            RpcError::Trust(sanctuary_trust::TrustError::File {
                path: path.display().to_string(),
                reason:
                    "it should hold the highest roster version seen; restore it from the backup"
                        .to_owned(),
            })
        })
}

fn write_high_water(path: &Path, version: u32) -> Result<(), RpcError> {
    Ok(write_public(path, format!("{version}\n").as_bytes())?)
}
