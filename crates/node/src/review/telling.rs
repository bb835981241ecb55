//! Decisions leave for casework and the hub. Each step may be done twice: the log states the act once,
//! casework keeps a confirmation that it has, the hub is told under the version it was decided on, and the
//! item says when all of it is done.

use sanctuary_casework::CaseworkError;
use sanctuary_ledger::{Act, ActorRole, EntryKind};
use sanctuary_node_core::NodeError;
use sanctuary_review::{Answer, ReviewError, ToSend};
use sanctuary_rpc::{ErrorCode, now};
use sanctuary_types::AlertKind;
use sanctuary_wire::alerts::{DecideRequest, alerts_client::AlertsClient};
use serde_json::json;

use super::fault;
use crate::{Node, peers::hub_fault};

/// Decisions sent in one pass.
const TOLD_AT_ONCE: usize = 256;
/// All that the hub hears of why: the reason stays here.
const REASON: &str = "reviewed";

/// What one pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TellReport {
    /// Decisions that the hub holds now.
    pub told: u64,
    /// Left for later: the possible match has changed at the hub, and its news has not come in yet.
    pub later: u64,
}

impl Node {
    /// Sends the decisions whose time for undoing is over.
    ///
    /// # Errors
    /// [`NodeError::HubUnavailable`] and what the stores give; what was not sent waits for the next pass.
    pub async fn tell_decisions(&self) -> Result<TellReport, NodeError> {
        let _one = self.inner.review.telling.lock().await;
        let sends = self.on_review(|node| node.review().to_send(now(), TOLD_AT_ONCE));
        let mut report = TellReport::default();
        for send in sends.await? {
            // Promised first: without the log nothing takes effect outside the review.
            self.ledger().log(act(&send)).await?;
            self.keep_for_cases(&send).await?;
            let Some(version) = self.tell_hub(&send).await? else {
                report.later += 1;
                continue;
            };
            let sent = move |node: &Self| {
                let review = node.review();
                review.sent(&send.alert, send.version, version, now())
            };
            self.on_review(sent).await?;
            report.told += 1;
        }
        Ok(report)
    }

    /// What may be asked on a possible match follows the decision: casework knows a confirmation, or that
    /// there is none any more.
    async fn keep_for_cases(&self, send: &ToSend) -> Result<(), NodeError> {
        let (node, send) = (self.clone(), send.clone());
        let kept = tokio::task::spawn_blocking(move || {
            node.casework(|casework| match send.answer {
                // On a shared identifier nothing is asked: it is not about one person.
                Answer::Confirmed if send.kind == AlertKind::SharedIdentifier => Ok(()),
                Answer::Confirmed => casework.confirm(&send.alert, &send.by, now()).map(|_| ()),
                Answer::NotTheSame | Answer::CannotTell => {
                    casework.unconfirm(&send.alert, &send.by)
                }
            })
        });
        match kept.await.map_err(|_| NodeError::Damaged("case"))? {
            Ok(()) => Ok(()),
            // Gone meanwhile, or the own record is: nothing can be asked on it then.
            Err(CaseworkError::AlertGone | CaseworkError::NoSuchAlert) => Ok(()),
            Err(error) if error.is_passing() => Err(NodeError::Case(error.to_string())),
            Err(error) => {
                tracing::warn!(rule = error.rule(), "a decision gives no right to ask");
                Ok(())
            }
        }
    }

    /// The hub's version after the decision; none while the hub has a newer one than this node knows.
    async fn tell_hub(&self, send: &ToSend) -> Result<Option<u32>, NodeError> {
        let (hub, channel) = self.inner.peers.hub_channel()?;
        let decision = match send.answer {
            Answer::Confirmed => "confirmed",
            Answer::NotTheSame => "not_the_same",
            Answer::CannotTell => "reopen",
        };
        let request = DecideRequest {
            alert_id: send.alert.0.to_vec().into(),
            version: send.alert_version,
            decision: decision.to_owned(),
            reason: REASON.to_owned(),
        };
        match AlertsClient::new(channel).decide(request).await {
            Ok(decided) => Ok(Some(decided.into_inner().version)),
            Err(status) => match ErrorCode::of(&status) {
                // Its news is on the way in the stream; the next pass decides on what it brings.
                ErrorCode::Conflict | ErrorCode::NotFound => Ok(None),
                // Open already, as this would have made it.
                ErrorCode::InvalidArgument if send.answer == Answer::CannotTell => {
                    Ok(Some(send.alert_version))
                }
                // Lapsed: the stream says so.
                ErrorCode::InvalidArgument => Ok(None),
                _ => Err(hub_fault(&hub, &status)),
            },
        }
    }

    async fn on_review<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<R, ReviewError> + Send + 'static,
    ) -> Result<R, NodeError> {
        let node = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&node)).await;
        done.map_err(|_| NodeError::Damaged("possible match under review"))?
            .map_err(fault)
    }
}

fn act(send: &ToSend) -> Act {
    let content = json!({
        "act": "decision sent",
        "alert": send.alert,
        "answer": send.answer,
        "person": send.by.person,
    });
    Act {
        kind: EntryKind::Decision,
        role: ActorRole::System,
        concerned: Vec::new(),
        same: send.same.clone(),
        content: content.to_string().into_bytes(),
    }
}
