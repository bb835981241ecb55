//! A notice as a CloudEvent, version 1.0, JSON in structured mode.

use sanctuary_types::Timestamp;
use serde::Serialize;

use crate::{Event, Settings};

/// The media type of the body.
pub const CONTENT_TYPE: &str = "application/cloudevents+json; charset=utf-8";

#[derive(Serialize)]
struct CloudEvent<'a> {
    specversion: &'static str,
    id: String,
    source: &'a str,
    #[serde(rename = "type")]
    kind: String,
    subject: String,
    time: String,
    datacontenttype: &'static str,
    /// The extension "sequence" of the specification: sorts the events of one source.
    sequence: String,
    data: Data,
}

#[derive(Serialize)]
struct Data {
    text: String,
    urgency: u8,
    urgency_text: &'static str,
    roles: Vec<&'static str>,
    link: Option<String>,
}

/// The bytes that are signed and sent; the same whenever they are made.
#[must_use]
pub fn body(settings: &Settings, event: &Event) -> Vec<u8> {
    let cloud_event = CloudEvent {
        specversion: "1.0",
        id: event.id.to_string(),
        source: &settings.source,
        kind: format!("sanctuary.notice.{}", event.kind.word()),
        subject: event.subject.to_string(),
        time: rfc3339(event.at),
        datacontenttype: "application/json",
        sequence: format!("{:016}", event.sequence),
        data: Data {
            text: settings.text(event.kind, 1),
            urgency: event.urgency.code(),
            urgency_text: event.urgency.text(),
            roles: event.roles.iter().map(|r| r.word()).collect(),
            link: settings.link(event),
        },
    };
    // Strings and numbers only: this cannot fail.
    serde_json::to_vec(&cloud_event).unwrap_or_default()
}

/// `2026-12-01T14:30:00.123Z`
pub(crate) fn rfc3339(at: Timestamp) -> String {
    let ((year, month, day), ms) = (at.date(), at.0 % 86_400_000);
    let (hour, minute) = (ms / 3_600_000, ms / 60_000 % 60);
    let (second, ms) = (ms / 1_000 % 60, ms % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}
