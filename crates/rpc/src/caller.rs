use std::{fmt::Write, net::SocketAddr};

use sanctuary_trust::{Party, PartyKind};
use tonic::{Extensions, Request, Status};

use crate::{ErrorCode, RosterWatch};

/// The other end of a connection, as TLS proved it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// SHA-256 of its key's SubjectPublicKeyInfo.
    pub spki_sha256: [u8; 32],
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

/// As [`caller`], and refuses any kind of party but one of `kinds`.
///
/// # Errors
/// As [`caller`], and `PERMISSION_DENIED` with [`ErrorCode::NotAllowed`] for another kind.
pub fn caller_of_kind<T>(
    request: &Request<T>,
    roster: &RosterWatch,
    kinds: &[PartyKind],
) -> Result<Party, Status> {
    let party = caller(request, roster)?;
    if kinds.contains(&party.kind) {
        return Ok(party);
    }
    tracing::warn!(party = %party.id, kind = party.kind.label(), "refused a call that is not for this kind of party");
    Err(ErrorCode::NotAllowed.status(format!(
        "this call is not for a party of kind {}; use the account of the right party",
        party.kind.label()
    )))
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
