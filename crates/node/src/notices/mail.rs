//! Mails by SMTP, with TLS from the first byte or by STARTTLS.

use std::{collections::BTreeMap, net::IpAddr, path::PathBuf, time::Duration};

use lettre::{
    Message, SmtpTransport, Transport,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};
use sanctuary_notify::{Mail, Outcome};
use sanctuary_policy::StaffRole;
use serde::Deserialize;

use super::{files::read_secret, roots::roots};

const TIMEOUT: Duration = Duration::from_secs(30);

/// `[notices.mail]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// The mail server.
    pub host: String,
    /// Its port. Default 587, or 465 with `security = "tls"`.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is protected. Default STARTTLS.
    #[serde(default)]
    pub security: Security,
    /// The sender, `Sanctuary <sanctuary@agency.example>`.
    pub from: String,
    /// The account, if the server wants one.
    #[serde(default)]
    pub user: Option<String>,
    /// A file with its password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// The authorities that may have signed the server's certificate, PEM. Default: those of this machine.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Addresses of whole roles, such as a team's, instead of everybody in them.
    #[serde(default)]
    pub roles: BTreeMap<StaffRole, String>,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// By STARTTLS, without which nothing is sent.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// Not at all: a server on this machine.
    None,
}

impl MailConfig {
    pub(super) fn problem(&self) -> Option<String> {
        if self.from.parse::<Mailbox>().is_err() {
            return Some("from in [notices.mail] must be an e-mail address".to_owned());
        }
        if self.roles.values().any(|a| a.parse::<Mailbox>().is_err()) {
            return Some("each of [notices.mail.roles] must be an e-mail address".to_owned());
        }
        if self.user.is_some() != self.password_file.is_some() {
            return Some("[notices.mail] needs both user and password_file, or neither".to_owned());
        }
        let loopback = self.host == "localhost"
            || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        (self.security == Security::None && !loopback).then(|| {
            "security = \"none\" is for a mail server on loopback; use starttls or tls".to_owned()
        })
    }

    pub(super) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        self.password_file.iter_mut().chain(&mut self.ca_file)
    }

    fn transport(&self) -> Result<SmtpTransport, String> {
        let tls = || {
            let mut parameters =
                TlsParameters::builder(self.host.clone()).certificate_store(CertificateStore::None);
            for root in roots(self.ca_file.as_deref())? {
                // One that does not read is left out, as everywhere.
                if let Ok(root) = Certificate::from_der(root.to_vec()) {
                    parameters = parameters.add_root_certificate(root);
                }
            }
            parameters.build().map_err(|error| error.to_string())
        };
        let (tls, port) = match self.security {
            Security::Starttls => (Tls::Required(tls()?), 587),
            Security::Tls => (Tls::Wrapper(tls()?), 465),
            Security::None => (Tls::None, 25),
        };
        let mut transport = SmtpTransport::builder_dangerous(&self.host)
            .port(self.port.unwrap_or(port))
            .tls(tls)
            .timeout(Some(TIMEOUT));
        if let (Some(user), Some(file)) = (&self.user, &self.password_file) {
            let password = read_secret(file)?;
            let password = password.trim_end_matches(['\r', '\n']).to_owned();
            transport = transport.credentials(Credentials::new(user.clone(), password));
        }
        Ok(transport.build())
    }
}

/// Tries to send one mail. Blocks.
pub(super) fn send(config: &MailConfig, mail: &Mail, address: &str) -> Outcome {
    let away = |reason: String| Outcome::Away {
        reason,
        after_ms: None,
    };
    let message = match message(config, mail, address) {
        Ok(message) => message,
        Err(reason) => return Outcome::Refused { reason },
    };
    let transport = match config.transport() {
        Ok(transport) => transport,
        Err(reason) => return away(reason),
    };
    match transport.send(&message) {
        Ok(_) => Outcome::Delivered,
        // Never the server's own text: it may repeat an address.
        Err(error) if error.is_permanent() => Outcome::Refused {
            reason: "the mail server refuses this mail; check the person's address".to_owned(),
        },
        Err(error) if error.is_tls() => away(
            "the mail server's certificate is not one of an authority that this node trusts"
                .to_owned(),
        ),
        Err(_) => away("the mail server cannot be reached or is busy".to_owned()),
    }
}

fn message(config: &MailConfig, mail: &Mail, address: &str) -> Result<Message, String> {
    let wrong = "the person's e-mail address cannot be used; put it right under \"People\"";
    let from: Mailbox = config.from.parse().map_err(|_| wrong)?;
    let domain = from.email.domain().to_owned();
    let to: Mailbox = address.parse().map_err(|_| wrong)?;
    Message::builder()
        .from(from)
        .to(to)
        .subject(mail.subject.clone())
        .message_id(Some(format!("<{}@{domain}>", mail.id)))
        .header(ContentType::TEXT_PLAIN)
        .body(mail.text.clone())
        .map_err(|_| wrong.to_owned())
}
