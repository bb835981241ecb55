//! The estimate as a range, never with a dot in the middle.

use sanctuary_figures::{Figures, Range, Statistic};

use crate::{
    drawing::{Anchor, Drawing, Ink},
    table::{span, thousands},
};

const WIDTH: f32 = 820.0;
const LEFT: f32 = 250.0;
const RIGHT: f32 = 660.0;
const TOP: f32 = 34.0;
const ROW: f32 = 38.0;

pub(crate) fn drawing(figures: &Figures, range: Range, models: Range, at_least: u32) -> Drawing {
    let known = figures.number_of(Statistic::Victims);
    let most = [
        range.high.unwrap_or(range.low * 2),
        models.high.unwrap_or(models.low * 2),
        at_least,
        known.unwrap_or_default(),
    ]
    .into_iter()
    .max()
    .unwrap_or(1)
    .max(1);
    let step = step(most);
    let end = most.div_ceil(step) * step;
    let x = |n: u32| LEFT + (RIGHT - LEFT) * n as f32 / end as f32;
    let mut drawing = Drawing {
        id: "range",
        title: "Estimate of potential victims, known and not known".to_owned(),
        description: format!(
            "Known: {}. Lower bound if the lists are independent: {}. Models that fit about as well: {}. Range to quote: {}.",
            known.map_or_else(|| "x".to_owned(), thousands),
            thousands(at_least),
            span(models),
            span(range)
        ),
        width: WIDTH,
        height: TOP + ROW * 4.0 + 4.0,
        shapes: Vec::new(),
    };
    drawing.rect((0.0, TOP + ROW * 3.0), (WIDTH, ROW), Ink::Band);
    let mut mark = 0;
    while mark <= end {
        drawing.line(
            (x(mark), TOP - 8.0),
            (x(mark), TOP + ROW * 4.0),
            1.0,
            Ink::Line,
        );
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
    drawing.words(
        value(0.0),
        Anchor::End,
        known.map_or_else(|| "x".to_owned(), thousands),
    );
    drawing.words(label(1.0), Anchor::Start, "Lower bound if independent");
    drawing.line(
        (x(at_least), middle(1.0) - 10.0),
        (x(at_least), middle(1.0) + 10.0),
        3.0,
        Ink::Grey,
    );
    drawing.line(
        (x(at_least), middle(1.0)),
        (x(end), middle(1.0)),
        1.5,
        Ink::Grey,
    );
    drawing.words(value(1.0), Anchor::End, thousands(at_least));
    drawing.words(label(2.0), Anchor::Start, "Models that fit about as well");
    block(
        &mut drawing,
        (x(models.low), x(models.high.unwrap_or(end))),
        middle(2.0),
        Ink::Grey,
    );
    drawing.words(value(2.0), Anchor::End, span(models));
    drawing.bold(label(3.0), Anchor::Start, "Range to quote");
    block(
        &mut drawing,
        (x(range.low), x(range.high.unwrap_or(end))),
        middle(3.0),
        Ink::Blue,
    );
    drawing.bold(value(3.0), Anchor::End, span(range));
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
