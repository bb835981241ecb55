//! Comparisons with other nodes: tasks from the hub, steps to it, and what people are shown.

mod hub;
mod view;

use sanctuary_node_core::{
    Comparer, ComparisonLimits, ComparisonStage, ComparisonStep, ComparisonTask, NodeError,
    StepOutcome,
};
use sanctuary_rpc::now;

use crate::{Config, Node, Switch};

pub use view::{ComparisonLine, ComparisonsView};

impl Node {
    /// Takes the comparisons that wait for this node from the hub, a limited number at a time, and
    /// answers them, until there are none that it can answer.
    ///
    /// # Errors
    /// As [`Node::push`], and what the store gives; what is not answered is asked for again.
    pub async fn compare(&self) -> Result<CompareReport, NodeError> {
        let _one = self.inner.comparing.running.lock().await;
        let mut report = CompareReport::default();
        if !self.roster().current().second_step() {
            return Ok(report);
        }
        loop {
            let tasks = hub::take(&self.inner.peers).await?;
            if tasks.is_empty() {
                return Ok(report);
            }
            let node = self.clone();
            let work = tokio::task::spawn_blocking(move || node.work_comparisons(&tasks));
            let steps = work
                .await
                .map_err(|_| NodeError::Store("a comparison failed; report this".to_owned()))??;
            report.add(&steps);
            let taken = hub::put(&self.inner.peers, &steps).await?;
            if taken == 0 {
                return Ok(report);
            }
        }
    }

    fn work_comparisons(&self, tasks: &[ComparisonTask]) -> Result<Vec<ComparisonStep>, NodeError> {
        let comparer = Comparer {
            store: &self.inner.store,
            secret: &self.inner.secret,
            agency: &self.inner.party,
            roster: &self.roster().current(),
            switched_on: self.inner.comparing.switched_on,
            limits: self.inner.comparing.limits,
            sign: &|message| self.inner.peers.identity().signing().sign(message),
        };
        comparer.work(tasks, now())
    }

    /// The log of comparisons and the day's counts.
    ///
    /// # Errors
    /// What the store gives.
    pub fn comparisons(&self) -> Result<ComparisonsView, NodeError> {
        let agreed = self.roster().current().second_step();
        ComparisonsView::of(&self.inner.store, &self.inner.comparing, agreed, now())
    }
}

/// The terms on which this node takes part.
pub(crate) struct Comparing {
    pub(crate) switched_on: bool,
    pub(crate) limits: ComparisonLimits,
    /// One queue is worked through at a time.
    pub(crate) running: tokio::sync::Mutex<()>,
}

impl Comparing {
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            switched_on: config.second_step == Switch::On,
            limits: ComparisonLimits {
                per_peer: config.comparisons_per_day,
                ..ComparisonLimits::default()
            },
            running: tokio::sync::Mutex::default(),
        }
    }
}

/// What a node did for other agencies' and its own comparisons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompareReport {
    /// Comparisons begun.
    pub opened: u64,
    /// Answered.
    pub answered: u64,
    /// Ended: the hub has their levels.
    pub finished: u64,
    /// Steps refused.
    pub refused: u64,
}

impl CompareReport {
    pub(crate) fn add(&mut self, steps: &[ComparisonStep]) {
        for step in steps {
            let count = match (&step.outcome, step.stage) {
                (StepOutcome::Refused(_), _) => &mut self.refused,
                (_, ComparisonStage::Open) => &mut self.opened,
                (_, ComparisonStage::Answer) => &mut self.answered,
                (_, ComparisonStage::Finish) => &mut self.finished,
            };
            *count += 1;
        }
    }

    /// All steps.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.opened + self.answered + self.finished + self.refused
    }
}
