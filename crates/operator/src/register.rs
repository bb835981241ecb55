use std::{
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use sanctuary_disclosure::PersonId;
use sanctuary_staff::{
    Change, Member, PortError, Session, SessionHash, StaffAct, StaffStore, Tries, TriesKey,
};
use sanctuary_store::{Batch, Options, Sealer, Store, StoreError, Table};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

const CACHE_BYTES: u64 = 8 * 1024 * 1024;
const BROKEN: &str =
    "an earlier write failed; see that the disk has space and is sound, then restart the console";

/// The hub's operators on disk: people, sessions and tries, and what they did, all sealed.
pub struct OperatorTables {
    store: Store,
    members: Table,
    sessions: Table,
    tries: Table,
    acts: Table,
    sealer: Sealer,
    writing: Mutex<()>,
    broken: AtomicBool,
}

impl OperatorTables {
    /// Opens or makes the store in `dir` under `sealer`'s root key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(dir: &Path, sealer: Sealer) -> Result<Self, StoreError> {
        let options = Options {
            cache_bytes: CACHE_BYTES,
            ..Options::default()
        };
        let store = Store::open(dir, options)?;
        sealer.bind(&store.table("check")?)?;
        Ok(Self {
            members: store.table("member")?,
            sessions: store.table("session")?,
            tries: store.table("tries")?,
            acts: store.table("act")?,
            sealer,
            writing: Mutex::new(()),
            broken: AtomicBool::new(false),
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

    fn put(
        &self,
        batch: &mut Batch,
        table: &Table,
        key: &[u8],
        value: &impl Serialize,
    ) -> Result<(), PortError> {
        let plain = serde_json::to_vec(value).map(Zeroizing::new);
        let plain = plain.map_err(|_| damaged())?;
        let sealed = self.sealer.seal(table.name(), key, 1, &plain);
        let sealed = sealed.map_err(port)?;
        batch.insert(table, key, &sealed).map_err(port)
    }

    fn open_row<T: DeserializeOwned>(
        &self,
        table: &Table,
        key: &[u8],
        sealed: &[u8],
    ) -> Result<T, PortError> {
        let (_, plain) = self.sealer.open(table.name(), key, sealed).map_err(port)?;
        serde_json::from_slice(&plain).map_err(|_| damaged())
    }

    fn one<T: DeserializeOwned>(&self, table: &Table, key: &[u8]) -> Result<Option<T>, PortError> {
        let row = table.get(key).map_err(port)?;
        row.map(|row| self.open_row(table, key, &row)).transpose()
    }

    fn all<T: DeserializeOwned>(&self, table: &Table) -> Result<Vec<(Vec<u8>, T)>, PortError> {
        let rows = table.scan(&[]).map(|row| {
            let (key, row) = row.map_err(port)?;
            let value = self.open_row(table, &key, &row)?;
            Ok((key, value))
        });
        rows.collect()
    }

    fn apply(&self, changes: &[(&Table, Batch)]) -> Result<(), PortError> {
        let writer = self.writing.lock();
        if writer.is_err() || self.broken.load(Ordering::Acquire) {
            return Err(PortError(BROKEN.to_owned()));
        }
        let written = self.store.apply_all(changes);
        written.and_then(|()| self.store.sync()).map_err(|error| {
            self.broken.store(true, Ordering::Release);
            port(error)
        })
    }
}

impl StaffStore for OperatorTables {
    fn member(&self, person: &PersonId) -> Result<Option<Member>, PortError> {
        self.one(&self.members, &self.member_key(person))
    }

    fn members(&self) -> Result<Vec<Member>, PortError> {
        let all = self.all(&self.members)?;
        Ok(all.into_iter().map(|(_, member)| member).collect())
    }

    fn session(&self, hash: &SessionHash) -> Result<Option<Session>, PortError> {
        self.one(&self.sessions, &hash.0)
    }

    fn sessions(&self) -> Result<Vec<(SessionHash, Session)>, PortError> {
        let named = self.all(&self.sessions)?.into_iter().map(|(key, session)| {
            let hash = key.as_slice().try_into().map_err(|_| damaged())?;
            Ok((SessionHash(hash), session))
        });
        named.collect()
    }

    fn tries(&self, of: &TriesKey) -> Result<Tries, PortError> {
        Ok(self
            .one(&self.tries, &self.tries_key(of))?
            .unwrap_or_default())
    }

    fn commit(&self, change: Change) -> Result<(), PortError> {
        let (mut members, mut sessions, mut tries) =
            (Batch::default(), Batch::default(), Batch::default());
        for member in &change.members {
            let key = self.member_key(&member.person);
            self.put(&mut members, &self.members, &key, member)?;
        }
        for (hash, session) in &change.sessions {
            match session {
                Some(session) => self.put(&mut sessions, &self.sessions, &hash.0, session)?,
                None => sessions.remove(&hash.0),
            }
        }
        for (of, tried) in &change.tries {
            self.put(&mut tries, &self.tries, &self.tries_key(of), tried)?;
        }
        self.apply(&[
            (&self.members, members),
            (&self.sessions, sessions),
            (&self.tries, tries),
        ])
    }

    /// Kept beside the register, durably, before the act takes effect. The partnership's ledger is for what
    /// members do with records; an operator can do nothing with any.
    fn note(&self, act: StaffAct) -> Result<(), PortError> {
        let mut key = act.at.0.to_be_bytes().to_vec();
        key.extend(rand::random::<[u8; 8]>());
        let value = serde_json::json!({
            "act": act.kind.word(),
            "by": act.by.as_ref().map(PersonId::as_str),
            "about": act.about.as_ref().map(PersonId::as_str),
            "at_ms": act.at.0,
        });
        let mut acts = Batch::default();
        self.put(&mut acts, &self.acts, &key, &value)?;
        tracing::info!(act = act.kind.word(), "an operator's account");
        self.apply(&[(&self.acts, acts)])
    }
}

fn damaged() -> PortError {
    PortError("a row of the operators' register is damaged; restore it from its backup".to_owned())
}

fn port(error: StoreError) -> PortError {
    PortError(error.to_string())
}
