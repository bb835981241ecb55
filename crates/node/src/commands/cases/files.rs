//! Files that people fill in: TOML (or JSON), with dates as dates and verdicts as a table.

use std::path::Path;

use sanctuary_policy::Day;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use toml::value::Datetime;

use crate::commands::{Failure, session::read_text};

/// A request or an answer at its longest is a fraction of it.
const FILE_BYTES_MAX: u64 = 512 * 1024;

/// Reads what somebody filled in.
///
/// # Errors
/// [`Failure::BadInput`] that names the place and the rule; nothing that stands there.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let text = read_text(path, FILE_BYTES_MAX)?;
    parse(&text).map_err(|problem| Failure::BadInput(format!("{}: {problem}", path.display())))
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let is_json = text.trim_start().starts_with('{');
    let mut value = if is_json {
        serde_json::from_str(text).map_err(|error| place(error.line(), error.column()))?
    } else {
        let table: toml::Table = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.lines().count().max(1));
            // The library's message would repeat the line; only what is wrong with it is told.
            format!("line {line} is not as TOML has it: {}", error.message())
        })?;
        json(toml::Value::Table(table))?
    };
    as_pairs(&mut value);
    serde_json::from_value(value).map_err(|error| plain(&error))
}

fn place(line: usize, column: usize) -> String {
    format!("line {line}, column {column} is not as JSON has it")
}

/// The rule without the value: the library quotes what it found.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(": ") {
        Some(("invalid type" | "invalid value", rest)) => {
            let expected = rest.split_once("expected ").map_or(rest, |(_, e)| e);
            format!("something is of another kind than expected: {expected} belongs there")
        }
        _ => text,
    }
}

/// Dates become milliseconds, as everywhere in the system.
fn json(value: toml::Value) -> Result<Value, String> {
    Ok(match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(number),
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Datetime(at) => Value::from(milliseconds(&at)?),
        toml::Value::Array(items) => {
            Value::Array(items.into_iter().map(json).collect::<Result<_, _>>()?)
        }
        toml::Value::Table(table) => {
            let of = |(key, value)| Ok((key, json(value)?));
            Value::Object(
                table
                    .into_iter()
                    .map(of)
                    .collect::<Result<Map<_, _>, String>>()?,
            )
        }
    })
}

fn milliseconds(at: &Datetime) -> Result<u64, String> {
    let bad = || "a time needs its day, such as 2026-12-01T09:30:00Z".to_owned();
    let date = at.date.ok_or_else(bad)?;
    let day: Day = date.to_string().parse().map_err(|_| bad())?;
    let clock = at.time.map_or(0, |time| {
        let seconds = u64::from(time.second.unwrap_or(0));
        u64::from(time.hour) * 3_600 + u64::from(time.minute) * 60 + seconds
    });
    let ms = day.start().0 + clock * 1_000;
    let east_minutes = match at.offset {
        Some(toml::value::Offset::Custom { minutes }) => i64::from(minutes),
        _ => 0,
    };
    ms.checked_add_signed(-east_minutes * 60_000)
        .ok_or_else(bad)
}

/// `[verdicts]` as a table is easier to write than a list of pairs.
fn as_pairs(value: &mut Value) {
    let Some(verdicts) = value.get_mut("verdicts") else {
        return;
    };
    if let Value::Object(table) = verdicts {
        let pairs = std::mem::take(table).into_iter();
        *verdicts = pairs
            .map(|(field, verdict)| Value::Array(vec![Value::String(field), verdict]))
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use sanctuary_casework::{ProposalDraft, RequestDraft};
    use sanctuary_disclosure::{ContactFirst, RefusalReason, SafeguardingTalk, Verdict};
    use sanctuary_policy::Field;

    use super::*;

    #[test]
    fn dates_are_dates() {
        let talk = |at: &str| {
            let text = format!("at = {at}\nadvice = \"Wait\"\nsection_45 = \"Compelled\"");
            parse::<SafeguardingTalk>(&text).map(|talk| talk.at.0)
        };
        assert_eq!(talk("2026-12-01T09:30:00Z"), Ok(1_796_117_400_000));
        assert_eq!(talk("2026-12-01T09:30:00"), Ok(1_796_117_400_000));
        assert_eq!(talk("2026-12-01T10:30:00+01:00"), Ok(1_796_117_400_000));
        assert!(talk("09:30:00").is_err_and(|e| e.contains("needs its day")));
    }

    #[test]
    fn verdicts_may_be_a_table_or_a_list() {
        let expected = [
            (Field::Contact, Verdict::Release),
            (Field::Risk, Verdict::Withhold(RefusalReason::LiveCase)),
        ];
        let table = "[verdicts]\ncontact = \"release\"\nrisk = { withhold = \"live_case\" }";
        let list =
            "verdicts = [[\"contact\", \"release\"], [\"risk\", { withhold = \"live_case\" }]]";
        let json =
            r#"{ "verdicts": { "contact": "release", "risk": { "withhold": "live_case" } } }"#;
        for text in [table, list, json] {
            let draft: ProposalDraft = parse(text).unwrap();
            let mut verdicts = draft.verdicts;
            verdicts.sort_by_key(|(field, _)| *field);
            assert_eq!(verdicts, expected);
        }
    }

    #[test]
    fn a_call_and_a_detail_read_back() {
        let text = r#"
alert = "5f0c9a7d11e20b435f0c9a7d11e20b43"
purpose = "investigate_exploitation"
gateway = "dpa_2018_sch2_para2"
enquiry = "a"
necessity = "b"
proportionality = "c"
urgency = "routine"
contact_first = { phoned = { at = 2026-12-01T09:30:00Z, with = "Duty worker", result = "Write to us" } }
[[wanted]]
field = "contact"
reason = "d"
"#;
        let draft: RequestDraft = parse(text).unwrap();
        assert!(
            matches!(draft.contact_first, ContactFirst::Phoned(call) if call.at.0 == 1_796_117_400_000)
        );
        assert_eq!(draft.wanted.len(), 1);
    }

    #[test]
    fn what_is_wrong_is_said_without_what_stands_there() {
        for text in [
            "at = \"Amal Haddad\"\nadvice = \"a\"\nsection_45 = \"b\"",
            "advice = \"Amal Haddad\nat = 1",
            "{ \"at\": \"Amal Haddad\" }",
            "{ Amal Haddad }",
        ] {
            let said = parse::<SafeguardingTalk>(text).unwrap_err();
            assert!(!said.contains("Amal"), "{said}");
        }
        let said = parse::<SafeguardingTalk>("att = 1").unwrap_err();
        assert!(said.contains("`att`"), "{said}");
    }
}
