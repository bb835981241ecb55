//! The mapping file: how an agency's columns become fields and governance of records.
//!
//! TOML, version 1; every key is checked, so that a typing slip is an error that names the key and
//! the nearest valid one, and never a column silently left out.

mod bind;
mod fields;
mod nearest;
mod parse;

use std::collections::BTreeMap;

use sanctuary_types::{Basis, Roles, Visibility};

use crate::{Agreed, NodeError, Views};
pub use bind::Bound;
pub use fields::FieldName;
pub(crate) use nearest::edit_distance;

/// A calendar date (year, month 1-12, day 1-31) as given; checked for range only.
pub type Date = (u16, u8, u8);

/// A checked mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The column with the agency's own reference. Its values never leave the node.
    pub record_id: String,
    /// Columns of each field, in the order given.
    pub fields: BTreeMap<FieldName, Vec<String>>,
    /// How cells are read.
    pub formats: Formats,
    /// Role, basis, visibility and expiry.
    pub governance: Governance,
}

/// How cells are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formats {
    /// Date-of-birth formats (`%Y %m %d` style), tried in order.
    pub date_of_birth: Vec<String>,
    /// Formats of every other date (`age_at`, `expires`, `review`), tried in order.
    pub other_dates: Vec<String>,
    /// ISO 3166 region of telephone numbers written without a country code.
    pub phone_region: String,
}

impl Default for Formats {
    fn default() -> Self {
        let usual = || vec!["%Y-%m-%d".to_owned(), "%d/%m/%Y".to_owned()];
        Self {
            date_of_birth: usual(),
            other_dates: usual(),
            phone_region: "GB".to_owned(),
        }
    }
}

/// A constant for the whole file, or a column with one value a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given<T> {
    /// The same for every row.
    Constant(T),
    /// Read from this column.
    Column(String),
}

/// The governance of a file's records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Governance {
    /// How the agency regards the person; several allowed with `;`.
    pub role: Given<Roles>,
    /// Lawful gateway.
    pub basis: Given<Basis>,
    /// Who may hear of a possible match.
    pub visibility: Given<Visibility>,
    /// When the record leaves the service; `None` = twelve months after import.
    pub expires: Option<Given<Date>>,
    /// Kind of exploitation, for the nature and scale picture only.
    pub exploitation: Option<Given<String>>,
    /// Known only from a Duty to Notify report of an adult who did not consent: counted, never
    /// tokenised (Modern Slavery Act 2015 s52(3)).
    pub duty_to_notify_only: Given<bool>,
    /// Whether an adult agreed to the referral to the National Referral Mechanism.
    pub nrm_consent: Option<Given<Agreed>>,
    /// Whether an adult agreed to support.
    pub support_consent: Option<Given<Agreed>>,
    /// What the person thinks of sharing.
    pub views: Option<Given<Views>>,
    /// Who may hear of a match where the person objects: owner-first or silent.
    pub on_objection: Visibility,
    /// When somebody should look at the record again; nothing is deleted by it.
    pub review: Option<Given<Date>>,
}

impl Mapping {
    /// Reads and checks a mapping file's text.
    ///
    /// # Errors
    /// [`NodeError::MappingSyntax`], [`NodeError::MappingUnknownKey`], [`NodeError::MappingValue`].
    pub fn parse(text: &str) -> Result<Self, NodeError> {
        text.parse()
    }

    /// Every column the mapping names, each once: what a record from a program may hold.
    #[must_use]
    pub fn column_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (_, column) in self.columns() {
            if !names.iter().any(|name| name == column.trim()) {
                names.push(column.trim().to_owned());
            }
        }
        names
    }

    /// Every column the mapping names, each once, with the key that names it.
    pub(crate) fn columns(&self) -> Vec<(String, &str)> {
        let governance = &self.governance;
        let mut out = vec![("record_id".to_owned(), self.record_id.as_str())];
        for (field, columns) in &self.fields {
            out.extend(
                columns
                    .iter()
                    .map(|column| (format!("fields.{}", field.word()), column.as_str())),
            );
        }
        let pairs = [
            ("role", governance.role.column()),
            ("basis", governance.basis.column()),
            ("visibility", governance.visibility.column()),
            (
                "expires",
                governance.expires.as_ref().and_then(Given::column),
            ),
            (
                "exploitation",
                governance.exploitation.as_ref().and_then(Given::column),
            ),
            (
                "duty_to_notify_only",
                governance.duty_to_notify_only.column(),
            ),
            (
                "nrm_consent",
                governance.nrm_consent.as_ref().and_then(Given::column),
            ),
            (
                "support_consent",
                governance.support_consent.as_ref().and_then(Given::column),
            ),
            ("views", governance.views.as_ref().and_then(Given::column)),
            ("review", governance.review.as_ref().and_then(Given::column)),
        ];
        for (key, column) in pairs {
            out.extend(column.map(|column| (format!("record.{key}"), column)));
        }
        out
    }
}

impl<T> Given<T> {
    /// The column, when it is one.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Column(name) => Some(name),
            Self::Constant(_) => None,
        }
    }
}

/// `yes`, `true`, `1` and `y` are yes; `no`, `false`, `0`, `n` and an empty cell are no.
pub(crate) fn parse_yes_no(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" | "y" => Some(true),
        "" | "no" | "false" | "0" | "n" => Some(false),
        _ => None,
    }
}

/// Several roles with `;` between.
pub(crate) fn parse_roles(text: &str) -> Option<Roles> {
    let mut roles = Roles::default();
    for word in text.split(';').map(str::trim).filter(|w| !w.is_empty()) {
        roles = roles.with(word.parse().ok()?);
    }
    (roles != Roles::default()).then_some(roles)
}
