use std::{net::IpAddr, time::Duration};

use rand_core::CryptoRng;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ED25519, SanType,
    SerialNumber, SubjectPublicKeyInfo,
};
use rustls_pki_types::{CertificateDer, CertificateSigningRequestDer, PrivatePkcs8KeyDer};
use sanctuary_types::{PartyId, Timestamp};
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, X509CertificationRequest};
use zeroize::Zeroizing;

use crate::{PartyKind, SigningKey, TrustError, spki};

/// Days a party's certificate holds.
pub(crate) const LEAF_DAYS: u32 = 14;
const ROOT_DAYS: u32 = 3_650;
const NAMES_MAX: usize = 16;

/// The DNS name that a party's certificate always carries and its callers ask for.
#[must_use]
pub fn dns_name(party: &PartyId) -> String {
    format!("{party}.sanctuary.internal")
}

/// Further names of a party's certificate, as the officers decide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeafNames {
    /// DNS names.
    pub dns: Vec<String>,
    /// Addresses.
    pub ip: Vec<IpAddr>,
}

/// Everything in a party's certificate but its key: written by the officers, never by the applicant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Whose.
    pub party: PartyId,
    /// What it does.
    pub kind: PartyKind,
    /// Names beside [`dns_name`].
    pub names: LeafNames,
    /// First moment.
    pub not_before: Timestamp,
    /// How long it holds.
    pub days: u32,
}

impl Leaf {
    /// The usual certificate: 14 days from `not_before`, no further names.
    #[must_use]
    pub fn new(party: PartyId, kind: PartyKind, not_before: Timestamp) -> Self {
        Self {
            party,
            kind,
            names: LeafNames::default(),
            not_before,
            days: LEAF_DAYS,
        }
    }
}

/// The partnership's certificate authority: a root kept by the registrar, never by the hub.
pub struct Authority {
    key: KeyPair,
    pkcs8: Zeroizing<Vec<u8>>,
    certificate: CertificateDer<'static>,
}

impl Authority {
    /// A new Ed25519 root that holds ten years from `now`.
    ///
    /// # Errors
    /// [`TrustError::Certificate`] when the encoder refuses, which it has no reason to.
    pub fn generate(now: Timestamp, rng: &mut impl CryptoRng) -> Result<Self, TrustError> {
        let pkcs8 = SigningKey::generate(rng)?.to_pkcs8();
        let key = key_pair(&pkcs8)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = common_name("Sanctuary partnership root");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        set_validity(&mut params, now, ROOT_DAYS);
        params.serial_number = Some(serial(rng));
        let certificate = params
            .self_signed(&key)
            .map_err(|_| refused("the root cannot be made"))?;
        Ok(Self {
            key,
            pkcs8,
            certificate: certificate.into(),
        })
    }

    /// The authority from its key file and root certificate.
    ///
    /// # Errors
    /// [`TrustError`] when either is unusable or they do not belong together.
    pub fn from_parts(pkcs8: &[u8], certificate: &[u8]) -> Result<Self, TrustError> {
        let key = key_pair(pkcs8)?;
        let parsed = spki::parse(certificate)?;
        if parsed.public_key().subject_public_key.data.as_ref() != key.public_key_raw() {
            return Err(refused(
                "the authority's key does not belong to the root certificate",
            ));
        }
        Ok(Self {
            key,
            pkcs8: Zeroizing::new(pkcs8.to_vec()),
            certificate: CertificateDer::from(certificate.to_vec()),
        })
    }

    /// The root certificate, DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The root key, PKCS#8 DER, for its file.
    #[must_use]
    pub fn to_pkcs8(&self) -> &Zeroizing<Vec<u8>> {
        &self.pkcs8
    }

