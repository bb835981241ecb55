//! One possible match: our record in clear, what may be known of the other side, why, and the decision.

use std::collections::BTreeMap;

use minijinja::{Value, context, value::Serde};
use sanctuary_disclosure::Text;
use sanctuary_policy::Action;
use sanctuary_review::{Answer, Decide, Filter, ItemView, ListRequest, Next, Reason, What};
use sanctuary_types::{AlertId, AlertKind, Evidence, EvidenceKind, Outcome};

use super::{drafts, people::People};
use crate::{
    DraftKind, DraftPlace, Fault, FaultKind, Page, Problem, Reply, Visit,
    frame::sentence,
    pages::capital,
    pictures::{Cluster, Link, Mark, MarkKind, Member, Picture, Timeline, Waterfall},
    when, words,
};

/// The answers: value, id of the radio (what the keys of the queue name), what follows from it.
const ANSWERS: [(Answer, &str, &str); 3] = [
    (
        Answer::Confirmed,
        "confirm",
        "Your agency may then ask the other one about this person.",
    ),
    (
        Answer::NotTheSame,
        "not-same",
        "It stays away until there is new evidence.",
    ),
    (
        Answer::CannotTell,
        "cannot-tell",
        "Nothing is told to the other agency.",
    ),
];

/// What a person typed and did not get saved.
#[derive(Default)]
struct Typed<'a> {
    answer: &'a str,
    reason: &'a str,
    note: &'a str,
    errors: Vec<(&'static str, String)>,
    /// Somebody else was faster.
    changed: bool,
}

/// Shows it.
///
/// # Errors
/// What the node gives.
pub fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let item = visit.office.item(visit.actor()?, &visit.part("id")?)?;
    fresh(visit, &item, false)
}

/// The answer that an address has chosen: keys of the queue lead there.
fn wished<'a>(visit: &Visit<'_>) -> Typed<'a> {
    let wish = visit.query.text("answer");
    let answer = ANSWERS.iter().find(|(_, id, _)| *id == wish);
    Typed {
        answer: answer.map_or("", |(a, ..)| a.word()),
        ..Typed::default()
    }
}

/// Shows one of the re-review sample, without what was decided.
///
/// # Errors
/// What the node gives.
pub fn show_to_recheck(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let item = visit
        .office
        .item_to_recheck(visit.actor()?, &visit.part("id")?)?;
    fresh(visit, &item, true)
}

/// The page as one comes to it: with an answer that the address has chosen, or a draft that was taken up.
fn fresh(visit: &Visit<'_>, item: &ItemView, again: bool) -> Result<Reply, Problem> {
    let offer = drafts::offer(visit, &place(&item.line.alert, again))?;
    let typed = match &offer.form {
        Some(form) => Typed {
            answer: form.text("answer"),
            reason: form.text("reason"),
            note: form.text("note"),
            ..Typed::default()
        },
        None => wished(visit),
    };
    let values = values(visit, item, &typed, again, &offer.values);
    Ok(Page::new("item.html", values).that_talks().into())
}

fn place(id: &AlertId, again: bool) -> DraftPlace {
    let kind = if again {
        DraftKind::Recheck
    } else {
        DraftKind::Decision
    };
    DraftPlace::new(kind, id)
}

/// The first one that waits for this person's decision, else the queue.
///
/// # Errors
/// What the node gives.
pub fn next(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let request = ListRequest {
        filter: Filter::to_do(),
        ..ListRequest::default()
    };
    let page = visit.office.queue(visit.actor()?, &request)?;
    let mine = |next: &[Next]| {
        let decides = [Next::Decide, Next::DecideSecond, Next::Settle];
        decides.iter().any(|n| next.contains(n))
    };
    let line = page.lines.iter().find(|line| mine(&line.next));
    let to = line.map_or("/matches".to_owned(), |l| format!("/matches/{}", l.alert));
    Ok(Reply::To(to))
}

/// Saves an answer.
///
/// # Errors
/// What the node gives.
pub fn decide(visit: &Visit<'_>) -> Result<Reply, Problem> {
    answer(visit, false)
}

/// Saves a re-review.
///
/// # Errors
/// What the node gives.
pub fn recheck(visit: &Visit<'_>) -> Result<Reply, Problem> {
    answer(visit, true)
}

