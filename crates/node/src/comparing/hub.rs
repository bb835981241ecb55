//! The hub's side of it: what waits, and what is answered.

use sanctuary_node_core::{
    ComparisonStage, ComparisonStep, ComparisonTask, NodeError, StepOutcome,
};
use sanctuary_types::{
    Handle, PartyId, Pseudonym, Timestamp,
    limits::{COMPARISON_TASKS_MAX, MESSAGE_BYTES_MAX, RECORD_TOKENS_MAX},
};
use sanctuary_wire::compare::{
    PutRequest, Step, TakeRequest, Task, comparisons_client::ComparisonsClient, step::Outcome,
};
use tonic::{Code, transport::Channel};

use crate::peers::{Peers, hub_fault};

/// The steps that wait for this node. A hub that knows no comparisons has none.
pub(super) async fn take(peers: &Peers) -> Result<Vec<ComparisonTask>, NodeError> {
    let (hub, mut client) = client(peers)?;
    let limit = COMPARISON_TASKS_MAX as u32;
    let tasks = match client.take(TakeRequest { limit }).await {
        Ok(response) => response.into_inner().tasks,
        Err(status) if status.code() == Code::Unimplemented => Vec::new(),
        Err(status) => return Err(hub_fault(&hub, &status)),
    };
    if tasks.len() > COMPARISON_TASKS_MAX {
        return Err(NodeError::BadComparison("more tasks than were asked for"));
    }
    tasks.iter().map(task).collect()
}

/// Hands the steps in; gives how many the hub took.
pub(super) async fn put(peers: &Peers, steps: &[ComparisonStep]) -> Result<usize, NodeError> {
    if steps.is_empty() {
        return Ok(0);
    }
    let (hub, mut client) = client(peers)?;
    let steps = steps.iter().map(step).collect();
    let response = client.put(PutRequest { steps }).await;
    let response = response.map_err(|status| hub_fault(&hub, &status))?;
    Ok(response.into_inner().taken.len())
}

fn client(peers: &Peers) -> Result<(PartyId, ComparisonsClient<Channel>), NodeError> {
    let (hub, channel) = peers.hub_channel()?;
    let client = ComparisonsClient::new(channel)
        .max_decoding_message_size(MESSAGE_BYTES_MAX)
        .max_encoding_message_size(MESSAGE_BYTES_MAX);
    Ok((hub, client))
}

fn task(task: &Task) -> Result<ComparisonTask, NodeError> {
    let bad = NodeError::BadComparison;
    if task.own_handles.len() > RECORD_TOKENS_MAX {
        return Err(bad("more tokens than a record has"));
    }
    let handle = |bytes: &_| Handle::try_from(AsRef::<[u8]>::as_ref(bytes));
    let handles: Result<_, _> = task.own_handles.iter().map(handle).collect();
    Ok(ComparisonTask {
        comparison: task.comparison_id[..]
            .try_into()
            .map_err(|_| bad("a comparison's id"))?,
        stage: ComparisonStage::from_number(task.stage).ok_or(bad("a stage"))?,
        own: Pseudonym::try_from(&task.own_pseudonym[..]).map_err(|_| bad("a pseudonym"))?,
        handles: handles.map_err(|_| bad("a posting's name"))?,
        other: task
            .other_agency
            .parse()
            .map_err(|_| bad("an agency's name"))?,
        sealed: task.sealed.to_vec(),
        expires: Timestamp(task.expires_ms),
    })
}

fn step(step: &ComparisonStep) -> Step {
    let outcome = match &step.outcome {
        StepOutcome::Sealed(sealed) => Outcome::Sealed(sealed.clone().into()),
        StepOutcome::Levels(levels) => Outcome::Levels(levels.to_bytes().to_vec().into()),
        StepOutcome::Refused(refusal) => Outcome::Refusal(refusal.code().to_owned()),
    };
    Step {
        comparison_id: step.comparison.to_vec().into(),
        stage: step.stage.number().into(),
        outcome: Some(outcome),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CompareReport;
    use sanctuary_node_core::ComparisonRefusal;
    use sanctuary_types::ComparedLevels;

    fn wire() -> Task {
        Task {
            comparison_id: vec![1; 16].into(),
            stage: 2,
            own_pseudonym: vec![2; 16].into(),
            own_handles: vec![vec![3; 8].into(), vec![4; 8].into()],
            other_agency: "council".to_owned(),
            sealed: vec![5; 9].into(),
            expires_ms: 7,
        }
    }

    #[test]
    fn a_task_is_read() {
        let read = task(&wire()).unwrap();
        assert_eq!(read.stage, ComparisonStage::Answer);
        assert_eq!(read.handles, [Handle([3; 8]), Handle([4; 8])]);
        assert_eq!((read.sealed.len(), read.expires), (9, Timestamp(7)));
    }

    #[test]
    fn tasks_that_do_not_fit_are_refused() {
        type Spoil = fn(&mut Task);
        let spoils: [Spoil; 6] = [
            |t| t.comparison_id = vec![1; 15].into(),
            |t| t.stage = 4,
            |t| t.own_pseudonym = Default::default(),
            |t| t.own_handles[1] = vec![4; 9].into(),
            |t| t.own_handles = vec![vec![4; 8].into(); 97],
            |t| t.other_agency = "The Council".to_owned(),
        ];
        for spoil in spoils {
            let mut spoiled = wire();
            spoil(&mut spoiled);
            assert!(matches!(task(&spoiled), Err(NodeError::BadComparison(_))));
        }
    }

    #[test]
    fn steps_are_written_and_counted() {
        let of = |stage, outcome| ComparisonStep {
            comparison: [1; 16],
            stage,
            outcome,
        };
        let steps = [
            of(ComparisonStage::Open, StepOutcome::Sealed(vec![1])),
            of(
                ComparisonStage::Finish,
                StepOutcome::Levels(ComparedLevels::default()),
            ),
            of(
                ComparisonStage::Answer,
                StepOutcome::Refused(ComparisonRefusal::UnknownRecord),
            ),
        ];
        let wire: Vec<Step> = steps.iter().map(step).collect();
        assert_eq!([wire[0].stage, wire[1].stage, wire[2].stage], [1, 3, 2]);
        assert_eq!(wire[1].outcome, Some(Outcome::Levels(vec![0; 5].into())));
        let refusal = Outcome::Refusal("unknown_record".to_owned());
        assert_eq!(wire[2].outcome, Some(refusal));
        let mut report = CompareReport::default();
        report.add(&steps);
        assert_eq!((report.steps(), report.refused, report.answered), (3, 1, 0));
    }
}
