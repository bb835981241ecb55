//! A printed release, opened with somebody else's reader (poppler): marking, grading, conditions and the
//! recipient's code are on every page, as text and as ink.

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use common::*;
use sanctuary_disclosure::{Condition, Handling, Report, Verdict, Watermark, pdf};
use sanctuary_policy::Field;

const LONG: &str = "The worker said that the house is watched from a grey van. ";
const CONDITIONS: &str = "Speak with the outreach team before any visit";

/// A release of several pages, with conditions and a shielded detail.
fn released() -> Report {
    let request = request(&[Field::Risk, Field::Address]);
    let verdicts = [Field::Risk, Field::Address].map(|field| (field, Verdict::Release));
    let mut report = proposal(&request, &verdicts, 1, NOW).report.unwrap();
    report.handling = Handling::Conditional {
        codes: vec![Condition::OvertUse, Condition::ConsultOriginator],
        text: text(CONDITIONS),
    };
    report.text = text(LONG.repeat(60).trim());
    let recipient = report.recipient.clone();
    report.watermark = Some(Watermark::of(&[5; 32], &recipient, report.case, 1));
    report
}

fn has(program: &str) -> bool {
    Command::new(program).arg("-v").output().is_ok()
}

fn run(program: &str, args: &[&str], file: &Path) -> Vec<u8> {
    let (options, after) = args.split_at(args.iter().position(|a| *a == "FILE").unwrap());
    let out = Command::new(program)
        .args(options)
        .arg(file)
        .args(&after[1..])
        .output()
        .unwrap();
    assert!(out.status.success(), "{program} cannot read the report");
    out.stdout
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn marking_grading_conditions_and_code_are_on_every_page() {
    if !has("pdftoppm") || !has("pdftotext") {
        eprintln!(
            "SKIPPED: the printed report was not opened; `cargo xtask test` installs poppler-utils"
        );
        return;
    }
    let report = released();
    let folder = std::env::temp_dir().join(format!("sanctuary-printed-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("report.pdf");
    fs::write(&file, pdf(&report).unwrap()).unwrap();

    let all = String::from_utf8(run("pdftotext", &["-layout", "FILE", "-"], &file)).unwrap();
    let pages: Vec<&str> = all.trim_end_matches('\u{c}').split('\u{c}').collect();
    assert!(pages.len() >= 2, "only {} pages", pages.len());
    let code = report.watermark.as_ref().unwrap().to_string();
    for (number, page) in pages.iter().enumerate() {
        let page = squeezed(page);
        let marking = page.matches("OFFICIAL-SENSITIVE").count();
        assert!(marking >= 2, "page {number}: marking {marking} times");
        for mark in [
            code.as_str(),
            "Handling C",
            "A3 (overt use)",
            "S2 (consult the originator",
            CONDITIONS,
            report.onward.text(),
            "Destroy every copy by",
            "Not to be used for immigration enforcement",
        ] {
            assert!(page.contains(mark), "page {number} lacks {mark}: {page}");
        }
        assert!(page.contains(&format!("{} of {}", number + 1, pages.len())));
    }
    let said = squeezed(&all).matches("grey van").count();
    assert_eq!(said, 60, "words were lost between the pages");

    ink(&file, &folder, pages.len());
    if let Some(kept) = std::env::var_os("SANCTUARY_PRINT") {
        let prefix = Path::new(&kept).join("printed");
        run(
            "pdftoppm",
            &["-png", "-r", "80", "FILE", prefix.to_str().unwrap()],
            &file,
        );
    }
    fs::remove_dir_all(&folder).unwrap();
}

/// Each page as a picture: there is ink where the head, the foot and the code across the page belong.
fn ink(file: &Path, folder: &Path, pages: usize) {
    let prefix = folder.join("page");
    let prefix = prefix.to_str().unwrap();
    run("pdftoppm", &["-png", "-r", "72", "FILE", prefix], file);
    run("pdftoppm", &["-gray", "-r", "72", "FILE", prefix], file);
    let of = |ending: &str| -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == ending))
            .collect();
        found.sort();
        found
    };
    assert_eq!(of("png").len(), pages);
    for path in of("png") {
        assert!(fs::read(path).unwrap().starts_with(b"\x89PNG\r\n"));
    }
    let pictures = of("pgm");
    assert_eq!(pictures.len(), pages);
    for path in pictures {
        let (width, height, grey) = picture(&fs::read(path).unwrap());
        let dark = |from: usize, to: usize| {
            let rows = &grey[from * height / 100 * width..to * height / 100 * width];
            rows.iter().filter(|level| **level < 128).count()
        };
        let tinted = grey.iter().filter(|l| (222..=236).contains(*l)).count();
        assert!(dark(0, 22) > 400, "no head");
        assert!(dark(90, 100) > 100, "no foot");
        assert!(tinted > 5_000, "no code across the page");
    }
}

/// Width, height and levels of a binary PGM.
fn picture(bytes: &[u8]) -> (usize, usize, Vec<u8>) {
    let head: Vec<&[u8]> = bytes.splitn(5, |b| b.is_ascii_whitespace()).collect();
    let number = |part: &[u8]| -> usize { std::str::from_utf8(part).unwrap().parse().unwrap() };
    assert_eq!(head[0], b"P5");
    (number(head[1]), number(head[2]), head[4].to_vec())
}
