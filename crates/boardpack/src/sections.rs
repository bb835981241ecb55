//! The parts of the pack, in the order in which a board reads them.

mod estimate;

use sanctuary_figures::{Estimate, Family, Figures, Outcome, Statistic, Trait, Urgency};

use crate::{
    overlap,
    pack::{Block, Section},
    table::{Cell, Table},
    words::KEY,
};

pub(crate) fn all(figures: &Figures) -> Vec<Section> {
    let mut sections = vec![key(), lists(figures)];
    if figures.lists.len() >= 2 {
        sections.push(overlaps(figures));
    }
    sections.push(nature(figures));
    sections.push(estimate::estimate(figures));
    sections.push(requests(figures));
    sections.push(contributors(figures));
    sections.push(making(figures));
    sections
}

fn key() -> Section {
    Section::new("reading", "Reading the numbers")
        .with(Block::Points(KEY.iter().map(|k| (*k).to_owned()).collect()))
}

fn lists(figures: &Figures) -> Section {
    let rows = figures.lists.iter().zip(0_u8..).map(|(list, i)| {
        vec![
            Cell::words(&list.name),
            cell(figures, Statistic::VictimsOn(i)),
            cell(figures, Statistic::SuspectsOn(i)),
        ]
    });
    Section::new("agencies", "Who knows how many")
        .text("A person whom several agencies know is counted once in each of their rows.")
        .with(Block::Table(Table {
            caption: "People known, by agency group".to_owned(),
            heads: heads(&["Agency group", "Potential victims", "Suspects"]),
            rows: rows.collect(),
            bars: Some(1),
        }))
}

fn overlaps(figures: &Figures) -> Section {
    let mut rows: Vec<Vec<Cell>> = overlap::pairs(figures)
        .into_iter()
        .map(|(i, j)| {
            let name = |l: u8| figures.lists[usize::from(l)].name.clone();
            vec![
                Cell::words(format!("{} and {}", name(i), name(j))),
                cell(figures, Statistic::Both(i, j)),
            ]
        })
        .collect();
    rows.push(vec![
        Cell::words("Any two or more"),
        cell(figures, Statistic::TwoOrMore),
    ]);
    if figures.lists.len() >= 3 {
        rows.push(vec![
            Cell::words("Any three or more"),
            cell(figures, Statistic::ThreeOrMore),
        ]);
    }
    Section::new("overlap", "Who knows the same people")
        .text("Each column counts the potential victims known to both joined agencies, whoever else knows them, so one person can stand in several columns. Exact combinations are not published: they would show single people.")
        .with(Block::Picture(overlap::drawing(figures)))
        .with(Block::Table(Table {
            caption: "Potential victims known to both agencies".to_owned(),
            heads: heads(&["Known to", "Potential victims"]),
            rows,
            bars: None,
        }))
}

fn nature(figures: &Figures) -> Section {
    let mut section = Section::new("nature", "Who is exploited, and how")
        .text("Potential victims known to at least one agency. A person exploited in several ways stands under \"More than one type\" only. The broad groups are the only ones that are counted.");
    for family in Family::ALL {
        let rows = Trait::ALL
            .iter()
            .filter(|t| t.family() == *family)
            .map(|t| vec![Cell::words(t.text()), cell(figures, Statistic::With(*t))]);
        section = section.with(Block::Table(Table {
            caption: family.text().to_owned(),
            heads: heads(&[group_head(*family), "Potential victims"]),
            rows: rows.collect(),
            bars: Some(1),
        }));
    }
    section
}

fn group_head(family: Family) -> &'static str {
    match family {
        Family::Exploitation => "Type",
        Family::Age => "Age",
        Family::Sex => "Sex",
        Family::Nationality => "Group of nationalities",
        Family::Place => "Place",
    }
}

fn requests(figures: &Figures) -> Section {
    let urgency = Urgency::ALL.iter().map(|u| {
        vec![
            Cell::words(u.text()),
            cell(figures, Statistic::Asked(*u)),
            cell(figures, Statistic::Late(*u)),
        ]
    });
    let all = vec![
        Cell::words("All requests"),
        cell(figures, Statistic::Requests),
        Cell::words(""),
    ];
    let outcome = Outcome::ALL
        .iter()
        .map(|o| vec![Cell::words(o.text()), cell(figures, Statistic::Ended(*o))]);
    Section::new("requests", "Answering requests")
        .text("One agency asks another about a possible match. The promised time runs from the moment the request is sent; past the time are those without an answer then. Whether anything was released is known to the two agencies alone.")
        .with(Block::Table(Table {
            caption: "Requests and promised times".to_owned(),
            heads: heads(&["Promised", "Requests", "Past the time"]),
            rows: urgency.chain([all]).collect(),
            bars: None,
        }))
        .with(Block::Table(Table {
            caption: "How far the requests are".to_owned(),
            heads: heads(&["How far", "Requests"]),
            rows: outcome.collect(),
            bars: Some(1),
        }))
}

fn contributors(figures: &Figures) -> Section {
    let rows = figures.lists.iter().map(|list| {
        let agencies: Vec<&str> = list.agencies.iter().map(|a| a.as_str()).collect();
        vec![Cell::words(&list.name), Cell::words(agencies.join(", "))]
    });
    Section::new("contributors", "Who contributes")
        .text("Lists that one agency's referrals feed from another count as one list. People whom no agency on this page knows are in no count.")
        .with(Block::Table(Table {
            caption: "Agency groups and the agencies in them".to_owned(),
            heads: heads(&["Agency group", "Agencies"]),
            rows: rows.collect(),
            bars: None,
        }))
}

fn making(figures: &Figures) -> Section {
    Section::new("making", "How this was made")
        .text("No name or other identifier left any agency for this. People on two lists or more are counted by the hub, people on one list only by the agency itself; only counts are put together. Before release the partnership's program tries to undo the rounding, as an agency could that knows its own list and all earlier editions, and hides what it could work out. Then two officers sign.")
        .text("There is one edition a quarter at most, for one period that only grows within the year, and only when at least ten people entered or left.")
        .with(Block::Points(
            [
            estimated_by(figures),
            format!("Edition {}, program version {}", figures.number, figures.program),
            format!("Signed by {} officers", figures.signatures),
            format!("Fingerprint of the edition: {}", fingerprint(&figures.hash)),
            ]
            .into_iter()
            .filter(|line| !line.is_empty())
            .collect(),
        ))
}

fn estimated_by(figures: &Figures) -> String {
    match &figures.estimate {
        Estimate::Made { method, .. } => format!("Estimated by {method}"),
        Estimate::NotMade { .. } => String::new(),
    }
}

/// SHA-256 in groups that can be read out.
fn fingerprint(hash: &[u8; 32]) -> String {
    let digits = hex::encode(hash);
    let groups: Vec<&str> = (0..digits.len())
        .step_by(8)
        .filter_map(|at| digits.get(at..at + 8))
        .collect();
    groups.join(" ")
}

fn cell(figures: &Figures, statistic: Statistic) -> Cell {
    Cell::figure(figures.figures.iter().find(|f| f.statistic == statistic))
}

fn heads(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|t| (*t).to_owned()).collect()
}
