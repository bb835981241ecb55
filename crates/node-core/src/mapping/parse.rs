use std::{collections::BTreeMap, str::FromStr};

use sanctuary_normalize::check_date_format;
use sanctuary_types::{Basis, Role, Visibility};
use toml::{Table, Value};

use super::{
    Date, FieldName, Formats, Given, Governance, Mapping, nearest::nearest, parse_roles,
    parse_yes_no,
};
use crate::{Agreed, NodeError, Views};

/// Bytes of a mapping file: a page of text, never data.
const MAPPING_BYTES_MAX: usize = 256 * 1024;
/// Columns of one field.
const COLUMNS_MAX: usize = 64;

const TOP: &[&str] = &["version", "record_id", "fields", "formats", "record"];
const FORMATS: &[&str] = &["date_of_birth", "other_dates", "phone_region"];
const RECORD: &[&str] = &[
    "role",
    "basis",
    "visibility",
    "expires",
    "exploitation",
    "duty_to_notify_only",
    "nrm_consent",
    "support_consent",
    "views",
    "on_objection",
    "review",
];

impl FromStr for Mapping {
    type Err = NodeError;

    /// Reads and checks a mapping file's text.
    fn from_str(text: &str) -> Result<Self, NodeError> {
        if text.len() > MAPPING_BYTES_MAX {
            return Err(bad("", "is larger than a mapping file can be"));
        }
        let top: Table =
            text.trim_start_matches('\u{feff}')
                .parse()
                .map_err(|error: toml::de::Error| {
                    NodeError::MappingSyntax(syntax_place(text, &error))
                })?;
        check_keys(&top, "", TOP)?;
        match top.get("version") {
            Some(Value::Integer(1)) => {}
            Some(_) => return Err(bad("version", "must be 1")),
            None => return Err(bad("version", "is missing; write version = 1")),
        }
        let record_id = match top.get("record_id") {
            Some(Value::String(column)) if !column.trim().is_empty() => column.clone(),
            Some(_) => return Err(bad("record_id", "must be the name of one column")),
            None => {
                return Err(bad(
                    "record_id",
                    "is missing; name the column with your own reference",
                ));
            }
        };
        Ok(Self {
            record_id,
            fields: parse_fields(table(&top, "fields")?)?,
            formats: parse_formats(table(&top, "formats")?)?,
            governance: parse_governance(table(&top, "record")?)?,
        })
    }
}

fn parse_fields(fields: Option<&Table>) -> Result<BTreeMap<FieldName, Vec<String>>, NodeError> {
    let words: Vec<&str> = FieldName::all().map(FieldName::word).collect();
    let Some(fields) = fields else {
        return Err(bad("fields", "is missing; name at least one column"));
    };
    check_keys(fields, "fields.", &words)?;
    let mut out = BTreeMap::new();
    for (key, value) in fields {
        let full = format!("fields.{key}");
        let columns = strings(&full, value)?;
        if columns.is_empty() || columns.len() > COLUMNS_MAX {
            return Err(bad(&full, "must name 1 to 64 columns"));
        }
        if let Some(field) = FieldName::from_word(key) {
            out.insert(field, columns);
        }
    }
    if out.is_empty() {
        return Err(bad("fields", "is empty; name at least one column"));
    }
    if out.contains_key(&FieldName::Age) != out.contains_key(&FieldName::AgeAt) {
        return Err(bad(
            "fields.age",
            "and fields.age_at go together: the age, and the date on which it was right",
        ));
    }
    Ok(out)
}

fn parse_formats(formats: Option<&Table>) -> Result<Formats, NodeError> {
    let mut out = Formats::default();
    let Some(formats) = formats else {
        return Ok(out);
    };
    check_keys(formats, "formats.", FORMATS)?;
    if let Some(value) = formats.get("date_of_birth") {
        out.date_of_birth = strings("formats.date_of_birth", value)?;
    }
    if let Some(value) = formats.get("other_dates") {
        out.other_dates = strings("formats.other_dates", value)?;
    }
    for (key, list) in [
        ("formats.date_of_birth", &out.date_of_birth),
        ("formats.other_dates", &out.other_dates),
    ] {
        if list.is_empty() {
            return Err(bad(key, "must be one or more formats such as \"%d/%m/%Y\""));
        }
        for format in list {
            check_date_format(format).map_err(|rule| bad(key, &format!("is wrong: {rule}")))?;
        }
    }
    match formats.get("phone_region") {
        None => {}
        Some(Value::String(region))
            if region.len() == 2 && region.bytes().all(|b| b.is_ascii_uppercase()) =>
        {
            out.phone_region.clone_from(region);
        }
        Some(_) => {
            return Err(bad(
                "formats.phone_region",
                "must be a two-letter country code such as \"GB\"",
            ));
        }
    }
    Ok(out)
}

