use std::fmt::Write as _;

use crate::{
    Block, Cell, Pack, Table,
    svg::{bar, svg},
    words::NOT_CONFIRMED,
};

/// The one style sheet of the page, to the letter as it stands in it: a server names its hash in its policy.
pub const STYLE: &str = concat!("\n", include_str!("style.css"));

/// The pack as one self-contained HTML page: no script, nothing loaded, inline SVG with a table behind
/// every picture; prints on A4. Every text is escaped.
#[must_use]
pub fn html(pack: &Pack) -> String {
    let mut out = String::with_capacity(64 * 1024);
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{}, {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        escaped(&pack.title),
        escaped(&pack.figures.area),
    );
    let _ = write!(
        out,
        "<header>\n<div class=\"wide\"><p class=\"marking\"><strong>OFFICIAL</strong> Counts only. No person can be looked up from this.</p></div>\n\
         <div class=\"bar-top\"><div class=\"wide\"><p>Sanctuary<span>Board pack</span></p></div></div>\n</header>\n\
         <main class=\"wide\">\n"
    );
    head(&mut out, pack);
    for section in &pack.sections {
        let _ = write!(
            out,
            "<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n",
            section.id,
            escaped(&section.heading)
        );
        for block in &section.blocks {
            write_block(&mut out, block);
        }
        out.push_str("</section>\n");
    }
    let _ = write!(
        out,
        "</main>\n<footer><div class=\"wide\"><p>{} Counts only: no name or other identifier left any agency for this.</p></div></footer>\n</body>\n</html>\n",
        escaped(NOT_CONFIRMED)
    );
    out
}

fn head(out: &mut String, pack: &Pack) {
    if let Some(preview) = &pack.preview {
        let _ = writeln!(out, "<p class=\"preview\">{}</p>", escaped(preview));
    }
    let _ = writeln!(out, "<h1>{}</h1>", escaped(&pack.title));
    for line in &pack.lines {
        let _ = writeln!(out, "<p class=\"facts\">{}</p>", escaped(line));
    }
    let _ = writeln!(out, "<p class=\"lead\">{}</p>", escaped(NOT_CONFIRMED));
    out.push_str("<ul class=\"tiles\">\n");
    for tile in &pack.tiles {
        let _ = writeln!(
            out,
            "<li>{}<b{}>{}</b><small>{}</small></li>",
            escaped(&tile.label),
            if tile.figure.chars().count() > 9 {
                " class=\"long\""
            } else {
                ""
            },
            explained(&tile.figure),
            escaped(&tile.note)
        );
    }
    out.push_str(
        "</ul>\n<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">In this pack</h2>\n<ul>\n",
    );
    for section in &pack.sections {
        let _ = writeln!(
            out,
            "<li><a href=\"#{}\">{}</a></li>",
            section.id,
            escaped(&section.heading)
        );
    }
    out.push_str("</ul>\n</nav>\n");
}

fn write_block(out: &mut String, block: &Block) {
    match block {
        Block::Text(text) => {
            let _ = writeln!(out, "<p>{}</p>", escaped(text));
        }
        Block::Points(points) => {
            out.push_str("<ul class=\"points\">\n");
            for point in points {
                let _ = writeln!(out, "<li>{}</li>", escaped(point));
            }
            out.push_str("</ul>\n");
        }
        Block::Notice { heading, points } => {
            let _ = write!(
                out,
                "<div class=\"notice\">\n<h3>{}</h3>\n<ul>\n",
                escaped(heading)
            );
            for (code, text) in points {
                let code = if code.is_empty() {
                    String::new()
                } else {
                    format!("<strong>{}</strong> ", escaped(code))
                };
                let _ = writeln!(out, "<li>{code}{}</li>", escaped(text));
            }
            out.push_str("</ul>\n</div>\n");
        }
        Block::Picture(drawing) => {
            // Wider than a phone, so it scrolls in a named region that the keyboard reaches.
            let _ = write!(
                out,
                "<figure>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Picture: {}\">\n{}</div>\n</figure>\n",
                escaped(&drawing.title),
                svg(drawing)
            );
        }
        Block::Table(table) => write_table(out, table),
    }
}

fn write_table(out: &mut String, table: &Table) {
    let _ = write!(
        out,
        "<table>\n<caption>{}</caption>\n<thead><tr>",
        escaped(&table.caption)
    );
    for (column, head) in table.heads.iter().enumerate() {
        let class = if table.is_figures(column) {
            " class=\"n\""
        } else {
            ""
        };
        let _ = write!(out, "<th scope=\"col\"{class}>{}</th>", escaped(head));
    }
    if table.bars.is_some() {
        let _ = write!(out, "<td class=\"b\">{}</td>", escaped(table.bar_head()));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    let longest = table.longest();
    for row in &table.rows {
        out.push_str("<tr>");
        for (column, cell) in row.iter().enumerate() {
            write_cell(out, column, cell, table);
        }
        if let Some(column) = table.bars {
            let number = row.get(column).and_then(|c| c.number);
            let _ = write!(out, "<td class=\"b\">{}</td>", bar(number, longest));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
}

fn write_cell(out: &mut String, column: usize, cell: &Cell, table: &Table) {
    let _ = if column == 0 {
        write!(out, "<th scope=\"row\">{}</th>", escaped(&cell.text))
    } else if table.is_figures(column) {
        write!(out, "<td class=\"n\">{}</td>", explained(&cell.text))
    } else {
        write!(out, "<td>{}</td>", escaped(&cell.text))
    };
}

/// `x` with what it means, for those who hear the page.
fn explained(figure: &str) -> String {
    if figure == "x" {
        "<abbr title=\"hidden: few people, or nearly all, or it would give one of these away\">x</abbr>".to_owned()
    } else {
        escaped(figure)
    }
}

pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
