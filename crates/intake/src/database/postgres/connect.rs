//! The way to the server: address, password from a file, TLS where it leaves this machine.

use std::{io::Read as _, path::PathBuf, sync::Arc, time::Duration};

use rustls::{ClientConfig, RootCertStore, pki_types::CertificateDer, pki_types::pem::PemObject};
use tokio_postgres::{
    Client, Config, NoTls,
    config::{Host, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;
use zeroize::Zeroizing;

use super::{DatabaseFault, PostgresSettings, reading::fault};

const CONNECT: Duration = Duration::from_secs(10);
const PASSWORD_BYTES_MAX: u64 = 4 * 1024;

#[derive(Clone)]
pub(super) struct Door {
    config: Config,
    password_file: Option<PathBuf>,
    tls: Option<MakeRustlsConnect>,
}

impl Door {
    /// The text of the URL is in no error: somebody may have put a password into it.
    pub fn new(settings: &PostgresSettings) -> Result<Self, String> {
        let mut config: Config = settings.url.parse().map_err(|_| {
            "url must have the form postgresql://user@host:port/database".to_owned()
        })?;
        if config.get_password().is_some() {
            return Err(
                "url must not hold the password; put it into a file and name that as password_file"
                    .to_owned(),
            );
        }
        if config.get_user().is_none() || config.get_hosts().is_empty() {
            return Err(
                "url must name a user and a host, or a socket's folder as ?host=".to_owned(),
            );
        }
        let stays_here = config
            .get_hostaddrs()
            .iter()
            .all(std::net::IpAddr::is_loopback)
            && config.get_hosts().iter().all(is_here);
        let tls = settings.tls_ca.as_ref().map(tls).transpose()?;
        if tls.is_none() && !stays_here {
            return Err(
                "tls_ca must name the authority of the server's certificate: records would cross the network in clear"
                    .to_owned(),
            );
        }
        config
            .application_name("sanctuary-node")
            .connect_timeout(CONNECT)
            .ssl_mode(if tls.is_some() {
                SslMode::Require
            } else {
                SslMode::Disable
            });
        Ok(Self {
            config,
            password_file: settings.password_file.clone(),
            tls,
        })
    }

    /// A connection, with a task that drives it until the client is dropped.
    pub async fn connect(&self) -> Result<Client, DatabaseFault> {
        let mut config = self.config.clone();
        if let Some(path) = &self.password_file {
            let mut text = Zeroizing::new(String::new());
            std::fs::File::open(path)
                .and_then(|file| file.take(PASSWORD_BYTES_MAX).read_to_string(&mut text))
                .map_err(|e| DatabaseFault::PasswordFile(e.kind().to_string()))?;
            config.password(text.trim_end_matches(['\r', '\n']));
        }
        let connecting = async {
            match self.tls.clone() {
                Some(tls) => config.connect(tls).await.map(|(client, connection)| {
                    tokio::spawn(async move { drop(connection.await) });
                    client
                }),
                None => config.connect(NoTls).await.map(|(client, connection)| {
                    tokio::spawn(async move { drop(connection.await) });
                    client
                }),
            }
        };
        match tokio::time::timeout(CONNECT + CONNECT, connecting).await {
            Ok(connected) => connected.map_err(|error| fault(&error)),
            Err(_) => Err(DatabaseFault::Unreachable("it does not answer".to_owned())),
        }
    }
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
    }
}

/// TLS 1.3 with ring; the server's name is checked.
fn tls(authority: &PathBuf) -> Result<MakeRustlsConnect, String> {
    let unusable = || format!("tls_ca: {} is not usable as PEM", authority.display());
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(authority).map_err(|_| unusable())?;
    for certificate in certificates {
        roots
            .add(certificate.map_err(|_| unusable())?)
            .map_err(|_| unusable())?;
    }
    if roots.is_empty() {
        return Err(unusable());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|_| unusable())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
