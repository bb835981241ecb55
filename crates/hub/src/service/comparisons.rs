use std::sync::Arc;

use sanctuary_hub_core::{ComparisonStep, ComparisonTask, StepOutcome};
use sanctuary_rpc::{ErrorCode, RosterWatch, caller, now};
use sanctuary_types::ComparedLevels;
use sanctuary_wire::compare::{
    self as wire, comparisons_server::Comparisons, step::Outcome as WireOutcome,
};
use tonic::{Request, Response, Status};

use super::refuse::{blocking, refuse};
use crate::SledHub;

/// `sanctuary.compare.v1.Comparisons`.
pub(crate) struct ComparisonsService {
    pub(crate) hub: Arc<SledHub>,
    pub(crate) roster: RosterWatch,
}

#[tonic::async_trait]
impl Comparisons for ComparisonsService {
    async fn take(
        &self,
        request: Request<wire::TakeRequest>,
    ) -> Result<Response<wire::TakeResponse>, Status> {
        let agency = caller(&request, &self.roster)?.id;
        self.follow_agreement();
        let limit = request.into_inner().limit as usize;
        let (hub, party) = (Arc::clone(&self.hub), agency.clone());
        let taken = blocking(move || hub.take_comparisons(&party, limit, now())).await?;
        let tasks = taken.map_err(|error| refuse(&agency, "take", &error))?;
        let tasks = tasks.into_iter().map(task).collect();
        Ok(Response::new(wire::TakeResponse { tasks }))
    }

    async fn put(
        &self,
        request: Request<wire::PutRequest>,
    ) -> Result<Response<wire::PutResponse>, Status> {
        let agency = caller(&request, &self.roster)?.id;
        self.follow_agreement();
        let steps: Vec<ComparisonStep> = request
            .into_inner()
            .steps
            .into_iter()
            .map(step)
            .collect::<Option<_>>()
            .ok_or_else(|| {
                ErrorCode::InvalidArgument
                    .status("an answer of a comparison is malformed; update the node")
            })?;
        let (hub, party) = (Arc::clone(&self.hub), agency.clone());
        let put = blocking(move || hub.put_comparisons(&party, &steps, now())).await?;
        let taken = put.map_err(|error| refuse(&agency, "put", &error))?;
        let taken = taken.into_iter().map(|id| id.to_vec().into()).collect();
        Ok(Response::new(wire::PutResponse { taken }))
    }
}

impl ComparisonsService {
    /// What the officers signed holds from the moment the roster is read again, not from the next
    /// round.
    fn follow_agreement(&self) {
        self.hub
            .set_second_step(self.roster.current().second_step());
    }
}

fn task(task: ComparisonTask) -> wire::Task {
    let handles = task.handles.iter();
    wire::Task {
        comparison_id: task.id.to_vec().into(),
        stage: task.stage,
        own_pseudonym: task.own.0.to_vec().into(),
        own_handles: handles.map(|handle| handle.0.to_vec().into()).collect(),
        other_agency: task.other.to_string(),
        sealed: task.sealed.into(),
        expires_ms: task.expires.0,
    }
}

fn step(step: wire::Step) -> Option<ComparisonStep> {
    Some(ComparisonStep {
        id: step.comparison_id[..].try_into().ok()?,
        stage: step.stage,
        outcome: match step.outcome? {
            WireOutcome::Sealed(sealed) => StepOutcome::Sealed(sealed.into()),
            WireOutcome::Levels(levels) => {
                let levels = ComparedLevels::from_bytes(levels[..].try_into().ok()?)?;
                StepOutcome::Levels(levels)
            }
            WireOutcome::Refusal(code) => StepOutcome::Refused(code),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_steps_are_refused() {
        let good = wire::Step {
            comparison_id: vec![1; 16].into(),
            stage: 3,
            outcome: Some(WireOutcome::Levels(vec![0; 5].into())),
        };
        assert!(step(good.clone()).is_some());
        type Spoil = fn(&mut wire::Step);
        let spoils: [Spoil; 4] = [
            |s| s.comparison_id = vec![1; 15].into(),
            |s| s.outcome = None,
            |s| s.outcome = Some(WireOutcome::Levels(vec![0; 4].into())),
            |s| s.outcome = Some(WireOutcome::Levels(vec![99; 5].into())),
        ];
        for spoil in spoils {
            let mut bad = good.clone();
            spoil(&mut bad);
            assert!(step(bad).is_none());
        }
    }
}