fn answer(visit: &Visit<'_>, again: bool) -> Result<Reply, Problem> {
    let by = visit.actor()?;
    let id: AlertId = visit.part("id")?;
    let version = visit.version()?;
    let form = &visit.form;
    let mut typed = Typed {
        answer: form.text("answer"),
        reason: form.text("reason"),
        note: form.text("note"),
        ..Typed::default()
    };
    let (answer, reason) = (
        Answer::from_word(typed.answer),
        Reason::from_word(typed.reason),
    );
    if answer.is_none() {
        typed
            .errors
            .push(("confirm", "Choose an answer".to_owned()));
    }
    match (reason, answer) {
        (None, _) => typed
            .errors
            .push(("reason", "Choose the main reason".to_owned())),
        (Some(reason), Some(answer)) if !reason.fits(answer) => {
            let text = format!("Choose a reason from the list under “{}”", answer.text());
            typed.errors.push(("reason", text));
        }
        (Some(reason), _) if reason.needs_note() && typed.note.is_empty() => {
            typed.errors.push((
                "note",
                "Write a note that says which reason it is".to_owned(),
            ));
        }
        _ => {}
    }
    let note = match typed.note {
        "" => None,
        text => match Text::new(text) {
            Ok(text) => Some(text),
            Err(refused) => {
                typed.errors.push(("note", sentence(&refused.to_string())));
                None
            }
        },
    };
    if let (Some(answer), Some(reason), true) = (answer, reason, typed.errors.is_empty()) {
        let decide = Decide {
            alert: id,
            version,
            answer,
            reason,
            note,
        };
        let saved = if again {
            visit.office.recheck(by, &decide)
        } else {
            visit.office.decide(by, &decide)
        };
        match saved {
            Ok(_) => {
                drafts::sent(visit, &place(&id, again));
                return Ok(Reply::To(format!("/matches/{id}?said=saved")));
            }
            Err(fault) => typed = kept(typed, fault)?,
        }
    }
    let item = if again {
        visit.office.item_to_recheck(by, &id)?
    } else {
        visit.office.item(by, &id)?
    };
    let changed = typed.changed;
    let none = drafts::none(&place(&id, again));
    let values = values(visit, &item, &typed, again, &none);
    let mut page = Page::wrong("item.html", values).that_talks();
    if changed {
        page.status = axum::http::StatusCode::CONFLICT;
    }
    Ok(page.into())
}

