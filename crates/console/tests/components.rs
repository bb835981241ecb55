//! The vendored components against the official fixtures of GOV.UK Frontend: every fixture must give the same
//! HTML, white space, the order of attributes and the spelling of entities aside.

use std::{collections::BTreeMap, fs, path::Path};

use sanctuary_console::components;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixtures {
    component: String,
    fixtures: Vec<Fixture>,
}

#[derive(Deserialize)]
struct Fixture {
    name: String,
    options: serde_json::Value,
    html: String,
}

/// A piece of HTML that means something.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Open(String, BTreeMap<String, String>),
    Close(String),
    Text(String),
}

#[test]
fn every_official_fixture_renders_to_the_same_html() {
    let environment = components::environment().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    let (mut compared, mut wrong) = (0, Vec::new());
    for file in &files {
        let set: Fixtures = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        let page = page(&set.component);
        for fixture in set.fixtures {
            compared += 1;
            let ours = environment
                .render_str(
                    &page,
                    minijinja::context! { params => minijinja::value::Serde(&fixture.options) },
                )
                .unwrap_or_else(|e| panic!("{}, {}: {e:#}", set.component, fixture.name));
            let (ours, theirs) = (pieces(&ours), pieces(&fixture.html));
            if ours != theirs {
                let at = ours.iter().zip(&theirs).position(|(a, b)| a != b);
                let at = at.unwrap_or(ours.len().min(theirs.len()));
                wrong.push(format!(
                    "{}, {}: {:?} is not {:?}",
                    set.component,
                    fixture.name,
                    ours.get(at),
                    theirs.get(at)
                ));
            }
        }
    }
    println!("{compared} fixtures of {} components", files.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        (files.len(), compared),
        (30, COMPARED),
        "fixtures are missing"
    );
}

/// Fixtures of the components that are vendored; all of 6.3.0's are 657.
const COMPARED: usize = 557;

/// A page of nothing but the component.
fn page(component: &str) -> String {
    let name: String = component
        .split('-')
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect();
    format!(
        "{{% from \"govuk_frontend_jinja/components/{component}/macro.html\" import govuk{name} %}}\
         {{{{ govuk{name}(params) }}}}"
    )
}

fn pieces(html: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("<!--") {
            rest = after.split_once("-->").map_or("", |(_, tail)| tail);
        } else if let Some(after) = rest.strip_prefix("</") {
            let (name, tail) = after.split_once('>').unwrap_or((after, ""));
            found.push(Piece::Close(name.trim().to_owned()));
            rest = tail;
        } else if let Some(after) = rest.strip_prefix('<') {
            let (tag, tail) = tag(after);
            found.push(tag);
            rest = tail;
        } else {
            let end = rest.find('<').unwrap_or(rest.len());
            let text = plain(&rest[..end]);
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if !text.is_empty() {
                found.push(Piece::Text(text));
            }
            rest = &rest[end..];
        }
    }
    found
}

/// A tag, from after its `<`, and what follows it.
fn tag(from: &str) -> (Piece, &str) {
    let end = from.find(|c: char| c.is_whitespace() || c == '>' || c == '/');
    let (name, mut rest) = from.split_at(end.unwrap_or(from.len()));
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            let tail = rest.strip_prefix('>').unwrap_or(rest);
            return (Piece::Open(name.to_owned(), attributes), tail);
        }
        let end = rest.find(|c: char| c.is_whitespace() || "=>/".contains(c));
        let (key, after) = rest.split_at(end.unwrap_or(rest.len()));
        let mut value = "";
        rest = after;
        if let Some(quoted) = after.strip_prefix("=\"") {
            (value, rest) = quoted.split_once('"').unwrap_or((quoted, ""));
        }
        let value = plain(value);
        let words: Vec<&str> = value.split_whitespace().collect();
        attributes.insert(key.to_owned(), words.join(" "));
    }
}

fn plain(text: &str) -> String {
    let spellings = [
        ("&#34;", "\""),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x2f;", "/"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    spellings
        .iter()
        .fold(text.to_owned(), |text, (entity, is)| {
            text.replace(entity, is)
        })
}

#[test]
fn the_comparison_sees_a_difference() {
    assert_ne!(
        pieces("<p class=\"a\">x</p>"),
        pieces("<p class=\"b\">x</p>")
    );
    assert_ne!(pieces("<p>x</p>"), pieces("<p>y</p>"));
    assert_ne!(pieces("<p>&lt;b></p>"), pieces("<p><b></p>"));
    assert_eq!(
        pieces("<p a=\"1\" b>x  y</p>"),
        pieces("<p b a=\"1\">\nx y </p>")
    );
}
