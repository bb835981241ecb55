//! The owner's answer, detail by detail. Nothing is ticked on arrival; every detail needs a choice.

use std::collections::BTreeMap;

use minijinja::{Value, context, value::Serde};
use sanctuary_casework::{CaseRequest, CaseView, ProposalDraft, ReportDraft};
use sanctuary_disclosure::{
    Condition, ContactCard, Handling, InformationGrade, Item, Onward, SourceGrade, Text, Verdict,
    Views,
};
use sanctuary_policy::{Action, ContactRole, Field};
use sanctuary_types::CaseId;

use super::{case_steps::text, drafts};
use crate::{
    DraftKind, DraftPlace, FaultKind, Form, Page, Problem, Reply, Visit, choices, frame::sentence,
    pages::capital,
};

/// The page.
///
/// # Errors
/// What the node gives.
pub fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let id: CaseId = visit.part("id")?;
    let case = visit.office.case(visit.actor()?, &id)?;
    let offer = drafts::offer(visit, &DraftPlace::new(DraftKind::Answer, &id))?;
    let form = offer.form.unwrap_or_default();
    page(visit, &id, &case, &form, &[], &offer.values)
}

/// Puts the answer to the second person.
///
/// # Errors
/// What the node gives.
pub fn propose(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let id: CaseId = visit.part("id")?;
    let by = visit.actor()?;
    let case = visit.office.case(by, &id)?;
    let mut amiss = Vec::new();
    let draft = read(&case, &visit.form, &mut amiss);
    let place = DraftPlace::new(DraftKind::Answer, &id);
    let none = drafts::none(&place);
    if !amiss.is_empty() {
        return page(visit, &id, &case, &visit.form, &amiss, &none);
    }
    let step = CaseRequest::Propose {
        case: id,
        proposal: Box::new(draft),
    };
    match visit.office.step(by, &step) {
        Ok(()) => {
            drafts::sent(visit, &place);
            Ok(Reply::To(format!("/requests/{id}?said=proposed")))
        }
        Err(fault) if matches!(fault.kind, FaultKind::Refused | FaultKind::Unavailable) => {
            let amiss = [("top".to_owned(), sentence(&fault.text))];
            page(visit, &id, &case, &visit.form, &amiss, &none)
        }
        Err(fault) => Err(fault.into()),
    }
}

type Amiss = Vec<(String, String)>;

