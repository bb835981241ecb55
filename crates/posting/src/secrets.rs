use std::fmt;

use curve25519_dalek::Scalar;
use sanctuary_toprf::OprfOutput;
use sanctuary_types::{Epoch, KeyClass, Tag, lp};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::aead::{expand, extract};

/// What every agency that holds a token derives from it, alike. Only the tag, and one point of the
/// line per agency, ever leave the node.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct TokenSecrets {
    /// What the hub looks up.
    #[zeroize(skip)]
    pub tag: Tag,
    /// Proves to another node that this one holds the token; never leaves the node.
    pub match_secret: [u8; 32],
    /// The line's value at zero: key of all bodies under this token.
    pub(crate) k0: Scalar,
    /// The line's slope.
    pub(crate) a1: Scalar,
}

/// Derives a token's secrets from its evaluation: HKDF-SHA256, salt `sanctuary/v1/token`, info
/// `<purpose> || lp(class, epoch u32 big-endian)`. Scalars are 64 bytes reduced modulo the order.
#[must_use]
pub fn derive(output: &OprfOutput, class: KeyClass, epoch: Epoch) -> TokenSecrets {
    let prk = extract(b"sanctuary/v1/token", output.as_bytes());
    let context = lp(&[class.label().as_bytes(), &epoch.0.to_be_bytes()]);
    let info = |purpose: &str| [purpose.as_bytes(), &context].concat();
    let scalar =
        |purpose: &str| Scalar::from_bytes_mod_order_wide(&expand::<64>(&prk, &info(purpose)));
    TokenSecrets {
        tag: Tag(*expand(&prk, &info("tag"))),
        match_secret: *expand(&prk, &info("match-secret")),
        k0: scalar("share-k0"),
        a1: scalar("share-a1"),
    }
}

impl fmt::Debug for TokenSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecrets(<redacted>)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(output: u8, class: KeyClass, epoch: u32) -> TokenSecrets {
        derive(&OprfOutput::from_bytes([output; 64]), class, Epoch(epoch))
    }

    #[test]
    fn every_secret_depends_on_output_class_and_epoch() {
        let one = secrets(1, KeyClass::Person, 1);
        for other in [
            secrets(2, KeyClass::Person, 1),
            secrets(1, KeyClass::Identifier, 1),
            secrets(1, KeyClass::Person, 2),
        ] {
            assert_ne!(one.tag, other.tag);
            assert_ne!(one.match_secret, other.match_secret);
            assert_ne!(one.k0, other.k0);
            assert_ne!(one.a1, other.a1);
        }
        let again = secrets(1, KeyClass::Person, 1);
        assert_eq!((one.tag, one.k0, one.a1), (again.tag, again.k0, again.a1));
    }

    #[test]
    fn the_tag_is_plain_hkdf() {
        // Independently: RFC 5869 written out with ring's HMAC.
        use ring::hmac;
        let mac =
            |key: &[u8], text: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text);
        let prk = mac(b"sanctuary/v1/token", &[7; 64]);
        let mut info = b"tag".to_vec();
        info.extend_from_slice(b"\0\0\0\x06person\0\0\0\x04\0\0\0\x03\x01");
        assert_eq!(
            secrets(7, KeyClass::Person, 3).tag.0,
            mac(prk.as_ref(), &info).as_ref()[..16]
        );
    }

    #[test]
    fn secrets_do_not_print() {
        assert_eq!(
            format!("{:?}", secrets(1, KeyClass::Person, 1)),
            "TokenSecrets(<redacted>)"
        );
    }
}
