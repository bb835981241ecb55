//! Files made to hurt: each is refused, or only data. What programs send to the API is tried in
//! crates/intake/tests/api/limits.rs and crates/intake/tests/grpc/limits.rs; docs/threat-model.md has the whole list.

use std::{
    fs,
    io::{Cursor, Write as _},
    path::Path,
    sync::Mutex,
};

use sanctuary_node_core::{
    Counts, ImportSummary, Importer, Mapping, NodeError, NodeSecret,
    memory::MemoryStore,
    ports::NodeStore,
    readers::{Format, RowFault, Rows, read},
};
use sanctuary_types::Timestamp;
use zeroize::Zeroizing;
use zip::{ZipWriter, write::SimpleFileOptions};

const NOW: Timestamp = Timestamp(1_795_392_000_000);
const MAPPING: &str = "version = 1\nrecord_id = \"Ref\"\n[fields]\nforenames = \"First\"\nsurnames = \"Last\"\n\
    phone = \"Phone\"\n[record]\nrole = \"witness\"\nbasis = \"safeguarding\"\nvisibility = \"open\"\n";

/// What people put into forms to reach a database, a spreadsheet, a shell, a page or a terminal.
const VALUES: &[&str] = &[
    "'; DROP TABLE records; --",
    "\" OR \"1\"=\"1",
    "=HYPERLINK(\"http://example.org\",\"click\")",
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "../../../../etc/passwd",
    "..\\..\\windows\\system32",
    "/etc/cron.d/x",
    "$(touch /var/x)",
    "<script>alert(1)</script>",
    "{{7*7}}${7*7}",
    "\u{1b}]0;owned\u{7}\u{1b}[2J",
    "\u{202e}gnp.exe",
    "%n%n%s%s",
];

#[test]
fn values_are_only_data_wherever_they_stand() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("people.csv");
    let mut out = csv::Writer::from_path(&file).unwrap();
    out.write_record(["Ref", "First", "Last", "Phone"]).unwrap();
    for (n, value) in VALUES.iter().enumerate() {
        // As a name, as a reference, and as a telephone number that is none.
        out.write_record([&format!("n{n}"), *value, "Oakes", ""])
            .unwrap();
        out.write_record([value, "Ann", "Oakes", ""]).unwrap();
        out.write_record([&format!("p{n}"), "Ann", "Oakes", value])
            .unwrap();
    }
    out.flush().unwrap();
    let store = MemoryStore::default();
    let summary = import(&store, &file).unwrap();
    assert_eq!(summary.rows, 3 * VALUES.len() as u64);
    let rejects = fs::read_to_string(summary.rejects_file.unwrap()).unwrap();
    for value in VALUES {
        assert!(!rejects.contains(value), "a reject repeats a value");
    }
    for line in rejects.lines() {
        let starts = |c: char| {
            line.split(',')
                .any(|cell| cell.trim_matches('"').starts_with(c))
        };
        assert!(
            !['=', '+', '-', '@'].into_iter().any(starts),
            "a formula in the rejects"
        );
    }
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["people.csv", "people.csv.rejects.csv"],
        "a file was made elsewhere"
    );
    store
        .for_each_record(&mut |record| {
            let details = record.details.clone().unwrap();
            let shown = format!("{}{}", details.names, details.reference);
            assert!(
                !shown.chars().any(char::is_control),
                "a name steers a terminal"
            );
            Ok(())
        })
        .unwrap();
}

#[cfg(unix)]
#[test]
fn rejects_never_go_through_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let (file, other) = (
        folder.path().join("people.csv"),
        folder.path().join("other"),
    );
    fs::write(&file, "Ref,First,Last,Phone\n,Ann,Oakes,\n").unwrap();
    fs::write(&other, "untouched").unwrap();
    std::os::unix::fs::symlink(&other, folder.path().join("people.csv.rejects.csv")).unwrap();
    assert_eq!(import(&MemoryStore::default(), &file).unwrap().rejected, 1);
    assert_eq!(fs::read_to_string(&other).unwrap(), "untouched");
}

