//! Every file format and encoding, and that a bad row costs only itself.

use std::io::Cursor;

use proptest::prelude::*;
use sanctuary_node_core::{
    NodeError,
    readers::{Format, RowFault, read},
};

type Result1 = Result<Vec<String>, RowFault>;
type Read = (Vec<String>, Vec<(u64, Result1)>);

fn rows_of(bytes: impl Into<Vec<u8>>, format: Format) -> Result<Read, NodeError> {
    let mut rows = read(Cursor::new(bytes.into()), format)?;
    let header = rows.header().to_vec();
    let mut out = Vec::new();
    while let Some(row) = rows.next_row()? {
        let cells = row
            .cells
            .map(|cells| cells.iter().map(|c| c.to_string()).collect());
        out.push((row.number, cells));
    }
    Ok((header, out))
}

fn texts(cells: &[&str]) -> Result1 {
    Ok(cells.iter().map(|c| (*c).to_owned()).collect())
}

const NAMES: &str = "id,name\n1,Zoë\n2,Łukasz\n";

#[test]
fn every_encoding_gives_the_same_text() {
    let expected = [(2, texts(&["1", "Zoë"])), (3, texts(&["2", "Łukasz"]))];
    let utf16 = |le: bool| -> Vec<u8> {
        std::iter::once(0xFEFFu16)
            .chain(NAMES.encode_utf16())
            .flat_map(|u| if le { u.to_le_bytes() } else { u.to_be_bytes() })
            .collect()
    };
    let with_bom = [&[0xEF, 0xBB, 0xBF][..], NAMES.as_bytes()].concat();
    for bytes in [
        NAMES.as_bytes().to_vec(),
        with_bom,
        utf16(true),
        utf16(false),
    ] {
        let (header, rows) = rows_of(bytes, Format::Csv).unwrap();
        assert_eq!(header, ["id", "name"]);
        assert_eq!(rows, expected);
    }
    let windows = b"id,name\n1,Zo\xEB\n2,O\x92Brien\n".to_vec();
    let (_, rows) = rows_of(windows, Format::Csv).unwrap();
    assert_eq!(
        rows,
        [(2, texts(&["1", "Zoë"])), (3, texts(&["2", "O’Brien"]))]
    );
}

#[test]
fn windows_1252_is_found_even_when_the_first_such_byte_comes_late() {
    let mut bytes = b"id,name\n".to_vec();
    for i in 0..40_000 {
        bytes.extend_from_slice(format!("{i},Anna\n").as_bytes());
    }
    bytes.extend_from_slice(b"x,Zo\xEB\n");
    let (_, rows) = rows_of(bytes, Format::Csv).unwrap();
    assert_eq!(rows.last().unwrap().1, texts(&["x", "Zoë"]));
}

#[test]
fn quotes_line_breaks_and_endings() {
    let text =
        "id,name,note\r\n1,\"Doe, \"\"J\"\"\",\"two\r\nlines\"\r\n\r\n2,O\"Brien,\"x\" \r\n3,a,";
    let (_, rows) = rows_of(text, Format::Csv).unwrap();
    assert_eq!(
        rows,
        [
            (2, texts(&["1", "Doe, \"J\"", "two\nlines"])),
            (4, texts(&["2", "O\"Brien", "x"])),
            (5, texts(&["3", "a", ""])),
        ]
    );
    let (_, mac) = rows_of("id,name\r1,a\r2,b\r", Format::Csv).unwrap();
    assert_eq!(mac.len(), 2);
}

#[test]
fn the_delimiter_is_found_in_the_header() {
    for text in ["id;name,x\n1;a,b\n", "id\tname,x\n1\ta,b\n"] {
        let (header, rows) = rows_of(text.replace(",x", ""), Format::Csv).unwrap();
        assert_eq!(header, ["id", "name"]);
        assert_eq!(rows, [(2, texts(&["1", "a,b"]))]);
    }
    let (_, rows) = rows_of("id\tname\n1\ta,b;c\n", Format::Tsv).unwrap();
    assert_eq!(rows, [(2, texts(&["1", "a,b;c"]))]);
}

