//! A safeguarding board's case log: few columns, month names, a year where no date is known.

use super::{Style, iso, month_name, nth, text};
use crate::synth::person::{Date, Sex};

pub(super) const STYLE: Style = Style {
    header: &[
        "case_ref",
        "family_name",
        "given_names",
        "other_names",
        "birth_date",
        "birth_year",
        "sex",
        "nationality",
        "address",
        "town",
        "postcode",
        "contact_number",
        "contact_email",
        "nhs_no",
        "status",
        "sharing",
        "concern",
        "keep_until",
    ],
    mapping: include_str!("board.toml"),
    reference: |n| format!("SB/2026/{:05}", 101 + n * 3),
    row: |reference, r, _| {
        // The log has no use for a pretended 1 January: it keeps the year.
        let estimated = r.born.filter(|d| (d.month, d.day) == (1, 1));
        let exact = r.born.filter(|_| estimated.is_none());
        vec![
            reference,
            r.surnames.join(" "),
            r.forenames.join(" "),
            r.aliases.join("; "),
            exact.map(in_words).unwrap_or_default(),
            estimated.map(|d| d.year.to_string()).unwrap_or_default(),
            match r.sex {
                Some(Sex::Male) => "male",
                Some(Sex::Female) => "female",
                None => "",
            }
            .to_owned(),
            r.nationality.unwrap_or_default().to_owned(),
            r.line.clone(),
            r.town.unwrap_or_default().to_owned(),
            text(r.postcode.as_ref()),
            nth(&r.phones, 0),
            text(r.email.as_ref()),
            text(r.nhs_number.as_ref()),
            r.role.to_owned(),
            r.visibility.to_owned(),
            r.exploitation.to_owned(),
            iso(r.review),
        ]
    },
    byte_order_mark: false,
};

fn in_words(date: Date) -> String {
    format!("{} {} {}", date.day, &month_name(date)[..3], date.year)
}
