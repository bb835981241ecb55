//! What a console is told at its start.

use std::{fmt, str::FromStr};

use axum::http::{HeaderMap, header};

/// Where people reach the console, as their browsers write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    authority: String,
}

impl PublicUrl {
    /// `https://console.agency.example`, as browsers send it in `Origin`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }
    /// `console.agency.example`, with its port unless it is the usual one, as in `Host`.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }
    /// Whether the browser asked for this very name.
    #[must_use]
    pub fn is_asked_for(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next().and_then(|h| h.to_str().ok());
        hosts.next().is_none() && host.is_some_and(|h| h.eq_ignore_ascii_case(&self.authority))
    }
    /// What browsers say of where a form comes from. Both lines may be missing in old browsers; then the form's
    /// token alone decides.
    #[must_use]
    pub fn is_where_it_comes_from(&self, headers: &HeaderMap) -> bool {
        let fits = |name: &str, own: &str| {
            let mut lines = headers.get_all(name).iter();
            lines.all(|v| v.to_str().is_ok_and(|v| v.eq_ignore_ascii_case(own)))
        };
        fits("sec-fetch-site", "same-origin") && fits("origin", &self.origin)
    }
}

/// A public address that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the console's public_url must be https://HOST or https://HOST:PORT without a path; http:// is for localhost only"
)]
pub struct BadUrl;

impl FromStr for PublicUrl {
    type Err = BadUrl;
    fn from_str(text: &str) -> Result<Self, BadUrl> {
        let (scheme, rest) = text.split_once("://").ok_or(BadUrl)?;
        let authority = rest.strip_suffix('/').unwrap_or(rest).to_ascii_lowercase();
        let (host, port) = authority
            .rsplit_once(':')
            .map_or((authority.as_str(), None), |(h, p)| (h, Some(p)));
        let sane = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
        let local = host == "localhost" || host.ends_with(".localhost") || host == "127.0.0.1";
        let port_fits = port.is_none_or(|p| p.parse::<u16>().is_ok_and(|p| p > 0));
        let usual = match scheme {
            "https" => "443",
            // Browsers treat these names as trustworthy, so that Secure cookies work on them.
            "http" if local => "80",
            _ => return Err(BadUrl),
        };
        if host.is_empty() || !host.chars().all(sane) || !port_fits {
            return Err(BadUrl);
        }
        let authority = match port {
            Some(p) if p == usual => host.to_owned(),
            _ => authority.clone(),
        };
        Ok(Self {
            origin: format!("{scheme}://{authority}"),
            authority,
        })
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

/// What a console is told at its start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach it. Requests for another host are refused.
    pub public_url: PublicUrl,
    /// A TLS-terminating proxy stands in front: the address of a browser is the last one in
    /// `X-Forwarded-For`.
    pub behind_proxy: bool,
    /// The records are made up, and each page says so.
    pub synthetic: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_urls_are_origins() {
        let url: PublicUrl = "https://Console.Agency.example/".parse().unwrap();
        assert_eq!(url.origin(), "https://console.agency.example");
        assert_eq!(url.authority(), "console.agency.example");
        let url: PublicUrl = "https://a.example:443".parse().unwrap();
        assert_eq!(url.authority(), "a.example");
        let url: PublicUrl = "http://police.localhost:8801".parse().unwrap();
        assert_eq!(url.origin(), "http://police.localhost:8801");
        for bad in [
            "",
            "https://",
            "http://console.agency.example",
            "https://a.example/path",
            "https://a.example:x",
            "https://a b",
            "ftp://a.example",
        ] {
            assert_eq!(bad.parse::<PublicUrl>(), Err(BadUrl), "{bad}");
        }
    }
}
