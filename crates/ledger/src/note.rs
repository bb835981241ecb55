//! C2SP signed notes with the two Ed25519 signature types that the log uses.

use base64::{Engine, engine::general_purpose::STANDARD};
use sanctuary_trust::{SigningKey, verify};
use signed_note::{Note, NoteError, Signature, VerificationError, Verifier, Verifiers};

use crate::{
    LedgerError, Refused,
    limits::{CHECKPOINT_BYTES_MAX, NAME_BYTES_MAX},
};

/// Signature types of C2SP `signed-note` and `tlog-cosignature`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// 0x01: Ed25519 over the text.
    Plain,
    /// 0x04: u64 time, then Ed25519 over `cosignature/v1`, the time and the text.
    Timed,
}

/// One public key that signs notes under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoteKey {
    name: String,
    public: [u8; 32],
    kind: Kind,
    id: u32,
}

impl NoteKey {
    pub(crate) fn new(name: &str, public: &[u8; 32], kind: Kind) -> Self {
        let algorithm = match kind {
            Kind::Plain => 1,
            Kind::Timed => 4,
        };
        Self {
            name: name.to_owned(),
            public: *public,
            kind,
            id: signed_note::key_id(name, &[&[algorithm], public.as_slice()].concat()),
        }
    }

    /// `<name>+<key id>+<base64 of type and key>`: how C2SP tools are given a key.
    pub(crate) fn verifier_key(&self) -> String {
        let algorithm = match self.kind {
            Kind::Plain => 1,
            Kind::Timed => 4,
        };
        let material = [&[algorithm], self.public.as_slice()].concat();
        format!(
            "{}+{:08x}+{}",
            self.name,
            self.id,
            STANDARD.encode(material)
        )
    }

    /// The signature line, with its newline.
    pub(crate) fn sign_line(&self, key: &SigningKey, text: &[u8], time_s: u64) -> Vec<u8> {
        let signature = match self.kind {
            Kind::Plain => key.sign(text).to_vec(),
            Kind::Timed => {
                let mut bytes = time_s.to_be_bytes().to_vec();
                bytes.extend_from_slice(&key.sign(&timed_message(time_s, text)));
                bytes
            }
        };
        // The form that `signed_note::Signature::to_bytes` writes; ours cannot fail on the name.
        let body = [self.id.to_be_bytes().as_slice(), &signature].concat();
        format!("\u{2014} {} {}\n", self.name, STANDARD.encode(body)).into_bytes()
    }
}

impl Verifier for NoteKey {
    fn name(&self) -> &str {
        &self.name
    }
    fn key_id(&self) -> u32 {
        self.id
    }
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self.kind {
            Kind::Plain => verify(&self.public, message, signature).is_ok(),
            Kind::Timed => signature
                .split_first_chunk::<8>()
                .is_some_and(|(time, rest)| {
                    let time_s = u64::from_be_bytes(*time);
                    time_s <= i64::MAX as u64
                        && verify(&self.public, &timed_message(time_s, message), rest).is_ok()
                }),
        }
    }
}

/// What a cosignature signs (C2SP `tlog-cosignature`, Ed25519).
fn timed_message(time_s: u64, text: &[u8]) -> Vec<u8> {
    let mut message = format!("cosignature/v1\ntime {time_s}\n").into_bytes();
    message.extend_from_slice(text);
    message
}

/// A valid signature by a known key.
pub(crate) struct Signed {
    pub(crate) key: NoteKey,
    /// Seconds; only of timed ones.
    pub(crate) time_s: Option<u64>,
}

/// A note taken apart, its signatures not yet checked.
pub(crate) struct Parsed {
    note: Note,
}

impl Parsed {
    pub(crate) fn new(bytes: &[u8]) -> Result<Self, LedgerError> {
        if bytes.len() > CHECKPOINT_BYTES_MAX {
            return Err(malformed("it is too long"));
        }
        let note = Note::from_bytes(bytes).map_err(|_| malformed("it is not a signed note"))?;
        Ok(Self { note })
    }

    pub(crate) fn text(&self) -> &[u8] {
        self.note.text()
    }

    /// The valid signatures of `known`, at most one of each key; lines of unknown keys are ignored.
    ///
    /// # Errors
    /// [`Refused::WrongSignature`] when a known key's line does not verify.
    pub(crate) fn signed_by(&self, known: &[NoteKey]) -> Result<Vec<Signed>, Refused> {
        let verified = match self.note.verify(&Known(known)) {
            Ok((verified, _unknown)) => verified,
            Err(NoteError::UnverifiedNote) => Vec::new(),
            Err(NoteError::InvalidSignature { name, .. }) => {
                return Err(Refused::WrongSignature(name));
            }
            Err(_) => return Err(malformed("its signatures cannot be read").into()),
        };
        Ok(verified.iter().filter_map(|s| signed(known, s)).collect())
    }
}

