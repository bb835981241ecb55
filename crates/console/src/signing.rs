//! How people come in: which ways there are, what was refused, what waits for a fresh proof.

use crate::{Held, Watch, oidc::Provider};

/// Ways in, and what is kept of them.
pub struct Signing {
    /// The agency's identity provider.
    pub provider: Option<Provider>,
    /// Staff number and password of the register.
    pub local: bool,
    /// What was refused.
    pub watch: Watch,
    /// Forms that wait.
    pub held: Held,
}

impl Default for Signing {
    /// Local accounts, no provider.
    fn default() -> Self {
        Self {
            provider: None,
            local: true,
            watch: Watch::default(),
            held: Held::default(),
        }
    }
}
