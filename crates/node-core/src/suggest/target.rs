use crate::mapping::FieldName;

/// What a column can be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// The agency's own reference.
    RecordId,
    /// A field of the person.
    Field(FieldName),
    /// A key of `[record]`.
    Record(GovernanceKey),
    /// Nothing: known not to be wanted.
    Nothing,
}

/// A key of the mapping's `[record]` table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GovernanceKey {
    /// How the agency regards the person.
    Role,
    /// Lawful gateway.
    Basis,
    /// Who may hear of a possible match.
    Visibility,
    /// When the record leaves the service.
    Expires,
    /// Kind of exploitation.
    Exploitation,
    /// Known only from a Duty to Notify report.
    DutyToNotifyOnly,
}

impl GovernanceKey {
    /// The key as it stands in the file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Basis => "basis",
            Self::Visibility => "visibility",
            Self::Expires => "expires",
            Self::Exploitation => "exploitation",
            Self::DutyToNotifyOnly => "duty_to_notify_only",
        }
    }
}

impl Target {
    /// The key in the mapping file; `None` for a column that is left out.
    #[must_use]
    pub fn key(self) -> Option<String> {
        match self {
            Self::RecordId => Some("record_id".to_owned()),
            Self::Field(field) => Some(format!("fields.{}", field.word())),
            Self::Record(key) => Some(format!("record.{}", key.word())),
            Self::Nothing => None,
        }
    }

    /// Whether several columns may be for the same.
    pub(super) fn takes_several(self) -> bool {
        use FieldName as F;
        match self {
            Self::Field(field) => matches!(
                field,
                F::Forenames | F::Surnames | F::Aliases | F::Address | F::Identifier(_)
            ),
            Self::Nothing => true,
            Self::RecordId | Self::Record(_) => false,
        }
    }
}
