//! The files of a partnership, shared by the daemons, the command line and the lab.
//!
//! ```text
//! DIR/anchors.json              officers' keys and the root certificate; compare its fingerprint by telephone
//! DIR/roster.json               members, signed by k officers
//! DIR/manifest-person.json      key manifest of the person class, once a ceremony has been held
//! DIR/manifest-identifier.json  the same for identifiers
//! DIR/ca/{ca.key,ca.pem}        the authority, at the registrar only
//! DIR/<party>/tls.key           PKCS#8 PEM, 0600
//! DIR/<party>/tls.pem           certificate chain, leaf first
//! DIR/<party>/signing.key       PKCS#8 PEM, 0600
//! DIR/<party>/sealing.key       64 hexadecimal digits, 0600; key holders only
//! ```
//!
//! Every write goes to a temporary file beside the target, is synced, and renamed over it; then the
//! directory is synced. So a reader sees the old file or the new one, never half of either.

mod identity;
mod write;

use std::path::{Path, PathBuf};

use sanctuary_types::KeyClass;

use crate::encode::pem;
use crate::{Anchors, Authority, Member, Partnership, SignedManifest, SignedRoster, TrustError};

pub use identity::{IdentityFiles, load_authority, load_signing_key, save_signing_key};
pub use write::{read_limited, read_secret, write_public, write_secret};

/// Largest anchors, manifest or key file.
pub const SMALL_FILE_BYTES_MAX: u64 = 256 * 1024;
/// Largest roster file: 4,096 parties of about 700 bytes, with room.
pub const ROSTER_FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Paths inside a partnership directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout(pub PathBuf);

impl Layout {
    /// `DIR/anchors.json`
    #[must_use]
    pub fn anchors(&self) -> PathBuf {
        self.0.join("anchors.json")
    }
    /// `DIR/roster.json`
    #[must_use]
    pub fn roster(&self) -> PathBuf {
        self.0.join("roster.json")
    }
    /// `DIR/manifest-<class>.json`
    #[must_use]
    pub fn manifest(&self, class: KeyClass) -> PathBuf {
        self.0.join(format!("manifest-{}.json", class.label()))
    }
    /// `DIR/ca`
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.0.join("ca")
    }
    /// `DIR/<party>`, the identity directory of one party.
    #[must_use]
    pub fn party(&self, id: &str) -> PathBuf {
        self.0.join(id)
    }
}

impl Partnership {
    /// Writes everything into `dir`, which may exist but must hold no anchors yet.
    ///
    /// # Errors
    /// [`TrustError::File`] when `dir` already holds a partnership or cannot be written.
    pub fn write_to_dir(&self, dir: &Path) -> Result<Layout, TrustError> {
        let layout = Layout(dir.to_owned());
        if layout.anchors().exists() {
            return Err(write::fault(
                &layout.anchors(),
                "there is a partnership in this directory already; choose an empty one",
            ));
        }
        write_authority(&layout.authority(), &self.authority)?;
        for member in self.members() {
            write_member(&layout.party(member.party.id.as_str()), member)?;
        }
        write_public(&layout.roster(), &self.roster.to_json())?;
        // Last, so that a directory with anchors is complete.
        write_public(&layout.anchors(), &self.anchors.to_json())?;
        Ok(layout)
    }
}

/// Writes one party's identity directory.
///
/// # Errors
/// [`TrustError::File`].
pub fn write_member(dir: &Path, member: &Member) -> Result<(), TrustError> {
    identity::write_keys(
        dir,
        &member.tls_key,
        &member.signing,
        member.sealing.as_ref(),
    )?;
    identity::write_chain(dir, &member.chain)
}

/// Writes only the certificate chain of an identity directory: after enrolment or renewal.
///
/// # Errors
/// [`TrustError::File`].
pub fn write_chain(dir: &Path, chain: &[Vec<u8>]) -> Result<(), TrustError> {
    identity::write_chain(dir, chain)
}

/// Writes only the keys of an identity directory: before enrolment. Existing keys are not replaced.
///
/// # Errors
/// [`TrustError::File`] when there are keys already or the directory cannot be written.
pub fn write_new_keys(
    dir: &Path,
    tls_key: &[u8],
    signing: &crate::SigningKey,
    sealing: Option<&crate::SealingKey>,
) -> Result<(), TrustError> {
    let existing = dir.join("tls.key");
    if existing.exists() {
        return Err(write::fault(
            &existing,
            "there are keys here already; choose another directory or move them away",
        ));
    }
    identity::write_keys(dir, tls_key, signing, sealing)
}

/// Reads the anchors file.
///
/// # Errors
/// [`TrustError`] when it cannot be read or is not one.
pub fn load_anchors(path: &Path) -> Result<Anchors, TrustError> {
    Anchors::from_json(&read_limited(path, SMALL_FILE_BYTES_MAX)?)
}

/// Reads the roster file; the caller verifies it.
///
/// # Errors
/// [`TrustError`] when it cannot be read or is not one.
pub fn load_roster(path: &Path) -> Result<SignedRoster, TrustError> {
    SignedRoster::from_json(&read_limited(path, ROSTER_FILE_BYTES_MAX)?)
}

/// Reads a manifest file; the caller verifies it.
///
/// # Errors
/// [`TrustError`] when it cannot be read or is not one.
pub fn load_manifest(path: &Path) -> Result<SignedManifest, TrustError> {
    SignedManifest::from_json(&read_limited(path, SMALL_FILE_BYTES_MAX)?)
}

fn write_authority(dir: &Path, authority: &Authority) -> Result<(), TrustError> {
    write_secret(
        &dir.join("ca.key"),
        pem("PRIVATE KEY", authority.to_pkcs8()).as_bytes(),
    )?;
    write_public(
        &dir.join("ca.pem"),
        pem("CERTIFICATE", authority.certificate()).as_bytes(),
    )
}
