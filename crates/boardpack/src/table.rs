use sanctuary_figures::{Figure, Range, Text};

/// One cell of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What stands there.
    pub text: String,
    /// The printed number, from which the bar is drawn.
    pub number: Option<u32>,
    /// The cell holds a figure: set right, `x` explained.
    pub is_figure: bool,
}

impl Cell {
    pub(crate) fn words(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            number: None,
            is_figure: false,
        }
    }

    pub(crate) fn figure(figure: Option<&Figure>) -> Self {
        let text = figure.map_or(Text::X, |f| f.text);
        let held = figure.and_then(|f| f.held_since);
        let (text, number) = match text {
            Text::Number(n) => (thousands(n), Some(n)),
            Text::X => ("x".to_owned(), None),
        };
        Self {
            // A dagger says that the figure is an earlier edition's.
            text: if held.is_some() {
                format!("{text}†")
            } else {
                text
            },
            number,
            is_figure: true,
        }
    }

    pub(crate) fn number(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            number: None,
            is_figure: true,
        }
    }
}

/// A table; the first column names the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What the table shows.
    pub caption: String,
    /// Heads of the columns.
    pub heads: Vec<String>,
    /// Rows, as wide as the heads.
    pub rows: Vec<Vec<Cell>>,
    /// The column whose numbers are also drawn as bars at the end of the row.
    pub bars: Option<usize>,
}

impl Table {
    /// Whether the column holds figures.
    pub(crate) fn is_figures(&self, column: usize) -> bool {
        self.rows
            .iter()
            .any(|row| row.get(column).is_some_and(|c| c.is_figure))
    }

    /// What the bars show, where more than one column could be meant.
    pub(crate) fn bar_head(&self) -> &str {
        let figures = (0..self.heads.len())
            .filter(|c| self.is_figures(*c))
            .count();
        self.bars
            .filter(|_| figures > 1)
            .and_then(|column| self.heads.get(column))
            .map_or("", String::as_str)
    }

    /// Largest printed number of the column with bars.
    pub(crate) fn longest(&self) -> u32 {
        let column = self.bars.unwrap_or(usize::MAX);
        self.rows
            .iter()
            .filter_map(|row| row.get(column)?.number)
            .max()
            .unwrap_or(1)
            .max(1)
    }
}

/// `12,300`.
pub(crate) fn thousands(n: u32) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `700 to 1,600`, or `700 or more` where there is no upper end.
pub(crate) fn span(range: Range) -> String {
    match range.high {
        Some(high) => format!("{} to {}", thousands(range.low), thousands(high)),
        None => format!("{} or more", thousands(range.low)),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_parted() {
        for (n, text) in [
            (0, "0"),
            (85, "85"),
            (1_200, "1,200"),
            (4_200_000, "4,200,000"),
        ] {
            assert_eq!(super::thousands(n), text);
        }
    }
}
