//! PostgreSQL's types as the text that a mapping reads, from the binary form in which they come.

use std::fmt::Write as _;

use tokio_postgres::types::{FromSql, Kind, Type};
use zeroize::Zeroizing;

use super::calendar::{date, moment};
use crate::database::Mark;

/// A value as text; empty for null. Wiped when dropped.
pub(super) struct Text(pub Zeroizing<String>);

/// Why a type is not read, and what to do; `None` for one that is.
pub(super) fn refusal(kind: &Type) -> Option<&'static str> {
    if is_read(kind) {
        return None;
    }
    Some(match *kind {
        Type::BYTEA => {
            "pictures and other bytes have no place in a record: leave it out of the query"
        }
        Type::JSON | Type::JSONB => "take single values out of it in the query, as with ->>",
        _ => "leave it out, or make it text in the query, as with ::text",
    })
}

fn is_read(kind: &Type) -> bool {
    match kind.kind() {
        Kind::Array(of) => !matches!(of.kind(), Kind::Array(_)) && is_read(of),
        Kind::Domain(of) => is_read(of),
        Kind::Enum(_) => true,
        _ => {
            matches!(
                *kind,
                Type::BOOL
                    | Type::INT2
                    | Type::INT4
                    | Type::INT8
                    | Type::FLOAT4
                    | Type::FLOAT8
                    | Type::NUMERIC
                    | Type::TEXT
                    | Type::VARCHAR
                    | Type::BPCHAR
                    | Type::NAME
                    | Type::UUID
                    | Type::DATE
                    | Type::TIMESTAMP
                    | Type::TIMESTAMPTZ
            ) || kind.name() == "citext"
        }
    }
}

impl<'a> FromSql<'a> for Text {
    fn from_sql(
        kind: &Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        let text = text_of(kind, raw).ok_or("a value is not of its own type")?;
        Ok(Self(Zeroizing::new(text)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(Zeroizing::default()))
    }

    fn accepts(kind: &Type) -> bool {
        is_read(kind)
    }
}

fn text_of(kind: &Type, raw: &[u8]) -> Option<String> {
    match kind.kind() {
        Kind::Array(of) => return list_of(of, raw),
        Kind::Domain(of) => return text_of(of, raw),
        _ => {}
    }
    Some(match *kind {
        Type::BOOL => (if raw == [0] { "no" } else { "yes" }).to_owned(),
        Type::INT2 => i16::from_be_bytes(raw.try_into().ok()?).to_string(),
        Type::INT4 => i32::from_be_bytes(raw.try_into().ok()?).to_string(),
        Type::INT8 => i64::from_be_bytes(raw.try_into().ok()?).to_string(),
        Type::FLOAT4 => f32::from_be_bytes(raw.try_into().ok()?).to_string(),
        Type::FLOAT8 => f64::from_be_bytes(raw.try_into().ok()?).to_string(),
        Type::NUMERIC => numeric(raw)?,
        Type::UUID => uuid(raw)?,
        Type::DATE => date(i32::from_be_bytes(raw.try_into().ok()?)),
        Type::TIMESTAMP => moment(i64::from_be_bytes(raw.try_into().ok()?), ""),
        Type::TIMESTAMPTZ => moment(i64::from_be_bytes(raw.try_into().ok()?), "Z"),
        _ => std::str::from_utf8(raw).ok()?.to_owned(),
    })
}

/// Where a row stands, if its watermark is of a type that can be one; `None` for null and infinity.
pub(super) struct Position(pub Option<Mark>);

impl<'a> FromSql<'a> for Position {
    fn from_sql(
        kind: &Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(match *kind {
            Type::INT2 => Some(Mark::Whole(i16::from_be_bytes(raw.try_into()?).into())),
            Type::INT4 => Some(Mark::Whole(i32::from_be_bytes(raw.try_into()?).into())),
            Type::INT8 => Some(Mark::Whole(i64::from_be_bytes(raw.try_into()?))),
            Type::DATE => Some(i32::from_be_bytes(raw.try_into()?))
                .filter(|day| *day != i32::MIN && *day != i32::MAX)
                .map(Mark::Day),
            Type::TIMESTAMP | Type::TIMESTAMPTZ => Some(i64::from_be_bytes(raw.try_into()?))
                .filter(|at| *at != i64::MIN && *at != i64::MAX)
                .map(Mark::Moment),
            _ => Some(Mark::Text(std::str::from_utf8(raw)?.to_owned())),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(kind: &Type) -> bool {
        matches!(
            *kind,
            Type::INT2
                | Type::INT4
                | Type::INT8
                | Type::DATE
                | Type::TIMESTAMP
                | Type::TIMESTAMPTZ
                | Type::TEXT
                | Type::VARCHAR
                | Type::BPCHAR
        )
    }
}

fn uuid(raw: &[u8]) -> Option<String> {
    let bytes: [u8; 16] = raw.try_into().ok()?;
    let mut text = String::with_capacity(36);
    for (n, byte) in bytes.iter().enumerate() {
        if [4, 6, 8, 10].contains(&n) {
            text.push('-');
        }
        write!(text, "{byte:02x}").ok()?;
    }
    Some(text)
}

/// Big-endian numbers one after the other.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }
}

/// A list of one dimension, joined with `;` as lists in JSON are; nulls are left out.
fn list_of(of: &Type, raw: &[u8]) -> Option<String> {
    let mut fields = Fields(raw);
    let dimensions = i32::from_be_bytes(fields.take()?);
    let _flags_and_type: [u8; 8] = fields.take()?;
    if dimensions == 0 {
        return Some(String::new());
    }
    let mut count = 1_i64;
    for _ in 0..dimensions {
        count = count.checked_mul(i32::from_be_bytes(fields.take()?).into())?;
        let _lowest: [u8; 4] = fields.take()?;
    }
    let mut texts = Vec::new();
    for _ in 0..count {
        let length = i32::from_be_bytes(fields.take()?);
        if let Ok(length) = usize::try_from(length) {
            texts.push(text_of(of, fields.bytes(length)?)?);
        }
    }
    Some(texts.join(";"))
}

/// Digits to the base of 10,000.
fn numeric(raw: &[u8]) -> Option<String> {
    let mut fields = Fields(raw);
    let mut word = || Some(u16::from_be_bytes(fields.take()?));
    let (count, weight, sign, scale) = (word()?, word()?.cast_signed(), word()?, word()?);
    match sign {
        0xC000 => return Some("NaN".to_owned()),
        0xD000 => return Some("Infinity".to_owned()),
        0xF000 => return Some("-Infinity".to_owned()),
        _ => {}
    }
    let mut digits = Vec::new();
    for _ in 0..count {
        digits.push(word()?);
    }
    let at = |place: i32| {
        let place = usize::try_from(i32::from(weight) - place).ok();
        place.and_then(|p| digits.get(p)).copied().unwrap_or(0)
    };
    let mut text = String::new();
    for place in (0..=i32::from(weight).max(0)).rev() {
        write!(text, "{:04}", at(place)).ok()?;
    }
    let whole = text.trim_start_matches('0');
    let mut out = String::from(if sign == 0x4000 { "-" } else { "" });
    out += if whole.is_empty() { "0" } else { whole };
    if scale > 0 {
        let mut behind = String::new();
        for place in 1..=i32::from(scale).div_euclid(4) + 1 {
            write!(behind, "{:04}", at(-place)).ok()?;
        }
        out.push('.');
        out += behind.get(..usize::from(scale))?;
    }
    Some(out)
}
