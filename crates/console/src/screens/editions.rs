//! The board pack: released editions only, to read and to take along.

use minijinja::{Value, context};
use sanctuary_boardpack::{Pack, STYLE, csv, html, json, pdf};
use sanctuary_figures::Figures;

use crate::{Fault, FaultKind, Page, Problem, Reply, Visit};

/// Every edition that the agency knows.
///
/// # Errors
/// What the node gives.
pub fn list(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let editions = visit.office.running().editions(visit.actor()?)?;
    let line = |figures: &Figures| -> Value {
        context! {
            number => figures.number,
            area => figures.area.as_str(),
            from => figures.window.from.long(),
            to => figures.window.to.long(),
        }
    };
    let newest = editions.first().map(|figures| {
        let pack = Pack::of(figures.clone());
        let tiles = pack.tiles.iter().map(|t| {
            context! { label => t.label.as_str(), figure => t.figure.as_str(), note => t.note.as_str() }
        });
        context! { number => figures.number, title => pack.title.as_str(), tiles => tiles.collect::<Vec<_>>() }
    });
    let values = context! {
        editions => editions.iter().map(line).collect::<Vec<_>>(),
        newest,
    };
    Ok(Page::new("editions.html", values).into())
}

fn one(visit: &Visit<'_>) -> Result<Figures, Problem> {
    let number: u32 = visit.part("number")?;
    let editions = visit.office.running().editions(visit.actor()?)?;
    let found = editions.into_iter().find(|f| f.number == number);
    found.ok_or(Problem::NotFound)
}

/// One edition, as a page of its own.
///
/// # Errors
/// What the node gives.
pub fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let html = html(&Pack::of(one(visit)?));
    Ok(Reply::Shown { html, style: STYLE })
}

/// One edition as a file.
///
/// # Errors
/// What the node gives.
pub fn download(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let format: String = visit.part("format")?;
    let pack = Pack::of(one(visit)?);
    let (media, bytes) = match format.as_str() {
        "pdf" => ("application/pdf", pdf(&pack)),
        "csv" => (
            "text/csv; charset=utf-8",
            csv(&pack).map(String::into_bytes),
        ),
        "json" => ("application/json", json(&pack).map(String::into_bytes)),
        _ => return Err(Problem::NotFound),
    };
    let failed = |_| {
        let text = "the file could not be made; tell your administrator".to_owned();
        Fault::new(FaultKind::Broken, "board_pack", text)
    };
    Ok(Reply::File {
        name: format!("board-pack-{}.{format}", pack.figures().number),
        media,
        bytes: bytes.map_err(failed)?,
    })
}
