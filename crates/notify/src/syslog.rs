//! A notice as a line of syslog by RFC 5424.

use sanctuary_policy::Urgency;

use crate::{Event, Settings, cloud_event::rfc3339};

/// local0.
const FACILITY: u8 = 16;

/// One message, without framing. `host` is the name of this machine, or `-`.
#[must_use]
pub fn line(settings: &Settings, event: &Event, host: &str) -> String {
    let severity = match event.urgency {
        Urgency::ThreatToLife => 1,
        Urgency::UrgentSafeguarding => 2,
        Urgency::TimeCritical => 4,
        Urgency::Routine => 5,
    };
    let link = settings.link(event).unwrap_or_default();
    // 32473 is the enterprise number that RFC 5612 sets aside for examples: it names nobody.
    format!(
        "<{}>1 {} {} sanctuary-node - {} [notice@32473 id=\"{}\" subject=\"{}\" urgency=\"{}\" link=\"{}\"] {}",
        FACILITY * 8 + severity,
        rfc3339(event.at),
        host_name(host),
        event.kind.word(),
        event.id,
        value(&event.subject.to_string()),
        event.urgency.code(),
        value(&link),
        one_line(&settings.text(event.kind, 1)),
    )
}

/// The frame of RFC 5425 and RFC 6587: its length in bytes, a space, the message.
#[must_use]
pub fn framed(line: &str) -> Vec<u8> {
    format!("{} {line}", line.len()).into_bytes()
}

/// A value between quotation marks: three characters are escaped.
fn value(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        if matches!(c, '"' | '\\' | ']') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

fn host_name(host: &str) -> &str {
    let fits = (1..=255).contains(&host.len()) && host.bytes().all(|b| b.is_ascii_graphic());
    if fits { host } else { "-" }
}
