use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Review, ReviewError, What, Who, listing::Names};

/// A refusal as a screen shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{text}")]
pub struct ReviewFault {
    /// The rule, as a stable word.
    pub rule: String,
    /// One sentence that says what to do.
    pub text: String,
    /// Nothing was judged: the same may be done later.
    pub is_passing: bool,
    /// Who changed it meanwhile.
    pub stale: Option<StaleView>,
}

/// Who changed an item after somebody had opened it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaleView {
    /// The version now.
    pub version: u32,
    /// What happened last.
    pub what: What,
    /// Who did it; none for the node or the hub.
    pub by: Option<Who>,
    /// When.
    pub at: Timestamp,
}

impl Review<'_> {
    /// A refusal with the name of who was faster.
    #[must_use]
    pub fn fault(&self, error: &ReviewError) -> ReviewFault {
        let stale = match error {
            ReviewError::Stale(stale) => Some(StaleView {
                version: stale.version,
                what: stale.what,
                // A name that cannot be looked up is left out; the refusal stands.
                by: stale
                    .by
                    .as_ref()
                    .and_then(|p| self.who(p, &mut Names::new()).ok()),
                at: stale.at,
            }),
            _ => None,
        };
        let text = match stale.as_ref().and_then(|s| s.by.as_ref()) {
            Some(who) => format!("{}; {} changed it last", error, who.name),
            None => error.to_string(),
        };
        ReviewFault {
            rule: error.rule().to_owned(),
            text,
            is_passing: error.is_passing(),
            stale,
        }
    }
}
