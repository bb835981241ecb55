use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use anyhow::{Context, bail};
use sanctuary_console::{
    PublicUrl,
    oidc::{Provider, ProviderSettings, SecondFactor, Trust},
};
use sanctuary_policy::StaffRole;
use sanctuary_staff::Secret;
use serde::Deserialize;
use zeroize::Zeroizing;

/// Bytes of the file with the secret.
const SECRET_BYTES_MAX: u64 = 4_096;

/// `[console.oidc]`: people sign in by the agency's identity provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// What people call it, after "Sign in with". Default "your organisation's account".
    #[serde(default = "default_name")]
    pub name: String,
    /// Its issuer, exactly as in its discovery document.
    pub issuer: String,
    /// This console's id there.
    pub client_id: String,
    /// A file with this console's secret there and nothing else.
    pub client_secret_file: PathBuf,
    /// Scopes beside `openid`. Default `profile`.
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
    /// The claim that holds the staff number.
    pub person_claim: String,
    /// The claim whose values `roles` maps. Default: roles come from the register alone.
    #[serde(default)]
    pub roles_claim: Option<String>,
    /// Which value of it gives which roles. Roles that no line names stay as the register has them.
    #[serde(default)]
    pub roles: BTreeMap<String, BTreeSet<StaffRole>>,
    /// How a token shows a second factor: a claim and its values, or `"by_provider"`.
    pub second_factor: SecondFactorConfig,
    /// PEM file of the authority of a private provider. Default: those that the machine trusts.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// Staff numbers and passwords of the register are taken too. Default false.
    #[serde(default)]
    pub local_accounts: bool,
}

/// How a second factor shows.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum SecondFactorConfig {
    /// `"by_provider"`: the provider asks everybody of this application for one, and no claim says so.
    Stated(Stated),
    /// A claim has one of these values.
    Claim(SecondFactorClaim),
}

/// What the agency states.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stated {
    /// The provider sees to it.
    ByProvider,
}

/// A claim that shows a second factor.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondFactorClaim {
    /// `amr`, `acr`, `acrs` or another one.
    pub claim: String,
    /// Values that are enough, each by itself.
    pub values: BTreeSet<String>,
}

fn default_name() -> String {
    "your organisation's account".to_owned()
}

fn default_scopes() -> Vec<String> {
    vec!["profile".to_owned()]
}

impl OidcConfig {
    fn settings(&self, client_secret: Secret) -> ProviderSettings {
        ProviderSettings {
            name: self.name.clone(),
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret,
            scopes: self.scopes.clone(),
            person_claim: self.person_claim.clone(),
            roles_claim: self.roles_claim.clone(),
            roles: self.roles.clone(),
            second_factor: match &self.second_factor {
                SecondFactorConfig::Stated(Stated::ByProvider) => SecondFactor::ByProvider,
                SecondFactorConfig::Claim(shown) => SecondFactor::Claim {
                    name: shown.claim.clone(),
                    values: shown.values.clone(),
                },
            },
        }
    }

    /// What is wrong with it, if anything; files are not read.
    pub(super) fn problem(&self) -> Option<String> {
        // The secret itself is looked at when it is read.
        let settings = self.settings(Secret::new("unread".to_owned()));
        settings.check().err().map(|bad| bad.to_string())
    }

    pub(super) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        std::iter::once(&mut self.client_secret_file).chain(&mut self.ca)
    }

    /// The provider, with its secret read.
    pub(super) fn provider(&self, public_url: &PublicUrl) -> anyhow::Result<Provider> {
        let file = &self.client_secret_file;
        let told = || {
            format!(
                "[console.oidc]: cannot read client_secret_file {}",
                file.display()
            )
        };
        if std::fs::metadata(file).with_context(told)?.len() > SECRET_BYTES_MAX {
            bail!("[console.oidc]: client_secret_file holds more than a secret");
        }
        let text = Zeroizing::new(std::fs::read_to_string(file).with_context(told)?);
        let trust = Trust::new(self.ca.as_deref())
            .map_err(|why| anyhow::anyhow!("[console.oidc]: {why}"))?;
        let settings = self.settings(Secret::new(text.trim().to_owned()));
        Ok(Provider::new(settings, public_url, trust)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRA: &str = r#"
        issuer = "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0"
        client_id = "11111111-1111-1111-1111-111111111111"
        client_secret_file = "oidc.secret"
        person_claim = "employeeid"
        roles_claim = "roles"
        second_factor = { claim = "acrs", values = ["c1"] }
        [roles]
        "Sanctuary.Analyst" = ["analyst"]
        "Sanctuary.Officer" = ["intelligence_officer", "analyst"]
    "#;

    fn config(text: &str) -> Result<OidcConfig, String> {
        toml::from_str(text).map_err(|e: toml::de::Error| e.message().to_owned())
    }

    #[test]
    fn the_examples_of_the_manual_are_read_and_wrong_ones_refused() {
        let good = config(ENTRA).unwrap();
        assert_eq!(good.problem(), None);
        assert!(!good.local_accounts);
        let stated = ENTRA.replace(r#"{ claim = "acrs", values = ["c1"] }"#, r#""by_provider""#);
        assert_eq!(config(&stated).unwrap().problem(), None);
        let cases = [
            ("https://login", "http://login", "https"),
            ("[\"analyst\"]", "[\"administrator\"]", "administrator"),
            ("values = [\"c1\"]", "values = []", "second_factor"),
            ("roles_claim = \"roles\"", "", "roles_claim"),
        ];
        for (from, to, says) in cases {
            let problem = config(&ENTRA.replacen(from, to, 1)).unwrap().problem();
            assert!(problem.clone().unwrap().contains(says), "{problem:?}");
        }
        assert!(config(&ENTRA.replace("[\"analyst\"]", "[\"wizard\"]")).is_err());
        assert!(config(&ENTRA.replace("person_claim", "people_claim")).is_err());
    }

    #[test]
    fn the_secret_is_read_from_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut oidc = config(ENTRA).unwrap();
        for path in oidc.paths() {
            *path = folder.path().join(&*path);
        }
        let url: PublicUrl = "https://console.example".parse().unwrap();
        let missing = oidc.provider(&url).err().unwrap().to_string();
        assert!(missing.contains("client_secret_file"), "{missing}");
        std::fs::write(&oidc.client_secret_file, "\n").unwrap();
        oidc.ca = Some(folder.path().join("none.pem"));
        let no_ca = oidc.provider(&url).err().unwrap().to_string();
        assert!(no_ca.contains("none.pem"), "{no_ca}");
    }
}
