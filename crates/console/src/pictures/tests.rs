use std::collections::BTreeSet;

use quick_xml::{Reader, events::Event};
use sanctuary_types::{Band, Evidence, EvidenceKind, IdentifierKind, Outcome, Strength, Timestamp};

use super::{
    svg::{escaped, wrapped},
    *,
};

const HOUR_MS: u64 = 3_600_000;
const HOSTILE: &str = "\"><script>alert(1)</script>&'";

fn evidence() -> Vec<Evidence> {
    let piece = |kind, outcome, strength| Evidence {
        kind,
        outcome,
        strength,
    };
    vec![
        piece(
            EvidenceKind::Sex,
            Outcome::Differed,
            Strength::AgainstALittle,
        ),
        piece(EvidenceKind::Name, Outcome::Agreed, Strength::Strong),
        piece(
            EvidenceKind::DateOfBirth,
            Outcome::Agreed,
            Strength::VeryStrong,
        ),
        piece(
            EvidenceKind::Identifier(IdentifierKind::Email),
            Outcome::NotCompared,
            Strength::ALittle,
        ),
        piece(EvidenceKind::Place, Outcome::Partly, Strength::ALittle),
    ]
}

fn cluster(agency: &str) -> Cluster {
    let member = |name: &str, role: &str| Member {
        agency: name.to_owned(),
        role: role.to_owned(),
    };
    Cluster {
        ours: member("Harbour Council", "Possible victim"),
        others: vec![
            member(agency, "Suspect"),
            member("Haven Support", ""),
            member("River Police", "Possible victim"),
        ],
        links: vec![
            Link {
                a: 0,
                b: 1,
                band: Band::Strong,
            },
            Link {
                a: 2,
                b: 0,
                band: Band::Likely,
            },
            Link {
                a: 1,
                b: 3,
                band: Band::Possible,
            },
            // No such place.
            Link {
                a: 0,
                b: 9,
                band: Band::Strong,
            },
        ],
    }
}

fn timeline() -> Timeline {
    let mark = |label: &str, hours: u64, kind| Mark {
        label: label.to_owned(),
        when: format!("hour {hours}"),
        at: Timestamp(hours * HOUR_MS),
        kind,
    };
    Timeline {
        title: "From match to answer".to_owned(),
        marks: vec![
            mark("Due", 40, MarkKind::Due),
            mark("Matched", 0, MarkKind::Event),
            mark("Opened", 18, MarkKind::Event),
            mark("Assigned to a colleague", 19, MarkKind::Event),
            mark("Now", 30, MarkKind::Now),
        ],
    }
}

fn pictures() -> Vec<(&'static str, Picture)> {
    let waterfall = Waterfall::of(&evidence(), Band::Strong);
    let mut late = timeline();
    late.marks[0].at = Timestamp(20 * HOUR_MS);
    vec![
        ("waterfall", waterfall.draw("a")),
        ("cluster", cluster("Dale Constabulary").draw("b")),
        ("hostile", cluster(HOSTILE).draw(HOSTILE)),
        ("timeline", timeline().draw("c")),
        ("late", late.draw("d")),
        (
            "empty",
            Timeline {
                title: "Nothing yet".to_owned(),
                marks: Vec::new(),
            }
            .draw("e"),
        ),
    ]
}

/// Ids and texts of a drawing; fails when it is not well-formed or has what it must not have.
fn read(svg: &str) -> (Vec<String>, Vec<String>) {
    let (mut ids, mut texts) = (Vec::new(), Vec::new());
    let mut reader = Reader::from_str(svg);
    reader.config_mut().check_end_names = true;
    let mut depth = 0_i32;
    loop {
        let event = reader.read_event().unwrap();
        let tag = match &event {
            Event::Start(tag) => {
                depth += 1;
                tag
            }
            Event::Empty(tag) => tag,
            Event::End(_) => {
                depth -= 1;
                continue;
            }
            Event::Text(text) => {
                texts.push(text.trim().to_owned());
                continue;
            }
            Event::GeneralRef(_) => continue,
            Event::Eof => break,
            other => panic!("unexpected {other:?}"),
        };
        let allowed = [
            "svg", "title", "desc", "defs", "pattern", "rect", "line", "circle", "path", "text",
        ];
        let name = tag.name().as_ref().to_owned();
        assert!(allowed.contains(&name.as_str()), "{name}");
        for attribute in tag.attributes() {
            let attribute = attribute.unwrap();
            let key = attribute.key.as_ref().to_owned();
            assert!(key != "style" && !key.starts_with("on"), "{key}");
            if key == "id" {
                ids.push(attribute.value.to_string());
            }
        }
    }
    assert_eq!(depth, 0);
    (ids, texts)
}

