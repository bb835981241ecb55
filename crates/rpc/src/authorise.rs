//! The one place that decides whether a caller may make a call: its key is on the roster now, and the
//! call's row in the authorisation matrix names its kind of party. Services decide nothing of it.

use std::{
    future::{Ready, ready},
    task::{Context, Poll},
};

use futures::future::Either;
use sanctuary_policy::Rpc;
use sanctuary_trust::{Party, PartyKind};
use tonic::{Status, codegen::http};
use tower::{Layer, Service};

use crate::{ErrorCode, RosterWatch, caller::caller_from};

/// Puts the check in front of every service of a server.
#[derive(Clone)]
pub(crate) struct AuthoriseLayer(pub(crate) RosterWatch);

/// A service behind the check.
#[derive(Clone)]
pub(crate) struct Authorised<S> {
    inner: S,
    roster: RosterWatch,
}

impl<S> Layer<S> for AuthoriseLayer {
    type Service = Authorised<S>;
    fn layer(&self, inner: S) -> Authorised<S> {
        Authorised {
            inner,
            roster: self.0.clone(),
        }
    }
}

impl<S, Asked, Told> Service<http::Request<Asked>> for Authorised<S>
where
    S: Service<http::Request<Asked>, Response = http::Response<Told>>,
    Told: Default,
{
    type Response = http::Response<Told>;
    type Error = S::Error;
    type Future = Either<Ready<Result<Self::Response, Self::Error>>, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Asked>) -> Self::Future {
        let caller = caller_from(request.extensions(), &self.roster);
        match caller.and_then(|party| authorise(request.uri().path(), &party)) {
            Ok(()) => Either::Right(self.inner.call(request)),
            Err(status) => Either::Left(ready(Ok(status.into_http()))),
        }
    }
}

/// A call without a row is no call of this system; the table has one for each RPC of proto/.
fn authorise(path: &str, party: &Party) -> Result<(), Status> {
    match Rpc::of_path(path) {
        Some(rpc) if rpc.permits(party.kind) => Ok(()),
        Some(rpc) => {
            tracing::warn!(
                party = %party.id,
                kind = party.kind.label(),
                call = rpc.path(),
                "refused a call that is not for this kind of party"
            );
            Err(ErrorCode::NotAllowed.status(format!(
                "this call is not for {}; make it as {}",
                named(party.kind),
                callers(rpc)
            )))
        }
        None => {
            tracing::warn!(party = %party.id, "refused a call that does not exist");
            Err(Status::unimplemented(
                "there is no such call; update this program or the one that was called",
            ))
        }
    }
}

/// Who may make a call, in words: "an agency or an officer".
fn callers(rpc: Rpc) -> String {
    let kinds = [
        PartyKind::Agency,
        PartyKind::Officer,
        PartyKind::KeyHolder,
        PartyKind::Hub,
    ];
    let may = kinds.into_iter().filter(|kind| rpc.permits(*kind));
    may.map(named).collect::<Vec<_>>().join(" or ")
}

const fn named(kind: PartyKind) -> &'static str {
    match kind {
        PartyKind::Hub => "the hub",
        PartyKind::KeyHolder => "a key holder",
        PartyKind::Agency => "an agency",
        PartyKind::Officer => "an officer",
    }
}