fn parse_governance(record: Option<&Table>) -> Result<Governance, NodeError> {
    let Some(record) = record else {
        return Err(bad(
            "record",
            "is missing; it must give role, basis and visibility",
        ));
    };
    check_keys(record, "record.", RECORD)?;
    let roles = words(Role::ALL.iter().map(|r| r.word()));
    let bases = words(Basis::ALL.iter().map(|b| b.word()));
    let visibilities = words(Visibility::ALL.iter().map(|v| v.word()));
    let agreed = words(Agreed::ALL.iter().map(|a| a.word()));
    let agreed = format!("one of: {agreed}");
    let views = words(Views::ALL.iter().map(|v| v.word()));
    let views = format!("one of: {views}");
    Ok(Governance {
        role: required(record, "role", &roles, parse_roles)?,
        basis: required(record, "basis", &bases, |t| t.parse().ok())?,
        visibility: required(record, "visibility", &visibilities, |t| t.parse().ok())?,
        expires: given(record, "expires", "a date such as 2027-03-31", parse_date)?,
        exploitation: given(record, "exploitation", "a word", |t| {
            Some(t.trim().to_owned()).filter(|t| !t.is_empty() && t.len() <= 64)
        })?,
        duty_to_notify_only: given(record, "duty_to_notify_only", "yes or no", parse_yes_no)?
            .unwrap_or(Given::Constant(false)),
        nrm_consent: given(record, "nrm_consent", &agreed, |t| t.parse().ok())?,
        support_consent: given(record, "support_consent", &agreed, |t| t.parse().ok())?,
        views: given(record, "views", &views, |t| t.parse().ok())?,
        on_objection: parse_on_objection(record)?,
        review: given(record, "review", "a date such as 2027-03-31", parse_date)?,
    })
}

/// The owner decides once for all files; an objection never leaves a record open to others.
fn parse_on_objection(record: &Table) -> Result<Visibility, NodeError> {
    match record.get("on_objection") {
        None => Ok(Visibility::OwnerFirst),
        Some(Value::String(word)) if word == "owner_first" => Ok(Visibility::OwnerFirst),
        Some(Value::String(word)) if word == "silent" => Ok(Visibility::Silent),
        Some(_) => Err(bad(
            "record.on_objection",
            "must be owner_first or silent: a record whose subject objects is never open",
        )),
    }
}

fn required<T>(
    record: &Table,
    key: &str,
    allowed: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Given<T>, NodeError> {
    let missing = || {
        bad(
            &format!("record.{key}"),
            &format!("is missing; give {{ column = \"…\" }} or one of: {allowed}"),
        )
    };
    given(record, key, &format!("one of: {allowed}"), parse)?.ok_or_else(missing)
}

fn given<T>(
    record: &Table,
    key: &str,
    allowed: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<Given<T>>, NodeError> {
    let full = format!("record.{key}");
    let wrong = || {
        bad(
            &full,
            &format!("must be {allowed}, or {{ column = \"…\" }}"),
        )
    };
    let constant = |text: &str| parse(text).map(Given::Constant).ok_or_else(wrong);
    match record.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => constant(text).map(Some),
        Some(Value::Boolean(yes)) => constant(if *yes { "yes" } else { "no" }).map(Some),
        Some(Value::Datetime(date)) => constant(&date.to_string()).map(Some),
        Some(Value::Table(table)) => {
            check_keys(table, &format!("{full}."), &["column"])?;
            match table.get("column") {
                Some(Value::String(column)) if !column.trim().is_empty() => {
                    Ok(Some(Given::Column(column.clone())))
                }
                _ => Err(bad(&format!("{full}.column"), "must name one column")),
            }
        }
        Some(_) => Err(wrong()),
    }
}

/// An ISO date, for constants in the mapping itself.
fn parse_date(text: &str) -> Option<Date> {
    let mut parts = text.trim().get(..10)?.split('-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    let day = parts.next()?.parse().ok()?;
    let sane =
        (2000..=2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    (sane && parts.next().is_none()).then_some((year, month, day))
}

fn table<'a>(top: &'a Table, key: &str) -> Result<Option<&'a Table>, NodeError> {
    match top.get(key) {
        None => Ok(None),
        Some(Value::Table(table)) => Ok(Some(table)),
        Some(_) => Err(bad(key, &format!("must be a section, written [{key}]"))),
    }
}

fn strings(key: &str, value: &Value) -> Result<Vec<String>, NodeError> {
    let wrong = || bad(key, "must be a text or a list of texts");
    match value {
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Array(list) => list
            .iter()
            .map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong))
            .collect(),
        _ => Err(wrong()),
    }
}

fn check_keys(table: &Table, prefix: &str, known: &[&str]) -> Result<(), NodeError> {
    match table.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(unknown) => Err(NodeError::MappingUnknownKey {
            key: format!("{prefix}{unknown}"),
            nearest: format!(
                "{prefix}{}",
                nearest(unknown, known.iter().copied()).unwrap_or_default()
            ),
        }),
    }
}

fn syntax_place(text: &str, error: &toml::de::Error) -> String {
    let line = error
        .span()
        .and_then(|span| text.get(..span.start))
        .map_or(1, |before| before.matches('\n').count() + 1);
    format!("line {line}: {}", error.message())
}

fn words<'a>(list: impl Iterator<Item = &'a str>) -> String {
    list.collect::<Vec<_>>().join(", ")
}

fn bad(key: &str, problem: &str) -> NodeError {
    NodeError::MappingValue {
        key: key.to_owned(),
        problem: problem.to_owned(),
    }
}
