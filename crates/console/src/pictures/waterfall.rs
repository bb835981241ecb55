use sanctuary_types::{Band, Evidence, Explanation, Outcome, Strength};

use super::{
    Picture, Table,
    svg::{Anchor, Drawing, wrapped},
};

/// Why a possible match was raised: one bar for each piece of evidence, from where the one before ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waterfall {
    /// In the order drawn.
    pub rows: Vec<Row>,
    /// What came of it.
    pub band: Band,
}

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What was compared and what came of it.
    pub label: String,
    /// How much it adds or takes, in five levels.
    pub level: Strength,
}

struct Frame {
    width: f64,
    /// Where bars may begin.
    left: f64,
    row: f64,
    /// From the top of a row to its bar.
    bar: f64,
    label_width: f64,
    /// A line leads from bar to bar; where labels stand above the bars it would run through them.
    connects: bool,
}

const WIDE: Frame = Frame {
    width: 820.0,
    left: 330.0,
    row: 46.0,
    bar: 8.0,
    label_width: 310.0,
    connects: true,
};
const NARROW: Frame = Frame {
    width: 340.0,
    left: 4.0,
    row: 74.0,
    bar: 44.0,
    label_width: 330.0,
    connects: false,
};
const HEAD: f64 = 46.0;
const BAR: f64 = 20.0;
const LINE: f64 = 17.0;

impl Waterfall {
    /// What an alert's evidence says, the strongest support first, what speaks against it last. What was not compared
    /// has no bar.
    #[must_use]
    pub fn of(evidence: &[Evidence], band: Band) -> Self {
        let reasons = Explanation::of(evidence).reasons;
        let compared = evidence.iter().zip(reasons);
        let mut rows: Vec<Row> = compared
            .filter(|(e, _)| e.outcome != Outcome::NotCompared)
            .map(|(e, reason)| Row {
                // The weight has a line of its own.
                label: reason
                    .split_once(": ")
                    .map_or(reason.as_str(), |(label, _)| label)
                    .to_owned(),
                level: e.strength,
            })
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.level));
        Self { rows, band }
    }

    /// Draws it.
    #[must_use]
    pub fn draw(&self, prefix: &str) -> Picture {
        Picture {
            wide: self.drawn(&WIDE, &format!("{prefix}-w")),
            narrow: self.drawn(&NARROW, &format!("{prefix}-n")),
            table: self.table(),
        }
    }

    fn table(&self) -> Table {
        let mut table = Table::new(
            "Evidence, in the order drawn",
            ["What was compared", "What it does"],
        );
        for row in &self.rows {
            table.row([&row.label, words(row.level)]);
        }
        table.row(["Result", result(self.band)]);
        table
    }

    fn drawn(&self, frame: &Frame, prefix: &str) -> String {
        let mut drawing = Drawing::new(prefix, frame.width);
        drawing.hatching();
        let room = frame.width - frame.left - 12.0;
        let (mut at, mut low, mut high) = (0.0, 0.0, 0.0_f64);
        for row in &self.rows {
            at += steps(row.level);
            low = f64::min(low, at);
            high = high.max(at);
        }
        let unit = room / f64::max(high - low, 8.0);
        let x = |steps: f64| frame.left + (steps - low) * unit;
        drawing.text(
            "c-sub",
            Anchor::Start,
            (frame.left, 18.0),
            "Against \u{2190}",
        );
        drawing.text(
            "c-sub",
            Anchor::End,
            (frame.width - 4.0, 18.0),
            "\u{2192} For the same person",
        );
        let mut y = HEAD;
        let mut at = 0.0;
        let mut before = 28.0;
        for row in &self.rows {
            let labels = wrapped(&row.label, frame.label_width);
            let extra = labels.len().saturating_sub(1) as f64 * LINE;
            label(&mut drawing, y, &labels, words(row.level));
            let bar_y = y + frame.bar + if frame.connects { 0.0 } else { extra };
            if frame.connects {
                drawing.line("c-line", (x(at), before), (x(at), bar_y + BAR));
            }
            let next = at + steps(row.level);
            let (from, to) = (f64::min(at, next), f64::max(at, next));
            let size = ((to - from) * unit, BAR);
            if steps(row.level) > 0.0 {
                drawing.rect("wf-for", (x(from), bar_y), size);
            } else {
                drawing.hatched("wf-against", (x(from), bar_y), size);
            }
            (at, before) = (next, bar_y + BAR);
            y += frame.row + extra;
        }
        label(&mut drawing, y, &["Result".to_owned()], result(self.band));
        let end = y + frame.bar + BAR / 2.0;
        if frame.connects {
            drawing.line("c-line", (x(at), before), (x(at), end - 10.0));
        }
        let x = super::svg::n(x(at));
        let top = super::svg::n(end - 10.0);
        drawing.path("wf-end", &format!("M{x} {top}l10 10-10 10-10-10z"));
        drawing.finish(y + frame.row, TITLE, &self.in_words())
    }

    fn in_words(&self) -> String {
        let rows = self
            .rows
            .iter()
            .map(|row| format!("{}: {}.", row.label, words(row.level).to_lowercase()));
        let rows: Vec<String> = rows.collect();
        format!(
            "Bars show five levels, not exact weights. {} {}.",
            rows.join(" "),
            result(self.band)
        )
    }
}

const TITLE: &str = "Evidence for and against the same person";

/// How long a bar is. The levels are ranges, so this is an order and not a scale.
const fn steps(level: Strength) -> f64 {
    match level {
        Strength::AgainstALot => -3.0,
        Strength::AgainstALittle => -1.0,
        Strength::ALittle => 1.0,
        Strength::Strong => 2.5,
        Strength::VeryStrong => 4.5,
    }
}

const fn words(level: Strength) -> &'static str {
    match level {
        Strength::AgainstALot => "Counts a lot against it",
        Strength::AgainstALittle => "Counts a little against it",
        Strength::ALittle => "Adds a little",
        Strength::Strong => "Adds a lot",
        Strength::VeryStrong => "Adds very much",
    }
}

const fn result(band: Band) -> &'static str {
    match band {
        Band::Possible => "A possible match, weaker than likely",
        Band::Likely => "A likely match",
        Band::Strong => "A strong match",
    }
}

fn label(drawing: &mut Drawing, y: f64, lines: &[String], under: &str) {
    let mut y = y + 14.0;
    for line in lines {
        drawing.text("c-strong", Anchor::Start, (0.0, y), line);
        y += LINE;
    }
    drawing.text("c-sub", Anchor::Start, (0.0, y), under);
}
