//! What the figures are called.

use sanctuary_figures::{Figures, Statistic};

/// Under every table and in every file.
pub(crate) const KEY: [&str; 4] = [
    "x means few people (seven or fewer, none included), or nearly all people on one of the two lists, or fewer than three agencies behind a total, or a number that would give one of these away. Which of them it is stays hidden.",
    "Every other number is rounded to the nearest 5. Totals are not made to add up.",
    "A number stays as it was until five people of it have changed. It is then marked † and may be up to 6 away from the truth; otherwise it is within 2.",
    "Each person is counted once, however many agencies know them. Only the statistics in this pack exist: no smaller groups, and no group split by another.",
];

/// Said wherever people are counted.
pub(crate) const NOT_CONFIRMED: &str =
    "Known or estimated potential victims, not confirmed. Suspects are alleged.";

/// The statistic in words that stand alone.
pub(crate) fn label(statistic: Statistic, figures: &Figures) -> String {
    let list = |i: u8| {
        figures
            .lists
            .get(usize::from(i))
            .map_or("-", |l| l.name.as_str())
    };
    match statistic {
        Statistic::Victims => "Potential victims known".to_owned(),
        Statistic::VictimsOn(i) => format!("Potential victims known to {}", list(i)),
        Statistic::Both(i, j) => {
            format!(
                "Potential victims known to both {} and {}",
                list(i),
                list(j)
            )
        }
        Statistic::TwoOrMore => "Potential victims known to two or more".to_owned(),
        Statistic::ThreeOrMore => "Potential victims known to three or more".to_owned(),
        Statistic::With(t) => format!(
            "Potential victims, {}: {}",
            t.family().text().to_lowercase(),
            t.text()
        ),
        Statistic::Suspects => "Suspects known".to_owned(),
        Statistic::SuspectsOn(i) => format!("Suspects known to {}", list(i)),
        Statistic::Requests => "Requests between agencies".to_owned(),
        Statistic::Asked(u) => format!("Requests, {}", u.text()),
        Statistic::Late(u) => format!(
            "Requests without an answer past the promised time, {}",
            u.text()
        ),
        Statistic::Ended(o) => format!("Requests, how far: {}", o.text()),
    }
}
