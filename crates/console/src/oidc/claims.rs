//! What a checked token says of a person: who, whether with a second factor, which roles.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sanctuary_disclosure::PersonId;
use sanctuary_policy::StaffRole;
use sanctuary_staff::ProviderRoles;
use serde_json::{Map, Value};

use super::{ProviderSettings, Refusal, SecondFactor};

/// The claims of a token whose signature, issuer, audience, nonce and times were checked.
pub(crate) struct Claims(Map<String, Value>);

impl Claims {
    /// Reads them from the checked token.
    pub(crate) fn of(token: &str) -> Option<Self> {
        let payload = token.split('.').nth(1)?;
        let bytes = URL_SAFE_NO_PAD.decode(payload).ok()?;
        serde_json::from_slice(&bytes).ok().map(Self)
    }

    /// The staff number.
    pub(crate) fn person(&self, settings: &ProviderSettings) -> Result<PersonId, Refusal> {
        let person = match self.0.get(&settings.person_claim) {
            Some(Value::String(text)) => text.trim().parse().ok(),
            // Numbers of an HR system.
            Some(Value::Number(number)) if number.is_u64() => number.to_string().parse().ok(),
            _ => None,
        };
        person.ok_or(Refusal::NoPerson)
    }

    /// Whether a second factor shows.
    pub(crate) fn second_factor(&self, settings: &ProviderSettings) -> Result<(), Refusal> {
        match &settings.second_factor {
            SecondFactor::ByProvider => Ok(()),
            SecondFactor::Claim { name, values } => {
                let shown = self.words(name);
                if shown.iter().any(|word| values.contains(*word)) {
                    Ok(())
                } else {
                    Err(Refusal::NoSecondFactor)
                }
            }
        }
    }

    /// Roles; none when the register alone decides.
    pub(crate) fn roles(&self, settings: &ProviderSettings) -> Option<ProviderRoles> {
        let claim = settings.roles_claim.as_deref()?;
        let named: BTreeSet<StaffRole> = settings.roles.values().flatten().copied().collect();
        let values = self.words(claim);
        let given = values.iter().filter_map(|v| settings.roles.get(*v));
        Some(ProviderRoles {
            given: given.flatten().copied().collect(),
            named,
        })
    }

    /// The texts of a claim that holds one or several.
    fn words(&self, claim: &str) -> Vec<&str> {
        match self.0.get(claim) {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::settings::tests::settings;
    use serde_json::json;

    fn claims(value: Value) -> Claims {
        let payload = URL_SAFE_NO_PAD.encode(value.to_string());
        Claims::of(&format!("e30.{payload}.")).unwrap()
    }

    #[test]
    fn the_person_is_a_staff_number_or_nobody() {
        let settings = settings();
        let person = |value: Value| claims(json!({ "employee_id": value })).person(&settings);
        assert_eq!(person(json!("PO1001")).unwrap().as_str(), "po1001");
        assert_eq!(person(json!(1001)).unwrap().as_str(), "1001");
        for bad in [
            json!(""),
            json!("a b"),
            json!(["po1001"]),
            json!(1.5),
            json!(null),
        ] {
            assert_eq!(person(bad).unwrap_err(), Refusal::NoPerson);
        }
        assert_eq!(
            claims(json!({})).person(&settings).unwrap_err(),
            Refusal::NoPerson
        );
    }

    #[test]
    fn a_second_factor_must_show() {
        let mut settings = settings();
        let shows = |s: &ProviderSettings, value| claims(value).second_factor(s).is_ok();
        assert!(shows(&settings, json!({ "amr": ["pwd", "mfa"] })));
        assert!(shows(&settings, json!({ "amr": "mfa" })));
        assert!(!shows(&settings, json!({ "amr": ["pwd"] })));
        assert!(!shows(&settings, json!({ "acr": "mfa" })));
        assert!(!shows(&settings, json!({})));
        settings.second_factor = SecondFactor::ByProvider;
        assert!(shows(&settings, json!({})));
    }

    #[test]
    fn roles_are_those_that_the_mapping_names() {
        let mut settings = settings();
        let roles = claims(json!({ "groups": ["Analysts", "Domain Admins"] })).roles(&settings);
        let roles = roles.unwrap();
        assert_eq!(roles.given, [StaffRole::Analyst].into());
        assert_eq!(roles.named, [StaffRole::Analyst].into());
        let none = claims(json!({ "groups": "Others" }))
            .roles(&settings)
            .unwrap();
        assert!(none.given.is_empty());
        settings.roles_claim = None;
        assert!(
            claims(json!({ "groups": ["Analysts"] }))
                .roles(&settings)
                .is_none()
        );
    }
}
