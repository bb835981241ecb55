use std::fmt;

use sanctuary_types::IdentifierKind;
use serde::{Deserialize, Serialize};

/// Which field of a [`crate::Source`] a [`Rule`] speaks of. Prints as the mapping file's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Given names.
    Forenames,
    /// Family names.
    Surnames,
    /// The whole name in one cell.
    FullName,
    /// Other names.
    Aliases,
    /// Date or year of birth, or age.
    Birth,
    /// Sex or gender.
    Sex,
    /// Nationality.
    Nationality,
    /// A strong identifier.
    Identifier(IdentifierKind),
    /// Address.
    Address,
    /// Postcode.
    Postcode,
    /// Town or suburb.
    Locality,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forenames => "forenames",
            Self::Surnames => "surnames",
            Self::FullName => "full_name",
            Self::Aliases => "aliases",
            Self::Birth => "date_of_birth",
            Self::Sex => "sex",
            Self::Nationality => "nationality",
            Self::Identifier(kind) => kind.label(),
            Self::Address => "address",
            Self::Postcode => "postcode",
            Self::Locality => "locality",
        })
    }
}

/// Why a value was left out (or, see [`Rule::keeps_value`], kept with a warning). The texts say
/// what to do and never repeat the value.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    thiserror::Error,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rule {
    /// A filler for "not known".
    #[error("a filler such as unknown, n/a or all zeros says nothing: leave the cell empty")]
    Placeholder,
    /// Longer than any real value.
    #[error("longer than 1,024 characters: check that the right column is mapped")]
    TooLong,
    /// More values than are used.
    #[error("more values than are used in one record: keep those most recently confirmed")]
    TooMany,
    /// No word in it can be a name.
    #[error("no word of two or more letters that could be a name: check the column")]
    NotAName,
    /// The mapping's date format itself is wrong.
    #[error("a date format is made of %Y, %y, %m, %b, %B, %d and plain characters")]
    DateFormat,
    /// No format of the mapping fits.
    #[error("fits none of the mapping's date formats: add its format under [formats]")]
    NoDateFormat,
    /// Shaped like a date but not in the calendar.
    #[error(
        "there is no such calendar date: its numbers are used as written, so correct the record"
    )]
    NotACalendarDate,
    /// Before 1000 or in the future.
    #[error("the year of birth is before 1000 or in the future: correct the record")]
    YearOutOfRange,
    /// Not an age.
    #[error("an age is a whole number of years from 0 to 130")]
    Age,
    /// Not a known word for sex.
    #[error("sex is one of male, female, other (or M, F, X)")]
    Sex,
    /// Not a postcode.
    #[error("not a postcode: check it, as only the district was used or nothing")]
    Postcode,
    /// Too few digits, or too many.
    #[error("a telephone number has 7 to 15 digits")]
    Phone,
    /// Not an e-mail address.
    #[error("an e-mail address has one @ between a name and a domain with a dot")]
    Email,
    /// Not a UK registration mark.
    #[error("a vehicle registration has 2 to 7 letters and digits, some of each")]
    Vehicle,
    /// Not a passport number.
    #[error("a passport number has 6 to 9 letters and digits")]
    Passport,
    /// Not a National Insurance number.
    #[error(
        "a National Insurance number is two letters, six digits and a letter A to D: \
         put another state's number under national_id"
    )]
    NationalInsurance,
    /// Not an NHS number.
    #[error("an NHS number has ten digits and its last digit checks the others: correct it")]
    NhsNumber,
    /// Not a person number of any state.
    #[error("a national id number has 5 to 20 letters and digits")]
    NationalId,
    /// Neither IBAN nor sort code and account number.
    #[error("a bank account is a valid IBAN, or a sort code (6 digits) and account (8 digits)")]
    BankAccount,
    /// Not an account name.
    #[error("an online account name has 2 to 64 characters and no spaces")]
    OnlineHandle,
    /// Not a handset number.
    #[error("an IMEI has 15 digits and its last digit checks the others: correct it")]
    Imei,
    /// Not a company number.
    #[error("a company number has eight letters and digits")]
    CompanyNumber,
    /// Not a property number.
    #[error("a unique property reference number has 1 to 12 digits")]
    Uprn,
    /// Address keys are made here, from address and postcode.
    #[error("the address key is made from address and postcode: map those columns instead")]
    AddressIsDerived,
}

impl Rule {
    /// Whether the value was used all the same: the report is a warning for the agency's data.
    #[must_use]
    pub const fn keeps_value(self) -> bool {
        matches!(self, Self::NotACalendarDate)
    }
}
