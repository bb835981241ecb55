//! Integer programs over counts. A solver in floating point looks for solutions; nothing it says is
//! believed: a solution counts only after every row has been checked in whole numbers.

use std::collections::BTreeMap;

use microlp::{
    ComparisonOp, OptimizationDirection, Problem, SolutionStatus, SolveOptions, Variable,
};

/// Largest count that the search considers in a cell.
const CELL_MAX: i32 = 200_000;
/// Branch-and-bound nodes of one search: reached only by programs that are given up, which counts as
/// "the number is not protected".
const NODES_MAX: u64 = 4_000;

/// A linear expression: (variable, factor).
pub(crate) type Terms = Vec<(usize, i64)>;

/// `low <= terms <= high`.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) terms: Terms,
    pub(crate) low: Option<i64>,
    pub(crate) high: Option<i64>,
}

impl Row {
    fn holds(&self, point: &[i64]) -> bool {
        let value = value(&self.terms, point);
        self.low.is_none_or(|low| low <= value) && self.high.is_none_or(|high| value <= high)
    }
}

/// Whole, non-negative variables under rows, and the solutions found so far.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    variables: usize,
    rows: Vec<Row>,
    /// Points that meet every row, checked in whole numbers.
    solutions: Vec<Vec<i64>>,
}

/// How far an expression can go one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extreme {
    /// The furthest value of a checked solution.
    pub(crate) reached: i64,
    /// The solver claims that none goes further (within the limit that was asked for).
    pub(crate) is_proven: bool,
}

impl Program {
    pub(crate) fn new(variables: usize) -> Self {
        Self {
            variables,
            rows: Vec::new(),
            solutions: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, row: Row) {
        self.solutions.retain(|s| row.holds(s));
        self.rows.push(row);
    }

    /// Takes a point as solution; false when it breaks a row.
    pub(crate) fn suggest(&mut self, point: Vec<i64>) -> bool {
        let fits = point.len() == self.variables
            && point.iter().all(|n| *n >= 0)
            && self.rows.iter().all(|row| row.holds(&point));
        if fits {
            self.solutions.push(point);
        }
        fits
    }

    /// Lowest and highest value among the solutions found so far.
    pub(crate) fn seen(&self, terms: &Terms) -> Option<(i64, i64)> {
        let values = self.solutions.iter().map(|s| value(terms, s));
        values.fold(None, |range, v| match range {
            None => Some((v, v)),
            Some((low, high)) => Some((low.min(v), high.max(v))),
        })
    }

    /// Searches for solutions with a value up to `limit` from the known one `from`, the way from `from`
    /// to `limit`.
    pub(crate) fn search(&mut self, terms: &Terms, from: i64, limit: i64) -> Extreme {
        let up = limit >= from;
        let direction = if up {
            OptimizationDirection::Maximize
        } else {
            OptimizationDirection::Minimize
        };
        let mut problem = Problem::new(direction);
        let mut factor = vec![0_i64; self.variables];
        for (variable, by) in terms {
            if let Some(f) = factor.get_mut(*variable) {
                *f += by;
            }
        }
        let variables: Vec<Variable> = factor
            .iter()
            .map(|f| problem.add_integer_var(*f as f64, (0, CELL_MAX)))
            .collect();
        let within = Row {
            terms: terms.clone(),
            low: Some(from.min(limit)),
            high: Some(from.max(limit)),
        };
        for row in self.rows.iter().chain([&within]) {
            add(&mut problem, &variables, row);
        }
        let mut options = SolveOptions::default();
        options.node_limit = Some(NODES_MAX);
        let mut is_proven = false;
        if let Ok(outcome) = problem.solve_with(options)
            && let Some(found) = outcome.solution()
        {
            let point = variables
                .iter()
                .map(|v| found.var_value(*v).round() as i64)
                .collect();
            is_proven = self.suggest(point) && found.status() == SolutionStatus::Optimal;
        }
        let (low, high) = self.seen(terms).unwrap_or((from, from));
        Extreme {
            reached: if up { high } else { low },
            is_proven,
        }
    }
}

fn add(problem: &mut Problem, variables: &[Variable], row: &Row) {
    // Each variable once: the solver takes no expression that names one twice.
    let mut factors = BTreeMap::new();
    for (variable, by) in &row.terms {
        *factors.entry(*variable).or_insert(0) += by;
    }
    let terms: Vec<(Variable, f64)> = factors
        .into_iter()
        .filter(|(_, by)| *by != 0)
        .filter_map(|(v, by)| Some((*variables.get(v)?, by as f64)))
        .collect();
    match (row.low, row.high) {
        (Some(low), Some(high)) if low == high => {
            problem.add_constraint(terms.as_slice(), ComparisonOp::Eq, low as f64);
        }
        (low, high) => {
            if let Some(low) = low {
                problem.add_constraint(terms.as_slice(), ComparisonOp::Ge, low as f64);
            }
            if let Some(high) = high {
                problem.add_constraint(terms.as_slice(), ComparisonOp::Le, high as f64);
            }
        }
    }
}

fn value(terms: &Terms, point: &[i64]) -> i64 {
    terms
        .iter()
        .map(|(v, by)| by * point.get(*v).copied().unwrap_or_default())
        .sum()
}
