//! The session of the person at this terminal: a file that only their account of the machine can read.

use std::{
    env, fs,
    io::{self, BufRead, IsTerminal, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Args;
use sanctuary_staff::{Secret, SessionToken};
use zeroize::Zeroizing;

use super::Failure;
use crate::Config;

/// Characters of a typed line.
const LINE_BYTES_MAX: u64 = 4_096;

/// Whose session a command uses.
#[derive(Args, Clone, Debug, Default)]
pub struct SessionFile {
    /// The session file [default: one for this agency in the folder of the signed-in user of this machine]
    #[arg(long = "session", value_name = "FILE", env = "SANCTUARY_SESSION")]
    path: Option<PathBuf>,
}

/// Whose session, and where the answer goes, before or after any further command.
#[derive(Args, Clone, Debug)]
pub struct AsPerson {
    /// The session file [default: one for this agency in the folder of the signed-in user of this machine]
    #[arg(
        long = "session",
        value_name = "FILE",
        env = "SANCTUARY_SESSION",
        global = true
    )]
    session: Option<PathBuf>,
    /// Write JSON to a file, or to standard output when none is named
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-", global = true)]
    pub(super) json: Option<PathBuf>,
}

impl AsPerson {
    /// The session's file.
    pub(super) fn session(&self) -> SessionFile {
        SessionFile {
            path: self.session.clone(),
        }
    }
}

impl SessionFile {
    fn path(&self, config: &Config) -> Result<PathBuf, Failure> {
        if let Some(path) = &self.path {
            return Ok(path.clone());
        }
        let name = format!("sanctuary-{}.session", config.party);
        let folder = ["XDG_RUNTIME_DIR", "HOME"]
            .iter()
            .filter_map(env::var_os)
            .map(PathBuf::from)
            .find(|folder| folder.is_dir());
        folder.map(|f| f.join(name)).ok_or_else(|| {
            Failure::BadInput("there is no home folder; name a file with --session FILE".to_owned())
        })
    }

    /// The session in the file.
    pub(super) fn read(&self, config: &Config) -> Result<SessionToken, Failure> {
        let path = self.path(config)?;
        let missing = "you are not signed in; run: sanctuary-node sign-in";
        let metadata =
            fs::metadata(&path).map_err(|_| Failure::Failed(anyhow::Error::msg(missing)))?;
        if metadata.mode() & 0o077 != 0 {
            return Err(Failure::Failed(anyhow::anyhow!(
                "{} can be read by others; delete it and sign in again",
                path.display()
            )));
        }
        let text = Zeroizing::new(fs::read_to_string(&path).context(missing)?);
        text.parse()
            .map_err(|error: sanctuary_staff::StaffError| Failure::Failed(error.into()))
    }

    pub(super) fn write(&self, config: &Config, token: &SessionToken) -> Result<PathBuf, Failure> {
        let path = self.path(config)?;
        let partial = path.with_extension("partial");
        let write = || -> io::Result<()> {
            let _ = fs::remove_file(&partial);
            let mut file = fs::File::options()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&partial)?;
            file.write_all(token.expose().as_bytes())?;
            fs::rename(&partial, &path)
        };
        write().with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    pub(super) fn remove(&self, config: &Config) -> Result<(), Failure> {
        let path = self.path(config)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Failure::Failed(
                anyhow::Error::new(error).context(format!("cannot remove {}", path.display())),
            )),
            _ => Ok(()),
        }
    }
}

/// Asks for something secret: unseen at a terminal, a line of standard input otherwise.
pub(super) fn ask_secret(prompt: &str) -> Result<Secret, Failure> {
    if io::stdin().is_terminal() {
        let typed = rpassword::prompt_password(format!("{prompt}: "))
            .context("cannot read from this terminal")?;
        return Ok(Secret::new(typed));
    }
    let mut line = Zeroizing::new(String::new());
    Read::take(io::stdin().lock(), LINE_BYTES_MAX)
        .read_line(&mut line)
        .context("cannot read from standard input")?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// A one-time code, if there is one to be typed.
pub(super) fn ask_code() -> Result<Option<Secret>, Failure> {
    let code = ask_secret("Code of your authenticator (press Enter if you have set none up)")?;
    Ok(Some(code).filter(|c| !c.expose().trim().is_empty()))
}

/// A small text file that a command is given; `-` is standard input.
pub(super) fn read_text(path: &Path, bytes_max: u64) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    let read = if path.as_os_str() == "-" {
        Read::take(io::stdin().lock(), bytes_max + 1).read_to_string(&mut text)
    } else {
        fs::File::open(path)
            .and_then(|file| Read::take(file, bytes_max + 1).read_to_string(&mut text))
    };
    let read = read
        .map_err(|error| Failure::BadInput(format!("cannot read {}: {error}", path.display())))?;
    if read as u64 > bytes_max {
        let problem = format!("{} is longer than {bytes_max} bytes", path.display());
        return Err(Failure::BadInput(problem));
    }
    Ok(text)
}
