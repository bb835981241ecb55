//! The table that `cargo lab evaluate` prints.

use std::fmt;

use super::report::{Bin, Compared, Report, Stage, Timing};

/// Rows of a breakdown that are shown.
const GROUPS_SHOWN: usize = 40;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_agencies(f)?;
        self.write_candidates(f)?;
        self.write_figures(f)?;
        self.write_stages(f)?;
        self.write_calibration(f)?;
        self.write_groups(f)?;
        let Timing {
            normalise,
            tokenise,
            push,
            matching,
            compare,
        } = self.timing_s;
        writeln!(
            f,
            "\nseconds: normalise {normalise:.2}, tokenise {tokenise:.2}, push {push:.2}, match {matching:.2}, compare {compare:.2}"
        )?;
        write!(
            f,
            "records a second: tokenise {:.0}, ingest and match {:.0}",
            self.records_per_s.tokenise, self.records_per_s.ingest_and_match
        )
    }
}

impl Report {
    fn write_agencies(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<18}{:>9}{:>10}{:>12}{:>13}{:>10}{:>12}",
            "agency", "records", "rejected", "incomplete", "notify only", "tokens", "per record"
        )?;
        for a in &self.agencies {
            writeln!(
                f,
                "{:<18}{:>9}{:>10}{:>12}{:>13}{:>10}{:>12.1}",
                a.name,
                a.records,
                a.rejected,
                a.incomplete,
                a.notify_only,
                a.tokens,
                a.tokens_per_record
            )?;
        }
        Ok(())
    }

    fn write_candidates(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\ntrue pairs {}   candidate pairs {} ({:.2} a record)   candidate recall {:.4}",
            self.true_pairs,
            self.candidate_pairs,
            self.candidates_per_record,
            self.candidate_recall
        )?;
        let Some(Compared {
            pairs,
            share_of_candidates,
        }) = self.compared
        else {
            return writeln!(f, "second step off");
        };
        writeln!(
            f,
            "second step on {pairs} pairs ({:.1} % of the candidates)",
            100.0 * share_of_candidates
        )
    }

    fn write_figures(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n{:<11}{:>9}{:>11}{:>9}{:>9}{:>9}",
            "possible", "from p", "precision", "recall", "F1", "pairs"
        )?;
        for (name, at) in [
            ("threshold", self.at_threshold),
            ("strong", self.at_strong),
            ("best F1", self.at_best),
        ] {
            writeln!(
                f,
                "{name:<11}{:>9.4}{:>11.4}{:>9.4}{:>9.4}{:>9}",
                at.threshold, at.precision, at.recall, at.f1, at.pairs
            )?;
        }
        Ok(())
    }

    fn write_stages(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n{:<26}{:>9}{:>14}{:>11}{:>12}",
            "scored by", "best F1", "at threshold", "at strong", "calib. err."
        )?;
        let stages = &self.stages;
        let rows: [(&str, Option<Stage>); 4] = [
            ("tokens", Some(stages.tokens)),
            ("+ cluster rule", Some(stages.cluster)),
            ("+ second step", stages.second_step),
            ("tokens + second step", stages.pairs_only),
        ];
        for (name, stage) in rows {
            let Some(stage) = stage else { continue };
            writeln!(
                f,
                "{name:<26}{:>9.4}{:>14.4}{:>11.4}{:>12.4}",
                stage.at_best.f1,
                stage.at_threshold.f1,
                stage.at_strong.f1,
                stage.calibration_error
            )?;
        }
        Ok(())
    }

    fn write_calibration(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{:<11}{:>9}{:>9}", "mean p", "true", "pairs")?;
        for bin in &self.calibration {
            writeln!(
                f,
                "{:<11.4}{:>9.4}{:>9}",
                bin.p_mean, bin.true_rate, bin.pairs
            )?;
        }
        let Bin {
            true_rate, pairs, ..
        } = self.stated_85_to_95;
        writeln!(
            f,
            "expected calibration error from p 0.2: {:.4}; of {pairs} pairs stated 0.85 to 0.95, {true_rate:.4} are true",
            self.calibration_error
        )
    }

    fn write_groups(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.groups.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "\n{:<18}{:>11}{:>12}{:>9}{:>11}",
            "group", "true pairs", "candidates", "recall", "precision"
        )?;
        for group in self.groups.iter().take(GROUPS_SHOWN) {
            let name = if group.name.is_empty() {
                "(empty)"
            } else {
                &group.name
            };
            writeln!(
                f,
                "{name:<18}{:>11}{:>12.4}{:>9.4}{:>11.4}",
                group.true_pairs, group.candidate_recall, group.recall, group.precision
            )?;
        }
        match self.groups.len().saturating_sub(GROUPS_SHOWN) {
            0 => Ok(()),
            more => writeln!(f, "and {more} more values with fewer pairs"),
        }
    }
}
