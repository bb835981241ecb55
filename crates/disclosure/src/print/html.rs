use std::fmt::Write as _;

use super::paper::{Paper, Section, paper};
use crate::Report;

/// Repeats head and foot on every printed page: browsers print `thead` and `tfoot` again on each sheet.
const STYLE: &str = "\
@page{size:A4;margin:12mm}\
body{font:11pt/1.45 'DejaVu Sans','Liberation Sans',Arial,sans-serif;color:#000;background:#fff;margin:0}\
table.sheet{width:100%;max-width:186mm;margin:0 auto;border-collapse:collapse}\
table.sheet>thead{display:table-header-group}table.sheet>tfoot{display:table-footer-group}\
.marking{font-weight:bold;font-size:13pt;text-align:center;letter-spacing:.05em;border:2px solid #000;padding:2mm}\
.grading{font-weight:bold;padding:2mm 0 1mm}\
.conditions{border:1px solid #000;padding:1mm 3mm;margin:0 0 4mm;font-size:9pt}\
.conditions p{margin:.5mm 0}\
.watermark{font:bold 10pt 'DejaVu Sans Mono',monospace;padding:2mm 0;text-align:center}\
.across{position:fixed;top:45%;left:0;right:0;text-align:center;font:bold 40pt monospace;opacity:.08;\
transform:rotate(-30deg);z-index:-1}\
h1{font-size:18pt;margin:2mm 0}h2{font-size:13pt;margin:5mm 0 1mm;break-after:avoid}\
dl{margin:0}dt{font-weight:bold;margin-top:2mm;break-after:avoid}dd{margin:0 0 0 5mm;white-space:pre-wrap;overflow-wrap:anywhere}";

/// The report as one self-contained HTML page: no script, no link, nothing loaded; printable on A4 with
/// marking, grading, conditions and watermark on every sheet. Every text is escaped.
#[must_use]
pub fn html(report: &Report) -> String {
    let paper = paper(report);
    let mut out = String::with_capacity(8 * 1024);
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <title>{} - {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <div class=\"across\" aria-hidden=\"true\">{}</div>\n<table class=\"sheet\" role=\"presentation\">\n",
        escaped(paper.marking),
        escaped(paper.title),
        escaped(&paper.watermark),
    );
    head(&mut out, &paper);
    foot(&mut out, &paper);
    let _ = write!(
        out,
        "<tbody><tr><td>\n<main>\n<h1>{}</h1>\n<p>Reference {}</p>\n",
        escaped(paper.title),
        escaped(&paper.reference),
    );
    for section in &paper.sections {
        write_section(&mut out, section);
    }
    out.push_str("</main>\n</td></tr></tbody>\n</table>\n</body>\n</html>\n");
    out
}

fn head(out: &mut String, paper: &Paper) {
    let _ = write!(
        out,
        "<thead><tr><td>\n<div class=\"marking\">{}</div>\n<div class=\"grading\">{}</div>\n<div class=\"conditions\">\n",
        escaped(paper.marking),
        escaped(&paper.grading),
    );
    for condition in &paper.conditions {
        let _ = writeln!(out, "<p>{}</p>", escaped(condition));
    }
    out.push_str("</div>\n</td></tr></thead>\n");
}

fn foot(out: &mut String, paper: &Paper) {
    let _ = write!(
        out,
        "<tfoot><tr><td>\n<div class=\"watermark\">Copy {}</div>\n<div class=\"marking\">{}</div>\n</td></tr></tfoot>\n",
        escaped(&paper.watermark),
        escaped(paper.marking),
    );
}

fn write_section(out: &mut String, section: &Section) {
    let _ = write!(
        out,
        "<section>\n<h2>{}</h2>\n<dl>\n",
        escaped(section.heading)
    );
    for (label, value) in &section.rows {
        let label = if label.is_empty() {
            section.heading
        } else {
            label
        };
        let _ = writeln!(
            out,
            "<dt>{}</dt>\n<dd>{}</dd>",
            escaped(label),
            escaped(value)
        );
    }
    out.push_str("</dl>\n</section>\n");
}

fn escaped(text: &str) -> String {
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
