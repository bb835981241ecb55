//! The one place that decides whether a caller may make a call: its key is on the roster now, and the
//! call's row in the authorisation matrix names its kind of party. Services decide nothing of it.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use futures::future::{BoxFuture, FutureExt, ready};
use sanctuary_policy::Rpc;
use sanctuary_trust::{Party, PartyKind};
use sanctuary_types::Timestamp;
use tonic::{Status, codegen::http};
use tower::{Layer, Service};

use crate::{CODE_HEADER, ErrorCode, Peer, RosterWatch, caller::caller_from};

/// Hears of every call to a server, for its figures: who calls, and what is refused. It decides nothing.
pub trait CallWatch: Send + Sync + 'static {
    /// A party that may make this call makes it, with a certificate that holds until then.
    fn called(&self, party: &Party, call: Rpc, certificate_until: Timestamp);
    /// A call was refused, to `party` or to somebody who is not on the roster. Not for what is refused
    /// within a stream after it has begun: a service says that itself.
    fn refused(&self, party: Option<&Party>, code: ErrorCode);
}

/// Puts the check in front of every service of a server.
#[derive(Clone)]
pub(crate) struct AuthoriseLayer {
    pub(crate) roster: RosterWatch,
    pub(crate) watch: Option<Arc<dyn CallWatch>>,
}

/// A service behind the check.
#[derive(Clone)]
pub(crate) struct Authorised<S> {
    inner: S,
    roster: RosterWatch,
    watch: Option<Arc<dyn CallWatch>>,
}

impl<S> Layer<S> for AuthoriseLayer {
    type Service = Authorised<S>;
    fn layer(&self, inner: S) -> Authorised<S> {
        Authorised {
            inner,
            roster: self.roster.clone(),
            watch: self.watch.clone(),
        }
    }
}

impl<S, Asked, Told> Service<http::Request<Asked>> for Authorised<S>
where
    S: Service<http::Request<Asked>, Response = http::Response<Told>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    Told: Default + Send + 'static,
{
    type Response = http::Response<Told>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Asked>) -> Self::Future {
        let watch = self.watch.clone();
        let peer = request.extensions().get::<Peer>();
        let until = peer.map_or(Timestamp(0), |peer| peer.certificate_until);
        let party = match caller_from(request.extensions(), &self.roster) {
            Ok(party) => party,
            Err(status) => return refuse(watch.as_deref(), None, status),
        };
        let call = match authorise(request.uri().path(), &party) {
            Ok(call) => call,
            Err(status) => return refuse(watch.as_deref(), Some(&party), status),
        };
        let answer = self.inner.call(request);
        let Some(watch) = watch else {
            return answer.boxed();
        };
        watch.called(&party, call, until);
        let look = move |answer: &Result<http::Response<Told>, S::Error>| {
            if let Ok(response) = answer
                && let Some(code) = code_of(response.headers())
            {
                watch.refused(Some(&party), code);
            }
        };
        answer.inspect(look).boxed()
    }
}

fn refuse<Told: Default + Send + 'static, E: Send + 'static>(
    watch: Option<&dyn CallWatch>,
    party: Option<&Party>,
    status: Status,
) -> BoxFuture<'static, Result<http::Response<Told>, E>> {
    if let Some(watch) = watch {
        watch.refused(party, ErrorCode::of(&status));
    }
    ready(Ok(status.into_http())).boxed()
}

/// The code of a service's refusal, which comes in the head of its answer.
fn code_of(headers: &http::HeaderMap) -> Option<ErrorCode> {
    let word = headers.get(CODE_HEADER)?.to_str().ok()?;
    ErrorCode::ALL.iter().copied().find(|c| c.label() == word)
}

/// A call without a row is no call of this system; the table has one for each RPC of proto/.
fn authorise(path: &str, party: &Party) -> Result<Rpc, Status> {
    match Rpc::of_path(path) {
        Some(rpc) if rpc.permits(party.kind) => Ok(rpc),
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
