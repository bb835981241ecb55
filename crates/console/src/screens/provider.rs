//! To the identity provider and back.

use std::future::Future;

use tokio::runtime::Handle;

use crate::{
    Problem, Reply, Visit, Why,
    oidc::{Provider, Purpose, Refusal},
    visit::own_path,
};

/// To the provider, to sign in.
///
/// # Errors
/// [`Problem`]; a provider that does not answer.
pub fn go(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let back = own_path(visit.query.text("back"));
    if visit.person.is_some() {
        return Ok(Reply::To(back.to_owned()));
    }
    begin(visit, Purpose::SignIn, back)
}

/// To the provider, to show once more that it is them.
///
/// # Errors
/// As [`go`].
pub fn go_again(visit: &Visit<'_>) -> Result<Reply, Problem> {
    begin(
        visit,
        Purpose::Again,
        &super::prove::afterwards(&visit.query),
    )
}

fn begin(visit: &Visit<'_>, purpose: Purpose, to: &str) -> Result<Reply, Problem> {
    let begun = wait(provider(visit)?.begin(purpose, to));
    begun.map(Reply::Provider).map_err(|r| refused(visit, r))
}

/// Back from the provider.
///
/// # Errors
/// [`Problem`]; whatever is wrong with what it sent.
pub fn come_back(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let finished = wait(provider(visit)?.finish(visit.begun.as_deref(), &visit.query));
    let back = finished.map_err(|refusal| refused(visit, refusal))?;
    let (purpose, to) = (back.purpose, back.to.clone());
    let proof = back.proof(visit.now);
    let done = match purpose {
        Purpose::SignIn => visit.office.sign_in_by_provider(&proof, &visit.browser),
        Purpose::Again => visit
            .office
            .prove_again_by_provider(visit.session()?, &proof),
    };
    match done {
        Ok(signed_in) => {
            if purpose == Purpose::Again {
                let (old, new) = (visit.session()?.hash(), signed_in.token.hash());
                visit.signing.held.moved(old, new);
            }
            Ok(Reply::SignedIn {
                session: signed_in.token.expose().to_string(),
                to,
            })
        }
        Err(fault) => {
            visit.count_refused(Why::Provider);
            Err(fault.into())
        }
    }
}

fn provider<'a>(visit: &Visit<'a>) -> Result<&'a Provider, Problem> {
    visit.signing.provider.as_ref().ok_or(Problem::NotFound)
}

/// Counts and logs it; the page says what to do.
fn refused(visit: &Visit<'_>, refusal: Refusal) -> Problem {
    if refusal.is_suspicious() {
        tracing::warn!(
            rule = refusal.rule(),
            "what the identity provider sent was refused"
        );
    }
    if refusal.is_counted() {
        visit.count_refused(Why::Provider);
    }
    if refusal.is_noted()
        && let Err(fault) = visit.office.note_refused()
    {
        return fault.into();
    }
    Problem::Provider(refusal)
}

/// Handlers run on threads that may block.
fn wait<T>(future: impl Future<Output = T>) -> T {
    Handle::current().block_on(future)
}
