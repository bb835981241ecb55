//! The cookies, and the token that each form carries.

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Who is signed in.
pub const SESSION: &str = "__Host-sid";
/// What ties a form to a browser before anybody is signed in.
pub const BROWSER: &str = "__Host-form";

/// What ties the way back from the identity provider to the browser that went there.
pub const PROVIDER: &str = "__Host-provider";

const RULES: &str = "; Path=/; Secure; HttpOnly; SameSite=Lax";
/// Letters of a cookie that are looked at.
const LETTERS_MAX: usize = 128;

/// A cookie of this name. Two of one name are none: one of them is not from here.
#[must_use]
pub fn read(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(n, value)| *n == name && !value.is_empty() && value.len() <= LETTERS_MAX)
        .map(|(_, value)| value.to_owned());
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// `Set-Cookie` that lives until the browser is closed.
#[must_use]
pub fn keep(name: &str, value: &str) -> String {
    format!("{name}={value}{RULES}")
}

/// `Set-Cookie` that lives for so many seconds.
#[must_use]
pub fn keep_for(name: &str, value: &str, seconds: u64) -> String {
    format!("{name}={value}{RULES}; Max-Age={seconds}")
}

/// `Set-Cookie` that takes it away.
#[must_use]
pub fn forget(name: &str) -> String {
    format!("{name}={RULES}; Max-Age=0")
}

/// 256 random bits for [`BROWSER`].
#[must_use]
pub fn random() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}

/// The token of every form under this cookie. The cookie is random and cannot be read by scripts, so nobody
/// else can make it, and it tells nothing of the cookie.
#[must_use]
pub fn form_token(cookie: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"sanctuary/v1/console-form\0");
    hash.update(cookie.as_bytes());
    hex::encode(hash.finalize())
}

/// Whether a posted token is the one of this cookie.
#[must_use]
pub fn fits(posted: &str, cookie: &str) -> bool {
    posted
        .as_bytes()
        .ct_eq(form_token(cookie).as_bytes())
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(lines: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_static(line));
        }
        headers
    }

    #[test]
    fn one_cookie_is_read_two_are_none() {
        assert_eq!(
            read(&headers(&["a=1; __Host-sid=x"]), SESSION).as_deref(),
            Some("x")
        );
        assert_eq!(
            read(&headers(&["__Host-sid=x; __Host-sid=y"]), SESSION),
            None
        );
        assert_eq!(
            read(&headers(&["__Host-sid=x", "__Host-sid=y"]), SESSION),
            None
        );
        assert_eq!(read(&headers(&["sid=x"]), SESSION), None);
    }

    #[test]
    fn tokens_fit_their_cookie_only() {
        let (one, other) = (random(), random());
        assert!(fits(&form_token(&one), &one));
        assert!(!fits(&form_token(&one), &other));
        assert!(!fits("", &one));
        assert!(!form_token(&one).contains(&one));
    }
}
