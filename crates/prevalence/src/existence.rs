//! Whether a model has one estimate on a table. To be asked before any fit is used: a fit that does
//! not exist still gives numbers.

use std::fmt;

use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOptions, Tolerances};
use nalgebra::DMatrix;
use serde::Serialize;

use crate::{design::Design, error::PrevalenceError};

/// The answer, with the codes that the literature's programs print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Existence {
    /// There is one estimate.
    Unique,
    /// The likelihood has no maximum, even with parameters at minus infinity.
    NoMaximum,
    /// Several sets of parameters fit equally well.
    NotIdentifiable,
    /// Both of these.
    Neither,
}

impl Existence {
    /// 0, 1, 2 or 3.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Unique => 0,
            Self::NoMaximum => 1,
            Self::NotIdentifiable => 2,
            Self::Neither => 3,
        }
    }

    fn of(exists: bool, identifiable: bool) -> Self {
        match (exists, identifiable) {
            (true, true) => Self::Unique,
            (false, true) => Self::NoMaximum,
            (true, false) => Self::NotIdentifiable,
            (false, false) => Self::Neither,
        }
    }
}

impl fmt::Display for Existence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unique => "the model has one estimate",
            Self::NoMaximum => "the likelihood of the model has no maximum on this table",
            Self::NotIdentifiable => "the table does not determine the parameters of the model",
            Self::Neither => {
                "the likelihood has no maximum, and the table does not determine the parameters"
            }
        })
    }
}

/// The smallest x that every kept history may have, above which the estimate exists.
const POSITIVE: f64 = 1e-7;
/// Of the linear program's constraints; well below [`POSITIVE`].
const FEASIBILITY: f64 = 1e-9;
/// Of the largest singular value; the matrix is of zeros and ones.
const RANK: f64 = 1e-9;

/// Decides by linear program and rank; the slow way, for when the fit itself is no certificate.
pub(crate) fn decide(design: &Design) -> Result<Existence, PrevalenceError> {
    Ok(Existence::of(exists(design)?, identifiable(design)))
}

/// Fienberg and Rinaldo: the estimate exists where positive numbers x, one for each kept history,
/// have the same sums as the counts. Maximises s under X'x = X'n, x >= s, s >= 0, with x = y + s.
fn exists(design: &Design) -> Result<bool, PrevalenceError> {
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let s = problem.add_var(1.0, (0.0, f64::INFINITY));
    let histories: Vec<usize> = design.histories().collect();
    let shares = histories
        .iter()
        .map(|_| problem.add_var(0.0, (0.0, f64::INFINITY)));
    let shares: Vec<_> = shares.collect();
    for column in design.columns() {
        let all = histories.iter().zip(&shares);
        let within = all.filter(|(history, _)| *history & column == *column);
        let mut terms: Vec<_> = within.map(|(_, share)| (*share, 1.0)).collect();
        terms.push((s, terms.len() as f64));
        problem.add_constraint(&terms, ComparisonOp::Eq, design.target(*column));
    }
    let mut tolerances = Tolerances::default();
    tolerances.feasibility = FEASIBILITY;
    let mut options = SolveOptions::default();
    options.tolerances = tolerances;
    let outcome = problem.solve_with(options);
    let outcome = outcome.map_err(|_| PrevalenceError::Undecided)?;
    let solution = outcome
        .into_solution()
        .map_err(|_| PrevalenceError::Undecided)?;
    Ok(solution.objective() > POSITIVE)
}

fn identifiable(design: &Design) -> bool {
    let histories: Vec<usize> = design.histories().collect();
    let columns = design.columns();
    let part = |row: usize, column: usize| {
        let (history, set) = (histories[row], columns[column]);
        f64::from(u8::from(history & set == set))
    };
    let matrix = DMatrix::from_fn(histories.len(), columns.len(), part);
    let largest = matrix.norm();
    matrix.rank(RANK * largest) == columns.len()
}
