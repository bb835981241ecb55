use sanctuary_types::Timestamp;

use super::{
    Picture, Table,
    svg::{Anchor, Drawing, width_of, wrapped},
};

/// What happened when, up to now and to when something is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// What it is about, as a title.
    pub title: String,
    /// In any order.
    pub marks: Vec<Mark>,
}

/// A point in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What happened.
    pub label: String,
    /// When, for people.
    pub when: String,
    /// When.
    pub at: Timestamp,
    /// What kind of point it is.
    pub kind: MarkKind,
}

/// Kinds of points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkKind {
    /// Something happened.
    Event,
    /// The present.
    Now,
    /// An answer is due.
    Due,
}

const WIDTH: f64 = 820.0;
const NARROW: f64 = 340.0;
const MARGIN: f64 = 12.0;

impl Timeline {
    /// Draws it.
    #[must_use]
    pub fn draw(&self, prefix: &str) -> Picture {
        let mut marks = self.marks.clone();
        marks.sort_by_key(|mark| (mark.at, mark.kind));
        let mut table = Table::new(&self.title, ["What", "When"]);
        for mark in &marks {
            table.row([&mark.label, &mark.when]);
        }
        let said: Vec<String> = marks
            .iter()
            .map(|mark| format!("{}: {}.", mark.label, mark.when))
            .collect();
        let said = said.join(" ");
        Picture {
            wide: self.across(&marks, &format!("{prefix}-w"), &said),
            narrow: self.down(&marks, &format!("{prefix}-n"), &said),
            table,
        }
    }

    fn across(&self, marks: &[Mark], prefix: &str, said: &str) -> String {
        let mut drawing = Drawing::new(prefix, WIDTH);
        let span = Span::of(marks);
        let x = |mark: &Mark| MARGIN + span.share(mark.at) * (WIDTH - 2.0 * MARGIN);
        let line = 62.0;
        let now = marks.iter().find(|mark| mark.kind == MarkKind::Now);
        let due = marks.iter().find(|mark| mark.kind == MarkKind::Due);
        drawing.line("tl-base", (MARGIN, line), (WIDTH - MARGIN, line));
        if let Some(now) = now {
            let end = due.map_or(x(now), |due| x(due).min(x(now)));
            drawing.line("tl-used", (MARGIN, line), (end, line));
            if end < x(now) {
                drawing.line("tl-late", (end, line), (x(now), line));
            }
        }
        // How far labels reach, above and below the line. What fits neither is in the table only.
        let mut taken = [f64::NEG_INFINITY; 2];
        for mark in marks {
            let at = x(mark);
            point(&mut drawing, mark.kind, (at, line));
            let wide = width_of(&mark.label).max(width_of(&mark.when));
            let (anchor, from) = if at - wide / 2.0 < 0.0 {
                (Anchor::Start, 0.0)
            } else if at + wide / 2.0 > WIDTH {
                (Anchor::End, WIDTH - wide)
            } else {
                (Anchor::Middle, at - wide / 2.0)
            };
            let edge = match anchor {
                Anchor::Start => 0.0,
                Anchor::Middle => at,
                Anchor::End => WIDTH,
            };
            if let Some(side) = taken.iter().position(|reach| reach + 10.0 <= from) {
                taken[side] = from + wide;
                let y = if side == 0 { line - 36.0 } else { line + 26.0 };
                drawing.text("c-strong", anchor, (edge, y), &mark.label);
                drawing.text("c-sub", anchor, (edge, y + 18.0), &mark.when);
            }
        }
        drawing.finish(114.0, &self.title, said)
    }

    fn down(&self, marks: &[Mark], prefix: &str, said: &str) -> String {
        let mut drawing = Drawing::new(prefix, NARROW);
        let (x, mut y) = (14.0, 18.0);
        let mut points = Vec::new();
        for mark in marks {
            points.push((mark.kind, y));
            let mut text = y + 5.0;
            for line in wrapped(&mark.label, NARROW - 44.0) {
                drawing.text("c-strong", Anchor::Start, (38.0, text), &line);
                text += 18.0;
            }
            drawing.text("c-sub", Anchor::Start, (38.0, text), &mark.when);
            y = text + 30.0;
        }
        // The line goes under the dots, in pieces: past, late, still to come.
        let kinds: Vec<MarkKind> = points.iter().map(|(kind, _)| *kind).collect();
        let now = kinds.iter().position(|kind| *kind == MarkKind::Now);
        let due = kinds.iter().position(|kind| *kind == MarkKind::Due);
        for (i, pair) in points.windows(2).enumerate() {
            let class = match (now, due) {
                (Some(now), _) if i >= now => "tl-base",
                (Some(_), Some(due)) if i >= due => "tl-late",
                (Some(_), _) => "tl-used",
                (None, _) => "tl-base",
            };
            drawing.line(class, (x, pair[0].1), (x, pair[1].1));
        }
        for (kind, y) in points {
            point(&mut drawing, kind, (x, y));
        }
        drawing.finish((y - 12.0).max(24.0), &self.title, said)
    }
}

fn point(drawing: &mut Drawing, kind: MarkKind, (x, y): (f64, f64)) {
    match kind {
        MarkKind::Event => drawing.dot("tl-dot", (x, y), 7.0),
        MarkKind::Now => drawing.dot("tl-now", (x, y), 7.0),
        // A bar across: seen without colour.
        MarkKind::Due => drawing.line("tl-due", (x, y - 10.0), (x, y + 10.0)),
    }
}

struct Span {
    from_ms: f64,
    length_ms: f64,
}

impl Span {
    fn of(marks: &[Mark]) -> Self {
        let times = || marks.iter().map(|mark| mark.at.0 as f64);
        let from_ms = times().fold(f64::INFINITY, f64::min);
        let to_ms = times().fold(f64::NEG_INFINITY, f64::max);
        Self {
            from_ms,
            length_ms: (to_ms - from_ms).max(1.0),
        }
    }

    fn share(&self, at: Timestamp) -> f64 {
        (at.0 as f64 - self.from_ms) / self.length_ms
    }
}
