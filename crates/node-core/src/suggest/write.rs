use std::{collections::BTreeMap, fmt::Write as _};

use super::{ColumnSuggestion, GovernanceKey, Suggestion, Target};
use crate::mapping::FieldName;

/// Written where no column holds a reference.
const REFERENCE_MISSING: &str = "WRITE HERE THE COLUMN WITH YOUR OWN REFERENCE";
/// Keys that must stand in `[record]`, what is written when no column gives them, and why to look.
const REQUIRED: &[(GovernanceKey, &str, &str)] = &[
    (
        GovernanceKey::Role,
        "potential_victim",
        "CHECK: how do you regard the people in this file?",
    ),
    (
        GovernanceKey::Basis,
        "safeguarding",
        "CHECK: under which lawful gateway do you share them?",
    ),
    (
        GovernanceKey::Visibility,
        "owner_first",
        "CHECK: who may hear of a possible match? owner_first: you decide each time",
    ),
];

impl Suggestion {
    /// The mapping file, each line with its reason. Holds column names and shares, no values.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut out = String::from(
            "# Proposed from the column names and a sample of rows. Read every line before you use it;\n\
             # `sanctuary-node mapping check` shows how the first rows would be read.\nversion = 1\n",
        );
        match self.of(Target::RecordId).next() {
            Some(column) => line(
                &mut out,
                "record_id",
                &text(&column.column),
                &reason(&[column]),
            ),
            None => line(
                &mut out,
                "record_id",
                &text(REFERENCE_MISSING),
                "no column has a different value in every row",
            ),
        }
        self.write_fields(&mut out);
        self.write_formats(&mut out);
        self.write_record(&mut out);
        self.write_left_out(&mut out);
        out
    }

    fn of(&self, target: Target) -> impl Iterator<Item = &ColumnSuggestion> {
        self.columns
            .iter()
            .filter(move |column| column.target == target)
    }

    fn write_fields(&self, out: &mut String) {
        let mut fields: BTreeMap<FieldName, Vec<&ColumnSuggestion>> = BTreeMap::new();
        for column in &self.columns {
            if let Target::Field(field) = column.target {
                fields.entry(field).or_default().push(column);
            }
            if column.also_address {
                fields.entry(FieldName::Address).or_default().push(column);
            }
        }
        out.push_str("\n[fields]\n");
        for (field, columns) in fields {
            let names: Vec<String> = columns.iter().map(|c| text(&c.column)).collect();
            let value = match names.as_slice() {
                [one] => one.clone(),
                several => format!("[{}]", several.join(", ")),
            };
            line(out, field.word(), &value, &reason(&columns));
        }
    }

    fn write_formats(&self, out: &mut String) {
        out.push_str("\n[formats]\n");
        let list = |formats: &[String]| {
            let quoted: Vec<String> = formats.iter().map(|format| text(format)).collect();
            format!("[{}]", quoted.join(", "))
        };
        if !self.birth_formats.is_empty() {
            line(
                out,
                "date_of_birth",
                &list(&self.birth_formats),
                "tried in order",
            );
        }
        if !self.other_formats.is_empty() {
            line(
                out,
                "other_dates",
                &list(&self.other_formats),
                "tried in order",
            );
        }
        line(
            out,
            "phone_region",
            "\"GB\"",
            "country of numbers without a country code",
        );
    }

    fn write_record(&self, out: &mut String) {
        out.push_str("\n[record]\n");
        for (key, constant, why) in REQUIRED {
            match self.of(Target::Record(*key)).next() {
                Some(column) => column_line(out, *key, column),
                None => line(out, key.word(), &text(constant), why),
            }
        }
        for key in [
            GovernanceKey::Expires,
            GovernanceKey::Exploitation,
            GovernanceKey::DutyToNotifyOnly,
        ] {
            if let Some(column) = self.of(Target::Record(key)).next() {
                column_line(out, key, column);
            }
        }
    }

    fn write_left_out(&self, out: &mut String) {
        let mut left = self.of(Target::Nothing).peekable();
        if left.peek().is_some() {
            out.push_str("\n# Left out:\n");
        }
        for column in left {
            let why: Vec<String> = column.reasons.iter().map(ToString::to_string).collect();
            let _ = writeln!(out, "#   {}: {}", text(&column.column), why.join("; "));
        }
    }
}

fn column_line(out: &mut String, key: GovernanceKey, column: &ColumnSuggestion) {
    let value = format!("{{ column = {} }}", text(&column.column));
    line(out, key.word(), &value, &reason(&[column]));
}

fn line(out: &mut String, key: &str, value: &str, why: &str) {
    let _ = writeln!(out, "{key} = {value}  # {why}");
}

/// A TOML string.
fn text(value: &str) -> String {
    toml::Value::String(value.to_owned()).to_string()
}

/// The least sure of the columns speaks for all.
fn reason(columns: &[&ColumnSuggestion]) -> String {
    let least = columns
        .iter()
        .min_by(|a, b| a.confidence.total_cmp(&b.confidence));
    least.map_or_else(String::new, |column| {
        let why: Vec<String> = column.reasons.iter().map(ToString::to_string).collect();
        format!(
            "{:.0} % sure: {}",
            column.confidence * 100.0,
            why.join("; ")
        )
    })
}
