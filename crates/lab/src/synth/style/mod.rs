//! Each agency's own columns, and the mapping file that explains them.

mod board;
mod charity;
mod council;
mod police;

use super::{agency::Kind, dice::Dice, person::Date, record::Record};

/// How one kind of agency keeps its file.
pub struct Style {
    /// Column names.
    pub header: &'static [&'static str],
    /// The mapping file.
    pub mapping: &'static str,
    /// The agency's own reference of its n-th record.
    pub reference: fn(usize) -> String,
    /// The cells of a record, its reference first. May roll dice for habits of writing.
    pub row: fn(String, &Record, &mut Dice) -> Vec<String>,
    /// Whether the file starts with a UTF-8 byte order mark, as spreadsheets write it.
    pub byte_order_mark: bool,
}

impl Kind {
    /// Its style.
    pub const fn style(self) -> &'static Style {
        match self {
            Self::Police => &police::STYLE,
            Self::Council => &council::STYLE,
            Self::Board => &board::STYLE,
            Self::Charity => &charity::STYLE,
        }
    }
}

fn iso(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}

fn slashed(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day, date.month, date.year)
}

fn month_name(date: Date) -> &'static str {
    sanctuary_types::MONTH_NAMES[(date.month as usize).saturating_sub(1) % 12]
}

fn text(value: Option<&String>) -> String {
    value.cloned().unwrap_or_default()
}

fn nth(list: &[String], n: usize) -> String {
    list.get(n).cloned().unwrap_or_default()
}
