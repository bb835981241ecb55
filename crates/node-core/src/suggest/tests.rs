//! Ten ways to name columns, none of them written for in the lexicon's tests, with small samples.

use std::collections::BTreeMap;

use sanctuary_types::Timestamp;
use zeroize::Zeroizing;

use super::{Target, suggest};
use crate::{Mapping, readers::Cell};

const NOW: Timestamp = Timestamp(1_795_392_000_000);

/// A file: its columns, each with the key it should be given (empty for none) and the kind of value.
type Style = &'static [(&'static str, &'static str, Kind)];

#[derive(Clone, Copy)]
enum Kind {
    Number,
    Forename,
    Surname,
    Whole,
    Alias,
    Born(&'static str),
    Day,
    Sex,
    People,
    Street,
    House,
    Town,
    Postcode,
    Phone,
    Email,
    Vehicle,
    Passport,
    Insurance,
    Nhs,
    Handle,
    Bank,
    Role,
    Word,
    Prose,
    Years,
}

const FORENAMES: &[&str] = &[
    "Ana", "Mihai", "Thi Lan", "Selam", "Arben", "Joy", "Oksana", "Li", "Omar", "Piotr",
];
const SURNAMES: &[&str] = &[
    "Popescu",
    "Ionescu",
    "Nguyen",
    "Tesfay",
    "Hoxha",
    "Okafor",
    "Kovalenko",
    "Wang",
    "Said",
    "Nowak",
];
const TOWNS: &[&str] = &[
    "Durham",
    "Darlington",
    "Bishop Auckland",
    "Consett",
    "Peterlee",
];
const NHS: &[&str] = &["943 476 5919", "401 023 2137", "999 000 0018"];

fn value(kind: Kind, row: usize) -> String {
    let pick = |list: &[&str]| {
        list.get(row % list.len())
            .copied()
            .unwrap_or_default()
            .to_owned()
    };
    let (day, month, year) = (1 + row % 28, 1 + row % 12, 1960 + row % 45);
    match kind {
        Kind::Number => format!("R{:05}", 100 + row * 3),
        Kind::Forename => pick(FORENAMES),
        Kind::Surname => pick(SURNAMES),
        Kind::Whole => format!("{} {}", pick(FORENAMES), pick(SURNAMES)),
        Kind::Alias => {
            if row.is_multiple_of(3) {
                pick(FORENAMES)
            } else {
                String::new()
            }
        }
        Kind::Born("slash") => format!("{day:02}/{month:02}/{year}"),
        Kind::Born("dots") => format!("{day:02}.{month:02}.{year}"),
        Kind::Born("compact") => format!("{year}{month:02}{day:02}"),
        Kind::Born(_) => format!("{year}-{month:02}-{day:02}"),
        Kind::Day => format!("2026-{month:02}-{day:02}"),
        Kind::Sex => pick(&["F", "M", "F", "U"]),
        Kind::People => pick(&["Romanian", "Vietnamese", "Albanian", "British", "Eritrean"]),
        Kind::Street => pick(&[
            "North Road",
            "Church Street",
            "Neville Terrace",
            "Front Street",
        ]),
        Kind::House => format!("{}", 1 + row % 90),
        Kind::Town => pick(TOWNS),
        Kind::Postcode => format!("DH{} {}AB", 1 + row % 8, 1 + row % 9),
        Kind::Phone => {
            if row % 4 == 3 {
                String::new()
            } else {
                format!("07700 900{row:03}")
            }
        }
        Kind::Email => format!("person{row}@example.org"),
        Kind::Vehicle => {
            if row.is_multiple_of(2) {
                format!("NA{:02} XYZ", 10 + row % 60)
            } else {
                String::new()
            }
        }
        Kind::Passport => format!("{:09}", 512_000_101 + row),
        Kind::Insurance => format!("AB{:06}C", 123_400 + row),
        Kind::Nhs => pick(NHS),
        Kind::Handle => format!("@someone_{row}"),
        Kind::Bank => format!("20-00-{:02} {:08}", row % 90, 55_779_911 + row),
        Kind::Role => pick(&["potential_victim", "suspect"]),
        Kind::Word => pick(&["Labour", "Sexual", "Criminal"]),
        Kind::Prose => {
            "She was seen at the car wash with two men and said that she is not paid.".to_owned()
        }
        Kind::Years => format!("{}", 14 + row % 50),
    }
}

const STYLES: &[(&str, Style)] = &[
    (
        "crime system",
        &[
            ("URN", "record_id", Kind::Number),
            ("Family Name", "fields.surnames", Kind::Surname),
            ("First Name(s)", "fields.forenames", Kind::Forename),
            ("A.K.A.", "fields.aliases", Kind::Alias),
            ("d.o.b.", "fields.date_of_birth", Kind::Born("slash")),
            ("Gender", "fields.sex", Kind::Sex),
            ("Nat.", "fields.nationality", Kind::People),
            ("Mob No.", "fields.phone", Kind::Phone),
            ("Veh Reg", "fields.vehicle", Kind::Vehicle),
            ("Officer's Notes", "", Kind::Prose),
            ("OIC Name", "", Kind::Whole),
        ],
    ),
    (
        "camel case export",
        &[
            ("ClientId", "record_id", Kind::Number),
            ("ClientForename", "fields.forenames", Kind::Forename),
            ("ClientSurname", "fields.surnames", Kind::Surname),
            ("BirthDate", "fields.date_of_birth", Kind::Born("iso")),
            ("NhsNo", "fields.nhs_number", Kind::Nhs),
            ("NINo", "fields.national_insurance", Kind::Insurance),
            ("AddrLine1", "fields.address", Kind::Street),
            ("TownCity", "fields.locality", Kind::Town),
            ("PostCode", "fields.postcode", Kind::Postcode),
            ("SocialWorkerPhone", "", Kind::Phone),
            ("CaseSummary", "", Kind::Prose),
            ("ReferralDate", "", Kind::Day),
        ],
    ),
    (
        "charity sheet",
        &[
            ("Our ref", "record_id", Kind::Number),
            ("Name of client", "fields.full_name", Kind::Whole),
            ("Likes to be called", "fields.aliases", Kind::Alias),
            ("Born", "fields.date_of_birth", Kind::Born("dots")),
            ("Where staying", "fields.address", Kind::Street),
            ("WhatsApp number", "fields.phone", Kind::Phone),
            ("E-mail", "fields.email", Kind::Email),
            ("Facebook", "fields.online_handle", Kind::Handle),
            ("Background", "", Kind::Prose),
            ("Emergency contact number", "", Kind::Phone),
        ],
    ),
    (
        "snake case",
        &[
            ("person_ref", "record_id", Kind::Number),
            ("given_names", "fields.forenames", Kind::Forename),
            ("last_nm", "", Kind::Surname),
            ("date_birth", "fields.date_of_birth", Kind::Born("compact")),
            ("sex_cd", "fields.sex", Kind::Sex),
            ("house_no", "fields.address", Kind::House),
            ("street_nm", "fields.address", Kind::Street),
            ("post_cd", "fields.postcode", Kind::Postcode),
            ("tel_home", "fields.phone", Kind::Phone),
            ("tel_mob", "fields.phone", Kind::Phone),
            ("passport_no", "fields.passport", Kind::Passport),
            ("person_role", "record.role", Kind::Role),
            ("review_dt", "record.expires", Kind::Day),
        ],
    ),
    (
        "capitals",
        &[
            ("RECORD NO", "record_id", Kind::Number),
            ("SURNAME", "fields.surnames", Kind::Surname),
            ("NAME", "fields.forenames", Kind::Forename),
            ("DATE OF BIRTH", "fields.date_of_birth", Kind::Born("slash")),
            ("NATIONALITY", "fields.nationality", Kind::People),
            ("LAST KNOWN ADDRESS", "fields.address", Kind::Street),
            ("NUMBER PLATE", "fields.vehicle", Kind::Vehicle),
            ("BANK ACC NO", "fields.bank_account", Kind::Bank),
            ("TYPE OF EXPLOITATION", "record.exploitation", Kind::Word),
            ("REMARKS", "", Kind::Prose),
        ],
    ),
    (
        "no help from names",
        &[
            ("A", "record_id", Kind::Number),
            ("B", "", Kind::Forename),
            ("C", "fields.date_of_birth", Kind::Born("iso")),
            ("D", "fields.email", Kind::Email),
            ("E", "fields.postcode", Kind::Postcode),
            ("F", "fields.phone", Kind::Phone),
            ("G", "", Kind::Prose),
        ],
    ),
    (
        "ages",
        &[
            ("Service user ID", "record_id", Kind::Number),
            ("Service user name", "fields.full_name", Kind::Whole),
            ("Age", "fields.age", Kind::Years),
            ("Age recorded on", "fields.age_at", Kind::Day),
            ("Key worker", "", Kind::Whole),
            ("GP surgery phone", "", Kind::Phone),
            ("Place of birth", "", Kind::Town),
        ],
    ),
];

fn rows(style: Style) -> Vec<Vec<Cell>> {
    (0..40)
        .map(|row| {
            style
                .iter()
                .map(|(_, _, kind)| Zeroizing::new(value(*kind, row)))
                .collect()
        })
        .collect()
}

#[test]
fn columns_of_styles_nobody_wrote_for_are_recognised() {
    let (mut right, mut all) = (0, 0);
    let mut wrong = Vec::new();
    for (name, style) in STYLES {
        let header: Vec<String> = style
            .iter()
            .map(|(column, ..)| (*column).to_owned())
            .collect();
        let suggestion = suggest(&header, &rows(style), NOW);
        for ((column, key, _), found) in style.iter().zip(&suggestion.columns) {
            all += 1;
            let given = found.target.key().unwrap_or_default();
            if given == *key {
                right += 1;
            } else {
                wrong.push(format!(
                    "{name}: {column}: {given} for {key} ({:?})",
                    found.reasons
                ));
            }
        }
    }
    assert!(right * 100 >= all * 95, "{right} of {all}; {wrong:#?}");
}

#[test]
fn free_text_is_never_proposed_whatever_it_is_called() {
    let names = [
        "Name",
        "Phone",
        "Address",
        "Notes",
        "Alias",
        "Contact details",
        "DOB",
        "Vehicle",
        "Reference",
        "Email",
        "Surname",
        "Type",
        "Role",
        "Nationality",
        "Passport",
        "Town",
    ];
    for name in names {
        let header = vec!["id".to_owned(), name.to_owned()];
        let cells: Vec<Vec<Cell>> = (0..20)
            .map(|row| {
                let text = format!("{} Case {row}.", value(Kind::Prose, row));
                vec![Zeroizing::new(format!("{row}")), Zeroizing::new(text)]
            })
            .collect();
        let suggestion = suggest(&header, &cells, NOW);
        assert_eq!(
            suggestion.columns.get(1).map(|column| column.target),
            Some(Target::Nothing),
            "{name}"
        );
    }
}

#[test]
fn what_is_written_is_a_mapping_and_holds_no_value() {
    for (name, style) in STYLES {
        let header: Vec<String> = style
            .iter()
            .map(|(column, ..)| (*column).to_owned())
            .collect();
        let cells = rows(style);
        let text = suggest(&header, &cells, NOW).to_toml();
        let mapping =
            Mapping::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
        assert!(mapping.bind(&header).is_ok(), "{name}");
        let values: BTreeMap<&str, ()> = cells
            .iter()
            .flatten()
            .map(|cell| (cell.as_str(), ()))
            .filter(|(cell, ())| cell.len() > 5 && !text.contains(&format!("= \"{cell}\"")))
            .collect();
        for cell in values.keys() {
            assert!(!text.contains(cell), "{name} shows a value");
        }
    }
}