#[test]
fn every_drawing_is_well_formed_and_named_and_its_ids_are_its_own() {
    for (name, picture) in pictures() {
        let mut seen = BTreeSet::new();
        for svg in [&picture.wide, &picture.narrow] {
            let (ids, _) = read(svg);
            assert!(
                svg.contains("role=\"img\"") && svg.contains("<title") && svg.contains("<desc")
            );
            for id in ids {
                assert!(seen.insert(id.clone()), "{name}: {id} twice");
            }
        }
    }
}

#[test]
fn every_table_says_what_the_drawing_says() {
    for (name, picture) in pictures() {
        for row in &picture.table.rows {
            assert_eq!(row.len(), picture.table.head.len(), "{name}");
            let first = escaped(&row[0]);
            let word = first.split_whitespace().next().unwrap();
            assert!(picture.narrow.contains(word), "{name}: {word}");
        }
    }
}

#[test]
fn levels_are_drawn_and_never_weights() {
    let picture = Waterfall::of(&evidence(), Band::Strong).draw("a");
    for svg in [&picture.wide, &picture.narrow] {
        let (_, texts) = read(svg);
        // The only digits of a text would be weights.
        let with_digits: Vec<&String> = texts
            .iter()
            .filter(|text| text.chars().any(|c| c.is_ascii_digit()))
            .collect();
        assert!(with_digits.is_empty(), "{with_digits:?}");
        assert!(!svg.contains("bits") && !svg.contains('%'));
        assert!(!svg.to_lowercase().contains("email"), "not compared");
    }
    assert_eq!(picture.table.rows.len(), 5);
    assert_eq!(
        picture.table.rows[0],
        ["Date of birth the same", "Adds very much"]
    );
    assert_eq!(picture.table.rows[4], ["Result", "A strong match"]);
}

#[test]
fn two_weights_of_one_level_are_the_same_picture() {
    let of = |bits: f64| {
        let mut evidence = evidence();
        evidence[1].strength = Strength::of_bits(bits);
        Waterfall::of(&evidence, Band::Likely).draw("a")
    };
    assert_eq!(of(3.2), of(7.7));
    assert_ne!(of(7.7), of(8.3));
}

#[test]
fn hostile_names_are_text() {
    let picture = cluster(HOSTILE).draw("x");
    assert!(!picture.wide.contains("<script") && !picture.narrow.contains("<script"));
    assert!(picture.wide.contains("&lt;script&gt;"));
    assert_eq!(escaped("a\u{0}b\u{8}c"), "a b c");
}

#[test]
fn links_of_the_cluster_are_told_on_both_sides() {
    let table = cluster("Dale Constabulary").draw("b").table;
    assert_eq!(
        table.rows[0],
        [
            "Harbour Council",
            "Possible victim",
            "Dale Constabulary (strong match); Haven Support (likely match)"
        ]
    );
    assert_eq!(table.rows[2][1], "Not told");
    assert_eq!(table.rows[3][2], "Dale Constabulary (weaker than likely)");
}

#[test]
fn late_is_drawn_in_another_way_and_marks_stand_in_time() {
    let on_time = timeline().draw("c");
    assert!(!on_time.wide.contains("tl-late"));
    let mut late = timeline();
    late.marks[0].at = Timestamp(20 * HOUR_MS);
    let late = late.draw("c");
    assert!(late.wide.contains("tl-late") && late.narrow.contains("tl-late"));
    let labels: Vec<&str> = late.table.rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(
        labels,
        ["Matched", "Opened", "Assigned to a colleague", "Due", "Now"]
    );
}

#[test]
fn a_clock_says_how_pressing_it_is_and_no_more() {
    let at = |now: u64| Clock {
        started: Timestamp(0),
        due: Timestamp(100 * HOUR_MS),
        now: Timestamp(now * HOUR_MS),
    };
    assert_eq!(
        [at(10).word(), at(80).word(), at(101).word()],
        ["ok", "soon", "over"]
    );
    // An hour does not show.
    assert_eq!(at(10).draw(), at(11).draw());
    assert!(at(500).draw().contains("width=\"60\""));
    read(&at(10).draw());
    let backwards = Clock {
        started: Timestamp(HOUR_MS),
        due: Timestamp(0),
        now: Timestamp(0),
    };
    read(&backwards.draw());
}

#[test]
fn long_names_wrap_at_words() {
    assert_eq!(wrapped("one two three", 60.0), ["one two", "three"]);
    assert_eq!(
        wrapped("incomprehensibilities", 10.0),
        ["incomprehensibilities"]
    );
    assert!(wrapped("", 10.0).is_empty());
}
