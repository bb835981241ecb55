use sanctuary_types::Timestamp;
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::TrustError;

/// When a certificate holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// First moment.
    pub not_before: Timestamp,
    /// Last moment.
    pub not_after: Timestamp,
}

/// SHA-256 of a DER certificate's SubjectPublicKeyInfo: how the roster knows a TLS key.
///
/// # Errors
/// [`TrustError::Certificate`] when `certificate` is not a certificate.
pub fn spki_sha256(certificate: &[u8]) -> Result<[u8; 32], TrustError> {
    let parsed = parse(certificate)?;
    Ok(Sha256::digest(parsed.public_key().raw).into())
}

/// When a DER certificate holds.
///
/// # Errors
/// [`TrustError::Certificate`] when `certificate` is not a certificate.
pub fn validity(certificate: &[u8]) -> Result<Validity, TrustError> {
    let parsed = parse(certificate)?;
    let millis = |seconds: i64| Timestamp(u64::try_from(seconds).unwrap_or(0) * 1000);
    Ok(Validity {
        not_before: millis(parsed.validity().not_before.timestamp()),
        not_after: millis(parsed.validity().not_after.timestamp()),
    })
}

pub(crate) fn parse(certificate: &[u8]) -> Result<X509Certificate<'_>, TrustError> {
    match X509Certificate::from_der(certificate) {
        Ok(([], parsed)) => Ok(parsed),
        _ => Err(TrustError::Certificate("it is not a DER certificate")),
    }
}
