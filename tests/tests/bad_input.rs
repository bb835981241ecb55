//! Bad files given to the real `sanctuary-node import`: what cannot be used ends with exit code 2,
//! what can in part is imported in part; row, column and rule are named, a value never.

use std::path::PathBuf;

use anyhow::ensure;
use sanctuary_tests::{Plan, Said, SmallDisk, Town};
use serde_json::Value;

/// Stands in every file; may stand in nothing that the program says or writes beside it.
const VALUE: &str = "Zebediah";
const AGENCY: &str = "police";
const MAPPING: &str = "version = 1\nrecord_id = \"Ref\"\n\
    [fields]\nforenames = \"First\"\nsurnames = \"Last\"\ndate_of_birth = \"Born\"\nphone = \"Phone\"\n\
    [formats]\ndate_of_birth = [\"%Y-%m-%d\"]\n\
    [record]\nrole = { column = \"Role\" }\nbasis = \"safeguarding\"\nvisibility = \"open\"\n\
    expires = \"2031-01-31\"\n";
const HEADER: &str = "Ref,First,Last,Born,Phone,Role\n";

/// A node that has never run, and a folder for files.
struct Desk(Town);

impl Desk {
    fn set() -> anyhow::Result<Self> {
        let town = Town::plan(&Plan::default())?;
        std::fs::write(town.path("mapping.toml"), MAPPING)?;
        Ok(Self(town))
    }

    fn file(&self, name: &str, content: &[u8]) -> anyhow::Result<PathBuf> {
        let path = self.0.path(name);
        std::fs::write(&path, content)?;
        Ok(path)
    }

    fn import(&self, mapping: &str, file: &str) -> anyhow::Result<Said> {
        let [mapping, file] = [mapping, file].map(|n| self.0.path(n).display().to_string());
        let summary = self.0.path("summary.json").display().to_string();
        let args = ["--mapping", &mapping, &file, "--json", &summary];
        let said = self.0.node(AGENCY, "import", &args)?;
        let spoken = format!("{}{}", said.out, said.err);
        ensure!(!spoken.contains(VALUE), "a value of the file was told");
        ensure!(
            !spoken.contains("panicked"),
            "the program fell over: {spoken}"
        );
        Ok(said)
    }

    /// Imports a file that cannot be used; its error must hold all of `words`.
    fn refuse(&self, name: &str, content: &[u8], words: &[&str]) -> anyhow::Result<()> {
        self.file(name, content)?;
        let said = self.import("mapping.toml", name)?;
        println!("{name}: exit {:?}: {}", said.code, said.err.trim());
        ensure!(said.code == Some(2), "{name}: {said:?}");
        for word in words {
            ensure!(
                said.err.contains(word),
                "{name} does not say {word}: {}",
                said.err
            );
        }
        Ok(())
    }

    /// Imports a file that can be used in part; gives the summary and the rejects.
    fn accept(&self, name: &str, content: &[u8]) -> anyhow::Result<(Value, Vec<[String; 4]>)> {
        let path = self.file(name, content)?;
        let said = self.import("mapping.toml", name)?;
        ensure!(said.code == Some(0), "{name}: {said:?}");
        let summaries = std::fs::read_to_string(self.0.path("summary.json"))?;
        ensure!(!summaries.contains(VALUE));
        let summary = serde_json::from_str::<Value>(&summaries)?[0].clone();
        let rejects = PathBuf::from(format!("{}.rejects.csv", path.display()));
        let mut found = Vec::new();
        if rejects.exists() {
            ensure!(
                !std::fs::read_to_string(&rejects)?.contains(VALUE),
                "a reject tells a value"
            );
            for row in csv::Reader::from_path(&rejects)?.records() {
                let row = row?;
                let cell = |n: usize| row.get(n).unwrap_or_default().to_owned();
                found.push([cell(0), cell(1), cell(2), cell(3)]);
            }
        }
        println!("{name}: {summary}\n  rejects {found:?}");
        Ok((summary, found))
    }
}

fn with_rows(rows: &str) -> Vec<u8> {
    format!("{HEADER}{rows}").into_bytes()
}

fn good(reference: &str) -> String {
    format!("{reference},{VALUE},Quillfeather,1990-05-04,07700900123,potential_victim\n")
}

