use std::path::Path;

use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer, pem::PemObject};
use zeroize::Zeroizing;

use super::SMALL_FILE_BYTES_MAX;
use super::write::{fault, read_limited, read_secret, write_public, write_secret};
use crate::{Authority, SealingKey, SigningKey, TrustError, encode::pem};

/// What an identity directory holds.
#[derive(Clone, Debug)]
pub struct IdentityFiles {
    /// TLS key, PKCS#8 DER.
    pub tls_key: Zeroizing<Vec<u8>>,
    /// Certificates, leaf first. Empty until enrolment is approved.
    pub chain: Vec<Vec<u8>>,
    /// Ed25519 key.
    pub signing: SigningKey,
    /// X25519 key, where there is one.
    pub sealing: Option<SealingKey>,
}

impl IdentityFiles {
    /// Reads an identity directory.
    ///
    /// # Errors
    /// [`TrustError`] naming the file that is missing, unreadable or readable by others.
    pub fn load(dir: &Path) -> Result<Self, TrustError> {
        let mut identity = Self::load_keys(dir)?;
        identity.chain = Self::load_chain(dir)?;
        Ok(identity)
    }

    /// Reads only the certificates, at least one, leaf first.
    ///
    /// # Errors
    /// As [`IdentityFiles::load`].
    pub fn load_chain(dir: &Path) -> Result<Vec<Vec<u8>>, TrustError> {
        let path = dir.join("tls.pem");
        let text = read_limited(&path, SMALL_FILE_BYTES_MAX)?;
        let chain: Vec<Vec<u8>> = CertificateDer::pem_slice_iter(&text)
            .map(|certificate| certificate.map(|der| der.to_vec()))
            .collect::<Result<_, _>>()
            .map_err(|_| fault(&path, "it holds something that is not a PEM certificate"))?;
        if chain.is_empty() {
            return Err(fault(&path, "it holds no certificate; enrol again"));
        }
        Ok(chain)
    }

    /// Reads only the keys, which are there before a certificate is.
    ///
    /// # Errors
    /// As [`IdentityFiles::load`].
    pub fn load_keys(dir: &Path) -> Result<Self, TrustError> {
        let sealing_path = dir.join("sealing.key");
        let sealing = if sealing_path.exists() {
            Some(load_sealing_key(&sealing_path)?)
        } else {
            None
        };
        Ok(Self {
            tls_key: load_pkcs8(&dir.join("tls.key"))?,
            chain: Vec::new(),
            signing: load_signing_key(&dir.join("signing.key"))?,
            sealing,
        })
    }
}

/// Reads a signing key file.
///
/// # Errors
/// [`TrustError`] when it cannot be used.
pub fn load_signing_key(path: &Path) -> Result<SigningKey, TrustError> {
    SigningKey::from_pkcs8(&load_pkcs8(path)?)
}

/// Writes a signing key file.
///
/// # Errors
/// [`TrustError::File`].
pub fn save_signing_key(path: &Path, key: &SigningKey) -> Result<(), TrustError> {
    let text = Zeroizing::new(pem("PRIVATE KEY", &key.to_pkcs8()));
    write_secret(path, text.as_bytes())
}

/// Reads the certificate authority's directory.
///
/// # Errors
/// [`TrustError`] when it cannot be used.
pub fn load_authority(dir: &Path) -> Result<Authority, TrustError> {
    let path = dir.join("ca.pem");
    let certificate = CertificateDer::from_pem_slice(&read_limited(&path, SMALL_FILE_BYTES_MAX)?)
        .map_err(|_| fault(&path, "it is not a PEM certificate"))?;
    Authority::from_parts(&load_pkcs8(&dir.join("ca.key"))?, &certificate)
}

pub(super) fn write_keys(
    dir: &Path,
    tls_key: &[u8],
    signing: &SigningKey,
    sealing: Option<&SealingKey>,
) -> Result<(), TrustError> {
    let tls = Zeroizing::new(pem("PRIVATE KEY", tls_key));
    write_secret(&dir.join("tls.key"), tls.as_bytes())?;
    save_signing_key(&dir.join("signing.key"), signing)?;
    if let Some(sealing) = sealing {
        let text = Zeroizing::new(format!("{}\n", hex::encode(sealing.secret())));
        write_secret(&dir.join("sealing.key"), text.as_bytes())?;
    }
    Ok(())
}

pub(super) fn write_chain(dir: &Path, chain: &[Vec<u8>]) -> Result<(), TrustError> {
    let text: String = chain.iter().map(|der| pem("CERTIFICATE", der)).collect();
    write_public(&dir.join("tls.pem"), text.as_bytes())
}

fn load_pkcs8(path: &Path) -> Result<Zeroizing<Vec<u8>>, TrustError> {
    let text = read_secret(path)?;
    let key = PrivatePkcs8KeyDer::from_pem_slice(&text).map_err(|_| {
        fault(
            path,
            "it is not a PKCS#8 PEM key; restore it or enrol again",
        )
    })?;
    Ok(Zeroizing::new(key.secret_pkcs8_der().to_vec()))
}

fn load_sealing_key(path: &Path) -> Result<SealingKey, TrustError> {
    let text = read_secret(path)?;
    let text = std::str::from_utf8(&text).unwrap_or_default().trim();
    let mut secret = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text, secret.as_mut()).map_err(|_| {
        fault(
            path,
            "it is not 64 hexadecimal digits; restore it or enrol again",
        )
    })?;
    SealingKey::from_bytes(secret.as_ref())
}
