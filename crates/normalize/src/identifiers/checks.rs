//! Check digits. All take ASCII; a character of the wrong kind fails the check.

/// Modulus 11 of an NHS number (NHS Data Dictionary, "NHS NUMBER"): weights 10 to 2, the tenth
/// digit makes the sum a multiple of 11.
pub(super) fn modulus_11(digits: &str) -> bool {
    let Some(numbers) = numbers(digits).filter(|n| n.len() == 10) else {
        return false;
    };
    let sum: u32 = numbers
        .iter()
        .zip((1..=10).rev())
        .map(|(n, weight)| n * weight)
        .sum();
    sum.is_multiple_of(11)
}

/// Luhn (ISO/IEC 7812-1 Annex B).
pub(super) fn luhn(digits: &str) -> bool {
    let doubled = |n: u32| if n > 4 { 2 * n - 9 } else { 2 * n };
    numbers(digits).is_some_and(|numbers| {
        let places = numbers.iter().rev().enumerate();
        let sum: u32 = places
            .map(|(i, n)| if i % 2 == 1 { doubled(*n) } else { *n })
            .sum();
        sum.is_multiple_of(10)
    })
}

/// Modulus 97 of an IBAN in capitals without spaces (ISO 13616-1; ISO/IEC 7064 MOD 97-10).
pub(super) fn modulus_97(iban: &str) -> bool {
    let Some((country_and_check, account)) = iban.split_at_checked(4) else {
        return false;
    };
    let mut remainder = 0;
    for character in account.chars().chain(country_and_check.chars()) {
        let Some(value) = character.to_digit(36) else {
            return false;
        };
        remainder = (remainder * if value > 9 { 100 } else { 10 } + value) % 97;
    }
    remainder == 1
}

fn numbers(digits: &str) -> Option<Vec<u32>> {
    digits.chars().map(|c| c.to_digit(10)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_pass_and_a_changed_digit_fails() {
        assert!(modulus_11("9434765919") && !modulus_11("9434765918") && !modulus_11("943476591"));
        assert!(luhn("490154203237518") && !luhn("490154203237519") && !luhn("49015420323751x"));
        assert!(modulus_97("GB82WEST12345698765432") && !modulus_97("GB83WEST12345698765432"));
        assert!(modulus_97("DE89370400440532013000") && !modulus_97("GB8") && !modulus_97("ÄÄÄÄ"));
    }
}