#[test]
fn a_workbook_that_unpacks_to_anything_is_refused_before_it_is_unpacked() {
    let zeros = vec![b' '; 1024 * 1024];
    let bomb = workbook(|zip| {
        zip.start_file("xl/sharedStrings.xml", packed()).unwrap();
        for _ in 0..300 {
            zip.write_all(&zeros).unwrap();
        }
    });
    assert!(bomb.len() < 2 * 1024 * 1024, "{} bytes", bomb.len());
    let before = peak_mib();
    assert!(matches!(open(&bomb), Err(NodeError::FileTooLarge)));
    // And one that lies about its size.
    let mut liar = bomb;
    for (mark, place) in [(b"PK\x01\x02", 24), (b"PK\x03\x04", 22)] {
        let found: Vec<usize> = liar
            .windows(4)
            .enumerate()
            .filter(|(_, w)| w == mark)
            .map(|(at, _)| at)
            .collect();
        for at in found {
            liar[at + place..at + place + 4].copy_from_slice(&100u32.to_le_bytes());
        }
    }
    assert!(matches!(
        open(&liar),
        Err(NodeError::FileTooLarge | NodeError::BadWorkbook)
    ));
    assert!(peak_mib() - before < 64, "it was held in memory");
    let crowd = workbook(|zip| {
        for n in 0..5_000 {
            zip.start_file(format!("x/{n}"), packed()).unwrap();
        }
    });
    assert!(matches!(open(&crowd), Err(NodeError::FileTooLarge)));
}

#[test]
fn a_workbook_with_paths_and_entities_writes_nothing_and_grows_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let climbing = workbook(|zip| {
        zip.start_file("../../../../var/sanctuary-was-here", packed())
            .unwrap();
        zip.write_all(b"x").unwrap();
    });
    assert!(open(&climbing).is_ok());
    assert!(!Path::new("/var/sanctuary-was-here").exists());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let mut laughs = "<?xml version=\"1.0\"?><!DOCTYPE sst [<!ENTITY a \"ha\">".to_owned();
    for (name, of) in ["b", "c", "d", "e", "f", "g", "h", "i"]
        .iter()
        .zip(["a", "b", "c", "d", "e", "f", "g", "h"])
    {
        laughs.push_str(&format!(
            "<!ENTITY {name} \"{}\">",
            format!("&{of};").repeat(10)
        ));
    }
    laughs.push_str("]><sst count=\"1\"><si><t>&i;</t></si></sst>");
    let before = peak_mib();
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row><row r=\"2\"><c r=\"A2\" t=\"s\"><v>0</v></c></row>";
    let bomb = workbook_of(rows, |zip| {
        zip.start_file("xl/sharedStrings.xml", packed()).unwrap();
        zip.write_all(laughs.as_bytes()).unwrap();
    });
    // Refused, or read without what the entity would stand for.
    if let Ok(mut rows) = open(&bomb) {
        while let Some(row) = rows.next_row().unwrap() {
            assert!(row.cells.unwrap().iter().all(|cell| cell.len() < 100));
        }
    }
    assert!(peak_mib() - before < 64);
}

#[test]
fn a_wide_header_over_many_short_rows_costs_what_is_in_it() {
    let mut sheet = "<row r=\"1\">".to_owned();
    for column in 0..4_000 {
        sheet.push_str(&format!(
            "<c r=\"{}1\" t=\"str\"><v>c{column}</v></c>",
            letters(column)
        ));
    }
    sheet.push_str("</row>");
    for row in 2..30_002 {
        sheet.push_str(&format!(
            "<row r=\"{row}\"><c r=\"A{row}\"><v>{row}</v></c></row>"
        ));
    }
    let book = workbook_of(&sheet, |_| {});
    let before = peak_mib();
    let mut rows = open(&book).unwrap();
    assert_eq!(rows.header().len(), 4_000);
    assert_eq!(count(rows.as_mut()), 30_000);
    assert!(peak_mib() - before < 100, "{} MiB", peak_mib() - before);
}

