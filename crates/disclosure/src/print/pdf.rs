use krilla::{
    Document,
    color::rgb,
    geom::{PathBuilder, Point, Rect},
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, Stroke},
    surface::Surface,
    text::TextDirection,
};

use sanctuary_paper::Letters;

use super::paper::{Paper, paper};
use crate::{Refused, Report};

/// A4 in points.
const PAGE: (f32, f32) = (595.28, 841.89);
const MARGIN: f32 = 42.0;
const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
const TEXT_SIZE: f32 = 10.5;
const SMALL_SIZE: f32 = 8.5;
const MARKING_SIZE: f32 = 13.0;
const INDENT: f32 = 14.0;
const FOOT_HEIGHT: f32 = 48.0;
/// Pages of one report; its texts are limited, so this is never near.
const PAGES_MAX: usize = 200;

/// The report as PDF, A4, fonts embedded, the same bytes each time; marking, grading, conditions and
/// watermark on every page.
///
/// # Errors
/// [`Refused::Format`] when the built-in fonts or the writer fail, which they have no reason to.
pub fn pdf(report: &Report) -> Result<Vec<u8>, Refused> {
    let paper = paper(report);
    let bad = |_| Refused::Format("font");
    let (regular, bold) = (
        Letters::regular().map_err(bad)?,
        Letters::bold().map_err(bad)?,
    );
    let sheet = Sheet {
        paper: &paper,
        regular: &regular,
        bold: &bold,
        conditions: paper
            .conditions
            .iter()
            .flat_map(|c| regular.wrap(c, SMALL_SIZE, WIDTH - 12.0))
            .collect(),
    };
    let pages = sheet.pages();
    if pages.len() > PAGES_MAX {
        return Err(Refused::Format("report"));
    }
    let mut document = Document::new();
    for (number, lines) in pages.iter().enumerate() {
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or(Refused::Format("page size"))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        sheet.draw(&mut surface, lines, number + 1, pages.len());
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|_| Refused::Format("PDF"))
}

/// One line of the body.
struct Line {
    text: String,
    size: f32,
    bold: bool,
    indent: f32,
    /// Space above it.
    above: f32,
}

impl Line {
    fn height(&self) -> f32 {
        self.above + self.size * 1.35
    }
}

struct Sheet<'a> {
    paper: &'a Paper,
    regular: &'a Letters,
    bold: &'a Letters,
    conditions: Vec<String>,
}

