use sanctuary_trust::Anchors;

use crate::{
    Edition, Editions, Fault, Printed, Reason, Rule, Statistic, Text, Window,
    audit::{Sight, withstands},
    editions::{gate, is_signed},
    printing::{FEW_MAX, MOVED_MIN},
    universe::{Universe, cells},
    window::check_quarter,
};

/// Editions an attack reaches back over, this one included.
const BACK: usize = 4;

impl Editions {
    /// Walks the whole chain and checks each edition against the rules: hashes, two officers, window,
    /// quarter, gate, every printed figure, and that the audit's attacks still fail.
    ///
    /// # Errors
    /// The first [`Fault`].
    pub fn verify(&self, anchors: &Anchors) -> Result<(), Fault> {
        let mut previous = self.product_hash();
        let mut last: Option<&Edition> = None;
        for (place, signed) in self.editions().iter().enumerate() {
            let edition = &signed.edition;
            let number = edition.number;
            if edition.previous != previous || number as usize != place + 1 {
                return Err(Fault::Chain(number));
            }
            if !is_signed(edition, &signed.officers, anchors) {
                return Err(Fault::Signatures(number));
            }
            let earlier = self.before(edition.window.from, place);
            self.check_frame(edition, last, earlier.last().copied())
                .map_err(|refusal| Fault::Broken {
                    edition: number,
                    refusal,
                })?;
            self.check_figures(edition, &earlier)?;
            let skip = earlier.len().saturating_sub(BACK - 1);
            let mut sights: Vec<Sight<'_>> =
                earlier.iter().skip(skip).map(|e| Sight::of(e)).collect();
            sights.push(Sight::of(edition));
            if !withstands(&sights, self.product().lists.len()) {
                return Err(Fault::Broken {
                    edition: number,
                    refusal: crate::Refusal::new(
                        Rule::Audit,
                        "A number of a few people can be worked out from it.",
                    ),
                });
            }
            previous = edition.hash();
            last = Some(edition);
        }
        Ok(())
    }

    fn check_frame(
        &self,
        edition: &Edition,
        last: Option<&Edition>,
        of_year: Option<&Edition>,
    ) -> Result<(), crate::Refusal> {
        let window: Option<Window> = last.map(|e| e.window);
        edition
            .window
            .check(self.product().year_begins, window, edition.made)?;
        if let Some(last) = last {
            check_quarter(last.made, edition.made)?;
        }
        let lists = self.product().lists.len();
        if edition.estimate.published(lists, &edition.printed)? != edition.estimate {
            return Err(crate::Refusal::new(
                Rule::Estimate,
                "The estimate says more than its rule lets through.",
            ));
        }
        gate(of_year, &edition.population)
    }

    fn check_figures(&self, edition: &Edition, earlier: &[&Edition]) -> Result<(), Fault> {
        let lists = self.product().lists.len();
        let wrong = |statistic: Statistic, rule: Rule| Fault::Figure {
            edition: edition.number,
            statistic: statistic.to_string(),
            rule,
        };
        let expected = self.product().statistics();
        let printed: Vec<Statistic> = edition.printed.iter().map(|p| p.statistic).collect();
        if printed != expected {
            return Err(Fault::Format("an edition prints another list".to_owned()));
        }
        for figure in &edition.printed {
            let value = value(edition, figure.statistic, lists);
            if figure.since == edition.number {
                let counted = edition.counted(figure.statistic).map(crate::Count::value);
                if counted != Some(value) {
                    return Err(wrong(figure.statistic, Rule::Counts));
                }
                check_fresh(edition, figure, value, lists)
                    .map_err(|r| wrong(figure.statistic, r))?;
            } else {
                check_held(figure, value, earlier).map_err(|r| wrong(figure.statistic, r))?;
            }
        }
        Ok(())
    }
}

fn check_fresh(edition: &Edition, figure: &Printed, value: u32, lists: usize) -> Result<(), Rule> {
    match figure.text {
        // Hiding is always allowed, but not under a false reason: the audit reads the reason.
        Text::X if figure.reason == Reason::Few && value > FEW_MAX => Err(Rule::Few),
        Text::X if figure.reason == Reason::Rounded => Err(Rule::Few),
        Text::X => Ok(()),
        Text::Number(n) if value <= FEW_MAX || n != (value + 2) / 5 * 5 => Err(Rule::Few),
        Text::Number(_) => {
            if let Statistic::Both(i, j) = figure.statistic {
                let near = |l: u8| {
                    self::value(edition, Statistic::VictimsOn(l), lists).saturating_sub(value)
                        <= FEW_MAX
                };
                if near(i) || near(j) {
                    return Err(Rule::Group);
                }
            }
            Ok(())
        }
    }
}

fn check_held(figure: &Printed, value: u32, earlier: &[&Edition]) -> Result<(), Rule> {
    let last = earlier
        .last()
        .and_then(|e| e.printed(figure.statistic))
        .ok_or(Rule::Held)?;
    let then = earlier
        .iter()
        .find(|e| e.number == figure.since)
        .and_then(|e| e.counted(figure.statistic))
        .ok_or(Rule::Held)?;
    if last != figure || then.value().abs_diff(value) >= MOVED_MIN {
        return Err(Rule::Held);
    }
    Ok(())
}

fn value(edition: &Edition, statistic: Statistic, lists: usize) -> u32 {
    let all = &edition.cells[Universe::of(statistic) as usize];
    cells(statistic, lists)
        .iter()
        .filter_map(|c| all.get(*c))
        .sum()
}
