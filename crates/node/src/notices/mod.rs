//! Telling people: what waits for them is read from the node's stores, and leaves by webhook, mail and syslog
//! without a word of any record. The core is `notify`.

mod config;
mod files;
mod mail;
mod occasions;
mod people;
mod roots;
mod running;
mod syslog;
mod webhook;

use std::{collections::BTreeSet, path::Path};

use sanctuary_node_core::{NodeError, NodeSecret};
use sanctuary_notify::{Desk, NoticeLine, PortError, Settings, Told};
use sanctuary_rpc::now;
use sanctuary_store::Sealer;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Notify;

pub use config::NoticesConfig;
pub(crate) use running::run;

use crate::{Config, Node, store::NoticeTables};
use occasions::FeedOf;

/// What this node holds of telling people.
pub(crate) struct NoticeDesk {
    store: NoticeTables,
    desk: Desk,
    settings: Settings,
    config: NoticesConfig,
    feeds: Vec<FeedOf>,
    /// Something new is to leave.
    wake: Notify,
}

/// What a command asks of the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum NoticeRequest {
    /// Everything that has not arrived.
    List,
    /// Try again: the named ones, or all.
    Retry {
        /// Numbers of the list; none for all.
        numbers: Option<BTreeSet<u64>>,
    },
    /// Give these up for good.
    Drop {
        /// Numbers of the list.
        numbers: BTreeSet<u64>,
    },
}

impl NoticeDesk {
    /// Opens the store in `data_dir/notices`, when the configuration tells people anything.
    pub(crate) fn open(
        config: &Config,
        secret: &NodeSecret,
        sealer: impl FnOnce() -> Result<Sealer, NodeError>,
    ) -> Result<Option<Self>, NodeError> {
        let Some(notices) = &config.notices else {
            return Ok(None);
        };
        let url = config.console.as_ref().map(|c| c.public_url.as_str());
        let settings = notices
            .settings(&config.party, url)
            .ok_or_else(|| NodeError::Store("[notices] cannot be used".to_owned()))?;
        let store = NoticeTables::open(&Self::dir(&config.data_dir), sealer()?)?;
        let key = secret.mac("sanctuary/v1/node/notices", &[]);
        let desk = Desk::open(&store, settings.clone(), key, now()).map_err(fault)?;
        Ok(Some(Self {
            desk,
            store,
            settings,
            config: notices.clone(),
            feeds: config.feeds.iter().filter_map(FeedOf::of).collect(),
            wake: Notify::new(),
        }))
    }

    fn dir(data_dir: &Path) -> std::path::PathBuf {
        data_dir.join("notices")
    }
}

impl Node {
    /// Compares what waits with what was told, and keeps what is new. Nothing without `[notices]`. Blocks.
    ///
    /// # Errors
    /// What the stores give.
    pub fn tell_notices(&self) -> Result<Told, NodeError> {
        let Some(notices) = &self.inner.notices else {
            return Ok(Told::default());
        };
        let now = now();
        let occasions = self.occasions(&notices.feeds, now)?;
        let told = notices.desk.tell(&notices.store, self, occasions, now);
        let told = told.map_err(fault)?;
        if told.events > 0 {
            notices.wake.notify_waiters();
        }
        Ok(told)
    }

    /// Lists, retries or drops notices that have not arrived. Blocks.
    ///
    /// # Errors
    /// What the store gives, and without `[notices]`.
    pub fn notice_request(&self, request: &NoticeRequest) -> Result<Value, NodeError> {
        let notices = self.inner.notices.as_ref().ok_or_else(|| {
            NodeError::Store(
                "the configuration has no [notices]: nobody is told anything".to_owned(),
            )
        })?;
        let (desk, store) = (&notices.desk, &notices.store);
        match request {
            NoticeRequest::List => {
                let lines: Vec<NoticeLine> = desk.list();
                Ok(json!(lines))
            }
            NoticeRequest::Retry { numbers } => {
                let count = desk.retry(store, numbers.as_ref(), now()).map_err(fault)?;
                notices.wake.notify_waiters();
                Ok(json!(count))
            }
            NoticeRequest::Drop { numbers } => {
                let count = desk.drop_slips(store, numbers).map_err(fault)?;
                notices.wake.notify_waiters();
                Ok(json!(count))
            }
        }
    }
}

fn fault(error: PortError) -> NodeError {
    NodeError::Store(error.to_string())
}
