use serde::Deserialize;

/// Longest time for taking an answer back: what waits for it is not told to the other agency.
const UNDO_MINUTES_MAX: u32 = 60;

/// `[review]`: how this agency's people answer possible matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReviewConfig {
    /// Two people answer every possible match, not only children and victims who are suspects.
    pub two_reviewers_always: bool,
    /// Minutes for which an answer can be taken back before it is sent: 0 to 60.
    pub undo_minutes: u32,
    /// Per cent of decisions that are looked at again by somebody else: 1 to 100.
    pub recheck_percent: u16,
}

impl Default for ReviewConfig {
    fn default() -> Self {
        Self {
            two_reviewers_always: false,
            undo_minutes: 5,
            recheck_percent: 5,
        }
    }
}

impl ReviewConfig {
    /// What is wrong with it, if anything.
    pub(crate) fn problem(&self) -> Option<String> {
        if self.undo_minutes > UNDO_MINUTES_MAX {
            return Some(format!("undo_minutes must be 0 to {UNDO_MINUTES_MAX}"));
        }
        let fits = (1..=100).contains(&self.recheck_percent);
        (!fits).then(|| "recheck_percent must be 1 to 100".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_have_bounds_and_defaults() {
        let read = |text: &str| toml::from_str::<ReviewConfig>(text).unwrap();
        assert_eq!(read(""), ReviewConfig::default());
        assert_eq!(read("").problem(), None);
        let all = read("two_reviewers_always = true\nundo_minutes = 0\nrecheck_percent = 100");
        assert!(all.two_reviewers_always && all.problem().is_none());
        assert!(read("undo_minutes = 61").problem().is_some());
        assert!(read("recheck_percent = 0").problem().is_some());
        assert!(toml::from_str::<ReviewConfig>("undo = 1").is_err());
    }
}
