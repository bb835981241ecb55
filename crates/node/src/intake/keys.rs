//! API keys: shown once, kept as hashes in a sealed file that the daemon reads again when it changes.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use sanctuary_node_core::{FeedName, NodeError};
use sanctuary_store::Sealer;
use sanctuary_types::{Timestamp, lp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// What a key begins with, so that scanners of secrets know one.
const PREFIX: &str = "snk1_";
const PLACE: &[u8] = b"api-keys";
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// A key as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Which system has it.
    pub name: String,
    /// SHA-256 of the key: 32 random bytes, so nobody can guess it from there.
    hash: [u8; 32],
    /// When it was made.
    pub made: Timestamp,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

/// The keys of a node.
pub struct ApiKeys {
    path: PathBuf,
    sealer: Sealer,
    read: Mutex<Option<(Stamp, Vec<ApiKey>)>>,
}

/// Tells one state of the file from another; it is replaced as a whole.
type Stamp = (u64, i64, i64, u64);

impl ApiKeys {
    /// The keys in a data folder.
    #[must_use]
    pub fn of(data_dir: &Path, sealer: Sealer) -> Self {
        Self {
            path: data_dir.join("api-keys"),
            sealer,
            read: Mutex::default(),
        }
    }

    /// Every key, revoked ones too, oldest first.
    ///
    /// # Errors
    /// A file that cannot be read or was not written under this node's root key.
    pub fn list(&self) -> Result<Vec<ApiKey>, NodeError> {
        let stamp = match fs::metadata(&self.path) {
            Ok(m) => (m.ino(), m.mtime(), m.mtime_nsec(), m.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, keys)) = read.as_ref()
            && *of == stamp
        {
            return Ok(keys.clone());
        }
        if stamp.3 > FILE_BYTES_MAX {
            return Err(NodeError::Damaged("file of API keys"));
        }
        let damaged = |_| NodeError::Damaged("file of API keys");
        let opened = self.sealer.open("api-keys", PLACE, &fs::read(&self.path)?);
        let (_, plain) = opened.map_err(damaged)?;
        let keys: Vec<ApiKey> =
            serde_json::from_slice(&plain).map_err(|_| NodeError::Damaged("file of API keys"))?;
        *read = Some((stamp, keys.clone()));
        Ok(keys)
    }

    /// Makes a key for a system; gives it, for the only time.
    ///
    /// # Errors
    /// When a live key has the name, or the file cannot be written.
    pub fn add(&self, name: &FeedName, now: Timestamp) -> Result<Zeroizing<String>, NodeError> {
        let key = Zeroizing::new(format!(
            "{PREFIX}{}",
            hex::encode(rand::random::<[u8; 32]>())
        ));
        self.change(|keys| {
            if keys
                .iter()
                .any(|k| k.name == name.as_str() && k.revoked.is_none())
            {
                return Err(NodeError::Feed(format!(
                    "there is a live key named {name}; take another name, or revoke that one first"
                )));
            }
            keys.push(ApiKey {
                name: name.as_str().to_owned(),
                hash: hash(&key),
                made: now,
                revoked: None,
            });
            Ok(())
        })?;
        Ok(key)
    }

    /// Revokes the live key of a name: from now on it opens nothing.
    ///
    /// # Errors
    /// When there is none, or the file cannot be written.
    pub fn revoke(&self, name: &str, now: Timestamp) -> Result<(), NodeError> {
        self.change(|keys| {
            let live = keys
                .iter_mut()
                .find(|k| k.name == name && k.revoked.is_none());
            let key =
                live.ok_or_else(|| NodeError::Feed(format!("there is no live key named {name}")))?;
            key.revoked = Some(now);
            Ok(())
        })
    }

    /// The name of a live key.
    ///
    /// # Errors
    /// As [`ApiKeys::list`].
    pub fn name_of(&self, key: &str) -> Result<Option<String>, NodeError> {
        let hash = hash(key);
        let keys = self.list()?;
        let live = keys
            .into_iter()
            .find(|k| k.hash == hash && k.revoked.is_none());
        Ok(live.map(|key| key.name))
    }

    /// Whether a live key has the name.
    ///
    /// # Errors
    /// As [`ApiKeys::list`].
    pub fn is_live(&self, name: &str) -> Result<bool, NodeError> {
        let keys = self.list()?;
        Ok(keys.iter().any(|k| k.name == name && k.revoked.is_none()))
    }

    /// One change at a time, whichever process makes it.
    fn change(
        &self,
        change: impl FnOnce(&mut Vec<ApiKey>) -> Result<(), NodeError>,
    ) -> Result<(), NodeError> {
        let lock = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.path.with_extension("lock"))?;
        lock.lock()?;
        let mut keys = self.list()?;
        change(&mut keys)?;
        let plain = Zeroizing::new(
            serde_json::to_vec(&keys).map_err(|_| NodeError::Damaged("file of API keys"))?,
        );
        let sealed = self.sealer.seal("api-keys", PLACE, 1, &plain);
        let sealed = sealed.map_err(|_| NodeError::Damaged("file of API keys"))?;
        let partial = self.path.with_extension("partial");
        fs::write(&partial, sealed)?;
        File::open(&partial)?.sync_all()?;
        fs::rename(partial, &self.path)?;
        Ok(())
    }
}

fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(lp(&[b"sanctuary/v1/api-key", key.as_bytes()])).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_until_it_is_revoked_and_is_kept_nowhere() {
        let dir = tempfile::tempdir().unwrap();
        let keys = |root: u8| ApiKeys::of(dir.path(), Sealer::from_root_key(&[root; 32]).unwrap());
        let (daemon, command) = (keys(1), keys(1));
        let name: FeedName = "liquidlogic".parse().unwrap();
        assert_eq!(daemon.name_of("anything").unwrap(), None);
        let key = command.add(&name, Timestamp(5)).unwrap();
        assert!(key.starts_with(PREFIX) && key.len() == PREFIX.len() + 64);
        assert_eq!(
            daemon.name_of(&key).unwrap().as_deref(),
            Some("liquidlogic")
        );
        assert_eq!(daemon.name_of(&key.to_uppercase()).unwrap(), None);
        assert!(command.add(&name, Timestamp(6)).is_err());
        assert!(daemon.is_live("liquidlogic").unwrap() && !daemon.is_live("other").unwrap());
        let stored = fs::read(dir.path().join("api-keys")).unwrap();
        let holds = |text: &[u8]| stored.windows(text.len()).any(|w| w == text);
        assert!(!holds(key.as_bytes()) && !holds(b"liquidlogic"));
        command.revoke("liquidlogic", Timestamp(7)).unwrap();
        assert_eq!(daemon.name_of(&key).unwrap(), None);
        assert!(!daemon.is_live("liquidlogic").unwrap());
        assert!(command.revoke("liquidlogic", Timestamp(8)).is_err());
        let second = command.add(&name, Timestamp(9)).unwrap();
        assert_ne!(*second, *key);
        assert_eq!(daemon.list().unwrap().len(), 2);
        // A file of another node opens nothing.
        assert!(keys(2).name_of(&second).is_err());
    }
}
