use sanctuary_normalize::{Birth, parse_birth};

/// Date formats that agencies use, day first before month first.
const FORMATS: &[&str] = &[
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%Y%m%d",
    "%Y/%m/%d",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%d-%B-%Y",
    "%d/%b/%Y",
    "%d %b %y",
    "%d-%b-%y",
    "%d/%m/%y",
    "%d.%m.%y",
    "%d-%m-%y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d %Y",
    "%B %d %Y",
    "%d%m%Y",
    "%Y.%m.%d",
    "%m/%d/%Y",
    "%m-%d-%Y",
];
/// Share of the cells that a format has to add before it is worth naming.
const GAIN_MIN: f32 = 0.01;

/// The formats that read the cells, the most useful first, and the share that they read.
pub struct DateFormats {
    pub formats: Vec<String>,
    pub share: f32,
    /// The years read, ascending.
    pub years: Vec<u16>,
}

/// Finds formats for `cells`, fewest first: each in turn is the one that reads most of what is
/// left, and of equals the one that stands first in the list.
pub fn date_formats(cells: &[&str]) -> DateFormats {
    let mut left: Vec<&str> = cells.to_vec();
    let mut formats = Vec::new();
    let mut years = Vec::new();
    while !left.is_empty() {
        let best = FORMATS
            .iter()
            .map(|format| {
                (
                    *format,
                    left.iter().filter(|c| read(c, format).is_some()).count(),
                )
            })
            .reduce(|best, next| if next.1 > best.1 { next } else { best });
        let Some((format, reads)) = best else { break };
        if (reads as f32) < (cells.len() as f32 * GAIN_MIN).max(1.0) {
            break;
        }
        years.extend(left.iter().filter_map(|cell| read(cell, format)?.year));
        left.retain(|cell| read(cell, format).is_none());
        formats.push(format.to_owned());
    }
    years.sort_unstable();
    let read = cells.len() - left.len();
    DateFormats {
        formats,
        share: read as f32 / cells.len().max(1) as f32,
        years,
    }
}

/// The date, when the whole of it is one in the calendar.
fn read(cell: &str, format: &str) -> Option<Birth> {
    let parsed = parse_birth(cell, &[format.to_owned()]);
    let whole = parsed
        .birth
        .year
        .is_some_and(|y| (1850..=2100).contains(&y))
        && parsed.birth.month.is_some()
        && parsed.birth.day.is_some();
    (parsed.problem.is_none() && whole).then_some(parsed.birth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_first_unless_the_dates_say_otherwise() {
        assert_eq!(
            date_formats(&["01/02/1990", "03/04/1985"]).formats,
            ["%d/%m/%Y"]
        );
        assert_eq!(
            date_formats(&["01/22/1990", "03/24/1985", "11/30/2001"]).formats,
            ["%m/%d/%Y"]
        );
        assert_eq!(
            date_formats(&["1990-01-22", "22 Jan 1990"]).formats,
            ["%Y-%m-%d", "%d %b %Y"]
        );
        let none = date_formats(&["yesterday", "12"]);
        assert!(none.formats.is_empty() && none.share == 0.0);
    }
}
