//! The way to the identity provider and back.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use openidconnect::{
    AuthenticationContextClass, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError,
    ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl,
    Nonce, PkceCodeChallenge, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError,
    TokenResponse as _,
    core::{
        CoreAuthPrompt, CoreClient, CoreErrorResponseType, CoreIdToken, CoreIdTokenClaims,
        CoreIdTokenVerifier, CoreJwsSigningAlgorithm as Alg, CoreResponseType,
    },
};
use sanctuary_disclosure::PersonId;
use sanctuary_staff::{FRESH_MS, ProviderProof, ProviderSubject};
use sanctuary_types::Timestamp;
use serde_json::json;
use subtle::ConstantTimeEq as _;

use super::{
    BadSettings, ProviderSettings, Purpose, Refusal, SecondFactor, Trust,
    claims::Claims,
    courier::Courier,
    metadata::{AGAIN, KEEP, Known, Metadata},
    pending::{Begun, Pending},
};
use crate::{Form, PublicUrl, cookies};

/// Where the provider sends people back to.
pub(crate) const RETURN: &str = "/sign-in/return";
/// How far the two clocks may be apart.
const SKEW_S: i64 = 60;
/// A token is used at once; one that was made longer ago was kept by somebody.
const AGE_S: i64 = 600;
/// Signatures that only the provider can make. Not HMAC: its key is the client's secret.
const ALGS: [Alg; 9] = [
    Alg::RsaSsaPkcs1V15Sha256,
    Alg::RsaSsaPkcs1V15Sha384,
    Alg::RsaSsaPkcs1V15Sha512,
    Alg::RsaSsaPssSha256,
    Alg::RsaSsaPssSha384,
    Alg::RsaSsaPssSha512,
    Alg::EcdsaP256Sha256,
    Alg::EcdsaP384Sha384,
    Alg::EdDsa,
];

type Ready = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The agency's identity provider.
pub struct Provider {
    settings: ProviderSettings,
    issuer: IssuerUrl,
    return_to: RedirectUrl,
    courier: Courier,
    known: Known,
    pending: Pending,
    clock: fn() -> SystemTime,
}

/// A sign-in that begins.
#[derive(Debug)]
pub struct Start {
    /// Where the browser goes.
    pub url: String,
    /// The value of the cookie that ties the way back to it.
    pub cookie: String,
}

/// Somebody whom the provider sent back.
#[derive(Debug)]
pub struct Back {
    /// What it was for.
    pub purpose: Purpose,
    /// Where to afterwards.
    pub to: String,
    person: PersonId,
    subject: ProviderSubject,
    roles: Option<sanctuary_staff::ProviderRoles>,
    proven_ago_ms: Option<u64>,
}

impl Back {
    /// For the register, by the node's clock.
    #[must_use]
    pub fn proof(self, now: Timestamp) -> ProviderProof {
        let proven = self.proven_ago_ms.map(|ago| now.0.saturating_sub(ago));
        ProviderProof {
            person: self.person,
            subject: self.subject,
            roles: self.roles,
            proven: proven.map(Timestamp),
        }
    }
}

impl Provider {
    /// A provider for the console at `public_url`.
    ///
    /// # Errors
    /// [`BadSettings`].
    pub fn new(
        settings: ProviderSettings,
        public_url: &PublicUrl,
        trust: Trust,
    ) -> Result<Self, BadSettings> {
        settings.check()?;
        let bad = |error: openidconnect::url::ParseError| BadSettings(error.to_string());
        Ok(Self {
            issuer: IssuerUrl::new(settings.issuer.clone()).map_err(bad)?,
            return_to: RedirectUrl::new(format!("{}{RETURN}", public_url.origin())).map_err(bad)?,
            settings,
            courier: Courier(trust),
            known: Known::default(),
            pending: Pending::default(),
            clock: SystemTime::now,
        })
    }

    /// The same by another clock, for tests.
    #[must_use]
    pub fn at(mut self, clock: fn() -> SystemTime) -> Self {
        self.clock = clock;
        self
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Where people sign out of the provider too, if it says so.
    #[must_use]
    pub fn sign_out_url(&self) -> Option<String> {
        let (_, metadata) = self.known.last()?;
        let mut url = metadata
            .additional_metadata()
            .end_session_endpoint
            .clone()?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.settings.client_id);
        Some(url.into())
    }

