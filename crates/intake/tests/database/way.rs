//! The way to a server: TLS with the right authority and no other, passwords from files, nothing in clear.

use crate::postgres::Postgres as Server;
use anyhow::ensure;
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};

use crate::views::{Reader, settings};

/// An authority of the agency's own.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> anyhow::Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        Ok(Self(CertifiedIssuer::self_signed(
            params,
            KeyPair::generate()?,
        )?))
    }

    /// Certificate and key of a server.
    fn of(&self, name: &str) -> anyhow::Result<(String, String)> {
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new([name.to_owned()])?.signed_by(&key, &self.0)?;
        Ok((certificate.pem(), key.serialize_pem()))
    }
}

#[test]
fn tls_is_checked_and_records_never_cross_a_network_in_clear() -> anyhow::Result<()> {
    let Some(mut server) = Server::found()? else {
        return Ok(());
    };
    server.user("reader")?;
    let (ours, other) = (Authority::new()?, Authority::new()?);
    let (certificate, key) = ours.of("localhost")?;
    server.with_tls(&certificate, &key)?;
    let (ca, wrong) = (server.path("ca.pem"), server.path("wrong.pem"));
    std::fs::write(&ca, ours.0.pem())?;
    std::fs::write(&wrong, other.0.pem())?;
    let asked = |host: &str, authority| {
        let mut asked = settings(&server, "SELECT version() AS id", None)?;
        asked.url = server.on_port("reader", host);
        asked.tls_ca = authority;
        anyhow::Ok(asked)
    };
    let (rows, _) = Reader::new(asked("localhost", Some(ca.clone()))?)?.read(None)?;
    ensure!(rows[0][0].starts_with("PostgreSQL"));
    let by = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND version = 'TLSv1.3'";
    let mut encrypted = asked("localhost", Some(ca.clone()))?;
    encrypted.query = format!("SELECT ({by} AND pid = pg_backend_pid())::text AS id");
    ensure!(Reader::new(encrypted)?.read(None)?.0[0][0] == "1");
    for (host, authority) in [("localhost", wrong), ("127.0.0.1", ca)] {
        let told = Reader::new(asked(host, Some(authority))?)?.fault()?;
        ensure!(
            told.contains("its certificate is not one of tls_ca for that host"),
            "{told}"
        );
    }
    // The server takes TLS only; without an authority the node speaks without.
    let told = Reader::new(asked("localhost", None)?)?.fault()?;
    ensure!(told.contains("refuses the user"), "{told}");
    for (url, words) in [
        (
            "postgresql://reader@db.example.net/cases",
            "would cross the network in clear",
        ),
        (
            "postgresql://reader:hush@localhost/cases",
            "must not hold the password",
        ),
        (
            "postgresql://localhost/cases",
            "must name a user and a host",
        ),
        ("sqlserver://hush", "must have the form"),
    ] {
        let mut asked = asked("localhost", None)?;
        asked.url = url.to_owned();
        let told = Reader::new(asked)
            .err()
            .map(|e| e.to_string())
            .unwrap_or_default();
        ensure!(
            told.contains(words) && !told.contains("hush"),
            "{url}: {told}"
        );
    }
    let mut asked = settings(&server, "SELECT 1 AS id", None)?;
    asked.password_file = Some(server.path("nothing-there"));
    ensure!(
        Reader::new(asked)?
            .fault()?
            .contains("password_file cannot be read")
    );
    Ok(())
}
