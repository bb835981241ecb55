//! Linear programs in whole fractions, by a simplex with Bland's rule: slow, and never wrong by
//! rounding. Shares no line with the product's way.

use num_rational::BigRational as Fraction;

pub fn fraction(number: i64) -> Fraction {
    Fraction::from_integer(number.into())
}

/// The largest `objective` . x under `rows` . x = `right` >= 0, x >= 0; for rows that have a solution
/// and objectives that have a largest value.
pub fn maximum(rows: &[Vec<Fraction>], right: &[Fraction], objective: &[Fraction]) -> Fraction {
    let mut tableau = Tableau::with_artificials(rows, right);
    let artificial = |column: usize| fraction(if column >= objective.len() { -1 } else { 0 });
    let infeasible = tableau.maximise(&|column| artificial(column), usize::MAX);
    assert_eq!(infeasible, fraction(0), "the rows have no solution");
    let given = |column: usize| {
        objective
            .get(column)
            .cloned()
            .unwrap_or_else(|| fraction(0))
    };
    tableau.drive_out_artificials(objective.len());
    tableau.maximise(&given, objective.len())
}

/// Of whole fractions, by elimination.
pub fn rank(rows: &[Vec<Fraction>]) -> usize {
    let zero = fraction(0);
    let mut rows = rows.to_vec();
    let width = rows.first().map_or(0, Vec::len);
    let mut rank = 0;
    for column in 0..width {
        let Some(found) = (rank..rows.len()).find(|row| rows[*row][column] != zero) else {
            continue;
        };
        rows.swap(rank, found);
        for row in rank + 1..rows.len() {
            let factor = &rows[row][column] / &rows[rank][column];
            let of_pivot = rows[rank].clone();
            let both = rows[row].iter_mut().zip(&of_pivot);
            both.for_each(|(value, pivot)| *value -= &factor * pivot);
        }
        rank += 1;
    }
    rank
}

struct Tableau {
    /// Each row's coefficients, then its right side.
    rows: Vec<Vec<Fraction>>,
    /// The column that each row stands for.
    basis: Vec<usize>,
}

impl Tableau {
    fn with_artificials(rows: &[Vec<Fraction>], right: &[Fraction]) -> Self {
        let count = rows.len();
        let width = rows.first().map_or(0, Vec::len);
        let extended = rows.iter().zip(right).enumerate().map(|(i, (row, right))| {
            let artificials = (0..count).map(|j| fraction(i64::from(i == j)));
            row.iter()
                .cloned()
                .chain(artificials)
                .chain([right.clone()])
                .collect()
        });
        Self {
            rows: extended.collect(),
            basis: (width..width + count).collect(),
        }
    }

    /// Bland's rule among the columns before `columns`.
    fn maximise(&mut self, objective: &dyn Fn(usize) -> Fraction, columns: usize) -> Fraction {
        let zero = fraction(0);
        let width = self.rows.first().map_or(0, |row| row.len() - 1);
        loop {
            let gain = |column: usize| {
                let of_basis = self.rows.iter().zip(&self.basis);
                let cost: Fraction = of_basis.map(|(row, b)| objective(*b) * &row[column]).sum();
                objective(column) - cost
            };
            let entering = (0..width.min(columns)).find(|column| gain(*column) > zero);
            let Some(entering) = entering else {
                let of_basis = self.rows.iter().zip(&self.basis);
                return of_basis.map(|(row, b)| objective(*b) * &row[width]).sum();
            };
            let ratios = self
                .rows
                .iter()
                .enumerate()
                .filter(|(_, row)| row[entering] > zero);
            let leaving = ratios
                .map(|(i, row)| (&row[width] / &row[entering], self.basis[i], i))
                .min()
                .expect("bounded");
            self.pivot(leaving.2, entering);
        }
    }

    /// Artificial columns that stayed in the basis at zero leave it, or their row says nothing.
    fn drive_out_artificials(&mut self, columns: usize) {
        let zero = fraction(0);
        let mut row = 0;
        while row < self.rows.len() {
            if self.basis[row] < columns {
                row += 1;
                continue;
            }
            match (0..columns).find(|column| self.rows[row][*column] != zero) {
                Some(column) => self.pivot(row, column),
                None => {
                    self.rows.remove(row);
                    self.basis.remove(row);
                }
            }
        }
    }

    fn pivot(&mut self, at: usize, column: usize) {
        let by = self.rows[at][column].clone();
        self.rows[at].iter_mut().for_each(|value| *value /= &by);
        let pivot = self.rows[at].clone();
        for (i, row) in self.rows.iter_mut().enumerate() {
            if i == at || row[column] == fraction(0) {
                continue;
            }
            let factor = row[column].clone();
            row.iter_mut()
                .zip(&pivot)
                .for_each(|(value, of_pivot)| *value -= &factor * of_pivot);
        }
        self.basis[at] = column;
    }
}

#[test]
fn a_program_solved_by_hand() {
    // Largest 3x + 2y under x + y + s = 4, x + 3y + t = 6: x = 4.
    let row = |numbers: [i64; 4]| numbers.map(fraction).to_vec();
    let rows = [row([1, 1, 1, 0]), row([1, 3, 0, 1])];
    let found = maximum(&rows, &[fraction(4), fraction(6)], &row([3, 2, 0, 0]));
    assert_eq!(found, fraction(12));
    assert_eq!(
        rank(&[row([1, 2, 3, 4]), row([2, 4, 6, 8]), row([0, 1, 0, 0])]),
        2
    );
}