/// What the form says; what is not right goes to `amiss`.
fn read(case: &CaseView, form: &Form, amiss: &mut Amiss) -> ProposalDraft {
    let fields = case.request.fields();
    let mut verdicts = Vec::new();
    let mut items = Vec::new();
    let mut tell = Vec::new();
    for field in &fields {
        let word = field.word();
        let Some(verdict) = verdict(form.text(&format!("verdict-{word}"))) else {
            amiss.push((
                format!("verdict-{word}"),
                format!("Choose what to do with: {}", field.text()),
            ));
            continue;
        };
        verdicts.push((*field, verdict));
        if !verdict.releases() && form.ticked(&format!("tell-{word}")) {
            tell.push(*field);
        }
        if verdict.releases() && *field != Field::Contact {
            match Text::new(form.text(&format!("value-{word}"))) {
                Ok(value) => items.push(Item {
                    field: *field,
                    value,
                    opinion: form.ticked(&format!("opinion-{word}")),
                    sanitised: verdict == Verdict::Sanitise,
                }),
                Err(_) => amiss.push((
                    format!("value-{word}"),
                    format!("Write what is released of: {}", field.text()),
                )),
            }
        }
    }
    let releases_contact = verdicts.contains(&(Field::Contact, Verdict::Release));
    let mut note = |(field, text): (&'static str, String)| amiss.push((field.to_owned(), text));
    let contact = releases_contact
        .then(|| contact(form))
        .and_then(|c| c.map_err(&mut note).ok());
    let report = (!items.is_empty())
        .then(|| report(form, items))
        .and_then(|r| r.map_err(&mut note).ok());
    let shield = verdicts
        .iter()
        .any(|(f, v)| f.is_shielded() && v.releases());
    let shield = shield
        .then(|| {
            let ground = choices::from(form.text("shield")).ok_or((
                "shield",
                "Choose why where the person can be found is released".to_owned(),
            ))?;
            Ok((ground, text(form, "shield_why", "why it is released")?))
        })
        .and_then(|s: Result<_, (&'static str, String)>| s.map_err(&mut note).ok());
    let views = match form.text("views") {
        "recorded" => text(form, "views_text", "what the person said")
            .map(Views::Recorded)
            .map(Some),
        "not_sought" => text(form, "views_text", "why their views were not sought")
            .map(Views::NotSought)
            .map(Some),
        _ => Ok(None),
    };
    let optional = |name: &'static str| match form.text(name) {
        "" => Ok(None),
        _ => text(form, name, "").map(Some),
    };
    ProposalDraft {
        verdicts,
        neither_confirm_nor_deny: form.ticked("neither"),
        tell,
        contact,
        report,
        shield,
        child_ground: optional("child_ground").map_err(&mut note).ok().flatten(),
        views: views.map_err(&mut note).ok().flatten(),
        note: optional("note").map_err(&mut note).ok().flatten(),
    }
}

/// `release`, `sanitise`, `not_held`, or the reason for which it is withheld.
fn verdict(word: &str) -> Option<Verdict> {
    match word {
        "release" => Some(Verdict::Release),
        "sanitise" => Some(Verdict::Sanitise),
        "not_held" => Some(Verdict::NotHeld),
        reason => choices::from(reason).map(Verdict::Withhold),
    }
}

fn contact(form: &Form) -> Result<ContactCard, (&'static str, String)> {
    Ok(ContactCard {
        role: form.parse::<ContactRole>("contact_role").ok_or((
            "contact_role",
            "Choose the function of the contact".to_owned(),
        ))?,
        name: text(form, "contact_name", "the name or team of the contact")?,
        phone: text(form, "contact_phone", "the office telephone of the contact")?,
        hours: text(form, "contact_hours", "when the contact answers")?,
    })
}

fn report(form: &Form, items: Vec<Item>) -> Result<ReportDraft, (&'static str, String)> {
    let codes: Vec<Condition> = form.all("condition").filter_map(choices::from).collect();
    let handling = if codes.is_empty() {
        Handling::Permitted
    } else {
        Handling::Conditional {
            codes,
            text: text(form, "conditions", "the conditions in words")?,
        }
    };
    let need = |what: &str| format!("Choose the {what}");
    Ok(ReportDraft {
        source: choices::from(form.text("source"))
            .ok_or(("source", need("grading of the source")))?,
        information: choices::from(form.text("information"))
            .ok_or(("information", need("grading of the information")))?,
        handling,
        onward: choices::from(form.text("onward"))
            .ok_or(("onward", need("rule for sharing further")))?,
        expires_days: form.parse("expires_days"),
        items,
        text: text(form, "report_text", "the report in a few sentences")?,
    })
}

fn page(
    visit: &Visit<'_>,
    id: &CaseId,
    case: &CaseView,
    form: &Form,
    amiss: &[(String, String)],
    draft: &Value,
) -> Result<Reply, Problem> {
    let by = visit.actor()?;
    let shown = visit.query.ticked("shielded") && visit.may(Action::RevealShielded);
    if shown {
        visit.need_proof("Show it")?;
    }
    let held = visit.office.suggest(by, id)?;
    let errors: BTreeMap<&str, &str> = amiss
        .iter()
        .map(|(f, t)| (f.as_str(), t.as_str()))
        .collect();
    let fields: Vec<Value> = case
        .request
        .wanted
        .iter()
        .map(|wanted| {
            let field = wanted.field;
            let word = field.word();
            let own = held.get(&field).map(Text::expose);
            let hidden = field.is_shielded() && !shown;
            let typed = form.text(&format!("value-{word}"));
            context! {
                word,
                text => capital(field.text()),
                why => wanted.reason.expose(),
                is_contact => field == Field::Contact,
                shielded => field.is_shielded(),
                hidden => hidden && own.is_some(),
                held => own.is_some(),
                value => if typed.is_empty() && !hidden { own.unwrap_or_default() } else { typed },
                verdict => form.text(&format!("verdict-{word}")),
                tell => form.ticked(&format!("tell-{word}")),
                opinion => form.ticked(&format!("opinion-{word}")),
                error => errors.get(format!("verdict-{word}").as_str()).copied(),
                value_error => errors.get(format!("value-{word}").as_str()).copied(),
            }
        })
        .collect();
    let value = |name: &str| form.text(name).to_owned();
    let grades = |all: Vec<(&'static str, &'static str)>, name: &str| -> Vec<choices::Choice> {
        let chosen = form.text(name);
        let choice = |(code, text): (&str, &str)| choices::Choice {
            value: code.to_owned(),
            text: if text.ends_with('.') {
                text.to_owned()
            } else {
                format!("{code}: {text}")
            },
            on: code == chosen,
        };
        all.into_iter().map(choice).collect()
    };
    let about = &case.request.about;
    let values = context! {
        id => id.to_string(),
        draft => draft.clone(),
        other => visit.house.name_of(&case.line.other),
        request => super::case_parts::request(&case.request, visit),
        fields,
        wants_contact => case.request.fields().contains(&Field::Contact),
        wants_more => case.request.fields().iter().any(|f| *f != Field::Contact),
        wants_shielded => case.request.wants_shielded(),
        reach => case.reach.map(choices::reach_text),
        child => about.child,
        is_victim => about.is_victim(),
        both => about.is_victim_and_suspect(),
        refusals => Serde(choices::of(choices::REFUSALS, "")),
        shields => Serde(choices::of(choices::SHIELDS, form.text("shield"))),
        contact_roles => Serde(ContactRole::ALL.iter().map(|r| choices::Choice {
            value: r.word().to_owned(), text: capital(r.text()), on: r.word() == form.text("contact_role"),
        }).collect::<Vec<_>>()),
        sources => Serde(grades(SourceGrade::ALL.iter().map(|g| (g.code(), g.text())).collect(), "source")),
        informations => Serde(grades(InformationGrade::ALL.iter().map(|g| (g.code(), g.text())).collect(), "information")),
        onwards => Serde(grades(Onward::ALL.iter().map(|g| (g.code(), g.text())).collect(), "onward")),
        conditions => Serde(Condition::ALL.iter().map(|c| choices::Choice {
            value: c.code().to_owned(), text: format!("{}: {}", c.code(), c.text()), on: form.has("condition", c.code()),
        }).collect::<Vec<_>>()),
        contact_name => value("contact_name"),
        contact_phone => value("contact_phone"),
        contact_hours => value("contact_hours"),
        conditions_text => value("conditions"),
        expires_days => value("expires_days"),
        report_text => value("report_text"),
        shield_why => value("shield_why"),
        child_ground => value("child_ground"),
        views => value("views"),
        views_text => value("views_text"),
        note => value("note"),
        neither => form.ticked("neither"),
        errors => amiss.iter().map(|(field, text)| context! { text => text.as_str(), href => format!("#{field}") }).collect::<Vec<_>>(),
        error_of => amiss.iter().cloned().collect::<BTreeMap<String, String>>(),
    };
    Ok(if amiss.is_empty() {
        Page::new("answer.html", values).that_talks().into()
    } else {
        Page::wrong("answer.html", values).that_talks().into()
    })
}
