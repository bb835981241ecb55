//! One webhook: a POST to the address of the configuration, and to no other. No redirect is followed, no proxy
//! asked, and of the answer only the status counts.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use http_body_util::Full;
use hyper::{Request, StatusCode, Uri, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use sanctuary_notify::{CONTENT_TYPE, Kind, Outcome, Settings, SigningSecret, Slip, body};
use sanctuary_types::Timestamp;
use serde::{Deserialize, Deserializer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};

use super::{files::read_secret, roots::connector};

/// To connect and agree on TLS.
const CONNECT: Duration = Duration::from_secs(10);
/// From the request to the head of the answer.
const ANSWER: Duration = Duration::from_secs(20);
const NAME_CHARS_MAX: usize = 32;

/// `[[notices.webhook]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// Its name: a to z, 0 to 9 and -.
    pub name: String,
    /// Where it listens: https, or http on this machine.
    #[serde(deserialize_with = "uri")]
    pub url: Uri,
    /// A file with the secret that signs: `whsec_…`, the next one in a second line while both are valid.
    pub secret_file: PathBuf,
    /// The authorities that may have signed its certificate, PEM. Default: those of this machine.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Only these kinds. Default: all.
    #[serde(default)]
    pub kinds: Vec<Kind>,
}

fn uri<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Uri, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|_| serde::de::Error::custom("a webhook's url is https://HOST/PATH"))
}

impl WebhookConfig {
    pub(super) fn problem(&self) -> Option<String> {
        let named = (1..=NAME_CHARS_MAX).contains(&self.name.len())
            && self
                .name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !named {
            return Some("a webhook's name is 1 to 32 of a to z, 0 to 9 and -".to_owned());
        }
        let plain = self.url.scheme_str() == Some("http") && is_loopback(&self.url);
        let sealed = self.url.scheme_str() == Some("https") && self.url.host().is_some();
        let user = self
            .url
            .authority()
            .is_some_and(|a| a.as_str().contains('@'));
        ((!plain && !sealed) || user).then(|| {
            format!(
                "the url of webhook \"{}\" must be https://HOST/PATH without a user; http:// is for this machine only",
                self.name
            )
        })
    }

    pub(super) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        std::iter::once(&mut self.secret_file).chain(&mut self.ca_file)
    }
}

fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Tries to deliver one slip.
pub(super) async fn deliver(
    config: &WebhookConfig,
    settings: &Settings,
    slip: &Slip,
    now: Timestamp,
) -> Outcome {
    match post(config, settings, slip, now).await {
        Ok((status, after_ms)) => judge(status, after_ms),
        Err(reason) => Outcome::Away {
            reason,
            after_ms: None,
        },
    }
}

/// 2xx is there; what is wrong with the receiver as a whole lets the channel rest; the rest is about this one.
fn judge(status: StatusCode, after_ms: Option<u64>) -> Outcome {
    let reason = format!("the receiver answered {}", status.as_u16());
    match status {
        _ if status.is_success() => Outcome::Delivered,
        StatusCode::REQUEST_TIMEOUT
        | StatusCode::TOO_EARLY
        | StatusCode::TOO_MANY_REQUESTS
        | StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::NOT_FOUND
        | StatusCode::GONE => Outcome::Away { reason, after_ms },
        _ if status.is_server_error() || status.is_redirection() => {
            Outcome::Away { reason, after_ms }
        }
        _ => Outcome::Refused { reason },
    }
}

async fn post(
    config: &WebhookConfig,
    settings: &Settings,
    slip: &Slip,
    now: Timestamp,
) -> Result<(StatusCode, Option<u64>), String> {
    let secret = read_secret(&config.secret_file)?;
    let secret = SigningSecret::parse(&secret).map_err(|bad| bad.to_string())?;
    let request = signed(config, settings, slip, &secret, now)?;
    let host = config.url.host().ok_or("the url names no host")?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_tls = config.url.scheme_str() == Some("https");
    let port = config
        .url
        .port_u16()
        .unwrap_or(if is_tls { 443 } else { 80 });
    let connected = timeout(CONNECT, TcpStream::connect((bare, port))).await;
    let stream = connected
        .map_err(|_| "the receiver does not answer")?
        .map_err(|error| format!("the receiver cannot be reached ({})", error.kind()))?;
    if !is_tls {
        return exchange(stream, request).await;
    }
    let name = ServerName::try_from(bare.to_owned()).map_err(|_| "the url names no host")?;
    let connecting = connector(config.ca_file.as_deref())?.connect(name, stream);
    let sealed = timeout(CONNECT, connecting).await;
    let sealed = sealed
        .map_err(|_| "the receiver does not answer")?
        .map_err(
            |_| "the receiver's certificate is not one of an authority that this node trusts",
        )?;
    exchange(sealed, request).await
}

fn signed(
    config: &WebhookConfig,
    settings: &Settings,
    slip: &Slip,
    secret: &SigningSecret,
    now: Timestamp,
) -> Result<Request<Full<Bytes>>, String> {
    let (id, body) = (slip.event.id.to_string(), body(settings, &slip.event));
    let signature = secret.sign(&id, now, &body);
    let path = config.url.path_and_query().map_or("/", |p| p.as_str());
    let host = config.url.authority().map_or("", |a| a.as_str());
    Request::post(path)
        .header(header::HOST, host)
        .header(header::CONTENT_TYPE, CONTENT_TYPE)
        .header(header::USER_AGENT, "sanctuary-node")
        .header("webhook-id", id)
        .header("webhook-timestamp", (now.0 / 1_000).to_string())
        .header("webhook-signature", signature)
        .body(Full::new(Bytes::from(body)))
        .map_err(|_| "the url cannot be used".to_owned())
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<(StatusCode, Option<u64>), String> {
    let broken = |_| "the receiver ended the connection";
    let exchanged = async {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(broken)?;
        let driver = tokio::spawn(connection);
        let answer = sender.send_request(request).await.map_err(broken);
        driver.abort();
        let answer = answer?;
        let after = answer.headers().get(header::RETRY_AFTER);
        let after = after.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        Ok((
            answer.status(),
            after.map(|seconds| seconds.saturating_mul(1_000)),
        ))
    };
    match timeout(ANSWER, exchanged).await {
        Ok(Ok(answered)) => Ok(answered),
        Ok(Err(reason)) => {
            let reason: &str = reason;
            Err(reason.to_owned())
        }
        Err(_) => Err("the receiver does not answer in time".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_and_errors_of_the_server_let_the_channel_rest() {
        let away = |code: u16| {
            matches!(
                judge(StatusCode::from_u16(code).unwrap(), None),
                Outcome::Away { .. }
            )
        };
        assert!(away(302) && away(500) && away(503) && away(429) && away(404));
        assert_eq!(judge(StatusCode::NO_CONTENT, None), Outcome::Delivered);
        let refused = judge(StatusCode::UNPROCESSABLE_ENTITY, None);
        assert!(matches!(refused, Outcome::Refused { .. }));
    }
}