    /// Issues a certificate for the key inside a certificate signing request. **Only the public key
    /// is taken from it**: name, usages, constraints and validity are written here. (rcgen would
    /// copy even CA:TRUE from the applicant.) The request must be signed by that key.
    ///
    /// # Errors
    /// [`TrustError::Certificate`] for a malformed request or a key that is neither Ed25519 nor P-256.
    pub fn issue(
        &self,
        csr: &[u8],
        leaf: &Leaf,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, TrustError> {
        self.issue_for(&csr_public_key(csr)?, leaf, rng)
    }

    /// Issues the next certificate for the same key as `current`, which this
    /// authority must have issued.
    ///
    /// # Errors
    /// [`TrustError::Certificate`] when `current` is not of this authority.
    pub fn renew(
        &self,
        current: &[u8],
        leaf: &Leaf,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, TrustError> {
        check_issued_by(&self.certificate, current)?;
        let spki = spki::parse(current)?.public_key().raw.to_vec();
        self.issue_for(&spki, leaf, rng)
    }

    fn issue_for(
        &self,
        spki: &[u8],
        leaf: &Leaf,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, TrustError> {
        if !(1..=397).contains(&leaf.days) {
            return Err(refused("a certificate must hold 1 to 397 days"));
        }
        let public_key = SubjectPublicKeyInfo::from_der(spki)
            .map_err(|_| refused("its key must be Ed25519 or ECDSA P-256"))?;
        let mut params = CertificateParams::default();
        params.distinguished_name = common_name(leaf.party.as_str());
        params
            .distinguished_name
            .push(DnType::OrganizationalUnitName, leaf.kind.label());
        params.subject_alt_names = alternative_names(&leaf.party, &leaf.names)?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        params.use_authority_key_identifier_extension = true;
        params.serial_number = Some(serial(rng));
        set_validity(&mut params, leaf.not_before, leaf.days);
        let issuer = Issuer::from_ca_cert_der(&self.certificate, &self.key)
            .map_err(|_| refused("the root certificate cannot issue"))?;
        let certificate = params
            .signed_by(&public_key, &issuer)
            .map_err(|_| refused("the certificate cannot be made"))?;
        Ok(certificate.der().to_vec())
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority(<redacted>)")
    }
}

/// A certificate signing request for `tls_key` (PKCS#8 DER), with nothing in it but the key.
///
/// # Errors
/// [`TrustError::Key`] when the key is unusable.
pub(crate) fn request(tls_key: &[u8]) -> Result<Vec<u8>, TrustError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    let csr = params
        .serialize_request(&key_pair(tls_key)?)
        .map_err(|_| refused("the request cannot be made"))?;
    Ok(csr.der().to_vec())
}

/// SHA-256 of the public key inside a request whose own signature fits.
pub(crate) fn csr_spki_sha256(csr: &[u8]) -> Result<[u8; 32], TrustError> {
    Ok(Sha256::digest(csr_public_key(csr)?).into())
}

/// Whether `root` signed `certificate`.
pub(crate) fn check_issued_by(root: &[u8], certificate: &[u8]) -> Result<(), TrustError> {
    let root = spki::parse(root)?;
    let mut key = [0; 32];
    let raw = &root.public_key().subject_public_key.data;
    if raw.len() != key.len() {
        return Err(refused("the root certificate's key is not Ed25519"));
    }
    key.copy_from_slice(raw);
    let leaf = spki::parse(certificate)?;
    let signed = leaf.tbs_certificate.as_ref();
    crate::verify(&key, signed, &leaf.signature_value.data)
        .map_err(|_| refused("it was not issued by the partnership's authority"))
}

fn csr_public_key(csr: &[u8]) -> Result<Vec<u8>, TrustError> {
    // rcgen checks the request's self-signature; its copied parameters are thrown away.
    CertificateSigningRequestParams::from_der(&CertificateSigningRequestDer::from(csr))
        .map_err(|_| refused("it is malformed, oddly extended or not signed by its own key"))?;
    let (rest, parsed) = X509CertificationRequest::from_der(csr)
        .map_err(|_| refused("it is not a DER certificate request"))?;
    if !rest.is_empty() {
        return Err(refused("it has bytes after its end"));
    }
    let spki = parsed.certification_request_info.subject_pki.raw;
    let algorithm = SubjectPublicKeyInfo::from_der(spki)
        .map_err(|_| refused("its key must be Ed25519 or ECDSA P-256"))?;
    let algorithm = rcgen::PublicKeyData::algorithm(&algorithm);
    if algorithm != &PKCS_ED25519 && algorithm != &rcgen::PKCS_ECDSA_P256_SHA256 {
        return Err(refused("its key must be Ed25519 or ECDSA P-256"));
    }
    Ok(spki.to_vec())
}

fn alternative_names(party: &PartyId, names: &LeafNames) -> Result<Vec<SanType>, TrustError> {
    if names.dns.len() + names.ip.len() > NAMES_MAX {
        return Err(refused("it would have more than 16 names"));
    }
    let mut out = Vec::new();
    for name in std::iter::once(dns_name(party)).chain(names.dns.iter().cloned()) {
        let name = name
            .try_into()
            .map_err(|_| refused("a DNS name is not ASCII"))?;
        out.push(SanType::DnsName(name));
    }
    out.extend(names.ip.iter().copied().map(SanType::IpAddress));
    Ok(out)
}

fn key_pair(pkcs8: &[u8]) -> Result<KeyPair, TrustError> {
    KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(pkcs8), &PKCS_ED25519)
        .map_err(|_| TrustError::Key("TLS or authority key"))
}

fn common_name(text: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, text);
    name
}

fn set_validity(params: &mut CertificateParams, from: Timestamp, days: u32) {
    // X.509 times are whole seconds.
    let start = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(from.0 / 1000);
    params.not_before = start;
    params.not_after = start + Duration::from_secs(u64::from(days) * 86_400);
}

fn serial(rng: &mut impl CryptoRng) -> SerialNumber {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    // A serial number is a positive integer (RFC 5280 section 4.1.2.2).
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    SerialNumber::from_slice(&bytes)
}

fn refused(reason: &'static str) -> TrustError {
    TrustError::Certificate(reason)
}