fn signed(known: &[NoteKey], signature: &Signature) -> Option<Signed> {
    let key = known
        .iter()
        .find(|k| k.name == signature.name() && k.id == signature.id())?;
    let time_s = match key.kind {
        Kind::Plain => None,
        Kind::Timed => Some(u64::from_be_bytes(
            *signature.signature().first_chunk::<8>()?,
        )),
    };
    Some(Signed {
        key: key.clone(),
        time_s,
    })
}

struct Known<'a>(&'a [NoteKey]);

impl Verifiers for Known<'_> {
    fn verifier(&self, name: &str, id: u32) -> Result<&dyn Verifier, VerificationError> {
        let found = self.0.iter().find(|k| k.name == name && k.id == id);
        match found {
            Some(key) => Ok(key),
            None => Err(VerificationError::UnknownKey {
                name: name.to_owned(),
                id,
            }),
        }
    }
}

/// Text and signature lines of a note.
pub(crate) fn split(note: &[u8]) -> Option<(&str, &str)> {
    let text = std::str::from_utf8(note).ok()?;
    let at = text.rfind("\n\n")?;
    Some((text.get(..=at)?, text.get(at + 2..)?))
}

/// The same note with `line` added; an earlier line of the same name and key gives way.
pub(crate) fn with_line(note: &[u8], line: &[u8]) -> Result<Vec<u8>, LedgerError> {
    let (text, lines) = split(note).ok_or(malformed("it is not a signed note"))?;
    let key_of = |line: &[u8]| {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let signature = Signature::from_bytes(line).ok()?;
        Some((signature.name().to_owned(), signature.id()))
    };
    let new = key_of(line).ok_or(malformed("a signature line cannot be read"))?;
    let mut out = format!("{text}\n").into_bytes();
    for old in lines.split_inclusive('\n').map(str::as_bytes) {
        if key_of(old).as_ref() != Some(&new) {
            out.extend_from_slice(old);
        }
    }
    out.extend_from_slice(line);
    if out.ends_with(b"\n") {
        Ok(out)
    } else {
        out.push(b'\n');
        Ok(out)
    }
}

/// A name that a note and a proof file can carry: no spaces, plus signs or control characters.
pub(crate) fn check_name(what: &'static str, name: &str) -> Result<(), LedgerError> {
    let fits = (1..=NAME_BYTES_MAX).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_graphic() && b != b'+');
    if fits {
        Ok(())
    } else {
        Err(LedgerError::Malformed {
            what,
            reason: "a name is 1 to 128 printable characters without spaces and plus signs",
        })
    }
}

pub(crate) const fn malformed(reason: &'static str) -> LedgerError {
    LedgerError::Malformed {
        what: "checkpoint",
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the signed-note format's reference implementation.
    #[test]
    fn a_public_example_verifies() {
        let note = "If you think cryptography is the answer to your problem,\n\
            then you don't know what your problem is.\n\n\u{2014} PeterNeumann \
            x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        let verifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let public = STANDARD
            .decode(verifier.rsplit('+').next().unwrap())
            .unwrap();
        let public: [u8; 32] = public[1..].try_into().unwrap();
        let key = NoteKey::new("PeterNeumann", &public, Kind::Plain);
        assert_eq!(key.verifier_key(), verifier);
        let known = [key];
        let parsed = Parsed::new(note.as_bytes()).unwrap();
        assert_eq!(parsed.signed_by(&known).unwrap().len(), 1);
        let other = note.replace("answer", "Answer");
        let parsed = Parsed::new(other.as_bytes()).unwrap();
        assert!(matches!(
            parsed.signed_by(&known),
            Err(Refused::WrongSignature(name)) if name == "PeterNeumann"
        ));
    }

    #[test]
    fn a_line_replaces_the_older_one_of_its_key_only() {
        let key = SigningKey::from_pkcs8(&seeded()).unwrap();
        let [plain, timed] =
            [Kind::Plain, Kind::Timed].map(|k| NoteKey::new("hub", &key.public(), k));
        let mut note = b"text\n\n".to_vec();
        note.extend(plain.sign_line(&key, b"text\n", 0));
        note.extend(timed.sign_line(&key, b"text\n", 5));
        let newer = timed.sign_line(&key, b"text\n", 6);
        let note = with_line(&note, &newer).unwrap();
        let signed = Parsed::new(&note)
            .unwrap()
            .signed_by(&[plain, timed])
            .unwrap();
        let times: Vec<_> = signed.iter().map(|s| s.time_s).collect();
        assert_eq!(times, [None, Some(6)]);
    }

    fn seeded() -> Vec<u8> {
        let header = "302e020100300506032b657004220420";
        [hex::decode(header).unwrap(), vec![9; 32]].concat()
    }
}
