use std::fmt;

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use totp_rs::{Algorithm, Builder, Secret as TotpSecret, Totp};
use zeroize::Zeroizing;

use sanctuary_types::Timestamp;

/// Bytes of the shared secret (RFC 4226 section 4, R6: 160 bits recommended).
const SECRET_BYTES: usize = 20;
/// Seconds of one step, and steps before and after that are accepted (RFC 6238 section 5.2).
const STEP_S: u64 = 30;
const SKEW: u16 = 1;
const DIGITS: u8 = 6;

/// What an authenticator shares with the node: RFC 6238 with HMAC-SHA-1, the form that every one knows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<u8>", into = "Vec<u8>")]
pub struct CodeSecret(Zeroizing<Vec<u8>>);

/// What the person types or scans into their authenticator, once.
#[derive(Clone, Serialize, Deserialize)]
pub struct CodeSetup {
    /// The secret in base 32.
    pub secret: String,
    /// `otpauth://` address for a QR code.
    pub address: String,
}

impl CodeSecret {
    pub(crate) fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new(vec![0; SECRET_BYTES]);
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// The step of the code, if it is one of now or of a neighbouring step. The caller refuses a step
    /// that was used before.
    pub(crate) fn step_of(&self, code: &str, now: Timestamp) -> Option<u64> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        self.totp().check(&digits, now.0 / 1_000)
    }

    pub(crate) fn setup(&self, person: &str, agency: &str) -> CodeSetup {
        let secret = TotpSecret::new(self.0.as_slice().into()).to_base32();
        let name = |text: &str| -> String {
            text.chars()
                .map(|c| {
                    if c.is_ascii_alphanumeric() || "-._".contains(c) {
                        c
                    } else {
                        '-'
                    }
                })
                .collect()
        };
        let (person, agency) = (name(person), name(agency));
        CodeSetup {
            address: format!(
                "otpauth://totp/Sanctuary-{agency}:{person}?secret={secret}&issuer=Sanctuary-{agency}"
            ),
            secret,
        }
    }

    fn totp(&self) -> Totp {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(DIGITS)
            .with_skew(SKEW)
            .with_step_duration(STEP_S)
            .with_secret(TotpSecret::new(self.0.as_slice().into()))
            .build_noncompliant()
    }
}

impl From<Vec<u8>> for CodeSecret {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }
}
impl From<CodeSecret> for Vec<u8> {
    fn from(secret: CodeSecret) -> Self {
        secret.0.to_vec()
    }
}
impl fmt::Debug for CodeSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}
impl fmt::Debug for CodeSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B, SHA-1 column, last six of its eight digits.
    const VECTORS: [(u64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    fn secret() -> CodeSecret {
        CodeSecret(Zeroizing::new(b"12345678901234567890".to_vec()))
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        for (time, code) in VECTORS {
            let at = |s: u64| Timestamp(s * 1_000);
            assert_eq!(secret().step_of(code, at(time)), Some(time / 30), "{time}");
            // One step early or late is a slow clock; two are not.
            assert_eq!(secret().step_of(code, at(time + 30)), Some(time / 30));
            assert_eq!(secret().step_of(code, at(time + 90)), None);
        }
        assert_eq!(secret().step_of("287 082", Timestamp(59_000)), Some(1));
        for wrong in ["", "28708", "287083", "2870822", "abcdef"] {
            assert_eq!(secret().step_of(wrong, Timestamp(59_000)), None);
        }
    }

    #[test]
    fn the_address_says_whose_it_is() {
        let setup = secret().setup("jd1042", "police");
        assert_eq!(setup.secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(
            setup
                .address
                .starts_with("otpauth://totp/Sanctuary-police:jd1042?secret=GEZD")
        );
    }
}
