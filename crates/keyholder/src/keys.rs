use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use sanctuary_holder_core::{KeyRing, QuotaOverrides, ShareStore};
use sanctuary_rpc::{RosterWatch, now};
use sanctuary_trust::{SignedManifest, TrustError, files::load_manifest};
use sanctuary_types::PartyId;

use crate::Journal;

/// How often the files are looked at.
pub(crate) const POLL_EVERY: Duration = Duration::from_millis(500);
/// Polls after which a manifest that was refused is tried again: it may be in force by then, or its
/// share may have come.
const RETRY_AFTER_POLLS: u32 = 20;

/// The key ring, kept in step with the manifest files, the roster and the shares: after a ceremony
/// the officers only have to put the new manifest in place.
///
/// A file that is replaced by a broken one changes nothing; a file that is removed withdraws its key.
pub(crate) struct KeyWatch {
    own: PartyId,
    overrides: QuotaOverrides,
    roster: RosterWatch,
    journal: Journal,
    ring: RwLock<Arc<KeyRing>>,
}

/// What the last look at the files saw. Owned by the one task that looks.
pub(crate) struct Seen {
    files: Vec<ManifestFile>,
    roster_version: u32,
    polls_since_failure: Option<u32>,
}

struct ManifestFile {
    path: PathBuf,
    stamp: Option<(SystemTime, u64)>,
    signed: Option<SignedManifest>,
}

impl KeyWatch {
    pub(crate) fn new(
        own: PartyId,
        overrides: QuotaOverrides,
        roster: RosterWatch,
        journal: Journal,
    ) -> Self {
        Self {
            own,
            ring: RwLock::new(Arc::new(KeyRing::new(overrides.clone()))),
            overrides,
            roster,
            journal,
        }
    }

    /// The keys in use now.
    pub(crate) fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks at the files and rebuilds the ring if anything changed.
    pub(crate) fn refresh(&self, seen: &mut Seen) {
        let mut changed = false;
        for file in &mut seen.files {
            changed |= file.reread();
        }
        let version = self.roster.current().version();
        changed |= std::mem::replace(&mut seen.roster_version, version) != version;
        let retry = match &mut seen.polls_since_failure {
            Some(polls) => {
                *polls += 1;
                *polls >= RETRY_AFTER_POLLS
            }
            None => false,
        };
        if changed || retry {
            let failed = self.rebuild(&seen.files, changed);
            seen.polls_since_failure = failed.then_some(0);
        }
    }

    /// Says whether a manifest was refused.
    fn rebuild(&self, files: &[ManifestFile], log: bool) -> bool {
        let roster = self.roster.current();
        let mut ring = KeyRing::new(self.overrides.clone());
        let mut failed = false;
        for (file, signed) in files.iter().filter_map(|f| Some((f, f.signed.as_ref()?))) {
            let added = signed
                .verify(self.roster.anchors(), &roster, now())
                .map_err(|e| e.to_string())
                .and_then(|manifest| {
                    let shares: &dyn ShareStore = &self.journal;
                    ring.add(&self.own, manifest, shares)
                        .map_err(|e| e.to_string())
                });
            if let Err(reason) = added {
                failed = true;
                if log {
                    tracing::error!(manifest = %file.path.display(), %reason, "cannot use a manifest");
                }
            }
        }
        if log {
            for key in ring.keys().map(|k| k.manifest()) {
                let (class, epoch, generation) = (key.class.label(), key.epoch, key.generation);
                tracing::info!(class, %epoch, %generation, "answering under this key");
            }
        }
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        failed
    }
}

impl Seen {
    pub(crate) fn new(paths: &[PathBuf]) -> Self {
        let files = paths
            .iter()
            .map(|path| ManifestFile {
                path: path.clone(),
                stamp: None,
                signed: None,
            })
            .collect();
        Self {
            files,
            roster_version: 0,
            polls_since_failure: None,
        }
    }
}

impl ManifestFile {
    /// Says whether the manifest changed.
    fn reread(&mut self) -> bool {
        let stamp = stamp(&self.path);
        if stamp == self.stamp {
            return false;
        }
        self.stamp = stamp;
        let path = self.path.display();
        if stamp.is_none() {
            tracing::warn!(manifest = %path, "a manifest is gone; no longer answering under its key");
            return self.signed.take().is_some();
        }
        match self.load() {
            Ok(signed) => {
                self.signed = Some(signed);
                true
            }
            Err(error) => {
                tracing::error!(manifest = %path, %error, "cannot read a manifest; keeping the one before");
                false
            }
        }
    }

    fn load(&self) -> Result<SignedManifest, TrustError> {
        load_manifest(&self.path)
    }
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
