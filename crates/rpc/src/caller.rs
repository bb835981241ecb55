use std::{fmt::Write, net::SocketAddr};

use sanctuary_trust::Party;
use sanctuary_types::Timestamp;
use tonic::{Extensions, Request, Status};

use crate::{ErrorCode, RosterWatch};

/// The other end of a connection, as TLS proved it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// SHA-256 of its key's SubjectPublicKeyInfo.
    pub spki_sha256: [u8; 32],
    /// Until when its certificate holds.
    pub certificate_until: Timestamp,
    /// Where it calls from.
    pub address: SocketAddr,
}

impl Peer {
    /// The peer of a request that came through [`crate::serve`].
    #[must_use]
    pub fn of<T>(request: &Request<T>) -> Option<&Self> {
        request.extensions().get()
    }
}

/// Who is calling, according to the roster as it is now.
///
/// # Errors
/// `PERMISSION_DENIED` when the peer's key is not on the roster; the refusal is logged with the
/// first bytes of the key's hash.
pub fn caller<T>(request: &Request<T>, roster: &RosterWatch) -> Result<Party, Status> {
    caller_from(request.extensions(), roster)
}

pub(crate) fn caller_from(extensions: &Extensions, roster: &RosterWatch) -> Result<Party, Status> {
    let Some(peer) = extensions.get::<Peer>() else {
        return Err(ErrorCode::NotEnrolled.status("the connection carries no certificate"));
    };
    roster.by_spki(&peer.spki_sha256).ok_or_else(|| {
        tracing::warn!(
            spki = %prefix(&peer.spki_sha256),
            address = %peer.address,
            "refused a request: the peer's certificate is not on the partnership's roster"
        );
        ErrorCode::NotEnrolled
            .status("not on the partnership's roster; ask the officers to enrol this party")
    })
}

/// Enough of a hash to find the certificate, for logs.
pub(crate) fn prefix(spki_sha256: &[u8; 32]) -> String {
    spki_sha256[..8]
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
