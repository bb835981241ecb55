use std::path::Path;

use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey},
    hkdf::{self, HKDF_SHA256},
    hmac,
    rand::{SecureRandom, SystemRandom},
};
use sanctuary_types::lp;
use zeroize::Zeroizing;

use crate::{
    StoreError, Table,
    key_file::{self, ROOT_KEY_BYTES},
};

const FORMAT: u8 = 1;
const SALT_BYTES: usize = 24;
const VERSION_BYTES: usize = 8;
const TAG_BYTES: usize = 16;
const HEADER_BYTES: usize = 1 + SALT_BYTES + VERSION_BYTES;
const LABEL: &[u8] = b"sanctuary/v1/rest";
const RECORD_LABEL: &[u8] = b"sanctuary/v1/rest/record";
const CHECK_KEY: &[u8] = b"root-key-check";

/// Bytes that sealing adds to a value.
pub const SEALED_OVERHEAD_BYTES: usize = HEADER_BYTES + TAG_BYTES;

/// Seals values at rest under a root key kept apart from the data directory.
///
/// A sealed value is `0x01 || salt 24 || version u64 BE || ChaCha20-Poly1305`, under a key derived by
/// HKDF-SHA256 from the salt for this one value: fresh key, so the nonce is always zero and needs no
/// book-keeping. Table, key and version are bound in, so a row moved or relabelled does not open.
/// What it cannot show is an old row put back whole: compare the version with one kept elsewhere.
pub struct Sealer {
    data_key: Zeroizing<[u8; ROOT_KEY_BYTES]>,
    index_key: hmac::Key,
    random: SystemRandom,
}

impl Sealer {
    /// With the root key in `path` (32 bytes as hexadecimal, mode 0600).
    ///
    /// # Errors
    /// [`StoreError::KeyFile`].
    pub fn from_key_file(path: &Path) -> Result<Self, StoreError> {
        Self::from_root_key(&*key_file::read(path)?)
    }

    /// As [`Sealer::from_key_file`], but makes the key first when the file is absent. Call
    /// [`Sealer::bind`] next, which tells a lost key from a first start.
    ///
    /// # Errors
    /// [`StoreError::KeyFile`], or the file cannot be created.
    pub fn from_key_file_or_generate(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            let mut key = Zeroizing::new([0; ROOT_KEY_BYTES]);
            SystemRandom::new()
                .fill(key.as_mut_slice())
                .map_err(|_| StoreError::Random)?;
            key_file::create(path, &key)?;
        }
        Self::from_key_file(path)
    }

    /// With a root key that the caller got elsewhere.
    ///
    /// # Errors
    /// None in practice: [`StoreError::Random`] stands for a refusal of the cryptographic library.
    pub fn from_root_key(root: &[u8; ROOT_KEY_BYTES]) -> Result<Self, StoreError> {
        let index = derive(LABEL, root, b"index")?;
        Ok(Self {
            data_key: derive(LABEL, root, b"data")?,
            index_key: hmac::Key::new(hmac::HMAC_SHA256, index.as_slice()),
            random: SystemRandom::new(),
        })
    }

    /// Ties the root key to a data directory: `table` gets a sealed row at the first use; later,
    /// another key is refused before anything is read or written under it.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`]; any read or write fault. Durable after [`crate::Store::sync`].
    pub fn bind(&self, table: &Table) -> Result<(), StoreError> {
        match table.get(CHECK_KEY)? {
            Some(row) => match self.open(table.name(), CHECK_KEY, &row) {
                Ok(_) => Ok(()),
                Err(_) => Err(StoreError::WrongKey),
            },
            None if table.is_empty() => {
                let sealed = self.seal(table.name(), CHECK_KEY, 1, b"")?;
                table.insert(CHECK_KEY, &sealed)
            }
            None => Err(StoreError::WrongKey),
        }
    }

    /// Seals `plain` for one row.
    ///
    /// # Errors
    /// [`StoreError::Random`].
    pub fn seal(
        &self,
        table: &str,
        key: &[u8],
        version: u64,
        plain: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let mut salt = [0; SALT_BYTES];
        self.random
            .fill(&mut salt)
            .map_err(|_| StoreError::Random)?;
        let version = version.to_be_bytes();
        let mut out = Vec::with_capacity(SEALED_OVERHEAD_BYTES + plain.len());
        out.push(FORMAT);
        out.extend_from_slice(&salt);
        out.extend_from_slice(&version);
        out.extend_from_slice(plain);
        // In place: no second copy of the plain bytes is left behind in memory.
        let tag = self
            .record_key(&salt)?
            .seal_in_place_separate_tag(
                zero_nonce(),
                aad(table, key, version),
                &mut out[HEADER_BYTES..],
            )
            .map_err(|_| StoreError::Random)?;
        out.extend_from_slice(tag.as_ref());
        Ok(out)
    }

    /// Opens a row's value: its version and plain bytes.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] when it is not what [`Sealer::seal`] made for this table and key.
    pub fn open(
        &self,
        table: &str,
        key: &[u8],
        sealed: &[u8],
    ) -> Result<(u64, Zeroizing<Vec<u8>>), StoreError> {
        let refused = || StoreError::Sealed {
            table: table.to_owned(),
        };
        let (format, rest) = sealed.split_first().ok_or_else(refused)?;
        let (salt, rest) = rest.split_first_chunk::<SALT_BYTES>().ok_or_else(refused)?;
        let (version, body) = rest
            .split_first_chunk::<VERSION_BYTES>()
            .ok_or_else(refused)?;
        if *format != FORMAT {
            return Err(refused());
        }
        let mut plain = Zeroizing::new(body.to_vec());
        let length = self
            .record_key(salt)?
            .open_in_place(zero_nonce(), aad(table, key, *version), &mut plain)
            .map_err(|_| refused())?
            .len();
        plain.truncate(length);
        Ok((u64::from_be_bytes(*version), plain))
    }

    /// The key of a row whose natural key (a record's reference, say) must not stand in the store:
    /// HMAC-SHA256. Equal for equal inputs, so it serves look-ups, but no order and no ranges.
    #[must_use]
    pub fn index_key(&self, table: &str, natural_key: &[u8]) -> [u8; 32] {
        let mac = hmac::sign(&self.index_key, &lp(&[table.as_bytes(), natural_key]));
        let mut out = [0; 32];
        out.copy_from_slice(mac.as_ref());
        out
    }

    fn record_key(&self, salt: &[u8; SALT_BYTES]) -> Result<LessSafeKey, StoreError> {
        let key = derive(salt, &self.data_key, RECORD_LABEL)?;
        let key =
            UnboundKey::new(&CHACHA20_POLY1305, key.as_slice()).map_err(|_| StoreError::Random)?;
        Ok(LessSafeKey::new(key))
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(<redacted>)")
    }
}

fn derive(
    salt: &[u8],
    secret: &[u8; ROOT_KEY_BYTES],
    info: &[u8],
) -> Result<Zeroizing<[u8; ROOT_KEY_BYTES]>, StoreError> {
    let mut out = Zeroizing::new([0; ROOT_KEY_BYTES]);
    hkdf::Salt::new(HKDF_SHA256, salt)
        .extract(secret)
        .expand(&[info], HKDF_SHA256)
        .and_then(|okm| okm.fill(out.as_mut_slice()))
        .map_err(|_| StoreError::Random)?;
    Ok(out)
}

fn aad(table: &str, key: &[u8], version: [u8; VERSION_BYTES]) -> Aad<Vec<u8>> {
    Aad::from(lp(&[LABEL, table.as_bytes(), key, &version]))
}

fn zero_nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}
