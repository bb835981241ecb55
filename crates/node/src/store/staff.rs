use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use sanctuary_disclosure::PersonId;
use sanctuary_ledger::{Act, ActorRole, Acts, EntryKind};
use sanctuary_node_core::NodeError;
use sanctuary_staff::{
    Change, Member, PortError, Session, SessionHash, StaffAct, StaffActKind, StaffStore, Tries,
    TriesKey,
};
use sanctuary_store::{Batch, Sealer, Store, StoreError};
use serde::{Serialize, de::DeserializeOwned};

use super::{BROKEN, large::LargeTable, open_sealed};

/// The staff register on disk: people, sessions and tries, all sealed, in a store of its own beside the
/// records; and the log that each act goes to first.
pub struct StaffTables {
    store: Store,
    members: LargeTable,
    sessions: LargeTable,
    tries: LargeTable,
    sealer: Arc<Sealer>,
    acts: Arc<dyn Acts>,
    writing: Mutex<()>,
    broken: AtomicBool,
}

impl StaffTables {
    /// Opens or makes the store in `dir` under `sealer`'s root key; acts go to `acts`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(dir: &Path, sealer: Sealer, acts: Arc<dyn Acts>) -> Result<Self, StoreError> {
        let (store, sealer) = open_sealed(dir, 4 * 1024 * 1024, sealer)?;
        let large = |name: &str| Ok::<_, StoreError>(LargeTable::new(store.table(name)?, &sealer));
        Ok(Self {
            members: large("member")?,
            sessions: large("session")?,
            tries: large("tries")?,
            acts,
            writing: Mutex::new(()),
            broken: AtomicBool::new(false),
            sealer: Arc::clone(&sealer),
            store,
        })
    }

    fn member_key(&self, person: &PersonId) -> [u8; 32] {
        self.sealer.index_key("member", person.as_str().as_bytes())
    }

    fn tries_key(&self, of: &TriesKey) -> [u8; 32] {
        match of {
            TriesKey::Person(person) => self.sealer.index_key("tries", person.as_str().as_bytes()),
            TriesKey::Nobody(bucket) => self.sealer.index_key("bucket", &bucket.to_be_bytes()),
        }
    }

    fn changes(&self, change: Change) -> Result<[Batch; 3], NodeError> {
        let mut batches = [Batch::default(), Batch::default(), Batch::default()];
        let [members, sessions, tries] = &mut batches;
        for member in change.members {
            let key = self.member_key(&member.person);
            self.members.put(members, &key, &json(&member)?)?;
        }
        for (hash, session) in change.sessions {
            match session {
                Some(session) => self.sessions.put(sessions, &hash.0, &json(&session)?)?,
                None => self.sessions.remove(sessions, &hash.0)?,
            }
        }
        for (of, tried) in change.tries {
            self.tries
                .put(tries, &self.tries_key(&of), &json(&tried)?)?;
        }
        Ok(batches)
    }
}

impl StaffStore for StaffTables {
    fn member(&self, person: &PersonId) -> Result<Option<Member>, PortError> {
        one(&self.members, &self.member_key(person))
    }

    fn members(&self) -> Result<Vec<Member>, PortError> {
        let mut members = Vec::new();
        self.members
            .for_each(&mut |_, bytes| {
                members.push(parsed(&bytes)?);
                Ok(())
            })
            .map_err(port)?;
        Ok(members)
    }

    fn session(&self, hash: &SessionHash) -> Result<Option<Session>, PortError> {
        one(&self.sessions, &hash.0)
    }

    fn sessions(&self) -> Result<Vec<(SessionHash, Session)>, PortError> {
        let mut sessions = Vec::new();
        self.sessions
            .for_each(&mut |key, bytes| {
                let hash = key.try_into().map_err(|_| NodeError::Damaged("row key"))?;
                sessions.push((SessionHash(hash), parsed(&bytes)?));
                Ok(())
            })
            .map_err(port)?;
        Ok(sessions)
    }

    fn tries(&self, of: &TriesKey) -> Result<Tries, PortError> {
        Ok(one(&self.tries, &self.tries_key(of))?.unwrap_or_default())
    }

    fn commit(&self, change: Change) -> Result<(), PortError> {
        let writer = self.writing.lock();
        if writer.is_err() || self.broken.load(Ordering::Acquire) {
            return Err(PortError(BROKEN.to_owned()));
        }
        let [members, sessions, tries] = self.changes(change).map_err(port)?;
        let written = self
            .store
            .apply_all(&[
                (self.members.table(), members),
                (self.sessions.table(), sessions),
                (self.tries.table(), tries),
            ])
            .and_then(|()| self.store.sync());
        written.map_err(|error| {
            self.broken.store(true, Ordering::Release);
            port(super::fault(error))
        })
    }

    fn note(&self, act: StaffAct) -> Result<(), PortError> {
        let manages = matches!(
            act.kind,
            StaffActKind::Added | StaffActKind::Roles | StaffActKind::Left | StaffActKind::Reset
        );
        let content = serde_json::json!({
            "staff": act.kind.word(),
            "by": act.by.as_ref().map(PersonId::as_str),
            "about": act.about.as_ref().map(PersonId::as_str),
            "at_ms": act.at.0,
        });
        let noted = self.acts.note(Act {
            kind: EntryKind::Configuration,
            role: if manages {
                ActorRole::Administrator
            } else {
                ActorRole::System
            },
            concerned: Vec::new(),
            same: Vec::new(),
            content: content.to_string().into_bytes(),
        });
        noted
            .map(|_| ())
            .map_err(|error| PortError(error.to_string()))
    }
}

fn one<T: DeserializeOwned>(table: &LargeTable, key: &[u8]) -> Result<Option<T>, PortError> {
    let bytes = table.get(key).map_err(port)?;
    bytes.map(|b| parsed(&b)).transpose().map_err(port)
}

fn json(value: &impl Serialize) -> Result<zeroize::Zeroizing<Vec<u8>>, NodeError> {
    serde_json::to_vec(value)
        .map(zeroize::Zeroizing::new)
        .map_err(|_| NodeError::Damaged("row of the staff register"))
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, NodeError> {
    serde_json::from_slice(bytes).map_err(|_| NodeError::Damaged("row of the staff register"))
}

fn port(error: NodeError) -> PortError {
    PortError(error.to_string())
}
