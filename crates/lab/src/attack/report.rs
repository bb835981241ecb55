//! What the attacks found, as a table and as JSON.

use std::fmt;

use serde::Serialize;

use super::{claims::Score, disk::Shows, kinds::KindLine, view::View};

/// Everything the attacks found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Rows of the attacker's plaintext that give tokens.
    pub records: usize,
    /// Occurrences of tokens in these rows: what there is to name.
    pub occurrences: usize,
    /// A stolen disk or backup, without the root key.
    pub store: Stolen,
    /// The running hub: disk, root key and memory.
    pub taken_over: TakenOver,
    /// The same attacks on other designs.
    pub baselines: Baselines,
    /// What the admission tests left out: agency, kind, counts.
    pub left_out: Vec<String>,
}

/// Attacks on a stolen disk.
#[derive(Clone, Debug, Serialize)]
pub struct Stolen {
    /// The frequency attack that named most.
    pub frequency: Alignment,
    /// The structural attack that named most.
    pub structural: Alignment,
    /// Every alignment.
    pub alignments: Vec<Alignment>,
    /// Dictionary attacks.
    pub dictionary: Vec<Guessing>,
    /// What there is to see without any attack.
    pub shows: Shows,
}

/// Attacks on the running hub.
#[derive(Clone, Debug, Serialize)]
pub struct TakenOver {
    /// The frequency attack that named most.
    pub frequency: Alignment,
    /// The structural attack that named most.
    pub structural: Alignment,
    /// Every alignment.
    pub alignments: Vec<Alignment>,
    /// Dictionary attacks.
    pub dictionary: Vec<Guessing>,
    /// The frequency attacks by kind of token.
    pub kinds: Vec<KindLine>,
    /// Stored postings, dummies among them.
    pub postings: usize,
    /// Postings that the hub can open.
    pub opened: usize,
    /// Records whose card the hub can open.
    pub records_opened: usize,
}

/// Attacks on other designs.
#[derive(Clone, Debug, Serialize)]
pub struct Baselines {
    /// Alignments.
    pub alignments: Vec<Alignment>,
    /// Dictionary attacks.
    pub dictionary: Vec<Guessing>,
}

/// One alignment of a store with the plaintext.
#[derive(Clone, Debug, Serialize)]
pub struct Alignment {
    /// What is attacked.
    pub target: &'static str,
    /// How.
    pub attack: &'static str,
    /// Counts.
    #[serde(flatten)]
    pub score: Score,
    /// Share of occurrences named rightly.
    pub rate: f64,
    /// Of those that the attacker cannot open.
    pub sealed_rate: f64,
    /// Of those that it opens.
    pub open_rate: f64,
}

/// One dictionary attack.
#[derive(Clone, Debug, Serialize)]
pub struct Guessing {
    /// What is attacked.
    pub target: &'static str,
    /// What the attacker has.
    pub with: String,
    /// Guesses looked up.
    pub tried: usize,
    /// Occurrences found.
    pub found: usize,
    /// Occurrences there are.
    pub of: usize,
}

impl Report {
    /// The alignment of that name.
    #[must_use]
    pub fn alignment(&self, target: &str, attack: &str) -> Option<&Alignment> {
        let stores = self
            .store
            .alignments
            .iter()
            .chain(&self.taken_over.alignments);
        let mut all = stores.chain(&self.baselines.alignments);
        all.find(|a| a.target == target && a.attack == attack)
    }
}

impl Stolen {
    pub(super) fn new(
        shows: Shows,
        frequency: Vec<Alignment>,
        structural: Vec<Alignment>,
        dictionary: Vec<Guessing>,
    ) -> Self {
        Self {
            frequency: strongest(&frequency),
            structural: strongest(&structural),
            alignments: [frequency, structural].concat(),
            dictionary,
            shows,
        }
    }
}

impl TakenOver {
    pub(super) fn new(
        view: &View,
        frequency: Vec<Alignment>,
        structural: Vec<Alignment>,
        dictionary: Vec<Guessing>,
        kinds: Vec<KindLine>,
    ) -> Self {
        Self {
            frequency: strongest(&frequency),
            structural: strongest(&structural),
            alignments: [frequency, structural].concat(),
            dictionary,
            kinds,
            postings: view.postings.len(),
            opened: view.opened(),
            records_opened: view.records.len(),
        }
    }
}

fn strongest(lines: &[Alignment]) -> Alignment {
    let first = lines[0].clone();
    let stronger = |best: Alignment, line: &Alignment| {
        if line.rate > best.rate {
            line.clone()
        } else {
            best
        }
    };
    lines.iter().fold(first, stronger)
}