#[test]
fn a_bad_row_costs_only_itself() {
    let long = "y".repeat(70_000);
    let huge = "z".repeat(10_000_000);
    let text = format!(
        "id,name\n1,a\n2\n3,b,c\n4,\"open\n5,e\n6,\"x\"y\n7,{long}\n8,\"{huge}\"\n9,{huge}\n10,j\n"
    );
    let (_, rows) = rows_of(text, Format::Csv).unwrap();
    let expected: Vec<(u64, Result1)> = vec![
        (2, texts(&["1", "a"])),
        (3, Err(RowFault::FieldCount)),
        (4, Err(RowFault::FieldCount)),
        (5, Err(RowFault::OpenQuote)),
        (6, texts(&["5", "e"])),
        (7, Err(RowFault::StrayQuote)),
        (8, Err(RowFault::CellTooLong)),
        (9, Err(RowFault::RowTooLong)),
        (10, Err(RowFault::RowTooLong)),
        (11, texts(&["10", "j"])),
    ];
    // The quote opened in row 5 closes in row 7, which then has a stray one: either way the rows
    // around are read.
    let good = |rows: &[(u64, Result1)]| -> Vec<Result1> {
        rows.iter()
            .filter(|r| r.1.is_ok())
            .map(|r| r.1.clone())
            .collect()
    };
    assert_eq!(good(&rows), good(&expected));
    assert_eq!(rows.iter().filter(|r| r.1.is_err()).count(), 7);
    assert!(rows.iter().any(|r| r.1 == Err(RowFault::RowTooLong)));
    assert!(rows.iter().any(|r| r.1 == Err(RowFault::CellTooLong)));
}

#[test]
fn a_quote_that_never_closes_does_not_swallow_the_file() {
    let mut text = "id,name\n1,\"open\n".to_owned();
    for i in 0..500 {
        text.push_str(&format!("{i},a\n"));
    }
    let (_, rows) = rows_of(text, Format::Csv).unwrap();
    assert_eq!(rows[0].1, Err(RowFault::OpenQuote));
    assert_eq!(rows.iter().filter(|r| r.1.is_ok()).count(), 500);
}

#[test]
fn json_lines() {
    let text = "{\"id\":1,\"name\":\"Zoë\"}\n\n{\"id\":\"2\",\"aka\":[\"a\",\"b\"],\"ok\":true,\"no\":null}\nnot json\n{\"id\":{\"x\":1}}\n[1]\n";
    let (header, rows) = rows_of(text, Format::JsonLines).unwrap();
    assert_eq!(header, ["id", "name", "aka", "no", "ok"]);
    assert_eq!(
        rows,
        [
            (1, texts(&["1", "Zoë", "", "", ""])),
            (3, texts(&["2", "", "a;b", "", "yes"])),
            (4, Err(RowFault::NotAnObject)),
            (5, Err(RowFault::Nested)),
            (6, Err(RowFault::NotAnObject)),
        ]
    );
    let huge = format!(
        "{{\"id\":1}}\n{{\"id\":\"{}\"}}\n{{\"id\":3}}\n",
        "x".repeat(10_000_000)
    );
    let (_, rows) = rows_of(huge, Format::JsonLines).unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[1].1, Err(RowFault::RowTooLong));
    assert_eq!(rows[2].1, texts(&["3"]));
}

#[test]
fn empty_and_binary_files_are_clear_errors() {
    for format in [Format::Csv, Format::Tsv, Format::JsonLines] {
        for bytes in [&b""[..], b"\n\n", &[0xEF, 0xBB, 0xBF]] {
            assert!(matches!(rows_of(bytes, format), Err(NodeError::EmptyFile)));
        }
        let binary = rows_of(&b"PK\x03\x04\x00\x00\x00"[..], format);
        assert!(matches!(binary, Err(NodeError::NotText)));
    }
    assert!(matches!(
        rows_of(&b"id,name"[..], Format::Xlsx),
        Err(NodeError::BadWorkbook)
    ));
    assert!(matches!(
        rows_of(&b"x\ny\n"[..], Format::JsonLines),
        Err(NodeError::BadHeader)
    ));
}

