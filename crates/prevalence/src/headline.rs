use std::fmt;

use serde::Serialize;

/// The estimate as it may be said: a range in two significant figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Headline {
    /// Lower end.
    pub low: u64,
    /// Upper end; none where the table gives none.
    pub high: Option<u64>,
    /// What the range is.
    pub source: HeadlineSource,
}

/// What the ends of a headline are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadlineSource {
    /// The 95 % interval of the stepwise total.
    Interval,
    /// The range over reasonable models, and the interval where that reaches further (W4).
    Models,
    /// Chapman's interval of two lists.
    Chapman,
}

impl Headline {
    /// From exact ends. Nobody known is unknown, so the range does not begin below `known`.
    #[must_use]
    pub fn of(ends: [f64; 2], known: u64, source: HeadlineSource) -> Self {
        let exact_low = ends[0].max(known as f64);
        let exact_high = ends[1].max(exact_low);
        let low = two_figures(exact_low);
        if !exact_high.is_finite() {
            return Self {
                low,
                high: None,
                source,
            };
        }
        let high = two_figures(exact_high);
        // One number is no range: then the ends are rounded away from each other.
        let (low, high) = if low < high {
            (low, high)
        } else {
            apart(exact_low, exact_high)
        };
        Self {
            low,
            high: Some(high),
            source,
        }
    }
}

impl fmt::Display for Headline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WORDS: &str = "known or estimated potential victims, not confirmed";
        match self.high {
            Some(high) => write!(f, "{} to {} {WORDS}", grouped(self.low), grouped(high)),
            None => write!(
                f,
                "at least {} {WORDS}; no upper end can be given",
                grouped(self.low)
            ),
        }
    }
}

/// A number of people in two significant figures.
#[must_use]
pub fn two_figures(people: f64) -> u64 {
    let unit = unit_of(people);
    (people / unit).round() as u64 * unit as u64
}

fn apart(low: f64, high: f64) -> (u64, u64) {
    let unit = unit_of(low);
    let down = (low / unit).floor() as u64 * unit as u64;
    let up = (high / unit).ceil() as u64 * unit as u64;
    (down, if up > down { up } else { up + unit as u64 })
}

/// The second significant place, at least 1.
fn unit_of(people: f64) -> f64 {
    if people < 100.0 {
        1.0
    } else {
        10_f64.powf(people.log10().floor() - 1.0)
    }
}

/// With a comma between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_said_in_two_figures() {
        let two = [
            9.4, 99.6, 104.9, 9_982.3, 13_181.7, 1_000.0, 999.0, 99_500.0,
        ];
        assert_eq!(
            two.map(two_figures),
            [9, 100, 100, 10_000, 13_000, 1_000, 1_000, 100_000]
        );
        let headline = Headline::of([9_982.3, 13_181.7], 2_744, HeadlineSource::Interval);
        let said = "10,000 to 13,000 known or estimated potential victims, not confirmed";
        assert_eq!(headline.to_string(), said);
    }

    #[test]
    fn a_range_never_shrinks_to_one_number_or_starts_below_the_known() {
        let narrow = Headline::of([1_004.0, 1_009.0], 900, HeadlineSource::Interval);
        assert_eq!((narrow.low, narrow.high), (1_000, Some(1_100)));
        let exact = Headline::of([40.0, 40.0], 40, HeadlineSource::Chapman);
        assert_eq!((exact.low, exact.high), (40, Some(41)));
        let below = Headline::of([50.0, 900.0], 120, HeadlineSource::Models);
        assert_eq!((below.low, below.high), (120, Some(900)));
        let open = Headline::of([50.0, f64::INFINITY], 20, HeadlineSource::Interval);
        assert!(open.to_string().starts_with("at least 50 known"));
    }
}
