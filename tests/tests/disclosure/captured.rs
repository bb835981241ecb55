//! Receivers of every channel of notices, which keep every byte: a webhook, a mail server, a syslog.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::bail;
use sanctuary_tests::Town;

const SECRET: &str = "whsec_c2FuY3R1YXJ5LXRlc3Qtc2VjcmV0LW9mLTMyLWJ5dGVz";
const PATIENCE: Duration = Duration::from_secs(120);

type Bytes = Arc<Mutex<Vec<u8>>>;

pub struct Captured {
    secret: PathBuf,
    channels: Vec<(&'static str, u16, Bytes)>,
}

/// A server of one channel that keeps every byte it is sent.
type Serve = fn(TcpStream, &Bytes) -> std::io::Result<()>;

impl Captured {
    pub fn open(town: &Town) -> anyhow::Result<Self> {
        let secret = town.path("webhook.secret");
        fs::write(&secret, SECRET)?;
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600))?;
        let mut channels = Vec::new();
        let each: [(&str, Serve); 3] = [("webhook", webhook), ("mail", mail), ("syslog", syslog)];
        for (name, serve) in each {
            let listener = TcpListener::bind("127.0.0.1:0")?;
            let port = listener.local_addr()?.port();
            let bytes = Bytes::default();
            channels.push((name, port, Arc::clone(&bytes)));
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let bytes = Arc::clone(&bytes);
                    std::thread::spawn(move || serve(stream, &bytes));
                }
            });
        }
        Ok(Self { secret, channels })
    }

    fn port(&self, name: &str) -> u16 {
        let of = self.channels.iter().find(|(n, ..)| *n == name);
        of.map_or(0, |(_, port, _)| *port)
    }

    /// Nobody in the scene has an e-mail address, so the roles have.
    pub fn config(&self) -> String {
        format!(
            "\n[notices]\npublic_url = \"https://console.example\"\nat_once = \"routine\"\n\
             [[notices.webhook]]\nname = \"desk\"\nurl = \"http://127.0.0.1:{}/hook\"\nsecret_file = {:?}\n\
             [notices.mail]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nfrom = \"sanctuary@agency.example\"\n\
             [notices.mail.roles]\nintelligence_officer = \"desk@agency.example\"\nreleaser = \"release@agency.example\"\n\
             [notices.syslog]\nto = \"tcp:127.0.0.1:{}\"\n",
            self.port("webhook"),
            self.secret,
            self.port("mail"),
            self.port("syslog")
        )
    }

    pub fn everything(&self) -> Vec<u8> {
        let each = self.channels.iter().map(|(_, _, bytes)| read(bytes));
        each.collect::<Vec<_>>().concat()
    }

    pub fn until(&self, what: &str) -> anyhow::Result<()> {
        self.until_on("webhook", what)
    }

    pub fn until_on(&self, channel: &str, what: &str) -> anyhow::Result<()> {
        let started = Instant::now();
        let of = self.channels.iter().find(|(name, ..)| *name == channel);
        while started.elapsed() < PATIENCE {
            let bytes = of.map(|(_, _, bytes)| read(bytes)).unwrap_or_default();
            if bytes.windows(what.len()).any(|w| w == what.as_bytes()) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        bail!("\"{what}\" does not arrive by {channel}")
    }
}

fn read(bytes: &Bytes) -> Vec<u8> {
    bytes.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn keep(bytes: &Bytes, more: &[u8]) {
    let mut all = bytes.lock().unwrap_or_else(PoisonError::into_inner);
    all.extend_from_slice(more);
}

fn webhook(stream: TcpStream, bytes: &Bytes) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        keep(bytes, line.as_bytes());
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    keep(bytes, &body);
    let answer = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    reader.get_mut().write_all(answer)
}

/// As much of SMTP as one mail needs.
fn mail(mut stream: TcpStream, bytes: &Bytes) -> std::io::Result<()> {
    stream.write_all(b"220 test\r\n")?;
    let mut reader = BufReader::new(stream);
    let mut in_data = false;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        keep(bytes, line.as_bytes());
        let word = line.trim_end().to_uppercase();
        let answer: &[u8] = match word.as_str() {
            "." if in_data => {
                in_data = false;
                b"250 kept\r\n"
            }
            _ if in_data => continue,
            "DATA" => {
                in_data = true;
                b"354 go on\r\n"
            }
            "QUIT" => b"221 bye\r\n",
            _ => b"250 ok\r\n",
        };
        reader.get_mut().write_all(answer)?;
    }
}

fn syslog(mut stream: TcpStream, bytes: &Bytes) -> std::io::Result<()> {
    let mut all = Vec::new();
    stream.read_to_end(&mut all)?;
    keep(bytes, &all);
    Ok(())
}
