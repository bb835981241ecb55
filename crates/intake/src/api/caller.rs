//! Who asks: the name of a live API key, by the key itself, by a client certificate of that name, or by both.

use std::sync::Arc;

use axum::http::{Extensions, HeaderMap, header};
use x509_parser::{extensions::GeneralName, prelude::FromDer as _};

use super::{App, Intake, Problem, blocking};

/// Letters of a key that is looked up at all.
const KEY_BYTES_MAX: usize = 256;

/// What client certificates are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificates {
    /// Callers show keys.
    NotAsked,
    /// A certificate stands for the live key of its name.
    StandForKeys,
    /// Callers show a certificate and the key of its name.
    BesideKeys,
}

/// Name of the API key of a request.
#[derive(Clone)]
pub(crate) struct Caller(pub String);

/// Names in the client certificate of a connection, which TLS has checked: its DNS names and common names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown(Arc<[String]>);

impl Shown {
    /// The names of a certificate in DER; none when it cannot be read.
    #[must_use]
    pub fn of(certificate: &[u8]) -> Self {
        let mut names = Vec::new();
        if let Ok((_, parsed)) = x509_parser::certificate::X509Certificate::from_der(certificate) {
            let common = parsed.subject().iter_common_name();
            names.extend(common.filter_map(|name| Some(name.as_str().ok()?.to_owned())));
            if let Ok(Some(others)) = parsed.subject_alternative_name() {
                names.extend(others.value.general_names.iter().filter_map(|n| match n {
                    GeneralName::DNSName(name) => Some((*name).to_owned()),
                    _ => None,
                }));
            }
        }
        names.sort();
        names.dedup();
        Self(names.into())
    }
}

/// Who makes a request.
///
/// # Errors
/// [`Problem::unauthorised`], which does not say what of it was wrong.
pub(crate) async fn identify<I: Intake>(
    app: &App<I>,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<Caller, Problem> {
    let (key, shown) = (bearer(headers), extensions.get::<Shown>().cloned());
    let (node, certificates) = (Arc::clone(&app.node), app.certificates);
    let name = blocking(move || {
        let of_key = key.map(|key| node.caller(&key)).transpose()?;
        Ok(match (certificates, of_key, shown) {
            (Certificates::NotAsked, of_key, _) => of_key.flatten(),
            (_, _, None) | (Certificates::BesideKeys, None, _) => None,
            // A key beside a certificate must be its own.
            (_, Some(of_key), Some(shown)) => of_key.filter(|name| shown.0.contains(name)),
            (Certificates::StandForKeys, None, Some(shown)) => only_live(&*node, &shown)?,
        })
    });
    name.await?.map(Caller).ok_or_else(Problem::unauthorised)
}

/// A certificate with the names of two keys says nothing.
fn only_live<I: Intake>(
    node: &I,
    shown: &Shown,
) -> Result<Option<String>, sanctuary_node_core::NodeError> {
    let mut live = None;
    for name in shown.0.iter() {
        if node.is_live(name)? && live.replace(name).is_some() {
            return Ok(None);
        }
    }
    Ok(live.cloned())
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = text.split_once(' ')?;
    let fits = scheme.eq_ignore_ascii_case("bearer") && key.len() <= KEY_BYTES_MAX;
    fits.then(|| key.trim().to_owned())
}
