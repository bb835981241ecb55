use std::fmt;

use sanctuary_prevalence::{Chapman, Figures, HeadlineSource, Method, ModelSummary, Study};

use super::Report;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.table.overlap;
        writeln!(
            f,
            "{}: {} lists, {} people known, {} on two lists or more\n",
            self.file,
            counts.lists.len(),
            counts.known,
            counts.on_two_or_more
        )?;
        self.table
            .notes
            .iter()
            .try_for_each(|note| writeln!(f, "  note: {note}"))?;
        for (list, people) in &counts.lists {
            writeln!(f, "  {people:>9} on {list}")?;
        }
        for pair in &counts.pairs {
            writeln!(
                f,
                "  {:>9} on {} and {}",
                pair.people, pair.first, pair.second
            )?;
        }
        for refusal in &self.refusals {
            writeln!(f, "\nNo estimate ({}): {refusal}", refusal.code())?;
        }
        let (Some(headline), Some(figures)) = (&self.headline, &self.figures) else {
            return Ok(());
        };
        writeln!(f, "\n{}", headline.text)?;
        writeln!(f, "  {}", source(headline.range.source))?;
        writeln!(f)?;
        for warning in &self.warnings {
            writeln!(f, "  {:<3} {warning}", warning.code())?;
        }
        writeln!(f, "\nThe calculation (not for publication)")?;
        match figures {
            Figures::TwoLists(chapman) => two_lists(f, chapman)?,
            Figures::ManyLists(study) => many_lists(f, study)?,
        }
        let method = &self.method;
        write!(
            f,
            "\n{}; version {}, seed {}, {} resamples, file {}",
            method.name,
            method.version,
            method.seed,
            method.resamples,
            &self.sha256[..16]
        )
    }
}

fn source(source: HeadlineSource) -> &'static str {
    match source {
        HeadlineSource::Interval => {
            "95 % interval of the sampling alone, with the model chosen anew each time"
        }
        HeadlineSource::Models => {
            "the range over reasonable models, widened to the 95 % interval of the sampling where that reaches further"
        }
        HeadlineSource::Chapman => "95 % interval of Chapman's figure for two lists",
    }
}

fn two_lists(f: &mut fmt::Formatter<'_>, chapman: &Chapman) -> fmt::Result {
    let [low, high] = chapman.interval_95;
    writeln!(
        f,
        "  Chapman            {:>12.1}  {low:.1} to {high:.1}",
        chapman.total
    )
}

fn many_lists(f: &mut fmt::Formatter<'_>, study: &Study) -> fmt::Result {
    writeln!(
        f,
        "  {:<18} {:>12} {:>10} {:>10}  pairs",
        "", "total", "AIC", "BIC"
    )?;
    let rows = [
        ("stepwise 0.02", Some(&study.stepwise)),
        ("stepwise 0.001", study.stepwise_strict.as_ref()),
        ("stepwise 0.05", study.stepwise_loose.as_ref()),
        ("main effects", Some(&study.main_effects)),
        ("best AIC", study.best_aic.as_ref()),
        ("best BIC", study.best_bic.as_ref()),
        ("downhill BIC", Some(&study.downhill_bic)),
        ("every pair", study.full.as_ref()),
    ];
    rows.into_iter().try_for_each(|(name, model)| match model {
        Some(model) => one_model(f, name, model),
        None if name.starts_with("best") => {
            writeln!(f, "  {name:<18} {:>12}  not for this many lists", "-")
        }
        None => writeln!(f, "  {name:<18} {:>12}", "none"),
    })?;
    for left_out in &study.left_out {
        let name = format!("without {}", left_out.list);
        match left_out.total {
            Some(total) => writeln!(f, "  {name:<18} {total:>12.1}")?,
            None => writeln!(f, "  {name:<18} {:>12}", "none")?,
        }
    }
    writeln!(
        f,
        "  {:<18} {:>12.1}  if the lists are independent",
        "lower bound (Chao)", study.chao
    )?;
    for (units, near) in [(2, &study.within_2_bic), (6, &study.within_6_bic)] {
        let Some(near) = near else { continue };
        let name = format!("within {units} BIC");
        writeln!(
            f,
            "  {name:<18} {:.0} to {:.0} in {} models",
            near.lowest, near.highest, near.models
        )?;
    }
    let [lowest, highest] = study.model_range;
    writeln!(
        f,
        "  {:<18} {lowest:.0} to {highest:.0}",
        "reasonable models"
    )?;
    intervals(f, study)
}

fn one_model(f: &mut fmt::Formatter<'_>, name: &str, model: &ModelSummary) -> fmt::Result {
    let pairs: Vec<String> = model.pairs.iter().map(ToString::to_string).collect();
    let pairs = if pairs.is_empty() {
        "(none)".to_owned()
    } else {
        pairs.join(" ")
    };
    writeln!(
        f,
        "  {name:<18} {:>12.4} {:>10.4} {:>10.4}  {pairs}",
        model.total, model.aic, model.bic
    )
}

fn intervals(f: &mut fmt::Formatter<'_>, study: &Study) -> fmt::Result {
    let interval = &study.interval;
    for stage in [Some(&interval.asked), interval.raised.as_ref()]
        .into_iter()
        .flatten()
    {
        let name = format!("{} resamples", stage.resamples);
        let flag = if stage.saturated { ", saturated" } else { "" };
        let [low, .., high] = stage.bca;
        let plain = &stage.percentile;
        writeln!(
            f,
            "  {name:<18} BCa {low:.0} to {high:.0}{flag}; percentile {:.0} to {:.0}, middle {:.0}; {:.1} % above twice the estimate",
            plain.p2_5,
            plain.p97_5,
            plain.p50,
            100.0 * stage.over_twice
        )?;
    }
    let method = match interval.shown.method {
        Method::Bca => "BCa",
        Method::Percentile => "percentile",
    };
    writeln!(
        f,
        "  {:<18} {:.0} to {:.0} ({method})",
        "95 % interval", interval.shown.low, interval.shown.high
    )
}
