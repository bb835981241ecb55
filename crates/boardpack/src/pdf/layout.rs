//! The pack cut into pieces that a page can hold.

use sanctuary_paper::Letters;

use super::{MARGIN, WIDTH, ink::Pen};
use crate::{
    Block, Pack, Table, Tile,
    drawing::{Drawing, Ink},
    words::NOT_CONFIRMED,
};

const BODY: f32 = 9.5;
const LINE: f32 = 1.42;
const ROW_PAD: f32 = 5.5;
/// Space between a table and the text that follows it, beside the usual.
const AFTER_TABLE: f32 = 8.0;
/// Widest text column.
const READING: f32 = 440.0;
const FIGURE_COLUMN: f32 = 108.0;
const BAR_COLUMN: f32 = 128.0;

/// Fonts to measure with.
pub(super) struct Sheet<'a> {
    pub(super) regular: &'a Letters,
    pub(super) bold: &'a Letters,
}

/// Something that is not cut between pages.
pub(super) struct Piece {
    /// Space above it, except at the top of a page.
    pub(super) above: f32,
    pub(super) height: f32,
    /// Must not be the last of a page.
    pub(super) keeps_with_next: bool,
    content: Content,
}

enum Content {
    Lines {
        lines: Vec<String>,
        size: f32,
        bold: bool,
        indent: f32,
        /// Stands before the first line.
        mark: &'static str,
        /// A coloured bar at the left, or a line above.
        edge: Edge,
    },
    Tiles(Vec<(Tile, Vec<String>, Vec<String>)>),
    Row(Row),
    Picture(Drawing, f32),
}

#[derive(Clone, Copy, PartialEq)]
enum Edge {
    None,
    Above,
    Notice,
}

struct Row {
    /// (x, right-aligned, lines).
    cells: Vec<(f32, bool, Vec<String>)>,
    bold: bool,
    /// (x, length) of the bar.
    bar: Option<(f32, f32)>,
}

pub(super) fn pieces(pack: &Pack, sheet: &Sheet<'_>) -> Vec<Piece> {
    let mut all = vec![sheet.lines(&pack.title, 22.0, true, 0.0)];
    for line in &pack.lines {
        all.push(sheet.lines(line, 11.0, false, 3.0));
    }
    if let Some(preview) = &pack.preview {
        all.push(sheet.edged(preview, BODY + 1.0, true, 12.0, Edge::Notice));
    }
    all.push(sheet.lines(NOT_CONFIRMED, BODY, true, 8.0));
    all.push(sheet.tiles(&pack.tiles));
    for section in &pack.sections {
        let mut heading = sheet.edged(&section.heading, 14.0, true, 22.0, Edge::Above);
        heading.keeps_with_next = true;
        all.push(heading);
        for (place, block) in section.blocks.iter().enumerate() {
            let begun = all.len();
            sheet.block(block, &mut all);
            let before = place.checked_sub(1).and_then(|at| section.blocks.get(at));
            if matches!((before, block), (Some(Block::Table(_)), Block::Text(_)))
                && let Some(text) = all.get_mut(begun)
            {
                text.above += AFTER_TABLE;
            }
            // An introduction stays with what it introduces.
            let next = section.blocks.get(place + 1);
            if matches!(block, Block::Text(_))
                && matches!(next, Some(Block::Table(_) | Block::Picture(_)))
                && let Some(text) = all.last_mut()
            {
                text.keeps_with_next = true;
            }
        }
    }
    all
}

