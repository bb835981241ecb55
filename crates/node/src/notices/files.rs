//! Secrets that the configuration names by their files.

use std::{fs, io::Read, os::unix::fs::MetadataExt, path::Path};

use zeroize::Zeroizing;

const BYTES_MAX: u64 = 4_096;

/// A small text that only this account, its group and root can read.
pub(super) fn read_secret(path: &Path) -> Result<Zeroizing<String>, String> {
    let file = fs::File::open(path);
    let file = file.map_err(|e| format!("cannot read {} ({})", path.display(), e.kind()))?;
    let metadata = file.metadata().map_err(|e| e.to_string())?;
    if metadata.mode() & 0o007 != 0 {
        return Err(format!(
            "{} can be read by everybody on this machine; make it 0640 or stricter",
            path.display()
        ));
    }
    let mut text = Zeroizing::new(String::new());
    let read = file.take(BYTES_MAX).read_to_string(&mut text);
    read.map_err(|_| format!("{} is not text", path.display()))?;
    Ok(text)
}