#[test]
fn a_workbook_with_texts_numbers_and_dates() {
    let book = workbook(
        r#"<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>dob</t></is></c><c r="C1" t="inlineStr"><is><t>name</t></is></c></row>
        <row r="2"><c r="A2"><v>5304218</v></c><c r="B2" s="1"><v>32874</v></c><c r="C2" t="inlineStr"><is><t>Zoë</t></is></c></row>
        <row r="4"><c r="A4"><v>7</v></c></row>
        <row r="5"><c r="A5"><v>8</v></c><c r="XFD5"><v>1</v></c></row>"#,
    );
    let (header, rows) = rows_of(book, Format::Xlsx).unwrap();
    assert_eq!(header, ["id", "dob", "name"]);
    assert_eq!(
        rows,
        [
            (2, texts(&["5304218", "1990-01-01", "Zoë"])),
            (4, texts(&["7", "", ""])),
            (5, Err(RowFault::FieldCount)),
        ]
    );
    assert!(matches!(
        rows_of(workbook(""), Format::Xlsx),
        Err(NodeError::EmptyFile)
    ));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), format in 0..5u8) {
        let format = [Format::Csv, Format::Tsv, Format::JsonLines, Format::Xlsx, Format::Pole][usize::from(format)];
        let _ = rows_of(bytes, format);
    }

    #[test]
    fn csv_like_bytes_are_read_without_a_panic(text in "[a\",;\n\r é]{0,200}") {
        if let Ok((header, rows)) = rows_of(text, Format::Csv) {
            for (_, cells) in rows {
                if let Ok(cells) = cells {
                    prop_assert_eq!(cells.len(), header.len());
                }
            }
        }
    }

    #[test]
    fn what_a_csv_writer_writes_is_read_back(rows in proptest::collection::vec(proptest::collection::vec("[ -~é\n]{0,12}", 3), 1..20)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["a", "b", "c"]).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let (_, read) = rows_of(writer.into_inner().unwrap(), Format::Csv).unwrap();
        let read: Vec<Vec<String>> = read.into_iter().map(|(_, cells)| cells.unwrap()).collect();
        prop_assert_eq!(read, rows);
    }
}

/// The smallest workbook that Excel would open: a zip archive without compression.
fn workbook(rows: &str) -> Vec<u8> {
    let ns = "http://schemas.openxmlformats.org";
    let files = [
        (
            "[Content_Types].xml",
            format!(
                r#"<Types xmlns="{ns}/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#
            ),
        ),
        (
            "_rels/.rels",
            format!(
                r#"<Relationships xmlns="{ns}/package/2006/relationships"><Relationship Id="rId1" Type="{ns}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{ns}/spreadsheetml/2006/main" xmlns:r="{ns}/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships xmlns="{ns}/package/2006/relationships"><Relationship Id="rId1" Type="{ns}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{ns}/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/styles.xml",
            format!(
                r#"<styleSheet xmlns="{ns}/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                r#"<worksheet xmlns="{ns}/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
            ),
        ),
    ];
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for (name, body) in &files {
        let at = out.len() as u32;
        let size = (body.len() as u32).to_le_bytes();
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        common.extend_from_slice(&crc32fast::hash(body.as_bytes()).to_le_bytes());
        common.extend_from_slice(&size);
        common.extend_from_slice(&size);
        common.extend_from_slice(&(name.len() as u16).to_le_bytes());
        common.extend_from_slice(&[0, 0]);
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&common);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(body.as_bytes());
        directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&at.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let start = out.len() as u32;
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        out.extend_from_slice(&(files.len() as u16).to_le_bytes());
    }
    out.extend_from_slice(&(directory.len() as u32).to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}
