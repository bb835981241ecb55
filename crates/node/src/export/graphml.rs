//! The chart as GraphML.

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::{Cell, ExportFile, Rows, chart::Chart, unwritable};
use crate::CaseFault;

const NAMESPACE: &str = "http://graphml.graphdrawing.org/xmlns";

type Out = Writer<Vec<u8>>;

pub(super) fn file(chart: &Chart) -> Result<ExportFile, CaseFault> {
    let bytes = write(chart).map_err(|_| unwritable())?;
    let text = String::from_utf8(bytes).map_err(|_| unwritable())?;
    Ok(chart.file(text))
}

fn write(chart: &Chart) -> std::io::Result<Vec<u8>> {
    let mut out = Writer::new_with_indent(Vec::new(), b' ', 1);
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    open(&mut out, "graphml", &[("xmlns", NAMESPACE)])?;
    keys(&mut out, "node", 'n', &chart.nodes)?;
    keys(&mut out, "edge", 'e', &chart.edges)?;
    open(
        &mut out,
        "graph",
        &[("id", "possible-matches"), ("edgedefault", "undirected")],
    )?;
    for row in &chart.nodes.rows {
        let id = cell(row, 0);
        open(&mut out, "node", &[("id", &id)])?;
        data(&mut out, 'n', row, 1)?;
        close(&mut out, "node")?;
    }
    for row in &chart.edges.rows {
        let [id, from, to] = [0, 1, 2].map(|place| cell(row, place));
        open(
            &mut out,
            "edge",
            &[("id", &id), ("source", &from), ("target", &to)],
        )?;
        data(&mut out, 'e', row, 3)?;
        close(&mut out, "edge")?;
    }
    close(&mut out, "graph")?;
    close(&mut out, "graphml")?;
    Ok(out.into_inner())
}

fn keys(out: &mut Out, of: &str, letter: char, rows: &Rows) -> std::io::Result<()> {
    let first = if of == "node" { 1 } else { 3 };
    for (place, name) in rows.columns.iter().enumerate().skip(first) {
        let id = format!("{letter}{place}");
        let mut key = BytesStart::new("key");
        for (name, value) in [
            ("id", id.as_str()),
            ("for", of),
            ("attr.name", name),
            ("attr.type", "string"),
        ] {
            key.push_attribute((name, value));
        }
        out.write_event(Event::Empty(key))?;
    }
    Ok(())
}

fn data(out: &mut Out, letter: char, row: &[Cell], first: usize) -> std::io::Result<()> {
    for place in first..row.len() {
        let value = cell(row, place);
        if !value.is_empty() {
            let key = format!("{letter}{place}");
            open(out, "data", &[("key", &key)])?;
            out.write_event(Event::Text(BytesText::new(&value)))?;
            close(out, "data")?;
        }
    }
    Ok(())
}

/// What XML 1.0 has no way to write is left out.
fn cell(row: &[Cell], place: usize) -> String {
    let text = row.get(place).map_or("", Cell::text);
    let fits = |c: &char| matches!(*c, '\t' | '\n' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(fits).collect()
}

fn open(out: &mut Out, name: &str, attributes: &[(&str, &str)]) -> std::io::Result<()> {
    let mut start = BytesStart::new(name);
    for attribute in attributes {
        start.push_attribute(*attribute);
    }
    out.write_event(Event::Start(start))
}

fn close(out: &mut Out, name: &str) -> std::io::Result<()> {
    out.write_event(Event::End(BytesEnd::new(name)))
}
