//! What the provider says of itself: addresses and keys, by discovery, kept for a while.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use openidconnect::{
    AdditionalProviderMetadata, DiscoveryError, IssuerUrl, ProviderMetadata,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
        CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
        CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
    },
    url::Url,
};
use serde::{Deserialize, Serialize};

use super::{
    Refusal,
    courier::{Courier, NoAnswer},
    settings::is_safe,
};

/// Keys are rotated with days of overlap; addresses hardly ever change.
pub(crate) const KEEP: Duration = Duration::from_secs(600);
/// A token with an unknown key makes us look again, but not more often than this.
pub(crate) const AGAIN: Duration = Duration::from_secs(2);

/// What a provider says beyond OpenID Connect Discovery 1.0.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct More {
    /// RFC 9207: answers name the issuer.
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
    /// OpenID Connect RP-Initiated Logout 1.0.
    #[serde(default)]
    pub(crate) end_session_endpoint: Option<Url>,
}

impl AdditionalProviderMetadata for More {}

pub(crate) type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// The last that was heard.
#[derive(Default)]
pub(crate) struct Known(Mutex<Option<(Instant, Arc<Metadata>)>>);

impl Known {
    /// What the provider says, not older than this.
    pub(crate) async fn get(
        &self,
        issuer: &IssuerUrl,
        courier: &Courier,
        not_older: Duration,
    ) -> Result<Arc<Metadata>, Refusal> {
        if let Some((at, metadata)) = self.last()
            && at.elapsed() < not_older
        {
            return Ok(metadata);
        }
        let found = Metadata::discover_async(issuer.clone(), courier).await;
        let metadata = Arc::new(found.map_err(|error| refusal(&error))?);
        let addresses = [
            Some(metadata.authorization_endpoint().url()),
            metadata.token_endpoint().map(|e| e.url()),
            metadata.additional_metadata().end_session_endpoint.as_ref(),
        ];
        if metadata.token_endpoint().is_none() || !addresses.into_iter().flatten().all(is_safe) {
            return Err(Refusal::Garbled);
        }
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some((Instant::now(), Arc::clone(&metadata)));
        Ok(metadata)
    }

    /// The last that was heard, however old.
    pub(crate) fn last(&self) -> Option<(Instant, Arc<Metadata>)> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone()
    }
}

fn refusal(error: &DiscoveryError<NoAnswer>) -> Refusal {
    match error {
        DiscoveryError::Request(why) => {
            tracing::warn!(error = %why, "signing in by the identity provider");
            Refusal::Unreachable
        }
        // The library's word for an issuer that is not the one asked for.
        DiscoveryError::Validation(_) => Refusal::WrongIssuer,
        DiscoveryError::Response(status, ..) if status.is_server_error() => Refusal::Unreachable,
        _ => Refusal::Garbled,
    }
}