#[test]
fn json_that_is_deep_or_huge_costs_its_row_or_its_file() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let digits = "9".repeat(500_000);
    let text = "x".repeat(600_000);
    let keys: String = (0..20_000).map(|n| format!("\"k{n}\":1,")).collect();
    let lines = [
        "{\"Ref\":\"a1\",\"First\":\"Ann\"}".to_owned(),
        format!("{{\"Ref\":\"a2\",\"First\":{deep}}}"),
        format!("{{\"Ref\":\"a3\",\"First\":{digits}}}"),
        "{\"Ref\":\"a4\",\"First\":1e999999999}".to_owned(),
        format!("{{\"Ref\":\"a5\",\"First\":\"{text}\"}}"),
        format!("{{{keys}\"Ref\":\"a6\"}}"),
        "{\"Ref\":\"a7\",\"First\":\"\\ud800\"}".to_owned(),
        "{\"Ref\":\"a8\",\"First\":\"Ann\"}".to_owned(),
    ];
    let mut rows = read(
        Cursor::new(lines.join("\n").into_bytes()),
        Format::JsonLines,
    )
    .unwrap();
    let mut faults = Vec::new();
    while let Some(row) = rows.next_row().unwrap() {
        faults.push(row.cells.err());
    }
    use RowFault::{CellTooLong, NotAnObject};
    assert_eq!(
        faults,
        [
            None,
            Some(NotAnObject),
            Some(NotAnObject),
            Some(NotAnObject),
            Some(CellTooLong),
            None,
            Some(NotAnObject),
            None
        ]
    );
    for document in [
        format!("{{\"people\":[{{\"id\":\"p\",\"a\":{deep}}}]}}"),
        format!("{{\"people\":[{{\"id\":\"p\",\"a\":{digits}}}]}}"),
        format!("{{\"people\":[{}]}}", "{},".repeat(6_000_000)),
    ] {
        let read = read(Cursor::new(document.into_bytes()), Format::Pole);
        assert!(matches!(
            read,
            Err(NodeError::BadDocument | NodeError::FileTooLarge)
        ));
    }
    // Everybody on one telephone with everything linked to it: what a row may hold is bounded.
    let phone: String = (0..2_000)
        .map(|n| format!("\"a{n}\":\"{}\",", "y".repeat(60)))
        .collect();
    let people: String = (0..2_000)
        .map(|n| {
            format!(
                "{{\"id\":\"p{n}\",\"relationships\":{{\"x\":{{\"data\":{{\"id\":\"t\"}}}}}}}},"
            )
        })
        .collect();
    let document = format!(
        "{{\"objects\":[{{{phone}\"id\":\"t\",\"type\":\"telephone\"}}],\"people\":[{}]}}",
        people.trim_end_matches(',')
    );
    let mut rows = read(Cursor::new(document.into_bytes()), Format::Pole).unwrap();
    assert!(rows.header().len() < 600);
    assert_eq!(count(rows.as_mut()), 2_000);
}

fn import(store: &MemoryStore, file: &Path) -> Result<ImportSummary, NodeError> {
    let mapping: Mapping = MAPPING.parse().unwrap();
    let secret = NodeSecret::new(&Zeroizing::new([7; 32]));
    let counts = Mutex::new(Counts::default());
    let importer = Importer {
        store,
        secret: &secret,
        counts: &counts,
        now: NOW,
    };
    importer.import_file(file, &mapping, &mut |_| {})
}

fn open(book: &[u8]) -> Result<Box<dyn Rows>, NodeError> {
    read(Cursor::new(book.to_vec()), Format::Xlsx)
}

fn count(rows: &mut dyn Rows) -> usize {
    let mut count = 0;
    while rows.next_row().unwrap().is_some() {
        count += 1;
    }
    count
}

fn packed() -> SimpleFileOptions {
    SimpleFileOptions::default()
}

/// A workbook of one small sheet, and what `more` adds.
fn workbook(more: impl FnOnce(&mut ZipWriter<Cursor<Vec<u8>>>)) -> Vec<u8> {
    let cell = |place: &str| format!("<c r=\"{place}\" t=\"str\"><v>a</v></c>");
    let rows = format!(
        "<row r=\"1\">{}</row><row r=\"2\">{}</row>",
        cell("A1"),
        cell("A2")
    );
    workbook_of(&rows, more)
}

fn workbook_of(rows: &str, more: impl FnOnce(&mut ZipWriter<Cursor<Vec<u8>>>)) -> Vec<u8> {
    let ns = "http://schemas.openxmlformats.org";
    let office = format!("{ns}/officeDocument/2006/relationships");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, text: String| {
        zip.start_file(name, packed()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    };
    add(
        "[Content_Types].xml",
        format!("<Types xmlns=\"{ns}/package/2006/content-types\"/>"),
    );
    add(
        "_rels/.rels",
        format!(
            "<Relationships xmlns=\"{ns}/package/2006/relationships\"><Relationship Id=\"r1\" \
             Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        ),
    );
    add(
        "xl/workbook.xml",
        format!(
            "<workbook xmlns=\"{ns}/spreadsheetml/2006/main\" xmlns:r=\"{office}\"><sheets>\
             <sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
        ),
    );
    add(
        "xl/_rels/workbook.xml.rels",
        format!(
            "<Relationships xmlns=\"{ns}/package/2006/relationships\"><Relationship Id=\"r1\" \
             Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
        ),
    );
    add(
        "xl/worksheets/sheet1.xml",
        format!(
            "<worksheet xmlns=\"{ns}/spreadsheetml/2006/main\"><sheetData>{rows}</sheetData></worksheet>"
        ),
    );
    more(&mut zip);
    zip.finish().unwrap().into_inner()
}

/// The letters of a column: A to Z, AA and so on.
fn letters(mut column: usize) -> String {
    let mut out = String::new();
    loop {
        out.insert(0, char::from(b'A' + (column % 26) as u8));
        match column / 26 {
            0 => return out,
            more => column = more - 1,
        }
    }
}

/// Highest resident memory of this process so far.
fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        / 1024
}
