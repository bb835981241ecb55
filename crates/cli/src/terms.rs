use std::path::Path;

use sanctuary_trust::files::{SMALL_FILE_BYTES_MAX, read_limited, write_public};
use serde::{Deserialize, Serialize};

use crate::Failure;

/// What the partnership agreed on for its keys: `terms.toml` beside the anchors. Only what a
/// ceremony writes into the signed manifest is binding; this file saves typing it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Format of this file.
    pub version: u8,
    /// Key holders needed, t.
    pub threshold: u16,
    /// Full evaluations per agency, key class and day.
    pub quota_per_day: u64,
    /// Records the partnership expects to hold in all.
    pub universe_records: u64,
    /// Version of the normalisation rules.
    pub rules: u16,
    /// Months an epoch's keys are in force.
    pub months: u16,
}

impl Terms {
    /// The usual terms with a given threshold.
    #[must_use]
    pub fn with_threshold(threshold: u16) -> Self {
        Self {
            version: 1,
            threshold,
            quota_per_day: 500_000,
            universe_records: 100_000,
            rules: 1,
            months: 12,
        }
    }

    pub(crate) fn load(dir: &Path) -> Result<Self, Failure> {
        let path = dir.join("terms.toml");
        let bytes = read_limited(&path, SMALL_FILE_BYTES_MAX)?;
        let text = String::from_utf8_lossy(&bytes);
        toml::from_str(&text)
            .map_err(|e| Failure::usage(format!("{}: {}", path.display(), e.message())))
    }

    pub(crate) fn save(&self, dir: &Path) -> Result<(), Failure> {
        let text = toml::to_string(self)
            .map_err(|_| Failure::failed("the terms cannot be written as TOML"))?;
        Ok(write_public(&dir.join("terms.toml"), text.as_bytes())?)
    }
}
