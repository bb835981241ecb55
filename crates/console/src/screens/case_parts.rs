//! Parts of a case as pages show them.

use minijinja::{Value, context};
use sanctuary_disclosure::{
    Answer, ContactCard, ContactFirst, Handling, Proposal, Report, Request, Verdict, VictimNotice,
    Views,
};
use sanctuary_policy::Field;
use sanctuary_types::Roles;

use crate::{Visit, choices, pages::capital, when, words};

/// A set of roles in words.
fn roles(roles: Roles) -> String {
    words::roles_text(&roles.iter().collect::<Vec<_>>(), "Not stated")
}

/// The request, as its rows.
pub fn request(request: &Request, visit: &Visit<'_>) -> Value {
    let pair = |key: &str, value: String| context! { key, value };
    let mut rows = vec![
        pair("Purpose", capital(request.purpose.text())),
        pair("Law", capital(request.gateway.text())),
        pair("Enquiry", request.enquiry.expose().to_owned()),
        pair("Why it is needed", request.necessity.expose().to_owned()),
        pair(
            "Why no less will do",
            request.proportionality.expose().to_owned(),
        ),
    ];
    if let Some(line) = &request.line_of_enquiry {
        rows.push(pair("Line of enquiry", line.expose().to_owned()));
    }
    rows.push(pair("Phoned first", contact_first(&request.contact_first)));
    if let Some(notice) = &request.victim_notice {
        rows.push(pair("Notice to the victim", notice_text(notice)));
    }
    if let Some(counselling) = &request.counselling {
        rows.push(pair(
            "Counselling records",
            counselling.probative_value.expose().to_owned(),
        ));
    }
    rows.push(pair(
        "Regarded as",
        format!(
            "{}: {}. {}: {}.",
            visit.house.name_of(&request.asker),
            roles(request.about.asker_roles),
            visit.house.name_of(&request.owner),
            roles(request.about.owner_roles),
        ),
    ));
    let wanted: Vec<Value> = request
        .wanted
        .iter()
        .map(|w| {
            context! {
                field => capital(w.field.text()),
                reason => w.reason.expose(),
                shielded => w.field.is_shielded(),
            }
        })
        .collect();
    let counselling = request.fields().contains(&Field::Counselling);
    context! { rows, wanted, counselling }
}

fn contact_first(contact: &ContactFirst) -> String {
    match contact {
        ContactFirst::ThisIsIt => "This request asks who to phone".to_owned(),
        ContactFirst::Phoned(call) => format!(
            "{} with {}: {}",
            when::date_time(call.at),
            call.with.expose(),
            call.result.expose()
        ),
        ContactFirst::NotPossible(why) => format!("Not possible: {}", why.expose()),
    }
}

fn notice_text(notice: &VictimNotice) -> String {
    match notice {
        VictimNotice::Given { at, to } => format!(
            "Given on {}: {}",
            when::date(*at),
            choices::text(choices::NOTICES, to)
        ),
        VictimNotice::Withheld { ground, why } => format!(
            "Withheld. {}: {}",
            choices::text(choices::WITHHOLDINGS, ground),
            why.expose()
        ),
    }
}

/// A proposed answer, for the people of the owner.
pub fn proposal(proposal: &Proposal) -> Value {
    let verdicts: Vec<Value> = proposal
        .verdicts
        .iter()
        .map(|(field, verdict)| {
            let items = proposal.report.iter().flat_map(|r| &r.items);
            let mut items = items.filter(|i| i.field == *field);
            context! {
                field => capital(field.text()),
                word => field.word(),
                verdict => verdict_text(*verdict),
                releases => verdict.releases(),
                value => items.next().map(|i| i.value.expose()),
                told => proposal.tell.contains(field),
            }
        })
        .collect();
    context! {
        verdicts,
        nothing => !proposal.releases(),
        neither => proposal.neither_confirm_nor_deny,
        contact => proposal.contact.as_ref().map(contact),
        report => proposal.report.as_ref().map(report),
        shield => proposal.shield.as_ref().map(|(ground, text)| {
            format!("{}: {}", choices::text(choices::SHIELDS, ground), text.expose())
        }),
        child_ground => proposal.child_ground.as_ref().map(|t| t.expose()),
        views => proposal.views.as_ref().map(|views| match views {
            Views::Recorded(text) => format!("Sought: {}", text.expose()),
            Views::NotSought(text) => format!("Not sought: {}", text.expose()),
        }),
        note => proposal.note.as_ref().map(|t| t.expose()),
    }
}

fn verdict_text(verdict: Verdict) -> String {
    match verdict {
        Verdict::Release => "Release".to_owned(),
        Verdict::Sanitise => "Release without parts that show a source or somebody else".to_owned(),
        Verdict::NotHeld => "Not held".to_owned(),
        Verdict::Withhold(reason) => {
            let text = choices::text(choices::REFUSALS, &reason);
            let text = if text.is_empty() { "Not held" } else { text };
            format!("Withhold: {text}")
        }
    }
}

/// Details that were not released: no word on why unless the owner chose to say.
pub fn not_released(answer: &Answer) -> Vec<Value> {
    let lines = answer.not_released.iter();
    lines
        .map(|n| {
            context! {
                field => capital(n.field.text()),
                reason => n.reason.map(|r| choices::text(choices::REFUSALS, &r)),
            }
        })
        .collect()
}

/// Whom to phone.
pub fn contact(card: &ContactCard) -> Value {
    context! {
        role => capital(card.role.text()),
        name => card.name.expose(),
        phone => card.phone.expose(),
        hours => card.hours.expose(),
    }
}

/// An intelligence report.
pub fn report(report: &Report) -> Value {
    let (handling, conditions) = match &report.handling {
        Handling::Permitted => ("Lawful sharing permitted".to_owned(), None),
        Handling::Conditional { codes, text } => {
            let codes: Vec<String> = codes
                .iter()
                .map(|c| format!("{}: {}", c.code(), c.text()))
                .collect();
            let conditions = text.expose();
            (
                format!(
                    "Lawful sharing permitted with conditions ({})",
                    codes.join("; ")
                ),
                Some(conditions),
            )
        }
    };
    context! {
        number => report.number,
        corrects => report.corrects,
        owner => report.owner_name.as_str(),
        recipient => report.recipient_name.as_str(),
        category => roles(report.category),
        child => report.child,
        made => report.made.0,
        expires => report.expires.0,
        marking => report.marking.code(),
        grading => report.grading(),
        source => format!("{}: {}", report.source.code(), report.source.text()),
        information => format!("{}: {}", report.information.code(), report.information.text()),
        handling_code => report.handling.code(),
        handling,
        conditions,
        onward => report.onward.text(),
        items => report.items.iter().map(|i| context! {
            field => capital(i.field.text()),
            value => i.value.expose(),
            opinion => i.opinion,
            sanitised => i.sanitised,
        }).collect::<Vec<_>>(),
        text => report.text.expose(),
        watermark => report.watermark.as_ref().map(ToString::to_string),
    }
}
