//! Requests to the identity provider: few, small, over rustls. No redirects, no proxies, a time limit and a size
//! limit on everything, so that a provider that misbehaves costs a page and nothing else.

use std::{future::Future, path::Path, pin::Pin, sync::Arc, time::Duration};

use axum::body::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{CONTENT_LENGTH, HOST, HeaderValue};
use hyper_util::rt::TokioIo;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, url::Url};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    },
};

use super::settings::{is_here, is_safe};

/// For one request, from the look-up of the name to the last byte.
const PATIENCE: Duration = Duration::from_secs(6);
/// Bytes of an answer: key sets of large providers are below 20 kB.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// A request that came to nothing. No text of the provider: it may hold anything.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the identity provider does not answer: {0}")]
pub struct NoAnswer(pub &'static str);

/// Whose certificates are believed.
#[derive(Clone)]
pub struct Trust(Arc<ClientConfig>);

impl Trust {
    /// Those of this PEM file, and no others; without one, those of the machine.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub fn new(file: Option<&Path>) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        if let Some(file) = file {
            let found = CertificateDer::pem_file_iter(file)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            roots.add_parsable_certificates(found);
        } else {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        if roots.is_empty() {
            return Err(
                "there is no certificate to check the identity provider with; install ca-certificates, or name its authority in `ca`"
                    .to_owned(),
            );
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }
}

/// Carries requests to the provider.
pub(crate) struct Courier(pub(crate) Trust);

impl<'c> AsyncHttpClient<'c> for Courier {
    type Error = NoAnswer;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            timeout(PATIENCE, self.carry(request))
                .await
                .unwrap_or(Err(NoAnswer("it took too long")))
        })
    }
}

impl Courier {
    async fn carry(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let url = Url::parse(&request.uri().to_string());
        let url = url.map_err(|_| NoAnswer("its address is not one"))?;
        if !is_safe(&url) {
            return Err(NoAnswer("its address is not https"));
        }
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(NoAnswer("its address has no host"));
        };
        let place = if is_here(host) { "127.0.0.1" } else { host };
        let place = place.trim_matches(['[', ']']);
        let stream = TcpStream::connect((place, port)).await;
        let stream = stream.map_err(|_| NoAnswer("no connection"))?;
        if url.scheme() == "http" {
            return converse(stream, request, &url).await;
        }
        let name = host.trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(name).map_err(|_| NoAnswer("its address has no name"))?;
        let stream = TlsConnector::from(Arc::clone(&self.0.0))
            .connect(name, stream)
            .await
            .map_err(|_| NoAnswer("its certificate does not fit"))?;
        converse(stream, request, &url).await
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: HttpRequest,
    url: &Url,
) -> Result<HttpResponse, NoAnswer> {
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .max_buf_size(64 * 1024)
        .handshake::<_, Full<Bytes>>(TokioIo::new(stream))
        .await
        .map_err(|_| NoAnswer("no connection"))?;
    let (mut head, body) = request.into_parts();
    let authority =
        &url[openidconnect::url::Position::BeforeHost..openidconnect::url::Position::AfterPort];
    let path =
        &url[openidconnect::url::Position::BeforePath..openidconnect::url::Position::AfterQuery];
    let bad = |_| NoAnswer("its address is not one");
    let host = HeaderValue::from_str(authority).map_err(|_| NoAnswer("its address is not one"))?;
    head.headers.insert(HOST, host);
    head.headers
        .insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    head.uri = path.parse().map_err(bad)?;
    let request = hyper::Request::from_parts(head, Full::new(Bytes::from(body)));
    let answer = async {
        let answer = sender.send_request(request).await;
        let (head, body) = answer.map_err(|_| NoAnswer("it broke off"))?.into_parts();
        if head.status.is_redirection() {
            return Err(NoAnswer("it sent us elsewhere"));
        }
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|_| NoAnswer("its answer is too large, or broke off"))?;
        Ok(HttpResponse::from_parts(head, body.to_bytes().to_vec()))
    };
    // The connection is driven beside the answer and closed with it.
    tokio::pin!(connection);
    tokio::pin!(answer);
    tokio::select! {
        answer = &mut answer => answer,
        ended = &mut connection => match ended {
            Ok(()) => answer.await,
            Err(_) => Err(NoAnswer("it broke off")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

    fn certificate() -> (ServerConfig, String) {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = signing_key.serialize_der().try_into().unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        (config, cert.pem())
    }

    /// Answers every connection so; its address.
    async fn server(config: ServerConfig, answer: Vec<u8>) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let tls = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = tls.accept(stream).await else {
                    continue;
                };
                let mut asked = [0; 2_048];
                let _ = stream.read(&mut asked).await;
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            }
        });
        format!("https://localhost:{port}/keys?a=b")
    }

    fn trusting(pem: &str) -> Courier {
        let folder = std::env::temp_dir().join(format!("courier-{:016x}", rand::random::<u64>()));
        std::fs::write(&folder, pem).unwrap();
        let trust = Trust::new(Some(&folder)).unwrap();
        std::fs::remove_file(&folder).unwrap();
        Courier(trust)
    }

    async fn ask(courier: &Courier, url: &str) -> Result<HttpResponse, NoAnswer> {
        let request = openidconnect::http::Request::builder()
            .uri(url)
            .body(Vec::new());
        courier.call(request.unwrap()).await
    }

    #[tokio::test]
    async fn only_the_named_authority_is_believed() {
        let (config, pem) = certificate();
        let url = server(
            config,
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec(),
        )
        .await;
        let got = ask(&trusting(&pem), &url).await.unwrap();
        assert_eq!(
            (got.status().as_u16(), got.body().as_slice()),
            (200, b"{}".as_slice())
        );
        let (_, other) = certificate();
        let refused = ask(&trusting(&other), &url).await.unwrap_err();
        assert_eq!(refused, NoAnswer("its certificate does not fit"));
        let plain = ask(&trusting(&pem), "http://idp.example/keys")
            .await
            .unwrap_err();
        assert_eq!(plain, NoAnswer("its address is not https"));
        assert!(Trust::new(Some(Path::new("/nowhere/ca.pem"))).is_err());
    }

    #[tokio::test]
    async fn answers_have_an_end_and_lead_nowhere_else() {
        let large = [
            b"HTTP/1.1 200 OK\r\ncontent-length: 300000\r\n\r\n".to_vec(),
            vec![b' '; 300_000],
        ];
        let elsewhere =
            b"HTTP/1.1 302 Found\r\nlocation: https://localhost/\r\ncontent-length: 0\r\n\r\n";
        for (answer, why) in [
            (large.concat(), "its answer is too large, or broke off"),
            (elsewhere.to_vec(), "it sent us elsewhere"),
            (b"HTTP/1.1 2".to_vec(), "it broke off"),
        ] {
            let (config, pem) = certificate();
            let url = server(config, answer).await;
            assert_eq!(ask(&trusting(&pem), &url).await.unwrap_err(), NoAnswer(why));
        }
    }
}
