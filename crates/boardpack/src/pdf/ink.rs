use krilla::{
    color::rgb,
    geom::{PathBuilder, Point, Rect},
    num::NormalizedF32,
    paint::{Fill, Stroke},
    surface::Surface,
    text::TextDirection,
};
use sanctuary_paper::Letters;

use super::{MARGIN, WIDTH};
use crate::drawing::{Anchor, Drawing, Ink, Shape};

/// How round a circle of four curves is.
const ROUND: f32 = 0.552_284_8;

/// Draws in points, top to bottom.
pub(super) struct Pen<'a, 'b> {
    surface: &'a mut Surface<'b>,
    regular: &'a Letters,
    bold: &'a Letters,
}

impl<'a, 'b> Pen<'a, 'b> {
    pub(super) fn new(
        surface: &'a mut Surface<'b>,
        regular: &'a Letters,
        bold: &'a Letters,
    ) -> Self {
        Self {
            surface,
            regular,
            bold,
        }
    }

    pub(super) fn text(&mut self, at: (f32, f32), size: f32, bold: bool, text: &str) {
        self.inked(at, size, bold, Ink::Text, text);
    }

    pub(super) fn text_end(&mut self, at: (f32, f32), size: f32, bold: bool, text: &str) {
        let width = self.letters(bold).width(text, size);
        self.text((at.0 - width, at.1), size, bold, text);
    }

    pub(super) fn inked(&mut self, at: (f32, f32), size: f32, bold: bool, ink: Ink, text: &str) {
        self.fill(ink);
        let letters = if bold { self.bold } else { self.regular };
        self.surface.draw_text(
            Point::from_xy(at.0, at.1),
            letters.font.clone(),
            size,
            &letters.printable(text),
            false,
            TextDirection::Auto,
        );
    }

    /// A thin line from margin to margin.
    pub(super) fn rule(&mut self, y: f32) {
        self.line((MARGIN, y), (MARGIN + WIDTH, y), 0.6, Ink::Line);
    }

    pub(super) fn rect(&mut self, (x, y): (f32, f32), (w, h): (f32, f32), ink: Ink) {
        let Some(rect) = Rect::from_xywh(x, y, w.max(0.01), h.max(0.01)) else {
            return;
        };
        let mut path = PathBuilder::new();
        path.push_rect(rect);
        self.fill(ink);
        self.finish(path);
    }

    pub(super) fn line(&mut self, from: (f32, f32), to: (f32, f32), width: f32, ink: Ink) {
        let mut path = PathBuilder::new();
        path.move_to(from.0, from.1);
        path.line_to(to.0, to.1);
        self.stroke(width, ink);
        self.finish(path);
    }

    /// The picture with its upper left corner at `at`, `scale` points to a unit.
    pub(super) fn drawing(&mut self, drawing: &Drawing, at: (f32, f32), scale: f32) {
        let place = |x: f32, y: f32| (at.0 + x * scale, at.1 + y * scale);
        for shape in &drawing.shapes {
            match shape {
                Shape::Rect { x, y, w, h, ink } => {
                    self.rect(place(*x, *y), (w * scale, h * scale), *ink);
                }
                Shape::Frame { x, y, w, h, ink } => {
                    let corners = [
                        place(*x, *y),
                        place(x + w, *y),
                        place(x + w, y + h),
                        place(*x, y + h),
                    ];
                    self.outline(&corners, 0.6, *ink);
                }
                Shape::Line {
                    from,
                    to,
                    width,
                    ink,
                } => self.line(
                    place(from.0, from.1),
                    place(to.0, to.1),
                    width * scale,
                    *ink,
                ),
                Shape::Dot { x, y, r, ink } => self.dot(place(*x, *y), r * scale, *ink),
                Shape::Diamond { x, y, r, ink } => {
                    let corners = [
                        place(*x, y - r),
                        place(x + r, *y),
                        place(*x, y + r),
                        place(x - r, *y),
                    ];
                    self.fill(*ink);
                    let path = self.closed(&corners);
                    self.finish(path);
                }
                Shape::Words {
                    x,
                    y,
                    size,
                    bold,
                    anchor,
                    ink,
                    text,
                } => {
                    let size = size * scale;
                    let width = self.letters(*bold).width(text, size);
                    let (left, y) = place(*x, *y);
                    let left = match anchor {
                        Anchor::Start => left,
                        Anchor::Middle => left - width / 2.0,
                        Anchor::End => left - width,
                    };
                    self.inked((left, y), size, *bold, *ink, text);
                }
            }
        }
    }

    fn outline(&mut self, corners: &[(f32, f32)], width: f32, ink: Ink) {
        self.stroke(width, ink);
        let path = self.closed(corners);
        self.finish(path);
    }

    fn closed(&self, corners: &[(f32, f32)]) -> PathBuilder {
        let mut path = PathBuilder::new();
        for (place, corner) in corners.iter().enumerate() {
            if place == 0 {
                path.move_to(corner.0, corner.1);
            } else {
                path.line_to(corner.0, corner.1);
            }
        }
        path.close();
        path
    }

    fn dot(&mut self, (x, y): (f32, f32), r: f32, ink: Ink) {
        let k = r * ROUND;
        let mut path = PathBuilder::new();
        path.move_to(x + r, y);
        path.cubic_to(x + r, y + k, x + k, y + r, x, y + r);
        path.cubic_to(x - k, y + r, x - r, y + k, x - r, y);
        path.cubic_to(x - r, y - k, x - k, y - r, x, y - r);
        path.cubic_to(x + k, y - r, x + r, y - k, x + r, y);
        path.close();
        self.fill(ink);
        self.finish(path);
    }

    fn finish(&mut self, path: PathBuilder) {
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
    }

    fn letters(&self, bold: bool) -> &'a Letters {
        if bold { self.bold } else { self.regular }
    }

    fn fill(&mut self, ink: Ink) {
        let (r, g, b) = ink.rgb();
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(Fill {
            paint: rgb::Color::new(r, g, b).into(),
            opacity: NormalizedF32::ONE,
            rule: Default::default(),
        }));
    }

    fn stroke(&mut self, width: f32, ink: Ink) {
        let (r, g, b) = ink.rgb();
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(Stroke {
            paint: rgb::Color::new(r, g, b).into(),
            width,
            ..Stroke::default()
        }));
    }
}
