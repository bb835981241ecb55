use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;

/// A disk of a few megabytes that really fills up: a tmpfs, mounted on a folder. Needs the right
/// to mount.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts it over `dir`, which is made when it is not there; what is in it is put on the disk.
    /// `None` when this user may not mount.
    ///
    /// # Errors
    /// When what is there cannot be moved.
    pub fn over(dir: &Path, megabytes: u32) -> anyhow::Result<Option<Self>> {
        let aside = dir.with_extension("aside");
        if dir.exists() {
            fs::rename(dir, &aside)?;
        }
        fs::create_dir(dir)?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(dir)
            .status();
        if !mounted.is_ok_and(|status| status.success()) {
            return Ok(None);
        }
        let disk = Self(dir.to_owned());
        if aside.exists() {
            let content = format!("{}/.", aside.display());
            let copied = Command::new("cp").arg("-a").arg(content).arg(dir).status();
            let copied = copied.context("cp")?;
            anyhow::ensure!(copied.success(), "the disk is too small");
        }
        Ok(Some(disk))
    }

    /// Fills what is left but for `kib`.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn fill_but(&self, kib: u64) -> anyhow::Result<()> {
        let mut ballast = fs::File::create(self.ballast())?;
        let mut bytes = 0;
        while ballast.write_all(&[1; 16 * 1024]).is_ok() {
            bytes += 16 * 1024;
        }
        Ok(ballast.set_len(u64::saturating_sub(bytes, kib * 1024))?)
    }

    /// Frees it again.
    ///
    /// # Errors
    /// When it was not filled.
    pub fn free(&self) -> anyhow::Result<()> {
        Ok(fs::remove_file(self.ballast())?)
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
