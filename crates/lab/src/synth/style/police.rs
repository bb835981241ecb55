//! A force's crime and intelligence system: capitals for surnames, dates with slashes.

use super::{Style, iso, nth, slashed, text};
use crate::synth::person::Sex;

pub(super) const STYLE: Style = Style {
    header: &[
        "Nominal Ref",
        "Surname",
        "Forename(s)",
        "Alias",
        "DOB",
        "Sex",
        "Nationality",
        "Last Known Address",
        "Postcode",
        "Mobile",
        "Other Tel",
        "Email",
        "VRM",
        "Passport No",
        "NI No",
        "Bank Acct",
        "Online ID",
        "Nominal Type",
        "Exploitation Type",
        "Sharing",
        "Review Date",
        "DTN Only",
    ],
    mapping: include_str!("police.toml"),
    reference: |n| format!("NOM-{:07}", 1_000_003 + n * 7),
    row: |reference, r, _| {
        vec![
            reference,
            r.surnames.join(" ").to_uppercase(),
            r.forenames.join(" "),
            r.aliases.join("; "),
            r.born.map(slashed).unwrap_or_default(),
            match r.sex {
                Some(Sex::Male) => "M",
                Some(Sex::Female) => "F",
                None => "U",
            }
            .to_owned(),
            r.nationality.unwrap_or_default().to_owned(),
            [r.line.as_str(), r.town.unwrap_or_default()]
                .join(", ")
                .trim_matches([',', ' '])
                .to_owned(),
            text(r.postcode.as_ref()),
            nth(&r.phones, 0),
            r.phones.get(1..).unwrap_or_default().join("; "),
            text(r.email.as_ref()),
            text(r.vehicle.as_ref()),
            text(r.passport.as_ref()),
            text(r.national_insurance.as_ref()),
            text(r.bank_account.as_ref()),
            text(r.online_handle.as_ref()),
            r.role.to_owned(),
            r.exploitation.to_owned(),
            r.visibility.to_owned(),
            iso(r.review),
            if r.duty_to_notify_only { "Y" } else { "N" }.to_owned(),
        ]
    },
    byte_order_mark: false,
};
