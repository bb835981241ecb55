use super::*;
use crate::{
    Handling, InformationGrade, Item, Marking, Onward, SourceGrade, TEXT_CHARS_MAX, Text, Watermark,
};
use sanctuary_policy::Field;
use sanctuary_types::{CaseId, Role, Roles, Timestamp};

pub(crate) fn report(text: &str) -> Report {
    let recipient = "police".parse().unwrap();
    Report {
        case: CaseId([0xab; 16]),
        number: 1,
        corrects: None,
        owner: "charity".parse().unwrap(),
        owner_name: "Victim care charity".to_owned(),
        watermark: Some(Watermark::of(&[9; 32], &recipient, CaseId([0xab; 16]), 1)),
        recipient,
        recipient_name: "Constabulary".to_owned(),
        category: Roles::default().with(Role::PotentialVictim),
        child: true,
        made: Timestamp(1_795_478_400_000),
        expires: Timestamp(1_795_478_400_000 + 30 * 86_400_000),
        marking: Marking::OfficialSensitive,
        source: SourceGrade::Untested,
        information: InformationGrade::KnownIndirectly,
        handling: Handling::Conditional {
            codes: vec![crate::Condition::ConsultOriginator],
            text: Text::new("Speak with the outreach team before any visit").unwrap(),
        },
        onward: Onward::AskFirst,
        items: vec![
            Item {
                field: Field::Name,
                value: Text::new("Nguyễn Thị Hồng").unwrap(),
                opinion: false,
                sanitised: false,
            },
            Item {
                field: Field::Refuge,
                value: Text::new("<script>alert('x')</script> & \"quoted\"").unwrap(),
                opinion: true,
                sanitised: true,
            },
        ],
        text: Text::new(text).unwrap(),
    }
}

#[test]
fn every_page_has_its_room_and_nothing_of_the_text_is_lost() {
    let long = "The worker said that the house is watched. ".repeat(TEXT_CHARS_MAX / 43);
    let report = report(&long);
    let paper = paper(&report);
    let (regular, bold) = (Letters::regular().unwrap(), Letters::bold().unwrap());
    let sheet = Sheet {
        paper: &paper,
        regular: &regular,
        bold: &bold,
        conditions: vec!["x".to_owned(); 4],
    };
    let pages = sheet.pages();
    assert!(pages.len() >= 2);
    let room = PAGE.1 - 2.0 * MARGIN - sheet.head_height() - FOOT_HEIGHT;
    for page in &pages {
        assert!(page.iter().map(Line::height).sum::<f32>() <= room);
    }
    let printed: String = pages.iter().flatten().map(|l| l.text.as_str()).collect();
    assert_eq!(
        printed.matches("watched.").count(),
        long.matches("watched.").count()
    );
    assert!(printed.contains("SHIELDED") && printed.contains("Nguyễn"));
}

#[test]
fn the_pdf_is_one_with_pages_and_is_the_same_each_time() {
    let long = "The worker said that the house is watched. ".repeat(90);
    let bytes = pdf(&report(&long)).unwrap();
    assert!(bytes.starts_with(b"%PDF-"));
    assert_eq!(bytes, pdf(&report(&long)).unwrap());
    assert!(bytes.len() < 200_000, "fonts are cut to what is used");
    if let Some(folder) = std::env::var_os("SANCTUARY_PRINT") {
        std::fs::write(std::path::Path::new(&folder).join("report.pdf"), &bytes).unwrap();
        let page = crate::html(&report(&long));
        std::fs::write(std::path::Path::new(&folder).join("report.html"), page).unwrap();
    }
}

#[test]
fn html_escapes_every_text_and_repeats_the_marks() {
    let page = crate::html(&report("An <b>ordinary</b> text"));
    assert!(!page.contains("<script") && !page.contains("<b>"));
    assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)"));
    let head = &page[page.find("<thead>").unwrap()..page.find("</thead>").unwrap()];
    for mark in [
        "OFFICIAL-SENSITIVE",
        "Source 2 (untested)",
        "S2 (consult the originator",
        "24 December 2026",
        "immigration enforcement",
    ] {
        assert!(head.contains(mark), "{mark}");
    }
    let foot = &page[page.find("<tfoot>").unwrap()..page.find("</tfoot>").unwrap()];
    let mark = report("x").watermark.unwrap().to_string();
    assert!(foot.contains(&mark) && foot.contains("OFFICIAL-SENSITIVE"));
    for loaded in ["http", "src=", "href", "@import", "url("] {
        assert!(!page.contains(loaded), "{loaded}");
    }
}