impl Sheet<'_> {
    fn pages(&self) -> Vec<Vec<Line>> {
        let room = PAGE.1 - MARGIN - self.head_height() - FOOT_HEIGHT - MARGIN;
        let mut pages = vec![Vec::new()];
        let mut used = 0.0;
        for line in self.lines() {
            if used + line.height() > room {
                pages.push(Vec::new());
                used = 0.0;
            }
            used += line.height();
            if let Some(page) = pages.last_mut() {
                page.push(line);
            }
        }
        pages
    }

    fn lines(&self) -> Vec<Line> {
        let mut lines = vec![
            line(self.paper.title.to_owned(), 18.0, true, 0.0, 4.0),
            line(
                format!("Reference {}", self.paper.reference),
                TEXT_SIZE,
                false,
                0.0,
                2.0,
            ),
        ];
        for section in &self.paper.sections {
            lines.push(line(section.heading.to_owned(), 13.0, true, 0.0, 12.0));
            for (label, value) in &section.rows {
                let labels = self.bold.wrap(label, TEXT_SIZE, WIDTH);
                lines.extend(
                    labels
                        .into_iter()
                        .filter(|l| !l.is_empty())
                        .map(|l| line(l, TEXT_SIZE, true, 0.0, 5.0)),
                );
                let values = self.regular.wrap(value, TEXT_SIZE, WIDTH - INDENT);
                lines.extend(
                    values
                        .into_iter()
                        .map(|v| line(v, TEXT_SIZE, false, INDENT, 0.0)),
                );
            }
        }
        lines
    }

    fn head_height(&self) -> f32 {
        MARKING_SIZE * 2.0 + 22.0 + self.conditions.len() as f32 * SMALL_SIZE * 1.3 + 14.0
    }

    fn draw(&self, surface: &mut Surface<'_>, lines: &[Line], number: usize, of: usize) {
        self.draw_across(surface);
        ink(surface, 1.0);
        let mut y = self.draw_head(surface);
        for line in lines {
            y += line.height();
            let letters = if line.bold { self.bold } else { self.regular };
            write(
                surface,
                letters,
                &line.text,
                line.size,
                (MARGIN + line.indent, y),
            );
        }
        self.draw_foot(surface, number, of);
    }

    fn draw_head(&self, surface: &mut Surface<'_>) -> f32 {
        let mut y = MARGIN;
        frame(surface, y, MARKING_SIZE + 10.0);
        centred(
            surface,
            self.bold,
            self.paper.marking,
            MARKING_SIZE,
            y + MARKING_SIZE + 3.0,
        );
        y += MARKING_SIZE + 26.0;
        write(
            surface,
            self.bold,
            &self.paper.grading,
            SMALL_SIZE + 0.5,
            (MARGIN, y),
        );
        y += 6.0;
        frame(
            surface,
            y,
            self.conditions.len() as f32 * SMALL_SIZE * 1.3 + 8.0,
        );
        for condition in &self.conditions {
            y += SMALL_SIZE * 1.3;
            write(
                surface,
                self.regular,
                condition,
                SMALL_SIZE,
                (MARGIN + 6.0, y),
            );
        }
        MARGIN + self.head_height()
    }

    fn draw_foot(&self, surface: &mut Surface<'_>, number: usize, of: usize) {
        let y = PAGE.1 - MARGIN - FOOT_HEIGHT + 14.0;
        let copy = format!("Copy {}", self.paper.watermark);
        write(surface, self.bold, &copy, SMALL_SIZE + 1.0, (MARGIN, y));
        let page = format!("Page {number} of {of}");
        let x = PAGE.0 - MARGIN - self.regular.width(&page, SMALL_SIZE);
        write(surface, self.regular, &page, SMALL_SIZE, (x, y));
        frame(surface, y + 8.0, MARKING_SIZE + 10.0);
        centred(
            surface,
            self.bold,
            self.paper.marking,
            MARKING_SIZE,
            y + 8.0 + MARKING_SIZE + 3.0,
        );
    }

    /// The code in pale letters over the page, so that a photograph of part of it still shows it.
    fn draw_across(&self, surface: &mut Surface<'_>) {
        ink(surface, 0.10);
        let mut y = 220.0;
        while y < PAGE.1 - 100.0 {
            centred(surface, self.bold, &self.paper.watermark, 34.0, y);
            y += 170.0;
        }
    }
}

fn line(text: String, size: f32, bold: bool, indent: f32, above: f32) -> Line {
    Line {
        text,
        size,
        bold,
        indent,
        above,
    }
}

fn ink(surface: &mut Surface<'_>, opacity: f32) {
    surface.set_stroke(None);
    surface.set_fill(Some(Fill {
        paint: rgb::Color::new(0, 0, 0).into(),
        opacity: NormalizedF32::new(opacity).unwrap_or(NormalizedF32::ONE),
        rule: Default::default(),
    }));
}

fn write(surface: &mut Surface<'_>, letters: &Letters, text: &str, size: f32, at: (f32, f32)) {
    surface.draw_text(
        Point::from_xy(at.0, at.1),
        letters.font.clone(),
        size,
        text,
        false,
        TextDirection::Auto,
    );
}

fn centred(surface: &mut Surface<'_>, letters: &Letters, text: &str, size: f32, y: f32) {
    let x = (PAGE.0 - letters.width(text, size)) / 2.0;
    write(surface, letters, text, size, (x, y));
}

fn frame(surface: &mut Surface<'_>, y: f32, height: f32) {
    let Some(rect) = Rect::from_xywh(MARGIN, y, WIDTH, height) else {
        return;
    };
    let mut path = PathBuilder::new();
    path.push_rect(rect);
    if let Some(path) = path.finish() {
        surface.set_fill(None);
        surface.set_stroke(Some(Stroke {
            width: 1.0,
            ..Stroke::default()
        }));
        surface.draw_path(&path);
    }
    ink(surface, 1.0);
}

#[cfg(test)]
#[path = "pdf_tests.rs"]
pub(crate) mod tests;