#[test]
fn files_that_cannot_be_used_are_bad_input() -> anyhow::Result<()> {
    let desk = Desk::set()?;
    desk.refuse("empty.csv", b"", &["empty", "header line"])?;
    desk.refuse("blank.csv", b"\n\n\n", &["header"])?;
    desk.refuse(
        "binary.csv",
        &binary(),
        &["not text in UTF-8, Windows-1252 or marked UTF-16"],
    )?;
    let unmarked: Vec<u8> = String::from_utf8(with_rows(&good("a1")))?
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    desk.refuse(
        "unmarked.csv",
        &unmarked,
        &["not text in UTF-8, Windows-1252 or marked UTF-16"],
    )?;
    desk.refuse(
        "people.pdf",
        &with_rows(&good("a1")),
        &[".csv, .tsv, .jsonl, .xlsx, or .json"],
    )?;
    desk.refuse(
        "people.xlsx",
        &with_rows(&good("a1")),
        &["not an Excel workbook"],
    )?;
    let renamed = String::from_utf8(with_rows(&good("a1")))?.replace("Last", "Lst");
    let words = ["no column \"Last\"", "\"fields.surnames\"", "Lst"];
    desk.refuse("renamed.csv", renamed.as_bytes(), &words)?;
    let twice = String::from_utf8(with_rows(&good("a1")))?.replace("Phone", "Born");
    desk.refuse(
        "twice.csv",
        twice.as_bytes(),
        &["\"Born\" twice", "columns 4 and 5"],
    )?;
    // And a file that is not there, and one that is a folder.
    let said = desk.import("mapping.toml", "none.csv")?;
    ensure!(
        said.code == Some(2) && said.err.contains("none.csv"),
        "{said:?}"
    );
    ensure!(!desk.0.path("none.csv.rejects.csv").exists());
    let status = desk.0.node_json(AGENCY, "status")?;
    ensure!(
        status["records"] == 0,
        "something of them was imported: {status}"
    );
    Ok(())
}

#[test]
fn mappings_that_cannot_be_used_are_bad_input() -> anyhow::Result<()> {
    let desk = Desk::set()?;
    desk.file("people.csv", &with_rows(&good("a1")))?;
    let cases = [
        (
            "[fields]",
            "[feilds]",
            vec!["unknown key", "feilds", "fields"],
        ),
        (
            "forenames",
            "forname",
            vec!["unknown key", "forname", "forenames"],
        ),
        ("version = 1", "version = 9", vec!["version"]),
        ("\"%Y-%m-%d\"", "\"%Q\"", vec!["date_of_birth"]),
        ("\"safeguarding\"", "\"because\"", vec!["basis"]),
        ("record_id = \"Ref\"\n", "", vec!["record_id"]),
        ("[record]", "[record", vec!["not valid TOML"]),
    ];
    for (old, new, words) in cases {
        ensure!(MAPPING.contains(old));
        desk.file("wrong.toml", MAPPING.replace(old, new).as_bytes())?;
        let said = desk.import("wrong.toml", "people.csv")?;
        println!(
            "{old:?} as {new:?}: exit {:?}: {}",
            said.code,
            said.err.trim()
        );
        ensure!(said.code == Some(2), "{said:?}");
        for word in words {
            ensure!(said.err.contains(word), "does not say {word}: {}", said.err);
        }
    }
    let said = desk.import("none.toml", "people.csv")?;
    ensure!(
        said.code == Some(2) && said.err.contains("none.toml"),
        "{said:?}"
    );
    Ok(())
}

#[test]
fn bad_rows_cost_only_themselves_and_are_named() -> anyhow::Result<()> {
    let desk = Desk::set()?;
    let rows = [
        good("a1"),
        format!("a2,{VALUE},Oakes,1990-02-30,,suspect\n"),
        format!("a3,{VALUE},Oakes,31/12/1990,,suspect\n"),
        format!("a4,{VALUE},Oakes,2190-01-01,,suspect\n"),
        format!("a5,{VALUE},Oakes,1990-01-01,12,suspect\n"),
        format!("a6,{VALUE}\n"),
        format!(",{VALUE},Oakes,1990-01-01,,suspect\n"),
        format!("a8,{VALUE},Oakes,1990-01-01,,bystander of sorts\n"),
        format!("a1,{VALUE},Again,1990-01-01,,suspect\n"),
        format!("a9,\"{VALUE}\"x,Oakes,1990-01-01,,suspect\n"),
        good("a10"),
    ];
    let (summary, rejects) = desk.accept("mixed.csv", &with_rows(&rows.concat()))?;
    let expected = [
        ("3", "Born", "no such calendar date", "imported"),
        (
            "4",
            "Born",
            "none of the mapping's date formats",
            "imported",
        ),
        ("5", "Born", "in the future", "imported"),
        ("6", "Phone", "7 to 15 digits", "imported"),
        ("7", "", "as many fields as the header", "not imported"),
        ("8", "Ref", "", "not imported"),
        ("9", "Role", "", "not imported"),
        ("10", "Ref", "repeated", "not imported"),
        ("11", "", "quote", "not imported"),
    ];
    ensure!(rejects.len() == expected.len(), "{rejects:?}");
    for ([row, column, rule, outcome], expected) in rejects.iter().zip(expected) {
        let fits = row == expected.0
            && column == expected.1
            && rule.contains(expected.2)
            && outcome.contains(expected.3);
        ensure!(fits, "{row} {column} {rule} {outcome} is not {expected:?}");
    }
    ensure!(
        (
            &summary["rows"],
            &summary["accepted"],
            &summary["not_imported"]
        ) == (&11.into(), &6.into(), &5.into()),
        "{summary}"
    );
    Ok(())
}

