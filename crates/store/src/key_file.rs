use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
};

use zeroize::Zeroizing;

use crate::StoreError;

pub(crate) const ROOT_KEY_BYTES: usize = 32;
/// Hexadecimal and one line end.
const FILE_BYTES_MAX: u64 = 2 * ROOT_KEY_BYTES as u64 + 2;

/// Reads a root key: 32 bytes as hexadecimal, readable by the owner only.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<[u8; ROOT_KEY_BYTES]>, StoreError> {
    let file = File::open(path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => fault(path, "is missing; restore it from its backup"),
        _ => fault(
            path,
            "cannot be read; make it readable to the daemon's user",
        ),
    })?;
    check_owner_only(path, &file)?;
    let mut text = Zeroizing::new(String::with_capacity(FILE_BYTES_MAX as usize + 1));
    file.take(FILE_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .map_err(|_| fault(path, "is not text; restore it from its backup"))?;
    let mut key = Zeroizing::new([0; ROOT_KEY_BYTES]);
    hex::decode_to_slice(text.trim_ascii(), key.as_mut_slice()).map_err(|_| {
        fault(
            path,
            "does not hold 32 bytes as hexadecimal; restore it from its backup",
        )
    })?;
    Ok(key)
}

/// Writes a new root key; never overwrites one.
pub(crate) fn create(path: &Path, key: &[u8; ROOT_KEY_BYTES]) -> Result<(), StoreError> {
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|e| StoreError::io("create the key's directory", &e))?;
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options
        .open(path)
        .map_err(|e| StoreError::io("create the key file", &e))?;
    let text = Zeroizing::new(format!("{}\n", *Zeroizing::new(hex::encode(key))));
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|e| StoreError::io("write the key file", &e))?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    File::open(folder.unwrap_or_else(|| Path::new(".")))
        .and_then(|f| f.sync_all())
        .map_err(|e| StoreError::io("sync the key's directory", &e))
}

#[cfg(unix)]
fn check_owner_only(path: &Path, file: &File) -> Result<(), StoreError> {
    use std::os::unix::fs::MetadataExt;
    let metadata = file
        .metadata()
        .map_err(|e| StoreError::io("look at the key file", &e))?;
    if metadata.mode() & 0o077 == 0 {
        Ok(())
    } else {
        Err(fault(path, "can be read by others; run chmod 600 on it"))
    }
}

#[cfg(not(unix))]
fn check_owner_only(_: &Path, _: &File) -> Result<(), StoreError> {
    Ok(())
}

fn fault(path: &Path, problem: &'static str) -> StoreError {
    StoreError::KeyFile {
        path: path.to_path_buf(),
        problem,
    }
}
