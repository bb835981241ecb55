use crate::{Family, Outcome, Statistic, Urgency};

/// Cells of requests: urgency, outcome, in time or late.
pub(crate) const REQUEST_CELLS: usize = Urgency::ALL.len() * Outcome::ALL.len() * 2;

/// What is counted together: statistics of one universe can be taken from one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Universe {
    Victims,
    Suspects,
    Requests,
}

impl Universe {
    pub(crate) const ALL: [Self; 3] = [Self::Victims, Self::Suspects, Self::Requests];

    pub(crate) fn of(statistic: Statistic) -> Self {
        use Statistic::{
            Asked, Both, Ended, Late, Requests, Suspects, SuspectsOn, ThreeOrMore, TwoOrMore,
            Victims, VictimsOn, With,
        };
        match statistic {
            Victims | VictimsOn(_) | Both(..) | TwoOrMore | ThreeOrMore | With(_) => Self::Victims,
            Suspects | SuspectsOn(_) => Self::Suspects,
            Requests | Asked(_) | Late(_) | Ended(_) => Self::Requests,
        }
    }

    /// Sizes of the blocks of cells; every block counts the same people, so their sums are equal. The
    /// first block of people is the exact combinations of lists, combination `mask` in cell `mask - 1`.
    pub(crate) fn blocks(self, lists: usize) -> Vec<usize> {
        let combinations = (1 << lists) - 1;
        match self {
            Self::Victims => [combinations]
                .into_iter()
                .chain(Family::ALL.iter().map(|f| f.cells()))
                .collect(),
            Self::Suspects => vec![combinations],
            Self::Requests => vec![REQUEST_CELLS],
        }
    }

    /// The total, which every block adds up to.
    pub(crate) const fn total(self) -> Statistic {
        match self {
            Self::Victims => Statistic::Victims,
            Self::Suspects => Statistic::Suspects,
            Self::Requests => Statistic::Requests,
        }
    }

    /// The list sizes of one agency, if it has a list in this universe.
    pub(crate) const fn own(self, list: u8) -> Option<Statistic> {
        match self {
            Self::Victims => Some(Statistic::VictimsOn(list)),
            Self::Suspects => Some(Statistic::SuspectsOn(list)),
            Self::Requests => None,
        }
    }
}

/// The cells whose sum the statistic is.
pub(crate) fn cells(statistic: Statistic, lists: usize) -> Vec<usize> {
    let combinations = 1_usize << lists;
    let masks = |fits: &dyn Fn(usize) -> bool| -> Vec<usize> {
        (1..combinations)
            .filter(|m| fits(*m))
            .map(|m| m - 1)
            .collect()
    };
    let requests = |fits: &dyn Fn(usize) -> bool| -> Vec<usize> {
        (0..REQUEST_CELLS).filter(|c| fits(*c)).collect()
    };
    let per_urgency = Outcome::ALL.len() * 2;
    match statistic {
        Statistic::Victims | Statistic::Suspects => masks(&|_| true),
        Statistic::VictimsOn(i) | Statistic::SuspectsOn(i) => masks(&|m| m >> i & 1 == 1),
        Statistic::Both(i, j) => masks(&|m| m >> i & 1 == 1 && m >> j & 1 == 1),
        Statistic::TwoOrMore => masks(&|m| m.count_ones() >= 2),
        Statistic::ThreeOrMore => masks(&|m| m.count_ones() >= 3),
        Statistic::With(t) => {
            let start = combinations - 1 + t.family().start();
            t.cells().iter().map(|c| start + c).collect()
        }
        Statistic::Requests => requests(&|_| true),
        Statistic::Asked(u) => requests(&|c| c / per_urgency == u as usize),
        Statistic::Late(u) => requests(&|c| c / per_urgency == u as usize && c % 2 == 1),
        Statistic::Ended(o) => requests(&|c| c / 2 % Outcome::ALL.len() == o as usize),
    }
}
