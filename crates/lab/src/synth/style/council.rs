//! A council's social care system: many narrow columns, ISO dates, NHS numbers.

use super::{Style, iso, nth, text};
use crate::synth::person::Sex;

pub(super) const STYLE: Style = Style {
    header: &[
        "PersonID",
        "FirstName",
        "MiddleNames",
        "LastName",
        "KnownAs",
        "DateOfBirth",
        "Gender",
        "NHSNumber",
        "NINumber",
        "PassportNumber",
        "Nationality",
        "AddressLine1",
        "Town",
        "PostCode",
        "UPRN",
        "MobileTelephone",
        "HomeTelephone",
        "EmailAddress",
        "InvolvementRole",
        "LegalBasis",
        "Visibility",
        "PrimaryConcern",
        "RetentionReview",
        "DutyToNotifyOnly",
    ],
    mapping: include_str!("council.toml"),
    reference: |n| format!("{}", 4_100_017 + n * 13),
    row: |reference, r, _| {
        vec![
            reference,
            nth(&r.forenames, 0),
            r.forenames.get(1..).unwrap_or_default().join(" "),
            r.surnames.join(" "),
            r.aliases.join("; "),
            r.born.map(iso).unwrap_or_default(),
            match r.sex {
                Some(Sex::Male) => "Male",
                Some(Sex::Female) => "Female",
                None => "",
            }
            .to_owned(),
            r.nhs_number.as_deref().map(spaced).unwrap_or_default(),
            text(r.national_insurance.as_ref()),
            text(r.passport.as_ref()),
            r.nationality.unwrap_or_default().to_owned(),
            r.line.clone(),
            r.town.unwrap_or_default().to_owned(),
            text(r.postcode.as_ref()),
            text(r.uprn.as_ref()),
            nth(&r.phones, 0),
            r.phones.get(1..).unwrap_or_default().join("; "),
            text(r.email.as_ref()),
            r.role.to_owned(),
            r.basis.to_owned(),
            r.visibility.to_owned(),
            r.exploitation.to_owned(),
            iso(r.review),
            if r.duty_to_notify_only {
                "true"
            } else {
                "false"
            }
            .to_owned(),
        ]
    },
    byte_order_mark: false,
};

/// 999 123 4567, as health systems print it.
fn spaced(number: &str) -> String {
    match (number.get(..3), number.get(3..6), number.get(6..)) {
        (Some(a), Some(b), Some(c)) => format!("{a} {b} {c}"),
        _ => number.to_owned(),
    }
}
