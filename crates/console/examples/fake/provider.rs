//! The identity provider that a test names, for the first console.

use std::collections::BTreeMap;

use sanctuary_console::{
    PublicUrl,
    oidc::{Provider, ProviderSettings, SecondFactor, Trust},
};
use sanctuary_policy::StaffRole;
use sanctuary_staff::Secret;
use serde::Deserialize;

/// What `FAKE_PROVIDER` holds, as JSON.
#[derive(Deserialize)]
struct Named {
    issuer: String,
    client_id: String,
    client_secret: String,
}

/// The provider; none when no test named one.
pub fn named(public_url: &PublicUrl) -> anyhow::Result<Option<Provider>> {
    let Ok(text) = std::env::var("FAKE_PROVIDER") else {
        return Ok(None);
    };
    let named: Named = serde_json::from_str(&text)?;
    let settings = ProviderSettings {
        name: "your police account".to_owned(),
        issuer: named.issuer,
        client_id: named.client_id,
        client_secret: Secret::new(named.client_secret),
        scopes: vec!["profile".to_owned()],
        person_claim: "staff_number".to_owned(),
        roles_claim: Some("groups".to_owned()),
        roles: BTreeMap::from([(
            "officers".to_owned(),
            [StaffRole::IntelligenceOfficer].into(),
        )]),
        second_factor: SecondFactor::Claim {
            name: "amr".to_owned(),
            values: ["otp".to_owned()].into(),
        },
    };
    let trust = Trust::new(None).map_err(anyhow::Error::msg)?;
    Ok(Some(Provider::new(settings, public_url, trust)?))
}
