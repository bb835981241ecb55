//! Syslog: the socket of this machine, or a server over TCP with TLS.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use rustls::pki_types::ServerName;
use sanctuary_notify::{Outcome, Settings, Slip, framed, line};
use serde::Deserialize;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixDatagram},
    time::timeout,
};

use super::roots::connector;

const SENDING: Duration = Duration::from_secs(10);

/// `[notices.syslog]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyslogConfig {
    /// `unix:/dev/log`, `tls:HOST:PORT`, or `tcp:127.0.0.1:PORT`.
    pub to: String,
    /// The authorities that may have signed the server's certificate, PEM. Default: those of this machine.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// How this machine is named in each line. Default `-`.
    #[serde(default)]
    pub host_name: Option<String>,
}

enum Place<'a> {
    Unix(&'a str),
    Tcp(SocketAddr),
    Tls(&'a str, u16),
}

impl SyslogConfig {
    fn place(&self) -> Option<Place<'_>> {
        let (way, place) = self.to.split_once(':')?;
        match way {
            "unix" if place.starts_with('/') => Some(Place::Unix(place)),
            "tcp" => {
                let address: SocketAddr = place.parse().ok()?;
                let local: IpAddr = address.ip();
                local.is_loopback().then_some(Place::Tcp(address))
            }
            "tls" => {
                let (host, port) = place.rsplit_once(':')?;
                let port = port.parse().ok()?;
                (!host.is_empty()).then_some(Place::Tls(host, port))
            }
            _ => None,
        }
    }

    pub(super) fn problem(&self) -> Option<String> {
        self.place().is_none().then(|| {
            "to in [notices.syslog] must be unix:/PATH, tls:HOST:PORT, or tcp:ADDRESS:PORT on this machine"
                .to_owned()
        })
    }

    pub(super) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        self.ca_file.iter_mut()
    }
}

/// Tries to send one line. A stream of syslog knows no receipts: what was handed over counts as delivered.
pub(super) async fn deliver(config: &SyslogConfig, settings: &Settings, slip: &Slip) -> Outcome {
    let host = config.host_name.as_deref().unwrap_or("-");
    let line = line(settings, &slip.event, host);
    match timeout(SENDING, send(config, &line)).await {
        Ok(Ok(())) => Outcome::Delivered,
        Ok(Err(reason)) => Outcome::Away {
            reason,
            after_ms: None,
        },
        Err(_) => Outcome::Away {
            reason: "the syslog does not answer".to_owned(),
            after_ms: None,
        },
    }
}

async fn send(config: &SyslogConfig, line: &str) -> Result<(), String> {
    let unreachable = |e: std::io::Error| format!("the syslog cannot be reached ({})", e.kind());
    match config.place().ok_or("the syslog's place cannot be used")? {
        Place::Unix(path) => {
            let socket = UnixDatagram::unbound().map_err(unreachable)?;
            let sent = socket.send_to(line.as_bytes(), path).await;
            sent.map(drop).map_err(unreachable)
        }
        Place::Tcp(address) => {
            let stream = TcpStream::connect(address).await.map_err(unreachable)?;
            write(stream, line).await.map_err(unreachable)
        }
        Place::Tls(host, port) => {
            let name = ServerName::try_from(host.to_owned());
            let name = name.map_err(|_| "the syslog's host cannot be used")?;
            let stream = TcpStream::connect((host, port))
                .await
                .map_err(unreachable)?;
            let sealed = connector(config.ca_file.as_deref())?
                .connect(name, stream)
                .await;
            write(sealed.map_err(unreachable)?, line)
                .await
                .map_err(unreachable)
        }
    }
}

async fn write(mut stream: impl AsyncWrite + Unpin, line: &str) -> std::io::Result<()> {
    stream.write_all(&framed(line)).await?;
    stream.flush().await?;
    stream.shutdown().await
}
