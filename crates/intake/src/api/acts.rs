//! What the API does, whatever carries it: one record, one withdrawal, many records. Both HTTP and gRPC come
//! here.

use std::sync::Arc;

use axum::http::StatusCode;
use sanctuary_node_core::{
    ImportSummary, NodeError,
    readers::{Object, Objects, RowFault},
};
use serde_json::Value;
use tokio::sync::mpsc;

use super::{
    App, Caller, FieldError, blocking,
    idempotency::Print,
    outcome::{Became, BulkSummary, Problems, RowAnswer, Stored, Withdrawn},
    port::{Answer, Asked, Intake},
    problem::Problem,
};

/// Characters of a reference.
const REFERENCE_CHARS_MAX: usize = 64;
/// Rows on their way from the network to the import.
const ROWS_AHEAD: usize = 256;

/// Does a request, or answers it as before when its idempotency key is known; says which.
pub(crate) async fn once<I: Intake>(
    app: &App<I>,
    caller: Caller,
    key: Option<String>,
    print: Print,
    work: impl FnOnce(&I, &str) -> Result<Answer, Problem> + Send + 'static,
) -> Result<(Answer, bool), Problem> {
    let _call = app.calls.try_acquire().map_err(|_| Problem::busy())?;
    let asked = key.map(|key| Asked {
        caller: caller.0.clone(),
        key,
        print: print.finish(),
    });
    let _held = asked.as_ref().map(|a| app.under_way.hold(a)).transpose()?;
    let node = Arc::clone(&app.node);
    blocking(move || {
        if let Some(asked) = &asked
            && let Some(known) = node.recall(&asked.caller, &asked.key)?
        {
            return Ok(if known.print == asked.print {
                Ok((known.answer, true))
            } else {
                Err(Problem::key_reused())
            });
        }
        let done = work(&node, &caller.0);
        // What the record itself is refused for is the answer, too; a fault of the node is none.
        let answer = match &done {
            Ok(answer) => Some(answer.clone()),
            Err(problem) => (problem.status == 422).then(|| Answer {
                status: problem.status,
                body: problem.to_json(),
            }),
        };
        if let (Some(asked), Some(answer)) = (&asked, &answer) {
            node.remember(asked, answer)?;
        }
        Ok(done.map(|answer| (answer, false)))
    })
    .await?
}

/// Stores one record under its reference.
pub(crate) fn store<I: Intake>(
    node: &I,
    caller: &str,
    reference: &str,
    mut object: Object,
) -> Result<Answer, Problem> {
    let shape = node.shape();
    let given = object
        .entry(shape.record_id.clone())
        .or_insert_with(|| Value::String(reference.to_owned()));
    let is_same = match given {
        Value::String(text) => text.trim() == reference,
        Value::Number(number) => number.to_string() == reference,
        _ => false,
    };
    if !is_same {
        let mut problem = refused();
        problem.errors.push(FieldError {
            field: shape.record_id,
            rule: "the reference in the record must be the one in the path, or be left out"
                .to_owned(),
        });
        return Err(problem);
    }
    let mut problems = Problems::default();
    let mut rows = Objects::new(std::iter::once(Ok(object)), shape.columns);
    let taken = node.take(caller, &mut rows, &mut |reject| {
        problems.add(reject);
        Ok(())
    });
    let summary = taken.map_err(|error| Problem::of_node(&error))?;
    if summary.not_imported > 0 {
        return Err(Problem {
            errors: problems.all(),
            ..refused()
        });
    }
    let outcome = Became::of(&summary);
    let status = match outcome {
        Became::New => StatusCode::CREATED,
        _ => StatusCode::OK,
    };
    let problems = problems.all();
    Ok(answer(status, &Stored { outcome, problems }))
}

fn refused() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "record-refused",
        "The record was not taken in",
        "put right what `errors` names and send the record again",
    )
}

/// Withdraws one record by its reference.
pub(crate) fn withdraw<I: Intake>(
    node: &I,
    caller: &str,
    reference: &str,
) -> Result<Answer, Problem> {
    let done = node.withdraw(caller, reference);
    let done = done.map_err(|error| Problem::of_node(&error))?;
    Ok(answer(
        StatusCode::OK,
        &Withdrawn {
            withdrawn: done.withdrawn > 0,
        },
    ))
}

