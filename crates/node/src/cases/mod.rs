//! Disclosure at this node: the adapters of `casework`'s ports, the courier between it and the hub, and
//! the one call by which commands and screens reach it.

mod agreement;
mod courier;
mod evidence;
mod perform;
mod ports;
mod request;
mod wire;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use sanctuary_casework::{Casework, Ports};
use sanctuary_node_core::NodeError;
use sanctuary_policy::Agreements;
use sanctuary_store::Sealer;
use sanctuary_trust::Anchors;
use tokio::{runtime::Handle, sync::Notify};

use crate::{Node, store::CaseTables};
use ports::Adapters;

pub use courier::CourierReport;
pub use perform::CaseFault;
pub(crate) use ports::item as own_detail;
pub use request::CaseRequest;

/// What this node holds of disclosures.
pub(crate) struct Cases {
    pub(crate) store: CaseTables,
    agreements: RwLock<Agreements>,
    /// One use-case at a time: each looks first and changes afterwards.
    running: Mutex<()>,
    /// One courier at a time.
    couriering: tokio::sync::Mutex<()>,
    /// Something waits for the courier.
    wake: Arc<Notify>,
    runtime: Handle,
}

impl Cases {
    /// Where calls to the hub are waited for.
    pub(crate) const fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Opens the store in `data_dir/cases` and reads the agreements back. Must be called inside a tokio
    /// runtime.
    pub(crate) fn open(
        data_dir: &Path,
        sealer: Sealer,
        anchors: &Anchors,
    ) -> Result<Self, NodeError> {
        let store = CaseTables::open(&data_dir.join("cases"), sealer)?;
        let agreements = agreement::read(&store, anchors)?;
        Ok(Self {
            store,
            agreements: RwLock::new(agreements),
            running: Mutex::new(()),
            couriering: tokio::sync::Mutex::default(),
            wake: Arc::default(),
            runtime: Handle::current(),
        })
    }
}

impl Node {
    /// Does something with the use-cases of disclosure, one caller at a time. Blocks: call it from a
    /// thread that may. What it leaves in the outbox the courier takes at once.
    pub fn casework<R>(&self, work: impl FnOnce(&Casework<'_>) -> R) -> R {
        let cases = &self.inner.cases;
        let done = self.run_casework(work);
        cases.wake.notify_one();
        done
    }

    /// Looks at the cases and changes nothing: the courier is not woken.
    pub(crate) fn look_at_cases<R>(&self, work: impl FnOnce(&Casework<'_>) -> R) -> R {
        self.run_casework(work)
    }

    fn run_casework<R>(&self, work: impl FnOnce(&Casework<'_>) -> R) -> R {
        let cases = &self.inner.cases;
        let _one = cases.running.lock().unwrap_or_else(PoisonError::into_inner);
        let adapters = Adapters { node: self };
        work(&Casework::new(Ports {
            store: &cases.store,
            alerts: &adapters,
            records: &adapters,
            directory: &adapters,
            acts: self.ledger(),
            salts: &adapters,
        }))
    }

    /// Waits until something was done with the cases.
    pub(crate) async fn cases_touched(&self) {
        self.inner.cases.wake.notified().await;
    }
}
