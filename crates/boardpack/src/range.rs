//! The estimate as a range, never with a dot in the middle.

use sanctuary_figures::{Doubt, Figures, Range, Statistic};

use crate::{
    drawing::{Anchor, Drawing, Ink},
    table::{span, thousands},
};

const WIDTH: f32 = 820.0;
const LEFT: f32 = 250.0;
const RIGHT: f32 = 660.0;
const TOP: f32 = 34.0;
const ROW: f32 = 38.0;

/// What the estimate says, taken apart.
pub(crate) struct Shown<'a> {
    pub(crate) range: Range,
    pub(crate) models: Range,
    pub(crate) at_least: u32,
    pub(crate) doubt: Option<&'a Doubt>,
}

impl Shown<'_> {
    /// Ranges with their names, the one to quote last.
    pub(crate) fn ranges(&self) -> Vec<(&'static str, Range)> {
        let mut ranges = vec![("Reasonable ways to calculate", self.models)];
        if let Some(doubt) = self.doubt {
            ranges.push(("Doubtful matches alone", doubt.alone));
            ranges.push(("Doubtful matches and chance", doubt.together));
        }
        ranges.push(("Range to quote", self.range));
        ranges
    }
}

pub(crate) fn drawing(figures: &Figures, shown: &Shown<'_>) -> Drawing {
    let known = figures.number_of(Statistic::Victims);
    let known_text = known.map_or_else(|| "x".to_owned(), thousands);
    let ranges = shown.ranges();
    let most = ranges
        .iter()
        .map(|(_, range)| range.high.unwrap_or(range.low.saturating_mul(2)))
        .chain([shown.at_least, known.unwrap_or_default(), 1])
        .max()
        .unwrap_or(1);
    let step = step(most);
    let end = most.div_ceil(step) * step;
    let x = |n: u32| LEFT + (RIGHT - LEFT) * n as f32 / end as f32;
    let rows = ranges.len() as f32 + 2.0;
    let said: Vec<String> = ranges
        .iter()
        .map(|(name, range)| format!("{name}: {}.", span(*range)))
        .collect();
    let mut drawing = Drawing {
        id: "range",
        title: "Estimate of potential victims, known and not known".to_owned(),
        description: format!(
            "Known: {known_text}. Lower bound if the lists are independent: {}. {}",
            thousands(shown.at_least),
            said.join(" ")
        ),
        width: WIDTH,
        height: TOP + ROW * rows + 4.0,
        shapes: Vec::new(),
    };
    drawing.rect((0.0, TOP + ROW * (rows - 1.0)), (WIDTH, ROW), Ink::Band);
    let mut mark = 0;
    while mark <= end {
        let (top, foot) = (TOP - 8.0, TOP + ROW * rows);
        drawing.line((x(mark), top), (x(mark), foot), 1.0, Ink::Line);
        drawing.quiet((x(mark), TOP - 14.0), Anchor::Middle, thousands(mark));
        mark += step;
    }
    let middle = |row: f32| TOP + ROW * (row + 0.5);
    let label = |row: f32| (8.0, middle(row) + 5.0);
    let value = |row: f32| (WIDTH - 8.0, middle(row) + 5.0);
    drawing.words(label(0.0), Anchor::Start, "People known");
    if let Some(known) = known {
        drawing.diamond((x(known), middle(0.0)), 8.0, Ink::Text);
    }
    drawing.words(value(0.0), Anchor::End, known_text);
    let (least, at) = (x(shown.at_least), middle(1.0));
    drawing.words(label(1.0), Anchor::Start, "Lower bound if independent");
    drawing.line((least, at - 10.0), (least, at + 10.0), 3.0, Ink::Grey);
    drawing.line((least, at), (x(end), at), 1.5, Ink::Grey);
    drawing.words(value(1.0), Anchor::End, thousands(shown.at_least));
    for (i, (name, range)) in ranges.iter().enumerate() {
        let row = i as f32 + 2.0;
        let ends = (x(range.low), x(range.high.unwrap_or(end)));
        if i + 1 == ranges.len() {
            drawing.bold(label(row), Anchor::Start, *name);
            block(&mut drawing, ends, middle(row), Ink::Blue);
            drawing.bold(value(row), Anchor::End, span(*range));
        } else {
            drawing.words(label(row), Anchor::Start, *name);
            block(&mut drawing, ends, middle(row), Ink::Grey);
            drawing.words(value(row), Anchor::End, span(*range));
        }
    }
    drawing
}

fn block(drawing: &mut Drawing, (from, to): (f32, f32), y: f32, ink: Ink) {
    drawing.rect((from, y - 8.0), ((to - from).max(3.0), 16.0), ink);
}

/// Three to six marks.
fn step(most: u32) -> u32 {
    let mut step = 10_u32;
    loop {
        for times in [1, 2, 5] {
            if most / (step * times) < 5 {
                return step * times;
            }
        }
        step = step.saturating_mul(10);
    }
}
