//! Identifiers that look right and belong to nobody: telephone numbers that Ofcom keeps for drama,
//! (then the area code that no place has), `.example` domains, NHS numbers of the test range, registration marks and passport series that
//! are not issued.

use super::dice::Dice;

/// Numbers that Ofcom keeps for drama: everything before the last three digits.
const DRAMA_RANGES: &[&str] = &[
    "07700900", "01914980", "01134960", "01144960", "01154960", "01164960", "01174960", "01184960",
    "01214960", "01314960", "01414960", "01514960", "01614960", "02079460", "02920180",
];

/// The area code that no place has: where a large population uses up what is kept for drama.
const NO_PLACE: &str = "01632";

/// Every drama number once, in random order. They are dealt out rather than drawn, so that two
/// people share one only when the story says so.
pub struct Phones {
    drama: Vec<String>,
    /// The next number of the area code that no place has, from 100000.
    next: u32,
}

impl Phones {
    /// A full pack.
    pub fn shuffled(dice: &mut Dice) -> Self {
        let number = |range: &&str| {
            (0..1_000)
                .map(move |n| format!("{range}{n:03}"))
                .collect::<Vec<_>>()
        };
        let mut all: Vec<String> = DRAMA_RANGES.iter().flat_map(number).collect();
        dice.shuffle(&mut all);
        Self {
            drama: all,
            next: 100_000,
        }
    }

    /// The next number; `None` when all are used.
    pub fn deal(&mut self) -> Option<String> {
        if let Some(number) = self.drama.pop() {
            return Some(number);
        }
        let number =
            (self.next < 1_000_000).then(|| format!("{NO_PLACE}{:06}", scattered(self.next)));
        self.next += 1;
        number
    }
}

/// Each of 100,000 to 999,999 once, neighbours far apart: a misread digit must not often make
/// somebody else's number.
fn scattered(n: u32) -> u32 {
    const STEP: u64 = 377_777;
    const COUNT: u64 = 900_000;
    100_000 + (u64::from(n - 100_000) * STEP % COUNT) as u32
}

/// A registration mark with the age identifier 01, which was never issued.
pub fn vehicle(dice: &mut Dice) -> String {
    const LETTERS: &str = "ABCDEFGHJKLMNOPRSTUVWXY";
    format!("{}01{}", dice.letters(2, LETTERS), dice.letters(3, LETTERS))
}

/// A passport number of a series no state issues.
pub fn passport(dice: &mut Dice) -> String {
    format!("ZX{}", dice.digits(7))
}

/// A National Insurance number of the right shape.
pub fn national_insurance(dice: &mut Dice) -> String {
    let first = dice.letters(1, "ABCEHJKLMNOPRSTWXY");
    // Without the letters and pairs that are never issued.
    let second = dice.letters(1, "ABCEHJLMPRSWXYZ");
    format!(
        "{first}{second}{}{}",
        dice.digits(6),
        dice.letters(1, "ABCD")
    )
}

/// An NHS number of the test range 999 with its check digit.
pub fn nhs_number(dice: &mut Dice) -> String {
    loop {
        let nine = format!("999{}", dice.digits(6));
        let sum: u32 = nine
            .bytes()
            .zip((2..=10).rev())
            .map(|(b, w)| u32::from(b - b'0') * w)
            .sum();
        match (11 - sum % 11) % 11 {
            10 => {}
            check => return format!("{nine}{check}"),
        }
    }
}

/// Sort code (of no bank) and account number.
pub fn bank_account(dice: &mut Dice) -> String {
    format!(
        "99-{}-{} {}",
        dice.digits(2),
        dice.digits(2),
        dice.digits(8)
    )
}

/// An e-mail address at a domain that cannot exist.
pub fn email(given: &str, family: &str, dice: &mut Dice) -> String {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(char::is_ascii_alphabetic)
            .collect::<String>()
            .to_lowercase()
    };
    let host = dice.pick(&["mail", "post", "inbox", "letter"]);
    format!(
        "{}.{}{}@{host}.example",
        plain(given),
        plain(family),
        dice.digits(3)
    )
}

/// A name on an online service.
pub fn online_handle(given: &str, dice: &mut Dice) -> String {
    const WORDS: &[&str] = &[
        "king", "lil", "real", "north", "ghost", "sunny", "river", "tiger", "nova", "dot",
    ];
    let plain: String = given
        .chars()
        .filter(char::is_ascii_alphabetic)
        .take(6)
        .collect();
    format!(
        "{}_{}{}",
        dice.pick(WORDS),
        plain.to_lowercase(),
        dice.digits(4)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nhs_numbers_have_their_check_digit() {
        let mut dice = Dice::new(5, 5);
        for _ in 0..500 {
            let number = nhs_number(&mut dice);
            let sum: u32 = number
                .bytes()
                .zip((1..=10).rev())
                .map(|(b, w)| u32::from(b - b'0') * w)
                .sum();
            assert_eq!((number.len(), sum % 11), (10, 0));
        }
    }

    #[test]
    fn numbers_are_dealt_once() {
        let mut phones = Phones::shuffled(&mut Dice::new(1, 1));
        let mut all: Vec<String> = (0..30_000).filter_map(|_| phones.deal()).collect();
        let drama = |number: &String| DRAMA_RANGES.iter().any(|range| number.starts_with(range));
        let first_other = all.iter().position(|number| !drama(number));
        assert_eq!(first_other, Some(DRAMA_RANGES.len() * 1_000));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 30_000);
    }
}