/// What was typed is kept on the page when a rule stands against it or somebody was faster.
fn kept(mut typed: Typed<'_>, fault: Fault) -> Result<Typed<'_>, Problem> {
    match fault.kind {
        FaultKind::Changed => typed.changed = true,
        FaultKind::Refused | FaultKind::Unavailable => {
            typed.errors.push(("confirm", sentence(&fault.text)));
        }
        _ => return Err(fault.into()),
    }
    Ok(typed)
}

/// Takes the last answer back.
///
/// # Errors
/// What the node gives.
pub fn undo(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let id: AlertId = visit.part("id")?;
    visit.office.undo(visit.actor()?, &id, visit.version()?)?;
    Ok(Reply::To(format!("/matches/{id}?said=undone")))
}

fn values(
    visit: &Visit<'_>,
    item: &ItemView,
    typed: &Typed<'_>,
    again: bool,
    draft: &Value,
) -> Value {
    let line = &item.line;
    let house = &visit.house;
    let other = house.name_of(&line.other);
    let record = item.record.as_ref();
    let band = words::band_text(line.band);
    let evidence = Waterfall::of(&item.evidence, line.band).draw("why");
    let next = &line.next;
    let has = |wanted: Next| next.contains(&wanted);
    let task = if again {
        "recheck"
    } else if has(Next::Settle) {
        "settle"
    } else if has(Next::DecideSecond) {
        "second"
    } else if has(Next::Decide) {
        "decide"
    } else if has(Next::DecideAgain) {
        "again"
    } else {
        ""
    };
    let last = item.history.last();
    let people = People::new(visit);
    context! {
        id => line.alert.to_string(),
        draft => draft.clone(),
        version => line.version,
        name => record.map_or("A person whose record is no longer here", |r| r.short_name.as_str()),
        other,
        agency => house.name_of(&house.party),
        kind => words::kind_text(line.kind),
        kind_tag => words::kind_tag(line.kind),
        band,
        band_tag => words::band_tag(line.band),
        child => line.child,
        is_suspect => line.kind == AlertKind::VictimIsSuspect,
        // The age decides which defence is asked about; not known = both.
        age => record.and_then(|r| r.child).map(|child| if child { "child" } else { "adult" }),
        state => line.state.text(),
        answer => line.answer.map(|a| a.text()),
        is_confirmed => line.answer == Some(Answer::Confirmed),
        other_says => line.other_says.map(|a| a.text()),
        newer_evidence => line.newer_evidence,
        record => record.map(|r| context! {
            reference => r.reference.as_str(),
            names => r.names.as_str(),
            roles => words::roles_text(&r.roles, "Not stated"),
            details => r.details.iter().map(|d| context! {
                label => d.label.as_str(),
                value => when::written(&d.value),
            }).collect::<Vec<_>>(),
            address_held => r.address_held,
        }),
        their_roles => words::roles_text(&line.other_roles, "Not told"),
        agreed => phrases(item, |e| {
            compares(e.kind) && matches!(e.outcome, Outcome::Agreed | Outcome::Partly)
        }),
        differed => phrases(item, |e| e.outcome == Outcome::Differed),
        not_compared => phrases(item, |e| e.outcome == Outcome::NotCompared),
        summary => item.explanation.summary.as_str(),
        picture => picture(&evidence),
        cluster => cluster(visit, item).map(|c| picture(&c)),
        timeline => picture(&timeline(visit, item)),
        history => item.history.iter().rev().map(|h| context! {
            title => match (h.what, &h.to) {
                (What::Assigned, Some(to)) => format!("Assigned to {}", to.name),
                _ => h.text.clone(),
            },
            by => h.by.as_ref().map(|w| people.name_and_role(w.person.as_str())),
            at => h.at.0,
            answer => h.answer.map(|a| a.text()),
            reason => h.reason.map(|r| r.text()),
            note => h.note.as_deref(),
        }).collect::<Vec<_>>(),
        due => when::due(line.due, visit.now),
        waits => line.state.is_open(),
        assignee => line.assignee.as_ref().map(|w| w.name.clone()),
        two_reviewers => line.two_reviewers,
        task,
        form => if again { "recheck" } else { "decision" },
        may_recheck => !again && has(Next::Recheck),
        undo_until => has(Next::Undo).then(|| line.undo_until.map(|u| when::moment(u, visit.now))),
        answers => ANSWERS.iter().map(|(answer, id, means)| context! {
            id => *id, means => *means, value => answer.word(), text => answer.text(),
            on => answer.word() == typed.answer,
        }).collect::<Vec<_>>(),
        reasons => reasons(item, typed.reason),
        note => typed.note,
        errors => typed.errors.iter().map(|(field, text)| context! {
            text => text.as_str(), href => format!("#{field}"),
        }).collect::<Vec<_>>(),
        error_of => typed.errors.iter().map(|(field, text)| ((*field).to_owned(), text.clone()))
            .collect::<BTreeMap<String, String>>(),
        changed => typed.changed.then(|| last.map(|h| context! {
            by => h.by.as_ref().map_or("The node".to_owned(), |w| w.name.clone()),
            what => h.text.as_str(),
            at => when::moment(h.at, visit.now),
        })),
        may_ask => visit.may(Action::DraftRequest),
        said => match visit.query.text("said") {
            "saved" => "Saved.",
            "undone" => "Your answer was taken back. Nothing had been sent.",
            _ => "",
        },
    }
}

/// What was compared on both records, as opposed to what follows from the rest.
const fn compares(kind: EvidenceKind) -> bool {
    !matches!(kind, EvidenceKind::Rarity | EvidenceKind::ThirdRecord)
}

/// Evidence in words without its weight.
fn phrases(item: &ItemView, fits: fn(&Evidence) -> bool) -> Vec<String> {
    let pairs = item.evidence.iter().zip(&item.explanation.reasons);
    pairs
        .filter(|(evidence, _)| fits(evidence))
        .map(|(_, reason)| {
            let phrase = reason.split_once(": ").map_or(reason.as_str(), |(p, _)| p);
            capital(phrase.trim_end_matches('.'))
        })
        .collect()
}

pub(crate) fn picture(picture: &Picture) -> Value {
    context! { svg => picture.markup(), table => Serde(&picture.table) }
}

fn cluster(visit: &Visit<'_>, item: &ItemView) -> Option<Picture> {
    let house = &visit.house;
    let line = &item.line;
    let further = item
        .cluster_agencies
        .iter()
        .filter(|a| **a != house.party && **a != line.other);
    let mut others = vec![Member {
        agency: house.name_of(&line.other).to_owned(),
        role: words::roles_text(&line.other_roles, ""),
    }];
    others.extend(further.map(|agency| Member {
        agency: house.name_of(agency).to_owned(),
        role: String::new(),
    }));
    (others.len() > 1).then(|| {
        Cluster {
            ours: Member {
                agency: house.name_of(&house.party).to_owned(),
                role: words::roles_text(&line.own_roles, ""),
            },
            others,
            links: vec![Link {
                a: 0,
                b: 1,
                band: line.band,
            }],
        }
        .draw("group")
    })
}

fn timeline(visit: &Visit<'_>, item: &ItemView) -> Picture {
    let mark = |label: &str, at, kind| Mark {
        label: label.to_owned(),
        when: when::moment(at, visit.now),
        at,
        kind,
    };
    let mut marks = vec![
        mark("Matched", item.raised, MarkKind::Event),
        mark("Now", visit.now, MarkKind::Now),
    ];
    let decided = item.history.iter().rev().find(|h| h.what == What::Decided);
    match decided {
        Some(decided) if !item.line.state.is_open() => {
            marks.push(mark("Decided", decided.at, MarkKind::Event));
        }
        _ => marks.push(mark("Due", item.line.due, MarkKind::Due)),
    }
    Timeline {
        title: "From match to answer".to_owned(),
        marks,
    }
    .draw("clock")
}

/// The reasons to choose from, under their answers.
fn reasons(item: &ItemView, chosen: &str) -> Vec<Value> {
    let mut used = Vec::new();
    let groups = ANSWERS.iter().map(|(answer, ..)| {
        let of = item.reasons.iter().filter(|r| r.answer == *answer);
        let options: Vec<Value> = of
            .map(|choice| {
                // One that fits several answers stands under each and is ticked once.
                let word = choice.reason.word();
                let on = word == chosen && !used.contains(&word);
                if on {
                    used.push(word);
                }
                context! { value => word, text => choice.text.as_str(), on }
            })
            .collect();
        context! { label => answer.text(), options }
    });
    groups.collect()
}