#[test]
fn a_cell_of_ten_megabytes_costs_its_row() -> anyhow::Result<()> {
    let desk = Desk::set()?;
    let huge = VALUE.repeat(10 * 1024 * 1024 / VALUE.len());
    let long = VALUE.repeat(80 * 1024 / VALUE.len());
    let rows = [
        good("a1"),
        format!("a2,{huge},Oakes,1990-01-01,,suspect\n"),
        format!("a3,{long},Oakes,1990-01-01,,suspect\n"),
        good("a4"),
    ];
    let (summary, rejects) = desk.accept("huge.csv", &with_rows(&rows.concat()))?;
    ensure!(
        summary["accepted"] == 2 && summary["rows"] == 4,
        "{summary}"
    );
    let [first, second] = &rejects[..] else {
        anyhow::bail!("two rows must be rejected: {rejects:?}");
    };
    ensure!(
        first[0] == "3" && first[2].contains("longer than"),
        "{first:?}"
    );
    ensure!(
        second[0] == "4" && second[2].contains("longer than 64 KiB"),
        "{second:?}"
    );
    // A quote that never closes would make the rest of the file one cell.
    let open = [
        good("a5"),
        "a6,\"open,Oakes,1990-01-01,,suspect\n".to_owned(),
        good("a7"),
    ];
    let (summary, rejects) = desk.accept("open.csv", &with_rows(&open.concat()))?;
    ensure!(
        summary["accepted"] == 2 && rejects.len() == 1,
        "{summary} {rejects:?}"
    );
    ensure!(
        rejects[0][0] == "3" && rejects[0][2].contains("quote"),
        "{rejects:?}"
    );
    Ok(())
}

#[test]
fn every_usual_encoding_gives_the_same_records() -> anyhow::Result<()> {
    let desk = Desk::set()?;
    let text = format!(
        "{HEADER}{}",
        good("a1").replace("Quillfeather", "Müller-Øst")
    );
    let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let marked = format!("\u{feff}{text}");
        marked.encode_utf16().flat_map(order).collect()
    };
    let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
    let files = [
        ("utf8.csv", text.clone().into_bytes(), 1),
        ("marked.csv", format!("\u{feff}{text}").into_bytes(), 0),
        ("windows.csv", latin, 0),
        ("little.csv", utf16(u16::to_le_bytes), 0),
        ("big.csv", utf16(u16::to_be_bytes), 0),
        ("semicolons.csv", text.replace(',', ";").into_bytes(), 0),
        ("returns.csv", text.replace('\n', "\r\n").into_bytes(), 0),
        ("tabs.tsv", text.replace(',', "\t").into_bytes(), 0),
    ];
    for (name, bytes, new) in files {
        let (summary, rejects) = desk.accept(name, &bytes)?;
        let unchanged = 1 - new;
        ensure!(
            summary["new"] == new && summary["unchanged"] == unchanged && rejects.is_empty(),
            "{name} does not give the same record: {summary} {rejects:?}"
        );
    }
    Ok(())
}

#[test]
fn where_nothing_can_be_written_the_error_says_so() -> anyhow::Result<()> {
    let desk = Desk::set()?;
    let folder = desk.0.path("full");
    let Some(disk) = SmallDisk::over(&folder, 1)? else {
        eprintln!("SKIPPED: a full disk, because this user may not mount a tmpfs");
        return Ok(());
    };
    // The rejects go beside the file, where there is no room for them.
    let bad: String = (0..2_000)
        .map(|n| format!("b{n},{VALUE},Oakes,1990-02-30,,suspect\n"))
        .collect();
    std::fs::write(folder.join("people.csv"), with_rows(&bad))?;
    disk.fill_but(0)?;
    let said = desk.import("mapping.toml", "full/people.csv")?;
    println!("exit {:?}: {}", said.code, said.err.trim());
    ensure!(said.code == Some(1), "{said:?}");
    ensure!(said.err.contains("the disk is not full"), "{}", said.err);
    ensure!(
        said.err.matches("No space left").count() == 1,
        "told twice: {}",
        said.err
    );
    // What was imported before stays, and the same command does the rest.
    disk.free()?;
    let said = desk.import("mapping.toml", "full/people.csv")?;
    ensure!(said.code == Some(0), "{said:?}");
    let status = desk.0.node_json(AGENCY, "status")?;
    ensure!(status["records"] == 2_000, "{status}");
    Ok(())
}

/// What a compiled program looks like.
fn binary() -> Vec<u8> {
    let numbers = (0..2_048u32).flat_map(|n| (n * 300).to_be_bytes());
    b"\x7fELF\x02\x01\x01\0"
        .iter()
        .copied()
        .chain(numbers)
        .collect()
}
