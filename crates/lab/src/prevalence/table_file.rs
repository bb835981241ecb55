use anyhow::{Context as _, Result, bail};
use sanctuary_prevalence::Table;

use super::marks::{
    count, is_count_name, is_label_name, is_row_name, is_suppressed, is_unknown, mark,
};

/// An overlap table from the bytes of a delimited file: a column of marks for each list, a column of
/// counts anywhere among them, a row for each history. Which delimiter, whether there is a header
/// and which column holds the counts is found out; docs/prevalence.md has the rules.
///
/// # Errors
/// Says the line and what is wrong with it.
pub fn read_table(bytes: &[u8], count_column: Option<&str>) -> Result<Table> {
    let text = std::str::from_utf8(bytes).context("is not UTF-8 text; save it as CSV in UTF-8")?;
    let mut lines = lines_of(text.strip_prefix('\u{feff}').unwrap_or(text))?;
    drop_empty_ends(&mut lines);
    let columns = Columns::of(&lines, count_column)?;
    let rows = lines
        .iter()
        .skip(usize::from(columns.has_header))
        .map(|line| columns.row(line));
    let rows: Vec<Option<(usize, u64)>> = rows.collect::<Result<_>>()?;
    let rows: Vec<(usize, u64)> = rows.into_iter().flatten().collect();
    if rows.is_empty() {
        bail!("has no row of counts; give one row for each combination of lists");
    }
    Ok(Table::build(&columns.lists(), rows)?)
}

/// A line of the file with something on it.
struct Line {
    number: u64,
    cells: Vec<String>,
}

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

fn lines_of(text: &str) -> Result<Vec<Line>> {
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let first = first.context("is empty; give a table of counts")?;
    let times = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
    let delimiter = DELIMITERS
        .iter()
        .copied()
        .max_by_key(|delimiter| (times(delimiter), *delimiter == b','));
    let delimiter = delimiter.filter(|delimiter| times(delimiter) > 0);
    let Some(delimiter) = delimiter else {
        return Ok(spaced(text));
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.context("is no delimited text; save it as CSV")?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        let number = record.position().map_or(0, csv::Position::line);
        lines.push(Line {
            number,
            cells: record.iter().map(str::to_owned).collect(),
        });
    }
    Ok(lines)
}

/// Spreadsheets end lines with delimiters for columns that hold nothing.
fn drop_empty_ends(lines: &mut [Line]) {
    let width = |lines: &[Line]| lines.iter().map(|line| line.cells.len()).max();
    while let Some(last) = width(lines).and_then(|width| width.checked_sub(1)) {
        let holds_nothing = |line: &Line| line.cells.get(last).is_none_or(String::is_empty);
        if !lines.iter().all(holds_nothing) {
            return;
        }
        lines.iter_mut().for_each(|line| line.cells.truncate(last));
    }
}

/// Columns between spaces.
fn spaced(text: &str) -> Vec<Line> {
    let numbered = text
        .lines()
        .zip(1..)
        .filter(|(line, _)| !line.starts_with('#'));
    let cells = |line: &str| {
        line.split_whitespace()
            .map(|cell| cell.trim_matches('"').to_owned())
            .collect()
    };
    let lines = numbered.map(|(line, number)| Line {
        number,
        cells: cells(line),
    });
    lines.filter(|line: &Line| !line.cells.is_empty()).collect()
}

/// What each column is.
struct Columns {
    names: Vec<String>,
    has_header: bool,
    /// Where the numbers of the rows are, if anywhere.
    row_numbers: Option<usize>,
    count: usize,
}

impl Columns {
    fn of(lines: &[Line], count_column: Option<&str>) -> Result<Self> {
        let (first, rest) = lines
            .split_first()
            .context("is empty; give a table of counts")?;
        let has_header = !first
            .cells
            .iter()
            .all(|cell| mark(cell).is_some() || count(cell).is_some());
        let rows = if has_header { rest } else { lines };
        let width = rows.iter().map(|line| line.cells.len()).max();
        let width =
            width.context("has no row of counts; give one row for each combination of lists")?;
        let mut names = if has_header {
            first.cells.clone()
        } else {
            numbered(width)
        };
        // Statistics programs leave the name of the rows' own column out.
        if names.len() + 1 == width {
            names.insert(0, String::new());
        }
        if let Some(line) = rows.iter().find(|line| line.cells.len() != names.len()) {
            bail!(
                "line {}: has {} columns where the table has {}; correct it",
                line.number,
                line.cells.len(),
                names.len()
            );
        }
        let labels = |name: &str| {
            is_label_name(name) && rows.iter().any(|row| mark(&row.cells[0]).is_none())
        };
        let has_labels = has_header && (is_row_name(&names[0]) || labels(&names[0]));
        let row_numbers = has_labels.then_some(0);
        let mut columns = Self {
            names,
            has_header,
            row_numbers,
            count: 0,
        };
        columns.count = columns.find_count(rows, count_column)?;
        Ok(columns)
    }

    fn find_count(&self, rows: &[Line], named: Option<&str>) -> Result<usize> {
        if let Some(name) = named {
            let place = self.names.iter().position(|other| other == name);
            return place.with_context(|| format!("has no column called \"{name}\""));
        }
        let columns = || (0..self.names.len()).filter(|column| Some(*column) != self.row_numbers);
        let other_than_marks =
            |column: &usize| rows.iter().any(|row| mark(&row.cells[*column]).is_none());
        let numbers: Vec<usize> = columns().filter(other_than_marks).collect();
        let called: Vec<usize> = columns()
            .filter(|column| is_count_name(&self.names[*column]))
            .collect();
        match (numbers.as_slice(), called.as_slice()) {
            ([only], _) | ([], [only]) => Ok(*only),
            ([], _) if !self.has_header => Ok(self.names.len() - 1),
            (several, _) => {
                let likely = several
                    .iter()
                    .copied()
                    .find(|column| called.contains(column));
                likely.context(
                    "does not say which column holds the counts: call it \"count\", or use --count-column",
                )
            }
        }
    }

    fn lists(&self) -> Vec<String> {
        self.list_columns()
            .map(|column| self.names[column].clone())
            .collect()
    }

    fn list_columns(&self) -> impl Iterator<Item = usize> + '_ {
        let own = |column: &usize| *column != self.count && Some(*column) != self.row_numbers;
        (0..self.names.len()).filter(own)
    }

    /// Values are never repeated in an error: the file may be the wrong one, and about people.
    /// Nothing for the row of no list, where it says that nobody knows.
    fn row(&self, line: &Line) -> Result<Option<(usize, u64)>> {
        let mut history = 0;
        for (list, column) in self.list_columns().enumerate() {
            let Some(is_on) = mark(&line.cells[column]) else {
                bail!(
                    "line {}, column {}: the column of a list holds only 0 and 1; correct it, or name the column of counts with --count-column",
                    line.number,
                    self.names[column]
                );
            };
            // A list too many is refused when the table is built.
            history |= usize::from(is_on) << list.min(usize::BITS as usize - 1);
        }
        let (cell, name) = (&line.cells[self.count], &self.names[self.count]);
        match count(cell) {
            Some(people) => Ok(Some((history, people))),
            None if history == 0 && is_unknown(cell) => Ok(None),
            None if is_suppressed(cell) => bail!(
                "line {}, column {name}: rounded or suppressed counts give no estimate (rule R6); give exact counts",
                line.number
            ),
            None => bail!(
                "line {}, column {name}: this is no number of people; give a whole number",
                line.number
            ),
        }
    }
}

fn numbered(width: usize) -> Vec<String> {
    (1..=width).map(|i| format!("list {i}")).collect()
}
