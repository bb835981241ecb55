//! docs/examples/receive_webhook.py as a process.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::Context as _;
use sanctuary_notify::SigningSecret;
use sanctuary_rpc::now;
use sanctuary_tests::Town;
use sanctuary_types::Timestamp;
use serde_json::Value;

const SECRET: &str = "whsec_c2FuY3R1YXJ5LXRlc3Qtc2VjcmV0LW9mLTMyLWJ5dGVz";

pub struct Receiver {
    port: u16,
    secret: PathBuf,
    log: PathBuf,
    child: Option<Child>,
}

impl Receiver {
    /// Says so where there is no Python.
    pub fn is_missing() -> bool {
        let is_missing = Command::new("python3").arg("--version").output().is_err();
        if is_missing {
            eprintln!("SKIPPED: the example receiver was not tried; install python3");
        }
        is_missing
    }

    pub fn plan(town: &Town, port: u16) -> anyhow::Result<Self> {
        let secret = town.path("webhook.secret");
        fs::write(&secret, format!("{SECRET}\n"))?;
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600))?;
        Ok(Self {
            port,
            secret,
            log: town.path("notices.jsonl"),
            child: None,
        })
    }

    pub fn config(&self) -> String {
        format!(
            "[[notices.webhook]]\nname = \"desk\"\nurl = \"http://127.0.0.1:{}/hook\"\nsecret_file = {:?}\n",
            self.port, self.secret
        )
    }

    pub fn start(&mut self) -> anyhow::Result<()> {
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../docs/examples/receive_webhook.py"
        );
        let child = Command::new("python3")
            .arg(script)
            .arg("--secret-file")
            .arg(&self.secret)
            .args(["--listen", &format!("127.0.0.1:{}", self.port)])
            .arg("--log")
            .arg(&self.log)
            .stdin(Stdio::null())
            .spawn()?;
        self.child = Some(child);
        Ok(())
    }

    pub fn is_up(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }

    /// What it has believed and kept.
    pub fn events(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let whole = text.lines().filter_map(|l| serde_json::from_str(l).ok());
        whole.collect()
    }

    pub fn signed(&self, id: &str, seconds_ago: u64, body: &[u8]) -> anyhow::Result<String> {
        Ok(SigningSecret::parse(SECRET)?.sign(id, ago(seconds_ago), body))
    }

    /// The status of the answer.
    pub fn post(
        &self,
        id: &str,
        seconds_ago: u64,
        signature: &str,
        body: &[u8],
    ) -> anyhow::Result<u16> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        let head = format!(
            "POST /hook HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\nwebhook-id: {id}\r\n\
             webhook-timestamp: {}\r\nwebhook-signature: {signature}\r\n\r\n",
            body.len(),
            ago(seconds_ago).0 / 1_000
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let status = answer.split(' ').nth(1).context("a status")?;
        Ok(status.parse()?)
    }
}

/// From the first call on the same moment, so that a signature and its request name the same second.
fn ago(seconds: u64) -> Timestamp {
    static START: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    let start = *START.get_or_init(|| now().0);
    Timestamp(start - seconds * 1_000)
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
