//! The hub's part in comparisons: keeps what waits for whom, and carries messages.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

use sanctuary_rpc::{RosterWatch, caller};
use sanctuary_wire::compare::{
    PutRequest, PutResponse, TakeRequest, TakeResponse, Task,
    comparisons_server::{Comparisons, ComparisonsServer},
    step::Outcome,
};
use tonic::{Request, Response, Status};

use super::HubState;

type Stage = (Vec<u8>, u32);

/// What the hub double knows of comparisons.
#[derive(Default)]
pub struct Courier {
    /// By agency, in the order of comparison and stage.
    pub waiting: Mutex<HashMap<String, BTreeMap<Stage, Task>>>,
    /// The second step of a comparison, to be offered when the first is there: agency and task.
    pub next: Mutex<HashMap<Stage, (String, Task)>>,
    /// Levels and refusals that arrived.
    pub ended: Mutex<Vec<Outcome>>,
}

impl Courier {
    pub fn offer(&self, agency: &str, task: Task) {
        let mut waiting = self.waiting.lock().unwrap();
        let key = (task.comparison_id.to_vec(), task.stage);
        waiting
            .entry(agency.to_owned())
            .or_default()
            .insert(key, task);
    }

    /// When the step before it has arrived.
    pub fn then_offer(&self, agency: &str, task: Task) {
        let key = (task.comparison_id.to_vec(), task.stage);
        let mut next = self.next.lock().unwrap();
        next.insert(key, (agency.to_owned(), task));
    }
}

pub(super) fn service(hub: &Arc<HubState>, roster: &RosterWatch) -> ComparisonsServer<Double> {
    ComparisonsServer::new(Double {
        hub: Arc::clone(hub),
        roster: roster.clone(),
    })
}

pub(super) struct Double {
    hub: Arc<HubState>,
    roster: RosterWatch,
}

#[tonic::async_trait]
impl Comparisons for Double {
    async fn take(&self, request: Request<TakeRequest>) -> Result<Response<TakeResponse>, Status> {
        let agency = caller(&request, &self.roster)?.id;
        let limit = request.into_inner().limit as usize;
        let waiting = self.hub.courier.waiting.lock().unwrap();
        let tasks = waiting.get(agency.as_str());
        let tasks = tasks.into_iter().flat_map(BTreeMap::values);
        Ok(Response::new(TakeResponse {
            tasks: tasks.take(limit).cloned().collect(),
        }))
    }

    async fn put(&self, request: Request<PutRequest>) -> Result<Response<PutResponse>, Status> {
        let agency = caller(&request, &self.roster)?.id;
        let courier = &self.hub.courier;
        let mut taken = Vec::new();
        for step in request.into_inner().steps {
            let id = step.comparison_id.to_vec();
            let mut waiting = courier.waiting.lock().unwrap();
            let own = waiting.entry(agency.as_str().to_owned()).or_default();
            if own.remove(&(id.clone(), step.stage)).is_none() {
                continue;
            }
            drop(waiting);
            taken.push(step.comparison_id);
            match step.outcome.unwrap() {
                Outcome::Sealed(sealed) => {
                    let next = courier.next.lock().unwrap().remove(&(id, step.stage + 1));
                    if let Some((to, task)) = next {
                        courier.offer(&to, Task { sealed, ..task });
                    }
                }
                ended => courier.ended.lock().unwrap().push(ended),
            }
        }
        Ok(Response::new(PutResponse { taken }))
    }
}
