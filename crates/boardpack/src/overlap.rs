//! Who knows the same people, after UpSet plots (Lex and others, "UpSet: Visualization of Intersecting
//! Sets", 2014), but of the allowed statistics only: each pair whoever else knows the person, two or more,
//! three or more.

use sanctuary_figures::{Figures, Statistic};

use crate::{
    drawing::{Anchor, Drawing, Ink},
    table::thousands,
};

const WIDTH: f32 = 820.0;
const BARS: f32 = 130.0;
const TOP: f32 = 34.0;
const ROW: f32 = 32.0;
/// Where the names end and the bars of the lists begin.
const NAMES: f32 = 190.0;
const SIZES: f32 = 100.0;
const STUB: f32 = 14.0;
const GAP: f32 = 20.0;
/// Few columns do not spread over the whole width.
const STEP_MAX: f32 = 64.0;

/// Pairs by printed number, the hidden ones last.
pub(crate) fn pairs(figures: &Figures) -> Vec<(u8, u8)> {
    let lists = u8::try_from(figures.lists.len()).unwrap_or_default();
    let mut pairs: Vec<(u8, u8)> = (0..lists)
        .flat_map(|i| (i + 1..lists).map(move |j| (i, j)))
        .collect();
    pairs.sort_by_key(|(i, j)| {
        std::cmp::Reverse(
            figures
                .number_of(Statistic::Both(*i, *j))
                .unwrap_or_default(),
        )
    });
    pairs
}

pub(crate) fn drawing(figures: &Figures) -> Drawing {
    let pairs = pairs(figures);
    let rows = figures.lists.len() as f32;
    let floor = TOP + BARS;
    let mut drawing = Drawing {
        id: "overlap",
        title: "Potential victims known to two agencies".to_owned(),
        description: description(figures, &pairs),
        width: WIDTH,
        height: floor + GAP + rows * ROW + 2.0,
        shapes: Vec::new(),
    };
    let left = NAMES + SIZES + 40.0;
    let step = ((WIDTH - left) / pairs.len() as f32).min(STEP_MAX);
    let numbers = pairs
        .iter()
        .map(|(i, j)| figures.number_of(Statistic::Both(*i, *j)));
    let most = numbers.flatten().max().unwrap_or(10).max(10);
    scale(&mut drawing, left, floor, most);
    several(&mut drawing, figures);
    list_rows(&mut drawing, figures, floor + GAP);
    for (place, pair) in pairs.iter().enumerate() {
        let x = left + step * (place as f32 + 0.5);
        bar(&mut drawing, figures, *pair, (x, floor), (step, most));
        dots(&mut drawing, (x, floor + GAP), figures.lists.len(), *pair);
    }
    drawing
}

/// The two statistics that are no pair stand as words in the corner.
fn several(drawing: &mut Drawing, figures: &Figures) {
    let mut y = 16.0;
    let mut put = |statistic: Statistic, text: &str| {
        let figure = figures
            .number_of(statistic)
            .map_or_else(|| "x".to_owned(), thousands);
        drawing.bold((8.0, y), Anchor::Start, text);
        drawing.large((8.0, y + 30.0), figure);
        y += 66.0;
    };
    put(Statistic::TwoOrMore, "Known to any two or more");
    if figures.lists.len() >= 3 {
        put(Statistic::ThreeOrMore, "Known to any three or more");
    }
}

fn scale(drawing: &mut Drawing, left: f32, floor: f32, most: u32) {
    drawing.bold(
        (left, 16.0),
        Anchor::Start,
        "Known to both of the joined agencies",
    );
    let step = nice_step(most);
    let mut mark = step;
    while mark <= most {
        let y = floor - BARS * 0.86 * mark as f32 / most as f32;
        drawing.line((left, y), (WIDTH, y), 1.0, Ink::Line);
        drawing.quiet((left - 8.0, y + 5.0), Anchor::End, thousands(mark));
        mark += step;
    }
    drawing.line((left, floor), (WIDTH, floor), 1.5, Ink::Grey);
}

/// Two to five marks.
fn nice_step(most: u32) -> u32 {
    let mut unit = 1_u32;
    loop {
        for times in [5, 10, 20] {
            if most / (unit * times) <= 4 {
                return unit * times;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

fn bar(
    drawing: &mut Drawing,
    figures: &Figures,
    (i, j): (u8, u8),
    (x, floor): (f32, f32),
    (step, most): (f32, u32),
) {
    let width = (step * 0.62).min(34.0);
    if let Some(n) = figures.number_of(Statistic::Both(i, j)) {
        let height = BARS * 0.86 * n as f32 / most as f32;
        drawing.rect(
            (x - width / 2.0, floor - height),
            (width, height),
            Ink::Blue,
        );
        drawing.bold((x, floor - height - 6.0), Anchor::Middle, thousands(n));
    } else {
        drawing.stub((x - width / 2.0, floor - STUB), (width, STUB));
        drawing.bold((x, floor - STUB - 6.0), Anchor::Middle, "x");
    }
}

fn list_rows(drawing: &mut Drawing, figures: &Figures, top: f32) {
    let numbers = figures
        .lists
        .iter()
        .zip(0_u8..)
        .map(|(_, i)| figures.number_of(Statistic::VictimsOn(i)));
    let most = numbers.flatten().max().unwrap_or(1).max(1);
    for ((list, i), place) in figures.lists.iter().zip(0_u8..).zip(0_u16..) {
        let y = top + ROW * f32::from(place);
        if place % 2 == 0 {
            drawing.rect((0.0, y), (WIDTH, ROW), Ink::Band);
        }
        let middle = y + ROW / 2.0 + 5.0;
        drawing.words((8.0, middle), Anchor::Start, short(&list.name, 24));
        let right = NAMES + SIZES;
        let room = SIZES - 44.0;
        if let Some(n) = figures.number_of(Statistic::VictimsOn(i)) {
            let width = room * n as f32 / most as f32;
            drawing.rect((right - width, y + 8.0), (width, ROW - 16.0), Ink::Grey);
            drawing.bold((right - width - 6.0, middle), Anchor::End, thousands(n));
        } else {
            drawing.stub((right - STUB, y + 8.0), (STUB, ROW - 16.0));
            drawing.bold((right - STUB - 6.0, middle), Anchor::End, "x");
        }
    }
}

fn dots(drawing: &mut Drawing, (x, top): (f32, f32), lists: usize, (i, j): (u8, u8)) {
    let y = |place: usize| top + ROW * (place as f32 + 0.5);
    for place in 0..lists {
        if place != usize::from(i) && place != usize::from(j) {
            drawing.dot((x, y(place)), 5.0, Ink::Empty);
        }
    }
    let (from, to) = (y(usize::from(i)), y(usize::from(j)));
    drawing.line((x, from), (x, to), 3.0, Ink::Blue);
    for end in [from, to] {
        drawing.dot((x, end), 7.0, Ink::Blue);
    }
}

fn description(figures: &Figures, pairs: &[(u8, u8)]) -> String {
    let shown = pairs
        .iter()
        .filter(|(i, j)| figures.number_of(Statistic::Both(*i, *j)).is_some())
        .count();
    format!(
        "One column for each pair of agencies; {shown} of {} have a printed number, the others are hidden. Beside them what any two or more and any three or more know. The table below has the same figures.",
        pairs.len()
    )
}

pub(crate) fn short(text: &str, chars: usize) -> String {
    if text.chars().count() <= chars {
        return text.to_owned();
    }
    let kept: String = text.chars().take(chars - 1).collect();
    format!("{}…", kept.trim_end())
}
