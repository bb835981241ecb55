//! Signatures of webhooks by the scheme of Standard Webhooks: HMAC-SHA-256 over id, time and body.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::hmac;
use sanctuary_types::Timestamp;
use zeroize::Zeroizing;

/// Bytes of a secret.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Secrets that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a webhook's secret is whsec_ and 24 to 64 random bytes as base64; a second line holds the next one while both are valid"
)]
pub struct BadSecret;

/// What a receiver checks a webhook with: one secret, or two while the old one is being replaced.
#[derive(Clone)]
pub struct SigningSecret(Vec<hmac::Key>);

impl std::fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningSecret(<redacted>)")
    }
}

impl SigningSecret {
    /// From a file's text: `whsec_…`, one a line.
    ///
    /// # Errors
    /// [`BadSecret`].
    pub fn parse(text: &str) -> Result<Self, BadSecret> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let keys: Result<Vec<hmac::Key>, BadSecret> = lines.map(key).collect();
        let keys = keys?;
        if (1..=2).contains(&keys.len()) {
            Ok(Self(keys))
        } else {
            Err(BadSecret)
        }
    }

    /// The value of the header `webhook-signature` of a try at `now`.
    #[must_use]
    pub fn sign(&self, id: &str, now: Timestamp, body: &[u8]) -> String {
        let head = format!("{id}.{}.", now.0 / 1_000);
        let each = self.0.iter().map(|key| {
            let mut context = hmac::Context::with_key(key);
            context.update(head.as_bytes());
            context.update(body);
            format!("v1,{}", STANDARD.encode(context.sign()))
        });
        each.collect::<Vec<_>>().join(" ")
    }
}

fn key(line: &str) -> Result<hmac::Key, BadSecret> {
    let text = line.strip_prefix("whsec_").ok_or(BadSecret)?;
    let bytes = Zeroizing::new(STANDARD.decode(text).map_err(|_| BadSecret)?);
    if !BYTES.contains(&bytes.len()) {
        return Err(BadSecret);
    }
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published example of the Standard Webhooks libraries.
    #[test]
    fn the_signature_is_that_of_the_published_example() {
        let secret = SigningSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
        let signature = secret.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            Timestamp(1_614_265_330_000),
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn two_secrets_sign_side_by_side_and_bad_ones_are_refused() {
        let two = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\nwhsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let both = SigningSecret::parse(two).unwrap();
        assert_eq!(both.sign("a", Timestamp(0), b"").split(' ').count(), 2);
        for wrong in [
            "",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_AAAA",
            "whsec_%%%",
        ] {
            assert_eq!(SigningSecret::parse(wrong).unwrap_err(), BadSecret);
        }
    }
}
