//! A victim-care charity's spreadsheet: one name column, dates as each worker likes them, an age
//! where nobody knows a date.

use super::{Style, iso, month_name, slashed, text};
use crate::synth::{
    dice::Dice,
    person::{Date, Sex},
};

/// The day the charity last went through its ages.
const AGES_AT: (u32, &str) = (2026, "2026-06-30");

pub(super) const STYLE: Style = Style {
    header: &[
        "Ref",
        "Client name",
        "Also known as",
        "Date of birth",
        "Age",
        "Age on",
        "Gender",
        "Country",
        "Where living",
        "Postcode",
        "Phone numbers",
        "Email",
        "Passport",
        "Social media",
        "How we know them",
        "Agreed basis",
        "Who may be told",
        "Type",
        "Review by",
    ],
    mapping: include_str!("charity.toml"),
    reference: |n| format!("C{:05}", 20_011 + n * 2),
    row: |reference, r, dice| {
        let estimated = r.born.filter(|d| (d.month, d.day) == (1, 1));
        let age = estimated.map(|d| AGES_AT.0 - d.year);
        let exact = r.born.filter(|_| age.is_none());
        vec![
            reference,
            r.full_name.clone(),
            r.aliases.join("; "),
            exact.map(|d| by_hand(d, dice)).unwrap_or_default(),
            age.map(|a| a.to_string()).unwrap_or_default(),
            age.map(|_| AGES_AT.1.to_owned()).unwrap_or_default(),
            match r.sex {
                Some(Sex::Male) => "Man",
                Some(Sex::Female) => "Woman",
                None => "",
            }
            .to_owned(),
            r.nationality.unwrap_or_default().to_owned(),
            [r.line.as_str(), r.town.unwrap_or_default()]
                .join(", ")
                .trim_matches([',', ' '])
                .to_owned(),
            text(r.postcode.as_ref()),
            r.phones
                .iter()
                .map(|p| grouped(p, dice))
                .collect::<Vec<_>>()
                .join("; "),
            text(r.email.as_ref()),
            text(r.passport.as_ref()),
            text(r.online_handle.as_ref()),
            r.role.to_owned(),
            r.basis.to_owned(),
            r.visibility.to_owned(),
            r.exploitation.to_owned(),
            iso(r.review),
        ]
    },
    byte_order_mark: true,
};

fn by_hand(date: Date, dice: &mut Dice) -> String {
    match dice.below(4) {
        0 => slashed(date),
        1 => format!("{}.{}.{}", date.day, date.month, date.year),
        2 => format!("{} {} {}", date.day, month_name(date), date.year),
        _ => iso(date),
    }
}

/// With spaces, or in the international form.
fn grouped(phone: &str, dice: &mut Dice) -> String {
    match (
        dice.below(3),
        phone.get(..5),
        phone.get(5..8),
        phone.get(8..),
    ) {
        (0, Some(a), Some(b), Some(c)) => format!("{a} {b} {c}"),
        (1, ..) => format!("+44 {}", phone.trim_start_matches('0')),
        _ => phone.to_owned(),
    }
}