    /// Begins a sign-in; `to` is a path of this console.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn begin(&self, purpose: Purpose, to: &str) -> Result<Start, Refusal> {
        let metadata = self.known.get(&self.issuer, &self.courier, KEEP).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client(&metadata);
        let mut request = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .set_pkce_challenge(challenge);
        for scope in &self.settings.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        if purpose == Purpose::Again {
            request = request
                .add_prompt(CoreAuthPrompt::Login)
                .set_max_age(Duration::from_millis(FRESH_MS));
        }
        match &self.settings.second_factor {
            SecondFactor::Claim { name, values } if name == "acr" => {
                for value in values {
                    let value = AuthenticationContextClass::new(value.clone());
                    request = request.add_auth_context_value(value);
                }
            }
            // Methods are what the provider reports; they cannot be asked for.
            SecondFactor::Claim { name, values } if name != "amr" => {
                let wish = json!({ "id_token": { name: { "essential": true, "values": values } } });
                request = request.add_extra_param("claims", wish.to_string());
            }
            _ => {}
        }
        let (url, state, nonce) = request.url();
        let cookie = cookies::random();
        let begun = Begun::now((state, nonce, verifier), purpose, to.to_owned());
        self.pending.put(&cookie, begun);
        Ok(Start {
            url: url.into(),
            cookie,
        })
    }

    /// Checks what the provider sent the browser back with. Whatever comes of it, the sign-in is over.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn finish(&self, cookie: Option<&str>, query: &Form) -> Result<Back, Refusal> {
        let begun = cookie.and_then(|c| self.pending.take(c));
        let begun = begun.ok_or(Refusal::NotBegun)?;
        if ["state", "code", "iss", "error"]
            .iter()
            .any(|name| query.all(name).count() > 1)
        {
            return Err(Refusal::Garbled);
        }
        let state = query.text("state").as_bytes();
        if !bool::from(state.ct_eq(begun.state.secret().as_bytes())) {
            return Err(Refusal::WrongState);
        }
        let metadata = self.known.get(&self.issuer, &self.courier, KEEP).await?;
        let names = metadata
            .additional_metadata()
            .authorization_response_iss_parameter_supported;
        match query.text("iss") {
            "" if names => return Err(Refusal::MixedUp),
            "" => {}
            issuer if issuer != self.issuer.as_str() => return Err(Refusal::MixedUp),
            _ => {}
        }
        match query.text("error") {
            "" => {}
            error => return Err(reported(error)),
        }
        let code = match query.text("code") {
            "" => return Err(Refusal::Garbled),
            code => AuthorizationCode::new(code.to_owned()),
        };
        let client = self.client(&metadata);
        let request = client.exchange_code(code).map_err(|_| Refusal::Garbled)?;
        let answer = request
            .set_pkce_verifier(begun.verifier)
            .request_async(&self.courier)
            .await
            .map_err(|error| match error {
                RequestTokenError::Request(_) => Refusal::Unreachable,
                RequestTokenError::ServerResponse(said) => match said.error() {
                    CoreErrorResponseType::InvalidGrant => Refusal::CodeRefused,
                    _ => Refusal::Misconfigured,
                },
                _ => Refusal::Garbled,
            })?;
        let token = answer.id_token().ok_or(Refusal::Garbled)?;
        let checked = match self.check(token, &metadata, &begun.nonce) {
            // The provider may have new keys.
            Err(Refusal::BadSignature) => {
                let metadata = self.known.get(&self.issuer, &self.courier, AGAIN).await?;
                self.check(token, &metadata, &begun.nonce)?
            }
            other => other?,
        };
        let now = self.now();
        let proven_ago_ms = match checked.auth_time() {
            Some(at) if (at - now).num_seconds() > SKEW_S => return Err(Refusal::Clock),
            Some(at) => Some(u64::try_from((now - at).num_milliseconds()).unwrap_or(0)),
            None => None,
        };
        let claims = Claims::of(&token.to_string()).ok_or(Refusal::Garbled)?;
        claims.second_factor(&self.settings)?;
        Ok(Back {
            purpose: begun.purpose,
            to: begun.back,
            person: claims.person(&self.settings)?,
            subject: ProviderSubject::new(self.issuer.as_str(), checked.subject().as_str()),
            roles: claims.roles(&self.settings),
            proven_ago_ms,
        })
    }

    fn client(&self, metadata: &Metadata) -> Ready {
        let secret = self.settings.client_secret.expose().trim();
        CoreClient::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.settings.client_id.clone()),
            Some(ClientSecret::new(secret.to_owned())),
        )
        .set_redirect_uri(self.return_to.clone())
    }

    /// Signature, issuer, audience, nonce, times.
    fn check<'a>(
        &self,
        token: &'a CoreIdToken,
        metadata: &Metadata,
        nonce: &Nonce,
    ) -> Result<&'a CoreIdTokenClaims, Refusal> {
        let now = self.now();
        let own = ClientId::new(self.settings.client_id.clone());
        let keys = metadata.jwks().clone();
        let skew = chrono::TimeDelta::seconds(SKEW_S);
        // As for a client without a secret, so that no HMAC is ever taken for a signature.
        let verifier =
            CoreIdTokenVerifier::new_public_client(own.clone(), self.issuer.clone(), keys)
                .set_allowed_algs(ALGS)
                .set_time_fn(move || now - skew);
        let claims = token
            .claims(&verifier, nonce)
            .map_err(|error| match error {
                ClaimsVerificationError::Expired(_) => Refusal::Expired,
                ClaimsVerificationError::InvalidAudience(_) => Refusal::WrongAudience,
                ClaimsVerificationError::InvalidIssuer(_) => Refusal::WrongIssuer,
                ClaimsVerificationError::InvalidNonce(_) => Refusal::WrongNonce,
                ClaimsVerificationError::SignatureVerification(why) => match why {
                    SignatureVerificationError::NoSignature
                    | SignatureVerificationError::DisallowedAlg(_)
                    | SignatureVerificationError::UnsupportedAlg(_) => Refusal::Unsigned,
                    _ => Refusal::BadSignature,
                },
                _ => Refusal::Garbled,
            })?;
        if claims.authorized_party().is_some_and(|party| *party != own) {
            return Err(Refusal::WrongAudience);
        }
        let age_s = (now - claims.issue_time()).num_seconds();
        if !(-SKEW_S..=AGE_S).contains(&age_s) {
            return Err(Refusal::Clock);
        }
        Ok(claims)
    }

    fn now(&self) -> DateTime<Utc> {
        let since = (self.clock)()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        DateTime::from_timestamp_millis(ms).unwrap_or_default()
    }
}

/// Errors that the provider sends the browser back with (RFC 6749, OpenID Connect Core).
fn reported(error: &str) -> Refusal {
    match error {
        "access_denied"
        | "login_required"
        | "consent_required"
        | "interaction_required"
        | "account_selection_required" => Refusal::Denied,
        "unmet_authentication_requirements" => Refusal::NoSecondFactor,
        "temporarily_unavailable" | "server_error" => Refusal::Unreachable,
        _ => Refusal::Misconfigured,
    }
}
