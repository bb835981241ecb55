use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::Path,
};

use zeroize::Zeroizing;

use super::SMALL_FILE_BYTES_MAX;
use crate::TrustError;

/// Replaces a file that anybody may read (mode 0644).
///
/// # Errors
/// [`TrustError::File`].
pub fn write_public(path: &Path, bytes: &[u8]) -> Result<(), TrustError> {
    replace(path, bytes, 0o644).map_err(|e| io_fault(path, &e))
}

/// Replaces a file that only its owner may read (mode 0600 from the first byte on).
///
/// # Errors
/// [`TrustError::File`].
pub fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), TrustError> {
    replace(path, bytes, 0o600).map_err(|e| io_fault(path, &e))
}

/// Reads a file of at most `bytes_max` bytes.
///
/// # Errors
/// [`TrustError::File`].
pub fn read_limited(path: &Path, bytes_max: u64) -> Result<Vec<u8>, TrustError> {
    let file = File::open(path).map_err(|e| io_fault(path, &e))?;
    let mut bytes = Vec::new();
    file.take(bytes_max + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| io_fault(path, &e))?;
    if bytes.len() as u64 > bytes_max {
        return Err(fault(path, "the file is too large to be what it should be"));
    }
    Ok(bytes)
}

/// Reads a secret, wiped on drop; refuses a file that others may read or change.
///
/// # Errors
/// [`TrustError::File`].
pub fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, TrustError> {
    check_private(path)?;
    read_limited(path, SMALL_FILE_BYTES_MAX).map(Zeroizing::new)
}

#[cfg(unix)]
fn check_private(path: &Path) -> Result<(), TrustError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)
        .map_err(|e| io_fault(path, &e))?
        .permissions()
        .mode();
    // Group read stays allowed: orchestrators mount secrets as root with a reading group.
    if mode & 0o027 != 0 {
        return Err(fault(
            path,
            "others may read or change this key; run chmod 600 on it",
        ));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_private(_path: &Path) -> Result<(), TrustError> {
    Ok(())
}

fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    fs::create_dir_all(dir)?;
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = Path::new(&temporary);
    let written = write_synced(temporary, bytes, mode).and_then(|()| fs::rename(temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(temporary);
        return written;
    }
    File::open(dir)?.sync_all()
}

fn write_synced(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    // A leftover of a crashed run may have another mode: always a fresh file.
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

pub(super) fn fault(path: &Path, reason: &str) -> TrustError {
    TrustError::File {
        path: path.display().to_string(),
        reason: reason.to_owned(),
    }
}

fn io_fault(path: &Path, error: &io::Error) -> TrustError {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file; check the path".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "this account may not use it; check owner and mode".to_owned()
        }
        io::ErrorKind::StorageFull => "the disk is full; make room and try again".to_owned(),
        _ => format!("it cannot be used ({error}); check the disk"),
    };
    fault(path, &reason)
}
