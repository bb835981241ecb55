//! The pack on A4: pages of placed pieces, the same bytes each time, fonts embedded.

mod ink;
mod layout;

use krilla::{Document, metadata::Metadata, page::PageSettings, surface::Surface};
use sanctuary_paper::Letters;

use crate::{Pack, PackError, words::NOT_CONFIRMED};
use ink::Pen;
use layout::{Piece, Sheet, pieces};

/// A4 in points.
pub(super) const PAGE: (f32, f32) = (595.28, 841.89);
pub(super) const MARGIN: f32 = 45.0;
pub(super) const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
const HEAD: f32 = 34.0;
const FOOT: f32 = 40.0;
const PAGES_MAX: usize = 100;

/// The pack as PDF.
///
/// # Errors
/// [`PackError::Writer`] when the built-in fonts or the writer fail, which they have no reason to.
pub fn pdf(pack: &Pack) -> Result<Vec<u8>, PackError> {
    let bad = |_| PackError::Writer("PDF");
    let (regular, bold) = (
        Letters::regular().map_err(bad)?,
        Letters::bold().map_err(bad)?,
    );
    let sheet = Sheet {
        regular: &regular,
        bold: &bold,
    };
    let pages = pages(pieces(pack, &sheet));
    if pages.len() > PAGES_MAX {
        return Err(PackError::Writer("PDF"));
    }
    let mut document = Document::new();
    document.set_metadata(
        Metadata::new()
            .title(format!("{}, {}", pack.title, pack.figures.area))
            .language("en-GB".to_owned()),
    );
    for (number, placed) in pages.iter().enumerate() {
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or(PackError::Writer("PDF"))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        frame(&mut surface, &sheet, pack, (number + 1, pages.len()));
        let mut pen = Pen::new(&mut surface, &regular, &bold);
        for (y, piece) in placed {
            piece.draw(&mut pen, *y);
        }
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|_| PackError::Writer("PDF"))
}

/// Puts the pieces on pages: a piece is never cut, and what must stay with the next one goes with it.
fn pages(pieces: Vec<Piece>) -> Vec<Vec<(f32, Piece)>> {
    let top = MARGIN + HEAD;
    let bottom = PAGE.1 - MARGIN - FOOT + 20.0;
    let mut pages: Vec<Vec<(f32, Piece)>> = vec![Vec::new()];
    let mut y = top;
    let mut rest = pieces.into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut group = vec![first];
        while group.last().is_some_and(|p| p.keeps_with_next)
            && let Some(next) = rest.next()
        {
            group.push(next);
        }
        let height: f32 = group.iter().map(|p| p.above + p.height).sum();
        if y + height > bottom && y > top {
            pages.push(Vec::new());
            y = top;
        }
        for piece in group {
            if y + piece.above + piece.height > bottom && y > top {
                pages.push(Vec::new());
                y = top;
            }
            if y > top {
                y += piece.above;
            }
            let next = y + piece.height;
            if let Some(page) = pages.last_mut() {
                page.push((y, piece));
            }
            y = next;
        }
    }
    pages
}

fn frame(surface: &mut Surface<'_>, sheet: &Sheet<'_>, pack: &Pack, (number, of): (usize, usize)) {
    let mut pen = Pen::new(surface, sheet.regular, sheet.bold);
    pen.text((MARGIN, MARGIN), 9.0, true, "OFFICIAL");
    let line = format!("{}, {}", pack.title, pack.figures.area);
    pen.text_end((PAGE.0 - MARGIN, MARGIN), 8.5, false, &line);
    pen.rule(MARGIN + 7.0);
    let y = PAGE.1 - MARGIN + 4.0;
    pen.rule(y - 13.0);
    let foot = if pack.preview.is_some() {
        "Preview: not released. Do not pass it on."
    } else {
        NOT_CONFIRMED
    };
    pen.text((MARGIN, y), 8.0, pack.preview.is_some(), foot);
    let page = format!("Page {number} of {of}");
    pen.text_end((PAGE.0 - MARGIN, y), 8.5, false, &page);
}