impl Alignment {
    pub(super) fn new(target: &'static str, attack: &'static str, score: Score) -> Self {
        Self {
            target,
            attack,
            rate: score.rate(),
            sealed_rate: score.sealed_rate(),
            open_rate: score.open_rate(),
            score,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (store, taken) = (&self.store, &self.taken_over);
        writeln!(
            f,
            "{} records in the attacker's hands, {} occurrences of their tokens",
            self.records, self.occurrences
        )?;
        for line in &self.left_out {
            writeln!(f, "admission test: {line}")?;
        }
        writeln!(
            f,
            "\nHUB'S STORE (stolen disk or backup, without the hub's root key)"
        )?;
        headline(f, &store.frequency, &store.structural)?;
        writeln!(
            f,
            "it shows {} {} rows, about {} batches, {} bytes; {} tags seen more than once",
            store.shows.rows,
            if store.shows.readable {
                "READABLE"
            } else {
                "sealed"
            },
            store.shows.batches,
            store.shows.bytes,
            store.shows.tags_repeated
        )?;
        aligned(f, &store.alignments)?;
        guessed(f, &store.dictionary)?;
        writeln!(
            f,
            "\nHUB TAKEN OVER WHILE IT RUNS (disk, root key and memory)"
        )?;
        headline(f, &taken.frequency, &taken.structural)?;
        writeln!(
            f,
            "{} postings stored, {} open because two agencies hold the same token, of {} records",
            taken.postings, taken.opened, taken.records_opened
        )?;
        aligned(f, &taken.alignments)?;
        guessed(f, &taken.dictionary)?;
        by_kind(f, &taken.kinds)?;
        writeln!(f, "\nOTHER DESIGNS, the same records")?;
        aligned(f, &self.baselines.alignments)?;
        guessed(f, &self.baselines.dictionary)
    }
}

fn headline(
    f: &mut fmt::Formatter<'_>,
    frequency: &Alignment,
    structural: &Alignment,
) -> fmt::Result {
    for (name, line) in [("frequency", frequency), ("structural", structural)] {
        writeln!(
            f,
            "{name:<12} {:>9} of occurrences named at most ({} of {}, by {})",
            percent(line.rate),
            line.score.named,
            line.score.occurrences,
            line.attack
        )?;
    }
    Ok(())
}

fn aligned(f: &mut fmt::Formatter<'_>, lines: &[Alignment]) -> fmt::Result {
    writeln!(
        f,
        "\n{:<22} {:<43} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "aligned with plaintext", "by", "named", "of", "rate", "sealed", "open", "chance"
    )?;
    for line in lines {
        let Score {
            named,
            occurrences: of,
            sealed,
            chance,
            ..
        } = line.score;
        let part = |there: bool, rate| if there { percent(rate) } else { "-".to_owned() };
        writeln!(
            f,
            "{:<22} {:<43} {named:>8} {of:>8} {:>8} {:>8} {:>8} {:>8}",
            line.target,
            line.attack,
            percent(line.rate),
            part(sealed > 0, line.sealed_rate),
            part(sealed < of, line.open_rate),
            percent(chance / of.max(1) as f64),
        )?;
    }
    Ok(())
}

fn guessed(f: &mut fmt::Formatter<'_>, lines: &[Guessing]) -> fmt::Result {
    writeln!(
        f,
        "\n{:<22} {:<43} {:>8} {:>8} {:>8}",
        "dictionary of values", "with", "found", "of", "rate"
    )?;
    for line in lines {
        let rate = percent(line.found as f64 / line.of.max(1) as f64);
        let Guessing {
            target,
            with,
            found,
            of,
            ..
        } = line;
        writeln!(f, "{target:<22} {with:<43} {found:>8} {of:>8} {rate:>8}")?;
    }
    Ok(())
}

fn by_kind(f: &mut fmt::Formatter<'_>, lines: &[KindLine]) -> fmt::Result {
    writeln!(
        f,
        "\n{:<22} {:>9} {:>9} {:>8} {:>6} {:>9} {:>9} {:>9}",
        "taken over, by kind", "values", "of", "open", "most", "common", "by rank", "by agency"
    )?;
    for line in lines {
        let part = |n: usize| percent(n as f64 / line.occurrences.max(1) as f64);
        writeln!(
            f,
            "{:<22} {:>9} {:>9} {:>8} {:>6} {:>9} {:>9} {:>9}",
            line.kind,
            line.values,
            line.occurrences,
            part(line.open),
            line.most,
            part(line.on_common),
            part(line.ranked),
            part(line.by_agency)
        )?;
    }
    Ok(())
}

fn percent(share: f64) -> String {
    format!("{:.3}%", share * 100.0)
}
