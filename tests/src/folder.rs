use std::{fs, path::Path};

use anyhow::Context as _;

/// Copies a folder with everything in it; `to` must not be there.
///
/// # Errors
/// When something cannot be read or written.
pub fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
        let path = entry?.path();
        let target = to.join(path.file_name().context("an entry has a name")?);
        if path.is_dir() {
            copy_folder(&path, &target)?;
        } else {
            fs::copy(&path, &target).with_context(|| format!("cannot copy {}", path.display()))?;
        }
    }
    // Last, so that a folder that may not be written to can still be filled.
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    Ok(())
}
