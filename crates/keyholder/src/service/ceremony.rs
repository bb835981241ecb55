use std::sync::Arc;

use sanctuary_holder_core::{CeremonyDesk, HolderError};
use sanctuary_rpc::{RosterWatch, caller, now};
use sanctuary_trust::{Party, Roster};
use sanctuary_wire::keyholder::{
    CeremonyEcho, CeremonyEchoSet, CeremonyResult, CeremonyRound1, CeremonyRound1Set,
    CeremonyRound2, CeremonyRound2Set, CeremonyStart, ceremony_server::Ceremony,
};
use tonic::{Request, Response, Status};

use super::{convert, key_holder::blocking, refuse::refuse};
use crate::Journal;

/// `sanctuary.keyholder.v1.Ceremony`.
pub(crate) struct CeremonyService {
    pub(crate) roster: RosterWatch,
    pub(crate) desk: Arc<CeremonyDesk>,
    pub(crate) journal: Journal,
}

/// What one step of a ceremony works with.
struct Step {
    caller: Party,
    roster: Arc<Roster>,
    desk: Arc<CeremonyDesk>,
    journal: Journal,
}

impl CeremonyService {
    async fn step<Q, R>(
        &self,
        name: &'static str,
        request: Request<Q>,
        work: impl FnOnce(&Step, Q) -> Result<R, HolderError> + Send + 'static,
    ) -> Result<Response<R>, Status>
    where
        Q: Send + 'static,
        R: Send + 'static,
    {
        let caller = caller(&request, &self.roster)?;
        let party = caller.id.clone();
        let step = Step {
            caller,
            roster: self.roster.current(),
            desk: Arc::clone(&self.desk),
            journal: self.journal.clone(),
        };
        let message = request.into_inner();
        let result = blocking(move || work(&step, message)).await?;
        match result {
            Ok(answer) => {
                tracing::info!(officer = %party, step = name, "took a step of a key ceremony");
                Ok(Response::new(answer))
            }
            Err(error) => {
                tracing::warn!(%party, step = name, %error, "a step of a key ceremony failed");
                Err(refuse(&self.journal, &party, now(), &error))
            }
        }
    }
}

#[tonic::async_trait]
impl Ceremony for CeremonyService {
    async fn start(
        &self,
        request: Request<CeremonyStart>,
    ) -> Result<Response<CeremonyRound1>, Status> {
        self.step("start", request, |step, message| {
            let start = convert::start(&message)?;
            let rng = &mut rand::rng();
            step.desk
                .start(&step.caller, &step.roster, &step.journal, start, now(), rng)
                .map(|first| convert::round1_out(&first))
        })
        .await
    }

    async fn echo(
        &self,
        request: Request<CeremonyRound1Set>,
    ) -> Result<Response<CeremonyEcho>, Status> {
        self.step("echo", request, |step, message| {
            let id = convert::id(&message.ceremony_id)?;
            let first = convert::round1_in(&message.packages)?;
            step.desk
                .echo(&step.caller, &step.roster, id, &first)
                .map(|echo| convert::echo_out(&echo))
        })
        .await
    }

    async fn deal(
        &self,
        request: Request<CeremonyEchoSet>,
    ) -> Result<Response<CeremonyRound2>, Status> {
        self.step("deal", request, |step, message| {
            let id = convert::id(&message.ceremony_id)?;
            let echoes = convert::echo_in(&message.echoes)?;
            let rng = &mut rand::rng();
            let dealt = step
                .desk
                .deal(&step.caller, &step.roster, id, &echoes, rng)?;
            Ok(CeremonyRound2 {
                ceremony_id: message.ceremony_id,
                packages: dealt.into_iter().map(convert::package_out).collect(),
            })
        })
        .await
    }

    async fn finish(
        &self,
        request: Request<CeremonyRound2Set>,
    ) -> Result<Response<CeremonyResult>, Status> {
        self.step("finish", request, |step, message| {
            let id = convert::id(&message.ceremony_id)?;
            let packages = convert::package_in(&message.packages)?;
            step.desk
                .finish(&step.caller, &step.roster, &step.journal, id, &packages)
                .map(convert::result_out)
        })
        .await
    }
}
