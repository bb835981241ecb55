use std::{error::Error, io};

use rustls::{AlertDescription, CertificateError};
use sanctuary_trust::TrustError;
use sanctuary_types::PartyId;
use tonic::Status;

const CUT: &str = "the connection was cut; try again";

/// Why a connection or server could not be made. One plain sentence each.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RpcError {
    /// Something is not trusted.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The own key or certificate does not work.
    #[error("this party's {what} cannot be used: {reason}")]
    Identity {
        /// Key or certificate.
        what: &'static str,
        /// What is wrong and what to do.
        reason: &'static str,
    },
    /// The expected party is not on the roster.
    #[error("{0} is not on the partnership's roster; get the newest roster from the officers")]
    UnknownParty(PartyId),
    /// The party has no address.
    #[error("the roster names no address for {0}; ask the officers to add it")]
    NoEndpoint(PartyId),
    /// An address is not host:port.
    #[error("an address must be written host:port")]
    Endpoint,
    /// The other side is not who it should be.
    #[error(transparent)]
    WrongParty(#[from] WrongServer),
    /// No connection.
    #[error("cannot reach {party} at {endpoint}: {reason}")]
    Unreachable {
        /// Who.
        party: PartyId,
        /// Where.
        endpoint: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// The server cannot listen or accept.
    #[error("cannot serve: {0}")]
    Listen(String),
}

/// The server showed a key that is not the expected party's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the server at {endpoint} is not {expected}: its key is not the one on the roster; send it nothing and tell the officers"
)]
pub struct WrongServer {
    /// Where.
    pub endpoint: String,
    /// Who was expected.
    pub expected: PartyId,
}

/// One plain sentence for an error of a call: looks through the layers of the transport for the
/// cause that somebody can act on, such as an expired certificate.
#[must_use]
pub fn explain(status: &Status) -> String {
    let cut = || came_from_transport(status).then(|| CUT.to_owned());
    transport_cause(status)
        .or_else(cut)
        .unwrap_or_else(|| status.message().to_owned())
}

/// Whether the call ended because the connection did, for no reason that somebody must put right:
/// the other side may have restarted.
pub(crate) fn was_cut(status: &Status) -> bool {
    came_from_transport(status) && explain(status) == CUT
}

/// A status that a server sent has no source; one that the own transport made has.
fn came_from_transport(status: &Status) -> bool {
    status.source().is_some()
}

/// The actionable cause inside a transport error, if there is one.
pub(crate) fn transport_cause(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(current) = next {
        if let Some(ours) = current.downcast_ref::<RpcError>() {
            return Some(ours.to_string());
        }
        if let Some(wrong) = current.downcast_ref::<WrongServer>() {
            return Some(wrong.to_string());
        }
        if let Some(tls) = current.downcast_ref::<rustls::Error>() {
            return Some(explain_tls(tls).to_owned());
        }
        // io::Error hides its inner error from `source` when it was made with `other`.
        if let Some(io) = current.downcast_ref::<io::Error>() {
            if let Some(inner) = io.get_ref() {
                if let Some(found) = transport_cause(inner) {
                    return Some(found);
                }
            } else {
                return Some(explain_io(io.kind()).to_owned());
            }
        }
        if let Some(alert) = alert_in_text(&current.to_string()) {
            return Some(alert.to_owned());
        }
        next = current.source();
    }
    None
}

/// The first error of type `E` in the chain, looking inside I/O errors too.
pub(crate) fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(current) = next {
        if let Some(found) = current.downcast_ref::<E>() {
            return Some(found);
        }
        next = current.source();
    }
    None
}

/// HTTP/2 keeps only the text of an I/O error, so an alert that comes after the handshake (TLS 1.3
/// servers judge the client's certificate last) has to be read back from it.
fn alert_in_text(text: &str) -> Option<&'static str> {
    use AlertDescription as Alert;
    [
        Alert::CertificateExpired,
        Alert::UnknownCA,
        Alert::BadCertificate,
        Alert::CertificateUnknown,
        Alert::CertificateRequired,
        Alert::DecryptError,
    ]
    .into_iter()
    .map(rustls::Error::AlertReceived)
    .find(|alert| text.contains(&alert.to_string()))
    .map(|alert| explain_tls(&alert))
}

fn explain_tls(error: &rustls::Error) -> &'static str {
    use AlertDescription as Alert;
    match error {
        rustls::Error::InvalidCertificate(reason) => match reason {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the server's certificate has expired; its operator must renew it"
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the server's certificate is not valid yet; check this machine's clock"
            }
            // A root of the same name with another key shows as a signature that does not fit.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                "the server's certificate is not of this partnership's authority; check the address and the anchors file"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the server's certificate is for another party; check the address"
            }
            _ => "the server's certificate is refused; ask its operator to enrol again",
        },
        rustls::Error::AlertReceived(Alert::CertificateExpired) => {
            "the server refused this party's certificate because it has expired; renew it"
        }
        rustls::Error::AlertReceived(
            Alert::UnknownCA
            | Alert::BadCertificate
            | Alert::CertificateUnknown
            | Alert::DecryptError
            | Alert::CertificateRequired,
        ) => "the server refused this party's certificate; ask the officers to enrol it again",
        rustls::Error::AlertReceived(Alert::ProtocolVersion) => {
            "the server does not speak TLS 1.3, which is the only version allowed"
        }
        _ => "the secure connection could not be made; check that the address is right",
    }
}

fn explain_io(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::ConnectionRefused => {
            "nobody listens there; check that the service runs and the address is right"
        }
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => CUT,
        io::ErrorKind::TimedOut => "it did not answer in time; try again or check the network",
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            "there is no route to it; check the network"
        }
        _ => "the network failed; check the address and the network",
    }
}
