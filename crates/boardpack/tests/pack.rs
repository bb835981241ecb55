//! The pack in all its forms, from one set of figures.
mod common;

use common::*;
use sanctuary_boardpack::{Pack, csv, html, json, pdf};
use sanctuary_figures::{Estimate, Statistic, Text};

#[test]
fn the_page_is_self_contained_and_says_what_the_figures_are() {
    let pack = pack();
    let page = html(&pack);
    for loaded in [
        "<script", "src=", "@import", "url(", "http://", "https://", "style=\"",
    ] {
        assert!(!page.contains(loaded), "{loaded}");
    }
    // Links only within the page.
    assert!(
        page.match_indices("href=\"")
            .all(|(at, _)| page[at + 6..].starts_with('#'))
    );
    for said in [
        "not confirmed",
        "710 to 1,600",
        "Lower bound",
        "W11",
        "rounded to the nearest 5",
        "1 April 2026 to 31 October 2026",
    ] {
        assert!(page.contains(said), "{said}");
    }
    assert_eq!(page.matches("<svg role=\"img\"").count(), 2);
    assert_eq!(
        page.matches("<table>").count(),
        page.matches("<caption>").count()
    );
    // Every picture is followed by its table.
    for (at, _) in page.match_indices("</figure>") {
        assert!(
            page[at..]
                .trim_start_matches("</figure>")
                .trim_start()
                .starts_with("<table>")
        );
    }
    keep("pack.html", page.as_bytes());
}

#[test]
fn no_form_of_the_pack_has_a_number_that_is_not_printed() {
    let pack = pack();
    let printed: Vec<String> = pack
        .figures()
        .figures
        .iter()
        .map(|f| f.text.to_string())
        .collect();
    assert!(printed.iter().filter(|t| *t == "x").count() > 3);
    let data: serde_json::Value = serde_json::from_str(&json(&pack).unwrap()).unwrap();
    for (figure, text) in data["figures"].as_array().unwrap().iter().zip(&printed) {
        assert_eq!(figure["text"].as_str().unwrap(), text);
    }
    let table = csv(&pack).unwrap();
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let shown: Vec<String> = rows
        .records()
        .map(Result::unwrap)
        .filter(|r| r[0].parse::<Statistic>().is_ok())
        .map(|r| r[2].to_owned())
        .collect();
    assert_eq!(shown, printed);
    for tile in &pack.tiles[..2] {
        assert!(
            tile.figure == "x" || tile.figure.replace(',', "").parse::<u32>().unwrap() % 5 == 0
        );
    }
    keep("pack.csv", table.as_bytes());
    keep("pack.json", json(&pack).unwrap().as_bytes());
}

#[test]
fn hidden_figures_have_a_stub_of_one_size_and_no_bar() {
    let mut all_hidden = figures(made());
    for figure in &mut all_hidden.figures {
        figure.text = Text::X;
        figure.held_since = None;
    }
    let page = html(&Pack::of(all_hidden));
    let main = &page[page.find("<main").unwrap()..];
    assert!(!main.contains("height=\"16\" fill"), "a bar is drawn for x");
    assert!(pdf(&pack()).unwrap().starts_with(b"%PDF-"));
}

#[test]
fn names_are_escaped_and_formulas_defused() {
    let mut figures = figures(Estimate::NotMade {
        rule: "R3".to_owned(),
        reason: "Fewer than ten people are on two lists.".to_owned(),
    });
    figures.lists[0].name = "<script>alert('x')</script>".to_owned();
    figures.area = "=cmd|'/c calc'!A1".to_owned();
    figures.signatures = 0;
    let pack = Pack::of(figures);
    let page = html(&pack);
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
    assert!(page.contains("Preview: not released") && page.contains("R3"));
    assert!(page.contains("No estimate") && !page.contains("Before you quote it"));
    assert!(csv(&pack).unwrap().contains("'=cmd"));
    keep("preview.html", page.as_bytes());
}

#[test]
fn the_pdf_is_the_same_each_time() {
    let bytes = pdf(&pack()).unwrap();
    assert_eq!(bytes, pdf(&pack()).unwrap());
    assert!(bytes.len() < 300_000, "fonts are cut to what is used");
    keep("pack.pdf", &bytes);
}

/// Written to the folder that SANCTUARY_PRINT names, to be looked at.
fn keep(name: &str, bytes: &[u8]) {
    if let Some(folder) = std::env::var_os("SANCTUARY_PRINT") {
        std::fs::write(std::path::Path::new(&folder).join(name), bytes).unwrap();
    }
}
