//! `[notices]`: what people are told, and over which channels.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use sanctuary_notify::{
    Digest, Kind, MAIL, MailRules, Quiet, SYSLOG, Settings, TimeOfDay, WebhookRules, Zone,
};
use sanctuary_policy::{StaffRole, Urgency};
use sanctuary_types::PartyId;
use serde::Deserialize;

use super::{mail::MailConfig, syslog::SyslogConfig, webhook::WebhookConfig};

/// Characters of the agency's own words.
const WORDS_CHARS_MAX: usize = 120;

/// `[notices]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticesConfig {
    /// Where people reach the console. Default: the one of `[console]`.
    #[serde(default)]
    pub public_url: Option<String>,
    /// Of quiet hours and daily mails. Default Europe/London.
    #[serde(default)]
    pub time_zone: Option<Zone>,
    /// When no mail is sent unless it is urgent. Default: never quiet.
    #[serde(default)]
    pub quiet: Option<Quiet>,
    /// How often one person gets a mail at most. Default hourly.
    #[serde(default)]
    pub digest: DigestWord,
    /// When the daily mail is sent. Default 08:00.
    #[serde(default)]
    pub digest_at: Option<TimeOfDay>,
    /// This urgent or more passes quiet hours and digests. Default `urgent_safeguarding`.
    #[serde(default)]
    pub at_once: Option<Urgency>,
    /// The agency's own words for one of a kind.
    #[serde(default)]
    pub words: BTreeMap<Kind, String>,
    /// Webhooks.
    #[serde(default, rename = "webhook")]
    pub webhooks: Vec<WebhookConfig>,
    /// Mails.
    #[serde(default)]
    pub mail: Option<MailConfig>,
    /// Syslog.
    #[serde(default)]
    pub syslog: Option<SyslogConfig>,
}

/// How often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DigestWord {
    /// Once an hour.
    #[default]
    Hourly,
    /// Once a day.
    Daily,
}

impl NoticesConfig {
    /// What is wrong with it, in one sentence.
    pub(crate) fn problem(&self) -> Option<String> {
        let own = |text: &String| {
            text.is_empty()
                || text.chars().count() > WORDS_CHARS_MAX
                || text.chars().any(char::is_control)
        };
        if self.words.values().any(own) {
            return Some(
                "each of [notices.words] must be 1 to 120 characters in one line".to_owned(),
            );
        }
        if let Some(url) = &self.public_url
            && let Err(bad) = url.parse::<sanctuary_console::PublicUrl>()
        {
            return Some(format!("[notices]: {bad}"));
        }
        if zone(self.time_zone.as_ref()).is_none() {
            return Some("time_zone must be a name such as Europe/London".to_owned());
        }
        let mut names = BTreeSet::from([MAIL, SYSLOG]);
        for webhook in &self.webhooks {
            if !names.insert(&webhook.name) {
                return Some(format!(
                    "two channels of [notices] are named \"{}\"",
                    webhook.name
                ));
            }
        }
        let of_webhooks = self.webhooks.iter().find_map(WebhookConfig::problem);
        of_webhooks
            .or_else(|| self.mail.as_ref().and_then(MailConfig::problem))
            .or_else(|| self.syslog.as_ref().and_then(SyslogConfig::problem))
    }

    /// Paths that may be relative to the configuration's folder.
    pub(crate) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let webhooks = self.webhooks.iter_mut().flat_map(WebhookConfig::paths);
        webhooks
            .chain(self.mail.iter_mut().flat_map(MailConfig::paths))
            .chain(self.syslog.iter_mut().flat_map(SyslogConfig::paths))
    }

    /// What the core needs of it.
    pub(super) fn settings(&self, party: &PartyId, console_url: Option<&str>) -> Option<Settings> {
        let url = self.public_url.as_deref().or(console_url);
        let url = url.and_then(|url| url.parse::<sanctuary_console::PublicUrl>().ok());
        let public_url = url.map(|url| url.origin().to_owned());
        let digest = match self.digest {
            DigestWord::Hourly => Digest::Hourly,
            DigestWord::Daily => Digest::Daily(match self.digest_at {
                Some(at) => at,
                None => "08:00".parse().ok()?,
            }),
        };
        let webhook = |w: &WebhookConfig| WebhookRules {
            name: w.name.clone(),
            kinds: w.kinds.iter().copied().collect(),
        };
        let mail = self.mail.as_ref().map(|mail| {
            Some(MailRules {
                digest,
                quiet: self.quiet,
                zone: zone(self.time_zone.as_ref())?,
                at_once: self.at_once.unwrap_or(Urgency::UrgentSafeguarding),
                roles: mail.roles.keys().copied().collect::<BTreeSet<StaffRole>>(),
            })
        });
        let mail = match mail {
            Some(rules) => Some(rules?),
            None => None,
        };
        Some(Settings {
            source: public_url
                .clone()
                .unwrap_or_else(|| format!("/sanctuary/{party}")),
            public_url,
            webhooks: self.webhooks.iter().map(webhook).collect(),
            mail,
            syslog: self.syslog.is_some(),
            words: self.words.clone(),
        })
    }
}

