//! What the console is told about the agency's identity provider, and what is refused of it.

use std::collections::{BTreeMap, BTreeSet};

use openidconnect::url::{Host, Url};
use sanctuary_policy::StaffRole;
use sanctuary_staff::Secret;

/// Settings that cannot be used, in one sentence that says what to write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("[console.oidc]: {0}")]
pub struct BadSettings(pub String);

/// How a second factor shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// This claim has one of these values.
    Claim {
        /// `acr`, `amr`, `acrs` or another one.
        name: String,
        /// Values that are enough, each by itself.
        values: BTreeSet<String>,
    },
    /// The provider asks everybody of this application for one and no claim says so; the agency states it.
    ByProvider,
}

/// The identity provider and what its claims mean here.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// What people call it, for the button: "your Durham account".
    pub name: String,
    /// Its issuer, exactly as in its tokens.
    pub issuer: String,
    /// This console's id there.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// Scopes beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that holds the staff number.
    pub person_claim: String,
    /// The claim that roles are read from.
    pub roles_claim: Option<String>,
    /// Values of that claim, and what each gives.
    pub roles: BTreeMap<String, BTreeSet<StaffRole>>,
    /// How a second factor shows.
    pub second_factor: SecondFactor,
}

impl ProviderSettings {
    /// What is wrong with them, if anything.
    ///
    /// # Errors
    /// [`BadSettings`].
    pub fn check(&self) -> Result<(), BadSettings> {
        let bad = |text: &str| Err(BadSettings(text.to_owned()));
        let Ok(issuer) = Url::parse(&self.issuer) else {
            return bad(
                "issuer must be the address of the provider, as in its tokens: https://...",
            );
        };
        if !is_safe(&issuer) {
            return bad("issuer must begin with https://; http:// is for this machine only");
        }
        if issuer.query().is_some() || issuer.fragment().is_some() {
            return bad(
                "issuer must not have a query or a fragment; take it from the provider's discovery document",
            );
        }
        if self.client_id.trim().is_empty() {
            return bad("client_id is empty; write the id that the provider gave this application");
        }
        if self.client_secret.expose().trim().is_empty() {
            return bad(
                "client_secret_file is empty; put the secret that the provider gave this application in it",
            );
        }
        let sane = |word: &String| !word.is_empty() && word.bytes().all(|b| b.is_ascii_graphic());
        if !self.scopes.iter().all(sane) {
            return bad("scopes must be words without spaces, each in quotes");
        }
        if self.person_claim.trim().is_empty() {
            return bad("person_claim must name the claim that holds the staff number");
        }
        match (&self.roles_claim, self.roles.is_empty()) {
            (None, false) => return bad("roles need roles_claim: the claim whose values they map"),
            (Some(_), true) => {
                return bad(
                    "roles_claim needs [console.oidc.roles]: which value gives which roles",
                );
            }
            _ => {}
        }
        let given = self.roles.values().flatten();
        if given.into_iter().any(|r| *r == StaffRole::Administrator) {
            return bad(
                "no claim makes an administrator; administrators are made in the register, by an administrator",
            );
        }
        if self.roles.values().any(BTreeSet::is_empty) {
            return bad("a value of roles gives no role; take the line out or name one");
        }
        match &self.second_factor {
            SecondFactor::Claim { name, values } if name.is_empty() || values.is_empty() => bad(
                "second_factor needs a claim and the values that are enough, or \"by_provider\" when the provider asks everybody for one",
            ),
            _ => Ok(()),
        }
    }
}

/// Encrypted, or on this machine.
pub(crate) fn is_safe(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => is_here(name),
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}

/// Names that never leave the machine (RFC 6761).
pub(crate) fn is_here(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn settings() -> ProviderSettings {
        ProviderSettings {
            name: "your account".to_owned(),
            issuer: "https://idp.example/tenant".to_owned(),
            client_id: "sanctuary".to_owned(),
            client_secret: Secret::new("secret".to_owned()),
            scopes: vec!["profile".to_owned()],
            person_claim: "employee_id".to_owned(),
            roles_claim: Some("groups".to_owned()),
            roles: BTreeMap::from([("Analysts".to_owned(), [StaffRole::Analyst].into())]),
            second_factor: SecondFactor::Claim {
                name: "amr".to_owned(),
                values: ["mfa".to_owned()].into(),
            },
        }
    }

    #[test]
    fn settings_that_would_let_the_wrong_people_in_are_refused() {
        settings().check().unwrap();
        type Change = fn(&mut ProviderSettings);
        let cases: [(&str, Change); 10] = [
            ("https", |s| s.issuer = "http://idp.example".to_owned()),
            ("issuer", |s| s.issuer = "idp".to_owned()),
            ("query", |s| s.issuer.push_str("?a=b")),
            ("client_id", |s| s.client_id.clear()),
            ("client_secret_file", |s| {
                s.client_secret = Secret::new("\n".to_owned());
            }),
            ("scopes", |s| s.scopes.push("a b".to_owned())),
            ("roles_claim", |s| s.roles_claim = None),
            ("roles_claim", |s| s.roles.clear()),
            ("administrator", |s| {
                s.roles
                    .insert("x".to_owned(), [StaffRole::Administrator].into());
            }),
            ("second_factor", |s| {
                s.second_factor = SecondFactor::Claim {
                    name: "amr".to_owned(),
                    values: BTreeSet::new(),
                };
            }),
        ];
        for (says, change) in cases {
            let mut settings = settings();
            change(&mut settings);
            let bad = settings.check().unwrap_err().to_string();
            assert!(bad.contains(says), "{bad}");
        }
        for here in [
            "http://localhost:9000",
            "http://127.0.0.1:9",
            "http://[::1]:9",
        ] {
            let mut settings = settings();
            settings.issuer = here.to_owned();
            settings.check().unwrap();
        }
    }
}
