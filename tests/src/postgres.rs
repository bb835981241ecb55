//! A PostgreSQL server of a test's own: its cluster in a temporary folder, on a socket there and a port.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, ensure};

/// The user that owns everything in the test's database.
pub const OWNER: &str = "owner";
/// The password of every user.
pub const PASSWORD: &str = "a long pass-word; with 'signs'";
const DATABASE: &str = "cases";

/// A server, until it is dropped.
pub struct Postgres {
    dir: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
    extra: String,
}

impl Postgres {
    /// Makes a cluster and starts it; `None`, said loudly, where PostgreSQL is not installed.
    ///
    /// # Errors
    /// When it does not start.
    pub fn found() -> anyhow::Result<Option<Self>> {
        let Some(programs) = programs() else {
            eprintln!("SKIPPED: PostgreSQL is not installed (apt-get install postgresql)");
            return Ok(None);
        };
        let dir = tempfile::tempdir()?;
        // The server runs as another user, who must come by here.
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755))?;
        let free = std::net::TcpListener::bind("127.0.0.1:0")?;
        let port = free.local_addr()?.port();
        drop(free);
        let server = Self {
            dir,
            programs,
            port,
            extra: String::new(),
        };
        server.initialise()?;
        server.start()?;
        server.database(DATABASE)?;
        Ok(Some(server))
    }

    fn initialise(&self) -> anyhow::Result<()> {
        let (home, password) = (self.path("home"), self.path("password"));
        fs::create_dir(&home)?;
        fs::write(&password, format!("{PASSWORD}\n"))?;
        self.give_away(&home)?;
        self.give_away(&password)?;
        self.run(
            "initdb",
            &[
                "--pgdata",
                &text(&home.join("data")),
                "--username",
                OWNER,
                "--auth",
                "scram-sha-256",
                "--pwfile",
                &text(&password),
                "--encoding",
                "UTF8",
                "--no-locale",
                "--no-sync",
            ],
        )
    }

    /// Makes the server answer over TLS, and over TLS alone on its port, with a certificate of its own.
    ///
    /// # Errors
    /// When it does not start again.
    pub fn with_tls(&mut self, certificate: &str, key: &str) -> anyhow::Result<()> {
        let data = self.path("home/data");
        for (name, pem) in [("server.crt", certificate), ("server.key", key)] {
            let path = data.join(name);
            fs::write(&path, pem)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
            self.give_away(&path)?;
        }
        let rules = "local all all scram-sha-256\nhostssl all all 127.0.0.1/32 scram-sha-256\n";
        fs::write(data.join("pg_hba.conf"), rules)?;
        self.extra = "-c ssl=on".to_owned();
        self.stop("fast")?;
        self.start()
    }

    /// Starts it, and waits until it answers.
    ///
    /// # Errors
    /// With what it said.
    pub fn start(&self) -> anyhow::Result<()> {
        let home = self.path("home");
        let options = format!(
            "-k {} -p {} -c listen_addresses=127.0.0.1 -c fsync=off {}",
            home.display(),
            self.port,
            self.extra
        );
        let (data, log) = (text(&home.join("data")), text(&home.join("log")));
        let args = ["start", "-w", "-D", &data, "-l", &log, "-o", &options];
        self.run("pg_ctl", &args)
            .with_context(|| fs::read_to_string(home.join("log")).unwrap_or_default())
    }

    /// Stops it: `fast` cuts connections, `immediate` is as a power cut.
    ///
    /// # Errors
    /// With what it said.
    pub fn stop(&self, how: &str) -> anyhow::Result<()> {
        let data = text(&self.path("home/data"));
        self.run("pg_ctl", &["stop", "-w", "-D", &data, "-m", how])
    }

    /// Runs statements as the owner; gives what they print.
    ///
    /// # Errors
    /// With what it said.
    pub fn sql(&self, statements: &str) -> anyhow::Result<String> {
        self.sql_in(DATABASE, statements)
    }

    /// Makes a further database.
    ///
    /// # Errors
    /// With what it said.
    pub fn database(&self, name: &str) -> anyhow::Result<()> {
        self.sql_in("postgres", &format!("CREATE DATABASE {name}"))
            .map(drop)
    }

    /// As [`Postgres::sql`], in another database.
    ///
    /// # Errors
    /// With what it said.
    pub fn sql_in(&self, database: &str, statements: &str) -> anyhow::Result<String> {
        self.psql(database, &["-c", statements])
    }

    /// Runs a file of statements.
    ///
    /// # Errors
    /// With what it said.
    pub fn sql_file(&self, database: &str, file: &Path) -> anyhow::Result<String> {
        self.psql(database, &["-f", &text(file)])
    }

    fn psql(&self, database: &str, what: &[&str]) -> anyhow::Result<String> {
        let output = Command::new(self.programs.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", OWNER])
            .args([
                "-h",
                &text(&self.path("home")),
                "-p",
                &self.port.to_string(),
            ])
            .args(["-d", database])
            .args(what)
            .env("PGPASSWORD", PASSWORD)
            .output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        ensure!(
            output.status.success(),
            "{what:?}: {}",
            text(&output.stderr)
        );
        Ok(text(&output.stdout))
    }

    /// Makes a user who may read what it is granted.
    ///
    /// # Errors
    /// With what it said.
    pub fn user(&self, name: &str) -> anyhow::Result<()> {
        let password = PASSWORD.replace('\'', "''");
        self.sql(&format!("CREATE ROLE {name} LOGIN PASSWORD '{password}'"))?;
        Ok(())
    }

    /// The address of a user on the socket.
    #[must_use]
    pub fn on_socket(&self, user: &str) -> String {
        let folder = text(&self.path("home")).replace('/', "%2F");
        format!("postgresql://{user}@{folder}:{}/{DATABASE}", self.port)
    }

    /// The address of a user on the port of `host`.
    #[must_use]
    pub fn on_port(&self, user: &str, host: &str) -> String {
        format!("postgresql://{user}@{host}:{}/{DATABASE}", self.port)
    }

    /// A file of the test's, beside the cluster.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A file with the password of every user.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn password_file(&self) -> anyhow::Result<PathBuf> {
        let path = self.path("reader.password");
        fs::write(&path, format!("{PASSWORD}\n"))?;
        Ok(path)
    }

    /// As the user who owns the cluster: PostgreSQL refuses to run as root.
    fn run(&self, program: &str, args: &[&str]) -> anyhow::Result<()> {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // A server that inherits a pipe would keep it open for ever.
        let (out, err) = (self.path("out"), self.path("err"));
        let status = command
            .args(args)
            .current_dir(self.dir.path())
            .stdin(std::process::Stdio::null())
            .stdout(fs::File::create(&out)?)
            .stderr(fs::File::create(&err)?)
            .status()?;
        ensure!(
            status.success(),
            "{}: {}{}",
            args.join(" "),
            fs::read_to_string(out)?,
            fs::read_to_string(err)?
        );
        Ok(())
    }

    fn give_away(&self, path: &Path) -> anyhow::Result<()> {
        if !is_root() {
            return Ok(());
        }
        let status = Command::new("chown").arg("postgres:").arg(path).status()?;
        ensure!(status.success(), "cannot give {} away", path.display());
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.stop("immediate");
    }
}

/// The newest that Debian installs, or those on the path.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").is_file())
        .collect();
    found.sort();
    found.pop().or_else(|| {
        let paths = std::env::var_os("PATH")?;
        std::env::split_paths(&paths).find(|folder| folder.join("initdb").is_file())
    })
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
