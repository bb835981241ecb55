//! The data protection officer's page: the agreement, each control as it is found, what people are owed. A person's
//! request for access is opened by the reference of their record, which is posted and never in an address.

use minijinja::{Value, context, value::Serde};
use sanctuary_casework::rights::{AccessLine, Holds};
use sanctuary_disclosure::Text;
use sanctuary_policy::{Agreement, Field};
use sanctuary_types::{CaseId, PartyId};

use crate::{Page, Problem, Reply, Visit};

/// The overview.
///
/// # Errors
/// [`Problem`].
pub fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    overview(visit, "").map(|values| Page::new("dpo.html", values).into())
}

fn overview(visit: &Visit<'_>, problem: &str) -> Result<Value, Problem> {
    let by = visit.actor()?;
    let pack = visit.oversight()?.evidence(by)?;
    let agreement = visit.oversight()?.agreement(by)?;
    let questions = visit.oversight()?.access_questions(by)?;
    let controls = pack.controls.iter().map(|control| {
        let (word, colour) = match control.holds {
            Holds::Yes => ("Holds", "green"),
            Holds::Attention => ("Needs attention", "yellow"),
            Holds::No => ("Does not hold", "red"),
        };
        context! {
            title => control.title, law => control.law, word => word, colour => colour,
            finding => &control.finding,
        }
    });
    let questions = questions.iter().map(|question| {
        context! {
            id => question.id.to_string(),
            from => visit.house.name_of(&question.from),
            came => question.came.0,
            lines => question.lines.len(),
        }
    });
    Ok(context! {
        agreement => agreed(&agreement, visit),
        sha256 => pack.agreement_sha256,
        controls => Value::from_iter(controls.collect::<Vec<_>>()),
        questions => Value::from_iter(questions.collect::<Vec<_>>()),
        not_destroyed => pack.figures.not_destroyed,
        overdue => pack.figures.overdue,
        alarms => pack.alarms.len(),
        log_entries => pack.log_entries.len(),
        problem => problem,
    })
}

fn agreed(agreement: &Agreement, visit: &Visit<'_>) -> Value {
    let members = agreement.members.iter().map(|member| {
        context! {
            name => &member.name, sector => member.sector.text(),
            contact => &member.data_protection_contact, ours => member.id == visit.house.party,
        }
    });
    context! {
        title => &agreement.title, aim => &agreement.aim, version => agreement.version,
        in_force => agreement.in_force.long(), review => agreement.review.long(),
        expires => agreement.expires.long(), review_overdue => agreement.is_review_overdue(visit.now),
        release_days => agreement.retention.release_days,
        unanswered_days => agreement.retention.unanswered_request_days,
        file_days => agreement.retention.case_file_days,
        members => Value::from_iter(members.collect::<Vec<_>>()),
    }
}

/// Opens a request for access.
///
/// # Errors
/// [`Problem`].
pub fn open_access(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let reference = visit.form.text("reference");
    if reference.is_empty() {
        let problem = "Enter the reference of your agency's record of the person";
        return overview(visit, problem).map(|values| Page::wrong("dpo.html", values).into());
    }
    let id = visit.oversight()?.open_access(visit.actor()?, reference)?;
    Ok(Reply::To(format!("/data-protection/access/{id}")))
}

/// How far a request for access is.
///
/// # Errors
/// [`Problem`].
pub fn access(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let id: CaseId = visit.part("matter")?;
    let state = visit.oversight()?.access(visit.actor()?, &id)?;
    let agencies = state.agencies.iter().map(|(party, answered)| {
        context! { name => visit.house.name_of(party), answered => answered.map(|at| at.0) }
    });
    let waiting = state.agencies.iter().filter(|(_, a)| a.is_none()).count();
    Ok(Page::new(
        "access.html",
        context! {
            id => id.to_string(),
            opened => state.opened.0,
            lines => lines(&state.own, visit),
            agencies => Value::from_iter(agencies.collect::<Vec<_>>()),
            waiting => waiting,
        },
    )
    .into())
}

/// What the person is told, to be printed.
///
/// # Errors
/// [`Problem`].
pub fn report(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let id: CaseId = visit.part("matter")?;
    let (held, reason) = held_back(visit)?;
    let report = visit
        .oversight()?
        .access_report(visit.actor()?, &id, &held, reason.as_ref())?;
    Ok(Page::new(
        "access-report.html",
        context! {
            id => id.to_string(),
            at => report.at.0,
            statement => report.statement,
            lines => lines(&report.lines, visit),
        },
    )
    .into())
}

/// A question of another agency, with what this one has.
///
/// # Errors
/// [`Problem`].
pub fn question(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let id: CaseId = visit.part("matter")?;
    let questions = visit.oversight()?.access_questions(visit.actor()?)?;
    let question = questions.iter().find(|q| q.id == id);
    let question = question.ok_or(Problem::NotFound)?;
    Ok(Page::new(
        "access-question.html",
        context! {
            id => id.to_string(),
            from => visit.house.name_of(&question.from),
            came => question.came.0,
            lines => lines(&question.lines, visit),
        },
    )
    .into())
}

/// Answers it.
///
/// # Errors
/// [`Problem`].
pub fn answer(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let id: CaseId = visit.part("matter")?;
    let (held, reason) = held_back(visit)?;
    let by = visit.actor()?;
    visit
        .oversight()?
        .answer_access(by, &id, &held, reason.as_ref())?;
    Ok(Reply::To("/data-protection".to_owned()))
}

/// The lines that are ticked to be held back, and why.
fn held_back(visit: &Visit<'_>) -> Result<(Vec<CaseId>, Option<Text>), Problem> {
    let held = visit.form.all("held").map(str::parse);
    let held = held.collect::<Result<Vec<CaseId>, _>>();
    let held = held.map_err(|_| Problem::BadRequest)?;
    let reason = visit.form.text("reason");
    let reason = (!reason.is_empty()).then(|| Text::new(reason));
    let reason = reason.transpose().map_err(|_| Problem::BadRequest)?;
    Ok((held, reason))
}

fn lines(lines: &[AccessLine], visit: &Visit<'_>) -> Value {
    let name = |party: &PartyId| visit.house.name_of(party).to_owned();
    let fields = |fields: &[Field]| {
        let texts: Vec<&str> = fields.iter().map(|f| f.text()).collect();
        texts.join(", ")
    };
    let rows = lines.iter().map(|line| {
        context! {
            case => line.case.to_string(),
            asked_by => name(&line.asked_by),
            asked => name(&line.asked),
            at => line.at.0,
            purpose => line.purpose.text(),
            gateway => line.gateway.text(),
            wanted => fields(&line.wanted),
            released => Serde(fields(&line.released)),
        }
    });
    Value::from_iter(rows.collect::<Vec<_>>())
}