impl Sheet<'_> {
    fn block(&self, block: &Block, all: &mut Vec<Piece>) {
        match block {
            Block::Text(text) => {
                all.push(self.lines(text, BODY, false, 4.0));
            }
            Block::Points(points) => all.extend(points.iter().map(|p| self.point(p, Edge::None))),
            Block::Notice { heading, points } => {
                let mut head = self.edged(heading, BODY + 1.0, true, 10.0, Edge::Notice);
                head.keeps_with_next = true;
                all.push(head);
                for (code, text) in points {
                    let text = if code.is_empty() {
                        text.clone()
                    } else {
                        format!("{code}: {text}")
                    };
                    all.push(self.point(&text, Edge::Notice));
                }
            }
            Block::Picture(drawing) => {
                let scale = WIDTH / drawing.width;
                all.push(Piece {
                    above: 10.0,
                    height: drawing.height * scale,
                    keeps_with_next: false,
                    content: Content::Picture(drawing.clone(), scale),
                });
            }
            Block::Table(table) => self.table(table, all),
        }
    }

    fn lines(&self, text: &str, size: f32, bold: bool, above: f32) -> Piece {
        self.edged(text, size, bold, above, Edge::None)
    }

    fn edged(&self, text: &str, size: f32, bold: bool, above: f32, edge: Edge) -> Piece {
        let letters = if bold { self.bold } else { self.regular };
        let indent = if edge == Edge::Notice { 12.0 } else { 0.0 };
        let room = if size > BODY + 1.5 { WIDTH } else { READING };
        let lines = letters.wrap(text, size, room - indent);
        let over = if edge == Edge::Above { 8.0 } else { 0.0 };
        Piece {
            above,
            height: over + lines.len() as f32 * size * LINE,
            keeps_with_next: false,
            content: Content::Lines {
                lines,
                size,
                bold,
                indent,
                mark: "",
                edge,
            },
        }
    }

    fn point(&self, text: &str, edge: Edge) -> Piece {
        let indent = if edge == Edge::Notice { 24.0 } else { 12.0 };
        let lines = self.regular.wrap(text, BODY, READING - indent);
        Piece {
            above: if edge == Edge::Notice { 0.0 } else { 3.0 },
            height: lines.len() as f32 * BODY * LINE + 2.0,
            keeps_with_next: false,
            content: Content::Lines {
                lines,
                size: BODY,
                bold: false,
                indent,
                mark: "•",
                edge,
            },
        }
    }

    fn tiles(&self, tiles: &[Tile]) -> Piece {
        let room = WIDTH / tiles.len().max(1) as f32 - 24.0;
        let content: Vec<_> = tiles
            .iter()
            .map(|tile| {
                let label = self.regular.wrap(&tile.label, 8.5, room);
                let note = self.regular.wrap(&tile.note, 7.5, room);
                (tile.clone(), label, note)
            })
            .collect();
        let lines = |n: usize, size: f32| n as f32 * size * 1.35;
        let height = content
            .iter()
            .map(|(_, label, note)| lines(label.len(), 8.5) + 28.0 + lines(note.len(), 7.5) + 22.0)
            .fold(0.0, f32::max);
        Piece {
            above: 12.0,
            height,
            keeps_with_next: false,
            content: Content::Tiles(content),
        }
    }

    fn table(&self, table: &Table, all: &mut Vec<Piece>) {
        let mut caption = self.lines(&table.caption, BODY + 0.5, true, 14.0);
        caption.keeps_with_next = true;
        all.push(caption);
        let figures: Vec<bool> = (0..table.heads.len())
            .map(|c| table.is_figures(c))
            .collect();
        let bar_room = if table.bars.is_some() {
            BAR_COLUMN
        } else {
            0.0
        };
        let width = if table.bars.is_some() { WIDTH } else { READING };
        let of_figures = figures.iter().filter(|f| **f).count() as f32;
        let of_words = figures.len() as f32 - of_figures;
        let words = (width - bar_room - of_figures * FIGURE_COLUMN) / of_words.max(1.0);
        let mut x = MARGIN;
        let columns: Vec<(f32, f32, bool)> = figures
            .iter()
            .map(|is_figure| {
                let own = if *is_figure { FIGURE_COLUMN } else { words };
                x += own;
                (x - own, own, *is_figure)
            })
            .collect();
        let cells = |texts: Vec<&str>, bold: bool| -> Vec<(f32, bool, Vec<String>)> {
            let letters = if bold { self.bold } else { self.regular };
            texts
                .iter()
                .zip(&columns)
                .map(|(text, (x, own, is_figure))| {
                    let lines = letters.wrap(text, BODY, own - 10.0);
                    (
                        if *is_figure { x + own - 8.0 } else { *x },
                        *is_figure,
                        lines,
                    )
                })
                .collect()
        };
        let heads = table.heads.iter().map(String::as_str).collect();
        let mut heads = cells(heads, true);
        if !table.bar_head().is_empty() {
            heads.push((x + 8.0, false, vec![table.bar_head().to_owned()]));
        }
        let last = table.rows.len().saturating_sub(1);
        let mut head = row_piece(Row {
            cells: heads,
            bold: true,
            bar: None,
        });
        head.keeps_with_next = true;
        all.push(head);
        let longest = table.longest() as f32;
        for (place, row) in table.rows.iter().enumerate() {
            let texts = row.iter().map(|c| c.text.as_str()).collect();
            let bar = table
                .bars
                .and_then(|column| row.get(column)?.number)
                .map(|n| (x + 8.0, (BAR_COLUMN - 12.0) * n as f32 / longest));
            let mut piece = row_piece(Row {
                cells: cells(texts, false),
                bold: false,
                bar,
            });
            // Tables of a few rows stay in one piece.
            piece.keeps_with_next = place < last && (last < 20 || place == 0);
            all.push(piece);
        }
    }
}