/// Whether a text may be a reference.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn fitting(reference: &str) -> Result<(), Problem> {
    let fits = (1..=REFERENCE_CHARS_MAX).contains(&reference.chars().count())
        && reference.trim() == reference
        && !reference.chars().any(char::is_control);
    fits.then_some(()).ok_or_else(wrong_reference)
}

pub(crate) fn wrong_reference() -> Problem {
    Problem::bad_request(
        "the reference must be 1 to 64 characters of UTF-8 text, without control characters or spaces at its ends",
    )
}

/// Rows on their way in, whatever carries them.
pub(crate) trait RowSource: Send {
    /// Hands every row over; gives the print of all that came. Nothing is handed over when `rows` is none.
    fn hand_over(
        self,
        rows: Option<mpsc::Sender<Result<Object, RowFault>>>,
        print: Print,
    ) -> impl Future<Output = Result<Print, Problem>> + Send;
}

/// What a request with many rows gives.
pub(crate) enum Many {
    /// It was done now.
    Now(TakenAll),
    /// It was done before: the counts alone.
    Before(Answer),
}

/// Stores many records, or answers as before when the idempotency key is known.
pub(crate) async fn put_many<I: Intake>(
    app: &App<I>,
    caller: Caller,
    key: Option<String>,
    rows: impl RowSource,
    print: Print,
) -> Result<Many, Problem> {
    let slots = Arc::clone(&app.bulk);
    let _slot = slots.try_acquire_owned().map_err(|_| Problem::busy())?;
    let Some(key) = key else {
        let (taken, _) = take_all(app, caller, rows, print).await?;
        return Ok(Many::Now(taken));
    };
    let mut asked = Asked {
        caller: caller.0.clone(),
        key,
        print: [0; 32],
    };
    let _held = app.under_way.hold(&asked)?;
    let (node, of) = (Arc::clone(&app.node), asked.clone());
    let known = blocking(move || node.recall(&of.caller, &of.key)).await?;
    if let Some(known) = known {
        let print = rows.hand_over(None, print).await?.finish();
        if print != known.print {
            return Err(Problem::key_reused());
        }
        return Ok(Many::Before(known.answer));
    }
    let (taken, print) = take_all(app, caller, rows, print).await?;
    asked.print = print.finish();
    let answer = answer(StatusCode::OK, &taken.summary());
    let node = Arc::clone(&app.node);
    blocking(move || node.remember(&asked, &answer)).await?;
    Ok(Many::Now(taken))
}

/// What an import of many rows gave.
pub(crate) struct TakenAll {
    summary: ImportSummary,
    problems: Problems,
}

impl TakenAll {
    fn summary(&self) -> BulkSummary {
        BulkSummary {
            summary: (&self.summary).into(),
        }
    }

    /// The answers on the rows, in order, and the counts.
    pub fn told(self) -> (impl Iterator<Item = RowAnswer> + Send, BulkSummary) {
        let summary = self.summary();
        (self.problems.answers(self.summary.rows), summary)
    }
}

/// Reads and imports side by side, with few rows in memory.
async fn take_all<I: Intake>(
    app: &App<I>,
    caller: Caller,
    rows: impl RowSource,
    print: Print,
) -> Result<(TakenAll, Print), Problem> {
    let (to, from) = mpsc::channel(ROWS_AHEAD);
    let node = Arc::clone(&app.node);
    let import = tokio::task::spawn_blocking(move || import(&*node, &caller.0, from));
    let read = rows.hand_over(Some(to), print).await;
    let imported = import.await;
    let taken = match imported {
        Ok(taken) => taken.map_err(|error| Problem::of_node(&error))?,
        Err(_) => {
            return Err(Problem::of_node(&NodeError::Store(
                "a task ended".to_owned(),
            )));
        }
    };
    Ok((taken, read?))
}

fn import<I: Intake>(
    node: &I,
    caller: &str,
    mut from: mpsc::Receiver<Result<Object, RowFault>>,
) -> Result<TakenAll, NodeError> {
    let objects = std::iter::from_fn(|| from.blocking_recv());
    let mut rows = Objects::new(objects, node.shape().columns);
    let mut problems = Problems::default();
    let summary = node.take(caller, &mut rows, &mut |reject| {
        problems.add(reject);
        Ok(())
    })?;
    Ok(TakenAll { summary, problems })
}

fn answer(status: StatusCode, body: &impl serde::Serialize) -> Answer {
    Answer {
        status: status.as_u16(),
        body: serde_json::to_vec(body).unwrap_or_default(),
    }
}
