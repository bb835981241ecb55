use super::checks::{luhn, modulus_97};
use crate::{Rule, text::is_filler_code};

/// United Kingdom marks: up to seven characters, letters and digits.
pub(super) fn vehicle(code: String) -> Result<String, Rule> {
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    let mixed = digits > 0 && digits < code.len();
    if mixed && (2..=7).contains(&code.len()) {
        Ok(code)
    } else {
        Err(Rule::Vehicle)
    }
}

/// Sort code and account number, 14 digits; a United Kingdom IBAN is brought to that form, so that
/// both spellings of one account meet. Other states' accounts stay an IBAN.
pub(super) fn bank_account(code: String) -> Result<String, Rule> {
    if code.len() == 14 && is_digits(&code) {
        return own_account(code);
    }
    let shaped = (15..=34).contains(&code.len())
        && code.bytes().take(2).all(|b| b.is_ascii_uppercase())
        && is_digits(&code[2..4]);
    if !shaped || !modulus_97(&code) {
        return Err(Rule::BankAccount);
    }
    match code.strip_prefix("GB").and_then(|rest| rest.get(6..)) {
        Some(account) if account.len() == 14 && is_digits(account) => {
            own_account(account.to_owned())
        }
        Some(_) => Err(Rule::BankAccount),
        None => Ok(code),
    }
}

/// Six digits of sort code, eight of account.
fn own_account(code: String) -> Result<String, Rule> {
    if is_filler_code(&code[6..]) {
        Err(Rule::Placeholder)
    } else {
        Ok(code)
    }
}

pub(super) fn imei(code: String) -> Result<String, Rule> {
    if code.len() == 15 && luhn(&code) {
        Ok(code)
    } else {
        Err(Rule::Imei)
    }
}

/// Companies House: eight digits, or two letters and six digits; leading zeros that a spreadsheet
/// dropped are put back.
pub(super) fn company_number(code: String) -> Result<String, Rule> {
    if (5..=8).contains(&code.len()) && is_digits(&code) {
        return Ok(format!("{code:0>8}"));
    }
    let letters = code.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    let valid = code.len() == 8 && letters <= 2 && digits >= 5;
    if valid {
        Ok(code)
    } else {
        Err(Rule::CompanyNumber)
    }
}

pub(super) fn uprn(code: String) -> Result<String, Rule> {
    let number = code.trim_start_matches('0');
    let valid = is_digits(&code) && code.len() <= 12 && !number.is_empty();
    if valid {
        Ok(number.to_owned())
    } else {
        Err(Rule::Uprn)
    }
}

fn is_digits(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::canonical_for_tests as canonical;
    use crate::Rule;
    use sanctuary_types::IdentifierKind::*;

    #[test]
    fn things_have_one_spelling() {
        assert_eq!(canonical(Vehicle, "le09 edw").as_deref(), Ok("LE09EDW"));
        assert_eq!(
            canonical(BankAccount, "60-16-13 31926819").as_deref(),
            Ok("60161331926819")
        );
        assert_eq!(
            canonical(BankAccount, "GB29 NWBK 6016 1331 9268 19").as_deref(),
            Ok("60161331926819")
        );
        assert_eq!(
            canonical(BankAccount, "DE89 3704 0044 0532 0130 00").as_deref(),
            Ok("DE89370400440532013000")
        );
        assert_eq!(
            canonical(Imei, "49-015420-323751-8").as_deref(),
            Ok("490154203237518")
        );
        assert_eq!(
            canonical(CompanyNumber, "445790").as_deref(),
            Ok("00445790")
        );
        assert_eq!(
            canonical(CompanyNumber, "sc123456").as_deref(),
            Ok("SC123456")
        );
        assert_eq!(
            canonical(Uprn, "000100023336956").as_deref(),
            Err(&Rule::Uprn)
        );
        assert_eq!(
            canonical(Uprn, "010023336956").as_deref(),
            Ok("10023336956")
        );
    }

    #[test]
    fn others_are_named_by_rule() {
        assert_eq!(canonical(Vehicle, "VAN"), Err(Rule::Vehicle));
        assert_eq!(canonical(Vehicle, "12345678"), Err(Rule::Placeholder));
        assert_eq!(canonical(Vehicle, "B123ABCDE"), Err(Rule::Vehicle));
        assert_eq!(canonical(BankAccount, "31926819"), Err(Rule::BankAccount));
        assert_eq!(
            canonical(BankAccount, "12-34-56 00000000"),
            Err(Rule::Placeholder)
        );
        assert_eq!(
            canonical(BankAccount, "GB28NWBK60161331926819"),
            Err(Rule::BankAccount)
        );
        assert_eq!(canonical(Imei, "490154203237519"), Err(Rule::Imei));
        assert_eq!(canonical(Imei, "000000000000000"), Err(Rule::Placeholder));
        assert_eq!(
            canonical(CompanyNumber, "LIMITED1"),
            Err(Rule::CompanyNumber)
        );
        assert_eq!(canonical(Uprn, "UPRN1"), Err(Rule::Uprn));
    }
}