fn row_piece(row: Row) -> Piece {
    let lines = row.cells.iter().map(|(_, _, l)| l.len()).max().unwrap_or(1);
    Piece {
        above: 0.0,
        height: lines as f32 * BODY * LINE + ROW_PAD,
        keeps_with_next: false,
        content: Content::Row(row),
    }
}

impl Piece {
    pub(super) fn draw(&self, pen: &mut Pen<'_, '_>, top: f32) {
        match &self.content {
            Content::Lines {
                lines,
                size,
                bold,
                indent,
                mark,
                edge,
            } => {
                let mut y = top;
                match edge {
                    Edge::None => {}
                    Edge::Above => {
                        pen.line((MARGIN, y), (MARGIN + WIDTH, y), 1.6, Ink::Text);
                        y += 8.0;
                    }
                    Edge::Notice => pen.rect((MARGIN, y), (3.0, self.height), Ink::Warn),
                }
                for (place, line) in lines.iter().enumerate() {
                    y += size * LINE;
                    let base = y - size * 0.38;
                    if place == 0 && !mark.is_empty() {
                        pen.text((MARGIN + indent - 10.0, base), *size, false, mark);
                    }
                    pen.text((MARGIN + indent, base), *size, *bold, line);
                }
            }
            Content::Tiles(tiles) => draw_tiles(pen, tiles, top, self.height),
            Content::Row(row) => draw_row(pen, row, top, self.height),
            Content::Picture(drawing, scale) => pen.drawing(drawing, (MARGIN, top), *scale),
        }
    }
}

fn draw_tiles(
    pen: &mut Pen<'_, '_>,
    tiles: &[(Tile, Vec<String>, Vec<String>)],
    top: f32,
    height: f32,
) {
    let step = WIDTH / tiles.len().max(1) as f32;
    for (place, (tile, label, note)) in tiles.iter().enumerate() {
        let x = MARGIN + step * place as f32;
        pen.rect((x, top), (step - 8.0, height), Ink::Band);
        pen.rect((x, top), (step - 8.0, 3.0), Ink::Blue);
        let mut y = top + 8.0;
        for line in label {
            y += 8.5 * 1.35;
            pen.text((x + 8.0, y), 8.5, false, line);
        }
        let size = if tile.figure.chars().count() > 9 {
            13.0
        } else {
            18.0
        };
        y += 24.0;
        pen.text((x + 8.0, y), size, true, &tile.figure);
        y += 4.0;
        for line in note {
            y += 7.5 * 1.35;
            pen.inked((x + 8.0, y), 7.5, false, Ink::Quiet, line);
        }
    }
}

fn draw_row(pen: &mut Pen<'_, '_>, row: &Row, top: f32, height: f32) {
    for (x, is_figure, lines) in &row.cells {
        for (place, line) in lines.iter().enumerate() {
            let y = top + ROW_PAD / 2.0 + BODY * LINE * (place as f32 + 1.0) - BODY * 0.38;
            if *is_figure {
                pen.text_end((*x, y), BODY, true, line);
            } else {
                pen.text((*x, y), BODY, row.bold, line);
            }
        }
    }
    if let Some((x, length)) = row.bar {
        pen.rect((x, top + ROW_PAD / 2.0 + 2.0), (length, 9.0), Ink::Blue);
    }
    let (width, ink) = if row.bold {
        (1.2, Ink::Text)
    } else {
        (0.6, Ink::Line)
    };
    pen.line(
        (MARGIN, top + height),
        (MARGIN + WIDTH, top + height),
        width,
        ink,
    );
}
