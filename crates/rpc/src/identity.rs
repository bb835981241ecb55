use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sanctuary_trust::{
    Anchors, Member, SealingKey, SigningKey, Validity, files::IdentityFiles, spki_sha256, validity,
};
use sanctuary_types::Timestamp;
use zeroize::Zeroizing;

use crate::{RpcError, roster_watch::FilePoll};

/// A party's own keys and certificates, and the one root it accepts. Cheap to clone. A renewed
/// certificate on disk is taken up by new connections without a restart.
#[derive(Clone)]
pub struct Identity(Arc<Shared>);

struct Shared {
    root: CertificateDer<'static>,
    signing: SigningKey,
    sealing: Option<SealingKey>,
    tls: RwLock<Arc<TlsMaterial>>,
    dir: Option<PathBuf>,
    poll: FilePoll,
}

/// What TLS needs; replaced as a whole on renewal.
pub(crate) struct TlsMaterial {
    key: Zeroizing<Vec<u8>>,
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) spki_sha256: [u8; 32],
    pub(crate) validity: Validity,
}

impl Identity {
    /// From an identity directory (see `sanctuary_trust::files`).
    ///
    /// # Errors
    /// [`RpcError`] naming the file that is missing or unusable.
    pub fn load(dir: &Path, anchors: &Anchors) -> Result<Self, RpcError> {
        let files = IdentityFiles::load(dir)?;
        let tls = TlsMaterial::new(files.tls_key, files.chain)?;
        Ok(Self::assemble(
            anchors,
            tls,
            files.signing,
            files.sealing,
            Some(dir.to_owned()),
        ))
    }

    /// From keys in memory, for the lab and tests.
    ///
    /// # Errors
    /// [`RpcError`] when the certificate is unusable.
    pub fn from_member(member: &Member, anchors: &Anchors) -> Result<Self, RpcError> {
        let tls = TlsMaterial::new(member.tls_key.clone(), member.chain.clone())?;
        Ok(Self::assemble(
            anchors,
            tls,
            member.signing.clone(),
            member.sealing.clone(),
            None,
        ))
    }

    /// The key this party signs uploads, receipts or ceremonies with.
    #[must_use]
    pub fn signing(&self) -> &SigningKey {
        &self.0.signing
    }
    /// The key others seal to, where there is one.
    #[must_use]
    pub fn sealing(&self) -> Option<&SealingKey> {
        self.0.sealing.as_ref()
    }
    /// SHA-256 of the own TLS key's SubjectPublicKeyInfo.
    #[must_use]
    pub fn spki_sha256(&self) -> [u8; 32] {
        self.tls().spki_sha256
    }
    /// When the own certificate holds.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.tls().validity
    }

    /// Refuses to work with a certificate that is not in force: the peer would cut the connection
    /// without saying why.
    ///
    /// # Errors
    /// [`RpcError::Identity`].
    pub fn check_in_force(&self, now: Timestamp) -> Result<(), RpcError> {
        let Validity {
            not_before,
            not_after,
        } = self.validity();
        let reason = if now < not_before {
            "it is not valid yet; check this machine's clock"
        } else if now > not_after {
            "it has expired; ask the registrar to renew it and put the new one in place"
        } else {
            return Ok(());
        };
        Err(RpcError::Identity {
            what: "certificate",
            reason,
        })
    }

    pub(crate) fn root(&self) -> &CertificateDer<'static> {
        &self.0.root
    }

    /// The newest material; looks at the files at most once a second.
    pub(crate) fn tls(&self) -> Arc<TlsMaterial> {
        if let Some(dir) = &self.0.dir
            && self.0.poll.changed(&dir.join("tls.pem"))
        {
            self.reload(dir);
        }
        self.0
            .tls
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn reload(&self, dir: &Path) {
        let renewed = IdentityFiles::load(dir)
            .map_err(RpcError::from)
            .and_then(|files| TlsMaterial::new(files.tls_key, files.chain));
        match renewed {
            Ok(material) => {
                tracing::info!("took up the certificate on disk");
                *self.0.tls.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(material);
            }
            Err(error) => {
                tracing::error!(%error, "the certificate on disk is unusable; keeping the old one");
            }
        }
    }

    fn assemble(
        anchors: &Anchors,
        tls: TlsMaterial,
        signing: SigningKey,
        sealing: Option<SealingKey>,
        dir: Option<PathBuf>,
    ) -> Self {
        let poll = FilePoll::default();
        if let Some(dir) = &dir {
            poll.changed(&dir.join("tls.pem"));
        }
        Self(Arc::new(Shared {
            root: CertificateDer::from(anchors.ca.clone()),
            signing,
            sealing,
            tls: RwLock::new(Arc::new(tls)),
            dir,
            poll,
        }))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(<redacted>)")
    }
}

impl TlsMaterial {
    fn new(key: Zeroizing<Vec<u8>>, chain: Vec<Vec<u8>>) -> Result<Self, RpcError> {
        let leaf = chain.first().ok_or(RpcError::Identity {
            what: "certificate",
            reason: "there is none; finish the enrolment first",
        })?;
        Ok(Self {
            spki_sha256: spki_sha256(leaf)?,
            validity: validity(leaf)?,
            key,
            chain: chain.into_iter().map(CertificateDer::from).collect(),
        })
    }

    /// A copy of the key for rustls, which keeps it as long as the configuration lives.
    pub(crate) fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.to_vec()))
    }
}
