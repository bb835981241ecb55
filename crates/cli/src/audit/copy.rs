use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

use sanctuary_ledger::{Fetched, PortError, Quorum, Resource, Tiles};

use crate::Failure;

/// Bytes of one file of a copy.
const FILE_BYTES_MAX: u64 = 2 * 1024 * 1024;
const CHECKPOINT: &str = "checkpoint";
/// Earlier checkpoints, beside what C2SP names.
const HISTORY: &str = "history";
/// The caller's own entries where bundles are not for it.
const OWN: &str = "own";

/// A log as it was fetched: its static resources by path, and what else is compared.
#[derive(Default)]
pub(crate) struct Copy {
    /// The newest checkpoint with its cosignatures.
    pub(crate) note: Vec<u8>,
    pub(crate) resources: HashMap<String, Vec<u8>>,
    /// Checkpoints that were signed before.
    pub(crate) history: Vec<Vec<u8>>,
    /// Entries that the caller may read, by index, where it may not read all.
    pub(crate) own: Option<BTreeMap<u64, Vec<u8>>>,
}

impl Copy {
    /// Tiles and bundles.
    pub(crate) fn tiles(&self) -> impl Tiles + '_ {
        Fetched(|resource: Resource| {
            let path = resource.path();
            let missing = || PortError(format!("{path} is not in the copy"));
            self.resources.get(&path).cloned().ok_or_else(missing)
        })
    }

    /// Writes it as static files, in a folder that must not exist, with the keys in `keys` and the number
    /// of cosignatures in `needed`: all that a verifier of another make needs.
    pub(crate) fn save(&self, dir: &Path, quorum: &Quorum) -> Result<(), Failure> {
        let fault = |path: &Path| {
            Failure::failed(format!(
                "{} cannot be written; choose a new folder on a disk with space",
                path.display()
            ))
        };
        if dir.exists() {
            return Err(Failure::usage(format!(
                "{} exists; choose a new folder",
                dir.display()
            )));
        }
        let write = |path: &str, bytes: &[u8]| {
            let path = dir.join(path);
            path.parent()
                .map_or(Ok(()), fs::create_dir_all)
                .and_then(|()| fs::write(&path, bytes))
                .map_err(|_| fault(&path))
        };
        write(CHECKPOINT, &self.note)?;
        let mut keys = quorum.log().verifier_keys().to_vec();
        keys.extend(quorum.witnesses().iter().map(|w| w.verifier_key()));
        write("keys", format!("{}\n", keys.join("\n")).as_bytes())?;
        write("needed", format!("{}\n", quorum.needed()).as_bytes())?;
        for (path, bytes) in &self.resources {
            write(path, bytes)?;
        }
        for (n, note) in self.history.iter().enumerate() {
            write(&format!("{HISTORY}/{n:06}"), note)?;
        }
        for (index, leaf) in self.own.iter().flatten() {
            write(&format!("{OWN}/{index:012}"), leaf)?;
        }
        Ok(())
    }

    /// Reads such a folder, or static files of the log from elsewhere.
    pub(crate) fn load(dir: &Path) -> Result<Self, Failure> {
        let note = read(&dir.join(CHECKPOINT))?;
        let mut copy = Self {
            note,
            ..Self::default()
        };
        copy.load_tiles(dir, &dir.join("tile"))?;
        for (_, note) in numbered(&dir.join(HISTORY))? {
            copy.history.push(note);
        }
        let own = numbered(&dir.join(OWN))?;
        copy.own = (!own.is_empty()).then(|| own.into_iter().collect());
        Ok(copy)
    }

    fn load_tiles(&mut self, root: &Path, dir: &Path) -> Result<(), Failure> {
        let unreadable = |_| Failure::usage(format!("{} cannot be read", dir.display()));
        for entry in fs::read_dir(dir).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.is_dir() {
                self.load_tiles(root, &path)?;
            } else if let Ok(name) = path.strip_prefix(root) {
                let name = name.display().to_string();
                self.resources.insert(name, read(&path)?);
            }
        }
        Ok(())
    }
}

/// Files with numbers as names, in order; none where there is no folder.
fn numbered(dir: &Path) -> Result<Vec<(u64, Vec<u8>)>, Failure> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Ok(Vec::new());
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry
            .map_err(|_| Failure::usage(format!("{} cannot be read", dir.display())))?
            .path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if let Ok(number) = name.parse() {
            files.push((number, read(&path)?));
        }
    }
    files.sort_by_key(|(number, _)| *number);
    Ok(files)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    Ok(sanctuary_trust::files::read_limited(path, FILE_BYTES_MAX)?)
}
