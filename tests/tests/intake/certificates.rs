//! Client certificates of the agency's own authority, over HTTP and gRPC: the right one stands for the key of
//! its name; none, an old one and one of another authority end in the handshake.

use std::{fs, path::PathBuf, process::Command};

use anyhow::ensure;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use sanctuary_tests::{Said, Town};

use crate::office::Office;

const RECORDS: &str = "/v1/status";
const HEALTH: &str = "/grpc.health.v1.Health/Check";

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> anyhow::Result<Authority> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Ok(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?)
}

/// Writes `<file>.pem` and `<file>.key` into the town's folder.
fn issue(
    town: &Town,
    authority: &Authority,
    file: &str,
    name: &str,
    has_run_out: bool,
) -> anyhow::Result<()> {
    let mut params = CertificateParams::new([name.to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, name);
    if has_run_out {
        (params.not_before, params.not_after) =
            (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    }
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, authority)?;
    fs::write(town.path(&format!("{file}.pem")), certificate.pem())?;
    fs::write(town.path(&format!("{file}.key")), key.serialize_pem())?;
    Ok(())
}

/// A daemon that asks for certificates, and callers with several.
fn guarded(client_auth: &str) -> anyhow::Result<Office> {
    Office::found_with(|town| {
        let (ours, other) = (authority()?, authority()?);
        fs::write(town.path("ca.pem"), ours.pem())?;
        issue(town, &ours, "server", "localhost", false)?;
        issue(town, &ours, "right", "cases", false)?;
        issue(town, &ours, "nobody", "payroll", false)?;
        issue(town, &ours, "old", "cases", true)?;
        issue(town, &other, "foreign", "cases", false)?;
        let path = |name: &str| town.path(name);
        Ok(format!(
            "tls_certificate = {:?}\ntls_key = {:?}\nclient_ca = {:?}\nclient_auth = \"{client_auth}\"\n",
            path("server.pem"),
            path("server.key"),
            path("ca.pem"),
        ))
    })
}

/// What curl says, with a certificate or none, and with the key or not.
fn ask(
    office: &Office,
    certificate: Option<&str>,
    with_key: bool,
    path: &str,
) -> anyhow::Result<Said> {
    let is_grpc = path == HEALTH;
    let address = if is_grpc {
        office.grpc_address()
    } else {
        office.address()
    };
    let url = format!(
        "https://{}{path}",
        address.replace("127.0.0.1", "localhost")
    );
    let file = |name: String| -> PathBuf { office.path(&name) };
    let mut curl = Command::new("curl");
    curl.args(["-sS", "-i", "--max-time", "20", "--cacert"])
        .arg(file("ca.pem".to_owned()));
    if let Some(name) = certificate {
        curl.arg("--cert").arg(file(format!("{name}.pem")));
        curl.arg("--key").arg(file(format!("{name}.key")));
    }
    if with_key {
        curl.args(["-H", &format!("Authorization: Bearer {}", office.key())]);
    }
    if is_grpc {
        // An empty message: no compression, no bytes.
        fs::write(office.path("empty"), [0; 5])?;
        curl.args([
            "--http2",
            "-H",
            "Content-Type: application/grpc",
            "-H",
            "TE: trailers",
        ]);
        curl.arg("--data-binary")
            .arg(format!("@{}", office.path("empty").display()));
    }
    Ok(Said::from(curl.arg(url).output()?))
}

#[test]
fn a_certificate_stands_for_the_live_key_of_its_name() -> anyhow::Result<()> {
    let mut office = guarded("certificate")?;
    let said = ask(&office, Some("right"), false, RECORDS)?;
    ensure!(
        said.out.contains("200 OK") && said.out.contains("last_problem"),
        "{said:?}"
    );
    let said = ask(&office, Some("right"), true, RECORDS)?;
    ensure!(said.out.contains("200 OK"), "{said:?}");
    let said = ask(&office, Some("right"), false, HEALTH)?;
    ensure!(said.out.contains("grpc-status: 0"), "{said:?}");
    // Of the agency, but without a key of its name; and with the key of another name.
    for with_key in [false, true] {
        let said = ask(&office, Some("nobody"), with_key, RECORDS)?;
        ensure!(
            said.out.contains("401") && said.out.contains("unauthorised"),
            "{said:?}"
        );
    }
    for certificate in [None, Some("old"), Some("foreign")] {
        for path in [RECORDS, HEALTH] {
            let said = ask(&office, certificate, true, path)?;
            ensure!(
                said.code != Some(0) && said.out.is_empty(),
                "{certificate:?}: {said:?}"
            );
        }
    }
    office.revoke()?;
    let said = ask(&office, Some("right"), false, RECORDS)?;
    ensure!(
        said.out.contains("401"),
        "a revoked key shuts its certificate out: {said:?}"
    );
    office.stop()
}

#[test]
fn both_may_be_asked_for() -> anyhow::Result<()> {
    let mut office = guarded("certificate_and_key")?;
    for (certificate, with_key, status) in [
        ("right", true, "200"),
        ("right", false, "401"),
        ("nobody", true, "401"),
        ("nobody", false, "401"),
    ] {
        let said = ask(&office, Some(certificate), with_key, RECORDS)?;
        ensure!(
            said.out.contains(status),
            "{certificate} {with_key}: {said:?}"
        );
    }
    let said = ask(&office, None, true, RECORDS)?;
    ensure!(said.code != Some(0), "{said:?}");
    office.stop()
}