fn zone(configured: Option<&Zone>) -> Option<Zone> {
    match configured {
        Some(zone) => Some(zone.clone()),
        None => "Europe/London".parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Result<NoticesConfig, String> {
        let config: NoticesConfig = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        match config.problem() {
            None => Ok(config),
            Some(problem) => Err(problem),
        }
    }

    const WEBHOOK: &str =
        "[[webhook]]\nname = 'desk'\nurl = 'https://desk.example/hook'\nsecret_file = 's'\n";

    #[test]
    fn a_whole_configuration_is_read() {
        let text = format!(
            "quiet = {{ from = '19:00', to = '07:00' }}\ndigest = 'daily'\ndigest_at = '08:30'\n\
             at_once = 'time_critical'\n[words]\npossible_match = '1 new lead'\n{WEBHOOK}kinds = ['request']\n\
             [mail]\nhost = 'smtp.example'\nfrom = 'Sanctuary <s@agency.example>'\n\
             [mail.roles]\nanalyst = 'desk@agency.example'\n[syslog]\nto = 'unix:/dev/log'\n"
        );
        let config = config(&text).unwrap();
        let party = "police".parse().unwrap();
        let settings = config
            .settings(&party, Some("https://console.example/"))
            .unwrap();
        let channels: Vec<&str> = settings.channels().collect();
        assert_eq!(channels, ["desk", MAIL, SYSLOG]);
        assert_eq!(
            settings.public_url.as_deref(),
            Some("https://console.example")
        );
        assert!(settings.mail.unwrap().roles.contains(&StaffRole::Analyst));
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_what_to_do() {
        for (wrong, expected) in [
            ("kwiet = true", "unknown field"),
            ("time_zone = 'London'", "Europe/London"),
            ("digest_at = '8'", "07:30"),
            ("[words]\nfax = 'x'", "unknown variant"),
            ("[words]\nfeed = \"a\\nb\"", "in one line"),
            ("public_url = 'http://console.example'", "https://"),
            (&WEBHOOK.replace("https://", "http://"), "https"),
            (
                &WEBHOOK.replace("desk.example", "user@desk.example"),
                "https",
            ),
            (&format!("{WEBHOOK}{WEBHOOK}"), "two channels"),
            (&WEBHOOK.replace("'desk'", "'mail'"), "two channels"),
            (&format!("{WEBHOOK}redirects = true"), "unknown field"),
            ("[mail]\nhost = 'smtp.example'\nfrom = 'nobody'", "from"),
            (
                "[mail]\nhost = 'smtp.example'\nfrom = 'a@b.example'\nsecurity = 'none'",
                "loopback",
            ),
            (
                "[mail]\nhost = 'smtp.example'\nfrom = 'a@b.example'\nuser = 'a'",
                "password_file",
            ),
            ("[syslog]\nto = 'udp:127.0.0.1:514'", "unix:"),
            ("[syslog]\nto = 'tcp:syslog.example:601'", "tls:"),
        ] {
            let problem = config(wrong).unwrap_err();
            assert!(problem.contains(expected), "{wrong}: {problem}");
        }
        assert!(config(&WEBHOOK.replace("https://desk.example", "http://127.0.0.1:9")).is_ok());
        assert!(config("[syslog]\nto = 'tcp:127.0.0.1:601'").is_ok());
    }
}
