//! The headers of every reply.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest as _, Sha256};

/// No inline script or style anywhere, so there is neither a nonce nor a hash.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// Where a page's own script speaks with the console: it is told what is new, or keeps what is being typed.
pub const POLICY_TALKS: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// Hashed names: a changed file has another name.
pub const KEEP: &str = "public, max-age=31536000, immutable";
/// Pages are about people and are kept nowhere.
pub const KEEP_NOT: &str = "no-store";

const ALWAYS: &[(HeaderName, &str)] = &[
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (
        header::STRICT_TRANSPORT_SECURITY,
        "max-age=63072000; includeSubDomains",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Not no-referrer: with it browsers send `Origin: null` with forms, which cannot be told from an attack.
    (header::REFERRER_POLICY, "same-origin"),
];

const NAMED: &[(&str, &str)] = &[
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-robots-tag", "noindex, nofollow"),
];

/// Lets the page's own script speak with the console.
pub fn let_talk(headers: &mut HeaderMap) {
    let policy = HeaderValue::from_static(POLICY_TALKS);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
}

/// Lets one style sheet stand in the page, and nothing else.
pub fn let_style(headers: &mut HeaderMap, style: &str) {
    let hash = BASE64_STANDARD.encode(Sha256::digest(style.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Puts them on.
pub fn secure(headers: &mut HeaderMap) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in NAMED {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static(KEEP_NOT));
}
