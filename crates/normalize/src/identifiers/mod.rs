//! Strong identifiers: one checked, canonical spelling each.

mod checks;
mod documents;
mod online;
mod phone;
mod things;

use sanctuary_types::IdentifierKind;

pub(crate) use phone::PhoneRegion;

use crate::{
    RawIdentifier, Rule,
    text::{VALUE_BYTES_MAX, compact, fold, is_filler_code, is_filler_word},
};

/// Identifiers kept of one record.
const IDENTIFIERS_MAX: usize = 24;

/// Every valid identifier of a record once, in the order given; the others are reported.
pub(crate) fn canonical_identifiers(
    given: &[(IdentifierKind, RawIdentifier)],
    region: &PhoneRegion,
    mut report: impl FnMut(IdentifierKind, Rule),
) -> Vec<(IdentifierKind, String)> {
    let mut kept: Vec<(IdentifierKind, String)> = Vec::with_capacity(given.len());
    for (kind, raw) in given {
        if raw.expose().len() > VALUE_BYTES_MAX {
            report(*kind, Rule::TooLong);
            continue;
        }
        for text in values(*kind, raw.expose()) {
            match canonical(*kind, text, region) {
                Ok(value) if kept.iter().any(|(k, v)| k == kind && *v == value) => {}
                Ok(_) if kept.len() == IDENTIFIERS_MAX => report(*kind, Rule::TooMany),
                Ok(value) => kept.push((*kind, value)),
                Err(rule) => report(*kind, rule),
            }
        }
    }
    kept
}

/// The values in one cell. Phone cells are also split where people write two numbers with a
/// slash or comma.
fn values(kind: IdentifierKind, cell: &str) -> impl Iterator<Item = &str> {
    let phone = kind == IdentifierKind::Phone;
    cell.split(move |c| c == ';' || (phone && matches!(c, '/' | ',' | '|')))
        .map(str::trim)
        .filter(|value| !value.is_empty())
}

fn canonical(kind: IdentifierKind, text: &str, region: &PhoneRegion) -> Result<String, Rule> {
    let code = compact(text);
    if is_filler_word(&fold(text)) || is_filler_code(&code) {
        return Err(Rule::Placeholder);
    }
    match kind {
        IdentifierKind::Phone => phone::phone(text, region),
        IdentifierKind::Email => online::email(text),
        IdentifierKind::OnlineHandle => online::handle(text),
        IdentifierKind::Vehicle => things::vehicle(code),
        IdentifierKind::BankAccount => things::bank_account(code),
        IdentifierKind::Imei => things::imei(code),
        IdentifierKind::CompanyNumber => things::company_number(code),
        IdentifierKind::Uprn => things::uprn(code),
        IdentifierKind::Passport => documents::passport(code),
        IdentifierKind::NationalInsurance => documents::national_insurance(code),
        IdentifierKind::NhsNumber => documents::nhs_number(code),
        IdentifierKind::NationalId => documents::national_id(code),
        IdentifierKind::Address => Err(Rule::AddressIsDerived),
    }
}

#[cfg(test)]
pub(crate) fn canonical_for_tests(kind: IdentifierKind, text: &str) -> Result<String, Rule> {
    canonical(kind, text, &PhoneRegion::new("GB"))
}
